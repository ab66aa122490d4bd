package numpack;

import clojure.lang.Counted;
import clojure.lang.IObj;
import clojure.lang.IPersistentMap;
import clojure.lang.ISeq;
import clojure.lang.Indexed;
import clojure.lang.IteratorSeq;
import clojure.lang.Seqable;
import clojure.lang.Tuple;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import numpack.memory.Arithmetic;
import numpack.memory.Float16;
import numpack.memory.HeapMemory;
import numpack.memory.Memory;
import numpack.memory.Reductions;
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
public final class NDArray implements Counted, Indexed, Seqable, IObj {
    private static final int PRINTED = 12;

    private final DType dtype;
    private final long[] shape;
    private final long size;
    private final Runs runs;
    private final IPersistentMap meta;
    private volatile Object cached;

    NDArray(DType dtype, long[] shape, Runs runs) {
        this(dtype, shape, runs, null);
    }

    private NDArray(DType dtype, long[] shape, Runs runs, IPersistentMap meta) {
        this.dtype = dtype;
        this.shape = shape.clone();
        this.size = product(shape);
        this.runs = runs;
        this.meta = meta;
        if (runs.size() != size * dtype.itemsPerElement()) {
            throw new ShapeMismatchException("shape " + text(shape) + " has " + size + " elements, got " + runs.size() / dtype.itemsPerElement(), "expected", size,
                "found", runs.size() / dtype.itemsPerElement());
        }
    }

    static long product(long[] shape) {
        long product = 1;
        for (long n : shape) {
            product = Math.multiplyExact(product, n);
        }
        return product;
    }

    private static String text(long[] shape) {
        return Arrays.toString(shape).replace(",", "");
    }

    Runs runs() {
        return runs;
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
        Contents.checkedShape("zeros", dtype, shape);
        return allocate(dtype, shape);
    }

    private static NDArray allocate(DType dtype, long[] shape) {
        return new NDArray(dtype, shape, Runs.of(Memory.allocate(dtype, product(shape))));
    }

    /**
     * An array over a primitive array, not a copy of it.
     *
     * @param dtype how its primitives are read: uint8 over {@code byte[]}, float16 over {@code short[]}, complex64 over {@code float[]} pairs …
     * @param data the primitive array
     * @param shape its shape; none means rank 1
     * @return the array, never null
     * @throws DTypeMismatchException if the dtype is not stored in such an array
     * @throws ShapeMismatchException if the lengths do not agree
     */
    public static NDArray wrap(DType dtype, Object data, long... shape) {
        HeapMemory memory = HeapMemory.of(data);
        if (memory.kind() != dtype.kind()) {
            throw new DTypeMismatchException(dtype + " is stored as " + dtype.kind() + ", got a " + data.getClass().getSimpleName(), "expected",
                dtype.numpyName(), "found", data.getClass().getSimpleName());
        }
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
     * The array that contents mean: an {@code NDArray} is itself; a primitive array is wrapped; nested primitive arrays keep their
     * dtype; nested lists and arrays of numbers become int64, float64 if a floating number is among them, uint64 if an integer is
     * beyond 2^63-1, bool for booleans. An empty list is float64 of shape [0].
     *
     * @param data the contents
     * @return the array, never null
     * @throws ShapeMismatchException if they are ragged, or a scalar
     * @throws DTypeMismatchException if a value is null or no number, named by its index; or if booleans and numbers are mixed
     */
    public static NDArray from(Object data) {
        if (data instanceof NDArray array) {
            return array;
        }
        DType dtype = data == null ? null : primitive(data.getClass());
        if (dtype == null) {
            return NestedData.read(data);
        }
        if (data instanceof boolean[] flags) {
            return of(flags);
        }
        if (data.getClass().getComponentType().isPrimitive()) {
            return wrap(dtype, data);
        }
        return NestedArrays.read(data, dtype);
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
        return inner == float.class ? DType.FLOAT32 : inner == double.class ? DType.FLOAT64 : inner == byte.class ? DType.INT8
            : inner == short.class ? DType.INT16 : inner == int.class ? DType.INT32 : inner == long.class ? DType.INT64
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
        NDArray natural = from(data);
        if (natural.dtype == dtype) {
            return natural;
        }
        if (!dtype.isComplex() || natural.dtype.isComplex() || data instanceof NDArray) {
            return natural.to(dtype);
        }
        int last = natural.rank() - 1;
        if (last < 1 || natural.shape[last] != 2) {
            throw new ShapeMismatchException("contents for " + dtype + " need a last axis of 2, the real and the imaginary part, got shape " + text(natural.shape),
                "expected", 2, "found", text(natural.shape));
        }
        NDArray pairs = natural.to(dtype == DType.COMPLEX64 ? DType.FLOAT32 : DType.FLOAT64);
        return new NDArray(dtype, Arrays.copyOf(natural.shape, last), pairs.runs);
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

    /** {@return its number of rows, shape[0]; 1 for rank 0} */
    public long rows() {
        return shape.length == 0 ? 1 : shape[0];
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
        return !runs.isWritable();
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

    private long flat(long[] path) {
        if (path.length != shape.length) {
            throw new IndexOutOfBoundsException("an element of an array of shape " + text(shape) + " has an index of " + shape.length + " numbers, got " + text(path));
        }
        long flat = 0;
        for (int axis = 0; axis < path.length; axis++) {
            if (path[axis] < 0 || path[axis] >= shape[axis]) {
                throw new IndexOutOfBoundsException("index " + path[axis] + " is out of range for axis " + axis + " of length " + shape[axis]);
            }
            flat = flat * shape[axis] + path[axis];
        }
        return flat;
    }

    private void checkFlat(long i) {
        if (i < 0 || i >= size) {
            throw new IndexOutOfBoundsException("flat index " + i + " is out of range for axis 0 of length " + size);
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
        return flatGet(flat(path));
    }

    /**
     * An element as a double.
     *
     * @param path its index
     * @return its value; a uint64 or int64 rounds to the nearest double
     * @throws DTypeMismatchException if the array is complex
     */
    public double getDouble(long... path) {
        return flatGetDouble(flat(path));
    }

    /**
     * An element of a bool or integer array as a long.
     *
     * @param path its index
     * @return its value; a uint64 as the signed number of the same bits
     * @throws DTypeMismatchException if the array is floating or complex
     */
    public long getLong(long... path) {
        return flatGetLong(flat(path));
    }

    /**
     * Sets an element.
     *
     * @param value a value that fits the dtype; [re im] or a number if complex
     * @param path its index
     * @throws DTypeMismatchException if it does not fit
     * @throws ReadOnlyException if the array can only be read
     * @throws ScopeEndedException if its scope has ended
     */
    public void set(Object value, long... path) {
        flatSet(flat(path), value);
    }

    /**
     * Sets an element.
     *
     * @param value a value that fits the dtype
     * @param path its index
     */
    public void setDouble(double value, long... path) {
        flatSetDouble(flat(path), value);
    }

    /**
     * Sets an element.
     *
     * @param value a value that fits the dtype
     * @param path its index
     */
    public void setLong(long value, long... path) {
        flatSetLong(flat(path), value);
    }

    /**
     * An element by its place in C order.
     *
     * @param i its flat index
     * @return as {@link #get}
     */
    public Object flatGet(long i) {
        checkFlat(i);
        if (dtype.isComplex()) {
            return Tuple.create(item(2 * i), item(2 * i + 1));
        }
        if (dtype.isFloating()) {
            return item(i);
        }
        long value = wholeItem(i);
        return dtype == DType.BOOL ? (Object) (value != 0) : dtype == DType.UINT64 ? Scalars.unsigned(value) : (Object) value;
    }

    /**
     * An element by its place in C order.
     *
     * @param i its flat index
     * @return as {@link #getDouble}
     */
    public double flatGetDouble(long i) {
        checkFlat(i);
        if (dtype.isComplex()) {
            throw notReal();
        }
        if (dtype.isFloating()) {
            return item(i);
        }
        long value = wholeItem(i);
        return dtype == DType.UINT64 && value < 0 ? ((Number) Scalars.unsigned(value)).doubleValue() : value;
    }

    private DTypeMismatchException notReal() {
        return new DTypeMismatchException("an element of a " + dtype + " array is no real number; get gives [re im]", "found", dtype.numpyName());
    }

    /**
     * An element by its place in C order.
     *
     * @param i its flat index
     * @return as {@link #getLong}
     */
    public long flatGetLong(long i) {
        checkFlat(i);
        if (dtype.isComplex() || dtype.isFloating()) {
            throw new DTypeMismatchException("an element of a " + dtype + " array is no integer; use getDouble or get", "found", dtype.numpyName());
        }
        return wholeItem(i);
    }

    /** An item of a floating or complex array. */
    private double item(long item) {
        int k = runs.find(item);
        Memory memory = runs.memory(k);
        memory.checkLive();
        long at = runs.start(k) + item - runs.offset(k);
        return switch (dtype.kind()) {
            case FLOAT -> memory.getFloat(at);
            case DOUBLE -> memory.getDouble(at);
            default -> Float16.toFloat(memory.getShort(at));
        };
    }

    private long wholeItem(long item) {
        int k = runs.find(item);
        Memory memory = runs.memory(k);
        memory.checkLive();
        long at = runs.start(k) + item - runs.offset(k);
        return switch (dtype) {
            case INT64, UINT64 -> memory.getLong(at);
            case INT32 -> memory.getInt(at);
            case UINT32 -> Integer.toUnsignedLong(memory.getInt(at));
            case INT16 -> memory.getShort(at);
            case UINT16 -> Short.toUnsignedLong(memory.getShort(at));
            case UINT8 -> Byte.toUnsignedLong(memory.getByte(at));
            default -> memory.getByte(at);
        };
    }

    /**
     * Sets an element by its place in C order.
     *
     * @param i its flat index
     * @param value as for {@link #set}
     */
    public void flatSet(long i, Object value) {
        checkFlat(i);
        if (dtype.isComplex()) {
            double[] pair = Scalars.toComplex(value, dtype, "");
            putItem(2 * i, pair[0]);
            putItem(2 * i + 1, pair[1]);
        } else if (dtype.isFloating()) {
            putItem(i, Scalars.toDouble(value, dtype, ""));
        } else {
            putWhole(i, Scalars.toLong(value, dtype, ""));
        }
    }

    /**
     * Sets an element by its place in C order.
     *
     * @param i its flat index
     * @param value as for {@link #setDouble}
     */
    public void flatSetDouble(long i, double value) {
        checkFlat(i);
        if (dtype == DType.FLOAT64) {
            putItem(i, value);
        } else {
            flatSet(i, value);
        }
    }

    /**
     * Sets an element by its place in C order.
     *
     * @param i its flat index
     * @param value as for {@link #setLong}
     */
    public void flatSetLong(long i, long value) {
        checkFlat(i);
        if (dtype == DType.INT64) {
            putWhole(i, value);
        } else {
            flatSet(i, value);
        }
    }

    private void putItem(long item, double value) {
        checkWritable();
        int k = runs.find(item);
        Memory memory = runs.memory(k);
        memory.markChanged();
        long at = runs.start(k) + item - runs.offset(k);
        switch (dtype.kind()) {
            case FLOAT -> memory.putFloat(at, (float) value);
            case DOUBLE -> memory.putDouble(at, value);
            default -> memory.putShort(at, Float16.fromDouble(value));
        }
    }

    private void putWhole(long item, long value) {
        checkWritable();
        int k = runs.find(item);
        Memory memory = runs.memory(k);
        memory.markChanged();
        long at = runs.start(k) + item - runs.offset(k);
        switch (dtype.kind()) {
            case LONG -> memory.putLong(at, value);
            case INT -> memory.putInt(at, (int) value);
            case SHORT -> memory.putShort(at, (short) value);
            default -> memory.putByte(at, (byte) value);
        }
    }

    private void checkWritable() {
        runs.checkLive();
        if (!runs.isWritable()) {
            throw new ReadOnlyException("this " + dtype + " array of shape " + text(shape) + " can only be read; load it for a copy, or load it in a batch or "
                + "a writable batch to edit it in place");
        }
    }

    // ---- views

    private NDArray view(long[] newShape, long from, long to) {
        int items = dtype.itemsPerElement();
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
            throw new ShapeMismatchException("an array of shape " + text(shape) + " has elements, not rows; use get", "found", text(shape));
        }
        if (i < 0 || i >= shape[0]) {
            throw new IndexOutOfBoundsException("row " + i + " is out of range for axis 0 of length " + shape[0]);
        }
        long rowSize = rowSize();
        return view(Arrays.copyOfRange(shape, 1, shape.length), i * rowSize, (i + 1) * rowSize);
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
        if (shape.length == 0) {
            throw new ShapeMismatchException("an array of rank 0 has no rows; use get", "found", text(shape));
        }
        if (from < 0 || to < from || to > shape[0]) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " are out of range for axis 0 of length " + shape[0]);
        }
        long[] part = shape.clone();
        part[0] = to - from;
        long rowSize = rowSize();
        return view(part, from * rowSize, to * rowSize);
    }

    /**
     * The same elements in another shape: a view.
     *
     * @param newShape the shape; one axis may be -1, it gets what is left
     * @return the view, never null
     * @throws ShapeMismatchException if it has another number of elements
     */
    public NDArray reshape(long... newShape) {
        long[] wanted = newShape.clone();
        int open = -1;
        long known = 1;
        for (int axis = 0; axis < wanted.length; axis++) {
            if (wanted[axis] == -1 && open < 0) {
                open = axis;
            } else if (wanted[axis] < 0) {
                throw new ShapeMismatchException("shape " + text(newShape) + " is impossible: lengths are 0 or more, and one may be -1", "found", text(newShape));
            } else {
                known = Math.multiplyExact(known, wanted[axis]);
            }
        }
        if (open >= 0 && known > 0) {
            wanted[open] = size / known;
        }
        if (open >= 0 && known == 0 || product(wanted) != size) {
            throw new ShapeMismatchException("an array of shape " + text(shape) + " has " + size + " elements, which do not make shape " + text(newShape), "expected",
                size, "found", text(newShape));
        }
        return new NDArray(dtype, wanted, runs);
    }

    /** {@return the same elements, not to be written; never null} */
    public NDArray readOnly() {
        return runs.isWritable() || size == 0 ? new NDArray(dtype, shape, runs.readOnly()) : this;
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
        long items = rowSize() * dtype.itemsPerElement();
        long[] selected = shape.clone();
        selected[0] = numbers.length;
        NDArray result = allocate(dtype, selected);
        if (items == 0) {
            return result;
        }
        Object target = result.runs.count() == 0 ? null : result.runs.memory(0).array();
        if (target != null) {
            for (int i = 0; i < numbers.length; i++) {
                runs.read(numbers[i] * items, target, Math.toIntExact(i * items), (int) items);
            }
            return result;
        }
        long[] starts = LongStream.of(numbers).map(n -> n * items).toArray();
        long[] lengths = new long[numbers.length];
        Arrays.fill(lengths, items);
        runs.pick(starts, lengths).copyTo(result.runs);
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
        if (target == dtype) {
            return copy();
        }
        runs.checkLive();
        NDArray result = allocate(target, shape);
        boolean plain = !target.isComplex() && !dtype.isComplex();
        for (long i = 0; i < size; i++) {
            if (plain && target == DType.FLOAT64) {
                result.putItem(i, flatGetDouble(i));
            } else if (plain && (target == DType.INT64 && dtype != DType.UINT64 && !dtype.isFloating())) {
                result.putWhole(i, flatGetLong(i));
            } else {
                result.convert(i, flatGet(i));
            }
        }
        result.runs.clearChanged();
        return result;
    }

    private void convert(long i, Object value) {
        Object real = value;
        if (!dtype.isComplex() && value instanceof java.util.List<?> pair) {
            if (((Number) pair.get(1)).doubleValue() != 0) {
                throw new DTypeMismatchException(value + " at flat index " + i + " has an imaginary part, which " + dtype + " cannot hold", "found", value);
            }
            real = pair.get(0);
        }
        try {
            flatSet(i, real);
        } catch (DTypeMismatchException e) {
            throw new DTypeMismatchException(value + " at flat index " + i + " does not fit " + dtype + "; choose another dtype, or change the value",
                "expected", dtype.numpyName(), "found", value);
        }
    }

    /**
     * Copies the elements to a primitive array in which the dtype is stored.
     *
     * @param target the array
     * @param at the first index in it
     * @throws DTypeMismatchException if the dtype is not stored in such an array
     * @throws IndexOutOfBoundsException if it is too short
     */
    public void copyTo(Object target, int at) {
        runs.checkLive();
        HeapMemory memory = HeapMemory.of(target);
        if (memory.kind() != dtype.kind()) {
            throw new DTypeMismatchException(dtype + " is stored as " + dtype.kind() + ", got a " + target.getClass().getSimpleName(), "expected",
                dtype.numpyName(), "found", target.getClass().getSimpleName());
        }
        if (at < 0 || at + runs.size() > memory.length()) {
            throw new IndexOutOfBoundsException(runs.size() + " elements from index " + at + " do not fit an array of length " + memory.length());
        }
        runs.read(0, target, at, (int) runs.size());
    }

    private Object primitives(DType target) {
        NDArray converted = target.kind() == dtype.kind() && !dtype.isComplex() && dtype.isFloating() == target.isFloating() && !narrows(target) ? this : to(target);
        Object array = switch (target.kind()) {
            case BYTE -> new byte[length()];
            case SHORT -> new short[length()];
            case INT -> new int[length()];
            case LONG -> new long[length()];
            case FLOAT -> new float[length()];
            case DOUBLE -> new double[length()];
        };
        converted.copyTo(array, 0);
        return array;
    }

    /** Unsigned numbers do not go into signed primitives unseen, except bytes, whose raw form {@code toByteArray} is for. */
    private boolean narrows(DType target) {
        return dtype.isUnsigned() && target.kind() != DType.Kind.BYTE;
    }

    private int length() {
        if (size > Memory.MAX_HEAP_ITEMS) {
            throw new InsufficientMemoryException("a Java array cannot have " + size + " elements; use chunks, or copy row by row", "found", size);
        }
        return (int) size;
    }

    /**
     * The elements as floats.
     *
     * @return a new array in C order, never null
     * @throws DTypeMismatchException if a value does not fit a float
     */
    public float[] toFloatArray() {
        return (float[]) primitives(DType.FLOAT32);
    }

    /** {@return the elements as doubles: a new array in C order, never null} */
    public double[] toDoubleArray() {
        return (double[]) primitives(DType.FLOAT64);
    }

    /** {@return the elements as longs: a new array in C order, never null; what does not fit throws} */
    public long[] toLongArray() {
        return (long[]) primitives(DType.INT64);
    }

    /** {@return the elements as ints: a new array in C order, never null; what does not fit throws} */
    public int[] toIntArray() {
        return (int[]) primitives(DType.INT32);
    }

    /** {@return the elements as shorts: a new array in C order, never null; what does not fit throws} */
    public short[] toShortArray() {
        return (short[]) primitives(DType.INT16);
    }

    /** {@return the elements as bytes: a new array in C order, never null; uint8 as its raw bits, what does not fit throws} */
    public byte[] toByteArray() {
        return (byte[]) primitives(DType.INT8);
    }

    /** {@return the elements as booleans: a new array in C order, never null; numbers other than 0 and 1 throw} */
    public boolean[] toBooleanArray() {
        byte[] bits = dtype == DType.BOOL ? toByteArray() : to(DType.BOOL).toByteArray();
        boolean[] result = new boolean[bits.length];
        for (int i = 0; i < bits.length; i++) {
            result[i] = bits[i] != 0;
        }
        return result;
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
        contents.runs.checkLive();
        detached(contents).runs.copyTo(runs);
        return this;
    }

    private void requireLike(NDArray contents, long[] expected) {
        if (!Arrays.equals(contents.shape, expected)) {
            throw new ShapeMismatchException("contents of shape " + text(expected) + " are needed, got " + text(contents.shape), "expected", text(expected), "found",
                text(contents.shape));
        }
        if (contents.dtype != dtype) {
            throw new DTypeMismatchException("contents of dtype " + dtype + " are needed, got " + contents.dtype, "expected", dtype.numpyName(), "found",
                contents.dtype.numpyName());
        }
    }

    /** The operand, copied where it shares memory with this array but is not the same. */
    private NDArray detached(NDArray operand) {
        if (operand.runs.sameMemory(runs)) {
            return operand;
        }
        for (int k = 0; k < operand.runs.count(); k++) {
            for (int m = 0; m < runs.count(); m++) {
                if (operand.runs.memory(k) == runs.memory(m)) {
                    return operand.copy();
                }
                if (runs.memory(m) == runs.memory(runs.count() - 1)) {
                    break;
                }
            }
        }
        return operand;
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
        long[] expected = shape.clone();
        expected[0] = numbers.length;
        requireLike(contents, expected);
        contents.runs.checkLive();
        NDArray source = detached(contents);
        source = source == this || source.runs == runs ? copy() : source;
        long items = rowSize() * dtype.itemsPerElement();
        for (int i = 0; i < numbers.length; i++) {
            source.runs.slice(i * items, (i + 1) * items).copyTo(runs.slice(numbers[i] * items, (numbers[i] + 1) * items));
        }
        return this;
    }

    private NDArray apply(Arithmetic.Op op, Object operand) {
        checkWritable();
        if (operand instanceof NDArray || operand != null && !(operand instanceof Number) && !(operand instanceof Boolean) && !isPair(operand)) {
            NDArray other = operand instanceof NDArray array ? array : literal(operand);
            other.runs.checkLive();
            boolean isRow = shape.length > 1 && Arrays.equals(other.shape, 0, other.shape.length, shape, 1, shape.length);
            if (!isRow && !Arrays.equals(other.shape, shape)) {
                throw new ShapeMismatchException("cannot " + op.toString().toLowerCase(java.util.Locale.ROOT) + " an array of shape " + text(other.shape) + " to or with one of shape " + text(shape)
                    + ": the operand has the same shape or that of a row", "expected", text(shape), "found", text(other.shape));
            }
            if (size > 0) {
                Arithmetic.array(op, dtype, runs, other.dtype, detached(other).runs);
            }
            return this;
        }
        Arithmetic.scalar(op, dtype, runs, operand);
        return this;
    }

    private boolean isPair(Object operand) {
        return dtype.isComplex() && (operand instanceof java.util.List<?> list && list.size() == 2 && list.get(0) instanceof Number
            || operand instanceof double[] pair && pair.length == 2);
    }

    /** Plain whole numbers take the dtype of an integer array, if they fit. */
    private NDArray literal(Object operand) {
        NDArray natural = from(operand);
        boolean typed = operand.getClass().isArray();
        return !typed && dtype.isInteger() && natural.dtype.isInteger() ? natural.to(dtype) : natural;
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
            throw new IndexOutOfBoundsException("axis " + axis + " is out of range for an array of rank " + shape.length);
        }
        if (shape.length == 1) {
            throw new ShapeMismatchException("an array of rank 1 reduces to a number; use reduce without an axis", "found", text(shape));
        }
        int at = axis < 0 ? axis + shape.length : axis;
        long[] rest = new long[shape.length - 1];
        System.arraycopy(shape, 0, rest, 0, at);
        System.arraycopy(shape, at + 1, rest, at, rest.length - at);
        return new NDArray(Reductions.resultType(op, dtype), rest, Runs.of(Reductions.reduceAxis(op, dtype, shape.clone(), runs, at)));
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

    /** {@return dtype, shape and at most 12 elements} */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("#<NDArray ").append(dtype).append(' ').append(text(shape)).append(' ');
        try {
            runs.checkLive();
            print(out, 0, 0, new int[] {PRINTED});
        } catch (ScopeEndedException e) {
            out.append("(its scope has ended)");
        } catch (InternalError e) {
            out.append("(its file was cut short)");
        }
        return out.append('>').toString();
    }

    private void print(StringBuilder out, int axis, long at, int[] left) {
        if (axis == shape.length) {
            out.append(flatGet(at));
            left[0]--;
            return;
        }
        long inner = 1;
        for (int a = axis + 1; a < shape.length; a++) {
            inner *= shape[a];
        }
        out.append('[');
        for (long i = 0; i < shape[axis]; i++) {
            out.append(i == 0 ? "" : " ");
            if (left[0] <= 0 || inner == 0 && i == PRINTED) {
                out.append('…');
                break;
            }
            print(out, axis + 1, at + i * inner, left);
        }
        out.append(']');
    }

    // ---- Clojure

    /** {@return the number of rows} */
    @Override
    public int count() {
        return Math.toIntExact(rows());
    }

    /** {@return row i as a view; at rank 1 the element} */
    @Override
    public Object nth(int i) {
        if (i < 0 || i >= rows()) {
            throw new IndexOutOfBoundsException("index " + i + " is out of range for axis 0 of length " + rows());
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
            private int next;

            @Override
            public boolean hasNext() {
                return next < rows();
            }

            @Override
            public Object next() {
                return nth(next++);
            }
        });
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
