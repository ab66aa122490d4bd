package numpack.memory;

import java.util.Objects;
import numpack.DType;
import numpack.InsufficientMemoryException;

/** Memory over a primitive array of the heap: the array itself, not a copy. */
public final class HeapMemory implements Memory {
    private final DType.Kind kind;
    private final Object array;
    private final long length;
    private boolean changed;

    private HeapMemory(DType.Kind kind, Object array, long length) {
        this.kind = kind;
        this.array = array;
        this.length = length;
    }

    /**
     * Memory over an array.
     *
     * @param array a byte[], short[], int[], long[], float[] or double[]
     * @return the memory, never null
     * @throws IllegalArgumentException if it is none of these
     */
    public static HeapMemory of(Object array) {
        DType.Kind kind = kindOf(Objects.requireNonNull(array, "the array"));
        if (kind == null) {
            throw new IllegalArgumentException(
                    "elements lie in a byte[], short[], int[], long[], float[] or double[], got a "
                            + array.getClass().getSimpleName());
        }
        return new HeapMemory(kind, array, java.lang.reflect.Array.getLength(array));
    }

    /**
     * The kind of a primitive array.
     *
     * @param array any object
     * @return its kind; null if it is no array, or one of something else
     */
    public static DType.Kind kindOf(Object array) {
        return array instanceof float[]
                ? DType.Kind.FLOAT
                : array instanceof double[]
                        ? DType.Kind.DOUBLE
                        : array instanceof byte[]
                                ? DType.Kind.BYTE
                                : array instanceof int[]
                                        ? DType.Kind.INT
                                        : array instanceof long[]
                                                ? DType.Kind.LONG
                                                : array instanceof short[] ? DType.Kind.SHORT : null;
    }

    static HeapMemory allocate(DType.Kind kind, long items) {
        long bytes = items * kind.bytes();
        if (bytes > Runtime.getRuntime().maxMemory()) {
            throw insufficient(bytes, null);
        }
        try {
            int n = (int) items;
            return of(
                    switch (kind) {
                        case BYTE -> new byte[n];
                        case SHORT -> new short[n];
                        case INT -> new int[n];
                        case LONG -> new long[n];
                        case FLOAT -> new float[n];
                        case DOUBLE -> new double[n];
                    });
        } catch (OutOfMemoryError e) {
            throw insufficient(bytes, e);
        }
    }

    private static InsufficientMemoryException insufficient(long bytes, OutOfMemoryError cause) {
        InsufficientMemoryException e = new InsufficientMemoryException(
                "an array of " + bytes + " bytes does not fit the heap (at most "
                        + Runtime.getRuntime().maxMemory()
                        + " bytes); use lazy to read it where it lies, chunks to read it piece by piece, a writable batch "
                        + "to edit it in place, or a larger heap (-Xmx)",
                "expected",
                bytes,
                "found",
                Runtime.getRuntime().maxMemory());
        if (cause != null) {
            e.addSuppressed(cause);
        }
        return e;
    }

    @Override
    public DType.Kind kind() {
        return kind;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Object array() {
        return array;
    }

    @Override
    public long address() {
        return 0;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public boolean isMapped() {
        return false;
    }

    @Override
    public void checkLive() {
        // the heap outlives every scope
    }

    @Override
    public boolean isChanged() {
        return changed;
    }

    @Override
    public void markChanged() {
        changed = true;
    }

    @Override
    public void clearChanged() {
        changed = false;
    }

    @Override
    public void willWrite(long item, long count) {
        // the heap has its pages
    }

    @Override
    public byte getByte(long i) {
        return ((byte[]) array)[(int) i];
    }

    @Override
    public short getShort(long i) {
        return ((short[]) array)[(int) i];
    }

    @Override
    public int getInt(long i) {
        return ((int[]) array)[(int) i];
    }

    @Override
    public long getLong(long i) {
        return ((long[]) array)[(int) i];
    }

    @Override
    public float getFloat(long i) {
        return ((float[]) array)[(int) i];
    }

    @Override
    public double getDouble(long i) {
        return ((double[]) array)[(int) i];
    }

    @Override
    public void putByte(long i, byte value) {
        ((byte[]) array)[(int) i] = value;
    }

    @Override
    public void putShort(long i, short value) {
        ((short[]) array)[(int) i] = value;
    }

    @Override
    public void putInt(long i, int value) {
        ((int[]) array)[(int) i] = value;
    }

    @Override
    public void putLong(long i, long value) {
        ((long[]) array)[(int) i] = value;
    }

    @Override
    public void putFloat(long i, float value) {
        ((float[]) array)[(int) i] = value;
    }

    @Override
    public void putDouble(long i, double value) {
        ((double[]) array)[(int) i] = value;
    }
}
