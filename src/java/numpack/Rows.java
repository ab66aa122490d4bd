package numpack;

import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Which rows an operation means: numbers, negative ones from the end; a range; or a mask. Nothing is clipped: what is out of range
 * throws.
 */
public final class Rows {
    private final LongFunction<long[]> resolver;

    /** @param resolver from the number of rows of an array to those that are meant */
    private Rows(LongFunction<long[]> resolver) {
        this.resolver = resolver;
    }

    /**
     * Rows by their numbers, in that order.
     *
     * @param numbers row numbers; negative ones count from the end
     * @return these rows, never null
     */
    public static Rows of(long... numbers) {
        long[] own = numbers.clone();
        return new Rows(rowCount -> {
            long[] resolved = new long[own.length];
            for (int i = 0; i < own.length; i++) {
                resolved[i] = checked(own[i], rowCount);
            }
            return resolved;
        });
    }

    /**
     * Consecutive rows.
     *
     * @param from the first
     * @param to the one after the last
     * @return these rows, never null
     * @throws IndexOutOfBoundsException if {@code from} is negative or behind {@code to}
     */
    public static Rows range(long from, long to) {
        if (from < 0 || to < from || to - from > Integer.MAX_VALUE - 8) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " are not a range of at most 2^31 rows");
        }
        return new Rows(rowCount -> {
            if (from < to) {
                checked(to - 1, rowCount);
            }
            return LongStream.range(from, to).toArray();
        });
    }

    /**
     * Rows whose place in a mask is true.
     *
     * @param mask one place for each row
     * @return these rows, never null
     */
    public static Rows mask(boolean... mask) {
        boolean[] own = mask.clone();
        return new Rows(rowCount -> marked(own, rowCount));
    }

    /**
     * The numbers of these rows in an array.
     *
     * @param rowCount how many rows the array has
     * @return numbers from 0 to rowCount - 1, in the order asked; never null
     * @throws IndexOutOfBoundsException if one is out of range; names the number, the axis and the length
     * @throws ShapeMismatchException if a mask has another number of places
     */
    public long[] resolve(long rowCount) {
        return resolver.apply(rowCount);
    }

    private static long checked(long row, long rowCount) {
        if (row < -rowCount || row >= rowCount) {
            throw new IndexOutOfBoundsException("row " + row + " is out of range for axis 0 of length " + rowCount);
        }
        return row < 0 ? row + rowCount : row;
    }

    private static long[] marked(boolean[] mask, long rowCount) {
        if (mask.length != rowCount) {
            throw new ShapeMismatchException(
                    "a mask of " + mask.length + " rows was given for an array of " + rowCount + " rows",
                    "expected",
                    rowCount,
                    "found",
                    mask.length);
        }
        return IntStream.range(0, mask.length)
                .filter(i -> mask[i])
                .mapToLong(i -> i)
                .toArray();
    }
}
