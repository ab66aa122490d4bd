package numpack;

import static numpack.Samples.assertArray;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import numpack.format.Shape;
import numpack.memory.Memory;
import numpack.memory.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Views share memory with what they are views of, copies do not. */
class NDArrayViewsTest {
    static Stream<Arguments> dtypesAndLayouts() {
        return NDArrayTest.dtypesAndLayouts();
    }

    /** 0, 1, 2 … in a shape. */
    private static NDArray counting(Layout layout, long... shape) {
        return layout.array(
                DType.INT32, IntStream.range(0, (int) Shape.product(shape)).toArray(), shape);
    }

    // ---- row, rows, reshape

    @ParameterizedTest
    @MethodSource("dtypesAndLayouts")
    void viewsSeeTheSameElements(DType dtype, Layout layout) {
        List<Object> values = Samples.of(dtype).values();
        NDArray array = layout.array(dtype, Samples.of(dtype).items(), 3, 2);
        assertArray(dtype, List.of(2), values.subList(2, 4), array.row(1));
        assertArray(dtype, List.of(2, 2), values.subList(2, 6), array.rows(1, 3));
        assertArray(dtype, List.of(0, 2), List.of(), array.rows(3, 3));
        assertArray(dtype, List.of(6), values, array.reshape(-1));
        assertArray(dtype, List.of(2, 3), values, array.reshape(2, -1));
        assertArray(dtype, List.of(1, 6, 1), values, array.reshape(1, -1, 1));
        assertArray(
                dtype,
                List.of(1),
                values.subList(5, 6),
                array.rows(1, 3).reshape(4, 1).row(3));
        array.set(values.get(1), 1, 0);
        assertEquals(values.get(1), array.reshape(6).get(2));
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void viewsOfViewsWriteThrough(Layout layout) {
        NDArray array = counting(layout, 4, 2, 3);
        array.rows(1, 4).row(1).row(1).set(100, 2);
        assertEquals(100L, array.get(2, 1, 2));
        array.reshape(8, 3).rows(2, 8).reshape(2, -1).set(200, 1, 8);
        assertEquals(200L, array.get(3, 1, 2));
        array.rows(0, 1).fill(7);
        array.row(1).add(1000);
        array.row(2).row(0).set(NDArray.of(new int[] {-1, -2, -3}));
        assertArray(
                DType.INT32,
                List.of(24),
                List.of(
                        7L, 7L, 7L, 7L, 7L, 7L, 1006L, 1007L, 1008L, 1009L, 1010L, 1011L, -1L, -2L, -3L, 15L, 16L, 100L,
                        18L, 19L, 20L, 21L, 22L, 200L),
                array.reshape(24));
    }

    @Test
    void rowsAndShapesThatAreNotThereAreRefused() {
        NDArray array = NDArray.zeros(DType.INT8, 4, 5);
        for (long i : new long[] {4, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertEquals(
                    "index " + i + " is out of range for axis 0 of length 4",
                    assertThrows(IndexOutOfBoundsException.class, () -> array.row(i))
                            .getMessage());
        }
        for (long[] range : new long[][] {{-1, 2}, {0, 5}, {3, 2}, {5, 5}, {Long.MIN_VALUE, Long.MAX_VALUE}}) {
            String message = assertThrows(IndexOutOfBoundsException.class, () -> array.rows(range[0], range[1]))
                    .getMessage();
            assertTrue(
                    message.contains(range[0] + " to " + range[1]) && message.contains("axis 0 of length 4"), message);
        }
        assertThrows(ShapeMismatchException.class, () -> array.row(0).row(0));
        for (long[] shape : new long[][] {
            {},
            {3, 7},
            {-1, -1},
            {-2, -10},
            {-1, 3},
            {-1, 0},
            {20, -2},
            {0},
            {1L << 33, 1L << 33},
            {-1, 1L << 62, 8},
            {Long.MIN_VALUE}
        }) {
            assertThrows(ShapeMismatchException.class, () -> array.reshape(shape), () -> Arrays.toString(shape));
        }
        assertThrows(
                ShapeMismatchException.class,
                () -> NDArray.zeros(DType.INT8, 0, 5).reshape(-1, 0));
        assertArrayEquals(
                new long[] {0, 7},
                NDArray.zeros(DType.INT8, 0, 5).reshape(-1, 7).shape());
        assertArrayEquals(
                new long[] {7, 0}, NDArray.zeros(DType.INT8, 0, 5).reshape(7, 0).shape());
    }

    @Test
    void reshapeDoesNotChangeTheShapeItWasGiven() {
        long[] shape = {-1, 2};
        assertArrayEquals(
                new long[] {3, 2}, NDArray.zeros(DType.INT8, 6).reshape(shape).shape());
        assertArrayEquals(new long[] {-1, 2}, shape);
    }

    @Test
    void arraysWithoutElementsHaveViewsToo() {
        NDArray empty = NDArray.zeros(DType.FLOAT32, 3, 0, 2);
        assertArrayEquals(new long[] {0, 2}, empty.row(2).shape());
        assertArrayEquals(new long[] {2, 0, 2}, empty.rows(1, 3).shape());
        assertEquals(0, empty.copy().size());
        assertEquals(0, empty.add(1).fill(2).size());
        assertEquals(3, empty.selectRows(Rows.of(0, 0, 2)).rows());
        assertEquals(0.0, empty.reduce("sum"));
    }

    // ---- whole rows

    @ParameterizedTest
    @MethodSource("dtypesAndLayouts")
    void selectRowsCopiesInTheOrderAsked(DType dtype, Layout layout) {
        List<Object> values = Samples.of(dtype).values();
        NDArray array = layout.array(dtype, Samples.of(dtype).items(), 3, 2);
        NDArray selected = array.selectRows(Rows.of(-1, 0, 2, 0));
        assertArray(
                dtype,
                List.of(4, 2),
                List.of(
                        values.get(4),
                        values.get(5),
                        values.get(0),
                        values.get(1),
                        values.get(4),
                        values.get(5),
                        values.get(0),
                        values.get(1)),
                selected);
        assertFalse(selected.isMapped());
        assertFalse(selected.runs().isChanged());
        selected.set(values.get(1), 0, 0);
        assertArray(dtype, List.of(3, 2), values, array);
        assertArray(dtype, List.of(2, 2), values.subList(2, 6), array.selectRows(Rows.range(1, 3)));
        assertArray(dtype, List.of(1, 2), values.subList(2, 4), array.selectRows(Rows.mask(false, true, false)));
        assertArray(dtype, List.of(0, 2), List.of(), array.selectRows(Rows.of()));
        assertArray(
                dtype,
                List.of(2),
                List.of(values.get(5), values.get(0)),
                array.reshape(6).selectRows(Rows.of(5, 0)));
        assertThrows(IndexOutOfBoundsException.class, () -> array.selectRows(Rows.of(0, 3)));
    }

    @ParameterizedTest
    @MethodSource("dtypesAndLayouts")
    void setRowsCopiesIntoTheRowsNamed(DType dtype, Layout layout) {
        List<Object> values = Samples.of(dtype).values();
        for (Layout from : Layout.values()) {
            NDArray array = layout.array(dtype, Samples.of(dtype).items(), 3, 2);
            array.setRows(from.array(dtype, Samples.of(dtype).items(), 3, 2).rows(0, 2), Rows.of(2, -2));
            assertArray(
                    dtype,
                    List.of(3, 2),
                    List.of(values.get(0), values.get(1), values.get(2), values.get(3), values.get(0), values.get(1)),
                    array);
            assertTrue(array.runs().isChanged());
        }
    }

    @Test
    void setRowsChecksBeforeItWrites() {
        NDArray array = counting(Layout.HEAP, 3, 2);
        NDArray contents = NDArray.zeros(DType.INT32, 2, 2);
        assertThrows(ShapeMismatchException.class, () -> array.setRows(contents, Rows.of(0)));
        assertThrows(ShapeMismatchException.class, () -> array.setRows(contents.reshape(4), Rows.of(0, 1)));
        assertThrows(DTypeMismatchException.class, () -> array.setRows(contents.to(DType.INT64), Rows.of(0, 1)));
        assertThrows(IndexOutOfBoundsException.class, () -> array.setRows(contents, Rows.of(0, 3)));
        assertThrows(ShapeMismatchException.class, () -> array.set(contents));
        assertThrows(DTypeMismatchException.class, () -> array.set(NDArray.zeros(DType.UINT32, 3, 2)));
        assertTrue(array.contentEquals(counting(Layout.HEAP, 3, 2)));
        array.setRows(NDArray.zeros(DType.INT32, 0, 2), Rows.of());
        assertFalse(array.runs().isChanged());
        array.setRows(contents.copy().add(NDArray.of(new int[] {8, 8, 9, 9}, 2, 2)), Rows.of(1, 1));
        assertEquals(9L, array.get(1, 0), "the last one counts");
    }

    // ---- overlap of operand and target

    private static void likeACopy(Layout layout, Consumer<NDArray> edit, Consumer<NDArray> editWithCopy) {
        NDArray edited = counting(layout, 3000, 2);
        NDArray expected = counting(layout, 3000, 2);
        edit.accept(edited);
        editWithCopy.accept(expected);
        assertTrue(edited.contentEquals(expected), () -> edited + " instead of " + expected);
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void anOperandThatOverlapsTheTargetActsAsIfItHadBeenCopied(Layout layout) {
        int n = 3000;
        likeACopy(layout, a -> a.add(a), a -> a.add(a.copy()));
        likeACopy(layout, a -> a.mul(a.readOnly()), a -> a.mul(a.copy()));
        likeACopy(
                layout,
                a -> a.rows(1, n).add(a.rows(0, n - 1)),
                a -> a.rows(1, n).add(a.rows(0, n - 1).copy()));
        likeACopy(
                layout,
                a -> a.rows(0, n - 1).sub(a.rows(1, n)),
                a -> a.rows(0, n - 1).sub(a.rows(1, n).copy()));
        likeACopy(layout, a -> a.add(a.row(0)), a -> a.add(a.row(0).copy()));
        likeACopy(layout, a -> a.add(a.row(n - 1)), a -> a.add(a.row(n - 1).copy()));
        likeACopy(
                layout,
                a -> a.rows(1, n).set(a.rows(0, n - 1)),
                a -> a.rows(1, n).set(a.rows(0, n - 1).copy()));
        likeACopy(
                layout,
                a -> a.rows(0, n - 1).set(a.rows(1, n)),
                a -> a.rows(0, n - 1).set(a.rows(1, n).copy()));
        likeACopy(layout, a -> a.set(a), a -> {});
        likeACopy(
                layout,
                a -> a.setRows(a.rows(0, 2), Rows.of(1, 0)),
                a -> a.setRows(a.rows(0, 2).copy(), Rows.of(1, 0)));
        long[] reversed = IntStream.range(0, n).mapToLong(i -> n - 1 - i).toArray();
        likeACopy(layout, a -> a.setRows(a, Rows.of(reversed)), a -> a.setRows(a.copy(), Rows.of(reversed)));
        likeACopy(layout, a -> a.setRows(a.readOnly(), Rows.of(reversed)), a -> a.setRows(a.copy(), Rows.of(reversed)));
        likeACopy(
                layout,
                a -> a.setRows(a.withMeta(null), Rows.of(reversed)),
                a -> a.setRows(a.copy(), Rows.of(reversed)));
        likeACopy(
                layout,
                a -> a.reshape(2L * n).rows(3, 2L * n).add(a.reshape(2L * n).rows(0, 2L * n - 3)),
                a -> a.reshape(2L * n)
                        .rows(3, 2L * n)
                        .add(a.reshape(2L * n).rows(0, 2L * n - 3).copy()));
    }

    @Test
    void twoWrappersOfOneArrayOverlap() {
        int[] data = IntStream.range(0, 5000).toArray();
        int[] expected =
                IntStream.range(0, 5000).map(i -> i == 0 ? 0 : 2 * i - 1).toArray();
        NDArray.of(data).rows(1, 5000).add(NDArray.of(data).rows(0, 4999));
        assertArrayEquals(expected, data);
    }

    @Test
    void twoMappingsOfOneFileOverlap(@TempDir Path folder) {
        Path file = Packs.sparse(folder.resolve("items"), 20000);
        NDArray a = new NDArray(DType.INT32, new long[] {5000}, Runs.of(Memory.map(file, DType.Kind.INT, 20000, true)));
        NDArray b =
                new NDArray(DType.INT32, new long[] {5000}, Runs.of(Memory.map(file, DType.Kind.INT, 20000, false)));
        a.set(counting(Layout.HEAP, 5000));
        a.rows(1, 5000).add(b.rows(0, 4999));
        assertArrayEquals(
                IntStream.range(0, 5000).map(i -> i == 0 ? 0 : 2 * i - 1).toArray(), b.toIntArray());
    }

    @Test
    void otherPartsOfTheSameMemoryAreNotCopiedFirst() {
        NDArray array = counting(Layout.HEAP, 4, 2);
        assertFalse(array.rows(0, 2).runs().overlaps(array.rows(2, 4).runs()));
        array.rows(0, 2).add(array.rows(2, 4));
        assertArrayEquals(new int[] {4, 6, 8, 10, 4, 5, 6, 7}, array.toIntArray());
    }

    @Test
    void overlapOfVeryManyPiecesIsFoundQuickly() {
        int n = 50_000;
        long[] starts = IntStream.range(0, n).mapToLong(i -> 2L * i).toArray();
        long[] lengths = new long[n];
        Arrays.fill(lengths, 1);
        List<Runs> parts = new ArrayList<>();
        for (int k = 0; k < 4; k++) {
            parts.add(NDArray.zeros(DType.INT8, 2L * n).runs().pick(starts, lengths));
        }
        NDArray a = new NDArray(DType.INT8, new long[] {2L * n}, Runs.concat(parts.subList(0, 2)));
        NDArray b = new NDArray(DType.INT8, new long[] {2L * n}, Runs.concat(parts.subList(2, 4)));
        a.add(b).add(a).set(b).set(1, 5);
        for (int i = 0; i < 10_000; i++) {
            a.flatSetLong(i, 3);
        }
        assertEquals(30_000L, a.reduce("sum"));
    }

    // ---- larger than any array of the JVM

    @Test
    void arraysMayHaveMoreElementsThanAnInt(@TempDir Path folder) {
        long n = 3_000_000_000L;
        Path file = Packs.sparse(folder.resolve("sparse"), n);
        NDArray array = new NDArray(DType.INT8, new long[] {n}, Runs.of(Memory.map(file, DType.Kind.BYTE, n, true)));
        array.set(5, 0);
        array.set(7, n - 1);
        assertEquals(7L, array.get(n - 1));
        assertEquals(7.0, array.flatGetDouble(n - 1));
        assertThrows(IndexOutOfBoundsException.class, () -> array.get(n));
        NDArray table = array.reshape(-1, 1000);
        assertArrayEquals(new long[] {3_000_000, 1000}, table.shape());
        assertEquals(7L, table.get(2_999_999, 999));
        NDArray wide = array.reshape(3, 1_000_000_000);
        assertEquals(7L, wide.row(2).get(999_999_999));
        NDArray end = table.rows(2_999_000, 3_000_000);
        assertEquals(7L, end.reduce("sum"));
        assertEquals(7L, end.reduceAxis("max", 0).get(999));
        end.add(1);
        NDArray copy = end.copy();
        assertEquals(1_000_007L, copy.reduce("sum"));
        assertEquals(8L, array.get(n - 1));
        NDArray last = table.selectRows(Rows.of(-1, 0, 2_999_999));
        assertEquals(8L, last.get(2, 999));
        assertEquals(5L, last.get(1, 0));
        table.setRows(NDArray.zeros(DType.INT8, 1, 1000), Rows.of(-1));
        assertEquals(0L, array.get(n - 1));
        assertTrue(array.toString().startsWith("#<NDArray int8 [3000000000] [5 0 0"), array.toString());
        assertThrows(ArithmeticException.class, array::count);
        assertEquals(5L, array.seq().first());
        assertThrows(InsufficientMemoryException.class, array::toByteArray);
        assertThrows(InsufficientMemoryException.class, array::toDoubleArray);
        NDArray middle = array.rows(1_000_000_000, 3_000_000_000L).rows(1_400_000_000, 1_500_000_000);
        middle.set(9, 99_999_999);
        assertEquals(9L, array.get(2_499_999_999L));
        Runs two = Runs.concat(
                List.of(array.rows(0, 1).runs(), array.rows(2_499_999_998L, n).runs()));
        NDArray pieces = new NDArray(DType.INT8, new long[] {two.size()}, two);
        assertEquals(9L, pieces.get(2));
        assertEquals(5L, pieces.get(0));
    }

    @Test
    void javaLoopsOverRowsAndElements() {
        List<Object> seen = new ArrayList<>();
        for (Object row : NDArray.of(new int[] {1, 2, 3, 4}, 2, 2)) {
            for (Object element : (NDArray) row) {
                seen.add(element);
            }
        }
        assertEquals(List.of(1L, 2L, 3L, 4L), seen);
    }
}
