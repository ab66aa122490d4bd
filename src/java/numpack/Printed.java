package numpack;

import java.util.List;
import numpack.format.Shape;

/** The short text of an array: dtype, shape and its first elements; brackets around nothing count as elements. */
final class Printed {
    /** Elements that are read at most. */
    private static final int ELEMENTS = 12;

    private final long[] shape;
    /** A copy: where a file was cut short, a copy fails at once, but single elements some time later. */
    private final NDArray first;

    private final StringBuilder out = new StringBuilder();
    private int left = ELEMENTS;
    private long next;

    private Printed(NDArray array) {
        shape = array.shape();
        first = array.reshape(-1).rows(0, Math.min(ELEMENTS, array.size())).copy();
    }

    static String of(NDArray array) {
        String head = "#numpack/ndarray :" + array.dtype() + " " + Shape.text(array.shape()) + " ";
        try {
            Printed printed = new Printed(array);
            printed.axis(0);
            return head + printed.out;
        } catch (ScopeEndedException e) {
            return head + "scope ended";
        } catch (InternalError e) {
            return head + "file cut short";
        }
    }

    private void axis(int axis) {
        if (axis == shape.length) {
            element(first.flatGet(next++));
            return;
        }
        out.append('[');
        for (long i = 0; i < shape[axis]; i++) {
            out.append(i == 0 ? "" : " ");
            if (left <= 0) {
                out.append('…');
                break;
            }
            axis(axis + 1);
        }
        left -= shape[axis] == 0 ? 1 : 0;
        out.append(']');
    }

    private void element(Object value) {
        left--;
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
        return first.dtype().kind() != DType.Kind.DOUBLE && value instanceof Double d ? (Object) d.floatValue() : value;
    }
}
