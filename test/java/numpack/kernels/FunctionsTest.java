package numpack.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FunctionsTest {
    @Test
    void log2IsExactForPowersOfTwo() {
        for (int e = -1074; e < 1024; e++) {
            assertEquals(e, Functions.log2(Math.scalb(1.0, e)));
        }
    }

    @Test
    void log2IsAccurateEverywhereElse() {
        Random random = new Random(5);
        for (int i = 0; i < 10_000; i++) {
            double x = Math.exp(random.nextGaussian() * 100);
            double expected = Math.log(x) / Math.log(2);
            assertEquals(expected, Functions.log2(x), 3 * Math.ulp(expected));
        }
        assertEquals(Double.NaN, Functions.log2(-1));
        assertEquals(Double.NEGATIVE_INFINITY, Functions.log2(0));
        assertEquals(Double.POSITIVE_INFINITY, Functions.log2(Double.POSITIVE_INFINITY));
        assertEquals(Double.NaN, Functions.log2(Double.NaN));
    }
}
