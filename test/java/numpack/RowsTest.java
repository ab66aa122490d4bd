package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RowsTest {
    @Test
    void numbersKeepTheirOrderAndNegativeOnesCountFromTheEnd() {
        assertArrayEquals(new long[] {2, 0, 4, 0, 2}, Rows.of(2, 0, -1, -5, 2).resolve(5));
        assertArrayEquals(new long[0], Rows.of().resolve(0));
        assertArrayEquals(new long[] {2_999_999_999L}, Rows.of(-1).resolve(3_000_000_000L));
    }

    @Test
    void whatIsOutOfRangeThrowsWithNumberAxisAndLength() {
        for (long row : new long[] {5, -6, Long.MAX_VALUE, Long.MIN_VALUE}) {
            String message = assertThrows(IndexOutOfBoundsException.class, () -> Rows.of(0, row).resolve(5)).getMessage();
            assertTrue(message.contains(Long.toString(row)) && message.contains("axis 0") && message.contains("length 5"), message);
        }
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.of(0).resolve(0));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(3, 6).resolve(5));
    }

    @Test
    void aRangeIsFromInclusiveToExclusive() {
        assertArrayEquals(new long[] {1, 2, 3}, Rows.range(1, 4).resolve(4));
        assertArrayEquals(new long[0], Rows.range(2, 2).resolve(4));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(3, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(-1, 2));
    }

    @Test
    void aMaskHasAPlaceForEveryRow() {
        assertArrayEquals(new long[] {0, 3}, Rows.mask(true, false, false, true).resolve(4));
        assertArrayEquals(new long[] {1}, Rows.mask(NDArray.of(new boolean[] {false, true})).resolve(2));
        ShapeMismatchException e = assertThrows(ShapeMismatchException.class, () -> Rows.mask(true, false).resolve(3));
        assertTrue(e.getMessage().contains("2") && e.getMessage().contains("3"), e.getMessage());
        assertThrows(DTypeMismatchException.class, () -> Rows.mask(NDArray.of(new int[] {0, 1})));
        assertThrows(ShapeMismatchException.class, () -> Rows.mask(NDArray.of(new boolean[4], 2, 2)));
    }

    @Test
    void rowsAreNobodyElses() {
        long[] numbers = {1, 2};
        boolean[] mask = {true};
        Rows rows = Rows.of(numbers);
        Rows masked = Rows.mask(mask);
        numbers[0] = 9;
        mask[0] = false;
        rows.resolve(3)[1] = 9;
        assertArrayEquals(new long[] {1, 2}, rows.resolve(3));
        assertEquals(1, masked.resolve(1).length);
    }
}
