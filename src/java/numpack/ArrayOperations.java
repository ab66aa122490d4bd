package numpack;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import numpack.format.Shape;
import numpack.kernels.Arithmetic;
import numpack.kernels.Op;
import numpack.kernels.Reductions;
import numpack.memory.Runs;

/** An array as something to compute with: its elements are changed in place, or reduced. */
abstract sealed class ArrayOperations extends ArrayElements permits NDArray {
    ArrayOperations(DType dtype, long[] shape, Runs runs) {
        super(dtype, shape, runs);
    }

    private NDArray self() {
        return (NDArray) this;
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
        if (!contents.runs.sameMemory(runs)) {
            unaffected(contents).copyTo(runs);
        }
        return self();
    }

    private void requireLike(NDArray contents, long[] expected) {
        contents.runs.checkLive();
        if (!Arrays.equals(contents.shape, expected)) {
            throw new ShapeMismatchException(
                    "contents of shape " + Shape.text(expected) + " are needed, got " + Shape.text(contents.shape),
                    "expected",
                    expected,
                    "found",
                    contents.shape);
        }
        if (contents.dtype != dtype) {
            throw new DTypeMismatchException(
                    "contents of dtype " + dtype + " are needed, got " + contents.dtype,
                    "expected",
                    dtype,
                    "found",
                    contents.dtype);
        }
    }

    /** Its elements as they are now, whatever is written to this array meanwhile. */
    private Runs unaffected(NDArray contents) {
        return contents.runs.overlaps(runs) ? contents.copy().runs : contents.runs;
    }

    /**
     * Copies contents into some rows.
     *
     * @param contents as many rows, of the same shape and dtype
     * @param rows which; where one is named twice the last one counts
     * @return this
     */
    public NDArray setRows(NDArray contents, Rows rows) {
        checkWritable();
        long[] numbers = rows.resolve(rows());
        requireLike(contents, Shape.withRows(shape, numbers.length));
        runs.scatter(numbers, rowSize() * items, unaffected(contents));
        return self();
    }

    private NDArray apply(Op op, Object operand) {
        checkWritable();
        new Operand(self()).apply(op, operand);
        return self();
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
        return apply(Op.ADD, operand);
    }

    /**
     * Subtracts in place, as numpy's {@code -=}.
     *
     * @param operand as for {@link #add}
     * @return this
     */
    public NDArray sub(Object operand) {
        return apply(Op.SUB, operand);
    }

    /**
     * Multiplies in place, as numpy's {@code *=}: integers wrap, bool means and.
     *
     * @param operand as for {@link #add}
     * @return this
     */
    public NDArray mul(Object operand) {
        return apply(Op.MUL, operand);
    }

    /**
     * Divides in place, as numpy's {@code /=}; not for integers.
     *
     * @param operand as for {@link #add}
     * @return this
     */
    public NDArray div(Object operand) {
        return apply(Op.DIV, operand);
    }

    /**
     * Raises to a power in place, as numpy's {@code **=}; for integers the exponent is an integer, 0 or more.
     *
     * @param operand as for {@link #add}
     * @return this
     */
    public NDArray pow(Object operand) {
        return apply(Op.POW, operand);
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
        return self();
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
        return self();
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
        return self();
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
        return self();
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
            throw new IndexOutOfBoundsException(
                    "axis " + axis + " is out of range for an array of rank " + shape.length);
        }
        if (shape.length == 1) {
            throw new ShapeMismatchException(
                    "an array of rank 1 reduces to a number; use reduce without an axis", "found", shape);
        }
        int at = axis < 0 ? axis + shape.length : axis;
        return new NDArray(
                Reductions.resultType(op, dtype),
                Shape.without(shape, at),
                Runs.of(Reductions.reduceAxis(op, dtype, shape.clone(), runs, at)));
    }
}
