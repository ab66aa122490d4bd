package numpack;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * An array in pieces of at most so many rows, each read when it is asked for. The pieces do not share memory with each other. They can
 * be read as long as a lazy array can: also when the pack has been closed, and from a writable batch until that ends.
 */
public final class Chunks implements Iterable<NDArray> {
    /** Reads the rows from, inclusive, to, exclusive. */
    @FunctionalInterface
    interface Reader {
        NDArray rows(long from, long to);
    }

    private final String array;
    private final long totalRows;
    private final long rows;
    private final Reader read;

    Chunks(String array, long totalRows, long rows, Reader read) {
        if (rows < 1) {
            throw new InvalidOptionException("a chunk has 1 row or more, asked for " + rows, "found", rows);
        }
        this.array = array;
        this.totalRows = totalRows;
        this.rows = rows;
        this.read = read;
    }

    /** {@return the number of pieces} */
    public long count() {
        return totalRows / rows + (totalRows % rows == 0 ? 0 : 1);
    }

    /**
     * The first row of a piece.
     *
     * @param chunk the number of the piece
     * @return its first row
     * @throws IndexOutOfBoundsException if there is none of that number
     */
    public long from(long chunk) {
        if (chunk < 0 || chunk >= count()) {
            throw new IndexOutOfBoundsException("chunk " + chunk + " is out of range, there are " + count());
        }
        return chunk * rows;
    }

    /**
     * The row after the last of a piece.
     *
     * @param chunk the number of the piece
     * @return the end, exclusive
     * @throws IndexOutOfBoundsException if there is none of that number
     */
    public long to(long chunk) {
        long from = from(chunk);
        return from + Math.min(rows, totalRows - from);
    }

    /**
     * Reads a piece.
     *
     * @param chunk its number
     * @return the piece, never null
     * @throws IndexOutOfBoundsException if there is none of that number
     */
    public NDArray get(long chunk) {
        return read.rows(from(chunk), to(chunk));
    }

    /** {@return the pieces in order, each read by {@code next}} */
    @Override
    public Iterator<NDArray> iterator() {
        return new Iterator<>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < count();
            }

            @Override
            public NDArray next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("no chunk after the last");
                }
                return get(next++);
            }
        };
    }

    /** {@return the array's name and the number of pieces} */
    @Override
    public String toString() {
        return "#<Chunks of " + array + ", " + count() + (count() == 1 ? " chunk" : " chunks") + " of at most " + rows
                + (rows == 1 ? " row>" : " rows>");
    }
}
