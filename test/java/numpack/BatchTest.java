package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.lang.Keyword;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import numpack.Packs.Model;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch: what it shows, what it commits, and what it leaves alone. */
class BatchTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private Path path;

    @BeforeEach
    void makePack() {
        path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            Map<String, Object> arrays = new LinkedHashMap<>();
            arrays.put("x", new int[][] {{1, 2}, {3, 4}, {5, 6}});
            arrays.put("y", new double[] {0.5, 1.5});
            arrays.put("z", new float[] {1, 2, 3, 4});
            pack.save(arrays);
        }
    }

    private int[] ints(String name) {
        try (NumPack pack = NumPack.builder(path).readOnly(true).open()) {
            return pack.load(name).toIntArray();
        }
    }

    // ---- what it shows

    @Test
    void loadGivesTheSameArrayOnEveryCall() {
        try (NumPack pack = NumPack.open(path);
                Batch batch = pack.batch()) {
            NDArray x = batch.load("x");
            assertSame(x, batch.load("x"));
            assertSame(x, batch.valAt("x"));
            assertSame(x, batch.valAt(Keyword.intern("x")));
            assertSame(x, batch.load("x", DType.INT32));
            assertFalse(x.isReadOnly());
            assertFalse(x.isMapped());
            assertTrue(batch.lazy("x").isReadOnly());
        }
    }

    @Test
    void lookUpOfAMissingArrayThrowsOrGivesTheDefault() {
        try (NumPack pack = NumPack.open(path);
                Batch batch = pack.batch()) {
            assertEquals("none", batch.valAt("w", "none"));
            ArrayNotFoundException e = assertThrows(ArrayNotFoundException.class, () -> batch.valAt("w"));
            assertTrue(e.getMessage().contains("batch"), e.getMessage());
            assertThrows(InvalidNameException.class, () -> batch.valAt(Keyword.intern("a", "x")));
        }
    }

    @Test
    void everyReadSeesEarlierEdits() {
        try (NumPack pack = NumPack.open(path);
                Batch batch = pack.batch()) {
            NDArray x = batch.load("x");
            x.mul(10);
            batch.append("x", new int[][] {{7, 8}});
            assertArrayEquals(
                    new int[] {10, 20, 30, 40, 50, 60, 7, 8}, batch.load("x").toIntArray());
            x.setLong(99, 0, 0);
            assertEquals(99, batch.load("x").getLong(0, 0), "an array that was handed out stays the batch's");
            batch.load("x").setLong(98, 0, 1);
            assertEquals(98, x.getLong(0, 1), "and both show each other's edits");
            batch.save("x", batch.load("x").reshape(2, 2, 2));
            batch.append("x", new int[][][] {{{0, 1}, {2, 3}}});
            batch.dropRows("x", 1);
            batch.save("new", batch.load("x"));
            batch.rename("new", "newer");
            assertArrayEquals(
                    new int[] {99, 98, 30, 40, 0, 1, 2, 3}, batch.lazy("newer").toIntArray());
            assertEquals(List.of("x", "y", "z", "newer"), batch.names());
            assertFalse(batch.exists("new"));
            assertArrayEquals(new long[] {2, 2, 2}, batch.info("newer").shape());
            assertEquals(3, pack.shape("x")[0], "the pack itself shows nothing of it");
        }
        assertArrayEquals(new int[] {99, 98, 30, 40, 0, 1, 2, 3}, ints("newer"));
        assertArrayEquals(new int[] {99, 98, 30, 40, 0, 1, 2, 3}, ints("x"));
    }

    @Test
    void arraysCanBeExchangedThroughTheirContents() {
        try (NumPack pack = NumPack.open(path)) {
            pack.save("w", new int[][] {{9, 9}});
            try (Batch batch = pack.batch()) {
                Map<String, Object> both = new LinkedHashMap<>();
                both.put("x", batch.load("w"));
                both.put("w", batch.load("x"));
                batch.save(both);
            }
        }
        assertArrayEquals(new int[] {9, 9}, ints("x"));
        assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6}, ints("w"));
    }

    @Test
    void committedArraysCanExchangeTheirNames() {
        try (NumPack pack = NumPack.open(path);
                Batch batch = pack.batch()) {
            batch.rename("x", "t");
            batch.rename("y", "x");
            batch.rename("t", "y");
            assertEquals(List.of("y", "x", "z"), batch.names());
        }
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(List.of("y", "x", "z"), pack.names());
            assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6}, pack.load("y").toIntArray());
            assertArrayEquals(new double[] {0.5, 1.5}, pack.load("x").toDoubleArray());
        }
    }

    @Test
    void arrayThatGetsItsOldNameBackIsThere() {
        try (NumPack pack = NumPack.open(path)) {
            try (Batch batch = pack.batch()) {
                batch.rename("x", "t");
                batch.rename("t", "x");
                assertEquals(List.of(), batch.changes());
                batch.append("x", new int[][] {{7, 8}});
            }
            assertEquals(List.of("x", "y", "z"), pack.names());
            assertEquals(4, pack.shape("x")[0]);
        }
    }

    @Test
    void namesCanMoveOnInAChain() {
        try (NumPack pack = NumPack.open(path);
                Batch batch = pack.batch()) {
            batch.delete("z");
            batch.rename("y", "z");
            batch.rename("x", "y");
            batch.load("y").add(1);
            batch.save("x", new int[] {4});
        }
        try (NumPack pack = NumPack.open(path)) {
            assertArrayEquals(new double[] {0.5, 1.5}, pack.load("z").toDoubleArray());
            assertArrayEquals(new int[] {2, 3, 4, 5, 6, 7}, pack.load("y").toIntArray());
            assertArrayEquals(new int[] {4}, pack.load("x").toIntArray());
            assertEquals(3, pack.names().size());
        }
    }

    @Test
    void anArrayMayBeRenamedAndCompactedAtOnce() {
        try (NumPack pack = NumPack.open(path)) {
            pack.dropRows("x", 0);
            try (Batch batch = pack.batch()) {
                batch.rename("x", "w");
                batch.compact("w");
            }
            assertEquals(0, pack.info("w").deletedRows());
            assertArrayEquals(new int[] {3, 4, 5, 6}, pack.load("w").toIntArray());
        }
    }

    @Test
    void arraySavedFromAReshapedLazyViewOfItselfStaysWritable() {
        try (NumPack pack = NumPack.open(path)) {
            pack.save("empty", new int[0][3]);
            pack.withBatch(batch -> {
                batch.load("x").add(1);
                batch.save("x", batch.lazy("x").reshape(6));
                batch.save("empty", pack.lazy("empty").reshape(0, 1));
                batch.load("empty").fill(1);
                return batch.load("x").add(1);
            });
            assertArrayEquals(new int[] {3, 4, 5, 6, 7, 8}, pack.load("x").toIntArray());
            assertArrayEquals(new long[] {6}, pack.shape("x"));
            assertArrayEquals(new long[] {0, 1}, pack.shape("empty"));
        }
    }

    @Test
    void savingWhatTheBatchHandedOutIsNothingAndAnythingElseIsCopied() {
        try (NumPack pack = NumPack.open(path)) {
            try (Batch batch = pack.batch()) {
                NDArray x = batch.load("x");
                batch.save("x", x);
                batch.save("x", x.withMeta(null));
                batch.save("y", batch.lazy("y"));
                assertSame(x, batch.load("x"));
                assertEquals(List.of(), batch.changes());
                NDArray own = NDArray.of(new double[] {7, 8});
                batch.save("y", own);
                own.fill(0);
                assertArrayEquals(new double[] {7, 8}, batch.load("y").toDoubleArray());
                assertNotSame(own, batch.load("y"));
            }
            assertArrayEquals(new double[] {7, 8}, pack.load("y").toDoubleArray());
        }
    }

    @Test
    void watchedArraysMustNotChangeAlthoughTheyAreNotEdited() {
        try (NumPack pack = NumPack.open(path);
                NumPack other = NumPack.open(path)) {
            for (Runnable change : List.<Runnable>of(
                    () -> other.append("y", new double[] {7}),
                    () -> other.save("new", new int[] {1}),
                    () -> other.delete("new"))) {
                Batch batch = pack.batch();
                batch.watch(List.of("y", "new"));
                batch.append("x", new int[][] {{7, 8}});
                assertEquals(1, batch.changes().size());
                onAnotherThread(change);
                assertThrows(ConflictException.class, batch::commit);
                batch.discard();
            }
            try (Batch batch = pack.batch()) {
                batch.watch(List.of("y", "new"));
                batch.append("x", new int[][] {{7, 8}});
                onAnotherThread(() -> other.append("z", new float[] {5}));
            }
            assertArrayEquals(new long[] {4, 2}, pack.shape("x"));
            try (Batch batch = pack.batch()) {
                batch.watch(List.of("y"));
                onAnotherThread(() -> other.append("y", new double[] {8}));
            }
        }
    }

    private static void onAnotherThread(Runnable change) {
        Thread thread = new Thread(change);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsReadAtOneMomentBelongsTogether() throws Exception {
        try (NumPack pack = NumPack.open(path);
                NumPack other = NumPack.open(path)) {
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 2000; i++) {
                    other.save(Map.of("a", new int[] {i, i}, "b", new int[] {i, i}));
                }
            });
            pack.save(Map.of("a", new int[] {0, 0}, "b", new int[] {0, 0}));
            writer.start();
            while (writer.isAlive()) {
                int[][] pair = pack.atOneMoment(() ->
                        new int[][] {pack.load("a").toIntArray(), pack.load("b").toIntArray()});
                assertArrayEquals(pair[0], pair[1]);
            }
            writer.join();
        }
    }

    @Test
    void adoptedArraysAreTheBatchsOwnWithoutACopy() {
        float[] data = {1, 2, 3};
        try (NumPack pack = NumPack.open(path);
                NumPack other = NumPack.open(folder.resolve("other.npk"))) {
            other.save("v", new long[] {7, 8});
            try (Batch batch = pack.batch(BatchOptions.defaults().memoryLimit(0))) {
                batch.delete("x");
                batch.adopt(Map.of("x", NDArray.of(data), "v", other.lazy("v")));
                batch.load("x").add(10);
                assertArrayEquals(new float[] {11, 12, 13}, data);
                assertTrue(batch.load("v").isReadOnly());
                assertThrows(InvalidNameException.class, () -> batch.adopt(Map.of("a/b", NDArray.of(data))));
                batch.append("x", new float[] {4});
            }
            assertArrayEquals(new float[] {11, 12, 13, 4}, pack.load("x").toFloatArray());
            assertArrayEquals(new long[] {7, 8}, pack.load("v").toLongArray());
        }
    }

    @Test
    void anArrayWhoseFileIsDamagedCanBeSavedAgain() throws Exception {
        Files.write(path.resolve("data_x.npkd"), new byte[3]);
        try (NumPack pack = NumPack.open(path)) {
            assertThrows(CorruptPackException.class, () -> pack.load("x"));
            try (Batch batch = pack.batch()) {
                batch.save("x", new int[][] {{1, 1}});
            }
            assertArrayEquals(new int[] {1, 1}, pack.load("x").toIntArray());
        }
    }

    // ---- what it commits

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void editInPlaceIsCommittedWithAndWithoutSave(boolean save) {
        try (NumPack pack = NumPack.open(path)) {
            try (Batch batch = pack.batch()) {
                NDArray x = batch.load("x").mul(2);
                if (save) {
                    batch.save("x", x);
                }
                assertEquals(List.of(new Change("x", Change.Kind.SAVE, null, 3)), batch.changes());
            }
            assertArrayEquals(new int[] {2, 4, 6, 8, 10, 12}, pack.load("x").toIntArray());
        }
        assertArrayEquals(new int[] {2, 4, 6, 8, 10, 12}, ints("x"));
    }

    @Test
    void editThatGoesPastOurFunctionsIsFoundByComparing() {
        try (NumPack pack = NumPack.open(path)) {
            try (Batch batch = pack.batch()) {
                ((int[]) batch.load("x").runs().memory(0).array())[5] = 66;
            }
            assertArrayEquals(new int[] {1, 2, 3, 4, 5, 66}, pack.load("x").toIntArray());
        }
    }

    @Test
    void chunksOfABatchShowItsEditsAndOutliveIt() {
        try (NumPack pack = NumPack.open(path)) {
            Chunks chunks;
            Chunks used;
            try (Batch batch = pack.batch()) {
                chunks = batch.chunks("x", 2);
                batch.load("x").add(1);
                used = batch.chunks("x", 2);
                assertArrayEquals(new int[] {2, 3, 4, 5}, chunks.get(0).toIntArray());
                batch.discard();
            }
            assertArrayEquals(new int[] {1, 2, 3, 4}, chunks.get(0).toIntArray());
            assertArrayEquals(new int[] {2, 3, 4, 5}, used.get(0).toIntArray());
        }
    }

    @Test
    void editThroughAViewIsCommitted() {
        try (NumPack pack = NumPack.open(path)) {
            pack.withBatch(
                    batch -> batch.load("x").row(1).reshape(2, 1).rows(1, 2).fill(44));
            pack.withBatch(batch -> {
                batch.chunks("x", 2).forEach(chunk -> assertFalse(chunk.isReadOnly()));
                return null;
            });
            assertArrayEquals(new int[] {1, 2, 3, 44, 5, 6}, pack.load("x").toIntArray());
        }
    }

    @Test
    void severalArraysAreOneCommit() throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            long before = generation();
            try (Batch batch = pack.batch()) {
                batch.load("x").mul(2);
                batch.append("y", new double[] {2.5});
                batch.dropRows("z", 0);
                batch.save("new", new int[] {1});
                batch.rename("z", "last");
            }
            assertEquals(before + 2, generation());
            assertEquals(List.of("x", "y", "last", "new"), pack.names());
        }
    }

    private long generation() throws Exception {
        return java.nio.ByteBuffer.wrap(Files.readAllBytes(path.resolve(".numpack/journal")))
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .getLong(8);
    }

    @Test
    void recordOfALargeCommitStaysSmall() throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            for (int i = 0; i < 40; i++) {
                pack.save("a" + i, new byte[1 << 20]);
            }
            pack.withBatch(batch -> {
                batch.names().forEach(name -> batch.load(name).add(1));
                return null;
            });
            for (int i = 0; i < 40; i++) {
                assertEquals(1L << 20, pack.lazy("a" + i).reduce("sum"));
            }
            assertTrue(Files.size(path.resolve(".numpack/journal")) < 10 << 20);
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    @Test
    void changesTellsWhatWouldBeCommitted() {
        try (NumPack pack = NumPack.open(path);
                Batch batch = pack.batch()) {
            assertEquals(List.of(), batch.changes());
            batch.append("x", new int[][] {{1, 1}, {2, 2}});
            batch.dropRows("y", 0);
            batch.rename("z", "w");
            batch.save("new", new int[] {1, 2, 3});
            assertEquals(
                    List.of(
                            new Change("w", Change.Kind.RENAME, "z", 0),
                            new Change("x", Change.Kind.APPEND, null, 2),
                            new Change("y", Change.Kind.DROP, null, 1),
                            new Change("new", Change.Kind.CREATE, null, 3)),
                    batch.changes());
            batch.delete("w", "new");
            assertTrue(
                    batch.changes().contains(new Change("z", Change.Kind.DELETE, null, 0)),
                    () -> batch.changes().toString());
            batch.discard();
        }
    }

    @Test
    void appendAloneWritesOnlyTheNewRows() {
        try (NumPack pack = NumPack.open(path)) {
            NDArray before = pack.lazy("x");
            try (Batch batch = pack.batch()) {
                batch.load("x");
                batch.append("x", new int[][] {{7, 8}});
                assertEquals(List.of(new Change("x", Change.Kind.APPEND, null, 1)), batch.changes());
            }
            assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6}, before.toIntArray());
        }
        assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, ints("x"));
    }

    @Test
    void createDeleteAndTakenNameAreSeenAtOnce() {
        try (NumPack pack = NumPack.open(path)) {
            try (Batch batch = pack.batch()) {
                batch.create("out", DType.FLOAT32, 1000, 3);
                batch.load("out").fill(2.5);
                batch.delete("x");
                assertThrows(ArrayNotFoundException.class, () -> batch.load("x"));
                assertThrows(ArrayNotFoundException.class, () -> batch.lazy("x"));
                batch.rename("y", "x");
                assertThrows(ArrayExistsException.class, () -> batch.create("x", DType.INT8, 1));
                batch.delete("out");
                batch.create("out", DType.FLOAT32, 2);
                batch.load("out").setDouble(1.5, 1);
            }
            assertArrayEquals(new float[] {0, 1.5f}, pack.load("out").toFloatArray());
            assertArrayEquals(new double[] {0.5, 1.5}, pack.load("x").toDoubleArray());
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    // ---- what it leaves alone

    @Test
    void whatIsOnlyReadWritesNothing() {
        try (NumPack pack = NumPack.open(path)) {
            Map<String, String> before = Packs.snapshot(path);
            try (Batch batch = pack.batch()) {
                batch.names().forEach(batch::load);
                batch.lazy("x").toIntArray();
                batch.load("y").reduce("sum");
                batch.selectRows("z", 0, 2);
                batch.save("x", batch.load("x"));
                batch.append("y", new double[0]);
                batch.dropRows("y");
                batch.replaceRows("y", new double[0], Rows.of());
            }
            try (WritableBatch batch = pack.writableBatch()) {
                batch.names().forEach(batch::load);
                batch.load("x").reduce("sum");
            }
            assertEquals(before, Packs.snapshot(path));
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    @Test
    void whatIsOnlyReadNeverConflicts() {
        try (NumPack pack = NumPack.open(path)) {
            try (Batch batch = pack.batch()) {
                batch.load("x");
                batch.load("y");
                batch.load("z").add(1);
                inThread(() -> {
                    pack.save("x", new int[][] {{0, 0}, {0, 0}, {0, 0}});
                    pack.delete("y");
                });
            }
            assertArrayEquals(new int[6], pack.load("x").toIntArray());
            assertFalse(pack.exists("y"));
            assertArrayEquals(new float[] {2, 3, 4, 5}, pack.load("z").toFloatArray());
        }
    }

    @Test
    void whatIsOnlyReadDoesNotConflictWithAWritableBatchThatGoesOn() {
        try (NumPack pack = NumPack.open(path)) {
            try (Batch batch = pack.batch()) {
                batch.load("x");
                WritableBatch[] other = new WritableBatch[1];
                inThread(() -> {
                    other[0] = pack.writableBatch();
                    other[0].load("x").add(100);
                });
                batch.load("y").add(1);
                batch.commit();
                other[0].close();
            }
            assertArrayEquals(
                    new int[] {101, 102, 103, 104, 105, 106}, pack.load("x").toIntArray());
            assertArrayEquals(new double[] {1.5, 2.5}, pack.load("y").toDoubleArray());
        }
    }

    static void inThread(Runnable work) {
        Throwable[] failed = new Throwable[1];
        Thread thread = new Thread(work);
        thread.setUncaughtExceptionHandler((t, e) -> failed[0] = e);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (failed[0] != null) {
            throw new AssertionError(failed[0]);
        }
    }

    // ---- conflicts

    @Test
    void changeOfTheSameArrayConflictsAndTheBatchStaysOpenAfterCommit() {
        try (NumPack pack = NumPack.open(path)) {
            Batch batch = pack.batch();
            batch.load("x").add(1);
            batch.load("y").add(1);
            inThread(() -> pack.append("x", new int[][] {{7, 8}}));
            ConflictException e = assertThrows(ConflictException.class, batch::commit);
            assertTrue(e.getMessage().contains("\"x\"") && e.getMessage().contains("on-conflict"), e.getMessage());
            assertTrue(batch.isOpen());
            assertArrayEquals(new double[] {0.5, 1.5}, pack.load("y").toDoubleArray(), "nothing of it was committed");
            batch.discard();
            assertFalse(batch.isOpen());
            assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, pack.load("x").toIntArray());
        }
    }

    /** Each kind of edit of an array x of two numbers a row. */
    private static final List<java.util.function.Consumer<ArrayEditor>> EDITS = List.of(
            e -> e.append("x", new int[][] {{1, 1}}),
            e -> e.dropRows("x", 0),
            e -> e.save("x", new int[][] {{0, 0}}),
            e -> e.delete("x"),
            e -> e.rename("x", "other"),
            e -> e.replaceRows("x", new int[][] {{4, 4}}, Rows.of(0)));

    @Test
    void everyKindOfChangeConflictsWithEveryOther() {
        try (NumPack pack = NumPack.open(path)) {
            for (var mine : EDITS) {
                for (var theirs : EDITS) {
                    pack.delete(pack.names());
                    pack.save("x", new int[][] {{1, 2}, {3, 4}});
                    Batch batch = pack.batch();
                    mine.accept(batch);
                    inThread(() -> theirs.accept(pack));
                    Map<String, String> before = Packs.contents(path);
                    assertThrows(ConflictException.class, batch::close);
                    assertEquals(before, Packs.contents(path));
                }
            }
            Batch batch = pack.batch();
            batch.save("fresh", new int[] {1});
            inThread(() -> pack.save("fresh", new int[] {2}));
            assertThrows(ConflictException.class, batch::close);
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    @Test
    void changeSinceTheFirstReadConflictsWithEveryEdit() {
        List<java.util.function.Consumer<Batch>> reads = List.of(
                b -> b.lazy("x").getDouble(0, 0),
                b -> b.chunks("x", 1).get(0),
                b -> b.selectRows("x", 0),
                b -> b.load("x", DType.FLOAT64));
        try (NumPack pack = NumPack.open(path)) {
            for (var read : reads) {
                for (var edit : EDITS) {
                    pack.delete(pack.names());
                    pack.save("x", new int[][] {{1, 2}, {3, 4}});
                    Batch batch = pack.batch();
                    read.accept(batch);
                    inThread(() -> pack.replaceRows("x", new int[][] {{9, 9}}, Rows.of(0)));
                    edit.accept(batch);
                    assertThrows(ConflictException.class, batch::close);
                    assertArrayEquals(new int[] {9, 9, 3, 4}, pack.load("x").toIntArray());
                    try (Batch overwriting = pack.batch(BatchOptions.defaults().onConflict(OnConflict.OVERWRITE))) {
                        read.accept(overwriting);
                        inThread(() -> pack.replaceRows("x", new int[][] {{8, 8}}, Rows.of(0)));
                        edit.accept(overwriting);
                    }
                }
            }
        }
    }

    @Test
    void arrayThatWasReadAndDeletedByOthersSinceIsNotMadeAgainUnasked() {
        List<java.util.function.Consumer<Batch>> edits =
                List.of(b -> b.save("x", new int[] {5}), b -> b.create("x", DType.INT8, 3), b -> b.rename("y", "x"));
        try (NumPack pack = NumPack.open(path)) {
            for (var edit : edits) {
                for (OnConflict onConflict : OnConflict.values()) {
                    pack.delete(pack.names());
                    pack.save(Map.of("x", new int[] {1, 2}, "y", new int[] {3}));
                    Batch batch = pack.batch(BatchOptions.defaults().onConflict(onConflict));
                    batch.lazy("x");
                    inThread(() -> pack.delete("x"));
                    edit.accept(batch);
                    if (onConflict == OnConflict.FAIL) {
                        assertThrows(ConflictException.class, batch::close);
                        assertEquals(List.of("y"), pack.names());
                    } else {
                        batch.close();
                        assertTrue(pack.exists("x"));
                    }
                }
            }
            pack.delete(pack.names());
            pack.save(Map.of("x", new int[] {1, 2}, "y", new int[] {3}));
            pack.withBatch(batch -> {
                batch.lazy("x");
                batch.lazy("y");
                batch.delete("x");
                batch.rename("y", "x");
                batch.save("y", new int[] {4});
                return null;
            });
            assertArrayEquals(new int[] {3}, pack.load("x").toIntArray());
            assertArrayEquals(new int[] {4}, pack.load("y").toIntArray());
        }
    }

    @Test
    void replaceDeletesArraysAndSavesOthersBehindThoseThatStay() {
        try (NumPack pack = NumPack.open(path)) {
            pack.withBatch(batch -> {
                NDArray x = batch.load("x");
                Map<String, Object> swapped = new LinkedHashMap<>();
                swapped.put("y", x);
                swapped.put("x", batch.lazy("y"));
                batch.replace(List.of("x", "y"), swapped);
                assertThrows(
                        ArrayNotFoundException.class,
                        () -> batch.replace(List.of("x", "none"), Map.of("z", new int[1])));
                assertThrows(InvalidNameException.class, () -> batch.replace(List.of("x"), Map.of("a/b", new int[1])));
                x.fill(0);
                return null;
            });
            assertArrayEquals(new double[] {0.5, 1.5}, pack.load("x").toDoubleArray());
            assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6}, pack.load("y").toIntArray(), "a copy, as of then");
            List<String> names = pack.names();
            assertEquals(List.of("y", "x"), names.subList(names.size() - 2, names.size()));
        }
    }

    @Test
    void onConflictOverwriteCommitsTheArraysAsTheBatchShowsThem() {
        List<java.util.function.Consumer<ArrayEditor>> mine = List.of(
                e -> e.append("x", new int[][] {{1, 1}}),
                e -> e.dropRows("x", 0),
                e -> e.save("x", new int[][] {{0, 0}}),
                e -> e.replaceRows("x", new int[][] {{4, 4}}, Rows.of(0)),
                e -> e.rename("x", "w"),
                e -> e.delete("x"));
        List<java.util.function.Consumer<ArrayEditor>> theirs = List.of(
                e -> e.append("x", new int[][] {{1, 1}}),
                e -> e.dropRows("x", 0, 1),
                e -> e.save("x", new double[] {3}),
                e -> e.delete("x"),
                e -> e.rename("x", "other"));
        try (NumPack pack = NumPack.open(path)) {
            for (int i = 0; i < mine.size(); i++) {
                for (int k = 0; k < theirs.size(); k++) {
                    var edit = mine.get(i);
                    var other = theirs.get(k);
                    pack.delete(pack.names());
                    pack.save("x", new int[][] {{1, 2}, {3, 4}});
                    Map<String, Model> shown = new LinkedHashMap<>();
                    try (Batch batch = pack.batch(BatchOptions.defaults().onConflict(OnConflict.OVERWRITE))) {
                        edit.accept(batch);
                        batch.names().forEach(name -> shown.put(name, Model.of(batch.load(name))));
                        inThread(() -> other.accept(pack));
                    }
                    String where = "edit " + i + " against " + k;
                    shown.forEach((name, model) -> model.assertIs(pack.load(name), where));
                    if (shown.isEmpty() || !shown.containsKey("x")) {
                        assertFalse(pack.exists("x"), where);
                    }
                }
            }
        }
    }

    // ---- how it ends

    @Test
    void endsOnceAndEveryUseAfterItThrows() {
        try (NumPack pack = NumPack.open(path)) {
            Batch batch = pack.batch();
            batch.load("x").add(1);
            batch.commit();
            batch.close();
            batch.close();
            assertFalse(batch.isOpen());
            List<Runnable> uses = List.of(
                    batch::names,
                    () -> batch.load("x"),
                    () -> batch.lazy("x"),
                    () -> batch.exists("x"),
                    () -> batch.info("x"),
                    () -> batch.save("x", new int[] {1}),
                    () -> batch.append("x", new int[][] {{1, 1}}),
                    () -> batch.dropRows("x", 0),
                    () -> batch.delete("x"),
                    () -> batch.rename("x", "y"),
                    () -> batch.create("n", DType.INT8, 1),
                    () -> batch.compact("x"),
                    () -> batch.copy("x", "y"),
                    batch::changes,
                    batch::commit,
                    batch::discard,
                    () -> batch.valAt("x"),
                    () -> batch.valAt("x", null),
                    () -> batch.selectRows("x", 0),
                    () -> batch.chunks("x", 1),
                    () -> batch.replaceRows("x", new int[][] {{1, 1}}, Rows.of(0)));
            for (int i = 0; i < uses.size(); i++) {
                Runnable use = uses.get(i);
                assertThrows(ScopeEndedException.class, use::run, "use " + i);
            }
            assertTrue(batch.toString().contains("ended"));
            assertArrayEquals(new int[] {2, 3, 4, 5, 6, 7}, pack.load("x").toIntArray());
        }
    }

    @Test
    void discardCommitsNothing() {
        Map<String, String> before = Packs.contents(path);
        try (NumPack pack = NumPack.open(path);
                Batch batch = pack.batch(BatchOptions.defaults().memoryLimit(0))) {
            batch.load("x").add(1);
            batch.save("new", new int[] {1, 2});
            batch.delete("y");
            batch.discard();
        }
        assertEquals(before, Packs.contents(path));
        assertEquals(List.of(), Packs.leftovers(path));
    }

    @Test
    void canBeKeptOpenAcrossCallsAndThreadsAndOutlivesItsPack() {
        NumPack pack = NumPack.open(path);
        Batch batch = pack.batch();
        pack.close();
        batch.load("x").add(1);
        inThread(() -> batch.append("x", new int[][] {{7, 8}}));
        inThread(() -> batch.load("y").mul(2));
        inThread(batch::commit);
        assertArrayEquals(new int[] {2, 3, 4, 5, 6, 7, 7, 8}, ints("x"));
    }

    @Test
    void arraysOnTheHeapStayTheirOwnersAfterTheEnd() {
        try (NumPack pack = NumPack.open(path)) {
            NDArray[] kept = new NDArray[1];
            pack.withBatch(batch -> kept[0] = batch.load("x").add(1));
            kept[0].add(1);
            assertArrayEquals(new int[] {3, 4, 5, 6, 7, 8}, kept[0].toIntArray());
            assertArrayEquals(new int[] {2, 3, 4, 5, 6, 7}, pack.load("x").toIntArray());
        }
    }

    @Test
    void stagedArraysEndWithTheScope() {
        try (NumPack pack = NumPack.open(path)) {
            NDArray[] kept = new NDArray[2];
            pack.withBatch(BatchOptions.defaults().memoryLimit("1 B"), batch -> {
                kept[0] = batch.load("x").add(1);
                kept[1] = kept[0].row(0);
                assertTrue(kept[0].isMapped());
                return null;
            });
            ScopeEndedException e = assertThrows(ScopeEndedException.class, () -> kept[0].getLong(0, 0));
            assertEquals("x", e.getData().valAt(Keyword.intern("array")));
            assertThrows(ScopeEndedException.class, () -> kept[1].fill(0));
            assertTrue(kept[0].toString().contains("scope ended"), kept[0].toString());
            assertArrayEquals(new int[] {2, 3, 4, 5, 6, 7}, pack.load("x").toIntArray());
        }
    }

    // ---- its cost

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 0, 100_000})
    void aThousandAppendsHoldAndWriteNoMoreThanAFewTimesTheTotal(long limit) throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            pack.save("rows", Packs.count(DType.FLOAT32, 0, 10, 64));
            NDArray piece = Packs.count(DType.FLOAT32, 5, 10, 64);
            long total = 1000 * piece.nbytes();
            try (Batch batch = pack.batch(BatchOptions.defaults().memoryLimit(limit))) {
                for (int i = 0; i < 1000; i++) {
                    batch.append("rows", piece);
                }
                NDArray tail = batch.lazy("rows");
                assertArrayEquals(new long[] {10_010, 64}, tail.shape());
                long held = 0;
                java.util.Set<Object> memories = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
                for (int k = 0; k < tail.runs().count(); k++) {
                    if (memories.add(tail.runs().memory(k))) {
                        held += tail.runs().memory(k).length() * 4;
                    }
                }
                assertTrue(held <= 3 * total, "holds " + held + " bytes for " + total);
                assertTrue(memories.size() < 50, memories.size() + " pieces");
                long staged = 0;
                if (Files.exists(path.resolve(".numpack"))) {
                    try (var files = Files.walk(path.resolve(".numpack"))) {
                        staged = files.filter(f -> f.toString().contains("stage-") && Files.isRegularFile(f))
                                .mapToLong(f -> f.toFile().length())
                                .sum();
                    }
                }
                assertTrue(staged <= 3 * total, "staged " + staged + " bytes for " + total);
            }
            Model expected = Model.of(piece);
            NDArray all = pack.lazy("rows");
            assertEquals(10_010, all.rows());
            for (int i : new int[] {1, 500, 1000}) {
                expected.assertIs(all.rows(i * 10L, i * 10L + 10), "append " + i);
            }
            assertEquals(total + piece.nbytes(), Files.size(path.resolve("data_rows.npkd")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1 KB", "64 KB", "1GB"})
    void memoryLimitChangesNothingButWhereArraysLie(String limit) {
        List<Map<String, String>> results = new ArrayList<>();
        for (BatchOptions options :
                List.of(BatchOptions.defaults(), BatchOptions.defaults().memoryLimit(limit))) {
            Path copy = folder.resolve("copy" + results.size());
            Packs.copy(path, copy);
            try (NumPack pack = NumPack.open(copy)) {
                pack.save("big", Packs.count(DType.FLOAT64, 0, 1000, 8));
                pack.dropRows("big", 3, 500);
                long[] heap = {0};
                pack.withBatch(options, batch -> {
                    for (String name : batch.names()) {
                        batch.load(name).add(1);
                    }
                    batch.append("big", Packs.count(DType.FLOAT64, 7, 100, 8));
                    batch.dropRows("big", 0, -1);
                    batch.load("big").mul(2);
                    batch.save("copy", batch.lazy("big"));
                    batch.save("reshaped", batch.load("big").reshape(-1, 4));
                    batch.create("zeros", DType.INT16, 100, 100);
                    batch.load("zeros").rows(5, 6).fill(3);
                    batch.replaceRows("x", new int[][] {{-1, -2}}, Rows.of(-1));
                    batch.names().stream()
                            .map(batch::load)
                            .filter(a -> !a.isMapped())
                            .forEach(a -> heap[0] += a.nbytes());
                    return null;
                });
                assertTrue(heap[0] <= options.memoryLimit(), "holds " + heap[0]);
                Map<String, String> found = new LinkedHashMap<>();
                pack.names()
                        .forEach(name -> found.put(
                                name,
                                pack.dtype(name) + " " + java.util.Arrays.toString(pack.shape(name)) + " "
                                        + java.util.Arrays.hashCode(Packs.bytes(pack.load(name)))));
                results.add(found);
            }
            assertEquals(List.of(), Packs.leftovers(copy));
        }
        assertEquals(results.get(0), results.get(1));
        assertEquals(7, results.get(0).size());
    }

    @Test
    void memoryLimitsAreSizes() {
        assertEquals(1L << 30, BatchOptions.defaults().memoryLimit("1GB").memoryLimit());
        assertEquals(64L << 20, BatchOptions.defaults().memoryLimit("64 MB").memoryLimit());
        assertEquals(3L << 19, BatchOptions.defaults().memoryLimit("1.5 MiB").memoryLimit());
        assertEquals(1000, BatchOptions.defaults().memoryLimit("1000").memoryLimit());
        assertThrows(InvalidOptionException.class, () -> BatchOptions.defaults().memoryLimit("much"));
        assertThrows(InvalidOptionException.class, () -> BatchOptions.defaults().memoryLimit(-1));
    }

    /** Edits 300 MB of arrays in a heap of 64 MB. */
    static final class SmallHeap {
        public static void main(String[] args) {
            try (NumPack pack = NumPack.open(args[0])) {
                pack.withBatch(BatchOptions.defaults().memoryLimit("16 MB"), batch -> {
                    batch.create("a", DType.FLOAT32, 10_000_000);
                    batch.load("a").fill(1.5);
                    for (int i = 0; i < 5; i++) {
                        batch.append("b", batch.lazy("part"));
                    }
                    batch.load("b").mul(2);
                    batch.save("c", batch.load("a"));
                    batch.load("small").add(1);
                    return null;
                });
                System.out.println(pack.lazy("a").reduce("sum") + " "
                        + pack.lazy("b").reduce("sum") + " " + pack.lazy("c").reduce("sum") + " "
                        + pack.load("small").reduce("sum"));
            }
        }
    }

    @Test
    void batchWithALimitWorksOnMoreThanTheHeapHolds() throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            pack.create("part", DType.FLOAT32, 10_000_000);
            pack.withWritableBatch(batch -> batch.load("part").fill(0.5));
            pack.save("b", new float[0]);
            pack.save("small", new int[] {1, 2});
        }
        try (ChildProcess child =
                ChildProcess.start(ChildProcess.javas().get(0), List.of("-Xmx64m"), SmallHeap.class, path)) {
            assertEquals("1.5E7 5.0E7 1.5E7 5", child.finish());
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }
}
