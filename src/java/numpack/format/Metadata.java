package numpack.format;

import clojure.lang.IPersistentMap;
import clojure.lang.PersistentHashMap;
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
 * fixed-width fields of an entry and an added entry cost O(log n), any other change O(n).
 */
public final class Metadata {
    /** Where total_size lies in the file. */
    public static final int TOTAL_SIZE_OFFSET = 8;

    /** The metadata of a pack without arrays. */
    public static final Metadata EMPTY = new Metadata(
            PersistentVector.EMPTY,
            PersistentVector.EMPTY,
            PersistentHashMap.EMPTY,
            PersistentHashMap.EMPTY,
            Metadata.HEADER_LENGTH,
            0);

    static final String CURE = "restore it from a copy; the data files beside it may well be intact";

    private static final int HEADER_LENGTH = 20;
    private static final int VERSION = 1;
    private static final int MAGIC = 'N' | 'P' << 8 | 'K' << 16 | 'B' << 24;

    /** Of Entry. */
    private final PersistentVector entries;
    /** Of Long: where each entry begins. */
    private final PersistentVector offsets;
    /** The index of the entry of each name. */
    private final IPersistentMap byName;
    /** The name of the array of each data file. */
    private final IPersistentMap byFile;

    private final long encodedLength;
    private final long totalSize;

    private Metadata(
            PersistentVector entries,
            PersistentVector offsets,
            IPersistentMap byName,
            IPersistentMap byFile,
            long encodedLength,
            long totalSize) {
        this.entries = entries;
        this.offsets = offsets;
        this.byName = byName;
        this.byFile = byFile;
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
        return of(entries, byName, byFile);
    }

    private static Metadata of(List<Entry> entries, Map<String, Integer> byName, Map<String, String> byFile) {
        List<Long> offsets = new ArrayList<>(entries.size());
        long offset = HEADER_LENGTH;
        long totalSize = 0;
        for (Entry entry : entries) {
            offsets.add(offset);
            offset += entry.encodedLength();
            totalSize += entry.sizeBytes();
        }
        return new Metadata(
                PersistentVector.create(entries),
                PersistentVector.create(offsets),
                PersistentHashMap.create(byName),
                PersistentHashMap.create(byFile),
                offset,
                totalSize);
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
                        start + entry.rowsAt() + 8 * entry.rank() + 4,
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
        return of(entries, byName, byFile);
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
        Integer index = (Integer) byName.valAt(name);
        return index == null ? null : (Entry) entries.nth(index);
    }

    /**
     * The place of an array.
     *
     * @param name the array
     * @return the index of its entry, or -1 if there is none
     */
    public int indexOf(String name) {
        return (Integer) byName.valAt(name, -1);
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
     * Where an entry begins.
     *
     * @param index the index of the entry
     * @return the byte offset in the file
     */
    public long offset(int index) {
        return (Long) offsets.nth(index);
    }

    /**
     * Where the number of rows of an entry, shape[0], can be patched: 8 bytes.
     *
     * @param index the index of the entry
     * @return the byte offset in the file
     */
    public long rowsOffset(int index) {
        return offset(index) + entries().get(index).rowsAt();
    }

    /**
     * Where the time and size of an entry can be patched: 8 bytes last_modified and 8 bytes size_bytes.
     *
     * @param index the index of the entry
     * @return the byte offset in the file
     */
    public long lastModifiedOffset(int index) {
        return offset(index) + entries().get(index).lastModifiedAt();
    }

    /**
     * The metadata with an entry replaced.
     *
     * @param index the index of the entry
     * @param entry what takes its place, under any name
     * @return the metadata after it, never null
     * @throws ArrayExistsException if another entry has its name or its data file
     */
    public Metadata with(int index, Entry entry) {
        Entry replaced = entries().get(index);
        if (replaced.differsOnlyInFixedFields(entry)) {
            return new Metadata(
                    entries.assocN(index, entry),
                    offsets,
                    byName,
                    byFile,
                    encodedLength,
                    totalSize - replaced.sizeBytes() + entry.sizeBytes());
        }
        List<Entry> changed = new ArrayList<>(entries());
        changed.set(index, entry);
        return of(changed);
    }

    /**
     * The metadata with one more entry at the end.
     *
     * @param entry the entry
     * @return the metadata after it, never null
     * @throws ArrayExistsException if there is an entry with its name or its data file
     */
    public Metadata withAdded(Entry entry) {
        String name = entry.name();
        requireNew(entry, byName.valAt(name), byFile.valAt(entry.dataFile()));
        return new Metadata(
                entries.cons(entry),
                offsets.cons(encodedLength),
                byName.assoc(name, entries.size()),
                byFile.assoc(entry.dataFile(), name),
                encodedLength + entry.encodedLength(),
                totalSize + entry.sizeBytes());
    }

    /**
     * The metadata without an entry.
     *
     * @param index the index of the entry
     * @return the metadata after it, never null
     */
    public Metadata without(int index) {
        List<Entry> changed = new ArrayList<>(entries());
        changed.remove(index);
        return of(changed);
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
