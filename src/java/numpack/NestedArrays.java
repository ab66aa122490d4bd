package numpack;

import java.lang.reflect.Array;
import java.util.Arrays;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** Joins nested primitive arrays, such as {@code float[][]}, into one array of their dtype. */
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
            throw new DTypeMismatchException("nil at index " + Shape.text(Arrays.copyOf(index, axis)) + " is not an array of numbers");
        }
        int length = Array.getLength(data);
        if (length != shape[axis]) {
            throw new ShapeMismatchException("the contents are ragged: the array at index " + Shape.text(Arrays.copyOf(index, axis)) + " has " + length
                + " elements, those before it have " + shape[axis], "expected", shape[axis], "found", length);
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
