package numpack.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Array;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import numpack.DType;
import numpack.DTypeMismatchException;
import numpack.InvalidOptionException;
import numpack.memory.Memory;
import numpack.memory.PrimitiveArrays;
import numpack.memory.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation against one written down element by element, wherever the items lie. */
class ArithmeticTest {
    /** Around the edges of a block. */
    private static final int[] SIZES = {0, 1, 3, 1023, 1024, 1025, 5000};

    private static final int LARGE = 131072;

    private final Random random = new Random(7);

    @ParameterizedTest
    @EnumSource(DType.class)
    void anOperandArrayOfTheSameShapeIsCombinedElementByElement(DType type) {
        for (int size : SIZES) {
            Object items = TestArrays.random(type, size * type.itemsPerElement(), random);
            Object operand = TestArrays.random(type, size * type.itemsPerElement(), random);
            for (Op op : operations(type)) {
                Object expected = expected(op, type, items, operand);
                for (String whereOperand : List.of("heap", "native", "pieces")) {
                    Runs other = TestArrays.layouts(type, operand).get(whereOperand);
                    TestArrays.layouts(type, items).forEach((where, target) -> {
                        Arithmetic.array(op, type, target, type, other);
                        assertNull(
                                difference(type, expected, target),
                                () -> size + " " + op + " " + where + " by " + whereOperand);
                    });
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void manyBlocksAreAsOne(DType type) {
        Object items = TestArrays.random(type, LARGE * type.itemsPerElement(), random);
        Object expected = expected(Op.MUL, type, items, items);
        TestArrays.layouts(type, items).forEach((where, target) -> {
            Arithmetic.array(Op.MUL, type, target, type, TestArrays.heap(type, items));
            assertNull(difference(type, expected, target), where);
        });
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void aRowIsRepeated(DType type) {
        for (int row : new int[] {1, 3, 512, 700, 1024, 2500}) {
            Object items = TestArrays.random(type, row * 7 * type.itemsPerElement(), random);
            Object operand = TestArrays.random(type, row * type.itemsPerElement(), random);
            Object repeated = PrimitiveArrays.zeros(type.kind(), TestArrays.length(items));
            for (int i = 0; i < 7; i++) {
                System.arraycopy(operand, 0, repeated, i * TestArrays.length(operand), TestArrays.length(operand));
            }
            Object expected = expected(Op.ADD, type, items, repeated);
            TestArrays.layouts(type, items).forEach((where, target) -> {
                Arithmetic.array(
                        Op.ADD,
                        type,
                        target,
                        type,
                        TestArrays.layouts(type, operand).get(where));
                assertNull(difference(type, expected, target), () -> "rows of " + row + " " + where);
            });
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void aScalarIsCombinedWithEveryElement(DType type) {
        for (int size : SIZES) {
            Object items = TestArrays.random(type, size * type.itemsPerElement(), random);
            Object scalar = type == DType.BOOL ? (Object) true : type.isInteger() ? (Object) 3L : (Object) 1.7;
            Object operand = filled(type, TestArrays.length(items), scalar);
            for (Op op : operations(type)) {
                Object expected = expected(op, type, items, operand);
                TestArrays.layouts(type, items).forEach((where, target) -> {
                    Arithmetic.scalar(op, type, target, scalar);
                    assertNull(difference(type, expected, target), () -> size + " " + op + " " + where);
                });
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void fillSetsEveryElementAndNothingElse(DType type) {
        Object scalar = type == DType.BOOL
                ? (Object) true
                : type.isInteger() ? (Object) 3 : type.isFloating() ? (Object) 0.1 : List.of(0.1, -2);
        for (int size : SIZES) {
            int n = (size + 2) * type.itemsPerElement();
            Object items = TestArrays.random(type, n, random);
            Memory memory = TestArrays.heap(type, items).memory(0);
            int margin = type.itemsPerElement();
            Arithmetic.fill(type, Runs.of(memory, margin, n - 2 * margin), scalar);
            Object expected = filled(type, n, scalar);
            System.arraycopy(items, 0, expected, 0, margin);
            System.arraycopy(items, n - margin, expected, n - margin, margin);
            assertNull(Closeness.firstDifference(type, expected, memory.array(), 0));
            TestArrays.layouts(type, items).forEach((where, target) -> {
                Arithmetic.fill(type, target, scalar);
                assertNull(difference(type, filled(type, n, scalar), target), where);
            });
        }
    }

    @Test
    void integersWrapAround() {
        assertArrayEquals(new byte[] {-128, -1}, (byte[])
                after(DType.INT8, new byte[] {127, -2}, t -> Arithmetic.scalar(Op.ADD, DType.INT8, t, 1)));
        assertArrayEquals(new byte[] {0, -1}, (byte[])
                after(DType.UINT8, new byte[] {1, 0}, t -> Arithmetic.scalar(Op.SUB, DType.UINT8, t, 1)));
        assertArrayEquals(new long[] {0}, (long[])
                after(DType.INT64, new long[] {2}, t -> Arithmetic.scalar(Op.POW, DType.INT64, t, 64)));
        assertArrayEquals(new long[] {-2}, (long[]) after(
                DType.UINT64,
                new long[] {-1},
                t -> Arithmetic.scalar(
                        Op.ADD, DType.UINT64, t, BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE))));
    }

    @Test
    void aFloat32ArrayTakesAScalarAsFloat32() {
        float[] result = (float[])
                after(DType.FLOAT32, new float[] {16777216f}, t -> Arithmetic.scalar(Op.MUL, DType.FLOAT32, t, 1.1));
        assertEquals(16777216f * 1.1f, result[0]);
    }

    @Test
    void float16MeetsFloat32InFloat32AndFloat64InFloat64() {
        // 1 + 2^-11 is a tie of float16. A little more is lost in float32 (the tie rounds to even), not in float64 (it
        // rounds up).
        double little = 0x1p-11 + 0x1p-40;
        Runs one = TestArrays.heap(DType.FLOAT16, new short[] {Float16.fromFloat(1)});
        Arithmetic.array(
                Op.ADD, DType.FLOAT16, one, DType.FLOAT32, TestArrays.heap(DType.FLOAT32, new float[] {(float) little
                }));
        assertEquals(1f, Float16.toFloat(((short[]) TestArrays.items(one, DType.FLOAT16))[0]));
        Runs other = TestArrays.heap(DType.FLOAT16, new short[] {Float16.fromFloat(1)});
        Arithmetic.array(
                Op.ADD, DType.FLOAT16, other, DType.FLOAT64, TestArrays.heap(DType.FLOAT64, new double[] {little}));
        assertEquals(1 + 0x1p-10f, Float16.toFloat(((short[]) TestArrays.items(other, DType.FLOAT16))[0]));
    }

    @Test
    void theSameElementsMayBeBothOperands() {
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT16, DType.COMPLEX64, DType.INT8)) {
            Object items = TestArrays.random(type, 5000, random);
            Object expected = expected(Op.MUL, type, items, items);
            TestArrays.layouts(type, items).forEach((where, target) -> {
                Arithmetic.array(Op.MUL, type, target, type, target);
                assertNull(difference(type, expected, target), where);
            });
        }
    }

    @Test
    void arraysForSeveralCoresAreDoneAsAWhole() {
        float[] items = (float[]) TestArrays.random(DType.FLOAT32, 3_300_001, random);
        float[] row = (float[]) TestArrays.random(DType.FLOAT32, 1_100_000 / 100_000, random);
        float[] whole = Arrays.copyOf(items, 3_300_000);
        for (Runs target :
                List.of(TestArrays.heap(DType.FLOAT32, whole), Runs.of(TestArrays.nativeCopy(DType.FLOAT32, whole)))) {
            Arithmetic.array(Op.SUB, DType.FLOAT32, target, DType.FLOAT32, TestArrays.heap(DType.FLOAT32, row));
            float[] result = (float[]) TestArrays.items(target, DType.FLOAT32);
            for (int i = 0; i < result.length; i++) {
                assertEquals(whole[i] - row[i % row.length], result[i]);
            }
        }
    }

    @Test
    void aFunctionIsCalledInOrderOnTheCallingThread() {
        double[] items = new double[2_500_000];
        Thread caller = Thread.currentThread();
        int[] calls = new int[1];
        double[] result = (double[]) after(
                DType.FLOAT64,
                items,
                t -> Arithmetic.map(DType.FLOAT64, t, x -> {
                    assertEquals(caller, Thread.currentThread());
                    return calls[0]++;
                }));
        for (int i = 0; i < result.length; i++) {
            assertEquals(i, result[i]);
        }
    }

    @Test
    void clipLeavesNaNAndUnsignedValuesInOrder() {
        double[] clipped = (double[]) after(
                DType.FLOAT64,
                new double[] {-3, Double.NaN, 0.5, 9, Double.POSITIVE_INFINITY},
                t -> Arithmetic.clip(DType.FLOAT64, t, 0, 1.0));
        assertArrayEquals(new double[] {0, Double.NaN, 0.5, 1, 1}, clipped);
        assertArrayEquals(new long[] {5, 7, -4}, (long[]) after(
                DType.UINT64,
                new long[] {2, 7, -1},
                t -> Arithmetic.clip(DType.UINT64, t, 5, new BigInteger("18446744073709551612"))));
        assertArrayEquals(new byte[] {0, 100, -56}, (byte[])
                after(DType.UINT8, new byte[] {0, 100, -1}, t -> Arithmetic.clip(DType.UINT8, t, -1000, 200)));
        assertArrayEquals(new int[] {-5, 3}, (int[])
                after(DType.INT32, new int[] {-5, 7}, t -> Arithmetic.clip(DType.INT32, t, null, 3)));
    }

    @Test
    void whatIsRefusedChangesNothing() {
        refused(DType.INT32, t -> Arithmetic.scalar(Op.ADD, DType.INT32, t, 2.0));
        refused(DType.INT32, t -> Arithmetic.scalar(Op.ADD, DType.INT32, t, 1L << 40));
        refused(DType.INT32, t -> Arithmetic.scalar(Op.DIV, DType.INT32, t, 2));
        refused(DType.INT32, t -> Arithmetic.scalar(Op.POW, DType.INT32, t, -1));
        refused(
                DType.INT32,
                t -> Arithmetic.array(
                        Op.POW, DType.INT32, t, DType.INT8, TestArrays.heap(DType.INT8, new byte[] {2, 2, 2, -1})));
        refused(DType.UINT32, t -> Arithmetic.scalar(Op.ADD, DType.UINT32, t, -1));
        refused(
                DType.UINT32,
                t -> Arithmetic.array(Op.ADD, DType.UINT32, t, DType.INT8, TestArrays.heap(DType.INT8, new byte[4])));
        refused(
                DType.INT32,
                t -> Arithmetic.array(
                        Op.ADD, DType.INT32, t, DType.FLOAT32, TestArrays.heap(DType.FLOAT32, new float[4])));
        refused(DType.INT32, t -> Arithmetic.map(DType.INT32, t, "sqrt"));
        refused(DType.INT32, t -> Arithmetic.map(DType.INT32, t, x -> x + 1));
        refused(DType.INT32, t -> Arithmetic.clip(DType.INT32, t, 0.5, null));
        refused(DType.INT32, t -> Arithmetic.clip(DType.INT32, t, 1L << 40, null));
        refused(DType.INT32, t -> Arithmetic.fill(DType.INT32, t, 1L << 40));
        refused(DType.INT32, t -> Arithmetic.fill(DType.INT32, t, null));
        refused(DType.FLOAT32, t -> Arithmetic.scalar(Op.ADD, DType.FLOAT32, t, List.of(1, 2)));
        refused(DType.FLOAT32, t -> Arithmetic.scalar(Op.ADD, DType.FLOAT32, t, "1"));
        refused(
                DType.FLOAT32,
                t -> Arithmetic.array(
                        Op.ADD, DType.FLOAT32, t, DType.COMPLEX64, TestArrays.heap(DType.COMPLEX64, new float[8])));
        refused(DType.BOOL, t -> Arithmetic.scalar(Op.SUB, DType.BOOL, t, true));
        refused(DType.BOOL, t -> Arithmetic.scalar(Op.ADD, DType.BOOL, t, 1));
        refused(DType.BOOL, t -> Arithmetic.map(DType.BOOL, t, "neg"));
        refused(DType.COMPLEX64, t -> Arithmetic.map(DType.COMPLEX64, t, "sqrt"));
        refused(DType.COMPLEX64, t -> Arithmetic.clip(DType.COMPLEX64, t, 0, 1));
        refused(DType.COMPLEX64, t -> Arithmetic.scalar(Op.ADD, DType.COMPLEX64, t, List.of(1, "2")));
    }

    @Test
    void anUnknownFunctionIsAnErrorThatListsTheKnownOnes() {
        Runs target = TestArrays.heap(DType.FLOAT32, new float[1]);
        String message = assertThrows(InvalidOptionException.class, () -> Arithmetic.map(DType.FLOAT32, target, "sine"))
                .getMessage();
        assertTrue(message.contains("\"sine\"") && message.contains("sinh"), message);
    }

    @Test
    void messagesNameTheOperationTheDtypeAndWhatWasFound() {
        Runs target = TestArrays.heap(DType.UINT8, new byte[1]);
        String message = assertThrows(
                        DTypeMismatchException.class, () -> Arithmetic.scalar(Op.MUL, DType.UINT8, target, 300))
                .getMessage();
        assertTrue(
                message.contains("mul")
                        && message.contains("300")
                        && message.contains("uint8")
                        && message.contains("0 to 255"),
                message);
    }

    private interface InPlace {
        void apply(Runs target);
    }

    private static Object after(DType type, Object items, InPlace operation) {
        Runs target = TestArrays.heap(type, items);
        operation.apply(target);
        return TestArrays.items(target, type);
    }

    private void refused(DType type, InPlace operation) {
        Object items = TestArrays.random(type, 4 * type.itemsPerElement(), random);
        Runs target = TestArrays.heap(type, items);
        assertThrows(DTypeMismatchException.class, () -> operation.apply(target));
        assertNull(difference(type, items, target));
    }

    private static String difference(DType type, Object expected, Runs found) {
        return Closeness.firstDifference(type, expected, TestArrays.items(found, type), type.isComplex() ? 4 : 0);
    }

    private static Op[] operations(DType type) {
        return type == DType.BOOL
                ? new Op[] {Op.ADD, Op.MUL}
                : type.isInteger() ? new Op[] {Op.ADD, Op.SUB, Op.MUL} : new Op[] {Op.ADD, Op.SUB, Op.MUL, Op.DIV};
    }

    private static Object filled(DType type, int n, Object scalar) {
        Object items = PrimitiveArrays.zeros(type.kind(), n);
        for (int i = 0; i < n; i++) {
            Object part = scalar instanceof List<?> pair
                    ? pair.get(i % 2)
                    : type.isComplex() && i % 2 == 1 ? (Object) 0.0 : scalar;
            set(
                    type,
                    items,
                    i,
                    part instanceof Boolean b ? BigInteger.valueOf(b ? 1 : 0) : null,
                    part instanceof Number x ? x.doubleValue() : 0);
        }
        return items;
    }

    /** One element after the other; integers by BigInteger, floating ones in their own precision. */
    private static Object expected(Op op, DType type, Object a, Object b) {
        int n = TestArrays.length(a);
        Object result = PrimitiveArrays.zeros(type.kind(), n);
        for (int i = 0; i < n; i += type.itemsPerElement()) {
            if (type.isComplex()) {
                complex(op, type, a, b, i, result);
            } else if (type.isFloating()) {
                double x = TestArrays.floating(a, i);
                double y = TestArrays.floating(b, i);
                set(
                        type,
                        result,
                        i,
                        null,
                        type == DType.FLOAT64 ? combine(op, x, y) : combine(op, (float) x, (float) y));
            } else {
                BigInteger x = TestArrays.asLong(type, a, i);
                BigInteger y = TestArrays.asLong(type, b, i);
                BigInteger z = op == Op.ADD ? x.add(y) : op == Op.SUB ? x.subtract(y) : x.multiply(y);
                set(type, result, i, type == DType.BOOL ? z.min(BigInteger.ONE) : z, 0);
            }
        }
        return result;
    }

    private static double combine(Op op, double x, double y) {
        return op == Op.ADD ? x + y : op == Op.SUB ? x - y : op == Op.MUL ? x * y : x / y;
    }

    private static float combine(Op op, float x, float y) {
        return op == Op.ADD ? x + y : op == Op.SUB ? x - y : op == Op.MUL ? x * y : x / y;
    }

    private static void complex(Op op, DType type, Object a, Object b, int i, Object result) {
        double ar = TestArrays.floating(a, i);
        double ai = TestArrays.floating(a, i + 1);
        double br = TestArrays.floating(b, i);
        double bi = TestArrays.floating(b, i + 1);
        double norm = br * br + bi * bi;
        double re = switch (op) {
            case ADD -> ar + br;
            case SUB -> ar - br;
            case MUL -> ar * br - ai * bi;
            default -> (ar * br + ai * bi) / norm;
        };
        double im = switch (op) {
            case ADD -> ai + bi;
            case SUB -> ai - bi;
            case MUL -> ar * bi + ai * br;
            default -> (ai * br - ar * bi) / norm;
        };
        set(type, result, i, null, re);
        set(type, result, i + 1, null, im);
    }

    private static void set(DType type, Object items, int i, BigInteger whole, double value) {
        long bits = whole != null ? whole.longValue() : (long) value;
        switch (type.kind()) {
            case BYTE -> Array.setByte(items, i, (byte) bits);
            case SHORT ->
                Array.setShort(items, i, type == DType.FLOAT16 ? Float16.fromFloat((float) value) : (short) bits);
            case INT -> Array.setInt(items, i, (int) bits);
            case LONG -> Array.setLong(items, i, bits);
            case FLOAT -> Array.setFloat(items, i, (float) value);
            case DOUBLE -> Array.setDouble(items, i, value);
        }
    }
}
