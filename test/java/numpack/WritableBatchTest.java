package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.lang.Keyword;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.openhft.chronicle.core.UnsafeMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A writable batch: views over the files, claims, and what is left of a view when it has ended. */
class WritableBatchTest {
    @TempDir
    Path folder;

    private Path path;

    @BeforeEach
    void makePack() {
        path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            Map<String, Object> arrays = new LinkedHashMap<>();
            arrays.put("x", new int[][] {{1, 2}, {3, 4}, {5, 6}});
            arrays.put("y", new double[] {0.5, 1.5});
            pack.save(arrays);
        }
    }

    @Test
    void loadGivesTheSameWritableViewOnEveryCall() {
        try (NumPack pack = NumPack.open(path);
                WritableBatch batch = pack.writableBatch()) {
            NDArray x = batch.load("x");
            assertSame(x, batch.load("x"));
            assertSame(x, batch.valAt(Keyword.intern("x")));
            assertTrue(x.isMapped());
            assertFalse(x.isReadOnly());
            assertEquals("none", batch.valAt("w", "none"));
            assertThrows(ArrayNotFoundException.class, () -> batch.valAt("w"));
            assertEquals(List.of("x", "y"), batch.names());
            assertTrue(batch.toString().contains("| x"), batch.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void editsReachTheFileWithAndWithoutSync(boolean sync) throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            java.time.Instant before = pack.info("x").lastModified();
            java.time.Instant untouched = pack.info("y").lastModified();
            NDArray lazy = pack.lazy("x");
            try (WritableBatch batch = pack.writableBatch(sync)) {
                batch.load("y");
                assertEquals(List.of(), batch.changes());
                batch.load("x").mul(10);
                assertEquals(List.of(new Change("x", Change.Kind.EDIT, null, 3)), batch.changes());
                assertEquals(10, batch.lazy("x").getLong(0, 0));
                assertEquals(10, batch.selectRows("x", 0).getLong(0, 0));
                assertEquals(10, pack.load("x").getLong(0, 0), "edits in place are seen at once");
            }
            assertEquals(60, lazy.getLong(2, 1));
            assertTrue(pack.info("x").lastModified().isAfter(before));
            assertEquals(untouched, pack.info("y").lastModified());
        }
        assertEquals(
                10,
                java.nio.ByteBuffer.wrap(Files.readAllBytes(path.resolve("data_x.npkd")))
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .getInt());
    }

    @Test
    void editThroughTheRawAddressIsCommittedToo() throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            Thread.sleep(20);
            java.time.Instant before = pack.info("x").lastModified();
            try (WritableBatch batch = pack.writableBatch()) {
                UnsafeMemory.unsafePutInt(null, batch.load("x").runs().memory(0).address(), 77);
                assertEquals(1, batch.changes().size());
            }
            assertEquals(77, pack.load("x").getLong(0, 0));
            assertTrue(pack.info("x").lastModified().isAfter(before));
        }
    }

    @Test
    void saveOfTheViewIsNothingAndOfAnotherArrayOfItsShapeCopies() {
        try (NumPack pack = NumPack.open(path)) {
            try (WritableBatch batch = pack.writableBatch()) {
                NDArray x = batch.load("x");
                batch.save("x", x);
                batch.save("x", x.withMeta(null));
                assertEquals(List.of(), batch.changes());
                batch.save("x", NDArray.of(new int[] {6, 5, 4, 3, 2, 1}, 3, 2));
                assertSame(x, batch.load("x"));
                batch.save("y", List.of(7, 8));
                batch.save("x", x.rows(0, 3));
            }
            assertArrayEquals(new int[] {6, 5, 4, 3, 2, 1}, pack.load("x").toIntArray());
            assertArrayEquals(new double[] {7, 8}, pack.load("y").toDoubleArray());
        }
    }

    static List<Object> otherShapes() {
        return List.of(
                new int[][] {{1, 2}},
                new int[][] {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}},
                new int[] {1, 2, 3},
                List.of(List.of(1, 2)),
                new int[0][2]);
    }

    @ParameterizedTest
    @MethodSource("otherShapes")
    void anotherShapeIsRefusedAndNamesWithBatch(Object contents) {
        try (NumPack pack = NumPack.open(path);
                WritableBatch batch = pack.writableBatch()) {
            ShapeMismatchException e = assertThrows(ShapeMismatchException.class, () -> batch.save("x", contents));
            assertTrue(e.getMessage().contains("with-batch"), e.getMessage());
            assertEquals(List.of(), batch.changes());
        }
    }

    @Test
    void newArrayIsRefusedAndNamesWithBatchAndCreate() {
        try (NumPack pack = NumPack.open(path);
                WritableBatch batch = pack.writableBatch()) {
            ArrayNotFoundException e =
                    assertThrows(ArrayNotFoundException.class, () -> batch.save("new", new int[] {1}));
            assertTrue(e.getMessage().contains("with-batch") && e.getMessage().contains("create!"), e.getMessage());
            assertThrows(DTypeMismatchException.class, () -> batch.save("x", new double[][] {{1, 2}, {3, 4}, {5, 6}}));
            assertThrows(ArrayNotFoundException.class, () -> batch.load("xx"));
        }
    }

    @Test
    void chunksAreWritableViewsInOrder() {
        try (NumPack pack = NumPack.open(path)) {
            pack.withWritableBatch(batch -> {
                for (NDArray chunk : batch.chunks("x", 2)) {
                    chunk.add(1);
                }
                return null;
            });
            assertArrayEquals(new int[] {2, 3, 4, 5, 6, 7}, pack.load("x").toIntArray());
        }
    }

    // ---- claims

    @Test
    void loadedArrayIsClaimedUntilTheEnd() {
        try (NumPack pack = NumPack.open(path)) {
            NDArray old = pack.lazy("x");
            try (WritableBatch batch = pack.writableBatch()) {
                batch.load("x");
                List<Consumer<NumPack>> refused = List.of(
                        p -> p.save("x", new int[][] {{1}}),
                        p -> p.delete("x"),
                        p -> p.rename("x", "w"),
                        p -> p.save("x", new double[] {1}),
                        p -> p.withWritableBatch(other -> other.load("x")),
                        p -> p.withBatch(other -> other.load("x").add(1)),
                        p -> {
                            p.dropRows("x", 0);
                            p.compact("x");
                        });
                for (int i = 0; i < refused.size(); i++) {
                    Consumer<NumPack> edit = refused.get(i);
                    String where = "edit " + i;
                    BatchTest.inThread(() -> {
                        ConflictException e = assertThrows(ConflictException.class, () -> edit.accept(pack), where);
                        assertTrue(e.getMessage().contains("of this process"), e.getMessage());
                    });
                }
                BatchTest.inThread(() -> {
                    pack.append("x", new int[][] {{7, 8}});
                    pack.replaceRows("x", new int[][] {{-3, -4}}, Rows.of(0));
                    pack.withWritableBatch(other -> other.load("y").add(1));
                });
                batch.load("x").setLong(99, 2, 1);
                assertEquals(-3, batch.load("x").getLong(1, 0), "rows replaced elsewhere show through");
            }
            assertArrayEquals(new int[] {-3, -4, 5, 99, 7, 8}, pack.load("x").toIntArray());
            assertEquals(3, old.rows());
            pack.compact("x");
            pack.delete("x");
        }
    }

    static final class Holder {
        public static void main(String[] args) {
            try (NumPack pack = NumPack.open(args[0]);
                    WritableBatch batch = pack.writableBatch()) {
                batch.load("x").setLong(-1, 0, 0);
                ChildProcess.pause("claimed");
            }
        }
    }

    @Test
    void claimHoldsAgainstOtherProcessesAndEndsWithThem() throws Exception {
        try (NumPack pack = NumPack.open(path);
                ChildProcess child = ChildProcess.start(Holder.class, path)) {
            child.await("claimed");
            ConflictException e =
                    assertThrows(ConflictException.class, () -> pack.withWritableBatch(batch -> batch.load("x")));
            assertTrue(e.getMessage().contains("another process"), e.getMessage());
            assertThrows(ConflictException.class, () -> pack.delete("x"));
            pack.append("x", new int[][] {{7, 8}});
            assertEquals(-1, pack.load("x").getLong(0, 0));
            child.kill();
            pack.withWritableBatch(batch -> batch.load("x").row(0).rows(0, 1).fill(-2));
            assertArrayEquals(
                    new int[] {-2, 2, 3, 4, 5, 6, 7, 8}, pack.load("x").toIntArray());
        }
    }

    // ---- the end

    @Test
    void viewsThatOutliveTheScopeThrow() {
        try (NumPack pack = NumPack.open(path)) {
            WritableBatch batch = pack.writableBatch();
            NDArray x = batch.load("x");
            NDArray view = x.rows(0, 2).reshape(-1);
            batch.close();
            batch.close();
            assertFalse(batch.isOpen());
            for (NDArray ended : List.of(x, view)) {
                List<Runnable> uses = List.of(
                        () -> ended.flatGet(0),
                        () -> ended.flatSet(0, 1),
                        () -> ended.fill(0),
                        () -> ended.add(1),
                        () -> ended.reduce("sum"),
                        ended::copy,
                        ended::toIntArray,
                        () -> ended.selectRows(Rows.of(0)),
                        () -> pack.save("copy", ended),
                        () -> ended.contentEquals(ended),
                        () -> pack.save(
                                "copy",
                                NDArray.zeros(DType.INT32, ended.shape()).set(ended)));
                for (int i = 0; i < uses.size(); i++) {
                    Runnable use = uses.get(i);
                    ScopeEndedException e = assertThrows(ScopeEndedException.class, use::run, "use " + i);
                    assertTrue(e.getMessage().contains("\"x\""), e.getMessage());
                    assertEquals("x", e.getData().valAt(Keyword.intern("array")));
                    assertEquals(pack.path().toString(), e.getData().valAt(Keyword.intern("path")));
                }
                assertTrue(ended.toString().contains("scope ended"), ended.toString());
            }
            List<Runnable> uses = List.of(
                    () -> batch.load("x"),
                    batch::names,
                    batch::changes,
                    batch::commit,
                    batch::discard,
                    () -> batch.save("x", x),
                    () -> batch.info("x"),
                    () -> batch.lazy("x"),
                    () -> batch.selectRows("x", 0),
                    () -> batch.chunks("x", 1),
                    () -> batch.valAt("x", null));
            uses.forEach(use -> assertThrows(ScopeEndedException.class, use::run));
            assertFalse(pack.exists("copy"));
        }
    }

    @Test
    void editsStayWhenTheBodyThrowsAndWhenDiscarded() {
        try (NumPack pack = NumPack.open(path)) {
            NDArray[] escaped = new NDArray[1];
            assertThrows(
                    IllegalStateException.class,
                    () -> pack.withWritableBatch(batch -> {
                        escaped[0] = batch.load("x").add(1);
                        throw new IllegalStateException("stop");
                    }));
            assertThrows(ScopeEndedException.class, () -> escaped[0].flatGet(0));
            assertEquals(2, pack.load("x").getLong(0, 0));
            WritableBatch batch = pack.writableBatch();
            batch.load("x").add(1);
            batch.discard();
            assertEquals(3, pack.load("x").getLong(0, 0));
        }
    }

    /** Goes on through the raw address after the scope, also while the file is replaced, cut short and deleted. */
    static final class Escaped {
        public static void main(String[] args) throws Exception {
            Path path = Path.of(args[0]);
            try (NumPack pack = NumPack.open(path)) {
                pack.save("big", Packs.count(DType.INT32, 0, 100_000));
                NDArray view = pack.withWritableBatch(batch -> batch.load("big").add(1));
                long address = view.runs().memory(0).address();
                Map<String, String> before = Packs.contents(path);
                long sum = 0;
                for (int pass = 0; pass < 6; pass++) {
                    for (int i = 0; i < 100_000; i += 7) {
                        sum += UnsafeMemory.unsafeGetInt(null, address + 4L * i);
                        UnsafeMemory.unsafePutInt(null, address + 4L * i, -1 - pass);
                    }
                    if (pass == 1) {
                        if (!before.equals(Packs.contents(path))) {
                            throw new AssertionError("the file was changed after the scope");
                        }
                        pack.save("big", new int[] {1, 2, 3});
                    } else if (pass == 2) {
                        pack.delete("big");
                    } else if (pass == 3) {
                        pack.close();
                        System.gc();
                    }
                }
                java.lang.ref.Reference.reachabilityFence(view);
                System.out.println("fine " + (sum != 0));
            }
        }
    }

    @Test
    void batchThatNobodyEndsHoldsItsArraysUntilTheirViewsAreGone() throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            NDArray[] row = new NDArray[1];
            BatchTest.inThread(() -> row[0] = pack.writableBatch().load("x").row(1));
            for (int i = 0; i < 3; i++) {
                System.gc();
                Thread.sleep(20);
            }
            assertThrows(ConflictException.class, () -> pack.save("x", new int[] {1}));
            row[0].fill(9);
            assertArrayEquals(new int[] {1, 2, 9, 9, 5, 6}, pack.load("x").toIntArray());
            row[0] = null;
            for (int i = 0; i < 100 && !canSave(pack); i++) {
                System.gc();
                Thread.sleep(20);
            }
            assertArrayEquals(new int[] {7}, pack.load("x").toIntArray());
        }
    }

    private static boolean canSave(NumPack pack) {
        try {
            pack.save("x", new int[] {7});
            return true;
        } catch (ConflictException e) {
            return false;
        }
    }

    static List<Path> javas() {
        return ChildProcess.javas();
    }

    @ParameterizedTest
    @MethodSource("javas")
    void rawAddressThatOutlivesTheScopeNeitherCrashesNorReachesTheFile(Path java) throws Exception {
        try (ChildProcess child = ChildProcess.start(java, List.of(), Escaped.class, path)) {
            String printed = child.finish();
            assertTrue(printed.endsWith("fine true"), printed);
        }
    }

    /** Edits a view of 1 GB in a heap of 32 MB. */
    static final class SmallHeap {
        public static void main(String[] args) {
            try (NumPack pack = NumPack.open(args[0])) {
                pack.withWritableBatch(batch -> {
                    NDArray big = batch.load("big");
                    big.rows(1_000_000, 1_010_000).fill(3);
                    big.rows(15_999_999, 16_000_000).fill(1);
                    return null;
                });
                System.out.println(pack.lazy("big").rows(990_000, 1_020_000).reduce("sum") + " "
                        + pack.selectRows("big", -1).reduce("sum"));
            }
        }
    }

    @Test
    void viewsOfAnySizeNeedNoHeap() throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            pack.create("big", DType.FLOAT32, 16_000_000, 16);
        }
        try (ChildProcess child =
                ChildProcess.start(ChildProcess.javas().get(0), List.of("-Xmx32m"), SmallHeap.class, path)) {
            assertEquals("480000.0 16.0", child.finish());
        }
    }
}
