package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import numpack.memory.Memory;
import numpack.memory.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an array adds to the kernels: shapes, overlapping operands, refusals, sizes. The kernels have tests of their own. */
class NDArrayInPlaceTest {
    @TempDir
    Path folder;

    private static float[] counting(int n) {
        float[] data = new float[n];
        for (int i = 0; i < n; i++) {
            data[i] = i;
        }
        return data;
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void operationsWorkHoweverTheElementsLie(Layout layout) {
        NDArray x = layout.array(DType.FLOAT32, counting(6), 3, 2);
        assertSame(
                x,
                x.add(1)
                        .mul(2.0)
                        .sub(new float[][] {{1, 1}, {1, 1}, {1, 1}})
                        .div(List.of(1, 2))
                        .pow(2)
                        .clip(null, 50)
                        .map("neg")
                        .map(v -> v + 1));
        assertArrayEquals(new double[] {0, -1.25, -24, -11.25, -49, -29.25}, x.toDoubleArray());
        assertEquals(-114.75, x.reduce("sum"));
        assertArrayEquals(new double[] {-73, -41.75}, x.reduceAxis("sum", 0).toDoubleArray());
        assertArrayEquals(
                new double[] {-1.25, -24, -49}, x.reduceAxis("min", -1).toDoubleArray());
        assertTrue(x.runs().isChanged());
        assertArrayEquals(new float[] {7, 7, 7, 7, 7, 7}, x.fill(7).toFloatArray());
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void anOperandThatOverlapsIsTakenAsItWasBefore(Layout layout) {
        int n = 5000;
        NDArray x = layout.array(DType.FLOAT32, counting(n));
        x.rows(1, n).add(x.rows(0, n - 1));
        for (int i = 1; i < n; i++) {
            assertEquals(2 * i - 1, x.getDouble(i));
        }
        x = layout.array(DType.FLOAT32, counting(n));
        x.rows(0, n - 1).sub(x.rows(1, n));
        assertEquals(-1.0, x.reduce("min"));
        assertEquals(-1.0, x.rows(0, n - 1).reduce("max"));
        x = layout.array(DType.FLOAT32, counting(6), 3, 2);
        assertArrayEquals(new double[] {0, 0, 2, 2, 4, 4}, x.sub(x.row(0)).toDoubleArray());
        x = layout.array(DType.FLOAT32, counting(6), 3, 2);
        assertArrayEquals(new double[] {0, 2, 4, 6, 8, 10}, x.add(x).toDoubleArray());
        assertArrayEquals(
                new double[] {0, 4, 8, 12, 16, 20},
                x.add(x.reshape(6).reshape(3, 2).readOnly()).toDoubleArray());
        x.setRows(x, Rows.of(2, 1, 0));
        assertArrayEquals(new double[] {16, 20, 8, 12, 0, 4}, x.toDoubleArray());
        x.rows(1, 3).set(x.rows(0, 2));
        assertArrayEquals(new double[] {16, 20, 16, 20, 8, 12}, x.toDoubleArray());
    }

    @Test
    void twoArraysOverTheSamePrimitivesOrFileOverlapToo() throws Exception {
        float[] data = counting(3000);
        NDArray.of(data).rows(1, 3000).add(NDArray.of(data).rows(0, 2999));
        assertEquals(2 * 2999 - 1, data[2999]);
        Path file = Files.write(folder.resolve("twice"), new byte[12_000]);
        NDArray writable = new NDArray(
                DType.FLOAT32, new long[] {3000}, Runs.of(Memory.map(file, DType.Kind.FLOAT, 12_000, true)));
        NDArray lazy = new NDArray(
                DType.FLOAT32, new long[] {3000}, Runs.of(Memory.map(file, DType.Kind.FLOAT, 12_000, false)));
        writable.set(NDArray.of(counting(3000))).rows(1, 3000).add(lazy.rows(0, 2999));
        assertEquals(2 * 2999 - 1, lazy.getDouble(2999));
    }

    @Test
    void fillRefusesWhatTheDTypeCannotHoldAsSetDoes() {
        NDArray floats = NDArray.of(new float[] {1});
        assertThrows(DTypeMismatchException.class, () -> floats.fill(1e300));
        assertThrows(
                DTypeMismatchException.class,
                () -> NDArray.zeros(DType.FLOAT16, 1).fill(65520));
        assertThrows(
                DTypeMismatchException.class,
                () -> NDArray.zeros(DType.COMPLEX64, 1).fill(List.of(0, -1e39)));
        assertEquals(1.0, floats.get(0));
        assertEquals(
                Double.POSITIVE_INFINITY, floats.fill(Double.POSITIVE_INFINITY).get(0));
    }

    @Test
    void operandsOfOtherShapesAreRefusedAndNothingIsChanged() {
        NDArray x = NDArray.of(counting(6), 3, 2);
        for (NDArray operand : List.of(
                NDArray.of(new float[3]),
                NDArray.of(new float[6]),
                NDArray.of(new float[1]),
                NDArray.of(new float[6], 2, 3),
                NDArray.of(new float[2], 1, 2),
                NDArray.of(new float[0]))) {
            ShapeMismatchException e = assertThrows(ShapeMismatchException.class, () -> x.add(operand));
            assertTrue(e.getMessage().contains("[3 2]"), e.getMessage());
        }
        assertThrows(
                ShapeMismatchException.class, () -> NDArray.of(new float[3]).add(NDArray.of(new float[1])));
        assertThrows(DTypeMismatchException.class, () -> x.add((Object) null));
        assertThrows(DTypeMismatchException.class, () -> x.add("1"));
        assertArrayEquals(counting(6), x.toFloatArray());
    }

    @Test
    void integerArraysTakeIntegersOnlyAndWrap() {
        NDArray x = NDArray.of(new byte[] {127, -128}).add(1);
        assertArrayEquals(new byte[] {-128, -127}, x.toByteArray());
        assertThrows(DTypeMismatchException.class, () -> x.mul(2.0));
        assertThrows(DTypeMismatchException.class, () -> x.add(128));
        assertThrows(DTypeMismatchException.class, () -> x.div(2));
        assertThrows(DTypeMismatchException.class, () -> x.add(List.of(300, 1)));
        assertArrayEquals(new byte[] {-118, -107}, x.add(List.of(10, 20)).toByteArray());
    }

    @Test
    void emptyArraysStayEmpty() {
        NDArray none = NDArray.zeros(DType.FLOAT32, 0, 3);
        assertEquals(
                0,
                none.add(1).mul(none).sub(NDArray.of(new float[3])).map("exp").size());
        assertEquals(0.0, none.reduce("sum"));
        assertArrayEquals(new double[3], none.reduceAxis("sum", 0).toDoubleArray());
        assertThrows(ShapeMismatchException.class, () -> none.reduce("max"));
    }

    @Test
    void axesAreCheckedAndRank1HasNoOther() {
        NDArray x = NDArray.of(counting(6), 3, 2);
        assertThrows(IndexOutOfBoundsException.class, () -> x.reduceAxis("sum", 2));
        assertThrows(IndexOutOfBoundsException.class, () -> x.reduceAxis("sum", -3));
        assertThrows(IndexOutOfBoundsException.class, () -> x.reduceAxis("sum", 1L << 32));
        assertThrows(ShapeMismatchException.class, () -> x.row(0).reduceAxis("sum", 0));
    }

    @Test
    void moreThan2To31ElementsAreReachedByIndexRowAndView() throws Exception {
        long n = 3_000_000_000L;
        Path file = Packs.sparse(folder.resolve("sparse"), n);
        NDArray x = new NDArray(DType.INT8, new long[] {n}, Runs.of(Memory.map(file, DType.Kind.BYTE, n, true)));
        x.flatSet(n - 1, 7);
        x.setLong(-3, 0);
        assertEquals(7L, x.get(n - 1));
        assertEquals(-3L, x.flatGet(0));
        assertEquals(7, x.rows(n - 2, n).getLong(1));
        NDArray square = x.reshape(3, -1);
        assertArrayEquals(new long[] {3, 1_000_000_000}, square.shape());
        assertEquals(7L, square.row(2).get(999_999_999));
        assertEquals(7L, square.get(2, 999_999_999));
        assertArrayEquals(new byte[] {7, -3}, x.selectRows(Rows.of(-1, 0)).toByteArray());
        assertArrayEquals(
                new byte[] {0, 8},
                x.rows(n - 2, n).copy().mul(1).add(List.of(0, 1)).toByteArray());
        assertThrows(ArithmeticException.class, x::count);
        assertThrows(InsufficientMemoryException.class, x::toByteArray);
        assertTrue(x.toString().startsWith("#<NDArray int8 [3000000000] [-3 0 0"), x.toString());
    }
}
