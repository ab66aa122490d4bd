package numpack;

import java.util.Arrays;
import java.util.Objects;

/** Which rows an operation means: numbers, negative ones from the end; a range; or a mask. Nothing is clipped: what is out of range throws. */
public final class Rows {
    private final long[] numbers;
    private final boolean[] mask;

    private Rows(long[] numbers, boolean[] mask) {
        this.numbers = numbers;
        this.mask = mask;
    }

    /**
     * Rows by their numbers, in that order.
     *
     * @param numbers row numbers; negative ones count from the end
     * @return these rows, never null
     */
    public static Rows of(long... numbers) {
        return new Rows(numbers.clone(), null);
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
        long[] numbers = new long[(int) (to - from)];
        Arrays.setAll(numbers, i -> from + i);
        return new Rows(numbers, null);
    }

    /**
     * Rows whose place in a mask is true.
     *
     * @param mask one place for each row
     * @return these rows, never null
     */
    public static Rows mask(boolean... mask) {
        return new Rows(null, mask.clone());
    }

    /**
     * Rows whose place in a mask is true.
     *
     * @param mask a bool array of rank 1, one element for each row
     * @return these rows, never null
     * @throws DTypeMismatchException if it is not bool
     * @throws ShapeMismatchException if it is not of rank 1
     */
    public static Rows mask(NDArray mask) {
        Objects.requireNonNull(mask, "the mask");
        if (mask.dtype() != DType.BOOL) {
            throw new DTypeMismatchException("a mask of rows is a bool array, got " + mask.dtype(), "expected", "bool", "found", mask.dtype().numpyName());
        }
        if (mask.rank() != 1) {
            throw new ShapeMismatchException("a mask of rows has rank 1, got shape " + Arrays.toString(mask.shape()), "found", Arrays.toString(mask.shape()));
        }
        return new Rows(null, mask.toBooleanArray());
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
        if (mask != null) {
            if (mask.length != rowCount) {
                throw new ShapeMismatchException("a mask of " + mask.length + " rows was given for an array of " + rowCount + " rows", "expected", rowCount,
                    "found", mask.length);
            }
            long[] found = new long[mask.length];
            int n = 0;
            for (int i = 0; i < mask.length; i++) {
                if (mask[i]) {
                    found[n++] = i;
                }
            }
            return Arrays.copyOf(found, n);
        }
        long[] resolved = numbers.clone();
        for (int i = 0; i < resolved.length; i++) {
            long row = resolved[i];
            if (row < -rowCount || row >= rowCount) {
                throw new IndexOutOfBoundsException("row " + row + " is out of range for axis 0 of length " + rowCount);
            }
            resolved[i] = row < 0 ? row + rowCount : row;
        }
        return resolved;
    }
}
