package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ChunksTest {
    private final List<String> read = new ArrayList<>();

    private Chunks chunks(long total, long rows) {
        return new Chunks("x", total, rows, (from, to) -> {
            read.add(from + "-" + to);
            return NDArray.zeros(DType.INT8, to - from);
        });
    }

    @Test
    void allRowsAreReadOnceInOrderTheLastPieceIsShorter() {
        long rows = 0;
        for (NDArray chunk : chunks(10, 4)) {
            rows += chunk.rows();
        }
        assertEquals(10, rows);
        assertEquals(List.of("0-4", "4-8", "8-10"), read);
    }

    @Test
    void aPieceIsReadWhenItIsAskedFor() {
        Chunks chunks = chunks(10, 4);
        Iterator<NDArray> iterator = chunks.iterator();
        assertEquals(List.of(), read);
        iterator.next();
        assertEquals(List.of("0-4"), read);
        assertEquals(2, chunks.get(2).rows());
        assertEquals(List.of("0-4", "8-10"), read);
    }

    @Test
    void piecesAreCounted() {
        assertEquals(3, chunks(10, 4).count());
        assertEquals(2, chunks(8, 4).count());
        assertEquals(1, chunks(8, 8).count());
        assertEquals(1, chunks(8, Long.MAX_VALUE).count());
        assertEquals(0, chunks(0, 4).count());
        assertEquals(8, chunks(8, Long.MAX_VALUE).to(0));
        Chunks huge = chunks(Long.MAX_VALUE, Long.MAX_VALUE - 1);
        assertEquals(2, huge.count());
        assertEquals(Long.MAX_VALUE - 1, huge.from(1));
        assertEquals(Long.MAX_VALUE, huge.to(1));
    }

    @Test
    void theyPrintWithoutReading() {
        assertEquals("#<Chunks of x, 3 chunks of at most 4 rows>", chunks(10, 4).toString());
        assertEquals("#<Chunks of x, 1 chunk of at most 1 row>", chunks(1, 1).toString());
        assertEquals(List.of(), read);
    }

    @Test
    void whatIsNotThereIsNamed() {
        Chunks chunks = chunks(10, 4);
        for (long i : new long[] {-1, 3, Long.MAX_VALUE}) {
            assertEquals(
                    "chunk " + i + " is out of range, there are 3",
                    assertThrows(IndexOutOfBoundsException.class, () -> chunks.get(i))
                            .getMessage());
            assertThrows(IndexOutOfBoundsException.class, () -> chunks.from(i));
            assertThrows(IndexOutOfBoundsException.class, () -> chunks.to(i));
        }
        Iterator<NDArray> none = chunks(0, 4).iterator();
        assertFalse(none.hasNext());
        assertThrows(NoSuchElementException.class, none::next);
        assertThrows(InvalidOptionException.class, () -> chunks(10, 0));
        assertThrows(InvalidOptionException.class, () -> chunks(10, -1));
    }
}
