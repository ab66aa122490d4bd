package numpack.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import numpack.CorruptPackException;
import numpack.DType;
import numpack.InvalidNameException;
import numpack.ShapeMismatchException;

/**
 * What {@code metadata.npkm} says about one array. An immutable value. The shape is the physical one: deleted rows are counted.
 *
 * <p>There are arrays of other programs that cannot be used here: {@link #fault} says why. Their entries are carried along.
 */
public final class Entry {
    /** The fewest bytes of an entry: no name, a data file called {@code .npkd}, no axis. */
    static final int MIN_LENGTH = 51 + 5;

    /** The longest name that Python can give an array: that of its data file can be no longer. */
    private static final int MAX_NAME_BYTES =
            ArrayNames.MAX_FILE_BYTES - ArrayNames.dataFile("").length();

    private static final int BLOCK_FLAG = 21;
    private static final byte[] UNCOMPRESSED = new byte[BLOCK_FLAG + 1];

    private final String name;
    private final DType dtype;
    private final long[] shape;
    private final String dataFile;
    private final long lastModified;
    private final long sizeBytes;
    private final long rowBytes;
    /** Everything from the compression algorithm to the end, carried along unchanged. */
    private final byte[] compression;

    private Entry(
            String name,
            DType dtype,
            long[] shape,
            String dataFile,
            long lastModified,
            long sizeBytes,
            byte[] compression) {
        this.name = name;
        this.dtype = dtype;
        this.shape = shape;
        this.dataFile = dataFile;
        this.lastModified = lastModified;
        this.sizeBytes = sizeBytes;
        this.rowBytes = rowBytes(dtype, shape);
        this.compression = compression;
    }

    /**
     * An array in one uncompressed file, {@link ArrayNames#dataFile}.
     *
     * @param name the array
     * @param dtype its dtype
     * @param shape its physical shape, copied
     * @param lastModified microseconds since the Unix epoch
     * @return the entry, never null
     * @throws InvalidNameException if the name cannot be the name of an array
     * @throws ShapeMismatchException if there is no such shape, or it takes more than 2^63-1 bytes
     */
    public static Entry of(String name, DType dtype, long[] shape, long lastModified) {
        ArrayNames.check(name);
        Shape.check(name, dtype, shape);
        return new Entry(
                name,
                dtype,
                shape.clone(),
                ArrayNames.dataFile(name),
                lastModified,
                rowBytes(dtype, shape) * shape[0],
                UNCOMPRESSED);
    }

    private static long rowBytes(DType dtype, long[] shape) {
        long bytes = dtype.itemSize();
        for (int axis = 1; axis < shape.length; axis++) {
            bytes *= shape[axis];
        }
        return bytes;
    }

    /**
     * Reads an entry and moves the buffer's position behind it.
     *
     * @param in the bytes; its byte order does not matter
     * @param file where they come from, for messages; offsets in them count from the start of the buffer
     * @return the entry, never null
     * @throws CorruptPackException if the bytes are not an entry
     */
    public static Entry decode(ByteBuffer in, Path file) {
        FieldReader reader =
                new FieldReader(in.duplicate().order(ByteOrder.LITTLE_ENDIAN), new Damage(file, Metadata.CURE));
        Entry entry = decode(reader);
        in.position(reader.position());
        return entry;
    }

    static Entry decode(FieldReader in) {
        int start = in.position();
        String name = in.text("name", 0, MAX_NAME_BYTES);
        String fault = ArrayNames.faultOfCharacters(name);
        if (fault != null) {
            throw in.corrupt(start + 4, "name", "the name of an array", Damage.quoted(name) + " (it " + fault + ")");
        }
        in.array(name);
        int shapeStart = in.position();
        long[] shape = new long[in.count("ndim", 0, Shape.MAX_RANK, 8)];
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = in.size("shape[" + axis + "]");
        }
        int fileStart = in.position() + 4;
        String dataFile = in.text("data_file", 1, ArrayNames.MAX_FILE_BYTES);
        if (!ArrayNames.isInFolder(dataFile) || !dataFile.endsWith(".npkd") && !dataFile.endsWith(".npkseg")) {
            throw in.corrupt(
                    fileStart,
                    "data_file",
                    "the name of a file in the pack that ends in .npkd or .npkseg",
                    Damage.quoted(dataFile));
        }
        long lastModified = in.u64("last_modified");
        int sizeStart = in.position();
        long sizeBytes = in.size("size_bytes");
        int code = in.u8("dtype");
        DType dtype = DType.fromCode(code);
        if (dtype == null) {
            throw in.corrupt(in.position() - 1, "dtype", "0 to 13", code);
        }
        fault = Shape.fault(dtype, shape);
        if (fault != null) {
            throw in.corrupt(
                    shapeStart + 4,
                    "shape",
                    "the shape of an array",
                    Shape.text(shape) + " of " + dtype + " (" + fault + ")");
        }
        Entry entry = new Entry(name, dtype, shape, dataFile, lastModified, sizeBytes, decodeCompression(in));
        if (entry.isTorn() && (shape.length == 0 || entry.rowBytes == 0 || sizeBytes % entry.rowBytes != 0)) {
            throw in.corrupt(sizeStart, "size_bytes", entry.rows() * entry.rowBytes, sizeBytes);
        }
        in.array(null);
        return entry;
    }

    private static byte[] decodeCompression(FieldReader in) {
        int start = in.position();
        int algorithm = in.u8("compression algorithm");
        if (algorithm > 1) {
            throw in.corrupt(start, "compression algorithm", "0 or 1", algorithm);
        }
        in.u32("compression level");
        in.u64("original_size");
        in.u64("compressed_size");
        if (in.u8("block flag") != 0) {
            in.u8("block info enabled");
            in.u64("block_size");
            in.u64("num_blocks");
            in.skip(24 * in.count("block list length", 0, 0xffffffffL, 24));
        }
        byte[] compression = in.bytes(start, in.position());
        return Arrays.equals(compression, UNCOMPRESSED) ? UNCOMPRESSED : compression;
    }

    /**
     * Writes the entry at the buffer's position.
     *
     * @param out a buffer with {@link #encodedLength()} bytes left; its byte order does not matter and is kept
     */
    public void encode(ByteBuffer out) {
        ByteOrder order = out.order();
        out.order(ByteOrder.LITTLE_ENDIAN);
        put(out, name);
        out.putInt(shape.length);
        for (long length : shape) {
            out.putLong(length);
        }
        put(out, dataFile);
        out.putLong(lastModified).putLong(sizeBytes).put((byte) dtype.code()).put(compression);
        out.order(order);
    }

    private static void put(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putInt(bytes.length).put(bytes);
    }

    /** {@return the number of bytes that {@link #encode} writes} */
    public int encodedLength() {
        return dataFileAt() + ArrayNames.utf8Length(dataFile) + 17 + compression.length;
    }

    /** Where the name of the data file lies, from the start of the entry. */
    int dataFileAt() {
        return 4 + ArrayNames.utf8Length(name) + 4 + 8 * shape.length + 4;
    }

    /** {@return the name of the array, never null} */
    public String name() {
        return name;
    }

    /** {@return the dtype, never null} */
    public DType dtype() {
        return dtype;
    }

    /** {@return a copy of the physical shape, never null} */
    public long[] shape() {
        return shape.clone();
    }

    /** {@return the number of axes} */
    public int rank() {
        return shape.length;
    }

    /** {@return the physical rows, deleted ones included; 1 if there is no axis} */
    public long rows() {
        return shape.length == 0 ? 1 : shape[0];
    }

    /** {@return the size of a row in bytes; 0 if an inner axis is empty} */
    public long rowBytes() {
        return rowBytes;
    }

    /** {@return the file of the elements, or of the segment manifest, in the folder of the pack; never null} */
    public String dataFile() {
        return dataFile;
    }

    /** {@return when the array was changed, in microseconds since the Unix epoch, unsigned} */
    public long lastModified() {
        return lastModified;
    }

    /** {@return the size of the physical rows in bytes, as the file states it; see {@link #isTorn()}} */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** {@return whether the data file is a {@link SegmentManifest}} */
    public boolean isSegmented() {
        return dataFile.endsWith(".npkseg");
    }

    /** {@return why the array cannot be used here, and what can be done about it; null if it can} */
    public String fault() {
        String nameFault = ArrayNames.faultOfLength(name);
        if (nameFault != null) {
            return "its name " + nameFault + ", and 1 to " + ArrayNames.MAX_BYTES
                    + " work; rename it, not within a scope";
        }
        if (shape.length == 0) {
            return "it has no axis, so that Python cannot load it either; its one element is all of " + dataFile
                    + ": save that as an array of shape [1] in its place";
        }
        if (isCompressed()) {
            return "it is compressed, which no released NumPack writes; save it again with the program that wrote it";
        }
        return null;
    }

    /** {@return whether the elements are compressed} */
    public boolean isCompressed() {
        return compression[0] != 0 || compression[BLOCK_FLAG] != 0;
    }

    /**
     * Whether size_bytes is a whole number of rows, but another one than shape[0]: a power cut left the two fields of different commits.
     * Only the rows that are in the data file can be trusted then.
     *
     * @return whether size_bytes is not the size of the shape
     */
    public boolean isTorn() {
        return !isCompressed() && sizeBytes != rows() * rowBytes;
    }

    /**
     * The entry after a change of its rows; it has some.
     *
     * @param rows the physical rows
     * @param lastModified microseconds since the Unix epoch
     * @return an entry that differs in the fixed-width fields only, never null
     * @throws ShapeMismatchException if that takes more than 2^63-1 bytes
     */
    public Entry withRows(long rows, long lastModified) {
        long[] changed = Shape.withRows(shape, rows);
        Shape.check(name, dtype, changed);
        return new Entry(
                name,
                dtype,
                changed,
                dataFile,
                lastModified,
                isCompressed() ? sizeBytes : rows * rowBytes,
                compression);
    }

    /**
     * The entry after the array and its data file were renamed.
     *
     * @param newName the new name
     * @param lastModified microseconds since the Unix epoch
     * @return the entry with the data file that belongs to the new name, segmented if it was; never null
     * @throws InvalidNameException if it cannot be the name of an array
     */
    public Entry withName(String newName, long lastModified) {
        ArrayNames.check(newName);
        String file = isSegmented() ? ArrayNames.manifestFile(newName) : ArrayNames.dataFile(newName);
        return new Entry(newName, dtype, shape, file, lastModified, sizeBytes, compression);
    }

    /**
     * The entry with another time.
     *
     * @param changed when it was last modified, in microseconds since 1970
     * @return the entry, never null
     */
    public Entry withTime(long changed) {
        return new Entry(name, dtype, shape, dataFile, changed, sizeBytes, compression);
    }

    /**
     * Whether the way from one entry to the other is a patch of fields that never move: shape[0], last_modified and size_bytes.
     *
     * @param other the other entry
     * @return true if everything else is equal
     */
    public boolean differsOnlyInFixedFields(Entry other) {
        int axis = Math.min(1, shape.length);
        return name.equals(other.name)
                && dtype == other.dtype
                && dataFile.equals(other.dataFile)
                && shape.length == other.shape.length
                && Arrays.equals(shape, axis, shape.length, other.shape, axis, shape.length)
                && Arrays.equals(compression, other.compression);
    }

    /** {@return whether the other is an entry with the same bytes} */
    @Override
    public boolean equals(Object other) {
        return other instanceof Entry that
                && differsOnlyInFixedFields(that)
                && rows() == that.rows()
                && lastModified == that.lastModified
                && sizeBytes == that.sizeBytes;
    }

    /** {@return a hash of the value} */
    @Override
    public int hashCode() {
        return name.hashCode() * 31 + Long.hashCode(rows() * 31 + lastModified);
    }

    /** {@return the name, dtype, physical shape and data file} */
    @Override
    public String toString() {
        return Damage.quoted(name) + " " + dtype + " " + Shape.text(shape) + " in " + dataFile;
    }
}
