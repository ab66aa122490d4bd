package numpack.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import numpack.DType;
import numpack.memory.PrimitiveArrays;
import org.junit.jupiter.api.Test;

class CodecTest {
    private final Random random = new Random(3);

    @Test
    void aDoubleIsRoundedToFloat16Once() {
        for (int h = 0; h < 0x7c00; h++) {
            double value = Float16.toFloat((short) h);
            double next = h == 0x7bff ? 65536 : Float16.toFloat((short) (h + 1));
            double tie = (value + next) / 2;
            int even = (h & 1) == 0 ? h : h + 1;
            assertEquals((short) h, Float16.fromDouble(value));
            assertEquals((short) even, Float16.fromDouble(tie));
            assertEquals((short) h, Float16.fromDouble(Math.nextDown(tie)));
            assertEquals((short) (h + 1), Float16.fromDouble(Math.nextUp(tie)));
            assertEquals((short) (h + 1 | 0x8000), Float16.fromDouble(-Math.nextUp(tie)));
        }
        assertEquals((short) 0x7c00, Float16.fromDouble(Double.MAX_VALUE));
        assertEquals((short) 0, Float16.fromDouble(Double.MIN_VALUE));
        assertEquals(Float.NaN, Float16.toFloat(Float16.fromDouble(Double.NaN)));
    }

    @Test
    void anUnsignedLongBecomesTheNearestDouble() {
        for (int i = 0; i < 10_000; i++) {
            long bits = random.nextLong() >> random.nextInt(64);
            assertEquals(
                    new BigDecimal(new BigInteger(Long.toUnsignedString(bits))).doubleValue(),
                    Codec.unsignedToDouble(bits));
        }
    }

    @Test
    void integersKeepTheirValueOnTheWayToLongsAndTheirBitsOnTheWayBack() {
        for (DType type : DType.values()) {
            if (!type.isInteger() && type != DType.BOOL) {
                continue;
            }
            Object items = TestArrays.random(type, 100, random);
            long[] longs = new long[100];
            Codec.of(type).toLongs(items, 0, longs, 100);
            double[] doubles = new double[100];
            Codec.of(type).toDoubles(items, 0, doubles, 100);
            for (int i = 0; i < 100; i++) {
                assertEquals(TestArrays.asLong(type, items, i).longValue(), longs[i]);
                assertEquals(TestArrays.asDouble(type, items, i), doubles[i]);
            }
            Object back = PrimitiveArrays.zeros(type.kind(), 100);
            Codec.of(type).fromLongs(longs, back, 0, 100);
            assertEquals(null, Closeness.firstDifference(type, items, back, 0));
        }
    }

    @Test
    void boolsAreStoredAsZeroAndOne() {
        byte[] bools = new byte[4];
        Codec.of(DType.BOOL).fromLongs(new long[] {0, 1, 2, -1}, bools, 0, 4);
        assertArrayEquals(new byte[] {0, 1, 1, 1}, bools);
    }
}
