package numpack.kernels;

/**
 * What is known about some neighbouring columns after some of their rows, such as their sums.
 *
 * @param <A> the implementing class
 */
interface Accumulator<A> {
    /** Takes in rows that lie one after another in a {@code long[]} or {@code double[]}, which must not be changed. */
    void add(Object items, int from, int rows);

    /** Takes in what another one knows of the rows that follow. */
    void merge(A next);
}
