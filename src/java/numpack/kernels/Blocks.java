package numpack.kernels;

import java.util.function.Supplier;
import numpack.memory.Memory;
import numpack.memory.PrimitiveArrays;
import numpack.memory.Runs;

/**
 * Takes a kernel over all the items of runs: heap memory in place, other memory in blocks through a small array that stays in the
 * first-level cache, because the compiler vectorises loops over arrays only.
 */
final class Blocks {
    /** Items copied at a time: measured, larger blocks gain nothing or lose. Even, so that no block ends within a complex number. */
    static final int SIZE = 1024;

    /** Bytes of mapped memory whose pages are populated at a time: one after another, as {@link Memory#willWrite} expects it. */
    private static final long WINDOW = 32 << 20;

    private Blocks() {}

    /** Changes all items; {@code kernels} gives each thread its own kernel. */
    static void update(Runs target, Supplier<Kernel> kernels) {
        forWindows(
                target,
                (from, to) -> Parallel.split(from, to, Parallel.GRAIN, (a, b) -> update(target, a, b, kernels.get())));
    }

    /** The same on the calling thread alone, in order, for kernels that call what may not be called by several threads. */
    static void updateInOrder(Runs target, Kernel kernel) {
        forWindows(target, (from, to) -> {
            for (long a = from; a < to; a += Parallel.GRAIN) {
                update(target, a, Math.min(to, a + Parallel.GRAIN), kernel);
            }
        });
    }

    private static void forWindows(Runs target, Parallel.Part part) {
        target.markChanged();
        long size = target.size();
        long window = target.isMapped() ? WINDOW / target.kind().bytes() : size;
        for (long from = 0; from < size; from += window) {
            long to = Math.min(size, from + window);
            if (target.isMapped()) {
                target.walk(from, to, (memory, start, count, item) -> memory.willWrite(start, count));
            }
            part.run(from, to);
        }
    }

    private static void update(Runs target, long from, long to, Kernel kernel) {
        Object[] scratch = new Object[1];
        target.walk(from, to, (memory, start, count, item) -> {
            if (memory.array() != null) {
                kernel.apply(memory.array(), (int) start, (int) count, item);
                return;
            }
            if (scratch[0] == null) {
                scratch[0] = PrimitiveArrays.zeros(target.kind(), SIZE);
            }
            for (long at = 0; at < count; at += SIZE) {
                int n = (int) Math.min(SIZE, count - at);
                memory.read(start + at, scratch[0], 0, n);
                kernel.apply(scratch[0], 0, n, item + at);
                memory.write(start + at, scratch[0], 0, n);
            }
        });
    }
}
