package numpack;

import clojure.lang.IObj;
import clojure.lang.IPersistentMap;
import java.util.Arrays;
import numpack.format.Shape;
import numpack.memory.Memory;
import numpack.memory.Runs;

/**
 * A typed n-d array in C order: on the heap, or over a mapped file. Its elements lie in one or several contiguous pieces, several where
 * rows are deleted or the file is segmented; everything here works on all of them alike.
 *
 * <p>{@code equals} and {@code hashCode} go by identity, because the contents can change; compare with {@link #contentEquals}. Elements
 * are plain memory: threads that write the same ones must agree among themselves.
 *
 * <p>Java loops over its rows, over its elements at rank 1. To Clojure it is a sequence of them that is also asked by index, as a vector
 * is: {@code get}, {@code nth}, {@code contains?}, {@code seq}, {@code reduce} and {@code sort} work on it.
 */
public final class NDArray extends ArrayOperations implements IObj {
    private final IPersistentMap meta;
    private volatile Object cached;

    NDArray(DType dtype, long[] shape, Runs runs) {
        this(dtype, shape, runs, null);
    }

    private NDArray(DType dtype, long[] shape, Runs runs, IPersistentMap meta) {
        super(dtype, shape, runs);
        this.meta = meta;
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
                    dtype.kind(),
                    "found",
                    runs.kind());
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
        return new NDArray(dtype, shape, Runs.of(Memory.allocate(dtype, Shape.product(shape))));
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
     * A boolean array with the same values.
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
     * number is among them, uint64 if an integer is beyond 2^63-1, boolean for booleans. An empty list is float64 of shape [0].
     *
     * @param data the contents
     * @return the array, never null
     * @throws ShapeMismatchException if they are ragged, or a scalar
     * @throws DTypeMismatchException if a value is null or no number, named by its index; or if booleans and numbers are mixed
     */
    public static NDArray from(Object data) {
        return Literals.read(data);
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
        return Literals.read(data, dtype);
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
                    new DType[] {DType.COMPLEX64, DType.COMPLEX128},
                    "found",
                    complex);
        }
        NDArray parts = from(this, Literals.part(complex));
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
                    shape[last]);
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
                    "an array of shape " + Shape.text(shape) + " has elements, not rows; use get", "found", shape);
        }
        if (i < 0 || i >= shape[0]) {
            throw Shape.outOfRange(i, 0, shape[0]);
        }
        long rowSize = rowSize();
        return view(Shape.without(shape, 0), i * rowSize, (i + 1) * rowSize);
    }

    @Override
    Object at(long i) {
        return shape.length > 1 ? row(i) : flatGet(i);
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
        return isReadOnly() ? this : new NDArray(dtype, shape, runs.readOnly());
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

    /** {@return dtype, shape and at most 12 elements, from the ends of long axes; of an array whose scope has ended no elements} */
    @Override
    public String toString() {
        return ArrayText.of(this, Long.MAX_VALUE);
    }

    /**
     * The same text with fewer elements, as Clojure prints it where {@code *print-length*} is set.
     *
     * @param length how many entries of each axis it has at most
     * @return the text, never null
     */
    public String toString(int length) {
        return ArrayText.of(this, Math.max(0, length));
    }

    // ---- what is kept with it, for Clojure and integrations

    /**
     * {@return the metadata, or null}
     *
     * @hidden
     */
    @Override
    public IPersistentMap meta() {
        return meta;
    }

    /**
     * {@return the same array with other metadata; it shares the memory}
     *
     * @hidden
     */
    @Override
    public NDArray withMeta(IPersistentMap newMeta) {
        return new NDArray(dtype, shape, runs, newMeta);
    }

    /**
     * {@return what an integration keeps with this object, or null}
     *
     * @hidden
     */
    public Object cached() {
        return cached;
    }

    /**
     * Keeps something with this object for an integration.
     *
     * @param value what to keep
     * @hidden
     */
    public void cache(Object value) {
        cached = value;
    }
}
