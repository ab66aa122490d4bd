package numpack.kernels;

import java.util.Arrays;
import java.util.function.Supplier;
import numpack.DType;
import numpack.DTypeMismatchException;
import numpack.Reduction;
import numpack.ShapeMismatchException;
import numpack.memory.Runs;

/**
 * An array seen as {@code outer} matrices of {@code rows} rows of {@code inner} items, each to be reduced to one row. Complex numbers
 * are two columns here.
 */
final class AxisReduction {
    /** Takes in the results of some neighbouring columns, the first of which is number {@code index}; called by several threads. */
    interface Sink<T> {
        void put(long index, T results);
    }

    /** What is done to columns that begin at item {@code start}, and whose results begin at number {@code index}. */
    private interface Unit {
        void run(long start, int width, long index);
    }

    private final DType dtype;
    private final long[] shape;
    private final int axis;
    private final Runs runs;
    private final long outer;
    private final long rows;
    private final long inner;
    private final ColumnReduction columns;

    AxisReduction(DType dtype, long[] shape, Runs runs, int axis) {
        this.dtype = dtype;
        this.shape = shape;
        this.axis = axis;
        this.runs = runs;
        outer = product(0, axis);
        rows = shape[axis];
        inner = product(axis + 1, shape.length) * dtype.itemsPerElement();
        columns = new ColumnReduction(rows, inner);
    }

    private long product(int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= shape[i];
        }
        return product;
    }

    /** {@return how many elements remain} */
    long results() {
        return outer * inner / dtype.itemsPerElement();
    }

    /** Sums of bool and integers. */
    void sums(Sink<IntegerSums> sink) {
        forEach(() -> {
            Reader longs = reader(Reader.Lane.LONGS);
            return (start, width, index) -> sink.put(index, integerSums(longs, start, width));
        });
    }

    /** Extremes of bool and integers, unsigned ones zero-extended. */
    void extremes(Reduction op, Sink<long[]> sink) {
        checkNotEmpty(op);
        forEach(() -> {
            Reader longs = reader(Reader.Lane.LONGS);
            return (start, width, index) -> sink.put(
                    index,
                    columns.reduce(
                                    longs,
                                    start,
                                    width,
                                    () -> new LeastLongs(op == Reduction.MAX, dtype.isUnsigned(), width))
                            .values());
        });
    }

    /** Everything whose results are floating. */
    void floats(Reduction op, Sink<double[]> sink) {
        checkNotEmpty(op);
        forEach(() -> {
            Reader doubles = reader(Reader.Lane.DOUBLES);
            Reader longs = dtype.isFloating() || dtype.isComplex() ? null : reader(Reader.Lane.LONGS);
            return (start, width, index) -> {
                double[] values = switch (op) {
                    case MIN, MAX ->
                        columns.reduce(
                                        doubles,
                                        start,
                                        width,
                                        () -> new LeastDoubles(op == Reduction.MIN ? 1 : -1, width))
                                .values();
                    case SUM -> floatSums(doubles, start, width, null);
                    case MEAN -> means(doubles, longs, start, width);
                    case VAR, STD -> spread(op, floatSums(doubles, start, width, means(doubles, longs, start, width)));
                    case NORM -> spread(op, floatSums(doubles, start, width, new double[width]));
                };
                sink.put(index * values.length / width, values);
            };
        });
    }

    private void forEach(Supplier<Unit> units) {
        long tiles = (inner + ColumnReduction.WIDTH - 1) / ColumnReduction.WIDTH;
        long items = Math.max(1, rows * Math.min(inner, ColumnReduction.WIDTH));
        Parallel.split(0, outer * tiles, Math.max(1, Parallel.GRAIN / items), (from, to) -> {
            Unit unit = units.get();
            for (long u = from; u < to; u++) {
                long column = u % tiles * ColumnReduction.WIDTH;
                int width = (int) Math.min(ColumnReduction.WIDTH, inner - column);
                unit.run(u / tiles * rows * inner + column, width, u / tiles * inner + column);
            }
        });
    }

    private Reader reader(Reader.Lane lane) {
        return new Reader(dtype, runs, lane);
    }

    private IntegerSums integerSums(Reader longs, long start, int width) {
        return columns.reduce(longs, start, width, () -> new IntegerSums(dtype, rows, width));
    }

    private double[] floatSums(Reader doubles, long start, int width, double[] centres) {
        double[] sums = columns.reduce(doubles, start, width, () -> new FloatSums(width, centres))
                .sums();
        if (rows == 0) {
            Arrays.fill(sums, 0);
        }
        return sums;
    }

    private double[] means(Reader doubles, Reader longs, long start, int width) {
        double[] means = longs == null
                ? floatSums(doubles, start, width, null)
                : integerSums(longs, start, width).toDoubles();
        for (int i = 0; i < means.length; i++) {
            means[i] /= rows;
        }
        return means;
    }

    /** From sums of squares to what was asked for; the real and the imaginary part of a complex number share one. */
    private double[] spread(Reduction op, double[] squares) {
        int parts = dtype.itemsPerElement();
        double[] results = new double[squares.length / parts];
        for (int i = 0; i < results.length; i++) {
            double sum = parts == 1 ? squares[i] : squares[2 * i] + squares[2 * i + 1];
            double value = op == Reduction.NORM ? sum : sum / rows;
            results[i] = op == Reduction.VAR ? value : Math.sqrt(value);
        }
        return results;
    }

    private void checkNotEmpty(Reduction op) {
        if (Reductions.isExtreme(op) && rows == 0 && outer * inner > 0) {
            throw new ShapeMismatchException(
                    "there is no " + op + " of no elements: axis " + axis + " has length 0", "found", shape);
        }
    }

    /** The sums as longs, or an exception that names the place of the one that does not fit. */
    long[] bits(IntegerSums sums, long index, DType resultType) {
        long[] bits = new long[sums.width()];
        for (int i = 0; i < bits.length; i++) {
            if (!sums.fits(i)) {
                throw new DTypeMismatchException(
                        "the sum along axis " + axis + " at " + Arrays.toString(place(index + i)) + " of the result is "
                                + sums.toBigInteger(i) + ", which does not fit " + resultType
                                + "; convert the array to float64 first",
                        "expected",
                        resultType,
                        "found",
                        sums.toBigInteger(i));
            }
            bits[i] = sums.bits(i);
        }
        return bits;
    }

    /** The index path of a result. */
    private long[] place(long index) {
        long[] place = new long[shape.length - 1];
        long rest = index;
        for (int i = place.length - 1; i >= 0; i--) {
            long length = shape[i < axis ? i : i + 1];
            place[i] = rest % length;
            rest /= length;
        }
        return place;
    }
}
