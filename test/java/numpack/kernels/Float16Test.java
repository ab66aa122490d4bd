package numpack.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Float16Test {
    private static final int INFINITY = 0x7c00;

    /** The definition of IEEE 754, in double, where every half-precision number is exact. */
    private static double value(int bits) {
        double sign = (bits & 0x8000) == 0 ? 1 : -1;
        int exponent = bits >> 10 & 31;
        int fraction = bits & 0x3ff;
        if (exponent == 31) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return sign
                * (exponent == 0 ? fraction * Math.pow(2, -24) : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15));
    }

    @Test
    void all65536ValuesReadAsIeee754Says() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            assertEquals(value(bits), (double) Float16.toFloat((short) bits));
        }
    }

    @Test
    void all65536ValuesComeBackAsTheyWereWithThePayloadsOfNaN() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            assertEquals((short) bits, Float16.fromFloat(Float16.toFloat((short) bits)));
            if (!Double.isNaN(value(bits))) {
                assertEquals((short) bits, Float16.fromDouble(value(bits)));
            }
        }
    }

    @Test
    void everyTieGoesToTheEvenNeighbourAndWhatLiesBesideItToTheNearest() {
        for (int low = 0; low < INFINITY; low++) {
            double below = value(low);
            double above = low + 1 == INFINITY ? 65536 : value(low + 1);
            double tie = (below + above) / 2;
            int even = low % 2 == 0 ? low : low + 1;
            assertRounds(even, tie);
            assertRounds(low, Math.nextDown((float) tie));
            assertRounds(low + 1, Math.nextUp((float) tie));
            assertEquals((short) low, Float16.fromDouble(Math.nextDown(tie)));
            assertEquals((short) (low + 1), Float16.fromDouble(Math.nextUp(tie)));
        }
    }

    /** From a value that float holds exactly. */
    private static void assertRounds(int expected, double value) {
        assertEquals((short) expected, Float16.fromFloat((float) value));
        assertEquals((short) (expected | 0x8000), Float16.fromFloat((float) -value));
        assertEquals((short) expected, Float16.fromDouble(value));
        assertEquals((short) (expected | 0x8000), Float16.fromDouble(-value));
    }

    @Test
    void whatIsTooLargeIsInfiniteAndWhatIsTooSmallIsZero() {
        assertRounds(INFINITY, Float.MAX_VALUE);
        assertRounds(INFINITY, Float.POSITIVE_INFINITY);
        assertRounds(0, Float.MIN_VALUE);
        assertRounds(0, 0x1p-25);
        assertEquals((short) INFINITY, Float16.fromDouble(Double.MAX_VALUE));
        assertEquals((short) 0x8000, Float16.fromDouble(-Double.MIN_VALUE));
    }

    @Test
    void aNaNStaysOneWhenItsPayloadDoesNotFit() {
        assertTrue(Float.isNaN(Float16.toFloat(Float16.fromFloat(Float.intBitsToFloat(0x7f800001)))));
        assertTrue(Float.isNaN(Float16.toFloat(Float16.fromDouble(Double.NaN))));
    }

    @Test
    void agreesWithTheJdkWhereItHasTheConversions() throws Exception {
        assumeTrue(Runtime.version().feature() >= 20, "the JDK has them from 20 on");
        Method theirs = Float.class.getMethod("floatToFloat16", float.class);
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (!Float.isNaN(value)) {
                assertEquals(theirs.invoke(null, value), Float16.fromFloat(value));
            }
        }
    }
}
