package numpack;

import java.lang.reflect.Array;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/** Reads nested lists and arrays of numbers into an array, in one pass: finds shape and dtype on the way. */
final class NestedData {
    private static final int MAX_RANK = 64;

    private enum Found {
        NOTHING, BOOL, WHOLE, UINT64, FLOATING
    }

    private final long[] lengths = new long[MAX_RANK];
    private final long[] index = new long[MAX_RANK];
    private int depths;
    private int rank = -1;
    private Found found = Found.NOTHING;
    private boolean negative;
    private long[] longs = new long[16];
    private double[] doubles;
    private int count;

    private NestedData() {
        Arrays.fill(lengths, -1);
    }

    /** An array of the dtype that fits all values: int64, uint64, float64 or bool. */
    static NDArray read(Object data) {
        NestedData reader = new NestedData();
        reader.add(data, 0);
        return reader.finish();
    }

    private static boolean isList(Object data) {
        return data != null && (data.getClass().isArray() || data instanceof Iterable || data instanceof NDArray || data instanceof clojure.lang.Seqable)
            && !(data instanceof Map) && !(data instanceof Set);
    }

    private void add(Object data, int depth) {
        if (data instanceof Number || data instanceof Boolean) {
            leaf(data, depth);
        } else if (isList(data)) {
            list(data, depth);
        } else {
            String what = data == null ? "nil" : "a " + data.getClass().getName();
            throw new DTypeMismatchException(what + at(depth) + " is not a number, a boolean or a list of them", "found", data);
        }
    }

    private String at(int depth) {
        return depth == 0 ? "" : " at index " + Arrays.toString(Arrays.copyOf(index, depth)).replace(",", "");
    }

    private void list(Object data, int depth) {
        if (rank >= 0 && depth >= rank || depth == MAX_RANK) {
            throw new ShapeMismatchException("the contents are ragged: there is a list" + at(depth) + " where a number should be", "found", depth);
        }
        depths = Math.max(depths, depth + 1);
        long n = 0;
        if (data.getClass().isArray()) {
            int length = Array.getLength(data);
            for (; n < length; n++) {
                index[depth] = n;
                add(Array.get(data, (int) n), depth + 1);
            }
        } else if (data instanceof NDArray array) {
            for (; n < array.rows(); n++) {
                index[depth] = n;
                add(array.nth((int) n), depth + 1);
            }
        } else if (data instanceof Iterable<?> iterable) {
            for (Object child : iterable) {
                index[depth] = n++;
                add(child, depth + 1);
            }
        } else {
            for (clojure.lang.ISeq s = clojure.lang.RT.seq(data); s != null; s = s.next()) {
                index[depth] = n++;
                add(s.first(), depth + 1);
            }
        }
        if (lengths[depth] >= 0 && lengths[depth] != n) {
            throw new ShapeMismatchException("the contents are ragged: the list" + at(depth) + " has " + n + " elements, the lists before it have " + lengths[depth],
                "expected", lengths[depth], "found", n);
        }
        lengths[depth] = n;
    }

    private void leaf(Object value, int depth) {
        if (depth == 0) {
            throw new ShapeMismatchException("a scalar (" + value + ") is not an array; put it into a list: [" + value + "]", "found", value);
        }
        if (rank < 0) {
            rank = depth;
        }
        if (depth != rank || depths > rank) {
            throw new ShapeMismatchException("the contents are ragged: there is a number" + at(depth) + " where a list should be", "found", value);
        }
        if (value instanceof Boolean b) {
            require(found == Found.NOTHING || found == Found.BOOL, value, depth);
            found = Found.BOOL;
            addLong(b ? 1 : 0);
        } else {
            require(found != Found.BOOL, value, depth);
            number(value, depth);
        }
    }

    private void require(boolean fits, Object value, int depth) {
        if (!fits) {
            throw new DTypeMismatchException(value + at(depth) + ": booleans and numbers cannot be mixed", "found", value);
        }
    }

    private void number(Object value, int depth) {
        if (!Scalars.isWhole(value)) {
            if (!Scalars.isNumber(value)) {
                throw new DTypeMismatchException("a " + value.getClass().getName() + at(depth) + " is no number that an array can hold", "found", value);
            }
            toFloating();
            addDouble(((Number) value).doubleValue());
        } else if (found == Found.FLOATING) {
            addDouble(value instanceof Long l ? l : Scalars.big(value).doubleValue());
        } else if (value instanceof Long l) {
            whole(l, value, depth);
        } else {
            BigInteger big = Scalars.big(value);
            if (big.bitLength() <= 63) {
                whole(big.longValue(), value, depth);
                return;
            }
            if (big.signum() < 0 || big.bitLength() > 64 || negative) {
                throw new DTypeMismatchException(value + at(depth) + " fits no integer dtype together with the values before it; use floating numbers", "found", value);
            }
            found = Found.UINT64;
            addLong(big.longValue());
        }
    }

    private void whole(long value, Object given, int depth) {
        if (value < 0) {
            if (found == Found.UINT64) {
                throw new DTypeMismatchException(given + at(depth) + " is negative, and a value before it needs uint64; use floating numbers", "found", given);
            }
            negative = true;
        }
        if (found == Found.NOTHING) {
            found = Found.WHOLE;
        }
        addLong(value);
    }

    private void toFloating() {
        if (found == Found.FLOATING) {
            return;
        }
        doubles = new double[longs.length];
        for (int i = 0; i < count; i++) {
            doubles[i] = found == Found.UINT64 && longs[i] < 0 ? ((Number) Scalars.unsigned(longs[i])).doubleValue() : longs[i];
        }
        longs = null;
        found = Found.FLOATING;
    }

    private static int grown(int length) {
        return (int) Math.min(Integer.MAX_VALUE - 8, length * 2L);
    }

    private void addLong(long value) {
        if (count == longs.length) {
            longs = Arrays.copyOf(longs, grown(count));
        }
        longs[count++] = value;
    }

    private void addDouble(double value) {
        if (count == doubles.length) {
            doubles = Arrays.copyOf(doubles, grown(count));
        }
        doubles[count++] = value;
    }

    private NDArray finish() {
        long[] shape = Arrays.copyOf(lengths, depths);
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = Math.max(0, shape[axis]);
        }
        if (found == Found.BOOL) {
            byte[] bits = new byte[count];
            for (int i = 0; i < count; i++) {
                bits[i] = (byte) longs[i];
            }
            return NDArray.wrap(DType.BOOL, bits, shape);
        }
        if (found == Found.WHOLE || found == Found.UINT64) {
            return NDArray.wrap(found == Found.WHOLE ? DType.INT64 : DType.UINT64, Arrays.copyOf(longs, count), shape);
        }
        return NDArray.wrap(DType.FLOAT64, doubles == null ? new double[0] : Arrays.copyOf(doubles, count), shape);
    }
}
