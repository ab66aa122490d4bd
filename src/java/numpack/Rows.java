package numpack;

import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * Which rows an operation means: all, numbers, a range, or a mask. Negative numbers count from the end. Nothing is clipped: what is out of
 * range throws.
 */
public final class Rows {
    /** Rows that an operation takes at most: they are numbered in a Java array. */
    private static final int MOST = Integer.MAX_VALUE - 8;

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

    /** {@return all rows of whatever array; never null} */
    public static Rows all() {
        return new Rows(rowCount -> sequence(0, rowCount, 1));
    }

    /**
     * A row and all behind it; {@code from(-10)} are the last ten.
     *
     * @param from the first; a negative one counts from the end
     * @return these rows, never null
     */
    public static Rows from(long from) {
        return new Rows(rowCount -> sequence(bound(from, rowCount), rowCount, 1));
    }

    /**
     * Consecutive rows.
     *
     * @param from the first; a negative one counts from the end
     * @param to the one after the last; a negative one counts from the end
     * @return these rows, never null
     * @throws IndexOutOfBoundsException if {@code from} is behind {@code to}, here or when the number of rows is known
     */
    public static Rows range(long from, long to) {
        return range(from, to, 1);
    }

    /**
     * Every so many-th row of a range.
     *
     * @param from the first; a negative one counts from the end
     * @param to one behind the last; a negative one counts from the end
     * @param step from one row to the next, 1 or more
     * @return these rows, never null
     * @throws IndexOutOfBoundsException if {@code from} is behind {@code to}, here or when the number of rows is known
     * @throws InvalidOptionException if the step is less than 1
     */
    public static Rows range(long from, long to, long step) {
        if (step < 1) {
            throw new InvalidOptionException("the step of a range of rows is 1 or more, got " + step, "found", step);
        }
        if (from < 0 == to < 0) {
            count(from, to, step);
        }
        return new Rows(
                rowCount -> from == to ? new long[0] : sequence(bound(from, rowCount), bound(to, rowCount), step));
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

    private static long[] sequence(long from, long to, long step) {
        long[] rows = new long[count(from, to, step)];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = from + i * step;
        }
        return rows;
    }

    private static int count(long from, long to, long step) {
        long count = to < from ? -1 : (to - from) / step + ((to - from) % step == 0 ? 0 : 1);
        if (count < 0 || count > MOST) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " are not a range of at most 2^31 rows");
        }
        return (int) count;
    }

    /** The place of a bound of a range, which may be behind the last row. */
    private static long bound(long row, long rowCount) {
        return row == rowCount ? row : checked(row, rowCount);
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
