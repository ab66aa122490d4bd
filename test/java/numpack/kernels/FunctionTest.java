package numpack.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FunctionTest {
    @Test
    void log2IsExactForPowersOfTwo() {
        for (int e = -1074; e < 1024; e++) {
            assertEquals(e, Function.log2(Math.scalb(1.0, e)));
        }
    }

    @Test
    void log2IsAccurateEverywhereElse() {
        Random random = new Random(5);
        for (int i = 0; i < 10_000; i++) {
            double x = Math.exp(random.nextGaussian() * 100);
            double expected = Math.log(x) / Math.log(2);
            assertEquals(expected, Function.log2(x), 3 * Math.ulp(expected));
        }
        assertEquals(Double.NaN, Function.log2(-1));
        assertEquals(Double.NEGATIVE_INFINITY, Function.log2(0));
        assertEquals(Double.POSITIVE_INFINITY, Function.log2(Double.POSITIVE_INFINITY));
        assertEquals(Double.NaN, Function.log2(Double.NaN));
    }
}
