package numpack.format;

import clojure.lang.PersistentVector;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import numpack.ArrayExistsException;
import numpack.CorruptPackException;

/**
 * The contents of {@code metadata.npkm}: the entries of all arrays in the order of the file. An immutable value; a change of the
 * fixed-width fields of an entry costs O(log n), any other change O(n).
 */
public final class Metadata {
    /** Where total_size lies in the file. */
    public static final int TOTAL_SIZE_OFFSET = 8;

    /** The metadata of a pack without arrays. */
    public static final Metadata EMPTY =
            new Metadata(PersistentVector.EMPTY, new long[0], new HashMap<>(), Metadata.HEADER_LENGTH, 0);

    static final String CURE = "restore it from a copy; the data files beside it may well be intact";

    private static final int HEADER_LENGTH = 20;
    private static final int VERSION = 1;
    private static final int MAGIC = 'N' | 'P' << 8 | 'K' << 16 | 'B' << 24;

    /** Of Entry. */
    private final PersistentVector entries;
    /** Where each entry begins. */
    private final long[] offsets;
    /** The index of the entry of each name. */
    private final Map<String, Integer> byName;

    private final long encodedLength;
    private final long totalSize;

    private Metadata(
            PersistentVector entries, long[] offsets, Map<String, Integer> byName, long encodedLength, long totalSize) {
        this.entries = entries;
        this.offsets = offsets;
        this.byName = byName;
        this.encodedLength = encodedLength;
        this.totalSize = totalSize;
    }

    /**
     * The metadata with some entries.
     *
     * @param entries the entries in order
     * @return the metadata, never null
     * @throws ArrayExistsException if two of them have the same name or the same data file
     */
    public static Metadata of(List<Entry> entries) {
        Map<String, Integer> byName = new HashMap<>();
        Map<String, String> byFile = new HashMap<>();
        for (Entry entry : entries) {
            requireNew(
                    entry,
                    byName.putIfAbsent(entry.name(), byName.size()),
                    byFile.putIfAbsent(entry.dataFile(), entry.name()));
        }
        return of(entries, byName);
    }

    private static Metadata of(List<Entry> entries, Map<String, Integer> byName) {
        long[] offsets = new long[entries.size()];
        long offset = HEADER_LENGTH;
        long totalSize = 0;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = offset;
            offset += entries.get(i).encodedLength();
            totalSize += entries.get(i).sizeBytes();
        }
        return new Metadata(PersistentVector.create(entries), offsets, byName, offset, totalSize);
    }

    private static void requireNew(Entry entry, Object sameName, Object sameFile) {
        String name = entry.name();
        if (sameName != null) {
            throw new ArrayExistsException(
                    "there is an array " + Damage.quoted(name) + " already; delete or rename it first", "array", name);
        }
        if (sameFile != null) {
            throw new ArrayExistsException(
                    "array " + Damage.quoted(name) + " needs the file " + entry.dataFile() + ", which array "
                            + Damage.quoted((String) sameFile) + " has; delete or rename that array first",
                    "array",
                    name,
                    "found",
                    sameFile);
        }
    }

    /**
     * Reads the file. Its total_size is not compared with anything: nobody needs it, and it is written as the sum that it should be. An
     * entry may be {@linkplain Entry#isTorn() torn}.
     *
     * @param bytes the whole contents
     * @param file where they come from, for messages
     * @return the metadata, never null
     * @throws CorruptPackException if they are not what the format allows, or a byte is left over
     */
    public static Metadata decode(byte[] bytes, Path file) {
        FieldReader in = new FieldReader(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), new Damage(file, CURE));
        long magic = in.u32("magic");
        if (magic != MAGIC) {
            throw in.corrupt(
                    0, "magic", "4e 50 4b 42 (\"NPKB\")", String.format("%08x", Integer.reverseBytes((int) magic)));
        }
        long version = in.u32("version");
        if (version != VERSION) {
            throw in.corrupt(4, "version", VERSION + " (a later NumPack may have written it)", version);
        }
        in.u64("total_size");
        int count = in.count("array_count", 0, 0xffffffffL, Entry.MIN_LENGTH);
        List<Entry> entries = new ArrayList<>(count);
        Map<String, Integer> byName = new HashMap<>();
        Map<String, String> byFile = new HashMap<>();
        for (int i = 0; i < count; i++) {
            int start = in.position();
            Entry entry = Entry.decode(in);
            if (byName.putIfAbsent(entry.name(), i) != null) {
                throw in.corrupt(
                        start + 4, "name", "one that no other array has", Damage.quoted(entry.name()) + " again");
            }
            String owner = byFile.putIfAbsent(entry.dataFile(), entry.name());
            if (owner != null) {
                throw in.corrupt(
                        start + entry.dataFileAt(),
                        "data_file",
                        "one that no other array has",
                        Damage.quoted(entry.dataFile()) + " of array " + Damage.quoted(owner) + " again");
            }
            entries.add(entry);
        }
        if (in.remaining() > 0) {
            throw in.corrupt(
                    in.position(),
                    "end",
                    "the end of the file after " + count + " arrays",
                    in.remaining() + " more bytes");
        }
        return of(entries, byName);
    }

    /** {@return the whole contents of the file, never null} */
    public byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(encodedLength)).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC).putInt(VERSION).putLong(totalSize).putInt(entries.size());
        for (Entry entry : entries()) {
            entry.encode(out);
        }
        return out.array();
    }

    /** {@return the entries in the order of the file, unmodifiable, never null} */
    @SuppressWarnings("unchecked")
    public List<Entry> entries() {
        return (List<Entry>) entries;
    }

    /**
     * The entry of an array.
     *
     * @param name the array
     * @return its entry, or null if there is none
     */
    public Entry find(String name) {
        Integer index = byName.get(name);
        return index == null ? null : (Entry) entries.nth(index);
    }

    /** {@return the sum of all size_bytes, modulo 2^64} */
    public long totalSize() {
        return totalSize;
    }

    /** {@return the length of the file in bytes} */
    public long encodedLength() {
        return encodedLength;
    }

    /**
     * Where the entry of an array begins.
     *
     * @param name an array that is there
     * @return the byte offset in the file
     */
    public long offset(String name) {
        return offsets[byName.get(name)];
    }

    /**
     * The metadata after a change of the fixed-width fields of an entry.
     *
     * @param entry what takes the place of the entry of that name, {@linkplain Entry#differsOnlyInFixedFields almost equal} to it
     * @return the metadata after it, never null
     */
    public Metadata with(Entry entry) {
        int index = byName.get(entry.name());
        Entry replaced = (Entry) entries.nth(index);
        if (!replaced.differsOnlyInFixedFields(entry)) {
            throw new IllegalArgumentException(replaced + " cannot become " + entry + " where it stands");
        }
        return new Metadata(
                entries.assocN(index, entry),
                offsets,
                byName,
                encodedLength,
                totalSize - replaced.sizeBytes() + entry.sizeBytes());
    }

    /** {@return whether the other is metadata with equal entries in the same order} */
    @Override
    public boolean equals(Object other) {
        return other instanceof Metadata that && entries().equals(that.entries());
    }

    /** {@return a hash of the entries} */
    @Override
    public int hashCode() {
        return entries().hashCode();
    }

    /** {@return the number of arrays and their size} */
    @Override
    public String toString() {
        return "Metadata[" + entries.size() + " arrays, " + Long.toUnsignedString(totalSize) + " bytes]";
    }
}
