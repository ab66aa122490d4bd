package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import numpack.memory.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class Hash64Test {
    @ParameterizedTest
    @EnumSource(DType.class)
    void doesNotDependOnWhereTheElementsLie(DType dtype) {
        Object items = Samples.of(dtype).items();
        long expected = Hash64.of(Layout.HEAP.array(dtype, items).runs());
        for (Layout layout : Layout.values()) {
            assertEquals(expected, Hash64.of(layout.array(dtype, items).runs()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 31, 32, 33, 8191, 8192, 8193, 20000})
    void everyBitCounts(int bytes) {
        byte[] data = new byte[bytes];
        new Random(bytes).nextBytes(data);
        Runs runs = NDArray.of(data).runs();
        Set<Long> hashes = new HashSet<>(Set.of(Hash64.of(runs)));
        int flips = 0;
        for (int bit = 0; bit < 8 * bytes; bit += bytes > 100 ? 997 : 1, flips++) {
            data[bit / 8] ^= (byte) (1 << bit % 8);
            assertTrue(hashes.add(Hash64.of(runs)), "bit " + bit);
            data[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertEquals(flips + 1, hashes.size());
    }

    @Test
    void theLengthCounts() {
        Set<Long> hashes = new HashSet<>();
        for (int n = 0; n < 300; n++) {
            assertTrue(hashes.add(Hash64.of(NDArray.zeros(DType.INT8, n).runs())), "zeros: " + n);
        }
    }

    @Test
    void theOrderCounts() {
        float[] data = new float[10_000];
        data[0] = 1;
        long first = Hash64.of(NDArray.of(data).runs());
        Set<Long> hashes = new HashSet<>(Set.of(first));
        for (int i = 1; i < data.length; i++) {
            data[i - 1] = 0;
            data[i] = 1;
            assertTrue(hashes.add(Hash64.of(NDArray.of(data).runs())), "at " + i);
        }
    }
}
