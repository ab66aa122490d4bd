package numpack;

import clojure.lang.BigInt;
import clojure.lang.ISeq;
import clojure.lang.RT;
import clojure.lang.Ratio;
import clojure.lang.Seqable;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import numpack.format.Shape;
import numpack.kernels.Codec;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** Reads nested lists and arrays of numbers into an array: first the values in C order, which gives the shape, then the dtype. */
final class NestedData {
    /** The lengths of the axes as far as they are known, else -1. */
    private final long[] lengths = new long[Shape.MAX_RANK];

    private final long[] index = new long[Shape.MAX_RANK];
    private int depths;
    private int rank = -1;
    private Object[] values = new Object[16];
    private int count;

    private NestedData() {
        Arrays.fill(lengths, -1);
    }

    /**
     * An array of the values.
     *
     * @param dtype its dtype; null for the first of bool, int64, uint64 and float64 that has all values
     */
    static NDArray read(Object data, DType dtype) {
        NestedData reader = new NestedData();
        reader.add(data, 0);
        reader.requireOneKind();
        return reader.array(dtype == null ? reader.commonDType() : dtype);
    }

    private static boolean isFraction(Object value) {
        return value instanceof Double
                || value instanceof Float
                || value instanceof Ratio
                || value instanceof BigDecimal;
    }

    private static boolean isWhole(Object value) {
        return value instanceof Long
                || value instanceof Integer
                || value instanceof Short
                || value instanceof Byte
                || value instanceof BigInt
                || value instanceof BigInteger;
    }

    private static boolean isList(Object data) {
        return data != null
                && (data.getClass().isArray() || data instanceof Iterable || data instanceof Seqable)
                && !(data instanceof ArraySource)
                && !(data instanceof Map)
                && !(data instanceof Set);
    }

    // ---- values and shape

    private void add(Object data, int depth) {
        if (data instanceof Boolean || isWhole(data) || isFraction(data)) {
            value(data, depth);
        } else if (isList(data)) {
            list(data, depth);
        } else {
            throw new DTypeMismatchException(
                    (data == null ? "nil" : "a " + data.getClass().getName()) + at(depth)
                            + " is not a number, a boolean or a list of them",
                    "found",
                    data);
        }
    }

    private String at(int depth) {
        return depth == 0 ? "" : " at index " + Shape.text(Arrays.copyOf(index, depth));
    }

    private void value(Object value, int depth) {
        if (depth == 0) {
            throw new ShapeMismatchException(
                    "a scalar (" + value + ") is not an array; put it into a list: [" + value + "]", "found", value);
        }
        if (rank < 0) {
            rank = depth;
        }
        if (depth != rank || depths > rank) {
            throw new ShapeMismatchException(
                    "the contents are ragged: there is a number" + at(depth) + " where a list should be",
                    "found",
                    value);
        }
        if (count == values.length) {
            values = Arrays.copyOf(values, (int) Math.min(Memory.MAX_HEAP_ITEMS, 2L * count));
        }
        values[count++] = value;
    }

    private void list(Object data, int depth) {
        if (rank >= 0 && depth >= rank || depth == Shape.MAX_RANK) {
            throw new ShapeMismatchException(
                    "the contents are ragged: there is a list" + at(depth) + " where a number should be",
                    "found",
                    depth);
        }
        depths = Math.max(depths, depth + 1);
        long n = children(data, depth);
        if (lengths[depth] >= 0 && lengths[depth] != n) {
            throw new ShapeMismatchException(
                    "the contents are ragged: the list" + at(depth) + " has " + n
                            + " elements, the lists before it have " + lengths[depth],
                    "expected",
                    lengths[depth],
                    "found",
                    n);
        }
        lengths[depth] = n;
    }

    private long children(Object data, int depth) {
        long n = 0;
        if (data instanceof Object[] objects) {
            for (Object child : objects) {
                index[depth] = n++;
                add(child, depth + 1);
            }
        } else if (data instanceof Iterable<?> iterable) {
            for (Object child : iterable) {
                index[depth] = n++;
                add(child, depth + 1);
            }
        } else if (data.getClass().isArray()) {
            for (int length = Array.getLength(data); n < length; ) {
                index[depth] = n;
                add(Array.get(data, (int) n++), depth + 1);
            }
        } else {
            for (ISeq s = RT.seq(data); s != null; s = s.next()) {
                index[depth] = n++;
                add(s.first(), depth + 1);
            }
        }
        return n;
    }

    private long[] shape() {
        long[] shape = Arrays.copyOf(lengths, depths);
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = Math.max(0, shape[axis]);
        }
        return shape;
    }

    // ---- dtype

    private String place(int i) {
        return "index " + Shape.text(Shape.path(shape(), i));
    }

    private void requireOneKind() {
        for (int i = 1; i < count; i++) {
            if (values[i] instanceof Boolean != values[0] instanceof Boolean) {
                throw new DTypeMismatchException(
                        values[i] + " at " + place(i) + ": booleans and numbers cannot be mixed", "found", values[i]);
            }
        }
    }

    private DType commonDType() {
        if (count == 0 || Arrays.stream(values, 0, count).anyMatch(NestedData::isFraction)) {
            return DType.FLOAT64;
        }
        return values[0] instanceof Boolean ? DType.BOOL : commonIntegerDType();
    }

    private DType commonIntegerDType() {
        boolean isSigned = true;
        boolean isUnsigned = true;
        for (int i = 0; i < count; i++) {
            if (values[i] instanceof BigInt || values[i] instanceof BigInteger) {
                BigInteger value = new BigInteger(values[i].toString());
                isSigned &= value.bitLength() < Long.SIZE;
                isUnsigned &= value.signum() >= 0 && value.bitLength() <= Long.SIZE;
            } else {
                isUnsigned &= ((Number) values[i]).longValue() >= 0;
            }
            if (!isSigned && !isUnsigned) {
                throw new DTypeMismatchException(
                        values[i] + " at " + place(i) + " fits no integer dtype together with the values before it; "
                                + "use floating numbers, or float64 for dtype",
                        "found",
                        values[i]);
            }
        }
        return isSigned ? DType.INT64 : DType.UINT64;
    }

    private NDArray array(DType dtype) {
        Memory memory = Memory.allocate(dtype, count);
        int i = 0;
        try {
            for (; i < count; i++) {
                Codec.of(dtype).put(memory, i, values[i]);
            }
        } catch (DTypeMismatchException e) {
            throw new DTypeMismatchException(
                    e.getMessage() + ", at " + place(i), "expected", dtype, "found", values[i]);
        }
        return new NDArray(dtype, shape(), Runs.of(memory));
    }
}
