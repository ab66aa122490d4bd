package numpack;

import java.util.Locale;
import java.util.Objects;
import numpack.format.Shape;
import numpack.kernels.Codec;
import numpack.kernels.Conversion;
import numpack.kernels.Scalars;
import numpack.memory.Memory;
import numpack.memory.PrimitiveArrays;
import numpack.memory.Runs;

/** An array as elements of a dtype in a shape: what it is, its elements one by one, and all of them as a primitive array. */
abstract sealed class ArrayElements extends RowSeq permits ArrayOperations {
    final DType dtype;
    final long[] shape;
    final long size;
    final Runs runs;
    /** Primitives that make an element. */
    final int items;

    private final boolean isWritable;
    /** The only piece of the runs, kept here for quick access to elements; null if there are several, or none. */
    private final Memory memory;

    private final long start;

    ArrayElements(DType dtype, long[] shape, Runs runs) {
        this.dtype = dtype;
        this.shape = shape.clone();
        this.size = Shape.product(shape);
        this.runs = runs;
        this.isWritable = runs.isWritable();
        this.memory = runs.count() == 1 ? runs.memory(0) : null;
        this.start = runs.count() == 1 ? runs.start(0) : 0;
        this.items = dtype.itemsPerElement();
        if (shape.length == 0) {
            throw new ShapeMismatchException("arrays have rank 1 or more, got the shape []", "found", "[]");
        }
        if (runs.size() != size * items) {
            throw new ShapeMismatchException(
                    "shape " + Shape.text(shape) + " has " + size + " elements of " + dtype + ", got "
                            + runs.size() / items,
                    "expected",
                    size,
                    "found",
                    runs.size() / items);
        }
    }

    /** {@return where the elements lie, never null; for integrations with other libraries, which keep to {@code isReadOnly} themselves} */
    public Runs runs() {
        return runs;
    }

    /** {@return its dtype, never null} */
    public DType dtype() {
        return dtype;
    }

    /** {@return a copy of its shape} */
    public long[] shape() {
        return shape.clone();
    }

    /** {@return its number of axes} */
    public int rank() {
        return shape.length;
    }

    /** {@return its number of elements} */
    public long size() {
        return size;
    }

    @Override
    public long rows() {
        return shape[0];
    }

    /** {@return the bytes of its elements} */
    public long nbytes() {
        return size * dtype.itemSize();
    }

    /** {@return whether elements lie in a mapped file} */
    public boolean isMapped() {
        return runs.isMapped();
    }

    /** {@return whether it can only be read} */
    public boolean isReadOnly() {
        return !isWritable;
    }

    /** {@return whether its elements lie in one piece} */
    public boolean isContiguous() {
        return runs.isContiguous();
    }

    long rowSize() {
        long n = 1;
        for (int axis = 1; axis < shape.length; axis++) {
            n *= shape[axis];
        }
        return n;
    }

    private void checkFlat(long i) {
        if (i < 0 || i >= size) {
            throw new IndexOutOfBoundsException("flat index " + i + " is out of range for an array of " + size
                    + " elements, shape " + Shape.text(shape));
        }
    }

    private Memory memoryOf(long item) {
        return memory != null ? memory : runs.memory(runs.find(item));
    }

    private long placeOf(long item) {
        if (memory != null) {
            return start + item;
        }
        int k = runs.find(item);
        return runs.start(k) + item - runs.offset(k);
    }

    private Memory readable(long i) {
        checkFlat(i);
        Memory found = memoryOf(i * items);
        found.checkLive();
        return found;
    }

    private Memory writable(long i) {
        Memory found = readable(i);
        if (!isWritable) {
            throw readOnlyError();
        }
        found.markChanged();
        return found;
    }

    private ReadOnlyException readOnlyError() {
        return new ReadOnlyException("this array of " + dtype + " and shape " + Shape.text(shape)
                + " can only be read; take a copy, or load it in a batch or a writable batch to edit it in place");
    }

    void checkWritable() {
        runs.checkLive();
        if (!isWritable) {
            throw readOnlyError();
        }
    }

    /**
     * An element.
     *
     * @param path its index, a number for each axis
     * @return a {@code Boolean}, {@code Long}, {@code Double}; a {@code BigInteger} for uint64 beyond 2^63-1; a list [re im] if complex
     * @throws IndexOutOfBoundsException names index, axis and length
     */
    public Object get(long... path) {
        return flatGet(Shape.flat(shape, path));
    }

    /**
     * An element as a double.
     *
     * @param path its index
     * @return its value; a uint64 or int64 rounds to the nearest double
     * @throws DTypeMismatchException if the array is complex
     */
    public double getDouble(long... path) {
        return flatGetDouble(Shape.flat(shape, path));
    }

    /**
     * An element of a boolean or integer array as a long.
     *
     * @param path its index
     * @return its value; a uint64 as the signed number of the same bits
     * @throws DTypeMismatchException if the array is floating or complex
     */
    public long getLong(long... path) {
        return flatGetLong(Shape.flat(shape, path));
    }

    /**
     * Sets an element.
     *
     * @param value a value that fits the dtype; [re im] or a number if complex
     * @param path its index
     * @throws DTypeMismatchException if it does not fit
     * @throws IndexOutOfBoundsException names index, axis and length
     * @throws ReadOnlyException if the array can only be read
     * @throws ScopeEndedException if its scope has ended
     */
    public void set(Object value, long... path) {
        flatSet(Shape.flat(shape, path), value);
    }

    /**
     * Sets an element.
     *
     * @param value a value that fits the dtype; only a whole number fits an integer dtype
     * @param path its index
     * @throws DTypeMismatchException if it does not fit
     */
    public void setDouble(double value, long... path) {
        flatSetDouble(Shape.flat(shape, path), value);
    }

    /**
     * Sets an element.
     *
     * @param value a value that fits the dtype; for uint64 its 64 bits, as {@link #getLong} returns them
     * @param path its index
     * @throws DTypeMismatchException if it does not fit
     */
    public void setLong(long value, long... path) {
        flatSetLong(Shape.flat(shape, path), value);
    }

    /**
     * An element by its place in C order.
     *
     * @param i its flat index
     * @return as {@link #get}
     */
    public Object flatGet(long i) {
        return Codec.of(dtype).get(readable(i), placeOf(i * items));
    }

    /**
     * An element by its place in C order.
     *
     * @param i its flat index
     * @return as {@link #getDouble}
     */
    public double flatGetDouble(long i) {
        return Codec.of(dtype).getDouble(readable(i), placeOf(i * items));
    }

    /**
     * An element by its place in C order.
     *
     * @param i its flat index
     * @return as {@link #getLong}
     */
    public long flatGetLong(long i) {
        return Codec.of(dtype).getLong(readable(i), placeOf(i * items));
    }

    /**
     * Sets an element by its place in C order.
     *
     * @param i its flat index
     * @param value as for {@link #set(Object, long...)}
     */
    public void flatSet(long i, Object value) {
        Codec.of(dtype).put(writable(i), placeOf(i * items), value);
    }

    /**
     * Sets an element by its place in C order.
     *
     * @param i its flat index
     * @param value as for {@link #setDouble}
     */
    public void flatSetDouble(long i, double value) {
        Codec.of(dtype).putDouble(writable(i), placeOf(i * items), value);
    }

    /**
     * Sets an element by its place in C order.
     *
     * @param i its flat index
     * @param value as for {@link #setLong}
     */
    public void flatSetLong(long i, long value) {
        Codec.of(dtype).putLong(writable(i), placeOf(i * items), value);
    }

    void convertTo(DType target, Runs into) {
        runs.checkLive();
        long misfit = Conversion.convert(dtype, runs, target, into);
        if (misfit >= 0) {
            Object value = flatGet(misfit);
            throw new DTypeMismatchException(
                    Scalars.misfit(target, value) + ", at index " + Shape.text(Shape.path(shape, misfit)),
                    "expected",
                    target,
                    "found",
                    value);
        }
    }

    /**
     * Copies the elements as they are stored: float16 as {@code short}, unsigned integers by their bits, complex numbers as pairs.
     *
     * @param target an array of the primitive that stores the dtype
     * @param at where in it to begin
     * @throws DTypeMismatchException if it is an array of something else
     * @throws IndexOutOfBoundsException if it is too short
     */
    public void copyTo(Object target, int at) {
        runs.checkLive();
        Memory into = stored(dtype, target);
        if (at < 0 || at + runs.size() > into.length()) {
            throw new IndexOutOfBoundsException(
                    runs.size() + " items from index " + at + " do not fit an array of length " + into.length());
        }
        runs.read(0, target, at, (int) runs.size());
    }

    /** Memory over an array of the primitive that stores a dtype. */
    static Memory stored(DType dtype, Object array) {
        if (PrimitiveArrays.kindOf(Objects.requireNonNull(array, "the primitive array")) != dtype.kind()) {
            throw new DTypeMismatchException(
                    dtype + " is stored in " + dtype.kind().name().toLowerCase(Locale.ROOT) + "[], got "
                            + array.getClass().getSimpleName(),
                    "expected",
                    dtype.kind(),
                    "found",
                    array.getClass());
        }
        return Memory.of(array);
    }

    private Object primitives(DType as) {
        if (runs.size() > Memory.MAX_HEAP_ITEMS) {
            throw new InsufficientMemoryException(
                    "a Java array cannot have " + runs.size()
                            + " elements; go through it with rows(from, to) or chunks",
                    "expected",
                    Memory.MAX_HEAP_ITEMS,
                    "found",
                    runs.size());
        }
        Memory memory = Memory.allocate(as, size);
        convertTo(as, Runs.of(memory));
        return memory.array();
    }

    /**
     * The elements as floats.
     *
     * @return a new array in C order, never null; of complex numbers the real and imaginary parts in turn
     * @throws DTypeMismatchException if a finite number is beyond the range of float
     */
    public float[] toFloatArray() {
        return (float[]) primitives(dtype.isComplex() ? DType.COMPLEX64 : DType.FLOAT32);
    }

    /** {@return the elements as doubles: a new array in C order, never null; of complex numbers the real and imaginary parts in turn} */
    public double[] toDoubleArray() {
        return (double[]) primitives(dtype.isComplex() ? DType.COMPLEX128 : DType.FLOAT64);
    }

    /**
     * The elements as longs.
     *
     * @return a new array in C order, never null; uint64 by its 64 bits, negative from 2^63 on
     * @throws DTypeMismatchException if one is no whole number of that range
     */
    public long[] toLongArray() {
        return (long[]) primitives(dtype == DType.UINT64 ? dtype : DType.INT64);
    }

    /**
     * The elements as ints.
     *
     * @return a new array in C order, never null
     * @throws DTypeMismatchException if one is no whole number of that range
     */
    public int[] toIntArray() {
        return (int[]) primitives(DType.INT32);
    }

    /**
     * The elements as shorts.
     *
     * @return a new array in C order, never null
     * @throws DTypeMismatchException if one is no whole number of that range
     */
    public short[] toShortArray() {
        return (short[]) primitives(DType.INT16);
    }

    /**
     * The elements as bytes.
     *
     * @return a new array in C order, never null; uint8 by its 8 bits, negative from 128 on
     * @throws DTypeMismatchException if one is no whole number of that range
     */
    public byte[] toByteArray() {
        return (byte[]) primitives(dtype == DType.UINT8 ? dtype : DType.INT8);
    }

    /**
     * The elements as booleans.
     *
     * @return a new array in C order, never null
     * @throws DTypeMismatchException if one is a number other than 0 and 1
     */
    public boolean[] toBooleanArray() {
        byte[] bytes = (byte[]) primitives(DType.BOOL);
        boolean[] result = new boolean[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            result[i] = bytes[i] != 0;
        }
        return result;
    }

    /**
     * The rows of some array that these elements name: the places that are true in a boolean array, the numbers in any other one.
     *
     * @return the rows, never null; they do not change with this array
     * @throws ShapeMismatchException if this is not of rank 1
     * @throws DTypeMismatchException if one is no whole number
     */
    public Rows toRows() {
        if (rank() != 1) {
            throw new ShapeMismatchException(
                    "row numbers and masks of rows are arrays of rank 1, got shape " + Shape.text(shape),
                    "found",
                    shape);
        }
        return dtype == DType.BOOL ? Rows.mask(toBooleanArray()) : Rows.of(toLongArray());
    }
}
