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
     * @param op what to compute
     * @return a {@code Double}, {@code Long}, {@code BigInteger}, {@code Boolean}, or [re im] if complex
     * @throws ShapeMismatchException for min and max of no elements
     * @throws DTypeMismatchException for min and max of complex numbers
     */
    public Object reduce(Reduction op) {
        runs.checkLive();
        return Reductions.reduce(op, dtype, runs);
    }

    /**
     * Reduces all elements to a number.
     *
     * @param op the name of a {@link Reduction}: {@code sum mean std var min max norm}
     * @return as {@link #reduce(Reduction)}
     * @throws InvalidOptionException if there is none of that name
     */
    public Object reduce(String op) {
        return reduce(Reduction.of(op));
    }

    /** {@return the sum, rounded to a double} */
    public double sum() {
        return asDouble(Reduction.SUM);
    }

    /**
     * The sum of integers, or how many booleans are true.
     *
     * @return the sum
     * @throws ArithmeticException if it is beyond the range of long; {@link #reduce(Reduction)} gives it as a {@code BigInteger}
     * @throws DTypeMismatchException if the array is floating or complex
     */
    public long sumExact() {
        if (!dtype.isInteger() && dtype != DType.BOOL) {
            throw new DTypeMismatchException(
                    "only sums of integers and booleans are exact, the array is " + dtype + "; use sum",
                    "found",
                    dtype);
        }
        if (reduce(Reduction.SUM) instanceof Long sum) {
            return sum;
        }
        throw new ArithmeticException("the sum is beyond the range of long; reduce(Reduction.SUM) gives it");
    }

    /** {@return the arithmetic mean; NaN of no elements} */
    public double mean() {
        return asDouble(Reduction.MEAN);
    }

    /** {@return the standard deviation of the population; NaN of no elements} */
    public double std() {
        return asDouble(Reduction.STD);
    }

    /** {@return the variance of the population; NaN of no elements} */
    public double var() {
        return asDouble(Reduction.VAR);
    }

    /** {@return the least element, rounded to a double; NaN if one is NaN} */
    public double min() {
        return asDouble(Reduction.MIN);
    }

    /** {@return the greatest element, rounded to a double; NaN if one is NaN} */
    public double max() {
        return asDouble(Reduction.MAX);
    }

    /** {@return the Euclidean norm, the root of the sum of squares} */
    public double norm() {
        return asDouble(Reduction.NORM);
    }

    private double asDouble(Reduction op) {
        Object value = reduce(op);
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        throw new DTypeMismatchException(
                "the " + op + " of complex numbers is no double but a pair; reduce(Reduction." + op.name()
                        + ") gives it",
                "found",
                dtype);
    }

    /**
     * Reduces along an axis.
     *
     * @param op what to compute
     * @param axis the axis; negative ones count from the end
     * @return an array of the shape without that axis, with the dtype numpy gives; never null
     * @throws IndexOutOfBoundsException if there is no such axis
     * @throws ShapeMismatchException if the rank is 1: use {@link #reduce(Reduction)}
     */
    public NDArray reduceAxis(Reduction op, long axis) {
        runs.checkLive();
        if (axis < -shape.length || axis >= shape.length) {
            throw new IndexOutOfBoundsException(
                    "axis " + axis + " is out of range for an array of rank " + shape.length);
        }
        if (shape.length == 1) {
            throw new ShapeMismatchException(
                    "an array of rank 1 reduces to a number; use reduce without an axis", "found", shape);
        }
        int at = (int) (axis < 0 ? axis + shape.length : axis);
        return new NDArray(
                Reductions.resultType(op, dtype),
                Shape.without(shape, at),
                Runs.of(Reductions.reduceAxis(op, dtype, shape.clone(), runs, at)));
    }

    /**
     * Reduces along an axis.
     *
     * @param op the name of a {@link Reduction}: {@code sum mean std var min max norm}
     * @param axis the axis; negative ones count from the end
     * @return as {@link #reduceAxis(Reduction, long)}
     * @throws InvalidOptionException if there is no reduction of that name
     */
    public NDArray reduceAxis(String op, long axis) {
        return reduceAxis(Reduction.of(op), axis);
    }
}
