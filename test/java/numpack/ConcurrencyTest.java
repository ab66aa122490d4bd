package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several threads on one pack. */
class ConcurrencyTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private static void together(List<Callable<Void>> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(work.size());
        try {
            List<Future<Void>> results = new ArrayList<>();
            work.forEach(w -> results.add(threads.submit(w)));
            for (Future<Void> result : results) {
                result.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void threadsThatEditOnePackLoseNothing() throws Exception {
        Path path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            pack.save("shared", new int[0]);
            List<Callable<Void>> work = new ArrayList<>();
            for (int t = 0; t < 5; t++) {
                int number = t;
                work.add(() -> {
                    String own = "own" + number;
                    pack.save(own, new int[] {0});
                    for (int i = 1; i <= 60; i++) {
                        pack.append("shared", new int[] {number});
                        pack.withBatch(batch -> batch.load(own).add(1));
                        pack.withWritableBatch(false, batch -> batch.load(own).add(1));
                        pack.replaceRows(own, new int[] {(int) pack.load(own).getLong(0) + 1}, Rows.of(0));
                        if (i % 20 == 0) {
                            pack.rename(own, own + "x");
                            pack.save(own, pack.lazy(own + "x"));
                            pack.delete(own + "x");
                        }
                    }
                    return null;
                });
            }
            together(work);
            int[] shared = pack.load("shared").toIntArray();
            for (int t = 0; t < 5; t++) {
                int number = t;
                assertEquals(60, Arrays.stream(shared).filter(x -> x == number).count());
                assertEquals(180, pack.load("own" + t).getLong(0));
            }
            assertEquals(6, pack.names().size());
            assertEquals(List.of(), pack.notices());
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    @Test
    void readersOfOneProcessSeeEachCommitWhole() throws Exception {
        try (NumPack pack = NumPack.open(folder.resolve("data.npk"))) {
            pack.save("a", new int[4000]);
            AtomicBoolean done = new AtomicBoolean();
            List<Callable<Void>> work = new ArrayList<>();
            work.add(() -> {
                try {
                    for (int i = 1; i <= 300; i++) {
                        int[] values = new int[4000 + i % 3];
                        Arrays.fill(values, i);
                        if (i % 3 == 1) {
                            pack.save("a", values);
                        } else {
                            int[] rows = new int[(int) pack.shape("a")[0]];
                            Arrays.fill(rows, i);
                            pack.replaceRows("a", rows, Rows.range(0, rows.length));
                        }
                    }
                } finally {
                    done.set(true);
                }
                return null;
            });
            for (int t = 0; t < 2; t++) {
                boolean inBatch = t == 1;
                work.add(() -> {
                    while (!done.get()) {
                        int[] read = (inBatch ? pack.withBatch(batch -> batch.load("a")) : pack.load("a")).toIntArray();
                        assertTrue(Arrays.stream(read).allMatch(x -> x == read[0]), "a load is of one moment");
                        int[] chunk = pack.chunks("a", 4000).get(0).toIntArray();
                        assertTrue(Arrays.stream(chunk).allMatch(x -> x == chunk[0]), "so is a chunk");
                    }
                    return null;
                });
            }
            together(work);
            assertEquals(300, pack.load("a").getLong(0));
        }
    }

    @Test
    void packMayBeOpenedAndClosedByManyThreadsAtOnce() throws Exception {
        Path path = folder.resolve("data.npk");
        List<Callable<Void>> work = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int number = t;
            work.add(() -> {
                for (int i = 0; i < 40; i++) {
                    try (NumPack pack = NumPack.open(path)) {
                        if (i == 0) {
                            pack.save("own" + number, new int[0]);
                        }
                        pack.append("own" + number, new int[] {i});
                    }
                }
                return null;
            });
        }
        together(work);
        try (NumPack pack = NumPack.open(path)) {
            for (int t = 0; t < 4; t++) {
                assertArrayEquals(
                        java.util.stream.IntStream.range(0, 40).toArray(),
                        pack.load("own" + t).toIntArray());
            }
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }
}
