package numpack.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import numpack.DType;
import numpack.DTypeMismatchException;
import numpack.InvalidOptionException;
import numpack.Reduction;
import numpack.ShapeMismatchException;
import numpack.memory.Memory;
import numpack.memory.PrimitiveArrays;
import numpack.memory.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every reduction against exact arithmetic, wherever the items lie and along whichever axis. */
class ReductionsTest {
    private static final List<String> OPS = List.of("sum", "mean", "std", "var", "min", "max", "norm");
    private static final List<DType> REAL = List.of(DType.values()).subList(0, 12);

    private final Random random = new Random(11);

    @ParameterizedTest
    @EnumSource(DType.class)
    void allElementsAreReducedToTheExactValue(DType type) {
        for (int size : new int[] {1, 7, 129, 1023, 1025, 5000}) {
            Object items = TestArrays.random(type, size * type.itemsPerElement(), random);
            ExactStatistics exact = new ExactStatistics(type, items, 0, size, 1);
            Map<String, Runs> layouts = TestArrays.layouts(type, items);
            for (String op : operations(type)) {
                double[] expected = exact.value(op);
                layouts.forEach((where, runs) -> assertClose(
                        expected,
                        numbers(Reductions.reduce(Reduction.of(op), type, runs)),
                        2e-15,
                        () -> size + " " + op + " " + where));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyAxisIsReducedToTheExactValues(DType type) {
        long[][] shapes = {{5}, {40, 1}, {1, 40}, {300, 3}, {3, 90}, {2, 1100}, {4, 50, 6}, {2, 3, 1, 2, 5}};
        for (long[] shape : shapes) {
            int size = product(shape, 0, shape.length);
            Object items = TestArrays.random(type, size * type.itemsPerElement(), random);
            if (type.kind() == DType.Kind.LONG) {
                // So that the sums fit.
                for (int i = 0; i < size; i++) {
                    ((long[]) items)[i] >>>= 12;
                }
            }
            Map<String, Runs> layouts = TestArrays.layouts(type, items);
            for (int axis = 0; axis < shape.length; axis++) {
                checkAxis(type, shape, axis, items, layouts);
            }
        }
    }

    private static void checkAxis(DType type, long[] shape, int axis, Object items, Map<String, Runs> layouts) {
        int outer = product(shape, 0, axis);
        int rows = (int) shape[axis];
        int inner = product(shape, axis + 1, shape.length);
        ExactStatistics[] exact = new ExactStatistics[outer * inner];
        for (int r = 0; r < exact.length; r++) {
            exact[r] = new ExactStatistics(type, items, r / inner * rows * inner + r % inner, rows, inner);
        }
        for (String op : operations(type)) {
            DType resultType = Reductions.resultType(Reduction.of(op), type);
            int parts = resultType.itemsPerElement();
            double tolerance =
                    resultType == DType.FLOAT16 ? 0x1p-10 : resultType.kind() == DType.Kind.FLOAT ? 0x1p-23 : 2e-15;
            double[][] expected = Arrays.stream(exact).map(e -> e.value(op)).toArray(double[][]::new);
            layouts.forEach((where, runs) -> {
                Memory result = Reductions.reduceAxis(Reduction.of(op), type, shape, runs, axis);
                assertEquals(resultType.kind(), result.kind());
                assertEquals((long) exact.length * parts, result.length());
                Object found = result.array();
                for (int r = 0; r < exact.length; r++) {
                    double[] values = new double[parts];
                    for (int p = 0; p < parts; p++) {
                        int at = r * parts + p;
                        values[p] = parts == 2
                                ? TestArrays.floating(found, at)
                                : TestArrays.asDouble(resultType, found, at);
                    }
                    assertClose(
                            expected[r],
                            values,
                            tolerance,
                            () -> op + " along " + axis + " of " + Arrays.toString(shape) + " " + where);
                }
            });
        }
    }

    private static List<String> operations(DType type) {
        return type.isComplex() ? List.of("sum", "mean", "std", "var", "norm") : OPS;
    }

    @Test
    void columnsOfManyRowsAreSummedAsExactlyAsOneColumn() {
        int rows = 30_000;
        for (int width : new int[] {1, 2, 5}) {
            float[] items = new float[rows * width];
            for (int i = 0; i < items.length; i++) {
                items[i] = (float) (1 + 1e-3 * random.nextDouble());
            }
            double[] wide = new double[items.length];
            for (int i = 0; i < items.length; i++) {
                wide[i] = items[i] * 1.1;
            }
            double[] sums = (double[]) TestArrays.items(
                    Runs.of(Reductions.reduceAxis(
                            Reduction.SUM,
                            DType.FLOAT64,
                            new long[] {rows, width},
                            TestArrays.heap(DType.FLOAT64, wide),
                            0)),
                    DType.FLOAT64);
            for (int c = 0; c < width; c++) {
                BigDecimal exact = BigDecimal.ZERO;
                for (int i = c; i < wide.length; i += width) {
                    exact = exact.add(new BigDecimal(wide[i]));
                }
                double error = new BigDecimal(sums[c]).subtract(exact).abs().doubleValue();
                // Adding one after the other errs by some hundred units of the last place here.
                assertTrue(error <= 4 * Math.ulp(sums[c]), () -> "error " + error);
            }
        }
    }

    @Test
    void resultsDoNotDependOnHowTheItemsLie() {
        double[] items = new double[3_000_002];
        for (int i = 0; i < items.length; i++) {
            items[i] = random.nextDouble();
        }
        Map<String, Runs> layouts = TestArrays.layouts(DType.FLOAT64, items);
        for (String op : List.of("sum", "var")) {
            Object expected = Reductions.reduce(Reduction.of(op), DType.FLOAT64, layouts.get("heap"));
            layouts.forEach((where, runs) ->
                    assertEquals(expected, Reductions.reduce(Reduction.of(op), DType.FLOAT64, runs), where));
        }
    }

    @Test
    void largeArraysAreReducedOnSeveralCoresAlongEveryAxis() {
        int[] items = new int[3_000_000];
        for (int i = 0; i < items.length; i++) {
            items[i] = i;
        }
        Runs runs = TestArrays.heap(DType.INT32, items);
        assertEquals(2_999_999L * 1_500_000, Reductions.reduce(Reduction.SUM, DType.INT32, runs));
        for (long[] shape : new long[][] {{1_500_000, 2}, {2, 1_500_000}, {2, 1500, 1000}}) {
            for (int axis = 0; axis < shape.length; axis++) {
                Memory sums = Reductions.reduceAxis(Reduction.SUM, DType.INT32, shape, runs, axis);
                Memory greatest = Reductions.reduceAxis(Reduction.MAX, DType.INT32, shape, runs, axis);
                long rows = shape[axis];
                long inner = product(shape, axis + 1, shape.length);
                for (long r = 0; r < sums.length(); r++) {
                    long first = r / inner * rows * inner + r % inner;
                    long last = first + (rows - 1) * inner;
                    if (sums.getLong(r) != (first + last) * rows / 2 || greatest.getInt(r) != last) {
                        fail("result " + r + " along axis " + axis + " of " + Arrays.toString(shape));
                    }
                }
            }
        }
    }

    @Test
    void sumsOfIntegersAreExactBeyondLong() {
        long[] items = {Long.MAX_VALUE, Long.MAX_VALUE, 5, Long.MIN_VALUE, Long.MIN_VALUE};
        assertEquals(3L, Reductions.reduce(Reduction.SUM, DType.INT64, TestArrays.heap(DType.INT64, items)));
        assertEquals(
                BigInteger.valueOf(Long.MAX_VALUE).multiply(BigInteger.TWO).add(BigInteger.valueOf(5)),
                Reductions.reduce(Reduction.SUM, DType.INT64, TestArrays.heap(DType.INT64, new long[] {
                    Long.MAX_VALUE, Long.MAX_VALUE, 5
                })));
        BigInteger most = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
        assertEquals(
                most.multiply(BigInteger.valueOf(3)),
                Reductions.reduce(Reduction.SUM, DType.UINT64, TestArrays.heap(DType.UINT64, new long[] {-1, -1, -1})));
        assertEquals(most, Reductions.reduce(Reduction.MAX, DType.UINT64, TestArrays.heap(DType.UINT64, new long[] {
            3, -1, 7
        })));
        assertEquals(3L, Reductions.reduce(Reduction.MIN, DType.UINT64, TestArrays.heap(DType.UINT64, new long[] {
            3, -1, 7
        })));
    }

    @Test
    void aSumAlongAnAxisThatDoesNotFitSaysWhichAndWhatToDo() {
        long[] items = {1, Long.MAX_VALUE, 1, 1};
        for (int axis = 0; axis < 2; axis++) {
            int along = axis;
            String message = assertThrows(
                            DTypeMismatchException.class,
                            () -> Reductions.reduceAxis(
                                    Reduction.SUM,
                                    DType.INT64,
                                    new long[] {2, 2},
                                    TestArrays.heap(DType.INT64, items),
                                    along))
                    .getMessage();
            assertTrue(message.contains("9223372036854775808") && message.contains("float64"), message);
            assertTrue(message.contains(axis == 0 ? "[1]" : "[0]"), message);
        }
    }

    @Test
    void numbersComeBackAsTheirJavaTypes() {
        assertInstanceOf(
                Double.class,
                Reductions.reduce(Reduction.SUM, DType.FLOAT16, TestArrays.heap(DType.FLOAT16, new short[2])));
        assertEquals(2L, Reductions.reduce(Reduction.SUM, DType.BOOL, TestArrays.heap(DType.BOOL, new byte[] {1, 0, 1
        })));
        assertEquals(false, Reductions.reduce(Reduction.MIN, DType.BOOL, TestArrays.heap(DType.BOOL, new byte[] {1, 0, 1
        })));
        assertEquals(200L, Reductions.reduce(Reduction.MAX, DType.UINT8, TestArrays.heap(DType.UINT8, new byte[] {
            1, (byte) 200
        })));
        assertEquals(
                List.of(4.0, 6.0),
                Reductions.reduce(
                        Reduction.SUM, DType.COMPLEX64, TestArrays.heap(DType.COMPLEX64, new float[] {1, 2, 3, 4})));
        assertEquals(
                2.0,
                Reductions.reduce(
                        Reduction.VAR, DType.COMPLEX64, TestArrays.heap(DType.COMPLEX64, new float[] {1, 2, 3, 4})));
    }

    @Test
    void nothingSumsToZeroAndHasNoLeastElement() {
        for (DType type : REAL) {
            Runs empty = TestArrays.heap(type, PrimitiveArrays.zeros(type.kind(), 0));
            assertEquals(0.0, ((Number) Reductions.reduce(Reduction.SUM, type, empty)).doubleValue());
            assertEquals(Double.NaN, Reductions.reduce(Reduction.MEAN, type, empty));
            assertEquals(Double.NaN, Reductions.reduce(Reduction.STD, type, empty));
            assertEquals(0.0, Reductions.reduce(Reduction.NORM, type, empty));
            assertThrows(ShapeMismatchException.class, () -> Reductions.reduce(Reduction.MIN, type, empty));
            assertThrows(
                    ShapeMismatchException.class,
                    () -> Reductions.reduceAxis(Reduction.MAX, type, new long[] {0, 3}, empty, 0));
            assertEquals(
                    0,
                    Reductions.reduceAxis(Reduction.MAX, type, new long[] {0, 3}, empty, 1)
                            .length());
            assertEquals(
                    3,
                    Reductions.reduceAxis(Reduction.SUM, type, new long[] {0, 3}, empty, 0)
                            .length());
        }
        assertEquals(
                List.of(0.0, 0.0),
                Reductions.reduce(Reduction.SUM, DType.COMPLEX64, TestArrays.heap(DType.COMPLEX64, new float[0])));
    }

    @Test
    void naNAndInfinitiesPropagate() {
        for (int rows : new int[] {3, 2000}) {
            double[] items = new double[2 * rows];
            items[2 * rows - 2] = Double.NaN;
            Runs runs = TestArrays.heap(DType.FLOAT64, items);
            for (String op : OPS) {
                assertEquals(Double.NaN, Reductions.reduce(Reduction.of(op), DType.FLOAT64, runs), op);
                Memory columns = Reductions.reduceAxis(Reduction.of(op), DType.FLOAT64, new long[] {rows, 2}, runs, 0);
                assertEquals(Double.NaN, columns.getDouble(0), op);
                assertEquals(0, columns.getDouble(1), op);
            }
            items[2 * rows - 2] = Double.NEGATIVE_INFINITY;
            Runs infinite = TestArrays.heap(DType.FLOAT64, items);
            assertEquals(Double.NEGATIVE_INFINITY, Reductions.reduce(Reduction.SUM, DType.FLOAT64, infinite));
            assertEquals(Double.NEGATIVE_INFINITY, Reductions.reduce(Reduction.MIN, DType.FLOAT64, infinite));
            assertEquals(Double.POSITIVE_INFINITY, Reductions.reduce(Reduction.NORM, DType.FLOAT64, infinite));
        }
    }

    @Test
    void anUnknownReductionIsAnErrorThatListsTheKnownOnes() {
        Runs runs = TestArrays.heap(DType.FLOAT32, new float[1]);
        String message = assertThrows(
                        InvalidOptionException.class,
                        () -> Reductions.reduce(Reduction.of("median"), DType.FLOAT32, runs))
                .getMessage();
        assertTrue(message.contains("\"median\"") && message.contains("sum, mean, std, var, min, max, norm"), message);
        assertThrows(DTypeMismatchException.class, () -> Reductions.resultType(Reduction.MIN, DType.COMPLEX64));
    }

    private static double[] numbers(Object result) {
        if (result instanceof List<?> pair) {
            return new double[] {(Double) pair.get(0), (Double) pair.get(1)};
        }
        return new double[] {result instanceof Boolean b ? (b ? 1 : 0) : ((Number) result).doubleValue()};
    }

    /** Within a fraction of the result, or of 1 where a sum of numbers of that size cancels. */
    private static void assertClose(double[] expected, double[] found, double tolerance, Supplier<String> what) {
        assertEquals(expected.length, found.length, what);
        for (int i = 0; i < expected.length; i++) {
            double allowed = tolerance * Math.max(30, Math.abs(expected[i]));
            double difference = Math.abs(expected[i] - found[i]);
            assertTrue(
                    difference <= allowed,
                    () -> what.get() + ": expected " + Arrays.toString(expected) + ", found " + Arrays.toString(found));
        }
    }

    private static int product(long[] shape, int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product *= (int) shape[i];
        }
        return product;
    }
}
