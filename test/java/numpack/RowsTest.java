package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RowsTest {
    @Test
    void numbersKeepTheirOrderAndCountFromTheEndIfNegative() {
        assertArrayEquals(new long[] {3, 0, 4, 3, 0}, Rows.of(3, 0, -1, 3, -5).resolve(5));
        assertArrayEquals(new long[] {}, Rows.of().resolve(0));
        assertArrayEquals(new long[] {(1L << 40) - 1}, Rows.of(-1).resolve(1L << 40));
    }

    @Test
    void whatIsOutOfRangeIsNamed() {
        for (long row : new long[] {5, -6, Long.MAX_VALUE, Long.MIN_VALUE}) {
            String message = assertThrows(
                            IndexOutOfBoundsException.class,
                            () -> Rows.of(0, row).resolve(5))
                    .getMessage();
            assertTrue(message.contains(row + " is out of range for axis 0 of length 5"), message);
        }
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.of(0).resolve(0));
    }

    @Test
    void rangesAreNotClipped() {
        assertArrayEquals(new long[] {2, 3, 4}, Rows.range(2, 5).resolve(5));
        assertArrayEquals(new long[] {}, Rows.range(5, 5).resolve(5));
        assertArrayEquals(
                new long[] {(1L << 40) - 1},
                Rows.range((1L << 40) - 1, 1L << 40).resolve(1L << 40));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(2, 6).resolve(5));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(3, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(0, Long.MAX_VALUE));
    }

    @Test
    void rangesCountFromTheEndIfNegative() {
        assertArrayEquals(new long[] {2, 3}, Rows.range(-3, -1).resolve(5));
        assertArrayEquals(new long[] {1, 2, 3}, Rows.range(1, -1).resolve(5));
        assertArrayEquals(new long[] {3, 4}, Rows.range(-2, 5).resolve(5));
        assertArrayEquals(new long[] {3, 4}, Rows.from(-2).resolve(5));
        assertArrayEquals(new long[] {4}, Rows.from(4).resolve(5));
        assertArrayEquals(new long[] {}, Rows.from(5).resolve(5));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(-1, -2));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(-2, 2).resolve(5));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(-6, -1).resolve(5));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.from(-6).resolve(5));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.from(6).resolve(5));
    }

    @Test
    void rangesMayHaveAStep() {
        assertArrayEquals(new long[] {0, 2, 4}, Rows.range(0, 5, 2).resolve(5));
        assertArrayEquals(new long[] {1, 3}, Rows.range(1, -1, 2).resolve(6));
        assertArrayEquals(new long[] {2}, Rows.range(2, 5, Long.MAX_VALUE).resolve(5));
        assertArrayEquals(
                new long[] {0, 1L << 40}, Rows.range(0, 1L << 41, 1L << 40).resolve(1L << 41));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.range(0, 6, 5).resolve(5));
        for (long step : new long[] {0, -1}) {
            assertThrows(InvalidOptionException.class, () -> Rows.range(0, 5, step));
        }
    }

    @Test
    void allAreAllOfAnyArray() {
        assertArrayEquals(new long[] {0, 1, 2}, Rows.all().resolve(3));
        assertArrayEquals(new long[] {}, Rows.all().resolve(0));
        assertThrows(IndexOutOfBoundsException.class, () -> Rows.all().resolve(1L << 40));
    }

    @Test
    void aHugeRangeTakesNoMemoryBeforeItIsChecked() {
        for (int i = 0; i < 100; i++) {
            Rows rows = Rows.range(0, Integer.MAX_VALUE - 8);
            assertThrows(IndexOutOfBoundsException.class, () -> rows.resolve(10));
        }
    }

    @Test
    void masksNameTheRowsThatAreTrue() {
        assertArrayEquals(new long[] {1, 2}, Rows.mask(false, true, true).resolve(3));
        assertArrayEquals(new long[] {}, Rows.mask(new boolean[0]).resolve(0));
        ShapeMismatchException e = assertThrows(
                ShapeMismatchException.class, () -> Rows.mask(true, false).resolve(3));
        assertTrue(e.getMessage().contains("2") && e.getMessage().contains("3"), e.getMessage());
    }

    @Test
    void arraysNameRowsByMaskOrByNumber() {
        assertArrayEquals(
                new long[] {0}, NDArray.of(new boolean[] {true, false}).toRows().resolve(2));
        assertArrayEquals(
                new long[] {1, 2}, NDArray.of(new byte[] {1, -1}).toRows().resolve(3));
        assertThrows(
                DTypeMismatchException.class,
                () -> NDArray.of(new float[] {1.5f}).toRows());
        assertThrows(
                ShapeMismatchException.class,
                () -> NDArray.of(new boolean[] {true, false}, 1, 2).toRows());
    }

    @Test
    void rowsDoNotChangeWithTheArraysTheyWereMadeOf() {
        long[] numbers = {1, 2};
        boolean[] mask = {true, false};
        NDArray bools = NDArray.of(mask);
        Rows byNumber = Rows.of(numbers);
        Rows byMask = Rows.mask(mask);
        Rows byArray = bools.toRows();
        numbers[0] = 99;
        mask[0] = false;
        bools.set(false, 0);
        byNumber.resolve(3)[0] = 77;
        assertArrayEquals(new long[] {1, 2}, byNumber.resolve(3));
        assertArrayEquals(new long[] {0}, byMask.resolve(2));
        assertEquals(1, byArray.resolve(2).length);
    }
}
