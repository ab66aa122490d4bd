package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.lang.Keyword;
import clojure.lang.Symbol;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import numpack.Packs.Model;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Opening, closing and looking at a pack, and the edits outside of scopes. */
class NumPackTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private NumPack open() {
        return NumPack.open(folder.resolve("data.npk"));
    }

    // ---- open and close

    @Test
    void missingDirectoryIsAnEmptyPackUntilTheFirstCommit() {
        Path path = folder.resolve("new/data.npk");
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(List.of(), pack.names());
            assertFalse(pack.exists("x"));
            assertTrue(pack.toString().contains("does not exist yet"), pack.toString());
            ArrayNotFoundException e = assertThrows(ArrayNotFoundException.class, () -> pack.load("x"));
            assertTrue(e.getMessage().contains("does not exist yet"), e.getMessage());
            assertThrows(ArrayNotFoundException.class, () -> pack.delete("x"));
            pack.withBatch(batch -> batch.names());
            pack.sync();
            pack.save(Map.of());
            pack.delete();
            pack.save("x", new int[] {1});
            assertTrue(Files.exists(path.resolve("metadata.npkm")));
        }
        assertThrows(
                PackNotFoundException.class,
                () -> NumPack.builder(folder.resolve("none")).create(false).open());
        assertThrows(
                PackNotFoundException.class,
                () -> NumPack.builder(folder.resolve("none")).readOnly(true).open());
        assertFalse(Files.exists(folder.resolve("none")));
    }

    @Test
    void lookingAtAMissingPackWritesNothing() {
        try (NumPack pack = open()) {
            pack.withBatch(batch -> batch.names());
            pack.withWritableBatch(batch -> batch.names());
            pack.sync();
            assertEquals(List.of(), pack.info());
        }
        assertFalse(Files.exists(folder.resolve("data.npk")));
    }

    @Test
    void closeIsIdempotentAndEveryUseAfterItThrows() {
        NumPack pack = open();
        pack.save("x", new int[][] {{1, 2}});
        NDArray lazy = pack.lazy("x");
        pack.close();
        pack.close();
        assertTrue(pack.isClosed());
        List<Runnable> uses = new ArrayList<>(ReadOnlyTest.reads(pack));
        uses.addAll(ReadOnlyTest.edits(pack).values());
        for (int i = 0; i < uses.size(); i++) {
            Runnable use = uses.get(i);
            PackClosedException e = assertThrows(PackClosedException.class, use::run, "use " + i);
            assertTrue(e.getMessage().contains("open it again"), e.getMessage());
        }
        assertTrue(pack.toString().contains("closed"));
        assertEquals(2, lazy.getLong(0, 1), "lazy arrays outlive their pack");
        assertThrows(ReadOnlyException.class, () -> lazy.fill(1));
    }

    @Test
    void severalHandlesOnOnePathShareTheirState() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("data.npk"));
        try (NumPack first = open()) {
            first.save("x", new int[] {1});
            try (NumPack second = NumPack.open(link);
                    NumPack third = NumPack.builder(folder.resolve("./data.npk"))
                            .readOnly(true)
                            .open()) {
                second.append("x", new int[] {2});
                assertEquals(2, first.shape("x")[0]);
                assertEquals(2, third.load("x").rows());
                assertEquals(first.path(), second.path());
                second.close();
                first.append("x", new int[] {3});
                assertEquals(3, third.load("x").rows());
            }
            first.append("x", new int[] {4});
            assertEquals(4, first.load("x").rows());
        }
    }

    @Test
    void dropIfExistsStartsEmptyInOneCommit() {
        try (NumPack pack = open()) {
            pack.save("x", new int[] {1});
            NDArray lazy = pack.lazy("x");
            try (NumPack empty = NumPack.builder(folder.resolve("data.npk"))
                    .dropIfExists(true)
                    .open()) {
                assertEquals(List.of(), empty.names());
                assertEquals(List.of(), pack.names());
                assertEquals(1, lazy.getLong(0));
            }
        }
        assertEquals(List.of(), Packs.leftovers(folder.resolve("data.npk")));
        assertThrows(
                InvalidOptionException.class,
                () -> NumPack.builder(folder).dropIfExists(true).readOnly(true).open());
    }

    @Test
    void whatIsNoPackIsRefusedAndUntouched() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "text");
        assertThrows(NotAPackException.class, () -> NumPack.open(file));
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.writeString(home.resolve("letter.txt"), "text");
        Map<String, String> before = Packs.snapshot(folder);
        NotAPackException e = assertThrows(NotAPackException.class, () -> NumPack.open(home));
        assertTrue(e.getMessage().contains("letter.txt"), e.getMessage());
        assertThrows(
                NotAPackException.class,
                () -> NumPack.builder(home).dropIfExists(true).open());
        assertThrows(
                NotAPackException.class,
                () -> NumPack.builder(home).readOnly(true).open());
        assertEquals(before, Packs.snapshot(folder));
    }

    @Test
    void damagedMetadataIsReportedAndUntouchedAndDropIfExistsHelps() throws Exception {
        try (NumPack pack = open()) {
            pack.save("x", new int[] {1});
        }
        Path path = folder.resolve("data.npk");
        Files.write(path.resolve("metadata.npkm"), new byte[] {1, 2, 3});
        Map<String, String> before = Packs.contents(path);
        CorruptPackException e = assertThrows(CorruptPackException.class, () -> NumPack.open(path));
        assertTrue(e.getMessage().contains("metadata.npkm"), e.getMessage());
        assertEquals(before, Packs.contents(path));
        try (NumPack pack = NumPack.builder(path).dropIfExists(true).open()) {
            assertEquals(List.of(), pack.names());
            pack.save("y", new int[] {1});
        }
    }

    @Test
    void changesOfAnotherProgramAreSeen() throws Exception {
        try (NumPack pack = open()) {
            pack.save("x", new int[] {1});
            Path other = Packs.fixture("deleted.npk", folder);
            Thread.sleep(5);
            for (String file : List.of(
                    "data_x.npkd",
                    "deleted_x.npkb",
                    "data_all.npkd",
                    "data_none.npkd",
                    "deleted_all.npkb",
                    "metadata.npkm")) {
                Files.move(
                        other.resolve(file),
                        folder.resolve("data.npk").resolve(file),
                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            assertEquals(3, pack.names().size());
            assertArrayEquals(new long[] {67, 2}, pack.load("x").shape());
        }
    }

    // ---- looking

    @Test
    void infoTellsWhatIsThere() {
        try (NumPack pack = open()) {
            pack.save("x", new float[][] {{1, 2}, {3, 4}, {5, 6}});
            pack.dropRows("x", 1);
            ArrayInfo info = pack.info("x");
            assertEquals("x", info.name());
            assertEquals(DType.FLOAT32, info.dtype());
            assertArrayEquals(new long[] {2, 2}, info.shape());
            assertEquals(2, info.rows());
            assertEquals(4, info.size());
            assertEquals(16, info.nbytes());
            assertEquals(1, info.deletedRows());
            assertFalse(info.segmented() || info.recovered() || info.readOnly());
            assertTrue(Math.abs(System.currentTimeMillis() - info.lastModified().toEpochMilli()) < 60_000);
            assertTrue(pack.toString().contains("| x    | float32 | [2 2] |"), pack.toString());
        }
    }

    @Test
    void lookUpTakesStringsKeywordsAndSymbols() {
        try (NumPack pack = NumPack.builder(folder.resolve("data.npk"))
                .present(array -> "presented " + array.dtype())
                .open()) {
            pack.save("x", new int[] {1});
            assertEquals("presented int32", pack.valAt("x"));
            assertEquals("presented int32", pack.valAt(Keyword.intern("x")));
            assertEquals("presented int32", pack.valAt(Symbol.intern("x"), null));
            assertEquals("none", pack.valAt("y", "none"));
            assertThrows(ArrayNotFoundException.class, () -> pack.valAt("y"));
            assertThrows(InvalidNameException.class, () -> pack.valAt(Keyword.intern("a", "x"), null));
            pack.withBatch(batch -> {
                assertEquals("presented int32", batch.valAt("x"));
                return null;
            });
        }
    }

    @Test
    void missingNameIsAnsweredWithNearOnes() {
        try (NumPack pack = open()) {
            pack.save("features", new int[] {1});
            ArrayNotFoundException e = assertThrows(ArrayNotFoundException.class, () -> pack.load("feature"));
            assertTrue(e.getMessage().contains("did you mean \"features\""), e.getMessage());
            assertEquals(Keyword.intern("array-not-found"), e.getData().valAt(Keyword.intern("numpack", "error")));
            assertEquals("feature", e.getData().valAt(Keyword.intern("array")));
        }
    }

    // ---- edits

    @ParameterizedTest
    @EnumSource
    void everyDtypeIsSavedAndReadBackInEveryRank(DType dtype) {
        long[][] shapes = {{7}, {3, 2}, {2, 3, 2}, {2, 1, 2, 2}, {1, 2, 1, 2, 2}, {0}, {0, 3}, {3, 0}, {2, 0, 3}};
        try (NumPack pack = open()) {
            for (long[] shape : shapes) {
                NDArray array = Packs.count(dtype, 3, shape);
                pack.save("a", array);
                Model.of(array).assertIn(pack, "a");
                assertTrue(pack.load("a").contentEquals(array));
                assertEquals(Arrays.toString(shape), Arrays.toString(pack.shape("a")));
            }
        }
        try (NumPack pack = open()) {
            assertArrayEquals(shapes[shapes.length - 1], pack.load("a").shape());
        }
    }

    @Test
    void saveTakesEveryFormOfContents() {
        try (NumPack pack = open()) {
            pack.save("ints", List.of(List.of(1, 2), List.of(3, 4)));
            pack.save("floats", List.of(1, 2.5));
            pack.save("flags", List.of(true, false));
            pack.save("nested", new double[][][] {{{1}, {2}}});
            pack.save("chosen", List.of(1, 2), DType.UINT8);
            assertEquals(
                    List.of(DType.INT64, DType.FLOAT64, DType.BOOL, DType.FLOAT64, DType.UINT8),
                    pack.names().stream().map(pack::dtype).toList());
            Map<String, String> before = Packs.contents(pack.path());
            Map<String, Object> second = new LinkedHashMap<>();
            second.put("fine", new int[] {1});
            second.put("ints", List.of(List.of(1, 2), List.of(3)));
            assertThrows(ShapeMismatchException.class, () -> pack.save(second));
            assertThrows(ShapeMismatchException.class, () -> pack.save("s", 1.5));
            assertThrows(DTypeMismatchException.class, () -> pack.save("s", Arrays.asList(1, null)));
            assertThrows(DTypeMismatchException.class, () -> pack.save("s", List.of("text")));
            assertThrows(DTypeMismatchException.class, () -> pack.save("s", List.of(300), DType.UINT8));
            assertThrows(DTypeMismatchException.class, () -> pack.save("s", List.of(1.5), DType.INT32));
            assertThrows(DTypeMismatchException.class, () -> pack.append("chosen", List.of(256)));
            assertEquals(before, Packs.contents(pack.path()), "nothing of it was written");
            pack.append("chosen", List.of(255));
            pack.append("chosen", List.of());
            pack.append("floats", List.of(7));
            assertArrayEquals(new long[] {1, 2, 255}, pack.load("chosen").toLongArray());
            assertArrayEquals(new double[] {1, 2.5, 7}, pack.load("floats").toDoubleArray());
        }
    }

    @Test
    void loadIsIndependentAndLazyIsLive() {
        try (NumPack pack = open()) {
            pack.save("x", new int[] {1, 2, 3});
            NDArray loaded = pack.load("x");
            NDArray lazy = pack.lazy("x");
            pack.replaceRows("x", new int[] {20}, Rows.of(1));
            loaded.fill(0);
            assertArrayEquals(new int[] {1, 20, 3}, lazy.toIntArray(), "replaced rows show through");
            assertTrue(lazy.isMapped() && lazy.isReadOnly());
            assertThrows(ReadOnlyException.class, () -> lazy.add(1));
            assertThrows(ReadOnlyException.class, () -> lazy.rows(0, 1).flatSet(0, 1));
            assertEquals(DType.FLOAT64, pack.load("x", DType.FLOAT64).dtype());
        }
    }

    @Test
    void allRowsOfArraysOfDifferentLengthsAreDroppedInOneCommit() {
        try (NumPack pack = open()) {
            pack.save(Map.of("a", new int[] {1, 2, 3}, "b", new int[][] {{1}, {2}}, "c", new int[0]));
            pack.dropRows(List.of("a", "b", "c"), Rows.all());
            for (String name : List.of("a", "b", "c")) {
                assertEquals(0, pack.load(name).rows());
            }
        }
    }

    @Test
    void rowsAsListsKeepEveryDigitAndHaveTheArraysDtype() {
        long large = (1L << 53) + 1;
        try (NumPack pack = open()) {
            pack.save("longs", new long[0]);
            pack.append("longs", List.of(large, 2.0));
            assertArrayEquals(new long[] {large, 2}, pack.load("longs").toLongArray());
            pack.save("floats", new float[1]);
            pack.append("floats", List.of(large, 2));
            pack.replaceRows(Map.of("floats", List.of(0.5)), Rows.of(0));
            assertArrayEquals(new float[] {0.5f, large, 2}, pack.load("floats").toFloatArray());
            DTypeMismatchException e =
                    assertThrows(DTypeMismatchException.class, () -> pack.append("floats", List.of(1, 1e300)));
            assertTrue(e.getMessage().contains("1.0E300") && e.getMessage().contains("[1]"), e.getMessage());
        }
    }

    @Test
    void olderLazyViewsStayReadableWhateverHappensToTheArray() {
        try (NumPack pack = open()) {
            int[] old = Packs.count(DType.INT32, 0, 5000).toIntArray();
            List<java.util.function.Consumer<NumPack>> edits = List.of(
                    p -> p.delete("x"),
                    p -> p.save("x", new double[] {1}),
                    p -> p.rename("x", "y"),
                    p -> {
                        p.dropRows("x", 3);
                        p.compact("x");
                    },
                    p -> p.append("x", new int[] {7}),
                    p -> p.dropRows("x", 0));
            for (var edit : edits) {
                pack.delete(pack.names());
                pack.save("x", old);
                NDArray view = pack.lazy("x");
                edit.accept(pack);
                pack.sync();
                assertArrayEquals(old, view.toIntArray());
            }
        }
    }

    @Test
    void largeRowReplacementAndLargeSavesAreWhole() {
        try (NumPack pack = open()) {
            int rows = 3 << 20;
            int[] values = new int[rows];
            Arrays.setAll(values, i -> i);
            pack.save("x", values);
            pack.dropRows("x", 5, rows - 1);
            int[] more = new int[5 << 19];
            Arrays.setAll(more, i -> -i);
            pack.replaceRows("x", more, Rows.range(1, 1 + more.length));
            NDArray x = pack.load("x");
            assertEquals(rows - 2, x.rows());
            assertEquals(0, x.getLong(0));
            assertEquals(-1, x.getLong(2));
            assertEquals(-(more.length - 1), x.getLong(more.length));
            assertEquals(rows - 2, x.getLong(rows - 3));
            assertEquals(more.length + 2, x.getLong(more.length + 1));
        }
        assertEquals(List.of(), Packs.leftovers(folder.resolve("data.npk")));
    }

    @Test
    void namesKeepTheirOrder() {
        try (NumPack pack = open()) {
            Map<String, Object> arrays = new LinkedHashMap<>();
            for (String name : List.of("z", "a", "特徴量", "with space", "m")) {
                arrays.put(name, new int[] {1});
            }
            pack.save(arrays);
            pack.save("a", new int[] {1, 2});
            pack.rename("z", "zz");
            pack.delete("m");
            pack.save("m", new int[] {3});
            assertEquals(List.of("zz", "a", "特徴量", "with space", "m"), pack.names());
            pack.rename("a", "a");
        }
        try (NumPack pack = open()) {
            assertEquals(List.of("zz", "a", "特徴量", "with space", "m"), pack.names());
        }
    }

    @Test
    void dtypeOrRowsThatDoNotFitAnyMoreUnderTheLockAreRefused() {
        try (NumPack pack = open()) {
            pack.save("x", new int[] {1, 2, 3});
            assertThrows(ShapeMismatchException.class, () -> pack.replaceRows("x", new int[] {1}, Rows.of(0, 1)));
            assertThrows(
                    ShapeMismatchException.class, () -> pack.replaceRows("x", new int[] {1}, Rows.mask(true, false)));
            pack.replaceRows("x", new int[] {7, 8}, Rows.of(1, 1));
            assertArrayEquals(
                    new int[] {1, 8, 3}, pack.load("x").toIntArray(), "the last of two contents for one row stays");
            pack.replaceRows("x", new int[] {5, 6}, Rows.mask(true, false, true));
            assertArrayEquals(new int[] {5, 8, 6}, pack.load("x").toIntArray());
        }
    }

    @Test
    void rowsThatDoNotFitSayHowTheyWould() {
        try (NumPack pack = open()) {
            pack.save("x", new float[][] {{1, 2}, {3, 4}});
            ShapeMismatchException row =
                    assertThrows(ShapeMismatchException.class, () -> pack.append("x", new float[] {5, 6}));
            assertTrue(row.getMessage().contains("[row], in Java List.of(row)"), row.getMessage());
            assertEquals(
                    "[2 2] [2]",
                    row.getData().valAt(Keyword.intern("expected")) + " "
                            + row.getData().valAt(Keyword.intern("found")));
            pack.append("x", List.of(new float[] {5, 6}));
            ShapeMismatchException wide =
                    assertThrows(ShapeMismatchException.class, () -> pack.append("x", new float[][] {{5, 6, 7}}));
            assertTrue(wide.getMessage().contains("see the shape of \"x\""), wide.getMessage());
            double[][] doubles = {{7, 8}};
            DTypeMismatchException dtype = assertThrows(DTypeMismatchException.class, () -> pack.append("x", doubles));
            assertTrue(
                    dtype.getMessage()
                            .contains(
                                    "(npk/ndarray contents {:dtype :float32}), in Java NDArray.from(contents, DType.FLOAT32)"),
                    dtype.getMessage());
            pack.append("x", NDArray.from(doubles, DType.FLOAT32));
            assertEquals(Keyword.intern("float32"), dtype.getData().valAt(Keyword.intern("expected")));
            assertArrayEquals(new long[] {4, 2}, pack.shape("x"));
        }
    }

    @Test
    void aNameDoesNotBreakTheTableThatAPackPrintsAs() {
        try (NumPack pack = open()) {
            pack.save("two\nlines", new int[] {1});
            assertTrue(pack.toString().endsWith("\n| two?lines | int32 | [1]   |     4 |"), pack.toString());
        }
    }

    @Test
    void chunksComeInOrderAndTellWhereTheyAre() {
        try (NumPack pack = open()) {
            pack.save("x", Packs.count(DType.INT16, 0, 10, 2));
            Chunks chunks = pack.chunks("x", 4);
            assertEquals(3, chunks.count());
            assertEquals(8, chunks.from(2));
            assertEquals(10, chunks.to(2));
            assertEquals(2, chunks.get(2).rows());
            List<NDArray> all = new ArrayList<>();
            chunks.forEach(all::add);
            all.get(0).fill(-1);
            assertEquals(8, all.get(1).getLong(0, 0), "pieces do not share memory");
            assertNotEquals(-1, pack.load("x").getLong(0, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> chunks.get(3));
            assertThrows(InvalidOptionException.class, () -> pack.chunks("x", 0));
            assertEquals(0, pack.chunks("x", 3).iterator().next().getLong(0, 0));
        }
    }

    @Test
    void chunksAndTheirIteratorsOutliveTheirPackAsLazyArraysDo() {
        Chunks chunks;
        Iterator<NDArray> started;
        try (NumPack pack = open()) {
            pack.save("x", new int[] {1, 2, 3, 4, 5});
            chunks = pack.chunks("x", 2);
            started = chunks.iterator();
            started.next();
        }
        assertArrayEquals(new int[] {3, 4}, started.next().toIntArray());
        assertArrayEquals(new int[] {5}, started.next().toIntArray());
        assertFalse(started.hasNext());
        chunks.get(0).fill(9);
        assertArrayEquals(new int[] {1, 2}, chunks.get(0).toIntArray(), "they are copies");
    }

    @ParameterizedTest
    @EnumSource
    void everyEditWorksUnderEveryDurability(Durability durability) {
        Path path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.builder(path).durability(durability).open()) {
            pack.save("x", new int[][] {{1, 2}, {3, 4}, {5, 6}});
            pack.save("x", new int[][] {{2, 2}, {3, 4}, {5, 6}});
            pack.append("x", new int[][] {{7, 8}});
            pack.replaceRows("x", new int[][] {{0, 0}}, Rows.of(1));
            pack.dropRows("x", 2);
            pack.rename("x", "y");
            pack.create("z", DType.INT8, 5);
            pack.withBatch(batch -> batch.load("y").add(1));
            pack.withWritableBatch(batch -> batch.load("y").add(1));
            pack.compact();
            pack.delete("z");
            pack.save("y", pack.lazy("y"), DType.FLOAT32);
            pack.sync();
            assertArrayEquals(new float[] {4, 4, 2, 2, 9, 10}, pack.load("y").toFloatArray());
            assertEquals(List.of("y"), pack.names());
            assertEquals(List.of(), pack.notices());
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    @Test
    void aClosedPackAndAnEndedScopeStillPrintTheirArrays(@TempDir Path temp) {
        NumPack pack = NumPack.open(temp.resolve("printed.npk"));
        pack.save("x", new float[] {1, 2});
        Batch batch = pack.batch();
        batch.close();
        pack.close();
        for (Object ended : new Object[] {pack, batch}) {
            assertTrue(ended.toString().contains("| x    | float32 | [2]   |"), ended.toString());
        }
        assertTrue(pack.toString().contains(", closed, 1 array>"), pack.toString());
        assertTrue(batch.toString().contains(", ended, 1 array>"), batch.toString());
    }
}
