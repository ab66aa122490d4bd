package numpack.kernels;

import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import numpack.DType;
import numpack.DTypeMismatchException;
import numpack.Reduction;
import numpack.memory.Memory;
import numpack.memory.PrimitiveArrays;
import numpack.memory.Runs;

/**
 * Element-wise operations in place, with numpy's results. The dtype of the target never changes: integers wrap, floating results are
 * rounded to it once. Whatever is refused is refused before anything is written; that the target is writable and its operand of
 * the right size and not overlapping is the caller's business.
 */
public final class Arithmetic {
    private Arithmetic() {}

    /**
     * Combines every element with a number, which is cast to the dtype first.
     *
     * @param op the operation
     * @param dtype the dtype of the target
     * @param target what to change
     * @param scalar a number; for bool {@code true} or {@code false}; for complex types also {@code [re im]} as a list or double[2]
     * @throws DTypeMismatchException if the dtype does not have the operation, or the number does not fit it
     */
    public static void scalar(Op op, DType dtype, Runs target, Object scalar) {
        Operands.check(op, dtype);
        if (dtype.isComplex()) {
            array(
                    op,
                    dtype,
                    target,
                    DType.COMPLEX128,
                    Runs.of(Memory.of(Operands.toComplex(op.toString(), dtype, scalar))));
        } else if (dtype.isFloating()) {
            floatingScalar(op, dtype, target, Operands.toDouble(op.toString(), dtype, scalar));
        } else {
            integerScalar(op, dtype, target, scalar);
        }
    }

    private static void floatingScalar(Op op, DType dtype, Runs target, double s) {
        Function function = op == Op.POW ? fastPower(s) : null;
        if (function != null) {
            map(dtype, target, function);
        } else if (dtype == DType.FLOAT32 && op.hasNarrowLoops()) {
            Blocks.update(target, () -> (a, from, n, item) -> op.floats((float[]) a, from, from + n, (float) s));
        } else {
            Blocks.update(
                    target, converted(dtype, () -> (a, from, n, item) -> op.doubles((double[]) a, from, from + n, s)));
        }
    }

    /** The powers that numpy computes by another function, with other results for infinities and zeros. */
    private static Function fastPower(double exponent) {
        return exponent == 2
                ? Function.SQUARE
                : exponent == 0.5 ? Function.SQRT : exponent == -1 ? Function.RECIPROCAL : null;
    }

    private static void integerScalar(Op op, DType dtype, Runs target, Object scalar) {
        long s = Operands.toLong(op.toString(), dtype, scalar);
        if (op == Op.POW && s < 0 && dtype != DType.UINT64) {
            throw negativePower(dtype, scalar);
        }
        if (dtype.kind() == DType.Kind.INT && op.hasNarrowLoops()) {
            Blocks.update(target, () -> (a, from, n, item) -> op.ints((int[]) a, from, from + n, (int) s));
        } else {
            Blocks.update(
                    target, converted(dtype, () -> (a, from, n, item) -> op.longs((long[]) a, from, from + n, s)));
        }
    }

    /**
     * Combines every element with the one at the same place in an array, or in a row that is repeated. Nothing of the operand may
     * lie in the target, unless it is the very same elements.
     *
     * @param op the operation
     * @param dtype the dtype of the target
     * @param target what to change
     * @param operandType the dtype of the operand
     * @param operand as many elements as the target has, or a divisor of it
     * @throws DTypeMismatchException if the dtype does not have the operation, numpy would not cast the result to it, or an integer
     *     is to be raised to a negative power
     */
    public static void array(Op op, DType dtype, Runs target, DType operandType, Runs operand) {
        Operands.check(op, dtype, operandType);
        if (target.size() == 0) {
            return;
        }
        if (op == Op.POW && dtype.isInteger() && operandType.isInteger() && !operandType.isUnsigned()) {
            Object least = Reductions.reduce(Reduction.MIN, operandType, operand);
            if (((Number) least).longValue() < 0) {
                throw negativePower(dtype, least);
            }
        }
        Runs tiled = operand.size() < target.size() ? tiled(operandType, operand) : operand;
        if (dtype.isComplex()) {
            update(
                    target,
                    dtype,
                    operandType,
                    tiled,
                    Reader.Lane.PAIRS,
                    (a, from, b, bFrom, n) -> op.complexes((double[]) a, from, (double[]) b, bFrom, n));
        } else if (dtype.isFloating()) {
            floatingArray(op, dtype, target, operandType, tiled);
        } else if (dtype.kind() == DType.Kind.INT && operandType.kind() == DType.Kind.INT && op.hasNarrowLoops()) {
            Blocks.update(
                    target,
                    () -> new WithOperand(
                            new Reader(operandType, tiled, Reader.Lane.STORED),
                            (a, from, b, bFrom, n) -> op.ints((int[]) a, from, (int[]) b, bFrom, n)));
        } else {
            update(
                    target,
                    dtype,
                    operandType,
                    tiled,
                    Reader.Lane.LONGS,
                    (a, from, b, bFrom, n) -> op.longs((long[]) a, from, (long[]) b, bFrom, n));
        }
    }

    private static void floatingArray(Op op, DType dtype, Runs target, DType operandType, Runs operand) {
        if (dtype == DType.FLOAT32 && operandType == DType.FLOAT32 && op.hasNarrowLoops()) {
            Blocks.update(
                    target,
                    () -> new WithOperand(
                            new Reader(operandType, operand, Reader.Lane.STORED),
                            (a, from, b, bFrom, n) -> op.floats((float[]) a, from, (float[]) b, bFrom, n)));
        } else if (dtype == DType.FLOAT16 && Operands.meetsFloat16InFloat32(operandType)) {
            update(target, dtype, operandType, operand, Reader.Lane.DOUBLES, (a, from, b, bFrom, n) -> {
                op.doubles((double[]) a, from, (double[]) b, bFrom, n);
                roundToFloat((double[]) a, from, n);
            });
        } else {
            update(
                    target,
                    dtype,
                    operandType,
                    operand,
                    Reader.Lane.DOUBLES,
                    (a, from, b, bFrom, n) -> op.doubles((double[]) a, from, (double[]) b, bFrom, n));
        }
    }

    /** What numpy computes in when it combines float16 with float32. */
    private static void roundToFloat(double[] values, int from, int count) {
        for (int i = from; i < from + count; i++) {
            values[i] = (float) values[i];
        }
    }

    private static void update(
            Runs target, DType dtype, DType operandType, Runs operand, Reader.Lane lane, WithOperand.Pairing pairing) {
        Blocks.update(target, converted(dtype, () -> new WithOperand(new Reader(operandType, operand, lane), pairing)));
    }

    /** A short row several times over, so that it is combined in long stretches. */
    private static Runs tiled(DType type, Runs row) {
        int times = (int) (Blocks.SIZE / Math.max(1, row.size()));
        if (times < 2) {
            return row;
        }
        int n = (int) row.size();
        Object items = PrimitiveArrays.zeros(type.kind(), n);
        row.read(0, items, 0, n);
        Memory memory = Memory.allocate(type, (long) n * times / type.itemsPerElement());
        for (int i = 0; i < times; i++) {
            memory.write((long) i * n, items, 0, n);
        }
        return Runs.of(memory);
    }

    /**
     * Sets every element.
     *
     * @param dtype the dtype of the target
     * @param target what to change
     * @param scalar a value that fits the dtype, as {@link Codec#put} takes it
     * @throws DTypeMismatchException if it does not fit
     */
    public static void fill(DType dtype, Runs target, Object scalar) {
        Object block = PrimitiveArrays.zeros(dtype.kind(), Blocks.SIZE);
        Codec.of(dtype).put(Memory.of(block), 0, scalar);
        for (int done = dtype.itemsPerElement(); done < Blocks.SIZE; done *= 2) {
            System.arraycopy(block, 0, block, done, done);
        }
        Blocks.update(target, () -> (a, from, n, item) -> {
            for (int at = 0; at < n; at += Blocks.SIZE) {
                System.arraycopy(block, 0, a, from + at, Math.min(Blocks.SIZE, n - at));
            }
        });
    }

    /**
     * Moves every element below {@code lo} up to it, and then every element above {@code hi} down to that. NaN stays; a NaN bound
     * makes everything NaN.
     *
     * @param dtype the dtype of the target
     * @param target what to change
     * @param lo the lower bound, or null for none
     * @param hi the upper bound, or null for none
     * @throws DTypeMismatchException for bool and complex types, or if a bound does not fit the dtype (integer types: a lower bound
     *     below all values and an upper bound above all are fine)
     */
    public static void clip(DType dtype, Runs target, Object lo, Object hi) {
        if (dtype == DType.BOOL || dtype.isComplex()) {
            throw new DTypeMismatchException(
                    "cannot clip an array of " + dtype + ": its elements have no order to speak of",
                    "expected",
                    Operands.those(type -> type.isInteger() || type.isFloating()),
                    "found",
                    dtype);
        }
        Kernel kernel = dtype.isFloating()
                ? Clip.doubles(
                        lo == null ? Double.NEGATIVE_INFINITY : Operands.toDouble("clip", dtype, lo),
                        hi == null ? Double.POSITIVE_INFINITY : Operands.toDouble("clip", dtype, hi))
                : Clip.longs(dtype, lo, hi);
        if (lo != null || hi != null) {
            Blocks.update(target, converted(dtype, () -> kernel));
        }
    }

    /**
     * Applies a named function to every element: neg, abs, sign, square, floor, ceil, round (half to even), reciprocal, sqrt, exp,
     * expm1, log, log2, log10, log1p, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh.
     *
     * @param dtype the dtype of the target; integer types know neg, abs, sign, square and (without effect) floor, ceil, round;
     *     complex types neg
     * @param target what to change
     * @param function the name
     * @throws numpack.InvalidOptionException if there is no function of that name
     * @throws DTypeMismatchException if the dtype does not have the function
     */
    public static void map(DType dtype, Runs target, String function) {
        map(dtype, target, Function.of(function));
    }

    private static void map(DType dtype, Runs target, Function function) {
        boolean known = dtype.isFloating()
                || dtype.isComplex() && function == Function.NEG
                || dtype.isInteger() && function.isForIntegers();
        if (!known) {
            throw new DTypeMismatchException(
                    "cannot map " + function + " in place over an array of " + dtype + ": the dtype does not change; "
                            + "convert the array first, to float64 for example",
                    "expected",
                    Operands.those(DType::isFloating),
                    "found",
                    dtype);
        }
        if (dtype.isInteger()) {
            boolean unsigned = dtype.isUnsigned();
            Blocks.update(
                    target,
                    converted(dtype, () -> (a, from, n, item) -> function.apply(unsigned, (long[]) a, from, from + n)));
        } else {
            Blocks.update(
                    target, converted(dtype, () -> (a, from, n, item) -> function.apply((double[]) a, from, from + n)));
        }
    }

    /**
     * Applies a function to every element, in order and on the calling thread. If it throws, the elements before are changed.
     *
     * @param dtype the dtype of the target
     * @param target what to change
     * @param function from the element to what takes its place, rounded to the dtype
     * @throws DTypeMismatchException if the dtype is not floating
     */
    public static void map(DType dtype, Runs target, DoubleUnaryOperator function) {
        if (!dtype.isFloating()) {
            throw new DTypeMismatchException(
                    "cannot map a function of a double in place over an array of " + dtype
                            + ": the dtype does not change; " + "convert the array to float64 first",
                    "expected",
                    Operands.those(DType::isFloating),
                    "found",
                    dtype);
        }
        Blocks.updateInOrder(
                target,
                converted(dtype, () -> (a, from, n, item) -> Function.apply(function, (double[]) a, from, from + n))
                        .get());
    }

    /** Wraps kernels over longs or doubles for dtypes that are not stored as such. */
    private static Supplier<Kernel> converted(DType dtype, Supplier<Kernel> kernels) {
        boolean stored = dtype.kind() == DType.Kind.LONG || dtype.kind() == DType.Kind.DOUBLE;
        return stored ? kernels : () -> new Converted(dtype, kernels.get());
    }

    private static DTypeMismatchException negativePower(DType dtype, Object exponent) {
        return new DTypeMismatchException(
                "cannot raise an array of " + dtype + " in place to the power " + exponent
                        + ": integers have no negative powers; convert it to float64 first",
                "expected",
                dtype,
                "found",
                exponent);
    }
}
