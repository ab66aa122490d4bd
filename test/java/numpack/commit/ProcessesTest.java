package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import numpack.BatchOptions;
import numpack.ChildProcess;
import numpack.ConflictException;
import numpack.DType;
import numpack.NDArray;
import numpack.NumPack;
import numpack.Packs;
import numpack.Rows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes on one pack: they lose nothing of each other, and clean up after one that died. */
class ProcessesTest {
    private static final int APPENDS = 300;

    @TempDir
    Path folder;

    /** Appends its number to a shared array and to one of its own, again and again, by all the ways there are. */
    static final class Appender {
        public static void main(String[] args) {
            int number = Integer.parseInt(args[1]);
            String own = "own" + number;
            try (NumPack pack = NumPack.open(args[0])) {
                ChildProcess.pause("ready");
                for (int i = 0; i < APPENDS; i++) {
                    pack.append("shared", new int[][] {{number, i}});
                    if (i % 3 == 0) {
                        pack.withBatch(batch -> {
                            batch.append(own, new int[][] {
                                {number, batch.load(own).toIntArray().length / 2}
                            });
                            return null;
                        });
                    } else {
                        pack.append(own, new int[][] {{number, i}});
                    }
                    if (i % 50 == 0) {
                        pack.save("extra" + number, NDArray.of(new int[] {i}));
                        pack.compact(own);
                    }
                }
            }
        }
    }

    @Test
    void processesThatAppendToTheSameArrayAndToDifferentOnesLoseNothing() throws Exception {
        Path path = folder.resolve("data.npk");
        int processes = 3;
        try (NumPack pack = NumPack.open(path)) {
            pack.save("shared", NDArray.zeros(DType.INT32, 0, 2));
            for (int i = 0; i < processes; i++) {
                pack.save("own" + i, NDArray.zeros(DType.INT32, 0, 2));
            }
            ChildProcess[] children = new ChildProcess[processes];
            for (int i = 0; i < processes; i++) {
                children[i] = ChildProcess.start(Appender.class, path, i);
            }
            for (ChildProcess child : children) {
                child.await("ready");
            }
            for (ChildProcess child : children) {
                child.tell("go");
            }
            long seen = 0;
            while (seen < (long) processes * APPENDS) {
                int[] shared = pack.load("shared").toIntArray();
                assertTrue(shared.length / 2 >= seen, "rows never vanish");
                seen = shared.length / 2;
                for (int i = 0; i < shared.length; i += 2) {
                    assertTrue(shared[i] < processes && shared[i + 1] < APPENDS);
                }
                if (seen == 0) {
                    Thread.sleep(1);
                }
            }
            for (ChildProcess child : children) {
                child.finish();
            }
            int[] next = new int[processes];
            int[] shared = pack.load("shared").toIntArray();
            for (int i = 0; i < shared.length; i += 2) {
                assertEquals(next[shared[i]]++, shared[i + 1], "each process's rows are in its order");
            }
            for (int i = 0; i < processes; i++) {
                int[] own = pack.load("own" + i).toIntArray();
                int number = i;
                assertEquals(APPENDS, own.length / 2);
                for (int k = 0; k < APPENDS; k++) {
                    assertArrayEquals(new int[] {number, k}, Arrays.copyOfRange(own, 2 * k, 2 * k + 2));
                }
            }
            assertEquals(List.of(), pack.notices());
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    /** Rewrites two arrays together; both always hold the same number. */
    static final class Rewriter {
        public static void main(String[] args) {
            try (NumPack pack = NumPack.open(args[0])) {
                ChildProcess.pause("ready");
                for (int i = 1; i <= 200; i++) {
                    int[] values = new int[2000];
                    Arrays.fill(values, i);
                    if (i % 2 == 0) {
                        Map<String, Object> both = new java.util.LinkedHashMap<>();
                        both.put("a", values);
                        both.put("b", values);
                        pack.save(both);
                    } else {
                        pack.replaceRows(Map.of("a", values, "b", values), Rows.range(0, 2000));
                    }
                }
            }
        }
    }

    @Test
    void readersSeeEachCommitWholeWhileAnotherProcessWrites() throws Exception {
        Path path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            pack.save(Map.of("a", new int[2000], "b", new int[2000]));
        }
        try (NumPack reader = NumPack.builder(path).readOnly(true).open();
                ChildProcess child = ChildProcess.start(Rewriter.class, path)) {
            child.await("ready");
            child.tell("go");
            int last = 0;
            while (last < 200) {
                int[] a = reader.load("a").toIntArray();
                assertEquals(2000, a.length);
                assertTrue(Arrays.stream(a).distinct().count() == 1, "a load is of one moment");
                assertTrue(a[0] >= last, "time goes on");
                last = a[0];
                NDArray some = reader.selectRows("b", 0, 1999, 1000);
                assertTrue(Arrays.stream(some.toIntArray()).distinct().count() == 1, "so is a gather");
                assertTrue(some.getLong(0) >= last);
            }
            child.finish();
        }
    }

    /** Batches in the reading process: what is loaded in one is of one moment too. */
    @Test
    void batchReadsEachArrayAsOfOneMomentWhileAnotherProcessWrites() throws Exception {
        Path path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            pack.save(Map.of("a", new int[2000], "b", new int[2000]));
            try (ChildProcess child = ChildProcess.start(Rewriter.class, path)) {
                child.await("ready");
                child.tell("go");
                int[] last = {0};
                while (last[0] < 200) {
                    pack.withBatch(batch -> {
                        for (NDArray read : List.of(
                                batch.load("a"),
                                batch.selectRows("b", Rows.range(0, 2000)),
                                batch.chunks("b", 2000).get(0))) {
                            assertEquals(
                                    1,
                                    Arrays.stream(read.toIntArray()).distinct().count());
                            last[0] = (int) read.getLong(0);
                        }
                        return null;
                    });
                }
                child.finish();
            }
        }
    }

    /** Opens a batch with staged files and waits to be killed. */
    static final class Stager {
        public static void main(String[] args) {
            try (NumPack pack = NumPack.open(args[0])) {
                pack.withBatch(BatchOptions.defaults().memoryLimit(0), batch -> {
                    batch.save("staged", new int[1000]);
                    batch.load("x").add(1);
                    ChildProcess.pause("staged");
                    return null;
                });
            }
        }
    }

    private static List<String> stages(Path path) {
        return Packs.leftovers(path).stream()
                .filter(f -> f.startsWith("stage-"))
                .toList();
    }

    @Test
    void filesStagedByAProcessThatDiedAreRemovedByTheNextWriterAndNoOthers() throws Exception {
        Path path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            pack.save("x", new int[] {1, 2});
        }
        try (ChildProcess dying = ChildProcess.start(Stager.class, path);
                ChildProcess living = ChildProcess.start(Stager.class, path)) {
            dying.await("staged");
            List<String> first = stages(path);
            living.await("staged");
            assertEquals(2, stages(path).size());
            dying.kill();
            try (NumPack reader = NumPack.builder(path).readOnly(true).open()) {
                reader.load("x");
                reader.close();
            }
            assertEquals(2, stages(path).size(), "a reader cleans up nothing");
            boolean livingIsFirst;
            try (NumPack writer = NumPack.open(path)) {
                writer.append("x", new int[] {3});
                List<String> left = stages(path);
                livingIsFirst = left.containsAll(first);
            }
            List<String> left = stages(path);
            assertEquals(1, left.size());
            try (var files = Files.list(path.resolve(".numpack").resolve(left.get(0)))) {
                assertEquals(
                        2,
                        files.count(),
                        "the files of the living are all there, also after another writer closed: " + livingIsFirst);
            }
            living.tell("go");
            String printed = assertThrows(AssertionError.class, living::finish).getMessage();
            assertTrue(printed.contains(ConflictException.class.getName()), printed);
        }
        try (NumPack pack = NumPack.open(path)) {
            pack.save("y", new int[] {1});
            assertFalse(pack.exists("staged"));
            assertArrayEquals(new int[] {1, 2, 3}, pack.load("x").toIntArray());
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    @Test
    void replacedFilesAreGoneAfterClose() {
        Path path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            for (int i = 0; i < 30; i++) {
                pack.save("x", NDArray.zeros(DType.INT8, 1000 + i));
                pack.save("y" + i, new int[] {i});
                pack.dropRows("x", 1);
                pack.compact("x");
            }
            pack.delete(pack.names());
        }
        assertEquals(List.of(), Packs.leftovers(path));
        assertEquals(1, Packs.contents(path).size(), "only the metadata is left");
    }

    @Test
    void replacedFilesOfAProcessThatDiedAreRemovedByTheNextWriter() throws Exception {
        Path path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            pack.save("x", new int[] {1, 2});
        }
        Files.write(path.resolve(".numpack/aside-12345-7-int32-2-78"), new byte[8]);
        Files.createDirectories(path.resolve(".numpack/aside-12345-8-segments/deep"));
        Files.createDirectories(path.resolve(".numpack/stage-12345"));
        Files.write(path.resolve(".numpack/stage-12345/1"), new byte[8]);
        Files.write(path.resolve(".numpack/stage-strange"), new byte[8]);
        try (NumPack pack = NumPack.open(path)) {
            pack.append("x", new int[] {3});
        }
        assertEquals(List.of("stage-strange"), Packs.leftovers(path), "what is not of our making stays");
    }

    @Test
    void refusedCommitLeavesNothingStaged() {
        Path path = Packs.fixture("deleted.npk", folder);
        try (NumPack pack = NumPack.open(path)) {
            pack.save("first", new int[] {1});
            Map<String, Object> edits = new java.util.LinkedHashMap<>();
            edits.put("new", new int[100]);
            edits.put("large", NDArray.zeros(DType.INT8, 9 << 20));
            edits.put("x", new int[] {1});
            NumPack other = NumPack.open(path);
            Thread holder = new Thread(() -> other.writableBatch().load("x"));
            holder.start();
            holder.join();
            assertThrows(ConflictException.class, () -> pack.save(edits));
            assertEquals(1, stages(path).size());
            try (var files =
                    Files.list(path.resolve(".numpack").resolve(stages(path).get(0)))) {
                assertEquals(0, files.count());
            }
            assertFalse(pack.exists("new"));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
