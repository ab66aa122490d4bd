package numpack;

import static numpack.Samples.UINT64_MAX;
import static numpack.Samples.assertArray;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.java.api.Clojure;
import clojure.lang.IFn;
import clojure.lang.RT;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of the contents that a caller gives. */
class NDArrayFromTest {
    private static final IFn READ = Clojure.var("clojure.core", "load-string");

    /** Clojure data, by the source that makes it. */
    private static Object clj(String source) {
        return READ.invoke(source);
    }

    static Stream<Arguments> contents() {
        return Stream.of(
                Arguments.of("[1 2 3]", DType.INT64, List.of(3), List.of(1L, 2L, 3L)),
                Arguments.of("[[1 2] [3 4] [5 6]]", DType.INT64, List.of(3, 2), List.of(1L, 2L, 3L, 4L, 5L, 6L)),
                Arguments.of("'((1 2) (3 4))", DType.INT64, List.of(2, 2), List.of(1L, 2L, 3L, 4L)),
                Arguments.of("(map inc [1 2])", DType.INT64, List.of(2), List.of(2L, 3L)),
                Arguments.of(
                        "(for [i (range 2)] (for [j (range 3)] (+ i (* 10 j))))",
                        DType.INT64,
                        List.of(2, 3),
                        List.of(0L, 10L, 20L, 1L, 11L, 21L)),
                Arguments.of("(range 3)", DType.INT64, List.of(3), List.of(0L, 1L, 2L)),
                Arguments.of("(range 0 1 0.5)", DType.FLOAT64, List.of(2), List.of(0.0, 0.5)),
                Arguments.of("(take 2 (iterate inc 5))", DType.INT64, List.of(2), List.of(5L, 6L)),
                Arguments.of("(repeat 2 [1 2])", DType.INT64, List.of(2, 2), List.of(1L, 2L, 1L, 2L)),
                Arguments.of("(eduction (map inc) [1 2])", DType.INT64, List.of(2), List.of(2L, 3L)),
                Arguments.of("(vector-of :double 1 2)", DType.FLOAT64, List.of(2), List.of(1.0, 2.0)),
                Arguments.of("[(vector-of :long 1 2) (range 2)]", DType.INT64, List.of(2, 2), List.of(1L, 2L, 0L, 1L)),
                Arguments.of("(conj clojure.lang.PersistentQueue/EMPTY 1 2)", DType.INT64, List.of(2), List.of(1L, 2L)),
                Arguments.of("(subvec [1 2 3] 1)", DType.INT64, List.of(2), List.of(2L, 3L)),
                Arguments.of("(first {1 2})", DType.INT64, List.of(2), List.of(1L, 2L)),
                Arguments.of("[1 2.5]", DType.FLOAT64, List.of(2), List.of(1.0, 2.5)),
                Arguments.of("[[1 2] [3 (float 0.5)]]", DType.FLOAT64, List.of(2, 2), List.of(1.0, 2.0, 3.0, 0.5)),
                Arguments.of("[1 1/2]", DType.FLOAT64, List.of(2), List.of(1.0, 0.5)),
                Arguments.of("[1 0.25M]", DType.FLOAT64, List.of(2), List.of(1.0, 0.25)),
                Arguments.of("[1N 2]", DType.INT64, List.of(2), List.of(1L, 2L)),
                Arguments.of("[(int 1) (short 2) (byte 3)]", DType.INT64, List.of(3), List.of(1L, 2L, 3L)),
                Arguments.of(
                        "[9223372036854775808N 1]",
                        DType.UINT64,
                        List.of(2),
                        List.of(BigInteger.ONE.shiftLeft(63), 1L)),
                Arguments.of("[0 18446744073709551615N]", DType.UINT64, List.of(2), List.of(0L, UINT64_MAX)),
                Arguments.of("[18446744073709551615N 0.5]", DType.FLOAT64, List.of(2), List.of(0x1p64, 0.5)),
                Arguments.of("[0.5 18446744073709551615N]", DType.FLOAT64, List.of(2), List.of(0.5, 0x1p64)),
                Arguments.of("[1180591620717411303424N 0.5]", DType.FLOAT64, List.of(2), List.of(0x1p70, 0.5)),
                Arguments.of("[-1 9223372036854775808N 0.5]", DType.FLOAT64, List.of(3), List.of(-1.0, 0x1p63, 0.5)),
                Arguments.of("[9223372036854775808N -1 0.5]", DType.FLOAT64, List.of(3), List.of(0x1p63, -1.0, 0.5)),
                Arguments.of("[true false]", DType.BOOL, List.of(2), List.of(true, false)),
                Arguments.of("[[true] [false]]", DType.BOOL, List.of(2, 1), List.of(true, false)),
                Arguments.of(
                        "[##NaN ##Inf 1]",
                        DType.FLOAT64,
                        List.of(3),
                        List.of(Double.NaN, Double.POSITIVE_INFINITY, 1.0)),
                Arguments.of("[]", DType.FLOAT64, List.of(0), List.of()),
                Arguments.of("()", DType.FLOAT64, List.of(0), List.of()),
                Arguments.of("(map inc [])", DType.FLOAT64, List.of(0), List.of()),
                Arguments.of("[[] []]", DType.FLOAT64, List.of(2, 0), List.of()),
                Arguments.of("[[[] []]]", DType.FLOAT64, List.of(1, 2, 0), List.of()),
                Arguments.of(
                        "[[[1 2] [3 4]] [[5 6] [7 8]]]",
                        DType.INT64,
                        List.of(2, 2, 2),
                        List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L)),
                Arguments.of("(int-array [1 2])", DType.INT32, List.of(2), List.of(1L, 2L)),
                Arguments.of("(boolean-array [true false])", DType.BOOL, List.of(2), List.of(true, false)),
                Arguments.of("(object-array [1 2.0])", DType.FLOAT64, List.of(2), List.of(1.0, 2.0)),
                Arguments.of(
                        "[(double-array [1 2]) (double-array [3 4])]",
                        DType.FLOAT64,
                        List.of(2, 2),
                        List.of(1.0, 2.0, 3.0, 4.0)),
                Arguments.of("[(int-array [1 2]) [3 4]]", DType.INT64, List.of(2, 2), List.of(1L, 2L, 3L, 4L)),
                Arguments.of("(into-array [[1 2] [3 4]])", DType.INT64, List.of(2, 2), List.of(1L, 2L, 3L, 4L)),
                Arguments.of(
                        "(to-array-2d [[1 2] [3 4.5]])", DType.FLOAT64, List.of(2, 2), List.of(1.0, 2.0, 3.0, 4.5)));
    }

    @ParameterizedTest
    @MethodSource("contents")
    void clojureDataBecomesAnArray(String source, DType dtype, List<Integer> shape, List<Object> values) {
        assertArray(dtype, shape, values, NDArray.from(clj(source)));
    }

    @Test
    @SuppressWarnings("JdkObsolete")
    void javaCollectionsBecomeArrays() {
        assertArray(
                DType.INT64,
                List.of(2, 2),
                List.of(1L, 2L, 3L, 4L),
                NDArray.from(List.of(Arrays.asList(1, 2), new LinkedList<>(List.of(3, 4)))));
        assertArray(DType.INT64, List.of(2), List.of(1L, 2L), NDArray.from(new ArrayDeque<>(List.of(1L, 2L))));
        Iterable<Object> iterable =
                () -> List.<Object>of((byte) 1, (short) 2, BigInteger.TWO).iterator();
        assertArray(DType.INT64, List.of(3), List.of(1L, 2L, 2L), NDArray.from(iterable));
        assertArray(
                DType.FLOAT64,
                List.of(2),
                List.of(0.5, (double) 0.1f),
                NDArray.from(List.of(new BigDecimal("0.5"), 0.1f)));
        assertArray(DType.INT64, List.of(2), List.of(1L, 2L), NDArray.from(new Integer[] {1, 2}));
        assertArray(DType.FLOAT64, List.of(0), List.of(), NDArray.from(new Object[0]));
        assertArray(DType.FLOAT64, List.of(2, 0), List.of(), NDArray.from(new Object[][] {{}, {}}));
    }

    @Test
    void nestedPrimitiveArraysKeepTheirDType() {
        assertArray(DType.FLOAT32, List.of(2, 3), List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), NDArray.from(new float[][] {
            {1, 2, 3}, {4, 5, 6}
        }));
        assertArray(DType.FLOAT64, List.of(2, 1, 2), List.of(1.0, 2.0, 3.0, 4.0), NDArray.from(new double[][][] {
            {{1, 2}}, {{3, 4}}
        }));
        assertArray(DType.INT8, List.of(1, 1), List.of(-1L), NDArray.from(new byte[][] {{-1}}));
        assertArray(DType.INT16, List.of(1, 1), List.of(-1L), NDArray.from(new short[][] {{-1}}));
        assertArray(DType.INT32, List.of(1, 1), List.of(-1L), NDArray.from(new int[][] {{-1}}));
        assertArray(DType.INT64, List.of(1, 1), List.of(-1L), NDArray.from(new long[][] {{-1}}));
        assertArray(DType.BOOL, List.of(2, 2), List.of(true, false, false, true), NDArray.from(new boolean[][] {
            {true, false}, {false, true}
        }));
        assertArray(DType.FLOAT32, List.of(0, 0), List.of(), NDArray.from(new float[0][]));
        assertArray(DType.FLOAT32, List.of(2, 0, 0), List.of(), NDArray.from(new float[2][0][]));
        assertArray(DType.FLOAT32, List.of(2, 0), List.of(), NDArray.from(new float[2][0]));
    }

    @Test
    void primitiveArraysAreWrappedAndArraysAreThemselves() {
        double[] data = {1, 2};
        NDArray array = NDArray.from(data);
        data[0] = 10;
        assertEquals(10.0, array.get(0));
        assertSame(array, NDArray.from(array));
        assertSame(array, NDArray.from(array, DType.FLOAT64));
        assertNotSame(array, NDArray.from(array, DType.FLOAT32));
    }

    @Test
    void listsOfArraysAreJoined() {
        NDArray rows =
                NDArray.from(List.of(NDArray.of(new int[] {1, 2}), List.of(3, 4), NDArray.of(new float[] {5, 6.5f})));
        assertArray(DType.FLOAT64, List.of(3, 2), List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.5), rows);
        assertArray(
                DType.INT32,
                List.of(1, 2, 2),
                List.of(1L, 2L, 3L, 4L),
                NDArray.from(List.of(NDArray.of(new int[] {1, 2, 3, 4}, 2, 2))));
        assertArray(
                DType.UINT8,
                List.of(2, 1, 1),
                List.of(255L, 255L),
                NDArray.from(java.util.Collections.nCopies(2, List.of(NDArray.wrap(DType.UINT8, new byte[] {-1})))));
        assertArray(
                DType.FLOAT32,
                List.of(2, 2),
                List.of(1.0, 2.0, 3.0, 4.0),
                NDArray.from(List.of(new float[] {1, 2}, new float[] {3, 4})));
        assertArray(
                DType.BOOL, List.of(1, 2), List.of(true, false), NDArray.from(List.of(new boolean[] {true, false})));
        NDArray complex = NDArray.wrap(DType.COMPLEX64, new float[] {1, 2});
        assertEquals(DType.COMPLEX64, NDArray.from(List.of(complex)).dtype());
        assertEquals(
                List.of(1.0, 2.0),
                NDArray.from(List.of(complex), DType.COMPLEX128).get(0, 0));
        assertEquals(
                List.of(1.0, 2.0),
                NDArray.from(List.of(new double[] {1, 2}), DType.COMPLEX128).get(0));
        assertThrows(
                ShapeMismatchException.class,
                () -> NDArray.from(List.of(NDArray.of(new int[2]), NDArray.of(new int[3]))));
    }

    @Test
    void joinedArraysAreCopies() {
        NDArray row = NDArray.of(new int[] {1, 2});
        NDArray rows = NDArray.from(List.of(row, row));
        row.fill(0);
        assertArray(DType.INT32, List.of(2, 2), List.of(1L, 2L, 1L, 2L), rows);
    }

    static Stream<Arguments> refused() {
        Class<?> shape = ShapeMismatchException.class;
        Class<?> dtype = DTypeMismatchException.class;
        return Stream.of(
                Arguments.of("5", shape, "[5]"),
                Arguments.of("true", shape, "[true]"),
                Arguments.of("nil", dtype, "nil"),
                Arguments.of("[1 2 nil]", dtype, "[2]"),
                Arguments.of("[[1 2] [3 nil]]", dtype, "[1 1]"),
                Arguments.of("[[1 2] nil]", dtype, "[1]"),
                Arguments.of("\"12\"", dtype, "String"),
                Arguments.of("[1 \"2\"]", dtype, "[1]"),
                Arguments.of("[[1 :a]]", dtype, "[0 1]"),
                Arguments.of("[\\a]", dtype, "[0]"),
                Arguments.of("{1 2}", dtype, "Map"),
                Arguments.of("[{1 2}]", dtype, "[0]"),
                Arguments.of("#{1 2}", dtype, "Set"),
                Arguments.of("(sorted-set 1 2)", dtype, "Set"),
                Arguments.of("(char-array 2)", dtype, "[0]"),
                Arguments.of("(into-array [\"a\"])", dtype, "[0]"),
                Arguments.of("[(java.util.concurrent.atomic.AtomicLong. 1)]", dtype, "[0]"),
                Arguments.of("[1 true]", dtype, "[1]"),
                Arguments.of("[[true] [1.0]]", dtype, "[1 0]"),
                Arguments.of("[1180591620717411303424N]", dtype, "[0]"),
                Arguments.of("[0 -9223372036854775809N]", dtype, "[1]"),
                Arguments.of("[-1 9223372036854775808N]", dtype, "[1]"),
                Arguments.of("[9223372036854775808N -1]", dtype, "[1]"),
                Arguments.of("[1.0 (reduce *' (repeat 400 10N))]", dtype, "[1]"),
                Arguments.of("[1.0 1e400M]", dtype, "[1]"),
                Arguments.of("[(/ (reduce *' (repeat 400 10N)) 3)]", dtype, "[0]"),
                Arguments.of("[[1 2] [3]]", shape, "[1]"),
                Arguments.of("[[1 2] [3 4 5]]", shape, "[1]"),
                Arguments.of("[[1 2] 3]", shape, "[1]"),
                Arguments.of("[1 [2]]", shape, "[1]"),
                Arguments.of("[[] 1]", shape, "[1]"),
                Arguments.of("[[] [1]]", shape, "[1]"),
                Arguments.of("[[1] []]", shape, "[1]"),
                Arguments.of("[[[]] []]", shape, "[1]"),
                Arguments.of("[[[1 2] [3 4]] [[5 6] [7]]]", shape, "[1 1]"),
                Arguments.of("[[[1 2] [3 4]] [[5 6]]]", shape, "[1]"),
                Arguments.of("(into-array [(int-array 2) (int-array 3)])", shape, "[1]"),
                Arguments.of("(into-array [(int-array 2) nil])", dtype, "[1]"),
                Arguments.of("(into-array [(boolean-array 2) (boolean-array 1)])", shape, "[1]"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatIsNoArrayIsRefusedWithItsIndex(String source, Class<? extends RuntimeException> error, String inMessage) {
        RuntimeException e = assertThrows(error, () -> NDArray.from(clj(source)));
        assertTrue(e.getMessage().contains(inMessage), e.getMessage());
        assertThrows(error, () -> NDArray.from(clj(source), source.contains("true") ? DType.BOOL : DType.INT8));
    }

    @Test
    void javaMapsAndSetsAreRefused() {
        assertThrows(DTypeMismatchException.class, () -> NDArray.from(Map.of(1, 2)));
        assertThrows(DTypeMismatchException.class, () -> NDArray.from(Set.of(1, 2)));
        assertThrows(DTypeMismatchException.class, () -> NDArray.from(List.of(new Object())));
    }

    @Test
    void aListThatContainsItselfIsRefused() {
        List<Object> list = new ArrayList<>();
        list.add(list);
        assertThrows(ShapeMismatchException.class, () -> NDArray.from(list));
    }

    @Test
    void raggedPrimitiveArraysAreRefusedBeforeAnythingIsAllocated() {
        float[][] ragged = new float[1 << 20][];
        Arrays.fill(ragged, new float[1]);
        ragged[0] = new float[1 << 20];
        assertThrows(ShapeMismatchException.class, () -> NDArray.from(ragged));
    }

    // ---- with a dtype

    @ParameterizedTest
    @EnumSource(DType.class)
    void aDTypeCanBeAskedFor(DType dtype) {
        if (dtype.isComplex()) {
            assertArray(
                    dtype,
                    List.of(2),
                    List.of(List.of(0.0, 1.0), List.of(1.0, 0.0)),
                    NDArray.from(clj("[[0 1] [1 0]]"), dtype));
            return;
        }
        List<Object> values = dtype == DType.BOOL
                ? List.of(false, true, true)
                : dtype.isFloating() ? List.of(0.0, 1.0, 1.0) : List.of(0L, 1L, 1L);
        for (Object data : List.of(
                clj("[0 1 1]"),
                clj("[0.0 1 1N]"),
                new int[] {0, 1, 1},
                NDArray.of(new float[] {0, 1, 1}),
                new Object[] {0, 1.0, 1L},
                clj("[false true true]"))) {
            assertArray(dtype, List.of(3), values, NDArray.from(data, dtype));
        }
        assertArray(dtype, List.of(0), List.of(), NDArray.from(List.of(), dtype));
        assertArray(dtype, List.of(2, 0), List.of(), NDArray.from(List.of(List.of(), List.of()), dtype));
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                Arguments.of("[[1 2] [3 1.5]]", DType.INT32, "[1 1]", "1.5"),
                Arguments.of("[0 300]", DType.UINT8, "[1]", "300"),
                Arguments.of("[0 -1]", DType.UINT64, "[1]", "-1"),
                Arguments.of("[0 128]", DType.INT8, "[1]", "128"),
                Arguments.of("[0 2]", DType.BOOL, "[1]", "2"),
                Arguments.of("[##NaN]", DType.INT64, "[0]", "NaN"),
                Arguments.of("[1.0 ##Inf]", DType.INT16, "[1]", "Infinity"),
                Arguments.of("[65519.0 65520.0]", DType.FLOAT16, "[1]", "65520"),
                Arguments.of("[1e39]", DType.FLOAT32, "[0]", "1.0E39"),
                Arguments.of("[18446744073709551615N]", DType.INT64, "[0]", "18446744073709551615"),
                Arguments.of("[18446744073709551616N]", DType.UINT64, "[0]", "18446744073709551616"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void aValueThatDoesNotFitTheDTypeIsNamedWithItsIndex(String source, DType dtype, String index, String value) {
        String message = assertThrows(DTypeMismatchException.class, () -> NDArray.from(clj(source), dtype))
                .getMessage();
        assertTrue(message.contains(index) && message.contains(value), message);
    }

    @Test
    void lostDigitsAndInfinitiesAreFineInFloats() {
        assertArray(
                DType.FLOAT32,
                List.of(3),
                List.of((double) 0.1f, Double.POSITIVE_INFINITY, Double.NaN),
                NDArray.from(clj("[0.1 ##Inf ##NaN]"), DType.FLOAT32));
        assertArray(DType.FLOAT16, List.of(1), List.of(65504.0), NDArray.from(List.of(65519.999), DType.FLOAT16));
        assertArray(
                DType.FLOAT64,
                List.of(1),
                List.of(0x1p70),
                NDArray.from(List.of(BigInteger.ONE.shiftLeft(70)), DType.FLOAT64));
        assertArray(
                DType.FLOAT32,
                List.of(2),
                List.of(0x1p70, -1.0),
                NDArray.from(List.of(BigInteger.ONE.shiftLeft(70), -1), DType.FLOAT32));
    }

    @Test
    void complexNumbersAreReadFromPairs() {
        assertArray(
                DType.COMPLEX64,
                List.of(2, 1),
                List.of(List.of(1.0, 2.0), List.of(3.0, 4.5)),
                NDArray.from(clj("[[[1 2]] [[3 4.5]]]"), DType.COMPLEX64));
        assertArray(
                DType.COMPLEX128,
                List.of(1),
                List.of(List.of(1.0, 2.0)),
                NDArray.from(new float[][] {{1, 2}}, DType.COMPLEX128));
        assertArray(
                DType.COMPLEX128,
                List.of(2),
                List.of(List.of(1.0, 0.0), List.of(2.0, 0.0)),
                NDArray.from(NDArray.of(new int[] {1, 2}), DType.COMPLEX128));
        assertThrows(ShapeMismatchException.class, () -> NDArray.from(clj("[1 2]"), DType.COMPLEX64));
        assertThrows(ShapeMismatchException.class, () -> NDArray.from(clj("[[1 2 3]]"), DType.COMPLEX64));
        assertThrows(DTypeMismatchException.class, () -> NDArray.from(clj("[[1 1e300]]"), DType.COMPLEX64));
    }

    @Test
    void longNestedVectorsAreReadWhole() {
        Object vectors = clj("(vec (for [i (range 5000)] (vec (range (* i 20) (* (inc i) 20)))))");
        NDArray array = NDArray.from(vectors);
        assertEquals(100_000, array.size());
        for (int i = 0; i < 100_000; i++) {
            assertEquals(i, array.flatGetLong(i));
        }
        assertEquals(
                array.size(), NDArray.from(clj("(concat (range 99999) [0.5])")).size());
        assertArray(
                DType.FLOAT64,
                List.of(1),
                List.of(99999.5),
                NDArray.from(clj("(concat (range 99999) [99999.5])")).rows(99999, 100_000));
        assertEquals(3, NDArray.from(Collections.nCopies(3, RT.vector(1, 2))).rows());
    }
}
