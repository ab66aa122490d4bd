package numpack;

import static numpack.Samples.UINT64_MAX;
import static numpack.Samples.assertArray;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.lang.ISeq;
import clojure.lang.Keyword;
import clojure.lang.PersistentHashMap;
import clojure.lang.RT;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import numpack.memory.Memory;
import numpack.memory.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class NDArrayTest {
    static Stream<Arguments> dtypesAndLayouts() {
        return Arrays.stream(DType.values())
                .flatMap(dtype -> Arrays.stream(Layout.values()).map(layout -> Arguments.of(dtype, layout)));
    }

    private static NDArray sample(DType dtype, Layout layout) {
        return layout.array(dtype, Samples.of(dtype).items(), 2, 3);
    }

    // ---- elements

    @ParameterizedTest
    @MethodSource("dtypesAndLayouts")
    void elementsReadAsTheirJavaValues(DType dtype, Layout layout) {
        List<Object> values = Samples.of(dtype).values();
        NDArray array = sample(dtype, layout);
        assertArray(dtype, List.of(2, 3), values, array);
        for (int i = 0; i < 6; i++) {
            assertEquals(values.get(i), array.get(i / 3, i % 3));
        }
        assertEquals(2, array.rank());
        assertEquals(6, array.size());
        assertEquals(2, array.rows());
        assertEquals(6L * dtype.itemSize(), array.nbytes());
        assertFalse(array.isReadOnly());
        assertEquals(layout == Layout.MAPPED || layout == Layout.MAPPED_PIECES, array.isMapped());
        assertEquals(layout == Layout.HEAP || layout == Layout.MAPPED, array.isContiguous());
    }

    @ParameterizedTest
    @MethodSource("dtypesAndLayouts")
    void elementsReadAsPrimitives(DType dtype, Layout layout) {
        NDArray array = sample(dtype, layout);
        for (int i = 0; i < 6; i++) {
            int at = i;
            Object value = array.flatGet(i);
            if (dtype.isComplex()) {
                assertThrows(DTypeMismatchException.class, () -> array.flatGetDouble(at));
                assertThrows(DTypeMismatchException.class, () -> array.getDouble(at / 3, at % 3));
            } else {
                double expected = value instanceof Boolean b ? b ? 1 : 0 : ((Number) value).doubleValue();
                assertEquals(expected, array.flatGetDouble(i));
                assertEquals(expected, array.getDouble(i / 3, i % 3));
            }
            if (dtype.isComplex() || dtype.isFloating()) {
                assertThrows(DTypeMismatchException.class, () -> array.flatGetLong(at));
                assertThrows(DTypeMismatchException.class, () -> array.getLong(at / 3, at % 3));
            } else {
                long expected = value instanceof Boolean b ? b ? 1 : 0 : ((Number) value).longValue();
                assertEquals(expected, array.flatGetLong(i));
                assertEquals(expected, array.getLong(i / 3, i % 3));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dtypesAndLayouts")
    void whatIsSetIsRead(DType dtype, Layout layout) {
        NDArray array = sample(dtype, layout);
        List<Object> values = Samples.of(dtype).values();
        for (int i = 0; i < 6; i++) {
            array.set(values.get(5 - i), i / 3, i % 3);
        }
        for (int i = 0; i < 6; i++) {
            assertEquals(values.get(5 - i), array.flatGet(i));
        }
        assertTrue(array.runs().isChanged());
        if (dtype.isFloating()) {
            array.setDouble(0.5, 1, 2);
            array.setLong(3, 0, 0);
            assertEquals(0.5, array.get(1, 2));
            assertEquals(3.0, array.get(0, 0));
        } else if (!dtype.isComplex()) {
            array.setDouble(1, 1, 2);
            array.setLong(0, 0, 0);
            assertEquals(1, array.getLong(1, 2));
            assertEquals(0, array.getLong(0, 0));
        }
    }

    @Test
    void boolIsTrueForEveryByteButZero() {
        NDArray array = NDArray.wrap(DType.BOOL, new byte[] {0, 1, 2, -1});
        assertArray(DType.BOOL, List.of(4), List.of(false, true, true, true), array);
        assertEquals(1, array.flatGetLong(3));
        assertEquals(1.0, array.flatGetDouble(2));
        assertArrayEquals(new boolean[] {false, true, true, true}, array.toBooleanArray());
    }

    @Test
    void uint64IsABigIntegerBeyondLongAndHasALongView() {
        NDArray array = NDArray.zeros(DType.UINT64, 3);
        array.set(UINT64_MAX, 0);
        assertEquals(UINT64_MAX, array.get(0));
        assertEquals(-1, array.getLong(0), "the signed number of the same bits");
        assertEquals(0x1p64, array.getDouble(0));
        array.setLong(array.getLong(0), 1);
        assertEquals(UINT64_MAX, array.get(1), "setLong takes what getLong gave");
        array.set(new BigDecimal("9223372036854775808"), 2);
        assertEquals(BigInteger.ONE.shiftLeft(63), array.get(2));
        assertArrayEquals(new long[] {-1, -1, Long.MIN_VALUE}, array.toLongArray());
        assertThrows(DTypeMismatchException.class, () -> array.set(-1, 0));
        assertThrows(DTypeMismatchException.class, () -> array.set(BigInteger.ONE.shiftLeft(64), 0));
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                Arguments.of(DType.BOOL, List.of(2, -1, 0.5, "true", 2L)),
                Arguments.of(DType.UINT8, List.of(256, -1, 1.5, Double.NaN, List.of(1, 2), "1", 'c')),
                Arguments.of(DType.INT8, List.of(128, -129, 1e10, Double.POSITIVE_INFINITY)),
                Arguments.of(DType.UINT16, List.of(65536, -1, BigInteger.ONE.shiftLeft(70))),
                Arguments.of(DType.INT16, List.of(32768, -32769)),
                Arguments.of(DType.UINT32, List.of(1L << 32, -1)),
                Arguments.of(
                        DType.INT32,
                        List.of(1L << 31, -(1L << 31) - 1, clojure.lang.Numbers.divide((Object) 1L, (Object) 2L))),
                Arguments.of(DType.UINT64, List.of(-1, 0x1p64, -0.5, UINT64_MAX.add(BigInteger.ONE))),
                Arguments.of(
                        DType.INT64,
                        List.of(
                                0x1p63,
                                BigInteger.ONE.shiftLeft(63),
                                UINT64_MAX,
                                clojure.lang.BigInt.fromBigInteger(UINT64_MAX))),
                Arguments.of(DType.FLOAT16, List.of(65520, -65520.0, 1e300, "x")),
                Arguments.of(DType.FLOAT32, List.of(1e39, -3.4028235677973366e38, BigInteger.TEN.pow(40))),
                Arguments.of(
                        DType.FLOAT64, List.of(BigInteger.TEN.pow(400), new BigDecimal("1e400"), List.of(1.0, 2.0))),
                Arguments.of(
                        DType.COMPLEX64, List.of(1e39, List.of(1.0), List.of(1.0, 2.0, 3.0), List.of(1.0, 1e39), "i")),
                Arguments.of(DType.COMPLEX128, List.of(List.of("1", 2.0), new float[2])));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void aValueThatDoesNotFitIsRefused(DType dtype, List<Object> misfits) {
        NDArray array = NDArray.zeros(dtype, 2);
        List<Object> before = Samples.read(array);
        for (Object misfit : misfits) {
            DTypeMismatchException e = assertThrows(
                    DTypeMismatchException.class, () -> array.set(misfit, 0), () -> misfit + " into " + dtype);
            assertTrue(e.getMessage().contains(dtype.numpyName()), e.getMessage());
            if (misfit instanceof Double d) {
                assertThrows(DTypeMismatchException.class, () -> array.setDouble(d, 0));
            }
            if (misfit instanceof Long l) {
                assertThrows(DTypeMismatchException.class, () -> array.setLong(l, 0));
            }
        }
        assertThrows(DTypeMismatchException.class, () -> array.set(null, new long[] {0}));
        assertEquals(before, Samples.read(array));
    }

    @Test
    void whatRoundsDownToTheLargestNumberFits() {
        NDArray half = NDArray.zeros(DType.FLOAT16, 1);
        half.set(Math.nextDown(65520.0), 0);
        assertEquals(65504.0, half.get(0));
        half.setDouble(Math.nextDown(65520.0), 0);
        assertEquals(65504.0, half.get(0));
        NDArray single = NDArray.zeros(DType.FLOAT32, 1);
        single.set(Math.nextDown(0x1.ffffffp127), 0);
        assertEquals(Float.MAX_VALUE, single.getDouble(0));
        single.setDouble(Double.NEGATIVE_INFINITY, 0);
        assertEquals(Double.NEGATIVE_INFINITY, single.get(0), "an infinity is no overflow");
    }

    @Test
    void wholeNumbersAreRoundedOnceOnTheWayToFloat() {
        // halfway between two floats plus one: through double it would become the tie, and then even
        long number = (1L << 60) + (1L << 36) + 1;
        NDArray single = NDArray.zeros(DType.FLOAT32, 1);
        single.set(number, 0);
        assertEquals((float) number, single.getDouble(0));
        single.setLong(number, 0);
        assertEquals((float) number, single.getDouble(0));
        assertEquals(
                (float) number,
                NDArray.of(new long[] {number}).to(DType.FLOAT32).getDouble(0));
        assertEquals(
                (float) number,
                NDArray.wrap(DType.UINT64, new long[] {number})
                        .to(DType.FLOAT32)
                        .getDouble(0));
        assertEquals((float) number, (double)
                NDArray.from(List.of(number), DType.FLOAT32).get(0));
    }

    @Test
    void complexElementsAreSetFromPairsAndNumbers() {
        NDArray array = NDArray.zeros(DType.COMPLEX64, 4);
        array.set(List.of(1, 2.5), 0);
        array.set(new double[] {3, -4}, 1);
        array.set(RT.vector(5, 6), 2);
        array.set(7, 3);
        assertArray(
                DType.COMPLEX64,
                List.of(4),
                List.of(List.of(1.0, 2.5), List.of(3.0, -4.0), List.of(5.0, 6.0), List.of(7.0, 0.0)),
                array);
        assertTrue(array.get(0) instanceof clojure.lang.IPersistentVector);
    }

    // ---- errors of indexes

    @Test
    void indexErrorsNameIndexAxisAndLength() {
        NDArray array = NDArray.zeros(DType.FLOAT32, 4, 5);
        for (long[] path : new long[][] {{4, 0}, {-1, 0}, {0, 5}, {0, -1}, {Long.MAX_VALUE, 0}, {Long.MIN_VALUE, 0}}) {
            IndexOutOfBoundsException e = assertThrows(IndexOutOfBoundsException.class, () -> array.get(path));
            int axis = path[0] >= 0 && path[0] < 4 ? 1 : 0;
            assertEquals(
                    "index " + path[axis] + " is out of range for axis " + axis + " of length " + (axis + 4),
                    e.getMessage());
            assertEquals(
                    e.getMessage(),
                    assertThrows(IndexOutOfBoundsException.class, () -> array.set(1.0, path))
                            .getMessage());
            assertEquals(
                    e.getMessage(),
                    assertThrows(IndexOutOfBoundsException.class, () -> array.getDouble(path))
                            .getMessage());
            assertEquals(
                    e.getMessage(),
                    assertThrows(IndexOutOfBoundsException.class, () -> array.setDouble(1, path))
                            .getMessage());
        }
        for (long i : new long[] {20, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            String message = assertThrows(IndexOutOfBoundsException.class, () -> array.flatGet(i))
                    .getMessage();
            assertTrue(message.contains(Long.toString(i)) && message.contains("20"), message);
            assertThrows(IndexOutOfBoundsException.class, () -> array.flatGetDouble(i));
            assertThrows(IndexOutOfBoundsException.class, () -> array.flatSetDouble(i, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> array.flatSet(i, 1));
        }
        assertThrows(ShapeMismatchException.class, () -> array.get(1));
        assertThrows(ShapeMismatchException.class, () -> array.get(1, 1, 1));
        assertThrows(ShapeMismatchException.class, array::get);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> NDArray.zeros(DType.INT8, 3, 0).get(0, 0));
    }

    // ---- making

    @Test
    void primitiveArraysAreWrappedNotCopied() {
        float[] data = {1, 2, 3, 4};
        NDArray array = NDArray.of(data, 2, 2);
        data[3] = 40;
        assertEquals(40.0, array.get(1, 1));
        array.set(5, 0, 0);
        assertEquals(5f, data[0]);
        assertArray(DType.FLOAT64, List.of(1), List.of(1.5), NDArray.of(new double[] {1.5}));
        assertArray(DType.INT8, List.of(1), List.of(-1L), NDArray.of(new byte[] {-1}));
        assertArray(DType.INT16, List.of(1), List.of(-1L), NDArray.of(new short[] {-1}));
        assertArray(DType.INT32, List.of(1), List.of(-1L), NDArray.of(new int[] {-1}));
        assertArray(DType.INT64, List.of(1), List.of(-1L), NDArray.of(new long[] {-1}));
        assertArray(DType.BOOL, List.of(1, 2), List.of(true, false), NDArray.of(new boolean[] {true, false}, 1, 2));
        assertArray(
                DType.COMPLEX128, List.of(1), List.of(List.of(1.0, 2.0)), NDArray.wrap(DType.COMPLEX128, new double[] {
                    1, 2
                }));
        assertArray(DType.INT32, List.of(0), List.of(), NDArray.of(new int[0]));
    }

    @Test
    void wrappingChecksKindAndShape() {
        assertThrows(DTypeMismatchException.class, () -> NDArray.wrap(DType.FLOAT32, new double[2]));
        assertThrows(DTypeMismatchException.class, () -> NDArray.wrap(DType.FLOAT16, new float[2]));
        assertThrows(DTypeMismatchException.class, () -> NDArray.wrap(DType.FLOAT32, "no array"));
        assertThrows(DTypeMismatchException.class, () -> NDArray.wrap(DType.BOOL, new boolean[2]));
        assertThrows(DTypeMismatchException.class, () -> NDArray.wrap(DType.FLOAT32, new float[2][2]));
        assertThrows(ShapeMismatchException.class, () -> NDArray.of(new float[6], 2, 2));
        assertThrows(ShapeMismatchException.class, () -> NDArray.of(new float[6], -2, -3));
        assertThrows(ShapeMismatchException.class, () -> NDArray.of(new float[0], 0, -3));
        assertThrows(ShapeMismatchException.class, () -> NDArray.of(new float[6], 1L << 62, 6));
        assertThrows(ShapeMismatchException.class, () -> NDArray.of(new float[0], 1L << 32, 1L << 32));
        assertThrows(ShapeMismatchException.class, () -> NDArray.wrap(DType.COMPLEX64, new float[3]));
        assertThrows(NullPointerException.class, () -> NDArray.of((float[]) null));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void zerosAreZero(DType dtype) {
        NDArray zeros = NDArray.zeros(dtype, 2, 3);
        NDArray contents = sample(dtype, Layout.HEAP);
        assertEquals(zeros.flatGet(0), contents.flatGet(dtype == DType.BOOL ? 3 : 0));
        assertTrue(zeros.contentEquals(NDArray.zeros(dtype, 2, 3)));
        assertArrayEquals(new long[] {0, 4}, NDArray.zeros(dtype, 0, 4).shape());
        assertFalse(zeros.runs().isChanged());
    }

    @Test
    void zerosOfAnImpossibleShapeAreRefusedBeforeAnythingIsAllocated() {
        assertThrows(ShapeMismatchException.class, () -> NDArray.zeros(DType.INT8));
        assertThrows(ShapeMismatchException.class, () -> NDArray.zeros(DType.INT8, -1));
        assertThrows(ShapeMismatchException.class, () -> NDArray.zeros(DType.INT8, 0, -1));
        assertThrows(ShapeMismatchException.class, () -> NDArray.zeros(DType.INT8, 1L << 32, 1L << 32));
        assertThrows(InsufficientMemoryException.class, () -> NDArray.zeros(DType.FLOAT64, 1L << 50));
        assertThrows(InsufficientMemoryException.class, () -> NDArray.zeros(DType.COMPLEX128, 1L << 59));
        InsufficientMemoryException e =
                assertThrows(InsufficientMemoryException.class, () -> NDArray.zeros(DType.FLOAT64, 1L << 40, 4));
        assertTrue(e.getMessage().contains("lazy"), e.getMessage());
    }

    @Test
    void theShapeIsNobodyElses() {
        long[] shape = {2, 3};
        NDArray array = NDArray.zeros(DType.INT8, shape);
        shape[0] = 100;
        array.shape()[1] = 100;
        assertArrayEquals(new long[] {2, 3}, array.shape());
    }

    // ---- copies and conversions

    @ParameterizedTest
    @MethodSource("dtypesAndLayouts")
    void copiesAreIndependentAndOnTheHeap(DType dtype, Layout layout) {
        NDArray array = sample(dtype, layout);
        NDArray copy = array.copy();
        assertTrue(copy.contentEquals(array));
        assertFalse(copy.isMapped());
        assertTrue(copy.isContiguous());
        assertFalse(copy.runs().isChanged());
        copy.set(Samples.of(dtype).values().get(1), 0, 0);
        assertFalse(copy.contentEquals(array));
        assertTrue(array.to(dtype).contentEquals(array));
        assertNotSame(array, array.to(dtype));
    }

    @ParameterizedTest
    @MethodSource("dtypesAndLayouts")
    void copyToGivesTheItemsAsTheyAreStored(DType dtype, Layout layout) {
        Object items = Samples.of(dtype).items();
        int n = Array.getLength(items);
        Object target = Array.newInstance(items.getClass().getComponentType(), n + 3);
        NDArray array = sample(dtype, layout);
        array.copyTo(target, 2);
        for (int i = 0; i < n; i++) {
            assertEquals(Array.get(items, i), Array.get(target, i + 2));
        }
        for (int at : new int[] {4, -1, Integer.MAX_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> array.copyTo(target, at));
        }
        assertThrows(
                DTypeMismatchException.class,
                () -> array.copyTo(items instanceof float[] ? new int[99] : new float[99], 0));
        assertThrows(DTypeMismatchException.class, () -> array.copyTo(new String[99], 0));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyDTypeConvertsToEveryOtherAsSingleValuesDo(DType from) {
        Samples samples = Samples.of(from);
        for (Layout layout : List.of(Layout.HEAP, Layout.MAPPED_PIECES)) {
            for (DType to : DType.values()) {
                for (int i = 0; i < 6; i++) {
                    NDArray one = sample(from, layout).reshape(6, 1).rows(i, i + 1);
                    Object value = samples.values().get(i);
                    if (value instanceof List<?> pair && !to.isComplex()) {
                        value = pair.get(1).equals(0.0) ? pair.get(0) : "an imaginary part";
                    }
                    NDArray expected = NDArray.zeros(to, 1, 1);
                    try {
                        expected.set(value, 0, 0);
                    } catch (DTypeMismatchException e) {
                        DTypeMismatchException found = assertThrows(DTypeMismatchException.class, () -> one.to(to));
                        assertTrue(
                                found.getMessage().contains("[0 0]")
                                        && found.getMessage().contains(to.numpyName()),
                                found.getMessage());
                        continue;
                    }
                    assertEquals(expected.get(0, 0), one.to(to).get(0, 0), from + " to " + to);
                    assertFalse(one.to(to).runs().isChanged());
                }
            }
        }
    }

    @Test
    void aConversionThatFailsNamesTheIndex() {
        NDArray array = NDArray.zeros(DType.FLOAT64, 3000, 7);
        array.set(300, 2345, 6);
        String message = assertThrows(DTypeMismatchException.class, () -> array.to(DType.UINT8))
                .getMessage();
        assertTrue(message.contains("[2345 6]") && message.contains("300"), message);
        array.set(Double.NaN, 2000, 1);
        assertTrue(assertThrows(DTypeMismatchException.class, () -> array.to(DType.INT64))
                .getMessage()
                .contains("[2000 1]"));
        assertTrue(Double.isNaN(array.to(DType.FLOAT16).getDouble(2000, 1)));
        assertTrue(Double.isNaN(array.to(DType.FLOAT32).getDouble(2000, 1)));
    }

    @Test
    void longConversionsCoverEveryBlock() {
        int n = 5000;
        NDArray numbers = NDArray.zeros(DType.INT32, n);
        for (int i = 0; i < n; i++) {
            numbers.flatSetLong(i, i - 2500);
        }
        for (DType dtype :
                List.of(DType.INT16, DType.INT64, DType.FLOAT32, DType.FLOAT64, DType.COMPLEX64, DType.COMPLEX128)) {
            NDArray converted = numbers.to(dtype);
            assertTrue(converted.to(DType.INT32).contentEquals(numbers), dtype.numpyName());
        }
    }

    @Test
    void primitiveArraysOfEveryKindComeOut() {
        NDArray array = NDArray.of(new int[] {0, 1, 1});
        assertArrayEquals(new float[] {0, 1, 1}, array.toFloatArray());
        assertArrayEquals(new double[] {0, 1, 1}, array.toDoubleArray());
        assertArrayEquals(new long[] {0, 1, 1}, array.toLongArray());
        assertArrayEquals(new int[] {0, 1, 1}, array.toIntArray());
        assertArrayEquals(new short[] {0, 1, 1}, array.toShortArray());
        assertArrayEquals(new byte[] {0, 1, 1}, array.toByteArray());
        assertArrayEquals(new boolean[] {false, true, true}, array.toBooleanArray());
        int[] copy = array.toIntArray();
        copy[0] = 99;
        assertEquals(0L, array.get(0), "a copy, even of the same kind");
    }

    @Test
    void unsignedNumbersDoNotTurnNegativeInPrimitiveArrays() {
        assertArrayEquals(
                new int[] {65535}, NDArray.wrap(DType.UINT16, new short[] {-1}).toIntArray());
        assertArrayEquals(
                new long[] {4294967295L},
                NDArray.wrap(DType.UINT32, new int[] {-1}).toLongArray());
        assertArrayEquals(
                new float[] {255}, NDArray.wrap(DType.UINT8, new byte[] {-1}).toFloatArray());
        assertArrayEquals(
                new double[] {0x1p64},
                NDArray.wrap(DType.UINT64, new long[] {-1}).toDoubleArray());
        assertThrows(
                DTypeMismatchException.class,
                () -> NDArray.wrap(DType.UINT16, new short[] {-1}).toShortArray());
        assertThrows(
                DTypeMismatchException.class,
                () -> NDArray.wrap(DType.UINT32, new int[] {-1}).toIntArray());
        assertArrayEquals(
                new byte[] {-1}, NDArray.wrap(DType.UINT8, new byte[] {-1}).toByteArray(), "the documented raw form");
        assertArrayEquals(
                new long[] {-1}, NDArray.wrap(DType.UINT64, new long[] {-1}).toLongArray(), "the documented raw form");
        assertArrayEquals(
                new short[] {1},
                NDArray.wrap(DType.FLOAT16, new short[] {0x3c00}).toShortArray());
        assertThrows(
                DTypeMismatchException.class, () -> NDArray.of(new int[] {2}).toBooleanArray());
        assertThrows(
                DTypeMismatchException.class,
                () -> NDArray.of(new double[] {1e300}).toFloatArray());
        assertThrows(
                DTypeMismatchException.class,
                () -> NDArray.wrap(DType.COMPLEX64, new float[] {1, 1}).toIntArray());
    }

    // ---- read-only, ended

    @ParameterizedTest
    @EnumSource(Layout.class)
    void nothingWritesToAReadOnlyArray(Layout layout) {
        NDArray array = layout.array(DType.FLOAT32, new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        NDArray locked = array.readOnly();
        NDArray row = NDArray.zeros(DType.FLOAT32, 2);
        assertTrue(locked.isReadOnly());
        assertSame(locked, locked.readOnly());
        for (NDArray view : List.of(locked, locked.rows(1, 3), locked.reshape(6, 1), locked.withMeta(null))) {
            assertTrue(view.isReadOnly());
            List<Runnable> writes = List.of(
                    () -> view.set(1, 0, 0),
                    () -> view.setDouble(1, 0, 0),
                    () -> view.setLong(1, 0, 0),
                    () -> view.flatSet(0, 1),
                    () -> view.flatSetDouble(0, 1),
                    () -> view.flatSetLong(0, 1),
                    () -> view.set(view.copy()),
                    () -> view.add(1),
                    () -> view.mul(view),
                    () -> view.fill(0),
                    () -> view.map("neg"),
                    () -> view.map(x -> x),
                    () -> view.clip(0, 1),
                    () -> view.setRows(view.copy().rows(0, 1), Rows.of(0)));
            for (Runnable write : writes) {
                assertThrows(ReadOnlyException.class, write::run);
            }
        }
        assertThrows(ReadOnlyException.class, () -> locked.row(0).sub(row));
        assertArray(DType.FLOAT32, List.of(3, 2), List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), locked);
        array.set(7, 0, 0);
        assertEquals(7.0, locked.get(0, 0), "it is a view");
        assertFalse(locked.copy().isReadOnly());
    }

    @Test
    void nothingReadsOrWritesAfterTheEndOfTheScope() {
        Memory memory = Layout.mapped(DType.Kind.FLOAT, 6, true);
        NDArray array = new NDArray(DType.FLOAT32, new long[] {3, 2}, Runs.of(memory));
        NDArray row = array.row(1);
        memory.freeze("the writable batch has ended");
        NDArray fine = NDArray.zeros(DType.FLOAT32, 3, 2);
        List<Runnable> uses = List.of(
                () -> array.get(0, 0),
                () -> array.getDouble(0, 0),
                () -> row.flatGet(0),
                () -> array.set(1, 0, 0),
                () -> array.add(1),
                array::copy,
                () -> array.to(DType.INT8),
                array::toFloatArray,
                () -> array.copyTo(new float[6], 0),
                () -> array.reduce("sum"),
                () -> array.reduceAxis("sum", 0),
                () -> array.selectRows(Rows.of(0)),
                () -> fine.set(array),
                () -> fine.add(array),
                () -> fine.add(row),
                () -> fine.setRows(array.rows(0, 1), Rows.of(0)),
                () -> fine.contentEquals(array),
                () -> array.contentEquals(fine),
                () -> NDArray.from(List.of(row)),
                () -> array.fill(1),
                () -> array.set(fine));
        for (int i = 0; i < uses.size(); i++) {
            Runnable use = uses.get(i);
            assertEquals(
                    "the writable batch has ended",
                    assertThrows(ScopeEndedException.class, use::run, "use " + i)
                            .getMessage());
        }
        assertEquals("#<NDArray float32 [3 2], scope ended>", array.toString());
        assertArrayEquals(new long[] {3, 2}, array.shape());
        assertEquals(3, array.count());
    }

    // ---- comparing

    @ParameterizedTest
    @MethodSource("dtypesAndLayouts")
    void contentEqualsComparesBits(DType dtype, Layout layout) {
        NDArray array = sample(dtype, layout);
        NDArray other = sample(dtype, Layout.HEAP_PIECES);
        assertTrue(array.contentEquals(other));
        assertTrue(other.contentEquals(array));
        assertFalse(array.contentEquals(other.reshape(3, 2)));
        other.set(Samples.of(dtype).values().get(1), 1, 2);
        assertFalse(array.contentEquals(other));
        for (DType another : DType.values()) {
            assertEquals(another == dtype, NDArray.zeros(dtype, 2, 2).contentEquals(NDArray.zeros(another, 2, 2)));
        }
    }

    @Test
    void nanEqualsItselfAndTheZerosDiffer() {
        assertTrue(NDArray.of(new double[] {Double.NaN}).contentEquals(NDArray.of(new double[] {Double.NaN})));
        assertFalse(NDArray.of(new double[] {0.0}).contentEquals(NDArray.of(new double[] {-0.0})));
        assertFalse(NDArray.of(new byte[] {-1}).contentEquals(NDArray.wrap(DType.UINT8, new byte[] {-1})));
        assertTrue(NDArray.zeros(DType.INT8, 0, 3).contentEquals(NDArray.zeros(DType.INT8, 0, 3)));
        assertFalse(NDArray.zeros(DType.INT8, 0, 3).contentEquals(NDArray.zeros(DType.INT8, 0, 4)));
        NDArray longer = NDArray.zeros(DType.INT16, 20000);
        NDArray edited = longer.copy();
        edited.set(1, 19999);
        assertFalse(longer.contentEquals(edited));
    }

    @Test
    void equalityIsIdentity() {
        float[] data = {1, 2};
        NDArray array = NDArray.of(data);
        assertEquals(array, array);
        assertNotEquals(array, NDArray.of(data));
        assertNotEquals(array, array.withMeta(null));
        assertEquals(System.identityHashCode(array), array.hashCode());
    }

    // ---- Clojure

    @ParameterizedTest
    @EnumSource(Layout.class)
    void countsIndexesAndSeqsAsItsRows(Layout layout) {
        NDArray array = layout.array(DType.INT32, new int[] {1, 2, 3, 4, 5, 6}, 3, 2);
        assertEquals(3, RT.count(array));
        NDArray last = (NDArray) RT.nth(array, 2);
        assertArray(DType.INT32, List.of(2), List.of(5L, 6L), last);
        last.set(60, 1);
        assertEquals(60L, array.get(2, 1), "a row is a view");
        assertEquals(60L, RT.nth(last, 1));
        assertEquals("none", RT.nth(array, 3, "none"));
        assertEquals("none", RT.nth(array, -1, "none"));
        assertEquals(
                "index 3 is out of range for axis 0 of length 3",
                assertThrows(IndexOutOfBoundsException.class, () -> RT.nth(array, 3))
                        .getMessage());
        assertThrows(IndexOutOfBoundsException.class, () -> array.nth(-1));
        List<Object> rows = new ArrayList<>();
        for (ISeq s = RT.seq(array); s != null; s = s.next()) {
            rows.add(Samples.read((NDArray) s.first()));
        }
        assertEquals(List.of(List.of(1L, 2L), List.of(3L, 4L), List.of(5L, 60L)), rows);
        assertEquals(List.of(5L, 60L), new ArrayList<>((List<?>) RT.seq(last)));
        assertNull(RT.seq(NDArray.zeros(DType.INT8, 0, 2)));
        assertEquals(0, RT.count(NDArray.zeros(DType.INT8, 0)));
    }

    @Test
    void metadataIsCarriedByAnotherObjectOverTheSameMemory() {
        NDArray array = NDArray.zeros(DType.INT8, 2);
        assertNull(array.meta());
        NDArray named = array.withMeta(PersistentHashMap.create(Keyword.intern("unit"), "K"));
        assertEquals("K", named.meta().valAt(Keyword.intern("unit")));
        named.set(5, 1);
        assertEquals(5L, array.get(1));
        assertNull(array.meta());
    }

    @Test
    void integrationsMayKeepSomethingWithAnArray() {
        NDArray array = NDArray.zeros(DType.INT8, 2);
        assertNull(array.cached());
        array.cache("reader");
        assertEquals("reader", array.cached());
        assertNull(array.rows(0, 2).cached());
    }
}
