package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class NDArrayReductionsTest {
    private final NDArray matrix = NDArray.of(new double[] {1, 2, 3, 4}, 2, 2);

    @Test
    void everyReductionHasAMethodThatGivesADouble() {
        assertEquals(10, matrix.sum());
        assertEquals(2.5, matrix.mean());
        assertEquals(1.25, matrix.var());
        assertEquals(Math.sqrt(1.25), matrix.std());
        assertEquals(1, matrix.min());
        assertEquals(4, matrix.max());
        assertEquals(Math.sqrt(30), matrix.norm());
        assertEquals(2, NDArray.of(new boolean[] {true, false, true}).sum());
        assertEquals(0, NDArray.of(new boolean[] {true, false, true}).min());
        assertEquals(
                5, NDArray.of(new float[] {3, 4}, 1, 2).pairs(DType.COMPLEX64).norm());
        assertEquals(Double.NaN, NDArray.of(new double[] {1, Double.NaN}).max());
    }

    @Test
    void reductionsGoByConstantOrByName() {
        for (Reduction op : Reduction.values()) {
            assertEquals(matrix.reduce(op.toString()), matrix.reduce(op));
            assertTrue(matrix.reduceAxis(op, 0).contentEquals(matrix.reduceAxis(op.toString(), -2)));
            assertEquals(op, Reduction.of(op.toString()));
        }
        InvalidOptionException e = assertThrows(InvalidOptionException.class, () -> matrix.reduce("median"));
        assertTrue(e.getMessage().contains("sum, mean, std, var, min, max, norm"), e.getMessage());
    }

    @Test
    void sumsOfIntegersAreExact() {
        assertEquals((1L << 53) + 1, NDArray.of(new long[] {1L << 53, 1}).sumExact());
        assertEquals(2, NDArray.of(new boolean[] {true, false, true}).sumExact());
        NDArray large = NDArray.of(new long[] {Long.MAX_VALUE, 1});
        assertThrows(ArithmeticException.class, large::sumExact);
        assertEquals(BigInteger.ONE.shiftLeft(63), large.reduce(Reduction.SUM));
        DTypeMismatchException e = assertThrows(DTypeMismatchException.class, matrix::sumExact);
        assertTrue(e.getMessage().contains("float64") && e.getMessage().contains("use sum"), e.getMessage());
    }

    @Test
    void complexNumbersHaveNoSumThatIsADouble() {
        NDArray complex = NDArray.of(new double[] {1, 2}, 1, 2).pairs(DType.COMPLEX128);
        DTypeMismatchException e = assertThrows(DTypeMismatchException.class, complex::sum);
        assertTrue(e.getMessage().contains("reduce(Reduction.SUM)"), e.getMessage());
        assertThrows(DTypeMismatchException.class, complex::min);
    }

    @Test
    void nothingHasNoExtremes() {
        NDArray none = NDArray.zeros(DType.INT32, 0);
        assertEquals(0, none.sum());
        assertEquals(0, none.sumExact());
        assertEquals(Double.NaN, none.mean());
        assertThrows(ShapeMismatchException.class, none::min);
    }
}
