package numpack;

import java.util.List;
import numpack.format.Shape;

/** The short text of an array: dtype, shape, and the elements at the head and tail of each axis. */
final class ArrayText {
    /** Elements that are read at most. */
    private static final int ELEMENTS = 12;
    /** Entries shown at each end of an axis that is not shown whole. */
    private static final int EDGE = 3;

    private final long[] shape;
    private final NDArray flat;
    private final long[] heads;
    private final long[] tails;
    private final StringBuilder out = new StringBuilder();

    private ArrayText(NDArray array, long length) {
        shape = array.shape();
        flat = array.reshape(-1);
        heads = new long[shape.length];
        tails = new long[shape.length];
        long left = ELEMENTS;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            long most = Math.min(left, length);
            if (shape[axis] <= most) {
                heads[axis] = shape[axis];
            } else {
                tails[axis] = Math.min(EDGE, most / 2);
                heads[axis] = Math.max(tails[axis], Math.min(1, most));
            }
            left /= Math.max(1, heads[axis] + tails[axis]);
        }
    }

    /** The text with at most so many entries of each axis. */
    static String of(NDArray array, long length) {
        String what = "#<NDArray " + array.dtype() + " " + Shape.text(array.shape());
        try {
            ArrayText text = new ArrayText(array, length);
            text.axis(0, 0);
            return what + " " + text.out + ">";
        } catch (ScopeEndedException e) {
            return what + ", scope ended>";
        } catch (InternalError e) {
            return what + ", file cut short>";
        }
    }

    /** The part of an array that begins at an element and has the axes from one on. */
    private void axis(int axis, long at) {
        long tail = shape[axis] - tails[axis];
        out.append('[');
        entries(axis, at, 0, heads[axis]);
        if (heads[axis] < tail) {
            out.append(heads[axis] == 0 ? "…" : " …");
        }
        entries(axis, at, tail, shape[axis]);
        out.append(']');
    }

    private void entries(int axis, long at, long from, long to) {
        boolean isInnermost = axis == shape.length - 1;
        // a copy: where a file was cut short, a copy fails at once, but single elements some time later
        NDArray elements =
                isInnermost && from < to ? flat.rows(at + from, at + to).copy() : null;
        long size = isInnermost ? 1 : Shape.product(java.util.Arrays.copyOfRange(shape, axis + 1, shape.length));
        for (long i = from; i < to; i++) {
            out.append(i == 0 ? "" : " ");
            if (isInnermost) {
                element(elements.flatGet(i - from));
            } else {
                axis(axis + 1, at + i * size);
            }
        }
    }

    private void element(Object value) {
        if (value instanceof List<?> pair) {
            out.append('[')
                    .append(shorter(pair.get(0)))
                    .append(' ')
                    .append(shorter(pair.get(1)))
                    .append(']');
        } else {
            out.append(shorter(value));
        }
    }

    /** As many digits as the dtype has. */
    private Object shorter(Object value) {
        return flat.dtype().kind() != DType.Kind.DOUBLE && value instanceof Double d ? (Object) d.floatValue() : value;
    }
}
