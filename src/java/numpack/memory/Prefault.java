package numpack.memory;

/**
 * Makes the pages of a writable mapping present ahead of a long write: one call for many pages costs a fraction of a page fault for
 * each. Remembers what it has done, so that a second pass costs nothing. Threads may lose each other's notes; then pages are
 * prepared twice.
 */
final class Prefault {
    /** What is noted as done, or not, together. */
    private static final int WINDOW_BITS = 20;

    private static final long WINDOW = 1L << WINDOW_BITS;
    /** Shorter writes fault in their own pages: preparing a whole window for each of many scattered ones would dirty the whole file. */
    private static final long SHORTEST = 1 << 16;

    private final Mapper.Mapping mapping;
    private final long bytes;
    private volatile long[] done;

    Prefault(Mapper.Mapping mapping, long bytes) {
        this.mapping = mapping;
        this.bytes = bytes;
    }

    void willWrite(long from, long to) {
        if (to - from < SHORTEST) {
            return;
        }
        long[] notes = done;
        if (notes == null) {
            notes = new long[(int) ((bytes - 1 >> WINDOW_BITS + 6) + 1)];
            done = notes;
        }
        for (long window = from >> WINDOW_BITS; window << WINDOW_BITS < to; window++) {
            int word = (int) (window >> 6);
            long bit = 1L << window;
            if ((notes[word] & bit) == 0) {
                long first = window << WINDOW_BITS;
                long end = Math.min(bytes, first + WINDOW);
                long part = Math.max(from, first);
                long partEnd = Math.min(to, end);
                mapping.populate(part, partEnd - part);
                if (part == first && partEnd == end) {
                    notes[word] |= bit;
                }
            }
        }
    }

    /** To be called once the pages are clean again: from then on the first write to each costs a fault anew. */
    void forget() {
        done = null;
    }
}
