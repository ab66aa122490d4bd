package numpack.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.lang.Keyword;
import clojure.lang.RT;
import java.util.Arrays;
import java.util.List;
import numpack.DType;
import numpack.ShapeMismatchException;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void aShapePrintsAsNumpyDoes() {
        assertEquals("[3 4]", Shape.text(3, 4));
        assertEquals("[]", Shape.text());
    }

    @Test
    void anArrayHasOneToSixtyFourAxesOfNoNegativeLength() {
        long[][] refused = {{}, new long[65], {-1}, {3, -1}};
        for (long[] shape : refused) {
            assertRefused(DType.BOOL, shape);
        }
        assertDoesNotThrow(() -> Shape.check("a", DType.BOOL, new long[64]));
        assertDoesNotThrow(() -> Shape.check("a", DType.BOOL, 0));
    }

    @Test
    void anArrayHasAtMostAsManyBytesAsALongCounts() {
        assertRefused(DType.FLOAT64, 1L << 61, 4);
        assertRefused(DType.FLOAT64, 1L << 60);
        assertRefused(DType.BOOL, Long.MAX_VALUE, 2);
        assertDoesNotThrow(() -> Shape.check("a", DType.FLOAT64, (1L << 60) - 1));
        assertDoesNotThrow(() -> Shape.check("a", DType.BOOL, Long.MAX_VALUE));
    }

    @Test
    void anEmptyAxisDoesNotExcuseTheLengthsOfOthers() {
        assertRefused(DType.BOOL, 0, 1L << 40, 1L << 40);
        assertThrows(ShapeMismatchException.class, () -> Shape.product(0, 1L << 40, 1L << 40));
    }

    private static void assertRefused(DType dtype, long... shape) {
        ShapeMismatchException e = assertThrows(ShapeMismatchException.class, () -> Shape.check("odd", dtype, shape));
        assertTrue(
                e.getMessage().startsWith("array \"odd\" of " + dtype + " cannot have the shape " + Shape.text(shape)),
                e.getMessage());
        assertEquals(RT.vector((Object[]) boxed(shape)), e.getData().valAt(Keyword.intern("found")));
    }

    private static Long[] boxed(long[] shape) {
        return Arrays.stream(shape).boxed().toArray(Long[]::new);
    }

    @Test
    void theProductIsTheNumberOfElements() {
        assertEquals(6, Shape.product(2, 3));
        assertEquals(0, Shape.product(2, 0, 3));
        assertEquals(1, Shape.product());
        assertThrows(ShapeMismatchException.class, () -> Shape.product(-1));
        assertThrows(ShapeMismatchException.class, () -> Shape.product(1L << 32, 1L << 31));
    }

    @Test
    void partsOfAShapeAreNewShapes() {
        long[] shape = {2, 3, 4};
        assertArrayEquals(new long[] {7, 3, 4}, Shape.withRows(shape, 7));
        assertArrayEquals(new long[] {3, 4}, Shape.without(shape, 0));
        assertArrayEquals(new long[] {2, 4}, Shape.without(shape, 1));
        assertArrayEquals(new long[] {2, 3, 4}, shape);
    }

    @Test
    void oneLengthOfANewShapeIsFoundFromTheOthers() {
        assertArrayEquals(new long[] {4, 6}, Shape.reshaped(new long[] {2, 3, 4}, -1, 6));
        assertArrayEquals(new long[] {0, 7}, Shape.reshaped(new long[] {0, 5}, -1, 7));
        for (long[] wanted : List.of(new long[] {-1, 5}, new long[] {-1, -1}, new long[] {23}, new long[0])) {
            assertThrows(ShapeMismatchException.class, () -> Shape.reshaped(new long[] {2, 3, 4}, wanted));
        }
        assertThrows(ShapeMismatchException.class, () -> Shape.reshaped(new long[] {0, 5}, -1, 0));
    }

    @Test
    void aPathAndAFlatIndexAreTheSamePlace() {
        long[] shape = {2, 3, 4};
        for (long flat = 0; flat < 24; flat++) {
            assertEquals(flat, Shape.flat(shape, Shape.path(shape, flat)));
        }
        assertArrayEquals(new long[] {1, 2, 3}, Shape.path(shape, 23));
    }

    @Test
    void aPathOutsideOfTheShapeIsRefusedWithItsAxis() {
        assertThrows(ShapeMismatchException.class, () -> Shape.flat(new long[] {2, 3}, new long[] {1}));
        IndexOutOfBoundsException e =
                assertThrows(IndexOutOfBoundsException.class, () -> Shape.flat(new long[] {2, 3}, new long[] {1, 3}));
        assertEquals("index 3 is out of range for axis 1 of length 3", e.getMessage());
        assertThrows(IndexOutOfBoundsException.class, () -> Shape.flat(new long[] {2, 3}, new long[] {-1, 0}));
    }
}
