package numpack.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import numpack.CorruptPackException;
import numpack.InsufficientMemoryException;

/**
 * Which rows of an array are there and which are deleted: one bit per physical row, 1 = active. An immutable value. A <em>physical</em>
 * row is one in the file, a <em>logical</em> row is one among the active rows.
 */
public final class DeletionBitmap {
    private static final String CURE = "restore it from a copy, or remove it to bring all rows back";
    private static final int HEADER_LENGTH = 16;
    private static final int MAX_WORDS = (Integer.MAX_VALUE - 8 - HEADER_LENGTH) / Long.BYTES;
    private static final int BLOCK_WORDS = 8;

    private final long rows;
    private final long[] words;
    /** The active rows before each block of words, and at the end all of them. */
    private final long[] activeBefore;

    private DeletionBitmap(long rows, long[] words) {
        this.rows = rows;
        this.words = words;
        int blocks = (words.length + BLOCK_WORDS - 1) / BLOCK_WORDS;
        activeBefore = new long[blocks + 1];
        long active = 0;
        for (int word = 0; word < words.length; word++) {
            active += Long.bitCount(words[word]);
            activeBefore[word / BLOCK_WORDS + 1] = active;
        }
    }

    /**
     * The bitmap of an array without deleted rows.
     *
     * @param rows how many rows it has
     * @return the bitmap, never null
     * @throws InsufficientMemoryException if there are more than 17 billion
     */
    public static DeletionBitmap allActive(long rows) {
        return new DeletionBitmap(0, new long[0]).append(rows);
    }

    /**
     * Reads the file, with its header or in the old form without. The deleted_count of the header is not looked at: Python gets it
     * wrong. A file that begins with the number of rows is never taken for the old form: it is one with a header, cut short.
     *
     * @param bytes the whole contents
     * @param physicalRows shape[0] of the array
     * @param file where they come from, for messages
     * @return the bitmap, never null
     * @throws CorruptPackException if they are not the bitmap of so many rows
     */
    public static DeletionBitmap decode(byte[] bytes, long physicalRows, Path file) {
        Damage damage = new Damage(file, CURE);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean headered = bytes.length >= HEADER_LENGTH && bytes.length - HEADER_LENGTH == 8 * words(in.getLong(0));
        if (headered && in.getLong(0) != physicalRows) {
            throw damage.at(
                    0, "total_rows", physicalRows + ", the rows of the array", Long.toUnsignedString(in.getLong(0)));
        }
        boolean cutShort = !headered && bytes.length >= 8 && in.getLong(0) == physicalRows;
        if (!headered && bytes.length != 8 * words(physicalRows) || cutShort) {
            throw damage.at(
                    bytes.length,
                    "length",
                    HEADER_LENGTH + 8 * words(physicalRows) + " bytes for " + physicalRows + " rows",
                    bytes.length + " bytes");
        }
        int start = headered ? HEADER_LENGTH : 0;
        long[] words = new long[(bytes.length - start) / 8];
        in.position(start).asLongBuffer().get(words);
        int last = words.length - 1;
        if (physicalRows % 64 != 0 && words[last] >>> physicalRows % 64 != 0) {
            throw damage.at(
                    start + 8L * last,
                    "words[" + last + "]",
                    "no bits beyond the last of " + physicalRows + " rows",
                    "0x" + Long.toHexString(words[last]));
        }
        return new DeletionBitmap(physicalRows, words);
    }

    /** The words that so many rows take; unsigned, so that no row count from a file wraps around. */
    private static long words(long rows) {
        return (rows >>> 6) + (rows % 64 != 0 ? 1 : 0);
    }

    /** {@return the whole contents of the file, with header; never null} */
    public byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(HEADER_LENGTH + 8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(rows).putLong(rows - activeRows()).asLongBuffer().put(words);
        return out.array();
    }

    /** {@return the number of physical rows} */
    public long rows() {
        return rows;
    }

    /** {@return the number of rows that are not deleted} */
    public long activeRows() {
        return activeBefore[activeBefore.length - 1];
    }

    /** {@return the physical rows that are deleted, ascending; never null} */
    public long[] deletedRows() {
        long[] deleted = new long[Math.toIntExact(rows - activeRows())];
        int n = 0;
        for (int word = 0; n < deleted.length; word++) {
            for (long bits = ~words[word]; bits != 0 && n < deleted.length; bits &= bits - 1) {
                deleted[n++] = 64L * word + Long.numberOfTrailingZeros(bits);
            }
        }
        return deleted;
    }

    /**
     * The bitmap with more rows at the end, all active.
     *
     * @param count how many, 0 or more
     * @return the bitmap after it, never null
     * @throws InsufficientMemoryException if there are more than 17 billion then
     */
    public DeletionBitmap append(long count) {
        long total = rows + count;
        if (total < 0 || words(total) > MAX_WORDS) {
            throw new InsufficientMemoryException(
                    "deleted rows cannot be kept track of in an array of " + rows + " and " + count
                            + " more rows; at most " + 64L * MAX_WORDS
                            + " work. Save the rows to keep as an array of their own",
                    "expected",
                    64L * MAX_WORDS,
                    "found",
                    total);
        }
        long[] grown = Arrays.copyOf(words, (int) words(total));
        Arrays.fill(grown, words.length, grown.length, -1L);
        if (rows % 64 != 0) {
            grown[words.length - 1] |= -1L << rows;
        }
        clearBeyond(total, grown);
        return new DeletionBitmap(total, grown);
    }

    /**
     * The bitmap of the first rows only.
     *
     * @param count how many of the physical rows stay, at most {@link #rows()}
     * @return the bitmap after it, never null
     * @throws IndexOutOfBoundsException if there are not so many
     */
    public DeletionBitmap cut(long count) {
        Objects.checkFromToIndex(0, count, rows);
        long[] first = Arrays.copyOf(words, (int) words(count));
        clearBeyond(count, first);
        return new DeletionBitmap(count, first);
    }

    private static void clearBeyond(long rows, long[] words) {
        if (rows % 64 != 0) {
            words[words.length - 1] &= -1L >>> -rows;
        }
    }

    /**
     * The bitmap after rows were deleted.
     *
     * @param logicalRows the rows, numbered without those that are deleted already; in any order, repeated or not
     * @return the bitmap after it, never null
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public DeletionBitmap delete(long[] logicalRows) {
        long[] sorted = logicalRows.clone();
        Arrays.sort(sorted);
        long[] remaining = words.clone();
        for (long row : physical(sorted)) {
            remaining[(int) (row >>> 6)] &= ~(1L << row);
        }
        return new DeletionBitmap(rows, remaining);
    }

    /**
     * Where rows lie in the file. Fastest when they are sorted.
     *
     * @param logical the rows, numbered without the deleted ones
     * @return the physical rows in the same order, never null
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public long[] physical(long[] logical) {
        long[] physical = new long[logical.length];
        int block = 0;
        for (int i = 0; i < logical.length; i++) {
            requireRow(logical[i], activeRows());
            if (logical[i] < activeBefore[block] || logical[i] >= activeBefore[block + 1]) {
                block = block(logical[i]);
            }
            physical[i] = select(block, logical[i]);
        }
        return physical;
    }

    /** The block that holds an active row: the last one with as many active rows before it, or fewer. */
    private int block(long logical) {
        int low = 0;
        int high = activeBefore.length - 1;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (activeBefore[middle] <= logical) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private long select(int block, long logical) {
        long skip = logical - activeBefore[block];
        int word = block * BLOCK_WORDS;
        for (int active; (active = Long.bitCount(words[word])) <= skip; word++) {
            skip -= active;
        }
        long bits = words[word];
        for (; skip > 0; skip--) {
            bits &= bits - 1;
        }
        return 64L * word + Long.numberOfTrailingZeros(bits);
    }

    private static void requireRow(long row, long length) {
        if (row < 0 || row >= length) {
            throw new IndexOutOfBoundsException("index " + row + " is out of bounds for axis 0 with length " + length);
        }
    }

    /**
     * Where the active rows lie, as maximal runs of consecutive ones.
     *
     * @param unit what a row counts as: 1 for rows, or its items
     * @return two arrays of the same length, new on every call, never null: the start of each run, ascending, and its length
     */
    public long[][] activeRuns(long unit) {
        int count = 0;
        long before = 0;
        for (long word : words) {
            count = Math.addExact(count, Long.bitCount(word & ~(word << 1 | before)));
            before = word >>> 63;
        }
        long[] starts = new long[count];
        long[] lengths = new long[count];
        int run = 0;
        boolean inside = false;
        before = 0;
        for (int i = 0; i < words.length; i++) {
            for (long edges = words[i] ^ (words[i] << 1 | before); edges != 0; edges &= edges - 1) {
                long row = 64L * i + Long.numberOfTrailingZeros(edges);
                if (inside) {
                    lengths[run] = row * unit - starts[run++];
                } else {
                    starts[run] = row * unit;
                }
                inside = !inside;
            }
            before = words[i] >>> 63;
        }
        if (inside) {
            lengths[run] = rows * unit - starts[run];
        }
        return new long[][] {starts, lengths};
    }

    /** {@return whether the other is a bitmap with the same bits} */
    @Override
    public boolean equals(Object other) {
        return other instanceof DeletionBitmap that && rows == that.rows && Arrays.equals(words, that.words);
    }

    /** {@return a hash of the bits} */
    @Override
    public int hashCode() {
        return Long.hashCode(rows) * 31 + Arrays.hashCode(words);
    }

    /** {@return the numbers of active and of physical rows} */
    @Override
    public String toString() {
        return "DeletionBitmap[" + activeRows() + " of " + rows + " rows active]";
    }
}
