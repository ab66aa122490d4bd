package numpack;

import clojure.lang.Counted;
import clojure.lang.IDeref;
import clojure.lang.IFn;
import clojure.lang.IObj;
import clojure.lang.IPersistentMap;
import clojure.lang.IReduce;
import clojure.lang.ISeq;
import clojure.lang.Indexed;
import clojure.lang.IteratorSeq;
import clojure.lang.RT;
import clojure.lang.Seqable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import numpack.kernels.Arithmetic;
import numpack.kernels.Conversion;
import numpack.kernels.Elements;
import numpack.kernels.Reductions;
import numpack.kernels.Scalars;
import numpack.memory.Memory;
import numpack.memory.Runs;

/**
 * A typed n-d array in C order: on the heap, or over a mapped file. Its elements lie in one or several contiguous pieces, several where
 * rows are deleted or the file is segmented; everything here works on all of them alike.
 *
 * <p>{@code equals} and {@code hashCode} go by identity, because the contents can change; compare with {@link #contentEquals}. Elements
 * are plain memory: threads that write the same ones must agree among themselves.
 *
 * <p>In Clojure it counts, indexes and seqs as its rows, and as its elements at rank 1.
 */
public final class NDArray implements Counted, Indexed, IReduce, Seqable, IObj {
    private final DType dtype;
    private final long[] shape;
    private final long size;
    private final Runs runs;
    private final boolean isWritable;
    private final IPersistentMap meta;
    /** The only piece of the runs, kept here for quick access to elements; null if there are several, or none. */
    private final Memory memory;

    private final long start;
    private final int items;
    private volatile Object cached;

    NDArray(DType dtype, long[] shape, Runs runs) {
        this(dtype, shape, runs, null);
    }

    private NDArray(DType dtype, long[] shape, Runs runs, IPersistentMap meta) {
        this.dtype = dtype;
        this.shape = shape.clone();
        this.size = Shape.product(shape);
        this.runs = runs;
        this.isWritable = runs.isWritable();
        this.meta = meta;
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

    static long product(long[] shape) {
        return Shape.product(shape);
    }

    /** {@return where the elements lie; for integrations with other libraries, which keep to {@link #isReadOnly} themselves; never null} */
    public Runs runs() {
        return runs;
    }

    /**
     * An array over memory, not a copy of it; for integrations with other libraries.
     *
     * @param dtype how the items are read
     * @param runs the items, {@link DType#itemsPerElement} for each element
     * @param shape its shape
     * @return the array, never null
     * @throws ShapeMismatchException if the lengths do not agree
     * @throws DTypeMismatchException if the dtype is not stored in such items
     */
    public static NDArray over(DType dtype, Runs runs, long... shape) {
        if (runs.kind() != dtype.kind()) {
            throw new DTypeMismatchException(
                    dtype + " is stored in items of kind " + dtype.kind() + ", got " + runs.kind(),
                    "expected",
                    dtype.kind().name(),
                    "found",
                    runs.kind().name());
        }
        return new NDArray(dtype, shape, runs);
    }

    // ---- making arrays

    /**
     * An array of zeros on the heap; in native memory above 2^31-9 elements.
     *
     * @param dtype its dtype
     * @param shape its shape
     * @return the array, never null
     * @throws InsufficientMemoryException if it does not fit the memory
     */
    public static NDArray zeros(DType dtype, long... shape) {
        return allocate(dtype, shape);
    }

    private static NDArray allocate(DType dtype, long[] shape) {
        return new NDArray(dtype, shape, Runs.of(Memory.allocate(dtype, product(shape))));
    }

    /**
     * An array over a primitive array, not a copy of it.
     *
     * @param dtype how its primitives are read: uint8 over {@code byte[]}, float16 over {@code short[]}, complex64 over
     *     {@code float[]} pairs …
     * @param data the primitive array
     * @param shape its shape; none means rank 1
     * @return the array, never null
     * @throws DTypeMismatchException if the dtype is not stored in such an array
     * @throws ShapeMismatchException if the lengths do not agree
     */
    public static NDArray wrap(DType dtype, Object data, long... shape) {
        Memory memory = stored(dtype, data);
        long[] given = shape.length == 0 ? new long[] {memory.length() / dtype.itemsPerElement()} : shape;
        return new NDArray(dtype, given, Runs.of(memory));
    }

    /**
     * A float32 array over the data, not a copy of it.
     *
     * @param data the elements
     * @param shape its shape; none means rank 1
     * @return the array, never null
     */
    public static NDArray of(float[] data, long... shape) {
        return wrap(DType.FLOAT32, data, shape);
    }

    /**
     * A float64 array over the data, not a copy of it.
     *
     * @param data the elements
     * @param shape its shape; none means rank 1
     * @return the array, never null
     */
    public static NDArray of(double[] data, long... shape) {
        return wrap(DType.FLOAT64, data, shape);
    }

    /**
     * An int8 array over the data, not a copy of it.
     *
     * @param data the elements
     * @param shape its shape; none means rank 1
     * @return the array, never null
     */
    public static NDArray of(byte[] data, long... shape) {
        return wrap(DType.INT8, data, shape);
    }

    /**
     * An int16 array over the data, not a copy of it.
     *
     * @param data the elements
     * @param shape its shape; none means rank 1
     * @return the array, never null
     */
    public static NDArray of(short[] data, long... shape) {
        return wrap(DType.INT16, data, shape);
    }

    /**
     * An int32 array over the data, not a copy of it.
     *
     * @param data the elements
     * @param shape its shape; none means rank 1
     * @return the array, never null
     */
    public static NDArray of(int[] data, long... shape) {
        return wrap(DType.INT32, data, shape);
    }

    /**
     * An int64 array over the data, not a copy of it.
     *
     * @param data the elements
     * @param shape its shape; none means rank 1
     * @return the array, never null
     */
    public static NDArray of(long[] data, long... shape) {
        return wrap(DType.INT64, data, shape);
    }

    /**
     * A bool array with the same values.
     *
     * @param data the elements, copied
     * @param shape its shape; none means rank 1
     * @return the array, never null
     */
    public static NDArray of(boolean[] data, long... shape) {
        byte[] bits = new byte[data.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = (byte) (data[i] ? 1 : 0);
        }
        return wrap(DType.BOOL, bits, shape);
    }

    /**
     * The array that contents mean: an {@code NDArray} is itself; a primitive array is wrapped; nested primitive arrays, and lists of
     * arrays of one dtype and shape, keep the dtype; other nested lists and arrays of numbers become int64, float64 if a floating
     * number is among them, uint64 if an integer is beyond 2^63-1, bool for booleans. An empty list is float64 of shape [0].
     *
     * @param data the contents
     * @return the array, never null
     * @throws ShapeMismatchException if they are ragged, or a scalar
     * @throws DTypeMismatchException if a value is null or no number, named by its index; or if booleans and numbers are mixed
     */
    public static NDArray from(Object data) {
        NDArray typed = typed(data);
        return typed == null ? NestedData.read(data, null) : typed;
    }

    /** The array that contents with a dtype of their own mean; null for plain numbers and lists of them. */
    static NDArray typed(Object data) {
        if (data instanceof NDArray array) {
            return array;
        }
        if (data instanceof List<?> arrays) {
            return NestedArrays.stack(arrays, Shape.MAX_RANK);
        }
        DType dtype = data == null ? null : primitive(data.getClass());
        if (dtype == null) {
            return null;
        }
        if (data instanceof boolean[] flags) {
            return of(flags);
        }
        return data.getClass().getComponentType().isPrimitive() ? wrap(dtype, data) : NestedArrays.read(data, dtype);
    }

    /** The dtype of the innermost primitives of an array's class; null if there are none. */
    private static DType primitive(Class<?> type) {
        Class<?> inner = type;
        while (inner.isArray()) {
            inner = inner.getComponentType();
        }
        if (!type.isArray() || !inner.isPrimitive()) {
            return null;
        }
        return inner == float.class
                ? DType.FLOAT32
                : inner == double.class
                        ? DType.FLOAT64
                        : inner == byte.class
                                ? DType.INT8
                                : inner == short.class
                                        ? DType.INT16
                                        : inner == int.class
                                                ? DType.INT32
                                                : inner == long.class
                                                        ? DType.INT64
                                                        : inner == boolean.class ? DType.BOOL : null;
    }

    /**
     * The array that contents mean, with a dtype. For a complex dtype plain numbers have a last axis of 2: real and imaginary part.
     *
     * @param data the contents, as for {@link #from(Object)}
     * @param dtype the dtype
     * @return the array, converted if it has another dtype; never null
     * @throws DTypeMismatchException if a value does not fit the dtype
     */
    public static NDArray from(Object data, DType dtype) {
        if (data instanceof NDArray array) {
            return array.dtype == dtype ? array : array.to(dtype);
        }
        DType part = dtype == DType.COMPLEX64 ? DType.FLOAT32 : dtype == DType.COMPLEX128 ? DType.FLOAT64 : dtype;
        NDArray typed = typed(data);
        NDArray plain = typed == null ? NestedData.read(data, part) : typed;
        if (plain.dtype == dtype) {
            return plain;
        }
        return dtype.isComplex() && !plain.dtype.isComplex() ? plain.pairs(dtype) : plain.to(dtype);
    }

    /**
     * The complex numbers whose real and imaginary parts are the last axis of this array: over the same memory if it has the dtype of
     * the parts, else converted.
     *
     * @param complex complex64 or complex128
     * @return an array of one axis less, never null
     * @throws ShapeMismatchException if the last axis is not of length 2, or the only one
     * @throws DTypeMismatchException if the dtype is not complex, or a value does not fit that of the parts
     */
    public NDArray pairs(DType complex) {
        if (!complex.isComplex()) {
            throw new DTypeMismatchException(
                    "pairs are those of complex64 or complex128, got " + complex,
                    "expected",
                    "a complex dtype",
                    "found",
                    complex);
        }
        NDArray parts = from(this, complex == DType.COMPLEX64 ? DType.FLOAT32 : DType.FLOAT64);
        int last = shape.length - 1;
        if (size == 0 && last == 0) {
            return new NDArray(complex, shape, parts.runs);
        }
        if (last == 0 || shape[last] != 2) {
            throw new ShapeMismatchException(
                    "contents for " + complex + " need a last axis of 2, the real and the imaginary part, got shape "
                            + Shape.text(shape),
                    "expected",
                    2,
                    "found",
                    Shape.text(shape));
        }
        return new NDArray(complex, Arrays.copyOf(shape, last), parts.runs);
    }

    /** Whether these are the elements of an array of that dtype and shape, or the parts of its complex numbers. */
    boolean isLike(DType other, long[] otherShape) {
        long[] pairs = Arrays.copyOf(otherShape, otherShape.length + 1);
        pairs[otherShape.length] = 2;
        return dtype == other
                ? Arrays.equals(shape, otherShape)
                : other.isComplex() && !dtype.isComplex() && Arrays.equals(shape, pairs);
    }

    // ---- what it is

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

    /** {@return its number of rows, shape[0]} */
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

    private long rowSize() {
        long n = 1;
        for (int axis = 1; axis < shape.length; axis++) {
            n *= shape[axis];
        }
        return n;
    }

    // ---- elements

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
        return new ReadOnlyException("this " + dtype + " array of shape " + Shape.text(shape)
                + " can only be read; take a copy, or load it in a batch or a " + "writable batch to edit it in place");
    }

    private void checkWritable() {
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
     * An element of a bool or integer array as a long.
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
        return Elements.get(dtype, readable(i), placeOf(i * items));
    }

    /**
     * An element by its place in C order.
     *
     * @param i its flat index
     * @return as {@link #getDouble}
     */
    public double flatGetDouble(long i) {
        return Elements.getDouble(dtype, readable(i), placeOf(i * items));
    }

    /**
     * An element by its place in C order.
     *
     * @param i its flat index
     * @return as {@link #getLong}
     */
    public long flatGetLong(long i) {
        return Elements.getLong(dtype, readable(i), placeOf(i * items));
    }

    /**
     * Sets an element by its place in C order.
     *
     * @param i its flat index
     * @param value as for {@link #set(Object, long...)}
     */
    public void flatSet(long i, Object value) {
        Elements.put(dtype, writable(i), placeOf(i * items), value);
    }

    /**
     * Sets an element by its place in C order.
     *
     * @param i its flat index
     * @param value as for {@link #setDouble}
     */
    public void flatSetDouble(long i, double value) {
        Elements.putDouble(dtype, writable(i), placeOf(i * items), value);
    }

    /**
     * Sets an element by its place in C order.
     *
     * @param i its flat index
     * @param value as for {@link #setLong}
     */
    public void flatSetLong(long i, long value) {
        Elements.putLong(dtype, writable(i), placeOf(i * items), value);
    }

    // ---- views

    private NDArray view(long[] newShape, long from, long to) {
        return new NDArray(dtype, newShape, runs.slice(from * items, to * items));
    }

    /**
     * A row, without the row axis: a view.
     *
     * @param i its number
     * @return the view, never null
     * @throws ShapeMismatchException if the rank is below 2: use {@link #get}
     * @throws IndexOutOfBoundsException if it is out of range
     */
    public NDArray row(long i) {
        if (shape.length < 2) {
            throw new ShapeMismatchException(
                    "an array of shape " + Shape.text(shape) + " has elements, not rows; use get",
                    "found",
                    Shape.text(shape));
        }
        if (i < 0 || i >= shape[0]) {
            throw Shape.outOfRange(i, 0, shape[0]);
        }
        long rowSize = rowSize();
        return view(Shape.without(shape, 0), i * rowSize, (i + 1) * rowSize);
    }

    /**
     * Consecutive rows: a view.
     *
     * @param from the first
     * @param to the one after the last
     * @return the view, of shape [to - from, …]; never null
     * @throws IndexOutOfBoundsException if they are out of range
     */
    public NDArray rows(long from, long to) {
        if (from < 0 || to < from || to > shape[0]) {
            throw new IndexOutOfBoundsException(
                    "rows " + from + " to " + to + " are out of range for axis 0 of length " + shape[0]);
        }
        long rowSize = rowSize();
        return view(Shape.withRows(shape, to - from), from * rowSize, to * rowSize);
    }

    /**
     * The same elements in another shape: a view.
     *
     * @param newShape the shape; one axis may be -1, it gets what is left
     * @return the view, never null
     * @throws ShapeMismatchException if it has another number of elements
     */
    public NDArray reshape(long... newShape) {
        return new NDArray(dtype, Shape.reshaped(shape, newShape), runs);
    }

    /** {@return the same elements, not to be written; never null} */
    public NDArray readOnly() {
        return isWritable ? new NDArray(dtype, shape, runs.readOnly()) : this;
    }

    // ---- copies

    /** {@return an independent, writable copy on the heap (native memory above 2^31-9 elements); never null} */
    public NDArray copy() {
        runs.checkLive();
        NDArray copy = allocate(dtype, shape);
        runs.copyTo(copy.runs);
        copy.runs.clearChanged();
        return copy;
    }

    /**
     * Copies rows to the heap, in the order asked.
     *
     * @param rows which rows
     * @return an array of shape [number of rows asked, …]; never null
     * @throws IndexOutOfBoundsException if a row is out of range
     */
    public NDArray selectRows(Rows rows) {
        runs.checkLive();
        long[] numbers = rows.resolve(rows());
        NDArray result = allocate(dtype, Shape.withRows(shape, numbers.length));
        runs.gather(numbers, rowSize() * items, result.runs);
        result.runs.clearChanged();
        return result;
    }

    /**
     * A copy converted to a dtype.
     *
     * @param target the dtype
     * @return the copy, never null
     * @throws DTypeMismatchException if a value does not fit: a fraction or NaN for an integer, a number out of range, an imaginary part
     */
    public NDArray to(DType target) {
        NDArray result = allocate(target, shape);
        convertTo(target, result.runs);
        result.runs.clearChanged();
        return result;
    }

    private void convertTo(DType target, Runs into) {
        runs.checkLive();
        long misfit = Conversion.convert(dtype, runs, target, into);
        if (misfit >= 0) {
            Object value = flatGet(misfit);
            throw new DTypeMismatchException(
                    Scalars.misfit(target, value) + ", at index " + Shape.text(Shape.path(shape, misfit)),
                    "expected",
                    target.numpyName(),
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
    private static Memory stored(DType dtype, Object array) {
        if (Memory.kindOf(Objects.requireNonNull(array, "the primitive array")) != dtype.kind()) {
            String expected = dtype.kind().name().toLowerCase(Locale.ROOT) + "[]";
            String found = array.getClass().getSimpleName();
            throw new DTypeMismatchException(
                    dtype + " is stored in a " + expected + ", got a " + found, "expected", expected, "found", found);
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
                    "row numbers and masks of rows are arrays of rank 1, got shape " + Arrays.toString(shape),
                    "found",
                    Arrays.toString(shape));
        }
        return dtype == DType.BOOL ? Rows.mask(toBooleanArray()) : Rows.of(toLongArray());
    }

    // ---- editing in place

    /**
     * Copies the elements of another array of the same shape and dtype into this one.
     *
     * @param contents the other
     * @return this
     */
    public NDArray set(NDArray contents) {
        checkWritable();
        requireLike(contents, shape);
        if (!contents.runs.sameMemory(runs)) {
            unaffected(contents).copyTo(runs);
        }
        return this;
    }

    private void requireLike(NDArray contents, long[] expected) {
        contents.runs.checkLive();
        if (!Arrays.equals(contents.shape, expected)) {
            throw new ShapeMismatchException(
                    "contents of shape " + Shape.text(expected) + " are needed, got " + Shape.text(contents.shape),
                    "expected",
                    Shape.text(expected),
                    "found",
                    Shape.text(contents.shape));
        }
        if (contents.dtype != dtype) {
            throw new DTypeMismatchException(
                    "contents of dtype " + dtype + " are needed, got " + contents.dtype,
                    "expected",
                    dtype.numpyName(),
                    "found",
                    contents.dtype.numpyName());
        }
    }

    /** Its elements as they are now, whatever is written to this array meanwhile. */
    private Runs unaffected(NDArray contents) {
        return contents.runs.overlaps(runs) ? contents.copy().runs : contents.runs;
    }

    /**
     * Copies contents into some rows.
     *
     * @param rows which; where one is named twice the last one counts
     * @param contents as many rows, of the same shape and dtype
     * @return this
     */
    public NDArray setRows(Rows rows, NDArray contents) {
        checkWritable();
        long[] numbers = rows.resolve(rows());
        requireLike(contents, Shape.withRows(shape, numbers.length));
        runs.scatter(numbers, rowSize() * items, unaffected(contents));
        return this;
    }

    private NDArray apply(Arithmetic.Op op, Object operand) {
        checkWritable();
        new Operand(this).apply(op, operand);
        return this;
    }

    /**
     * Adds in place, as numpy's {@code +=}: integers wrap, bool means or.
     *
     * @param operand a number, an array of the same shape or of the row shape, or nested numbers of such a shape
     * @return this
     * @throws DTypeMismatchException if the result would need another dtype; nothing is changed then
     * @throws ShapeMismatchException if the shapes do not fit
     * @throws ReadOnlyException if the array can only be read
     * @throws ScopeEndedException if its scope has ended
     */
    public NDArray add(Object operand) {
        return apply(Arithmetic.Op.ADD, operand);
    }

    /**
     * Subtracts in place, as numpy's {@code -=}.
     *
     * @param operand as for {@link #add}
     * @return this
     */
    public NDArray sub(Object operand) {
        return apply(Arithmetic.Op.SUB, operand);
    }

    /**
     * Multiplies in place, as numpy's {@code *=}: integers wrap, bool means and.
     *
     * @param operand as for {@link #add}
     * @return this
     */
    public NDArray mul(Object operand) {
        return apply(Arithmetic.Op.MUL, operand);
    }

    /**
     * Divides in place, as numpy's {@code /=}; not for integers.
     *
     * @param operand as for {@link #add}
     * @return this
     */
    public NDArray div(Object operand) {
        return apply(Arithmetic.Op.DIV, operand);
    }

    /**
     * Raises to a power in place, as numpy's {@code **=}; for integers the exponent is an integer, 0 or more.
     *
     * @param operand as for {@link #add}
     * @return this
     */
    public NDArray pow(Object operand) {
        return apply(Arithmetic.Op.POW, operand);
    }

    /**
     * Limits the elements to a range in place; NaN stays.
     *
     * @param lo the least value, or null for none
     * @param hi the largest value, or null for none
     * @return this
     */
    public NDArray clip(Object lo, Object hi) {
        checkWritable();
        Arithmetic.clip(dtype, runs, lo, hi);
        return this;
    }

    /**
     * Sets every element.
     *
     * @param value a value that fits the dtype
     * @return this
     */
    public NDArray fill(Object value) {
        checkWritable();
        Arithmetic.fill(dtype, runs, value);
        return this;
    }

    /**
     * Applies a function to every element in place.
     *
     * @param function its name, such as {@code "sqrt"}, {@code "exp"}, {@code "neg"}
     * @return this
     * @throws InvalidOptionException if there is none of that name; lists them
     * @throws DTypeMismatchException if its results do not have the array's dtype
     */
    public NDArray map(String function) {
        checkWritable();
        Arithmetic.map(dtype, runs, function);
        return this;
    }

    /**
     * Applies a function to every element of a floating array in place.
     *
     * @param function of one double
     * @return this
     * @throws DTypeMismatchException if the array is not floating
     */
    public NDArray map(DoubleUnaryOperator function) {
        checkWritable();
        Arithmetic.map(dtype, runs, function);
        return this;
    }

    // ---- reductions

    /**
     * Reduces all elements to a number.
     *
     * @param op {@code sum mean std var min max norm} (Euclidean norm; population variance). Floating sums are accumulated in double,
     *     pairwise; integer sums are exact
     * @return a {@code Double}, {@code Long}, {@code BigInteger}, {@code Boolean}, or [re im] if complex
     * @throws ShapeMismatchException for min and max of no elements
     */
    public Object reduce(String op) {
        runs.checkLive();
        return Reductions.reduce(op, dtype, runs);
    }

    /**
     * Reduces along an axis.
     *
     * @param op as for {@link #reduce}
     * @param axis the axis; negative ones count from the end
     * @return an array of the shape without that axis, with the dtype numpy gives; never null
     * @throws IndexOutOfBoundsException if there is no such axis
     * @throws ShapeMismatchException if the rank is 1: use {@link #reduce}
     */
    public NDArray reduceAxis(String op, int axis) {
        runs.checkLive();
        if (axis < -shape.length || axis >= shape.length) {
            throw new IndexOutOfBoundsException(
                    "axis " + axis + " is out of range for an array of rank " + shape.length);
        }
        if (shape.length == 1) {
            throw new ShapeMismatchException(
                    "an array of rank 1 reduces to a number; use reduce without an axis", "found", Shape.text(shape));
        }
        int at = axis < 0 ? axis + shape.length : axis;
        return new NDArray(
                Reductions.resultType(op, dtype),
                Shape.without(shape, at),
                Runs.of(Reductions.reduceAxis(op, dtype, shape.clone(), runs, at)));
    }

    // ---- comparing and printing

    /**
     * Whether another array has the same dtype, shape and bits: NaN equals NaN, 0.0 differs from -0.0, as for
     * {@link Arrays#equals(double[], double[])}.
     *
     * @param other the other array
     * @return whether it has
     */
    public boolean contentEquals(NDArray other) {
        runs.checkLive();
        other.runs.checkLive();
        return dtype == other.dtype && Arrays.equals(shape, other.shape) && runs.sameContents(other.runs);
    }

    /** {@return dtype, shape and at most 12 elements; of an array whose scope has ended no elements} */
    @Override
    public String toString() {
        return Printed.of(this);
    }

    // ---- Clojure

    /** {@return the number of rows} */
    @Override
    public int count() {
        if (shape[0] > Integer.MAX_VALUE) {
            throw new ArithmeticException("an array of shape " + Shape.text(shape)
                    + " has more rows than an int can count; use rows or shape");
        }
        return (int) shape[0];
    }

    /** {@return row i as a view; at rank 1 the element} */
    @Override
    public Object nth(int i) {
        if (i < 0 || i >= rows()) {
            throw Shape.outOfRange(i, 0, shape[0]);
        }
        return shape.length > 1 ? row(i) : flatGet(i);
    }

    /** {@return row i as a view, at rank 1 the element; {@code notFound} if it is out of range} */
    @Override
    public Object nth(int i, Object notFound) {
        return i >= 0 && i < rows() ? nth(i) : notFound;
    }

    /** {@return the rows one by one, at rank 1 the elements; null if there are none} */
    @Override
    public ISeq seq() {
        return IteratorSeq.create(new Iterator<Object>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < shape[0];
            }

            @Override
            public Object next() {
                long i = next++;
                return shape.length > 1 ? row(i) : flatGet(i);
            }
        });
    }

    /**
     * {@return what the function makes of the rows, at rank 1 of the elements, one after another; of none, what it gives without
     * arguments}
     */
    @Override
    public Object reduce(IFn function) {
        return count() == 0 ? function.invoke() : reduce(function, nth(0), 1);
    }

    /** {@return what the function makes of the start and the rows, at rank 1 the elements, one after another} */
    @Override
    public Object reduce(IFn function, Object start) {
        return reduce(function, start, 0);
    }

    private Object reduce(IFn function, Object start, int from) {
        Object result = start;
        for (int i = from; i < count(); i++) {
            result = function.invoke(result, nth(i));
            if (RT.isReduced(result)) {
                return ((IDeref) result).deref();
            }
        }
        return result;
    }

    /** {@return the metadata, or null} */
    @Override
    public IPersistentMap meta() {
        return meta;
    }

    /** {@return the same array with other metadata; it shares the memory} */
    @Override
    public NDArray withMeta(IPersistentMap newMeta) {
        return new NDArray(dtype, shape, runs, newMeta);
    }

    /** {@return what an integration keeps with this object, or null; not for users} */
    public Object cached() {
        return cached;
    }

    /**
     * Keeps something with this object for an integration; not for users.
     *
     * @param value what to keep
     */
    public void cache(Object value) {
        cached = value;
    }
}
