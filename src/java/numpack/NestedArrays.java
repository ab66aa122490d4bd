package numpack;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import numpack.format.Shape;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** Joins nested primitive arrays, such as {@code float[][]}, or lists of arrays, into one array of their dtype. */
final class NestedArrays {
    private final long[] shape;
    private final long[] index;
    private Runs target;
    private long next;

    private NestedArrays(long[] shape) {
        this.shape = shape;
        this.index = new long[shape.length];
    }

    static NDArray read(Object data, DType dtype) {
        NestedArrays reader = new NestedArrays(shape(data));
        reader.check(data, 0);
        reader.target = Runs.of(Memory.allocate(dtype, Shape.product(reader.shape)));
        reader.copy(data);
        return new NDArray(dtype, reader.shape, reader.target);
    }

    /**
     * The arrays of a list, or of lists in it to some depth, as rows of a new one; null unless all have a dtype of their own, the same
     * one, and the same shape.
     */
    static NDArray stack(List<?> arrays, int depth) {
        List<NDArray> rows = new ArrayList<>();
        for (Object given : arrays) {
            NDArray row =
                    given instanceof List<?> list ? depth == 0 ? null : stack(list, depth - 1) : Literals.typed(given);
            NDArray first = rows.isEmpty() ? row : rows.get(0);
            if (row == null || row.dtype() != first.dtype() || !Arrays.equals(row.shape(), first.shape())) {
                return null;
            }
            rows.add(row);
        }
        return rows.isEmpty() ? null : join(rows);
    }

    private static NDArray join(List<NDArray> rows) {
        NDArray first = rows.get(0);
        long[] row = first.shape();
        long[] shape = new long[row.length + 1];
        shape[0] = rows.size();
        System.arraycopy(row, 0, shape, 1, row.length);
        NDArray result = NDArray.zeros(first.dtype(), shape);
        long at = 0;
        for (NDArray array : rows) {
            long n = array.runs().size();
            array.runs().checkLive();
            array.runs().copyTo(result.runs().slice(at, at + n));
            at += n;
        }
        return result;
    }

    /** What the first array at each depth says. */
    private static long[] shape(Object data) {
        int rank = 0;
        for (Class<?> type = data.getClass(); type.isArray(); type = type.getComponentType()) {
            rank++;
        }
        long[] shape = new long[rank];
        Object level = data;
        for (int axis = 0; axis < rank && level != null; axis++) {
            shape[axis] = Array.getLength(level);
            level = level instanceof Object[] arrays && arrays.length > 0 ? arrays[0] : null;
        }
        return shape;
    }

    private void check(Object data, int axis) {
        if (data == null) {
            throw new DTypeMismatchException(
                    "nil at index " + Shape.text(Arrays.copyOf(index, axis)) + " is not an array of numbers");
        }
        int length = Array.getLength(data);
        if (length != shape[axis]) {
            throw new ShapeMismatchException(
                    "the contents are ragged: the array at index " + Shape.text(Arrays.copyOf(index, axis)) + " has "
                            + length + " elements, those before it have " + shape[axis],
                    "expected",
                    shape[axis],
                    "found",
                    length);
        }
        if (data instanceof Object[] arrays) {
            for (int i = 0; i < length; i++) {
                index[axis] = i;
                check(arrays[i], axis + 1);
            }
        }
    }

    private void copy(Object data) {
        if (data instanceof Object[] arrays) {
            for (Object array : arrays) {
                copy(array);
            }
            return;
        }
        Object items = data instanceof boolean[] flags ? NDArray.of(flags).toByteArray() : data;
        int length = Array.getLength(items);
        target.write(next, items, 0, length);
        next += length;
    }
}
