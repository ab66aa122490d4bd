package numpack.kernels;

import java.util.concurrent.ForkJoinTask;

/** The one place that spreads work over the cores: the common pool, and the calling thread with it. */
final class Parallel {
    /** Items below which a second core costs more than it gives. Even, so that no part ends within a complex number. */
    static final long GRAIN = 1 << 20;

    /** Work on a part of a range. */
    interface Part {
        void run(long from, long to);
    }

    private Parallel() {}

    /** Works on a range in parts of {@code grain}, of which the last one may be shorter. */
    static void split(long from, long to, long grain, Part part) {
        if (to - from > grain) {
            long parts = (to - from - 1) / grain + 1;
            long middle = from + parts / 2 * grain;
            both(() -> split(from, middle, grain, part), () -> split(middle, to, grain, part));
        } else if (from < to) {
            part.run(from, to);
        }
    }

    /** Runs both, at the same time if a core is free, and returns (or throws) only when neither is running any more. */
    static void both(Runnable first, Runnable second) {
        ForkJoinTask<?> other = ForkJoinTask.adapt(second).fork();
        try {
            first.run();
        } catch (Throwable e) {
            other.quietlyJoin();
            throw e;
        }
        other.join();
    }
}
