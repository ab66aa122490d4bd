package numpack.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.LongStream;
import numpack.InsufficientMemoryException;
import org.junit.jupiter.api.Test;

class DeletionBitmapTest {
    private static final Path FILE = Path.of("x.npk/deleted_x.npkb");
    /** The hexdump of the format page: 70 rows, 0, 3 and 69 deleted. */
    private static final byte[] SEVENTY = HexFormat.of()
            .parseHex("46" + "00".repeat(7) + "03" + "00".repeat(7) + "f6" + "ff".repeat(7) + "1f" + "00".repeat(7));

    @Test
    void theHexdumpOfTheFormatPageReadsAndWrites() {
        DeletionBitmap bitmap = DeletionBitmap.allActive(70).delete(new long[] {69, 0, 3, 3});
        assertArrayEquals(SEVENTY, bitmap.encode());
        assertEquals(bitmap, DeletionBitmap.decode(SEVENTY, 70, FILE));
        assertEquals(67, bitmap.activeRows());
        assertEquals(70, bitmap.rows());
    }

    @Test
    void aFileWithoutHeaderReads() {
        DeletionBitmap expected = DeletionBitmap.decode(SEVENTY, 70, FILE);
        assertEquals(expected, DeletionBitmap.decode(Arrays.copyOfRange(SEVENTY, 16, 32), 70, FILE));
        assertEquals(DeletionBitmap.allActive(0), DeletionBitmap.decode(new byte[0], 0, FILE));
        assertEquals(0, DeletionBitmap.decode(new byte[8], 64, FILE).activeRows());
    }

    @Test
    void theBitsCountAndNotTheCount() {
        byte[] bytes = SEVENTY.clone();
        bytes[8] = 99;
        DeletionBitmap bitmap = DeletionBitmap.decode(bytes, 70, FILE);
        assertEquals(67, bitmap.activeRows());
        assertArrayEquals(SEVENTY, bitmap.encode());
    }

    @Test
    void rowsAreNumberedWithoutTheDeletedOnes() {
        DeletionBitmap bitmap = DeletionBitmap.decode(SEVENTY, 70, FILE);
        assertArrayEquals(new long[] {68, 1, 4, 2, 1}, bitmap.physical(new long[] {66, 0, 2, 1, 0}));
        assertArrayEquals(new long[] {0, 3, 69}, bitmap.deletedRows());
        DeletionBitmap again = bitmap.delete(new long[] {66, 0});
        assertArrayEquals(new long[] {0, 1, 3, 68, 69}, again.deletedRows());
        assertEquals(65, again.activeRows());
    }

    @Test
    void rowsThatAreNotThereAreOutOfBounds() {
        DeletionBitmap bitmap = DeletionBitmap.decode(SEVENTY, 70, FILE);
        assertThrows(IndexOutOfBoundsException.class, () -> bitmap.physical(new long[] {-1}));
        assertThrows(IndexOutOfBoundsException.class, () -> bitmap.physical(new long[] {0, 67}));
        assertThrows(IndexOutOfBoundsException.class, () -> bitmap.cut(71));
        IndexOutOfBoundsException e =
                assertThrows(IndexOutOfBoundsException.class, () -> bitmap.delete(new long[] {67}));
        assertEquals("index 67 is out of bounds for axis 0 with length 67", e.getMessage());
    }

    @Test
    void appendedRowsAreActiveAndDeletedOnesStayDeleted() {
        DeletionBitmap bitmap = DeletionBitmap.decode(SEVENTY, 70, FILE).append(3);
        assertEquals(73, bitmap.rows());
        assertArrayEquals(new long[] {0, 3, 69}, bitmap.deletedRows());
        assertArrayEquals(new long[][] {{1, 4, 70}, {2, 65, 3}}, bitmap.activeRuns(1));
        assertEquals(bitmap, bitmap.append(0));
    }

    @Test
    void runsAreMaximal() {
        assertArrayEquals(new long[][] {{}, {}}, DeletionBitmap.allActive(0).activeRuns(1));
        assertArrayEquals(
                new long[][] {{0}, {128}}, DeletionBitmap.allActive(128).activeRuns(1));
        assertArrayEquals(
                new long[][] {{0, 64}, {63, 137}},
                DeletionBitmap.allActive(201).delete(new long[] {63}).activeRuns(1));
        assertArrayEquals(
                new long[][] {{}, {}},
                DeletionBitmap.allActive(64)
                        .delete(LongStream.range(0, 64).toArray())
                        .activeRuns(1));
    }

    @Test
    void runsCanBeCountedInItems() {
        DeletionBitmap bitmap = DeletionBitmap.allActive(70).delete(new long[] {0, 3});
        assertArrayEquals(new long[][] {{10, 40}, {20, 660}}, bitmap.activeRuns(10));
        assertArrayEquals(new long[][] {{0, 0}, {0, 0}}, bitmap.activeRuns(0));
    }

    @Test
    void randomEditsAgreeWithAnArrayOfBooleans() {
        Random random = new Random(3);
        for (int round = 0; round < 100; round++) {
            DeletionBitmap bitmap = DeletionBitmap.allActive(0);
            boolean[] model = {};
            for (int step = 0; step < 6; step++) {
                int more = random.nextInt(300);
                bitmap = bitmap.append(more);
                int old = model.length;
                model = Arrays.copyOf(model, old + more);
                Arrays.fill(model, old, model.length, true);
                long[] drop = bitmap.activeRows() == 0
                        ? new long[0]
                        : random.longs(random.nextInt(400), 0, bitmap.activeRows())
                                .toArray();
                long[] active = active(model);
                bitmap = bitmap.delete(drop);
                for (long row : drop) {
                    model[(int) active[(int) row]] = false;
                }
                if (random.nextInt(4) == 0) {
                    model = Arrays.copyOf(model, random.nextInt(model.length + 1));
                    bitmap = bitmap.cut(model.length);
                }
                assertAgrees(model, bitmap);
            }
        }
    }

    private static long[] active(boolean[] model) {
        return LongStream.range(0, model.length).filter(i -> model[(int) i]).toArray();
    }

    private static void assertAgrees(boolean[] model, DeletionBitmap bitmap) {
        long[] active = active(model);
        assertEquals(model.length, bitmap.rows());
        assertEquals(active.length, bitmap.activeRows());
        assertArrayEquals(
                active, bitmap.physical(LongStream.range(0, active.length).toArray()));
        for (int i = active.length - 1; i >= 0; i--) {
            assertArrayEquals(new long[] {active[i]}, bitmap.physical(new long[] {i}));
        }
        assertArrayEquals(
                LongStream.range(0, model.length).filter(i -> !model[(int) i]).toArray(), bitmap.deletedRows());
        long[][] runs = bitmap.activeRuns(1);
        LongStream ofRuns = LongStream.empty();
        for (int i = 0; i < runs[0].length; i++) {
            assertTrue(runs[1][i] > 0 && (i == 0 || runs[0][i] > runs[0][i - 1] + runs[1][i - 1]));
            ofRuns = LongStream.concat(ofRuns, LongStream.range(runs[0][i], runs[0][i] + runs[1][i]));
        }
        assertArrayEquals(active, ofRuns.toArray());
        assertEquals(bitmap, DeletionBitmap.decode(bitmap.encode(), model.length, FILE));
    }

    @Test
    void billionsOfRowsDoNotOverflow() {
        long rows = (1L << 31) + 65;
        DeletionBitmap bitmap = DeletionBitmap.allActive(rows).delete(new long[] {0, 1L << 31, rows - 1});
        assertEquals(rows - 3, bitmap.activeRows());
        assertArrayEquals(
                new long[] {(1L << 31) + 1, rows - 2}, bitmap.physical(new long[] {(1L << 31) - 1, rows - 4}));
        assertArrayEquals(new long[][] {{1, (1L << 31) + 1}, {(1L << 31) - 1, 63}}, bitmap.activeRuns(1));
    }

    @Test
    void moreRowsThanAFileCanHoldAreRefused() {
        assertThrows(InsufficientMemoryException.class, () -> DeletionBitmap.allActive(20_000_000_000L));
        assertThrows(InsufficientMemoryException.class, () -> DeletionBitmap.allActive(Long.MAX_VALUE));
        assertThrows(
                InsufficientMemoryException.class,
                () -> DeletionBitmap.allActive(5).append(Long.MAX_VALUE));
    }
}
