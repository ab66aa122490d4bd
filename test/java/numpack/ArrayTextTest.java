package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import numpack.memory.Memory;
import numpack.memory.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrayTextTest {
    /** 0, 1, 2 … */
    private static NDArray counting(long... shape) {
        int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return NDArray.of(IntStream.range(0, size).toArray(), shape);
    }

    private static void assertText(String expected, NDArray array) {
        assertEquals("#<NDArray " + expected + ">", array.toString());
    }

    @Test
    void aSmallArrayIsShownWhole() {
        assertText("float32 [2 3] [[0.1 2.0 3.0] [4.0 5.0 6.0]]", NDArray.of(new float[] {0.1f, 2, 3, 4, 5, 6}, 2, 3));
        assertText("boolean [2] [true false]", NDArray.of(new boolean[] {true, false}));
        assertText("uint64 [1] [18446744073709551615]", NDArray.wrap(DType.UINT64, new long[] {-1}));
        assertText("complex64 [1] [[1.0 -2.0]]", NDArray.wrap(DType.COMPLEX64, new float[] {1, -2}));
        assertText("int8 [0] []", NDArray.zeros(DType.INT8, 0));
        assertText("int32 [12] [0 1 2 3 4 5 6 7 8 9 10 11]", counting(12));
        assertText("int32 [2 2 3] [[[0 1 2] [3 4 5]] [[6 7 8] [9 10 11]]]", counting(2, 2, 3));
    }

    @Test
    void aLongArrayShowsHeadAndTail() {
        assertText("int32 [13] [0 1 2 … 10 11 12]", counting(13));
        assertText("int32 [100 3] [[0 1 2] [3 4 5] … [294 295 296] [297 298 299]]", counting(100, 3));
        assertText("int32 [2 20] [[0 1 2 … 17 18 19] [20 21 22 … 37 38 39]]", counting(2, 20));
        assertText("int32 [9 20] [[0 1 2 … 17 18 19] … [160 161 162 … 177 178 179]]", counting(9, 20));
        assertText("int32 [5 5 5] [[[0 1 2 3 4] … [20 21 22 23 24]] …]", counting(5, 5, 5));
        assertText("int32 [9 1] [[0] [1] [2] [3] [4] [5] [6] [7] [8]]", counting(9, 1));
    }

    @Test
    void aLengthShortensEveryAxis() {
        NDArray matrix = counting(6, 2);
        assertEquals("#<NDArray int32 [6 2] [[0 1] [2 3] … [8 9] [10 11]]>", matrix.toString(5));
        assertEquals("#<NDArray int32 [6 2] [[0 1] … [10 11]]>", matrix.toString(2));
        assertEquals("#<NDArray int32 [6 2] [[0 …] …]>", matrix.toString(1));
        assertEquals("#<NDArray int32 [6 2] […]>", matrix.toString(0));
        assertEquals(matrix.toString(), matrix.toString(100));
        assertEquals("#<NDArray int32 [0] []>", counting(0).toString(0));
    }

    @Test
    void textOfManyEmptyAxesEnds() {
        long[] shape = new long[60];
        Arrays.fill(shape, 2);
        shape[59] = 0;
        for (long[] s : List.of(shape, new long[] {1000000000, 0}, new long[] {0, 1000000000})) {
            NDArray array = NDArray.wrap(DType.INT8, new byte[0], s);
            assertTimeoutPreemptively(
                    Duration.ofSeconds(5), () -> assertTrue(array.toString().length() < 1000, array::toString));
        }
    }

    @Test
    void textOfAFileThatWasCutShortDoesNotThrow(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("short");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            for (int i = 0; i < 300; i++) {
                file.setLength(1 << 16);
                Memory memory = Memory.map(path, DType.Kind.DOUBLE, 1 << 16, false);
                NDArray array = new NDArray(DType.FLOAT64, new long[] {1 << 13}, Runs.of(memory));
                assertTrue(array.toString().endsWith("[0.0 0.0 0.0 … 0.0 0.0 0.0]>"), array.toString());
                file.setLength(0);
                assertEquals("#<NDArray float64 [8192], file cut short>", array.toString());
            }
        }
    }
}
