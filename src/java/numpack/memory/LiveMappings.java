package numpack.memory;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import numpack.StorageException;

/**
 * Counts the mappings of this process. Linux allows some 65,000, and a JVM that needs another one for itself dies; so those that
 * nobody uses any more, but the collector has not found yet, are given back well before.
 */
final class LiveMappings {
    private final AtomicInteger count = new AtomicInteger();
    private final int limit = allowed() / 4 * 3;
    private int nextCollection = limit / 3;

    private static int allowed() {
        // with a buffer: such a file can only be read at once, and Files.readString begins with a single byte
        try (BufferedReader in = Files.newBufferedReader(Path.of("/proc/sys/vm/max_map_count"))) {
            return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(in.readLine()));
        } catch (IOException | NumberFormatException e) {
            return 65_530;
        }
    }

    void beforeAnother(Path file) {
        if (count.get() >= nextCollection) {
            collect(file);
        }
    }

    private synchronized void collect(Path file) {
        if (count.get() < nextCollection) {
            return;
        }
        System.gc();
        for (int i = 0; i < 50 && count.get() >= nextCollection / 2; i++) {
            pause();
        }
        if (count.get() >= limit) {
            throw new StorageException(
                    "cannot map " + file + ": " + count.get()
                            + " files or pieces of files are mapped already; let go of lazy arrays, "
                            + "compact segmented ones, or raise vm.max_map_count",
                    null,
                    "path",
                    file.toString(),
                    "expected",
                    limit,
                    "found",
                    count.get());
        }
        nextCollection = Math.max(limit / 3, Math.min(limit, count.get() * 2));
    }

    private static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void added() {
        count.incrementAndGet();
    }

    void removed() {
        count.decrementAndGet();
    }
}
