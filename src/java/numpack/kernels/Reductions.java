package numpack.kernels;

import clojure.lang.Tuple;
import java.math.BigInteger;
import numpack.DType;
import numpack.DTypeMismatchException;
import numpack.Reduction;
import numpack.ShapeMismatchException;
import numpack.memory.Memory;
import numpack.memory.PrimitiveArrays;
import numpack.memory.Runs;

/**
 * Sums, means, extremes and the like, of all elements or along an axis. Floating sums are accumulated in double, pairwise, and
 * rounded once at the end; variances in two passes; sums of integers are exact. Results are the same for any number of cores, and
 * for heap memory, mapped memory and any number of runs.
 */
public final class Reductions {
    private Reductions() {}

    /**
     * The dtype of the results along an axis: sums of bool and signed integers are int64, of unsigned ones uint64; other results of
     * integers are float64; floating and complex types stay, but a complex norm, std or var is real; min and max keep every dtype.
     *
     * @param op the reduction
     * @param dtype the dtype of the array
     * @return the dtype, never null
     * @throws DTypeMismatchException for min and max of complex types
     */
    public static DType resultType(Reduction op, DType dtype) {
        if (isExtreme(op)) {
            if (dtype.isComplex()) {
                throw new DTypeMismatchException(
                        "complex numbers have no " + op + ": they are not ordered",
                        "expected",
                        Operands.those(type -> !type.isComplex()),
                        "found",
                        dtype);
            }
            return dtype;
        }
        if (dtype.isFloating()) {
            return dtype;
        }
        if (dtype.isComplex()) {
            boolean real = op == Reduction.STD || op == Reduction.VAR || op == Reduction.NORM;
            return !real ? dtype : dtype == DType.COMPLEX64 ? DType.FLOAT32 : DType.FLOAT64;
        }
        return op != Reduction.SUM ? DType.FLOAT64 : dtype.isUnsigned() ? DType.UINT64 : DType.INT64;
    }

    /**
     * Reduces all elements to one value.
     *
     * @param op the reduction
     * @param dtype the dtype of the elements
     * @param runs the elements
     * @return a Double; for sums, minima and maxima of integers a Long, or a BigInteger beyond it; for those of bool a Long or
     *     Boolean; for sum and mean of complex types a Clojure vector [re im]; never null
     * @throws DTypeMismatchException for min and max of complex types
     * @throws ShapeMismatchException for min and max of nothing
     */
    public static Object reduce(Reduction op, DType dtype, Runs runs) {
        DType resultType = resultType(op, dtype);
        AxisReduction along = new AxisReduction(dtype, new long[] {runs.size() / dtype.itemsPerElement()}, runs, 0);
        Object[] result = new Object[1];
        if (isComputedInDouble(op, dtype)) {
            along.floats(
                    op,
                    (index, values) -> result[0] =
                            resultType.isComplex() ? Tuple.create(values[0], values[1]) : (Object) values[0]);
        } else if (op == Reduction.SUM) {
            along.sums((index, sums) -> result[0] = asNumber(sums.toBigInteger(0)));
        } else {
            along.extremes(op, (index, values) -> result[0] = asElement(dtype, values[0]));
        }
        return result[0];
    }

    private static Object asNumber(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private static Object asElement(DType dtype, long bits) {
        if (dtype == DType.BOOL) {
            return bits != 0;
        }
        return dtype == DType.UINT64 ? asNumber(new BigInteger(Long.toUnsignedString(bits))) : (Object) bits;
    }

    /**
     * Reduces an array along one axis.
     *
     * @param op the reduction
     * @param dtype the dtype of the array
     * @param shape its shape
     * @param runs its elements
     * @param axis the axis that goes, from 0 to the rank minus 1
     * @return the results, of dtype {@link #resultType}, in the order of the remaining axes; never null
     * @throws DTypeMismatchException for min and max of complex types, or if a sum does not fit int64 or uint64
     * @throws ShapeMismatchException for min and max along an axis of length 0
     */
    public static Memory reduceAxis(Reduction op, DType dtype, long[] shape, Runs runs, int axis) {
        DType resultType = resultType(op, dtype);
        AxisReduction along = new AxisReduction(dtype, shape, runs, axis);
        Memory results = Memory.allocate(resultType, along.results());
        if (isComputedInDouble(op, dtype)) {
            along.floats(
                    op,
                    (index, values) -> store(
                            results,
                            index,
                            values.length,
                            (items, at) -> Codec.of(resultType).fromDoubles(values, items, at, values.length)));
        } else if (op == Reduction.SUM) {
            along.sums((index, sums) -> results.write(index, along.bits(sums, index, resultType), 0, sums.width()));
        } else {
            along.extremes(
                    op,
                    (index, values) -> store(
                            results,
                            index,
                            values.length,
                            (items, at) -> Codec.of(resultType).fromLongs(values, items, at, values.length)));
        }
        return results;
    }

    static boolean isExtreme(Reduction op) {
        return op == Reduction.MIN || op == Reduction.MAX;
    }

    private static boolean isComputedInDouble(Reduction op, DType dtype) {
        return dtype.isFloating() || dtype.isComplex() || !(isExtreme(op) || op == Reduction.SUM);
    }

    private interface Storing {
        void into(Object items, int at);
    }

    private static void store(Memory results, long index, int count, Storing storing) {
        if (results.array() != null) {
            storing.into(results.array(), (int) index);
        } else {
            Object items = PrimitiveArrays.zeros(results.kind(), count);
            storing.into(items, 0);
            results.write(index, items, 0, count);
        }
    }
}
