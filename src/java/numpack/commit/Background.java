package numpack.commit;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Work that may follow an acknowledged commit: forcing new files, then removing those they replaced. One daemon thread does it. */
final class Background {
    private static final ExecutorService THREAD = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "numpack-background");
        thread.setDaemon(true);
        return thread;
    });

    private final ConcurrentLinkedQueue<Future<?>> pending = new ConcurrentLinkedQueue<>();
    private final List<String> notices;

    Background(List<String> notices) {
        this.notices = notices;
    }

    void run(String what, Runnable work) {
        pending.removeIf(Future::isDone);
        pending.add(THREAD.submit(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                notices.add("could not " + what + ": " + e.getMessage());
            }
        }));
    }

    /** Waits until everything that was asked so far is done, also for an interrupted caller. */
    void drain() {
        boolean interrupted = false;
        for (Future<?> next = pending.poll(); next != null; ) {
            try {
                next.get();
                next = pending.poll();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new IllegalStateException("work after a commit failed", e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
