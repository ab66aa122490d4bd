package numpack.kernels;

/** What an operation does to one stretch of items, in place. An instance may hold scratch memory: one per thread. */
interface Kernel {
    /**
     * @param items a primitive array that holds the stretch
     * @param from where in the array it begins
     * @param count its length, at most {@link Parallel#GRAIN}; even for complex types
     * @param item the position of its first item in the whole array
     */
    void apply(Object items, int from, int count, long item);
}
