package numpack.kernels;

import java.util.function.Supplier;

/**
 * Reduces columns of a matrix that lies in runs, rows first. Rows are halved until few are left, and what is known of the halves is
 * merged: this is pairwise summation, whose error grows with the logarithm of the number of rows only, and it is where the work is
 * divided among the cores. The division depends on the number of rows alone, so the result does not depend on the cores, nor on
 * how the runs lie in memory. A single column is divided exactly as numpy does it, so sums of float64 are numpy's to the bit.
 */
final class ColumnReduction {
    /** At most this many columns are reduced together, so that their sums stay in the first-level cache. Even, for complex numbers. */
    static final int WIDTH = Blocks.SIZE;

    private static final int LEAF_ROWS = 16;
    private static final int LEAF_ITEMS = 256;

    private final long rows;
    private final long stride;

    /**
     * @param rows how many rows the matrix has
     * @param stride how many items lie between the beginnings of two rows
     */
    ColumnReduction(long rows, long stride) {
        this.rows = rows;
        this.stride = stride;
    }

    /** Reduces {@code width} columns, the first of which begins at item {@code start}. */
    <A extends Accumulator<A>> A reduce(Reader reader, long start, int width, Supplier<A> fresh) {
        return reduce(reader, start, rows, width, fresh);
    }

    private <A extends Accumulator<A>> A reduce(Reader reader, long start, long count, int width, Supplier<A> fresh) {
        int leaf = width == 1 ? Blocks.SIZE : Math.max(LEAF_ROWS, LEAF_ITEMS / width);
        if (count <= leaf) {
            A result = fresh.get();
            add(reader, start, (int) count, width, result);
            return result;
        }
        long half = count / 2 - count / 2 % 8;
        long middle = start + half * stride;
        if (count * width <= 2 * Parallel.GRAIN) {
            A result = reduce(reader, start, half, width, fresh);
            result.merge(reduce(reader, middle, count - half, width, fresh));
            return result;
        }
        Object[] halves = new Object[2];
        Parallel.both(
                () -> halves[0] = reduce(reader, start, half, width, fresh),
                () -> halves[1] = reduce(reader.another(), middle, count - half, width, fresh));
        @SuppressWarnings("unchecked")
        A result = (A) halves[0];
        @SuppressWarnings("unchecked")
        A next = (A) halves[1];
        result.merge(next);
        return result;
    }

    private void add(Reader reader, long start, int count, int width, Accumulator<?> result) {
        int together = width == stride ? Blocks.SIZE / width : 1;
        for (int row = 0; row < count; row += together) {
            int n = Math.min(together, count - row);
            reader.read(start + row * stride, n * width);
            result.add(reader.array(), reader.from(), n);
        }
    }
}
