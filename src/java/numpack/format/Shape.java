package numpack.format;

import java.util.Arrays;
import numpack.DType;
import numpack.ShapeMismatchException;

/** What shapes there are, arithmetic on them, and the errors of what does not fit them. A shape is the lengths of the axes. */
public final class Shape {
    /** The most axes an array can have, as in numpy. */
    public static final int MAX_RANK = 64;

    private Shape() {}

    /**
     * A shape, or a path of indexes, as numpy prints it.
     *
     * @param shape the numbers
     * @return such as {@code [3 4]}, never null
     */
    public static String text(long... shape) {
        return Arrays.toString(shape).replace(",", "");
    }

    /**
     * Checks that there can be an array of this shape.
     *
     * @param array its name, for messages
     * @param dtype its dtype
     * @param shape its shape
     * @throws ShapeMismatchException if the shape has not 1 to {@value #MAX_RANK} axes, none of negative length, and 2^63-1 bytes at most;
     *     empty axes are counted as 1, as in numpy
     */
    public static void check(String array, DType dtype, long... shape) {
        String fault = shape.length < 1 || shape.length > MAX_RANK
                ? "it has " + shape.length + " axes, and needs 1 to " + MAX_RANK
                : fault(dtype, shape);
        if (fault != null) {
            throw new ShapeMismatchException(
                    "array " + Damage.quoted(array) + " of " + dtype + " cannot have the shape " + text(shape) + ": "
                            + fault,
                    "array",
                    array,
                    "found",
                    shape);
        }
    }

    /** What is wrong with the lengths of the axes of an array, or null. */
    static String fault(DType dtype, long... shape) {
        return fault(dtype.itemSize(), "bytes", shape);
    }

    private static String fault(long itemSize, String unit, long[] shape) {
        long total = itemSize;
        for (int axis = 0; axis < shape.length; axis++) {
            if (shape[axis] < 0) {
                return "the length of axis " + axis + " is negative or beyond 2^63-1";
            }
            // As in numpy, an empty axis does not excuse the others: strides are computed from them.
            long length = Math.max(1, shape[axis]);
            if (total > Long.MAX_VALUE / length) {
                return "it takes more than 2^63-1 " + unit;
            }
            total *= length;
        }
        return null;
    }

    /**
     * The number of elements.
     *
     * @param shape the shape; of rank 0 it has one element
     * @return how many elements
     * @throws ShapeMismatchException if a length is negative, or there are more than 2^63-1, empty axes counted as 1
     */
    public static long product(long... shape) {
        String fault = fault(1, "elements", shape);
        if (fault != null) {
            throw new ShapeMismatchException(
                    "there is no array of shape " + text(shape) + ": " + fault, "found", shape);
        }
        long product = 1;
        for (long length : shape) {
            product *= length;
        }
        return product;
    }

    /**
     * The shape with another number of rows.
     *
     * @param shape a shape of rank 1 or more
     * @param rows the length of its first axis
     * @return a new shape, never null
     */
    public static long[] withRows(long[] shape, long rows) {
        long[] result = shape.clone();
        result[0] = rows;
        return result;
    }

    /**
     * The shape without an axis; without the first, it is that of a row.
     *
     * @param shape a shape
     * @param axis the axis
     * @return a new shape, never null
     */
    public static long[] without(long[] shape, int axis) {
        long[] rest = new long[shape.length - 1];
        System.arraycopy(shape, 0, rest, 0, axis);
        System.arraycopy(shape, axis + 1, rest, axis, rest.length - axis);
        return rest;
    }

    /**
     * The shape that elements get.
     *
     * @param old the shape they have
     * @param wanted the shape asked for; -1 at one axis is the length that makes the number of elements right
     * @return a new shape without -1, never null
     * @throws ShapeMismatchException if it has not as many elements, or rank 0
     */
    public static long[] reshaped(long[] old, long... wanted) {
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
                    old,
                    "found",
                    wanted);
        }
        return result;
    }

    /**
     * The place of an element in C order.
     *
     * @param shape the shape of the array
     * @param path an index for each axis
     * @return its flat index
     * @throws ShapeMismatchException if there are not as many indexes as axes
     * @throws IndexOutOfBoundsException if one is out of range
     */
    public static long flat(long[] shape, long[] path) {
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

    /**
     * The reverse of {@link #flat}.
     *
     * @param shape the shape of the array
     * @param flat a flat index
     * @return an index for each axis, never null
     */
    public static long[] path(long[] shape, long flat) {
        long[] path = new long[shape.length];
        long rest = flat;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            path[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        return path;
    }

    /**
     * The error of an index that is out of range.
     *
     * @param index the index
     * @param axis its axis
     * @param length the length of the axis
     * @return the error, never null
     */
    public static IndexOutOfBoundsException outOfRange(long index, int axis, long length) {
        return new IndexOutOfBoundsException(
                "index " + index + " is out of range for axis " + axis + " of length " + length);
    }
}
