package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Six elements of each dtype, its extremes among them: as they are stored, and as they read. */
record Samples(Object items, List<Object> values) {
    static final BigInteger UINT64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    static Samples of(DType dtype) {
        double inf = Double.POSITIVE_INFINITY;
        return switch (dtype) {
            case BOOL -> of(new byte[] {0, 1, 1, 0, 1, 0}, false, true, true, false, true, false);
            case UINT8 -> of(new byte[] {0, 1, 127, -128, -1, 7}, 0L, 1L, 127L, 128L, 255L, 7L);
            case UINT16 -> of(new short[] {0, 1, 32767, -32768, -1, 7}, 0L, 1L, 32767L, 32768L, 65535L, 7L);
            case UINT32 ->
                of(
                        new int[] {0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 7},
                        0L,
                        1L,
                        2147483647L,
                        2147483648L,
                        4294967295L,
                        7L);
            case UINT64 ->
                of(
                        new long[] {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1, 7},
                        0L,
                        1L,
                        Long.MAX_VALUE,
                        BigInteger.ONE.shiftLeft(63),
                        UINT64_MAX,
                        7L);
            case INT8 -> of(new byte[] {0, 1, 127, -128, -1, 7}, 0L, 1L, 127L, -128L, -1L, 7L);
            case INT16 -> of(new short[] {0, 1, 32767, -32768, -1, 7}, 0L, 1L, 32767L, -32768L, -1L, 7L);
            case INT32 ->
                of(
                        new int[] {0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 7},
                        0L,
                        1L,
                        2147483647L,
                        -2147483648L,
                        -1L,
                        7L);
            case INT64 ->
                of(
                        new long[] {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1, 7},
                        0L,
                        1L,
                        Long.MAX_VALUE,
                        Long.MIN_VALUE,
                        -1L,
                        7L);
            case FLOAT16 ->
                of(
                        new short[] {0, 0x3c00, 0x7bff, 0x0001, (short) 0xc000, 0x7c00},
                        0.0,
                        1.0,
                        65504.0,
                        0x1p-24,
                        -2.0,
                        inf);
            case FLOAT32 ->
                of(
                        new float[] {0, 1, Float.MAX_VALUE, Float.MIN_VALUE, -2.5f, (float) inf},
                        0.0,
                        1.0,
                        (double) Float.MAX_VALUE,
                        (double) Float.MIN_VALUE,
                        -2.5,
                        inf);
            case FLOAT64 ->
                of(
                        new double[] {0, 1, Double.MAX_VALUE, Double.MIN_VALUE, -2.5, inf},
                        0.0,
                        1.0,
                        Double.MAX_VALUE,
                        Double.MIN_VALUE,
                        -2.5,
                        inf);
            case COMPLEX64 ->
                of(
                        new float[] {0, 0, 1, -1, Float.MAX_VALUE, 2, 0.5f, 0, 0, 3, (float) inf, 4},
                        List.of(0.0, 0.0),
                        List.of(1.0, -1.0),
                        List.of((double) Float.MAX_VALUE, 2.0),
                        List.of(0.5, 0.0),
                        List.of(0.0, 3.0),
                        List.of(inf, 4.0));
            case COMPLEX128 ->
                of(
                        new double[] {0, 0, 1, -1, Double.MAX_VALUE, 2, 0.5, 0, 0, 3, inf, 4},
                        List.of(0.0, 0.0),
                        List.of(1.0, -1.0),
                        List.of(Double.MAX_VALUE, 2.0),
                        List.of(0.5, 0.0),
                        List.of(0.0, 3.0),
                        List.of(inf, 4.0));
        };
    }

    private static Samples of(Object items, Object... values) {
        return new Samples(items, List.of(values));
    }

    static List<Object> read(NDArray array) {
        List<Object> values = new ArrayList<>();
        for (long i = 0; i < array.size(); i++) {
            values.add(array.flatGet(i));
        }
        return values;
    }

    /** Checks dtype, shape and every element. */
    static void assertArray(DType dtype, List<?> shape, List<?> values, NDArray array) {
        List<Long> found = new ArrayList<>();
        for (long n : array.shape()) {
            found.add(n);
        }
        assertEquals(dtype, array.dtype());
        assertEquals(shape.stream().map(n -> ((Number) n).longValue()).toList(), found);
        assertEquals(values, read(array));
    }
}
