package numpack;

import java.util.Arrays;
import java.util.List;
import numpack.format.Shape;
import numpack.kernels.Arithmetic;
import numpack.kernels.Op;
import numpack.memory.Runs;

/** The right-hand side of an operation in place: a number, or an array that fits the one to be changed. */
final class Operand {
    private final NDArray target;

    Operand(NDArray target) {
        this.target = target;
    }

    void apply(Op op, Object operand) {
        if (isScalar(operand)) {
            Arithmetic.scalar(op, target.dtype(), target.runs(), operand);
            return;
        }
        NDArray array = operand instanceof NDArray given ? given : literal(operand);
        long[] shape = target.shape();
        boolean isRow = shape.length > 1 && Arrays.equals(array.shape(), Arrays.copyOfRange(shape, 1, shape.length));
        if (!isRow && !Arrays.equals(array.shape(), shape)) {
            throw new ShapeMismatchException(
                    "cannot " + op + " in place an array of shape " + Shape.text(array.shape()) + " and one of shape "
                            + Shape.text(shape) + ": the operand is a number, or has the same shape"
                            + (shape.length > 1 ? ", or that of a row, " + Shape.text(Shape.without(shape, 0)) : ""),
                    "expected",
                    shape,
                    "found",
                    array.shape());
        }
        Arithmetic.array(op, target.dtype(), target.runs(), array.dtype(), unaffected(array));
    }

    private boolean isScalar(Object operand) {
        boolean isPair = operand instanceof List<?> list && list.size() == 2
                || operand instanceof double[] pair && pair.length == 2;
        return operand == null
                || operand instanceof Number
                || operand instanceof Boolean
                || target.dtype().isComplex() && isPair;
    }

    /** Plain whole numbers take the dtype of an integer array, if they fit: as a single number would. */
    private NDArray literal(Object operand) {
        NDArray natural = NDArray.from(operand);
        boolean isTyped = operand.getClass().isArray();
        return !isTyped && target.dtype().isInteger() && natural.dtype().isInteger()
                ? natural.to(target.dtype())
                : natural;
    }

    /** The elements as they are before the operation: a copy where writing the target would change them too early. */
    private Runs unaffected(NDArray operand) {
        Runs runs = operand.runs();
        runs.checkLive();
        return !runs.sameMemory(target.runs()) && runs.overlaps(target.runs())
                ? operand.copy().runs()
                : runs;
    }
}
