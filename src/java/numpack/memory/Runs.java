package numpack.memory;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import numpack.DType;

/**
 * An ordered sequence of items that lie in one or several contiguous pieces: one for a plain array, several where rows are deleted or
 * the file is segmented. Immutable; what it refers to is not.
 */
public final class Runs {
    private static final int BLOCK = 1 << 13;

    private final DType.Kind kind;
    /** The memories of the pieces, each once: there may be half a million pieces, but few memories. */
    private final Memory[] memories;
    /** Piece k lies in memory {@code owners[k]}; null if there is but one. */
    private final int[] owners;
    /** Piece k lies at {@code starts[k]} of its memory and begins at item {@code offsets[k]} of this sequence. */
    private final long[] starts;

    private final long[] offsets;
    private final boolean readOnly;
    private final boolean isWritable;
    private final boolean isMapped;
    /** The piece found last, where one who goes from item to item will find the next one; threads may overwrite each other's. */
    private int recent;

    Runs(DType.Kind kind, Memory[] memories, int[] owners, long[] starts, long[] offsets, boolean readOnly) {
        this.kind = kind;
        this.memories = memories;
        this.owners = owners;
        this.starts = starts;
        this.offsets = offsets;
        this.readOnly = readOnly;
        boolean writable = !readOnly;
        boolean mapped = false;
        for (Memory memory : memories) {
            writable &= memory.isWritable();
            mapped |= memory.isMapped();
        }
        this.isWritable = writable;
        this.isMapped = mapped;
    }

    /**
     * All items of a memory.
     *
     * @param memory the memory
     * @return one run, never null
     */
    public static Runs of(Memory memory) {
        return of(memory, 0, memory.length());
    }

    /**
     * Some items of a memory.
     *
     * @param memory the memory
     * @param from the first item
     * @param count how many
     * @return one run, or none if there is no item; never null
     */
    public static Runs of(Memory memory, long from, long count) {
        Objects.checkFromIndexSize(from, count, memory.length());
        if (count == 0) {
            return empty(memory.kind());
        }
        return new Runs(memory.kind(), new Memory[] {memory}, null, new long[] {from}, new long[] {0, count}, false);
    }

    /**
     * No items.
     *
     * @param kind their primitive
     * @return no run, never null
     */
    public static Runs empty(DType.Kind kind) {
        return new Runs(kind, new Memory[0], null, new long[0], new long[] {0}, false);
    }

    /**
     * Sequences one after another.
     *
     * @param parts at least one, all of one kind
     * @return their items; pieces that touch are one. Read-only if one of the parts with items is
     */
    public static Runs concat(List<Runs> parts) {
        RunsBuilder builder = new RunsBuilder(parts.get(0).kind);
        boolean readOnly = false;
        for (Runs part : parts) {
            readOnly |= part.readOnly && part.size() > 0;
            part.walk(0, part.size(), (memory, start, count, item) -> builder.add(memory, start, count));
        }
        return builder.build(readOnly);
    }

    /** {@return the primitive, never null} */
    public DType.Kind kind() {
        return kind;
    }

    /** {@return the number of items} */
    public long size() {
        return offsets[starts.length];
    }

    /** {@return the number of pieces} */
    public int count() {
        return starts.length;
    }

    /** {@return whether the items lie in one piece, or there are none} */
    public boolean isContiguous() {
        return starts.length <= 1;
    }

    /**
     * The memory of a piece.
     *
     * @param k the piece
     * @return its memory, never null
     */
    public Memory memory(int k) {
        return memories[owner(k)];
    }

    private int owner(int k) {
        return owners == null ? 0 : owners[k];
    }

    /**
     * Where a piece begins in its memory.
     *
     * @param k the piece
     * @return the index of its first item there
     */
    public long start(int k) {
        return starts[k];
    }

    /**
     * Where a piece begins in this sequence.
     *
     * @param k the piece
     * @return the number of its first item
     */
    public long offset(int k) {
        return offsets[k];
    }

    /**
     * The length of a piece.
     *
     * @param k the piece
     * @return its number of items
     */
    public long length(int k) {
        return offsets[k + 1] - offsets[k];
    }

    /**
     * The piece that holds an item.
     *
     * @param item its number, which exists
     * @return the piece
     */
    public int find(long item) {
        if (starts.length == 1) {
            return 0;
        }
        int k = recent;
        if (offsets[k] <= item && item < offsets[k + 1]) {
            return k;
        }
        k = Arrays.binarySearch(offsets, 0, starts.length, item);
        recent = k = k >= 0 ? k : -k - 2;
        return k;
    }

    /**
     * Some of the items.
     *
     * @param from the first
     * @param to the one after the last
     * @return these, in the same memory; never null
     */
    public Runs slice(long from, long to) {
        Objects.checkFromToIndex(from, to, size());
        if (from == 0 && to == size()) {
            return this;
        }
        int k = from < to ? find(from) : -1;
        if (k >= 0 && to <= offsets[k + 1]) {
            return new Runs(
                    kind,
                    new Memory[] {memory(k)},
                    null,
                    new long[] {starts[k] + from - offsets[k]},
                    new long[] {0, to - from},
                    readOnly);
        }
        return pick(new long[] {from}, new long[] {to - from});
    }

    /**
     * Several slices one after another.
     *
     * @param from the first item of each
     * @param lengths the length of each
     * @return these items, in the same memory; never null
     */
    public Runs pick(long[] from, long[] lengths) {
        RunsBuilder builder = new RunsBuilder(kind);
        for (int i = 0; i < from.length; i++) {
            Objects.checkFromIndexSize(from[i], lengths[i], size());
            walk(from[i], from[i] + lengths[i], (memory, start, count, item) -> builder.add(memory, start, count));
        }
        return builder.build(readOnly);
    }

    /** {@return the same items, not to be written; never null} */
    public Runs readOnly() {
        return readOnly ? this : new Runs(kind, memories, owners, starts, offsets, true);
    }

    /**
     * Whether the other refers to the very same items of the very same memory.
     *
     * @param other the other
     * @return whether it does
     */
    public boolean sameMemory(Runs other) {
        if (other == this) {
            return true;
        }
        if (!Arrays.equals(starts, other.starts) || !Arrays.equals(offsets, other.offsets) || kind != other.kind) {
            return false;
        }
        for (int k = 0; k < count(); k++) {
            if (memory(k) != other.memory(k) && !memory(k).sharesArray(other.memory(k))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether writing one may change the other.
     *
     * @param other the other
     * @return false if no item is in both; with several pieces true if their surroundings overlap
     */
    public boolean overlaps(Runs other) {
        long[][] own = bounds();
        long[][] others = other.bounds();
        for (int k = 0; k < own.length; k++) {
            for (int m = 0; m < others.length; m++) {
                if (memories[k].overlaps(own[k], other.memories[m], others[m])) {
                    return true;
                }
            }
        }
        return false;
    }

    /** For each memory its first item that belongs to these, and the one after the last. */
    private long[][] bounds() {
        long[][] bounds = new long[memories.length][];
        for (int k = 0; k < count(); k++) {
            long[] found = bounds[owner(k)];
            if (found == null) {
                bounds[owner(k)] = new long[] {starts[k], starts[k] + length(k)};
            } else {
                found[0] = Math.min(found[0], starts[k]);
                found[1] = Math.max(found[1], starts[k] + length(k));
            }
        }
        return bounds;
    }

    /** {@return whether the items may be written} */
    public boolean isWritable() {
        return isWritable;
    }

    /** {@return whether items lie in memory mapped from a file} */
    public boolean isMapped() {
        return isMapped;
    }

    /**
     * Refuses access once the scope of the memory has ended.
     *
     * @throws numpack.ScopeEndedException if it has
     */
    public void checkLive() {
        for (Memory memory : memories) {
            memory.checkLive();
        }
    }

    /** {@return whether any memory was noted as written} */
    public boolean isChanged() {
        for (Memory memory : memories) {
            if (memory.isChanged()) {
                return true;
            }
        }
        return false;
    }

    /** Notes that the memory was, or is about to be, written. */
    public void markChanged() {
        for (Memory memory : memories) {
            memory.markChanged();
        }
    }

    /** Forgets what was written so far. */
    public void clearChanged() {
        for (Memory memory : memories) {
            memory.clearChanged();
        }
    }

    // ---- bulk

    /** What is done to items that lie together. */
    @FunctionalInterface
    public interface Stretch {
        /**
         * Does it.
         *
         * @param memory where they lie
         * @param start the first one's index there
         * @param count how many
         * @param item the first one's number in the sequence
         */
        void run(Memory memory, long start, long count, long item);
    }

    /**
     * Goes through items from stretch to stretch, in order.
     *
     * @param from the first
     * @param to the one after the last
     * @param action what to do
     */
    public void walk(long from, long to, Stretch action) {
        walk(from, to, 1, action);
    }

    /** The same in units smaller than an item, such as bytes: {@code unit} of them make one. */
    private void walk(long from, long to, int unit, Stretch action) {
        Objects.checkFromToIndex(from, to, size() * unit);
        long item = from;
        for (int k = from == to ? 0 : find(from / unit); item < to; k++) {
            long count = Math.min(to, offsets[k + 1] * unit) - item;
            action.run(memory(k), (starts[k] - offsets[k]) * unit + item, count, item);
            item += count;
        }
    }

    private void raiseFaults() {
        if (isMapped) {
            MappingFaults.raise();
        }
    }

    /**
     * Copies items to a primitive array of the same kind.
     *
     * @param item the first item
     * @param target the array
     * @param at the first index in it
     * @param count how many
     */
    public void read(long item, Object target, int at, int count) {
        walk(item, item + count, (memory, start, n, i) -> memory.read(start, target, (int) (at + i - item), (int) n));
        raiseFaults();
    }

    /**
     * Copies items from a primitive array of the same kind.
     *
     * @param item the first item
     * @param source the array
     * @param at the first index in it
     * @param count how many
     */
    public void write(long item, Object source, int at, int count) {
        requireWritable();
        walk(item, item + count, (memory, start, n, i) -> memory.write(start, source, (int) (at + i - item), (int) n));
        raiseFaults();
    }

    /**
     * Copies raw little-endian bytes to an array.
     *
     * @param offset the first byte
     * @param target the array
     * @param at the first index in it
     * @param count how many bytes
     */
    public void readBytes(long offset, byte[] target, int at, int count) {
        walk(
                offset,
                offset + count,
                kind.bytes(),
                (memory, start, n, i) -> memory.readBytes(start, target, (int) (at + i - offset), (int) n));
        raiseFaults();
    }

    private void requireWritable() {
        if (!isWritable) {
            throw new numpack.ReadOnlyException(
                    "this array can only be read; load it, or load it in a batch or a writable batch, to edit it");
        }
    }

    /**
     * Copies all items to others of the same kind and number. The two may not overlap, unless they are the same.
     *
     * @param target gets the items
     */
    public void copyTo(Runs target) {
        if (target.size() != size() || target.kind != kind) {
            throw new IllegalArgumentException(
                    size() + " items of kind " + kind + " do not go into " + target.size() + " of kind " + target.kind);
        }
        target.requireWritable();
        target.markChanged();
        copy(0, size(), target, 0);
        raiseFaults();
        target.raiseFaults();
    }

    /**
     * Copies rows, in any order and as often as they are named.
     *
     * @param rows their numbers, which exist
     * @param rowItems the items of a row
     * @param target gets as many rows; may not overlap with these
     */
    public void gather(long[] rows, long rowItems, Runs target) {
        target.requireWritable();
        target.markChanged();
        Objects.checkFromIndexSize(0, Math.multiplyExact(rows.length, rowItems), target.size());
        boolean isRange = true;
        for (int i = 0; i < rows.length; i++) {
            Objects.checkFromIndexSize(rows[i] * rowItems, rowItems, size());
            isRange &= i == 0 || rows[i] == rows[i - 1] + 1;
        }
        if (!isRange && starts.length == 1 && target.starts.length == 1) {
            memory(0).gather(starts[0], rows, rowItems, target.memory(0), target.starts[0]);
            raiseFaults();
            target.raiseFaults();
            return;
        }
        for (int first = 0, next; first < rows.length; first = next) {
            next = first + 1;
            while (next < rows.length && rows[next] == rows[next - 1] + 1) {
                next++;
            }
            copy(rows[first] * rowItems, (next - first) * rowItems, target, first * rowItems);
        }
        raiseFaults();
        target.raiseFaults();
    }

    /**
     * Copies rows into these, in order; where one is named twice the last one counts.
     *
     * @param rows the numbers of the rows to be written, which exist
     * @param rowItems the items of a row
     * @param source holds as many rows; may not overlap with these
     */
    public void scatter(long[] rows, long rowItems, Runs source) {
        requireWritable();
        if (rows.length == 0 || rowItems == 0) {
            return;
        }
        markChanged();
        for (int first = 0, next; first < rows.length; first = next) {
            next = first + 1;
            while (next < rows.length && rows[next] == rows[next - 1] + 1) {
                next++;
            }
            source.copy(first * rowItems, (next - first) * rowItems, this, rows[first] * rowItems);
        }
        raiseFaults();
        source.raiseFaults();
    }

    private void copy(long item, long count, Runs target, long at) {
        walk(
                item,
                item + count,
                (from, start, n, i) -> target.walk(
                        at + i - item,
                        at + i - item + n,
                        (to, place, m, t) -> from.copyTo(start + t - (at + i - item), to, place, m)));
    }

    /**
     * Whether the other has the same bits.
     *
     * @param other items of the same kind
     * @return whether number and bits are equal
     */
    public boolean sameContents(Runs other) {
        if (other.size() != size() || other.kind != kind) {
            return false;
        }
        byte[] a = new byte[BLOCK];
        byte[] b = new byte[BLOCK];
        long bytes = size() * kind.bytes();
        for (long done = 0; done < bytes; done += BLOCK) {
            int n = (int) Math.min(BLOCK, bytes - done);
            readBytes(done, a, 0, n);
            other.readBytes(done, b, 0, n);
            if (!Arrays.equals(a, 0, n, b, 0, n)) {
                return false;
            }
        }
        return true;
    }
}
