package numpack;

import java.util.Arrays;

/** Arithmetic on shapes, and the errors of indexes that do not fit them. */
final class Shape {
    /** Axes at most, as in numpy. */
    static final int MAX_RANK = 64;

    private Shape() {}

    /** As numpy prints it: {@code [3 4]}. */
    static String text(long... shape) {
        return Arrays.toString(shape).replace(",", "");
    }

    /** The number of elements; a shape with an empty axis has none, whatever the others are. */
    static long product(long... shape) {
        long product = 1;
        boolean isEmpty = false;
        for (long n : shape) {
            if (n < 0) {
                throw new ShapeMismatchException(
                        "the lengths of a shape are 0 or more, got " + text(shape), "found", text(shape));
            }
            isEmpty |= n == 0;
        }
        for (int axis = 0; axis < shape.length && !isEmpty; axis++) {
            if (shape[axis] > Long.MAX_VALUE / product) {
                throw new ShapeMismatchException(
                        "an array of shape " + text(shape) + " would have 2^63 elements or more", "found", text(shape));
            }
            product *= shape[axis];
        }
        return isEmpty ? 0 : product;
    }

    static long[] withRows(long[] shape, long rows) {
        long[] result = shape.clone();
        result[0] = rows;
        return result;
    }

    static long[] without(long[] shape, int axis) {
        long[] rest = new long[shape.length - 1];
        System.arraycopy(shape, 0, rest, 0, axis);
        System.arraycopy(shape, axis + 1, rest, axis, rest.length - axis);
        return rest;
    }

    /** Puts a length in place of -1, and refuses what does not have as many elements as the old shape. */
    static long[] reshaped(long[] old, long... wanted) {
        long[] result = wanted.clone();
        long size = product(old);
        int open = -1;
        for (int axis = 0; axis < result.length; axis++) {
            if (result[axis] == -1 && open < 0) {
                open = axis;
                result[axis] = 1;
            }
        }
        long known = product(result);
        if (open >= 0 && known > 0) {
            result[open] = size / known;
        }
        if (result.length == 0 || open >= 0 && known == 0 || product(result) != size) {
            throw new ShapeMismatchException(
                    "an array of shape " + text(old) + " has " + size + " elements, which do not make shape "
                            + text(wanted) + (result.length == 0 ? ": arrays have rank 1 or more" : ""),
                    "expected",
                    size,
                    "found",
                    text(wanted));
        }
        return result;
    }

    /** The place of an element in C order. */
    static long flat(long[] shape, long[] path) {
        if (path.length != shape.length) {
            throw new ShapeMismatchException(
                    "an element of an array of shape " + text(shape) + " is at a path of " + shape.length
                            + " indexes, got " + text(path) + "; use row for a part",
                    "expected",
                    shape.length,
                    "found",
                    path.length);
        }
        long flat = 0;
        for (int axis = 0; axis < path.length; axis++) {
            long i = path[axis];
            if (i < 0 || i >= shape[axis]) {
                throw outOfRange(i, axis, shape[axis]);
            }
            flat = flat * shape[axis] + i;
        }
        return flat;
    }

    /** The reverse of {@link #flat}. */
    static long[] path(long[] shape, long flat) {
        long[] path = new long[shape.length];
        long rest = flat;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            path[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        return path;
    }

    static IndexOutOfBoundsException outOfRange(long index, int axis, long length) {
        return new IndexOutOfBoundsException(
                "index " + index + " is out of range for axis " + axis + " of length " + length);
    }
}
