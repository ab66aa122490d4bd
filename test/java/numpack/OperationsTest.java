package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import numpack.Packs.Model;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every edit on every form an array can have on disk, outside of a scope, in a batch, and in a batch that keeps nothing on the heap. */
class OperationsTest {
    private static final List<String> ARRAYS = List.of(
            "segmented.npk/z",
            "segmented.npk/holes",
            "deleted.npk/x",
            "deleted.npk/all",
            "ranks.npk/no_rows",
            "ranks.npk/no_columns",
            "ranks.npk/rank3",
            "append-after-drop.npk/y",
            "interrupted-append.npk/a",
            "dtypes.npk/complex64");

    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    enum Mode {
        PACK,
        BATCH,
        STREAMED;

        void edit(NumPack pack, Consumer<ArrayEditor> edit) {
            if (this == PACK) {
                edit.accept(pack);
                return;
            }
            BatchOptions options = BatchOptions.defaults();
            try (Batch batch = pack.batch(this == STREAMED ? options.memoryLimit(0) : options)) {
                edit.accept(batch);
            }
        }
    }

    static Stream<Arguments> all() {
        return ARRAYS.stream().flatMap(array -> Stream.of(Mode.values()).map(mode -> Arguments.of(array, mode)));
    }

    static Stream<String> arrays() {
        return ARRAYS.stream();
    }

    private Path pack(String array) {
        return Packs.fixture(array.substring(0, array.indexOf('/')), folder);
    }

    private static String name(String array) {
        return array.substring(array.indexOf('/') + 1);
    }

    private static Map<String, Model> read(ArraySource source) {
        Map<String, Model> found = new LinkedHashMap<>();
        source.names().forEach(name -> found.put(name, Model.of(source.load(name))));
        return found;
    }

    /** What was edited is read in every way, what was not in one. */
    private static void assertIs(Map<String, Model> expected, Map<String, Model> original, ArraySource source) {
        assertEquals(List.copyOf(expected.keySet()), source.names());
        expected.forEach((name, model) -> {
            if (original.containsValue(model)) {
                model.assertIs(source.lazy(name), name);
            } else {
                model.assertIn(source, name);
            }
        });
    }

    /** Edits and expects the result at once, from a handle that was open before, and after opening the pack again. */
    private void check(String array, Mode mode, Consumer<ArrayEditor> edit, Consumer<Map<String, Model>> expectation) {
        Path path = pack(array);
        Map<String, Model> model;
        Map<String, Model> original;
        try (NumPack before = NumPack.builder(path).readOnly(true).open();
                NumPack pack = NumPack.open(path)) {
            original = read(pack);
            model = new LinkedHashMap<>(original);
            expectation.accept(model);
            mode.edit(pack, editor -> {
                edit.accept(editor);
                assertIs(model, original, editor);
            });
            assertIs(model, original, before);
            assertEquals(List.of(), pack.notices());
        }
        assertEquals(List.of(), Packs.leftovers(path));
        try (NumPack pack = NumPack.builder(path).readOnly(true).open()) {
            assertIs(model, original, pack);
        }
    }

    private void checkOne(String array, Mode mode, Consumer<ArrayEditor> edit, UnaryOperator<Model> expectation) {
        check(array, mode, edit, models -> models.compute(name(array), (n, model) -> expectation.apply(model)));
    }

    private static NDArray rows(Model like, long start, long count) {
        return Packs.count(like.dtype(), start, like.shapeWith(count));
    }

    private static NDArray rows(ArraySource source, String name, long start, long count) {
        long[] shape = source.shape(name);
        shape[0] = count;
        return Packs.count(source.dtype(name), start, shape);
    }

    @ParameterizedTest
    @MethodSource("all")
    void appendAddsRowsAtTheEndAndKeepsDroppedOnesDropped(String array, Mode mode) {
        String name = name(array);
        checkOne(
                array,
                mode,
                e -> {
                    e.append(name, rows(e, name, 1, 3));
                    e.append(name, rows(e, name, 50, 1));
                },
                m -> m.append(rows(m, 1, 3)).append(rows(m, 50, 1)));
    }

    private static long[] scattered(long rows) {
        return rows < 3 ? new long[0] : new long[] {-1, 0, rows / 2, 1};
    }

    @ParameterizedTest
    @MethodSource("all")
    void replaceRowsWritesScatteredRows(String array, Mode mode) {
        String name = name(array);
        checkOne(
                array,
                mode,
                e -> {
                    long[] at = scattered(e.shape(name)[0]);
                    e.replaceRows(name, rows(e, name, 60, at.length), Rows.of(at));
                },
                m -> {
                    long[] at = scattered(m.rows().size());
                    return m.replace(at, rows(m, 60, at.length));
                });
    }

    @ParameterizedTest
    @MethodSource("all")
    void dropRowsHidesLogicalRowsAgainAfterADropAndBeforeAnAppend(String array, Mode mode) {
        String name = name(array);
        checkOne(
                array,
                mode,
                e -> {
                    if (e.shape(name)[0] >= 3) {
                        e.dropRows(name, 0, -1, 0);
                        e.dropRows(name, 0);
                    }
                    e.append(name, rows(e, name, 7, 2));
                    e.dropRows(name, -1);
                },
                m -> (m.rows().size() >= 3 ? m.drop(0, -1).drop(0) : m)
                        .append(rows(m, 7, 2))
                        .drop(-1));
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyRowCanBeDroppedAndOthersAppended(String array, Mode mode) {
        String name = name(array);
        checkOne(
                array,
                mode,
                e -> {
                    e.dropRows(name, Rows.all());
                    e.append(name, rows(e, name, 3, 2));
                },
                m -> m.drop(LongStream.range(0, m.rows().size()).toArray()).append(rows(m, 3, 2)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void dropRowsTakesAMask(String array, Mode mode) {
        String name = name(array);
        checkOne(
                array,
                mode,
                e -> {
                    boolean[] mask = new boolean[(int) e.shape(name)[0]];
                    for (int i = 0; i < mask.length; i += 2) {
                        mask[i] = true;
                    }
                    e.dropRows(name, Rows.mask(mask));
                },
                m -> m.drop(LongStream.range(0, m.rows().size())
                        .filter(i -> i % 2 == 0)
                        .toArray()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void saveReplacesContentsOfTheSameShape(String array, Mode mode) {
        String name = name(array);
        checkOne(
                array,
                mode,
                e -> e.save(name, rows(e, name, 30, e.shape(name)[0])),
                m -> Model.of(rows(m, 30, m.rows().size())));
    }

    @ParameterizedTest
    @MethodSource("all")
    void saveReplacesContentsByAnotherShapeAndDtype(String array, Mode mode) {
        NDArray other = Packs.count(DType.INT16, 5, 4, 2, 3);
        checkOne(array, mode, e -> e.save(name(array), other), m -> Model.of(other));
    }

    @ParameterizedTest
    @MethodSource("all")
    void anArraySavedFromALazyViewOfAnotherIsACopy(String array, Mode mode) {
        String name = name(array);
        check(
                array,
                mode,
                e -> {
                    e.save("copy", e.lazy(name));
                    e.append(name, rows(e, name, 1, 1));
                },
                models -> {
                    models.put("copy", models.get(name));
                    models.compute(name, (n, m) -> m.append(rows(m, 1, 1)));
                });
    }

    @ParameterizedTest
    @MethodSource("all")
    void copyHasTheContentsAndGoesItsOwnWay(String array, Mode mode) {
        String name = name(array);
        check(
                array,
                mode,
                e -> {
                    e.copy(name, "copy");
                    e.append(name, rows(e, name, 1, 1));
                    e.append("copy", rows(e, name, 2, 2));
                },
                models -> {
                    Model m = models.get(name);
                    models.put("copy", m.append(rows(m, 2, 2)));
                    models.put(name, m.append(rows(m, 1, 1)));
                });
    }

    @ParameterizedTest
    @MethodSource("all")
    void copyToANameThatIsTakenOrOfNothingIsRefused(String array, Mode mode) {
        String name = name(array);
        checkOne(
                array,
                mode,
                e -> {
                    assertThrows(ArrayExistsException.class, () -> e.copy(name, name));
                    assertThrows(ArrayNotFoundException.class, () -> e.copy("missing", "copy"));
                    assertThrows(InvalidNameException.class, () -> e.copy(name, "a/b"));
                },
                m -> m);
    }

    @ParameterizedTest
    @MethodSource("all")
    void anArraySavedFromItsOwnRowsIsRewritten(String array, Mode mode) {
        String name = name(array);
        checkOne(
                array,
                mode,
                e -> e.save(name, e.lazy(name).rows(0, e.shape(name)[0] / 2)),
                m -> m.pick(LongStream.range(0, m.rows().size() / 2).toArray()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void renameKeepsPlaceContentsAndDroppedRows(String array, Mode mode) {
        String name = name(array);
        check(
                array,
                mode,
                e -> {
                    if (e.shape(name)[0] > 0) {
                        e.dropRows(name, 0);
                    }
                    e.rename(name, "renamed");
                    e.append("renamed", rows(e, "renamed", 4, 2));
                },
                models -> {
                    Map<String, Model> renamed = new LinkedHashMap<>();
                    models.forEach((n, m) -> renamed.put(
                            n.equals(name) ? "renamed" : n,
                            n.equals(name) ? (m.rows().isEmpty() ? m : m.drop(0)).append(rows(m, 4, 2)) : m));
                    models.clear();
                    models.putAll(renamed);
                });
    }

    @ParameterizedTest
    @MethodSource("all")
    void deleteRemovesTheArrayAndItsFiles(String array, Mode mode) {
        String name = name(array);
        check(array, mode, e -> e.delete(name), models -> models.remove(name));
        assertTrue(Packs.contents(folder.resolve(array.substring(0, array.indexOf('/')))).keySet().stream()
                .noneMatch(file -> file.matches("(data|deleted)_\\Q" + name + "\\E[._].*")));
    }

    @ParameterizedTest
    @MethodSource("all")
    void aDeletedNameCanBeTakenAgainAndComesLast(String array, Mode mode) {
        String name = name(array);
        NDArray other = Packs.count(DType.UINT8, 5, 4, 2);
        check(
                array,
                mode,
                e -> {
                    e.delete(name);
                    e.save(name, other);
                },
                models -> {
                    models.remove(name);
                    models.put(name, Model.of(other));
                });
    }

    @ParameterizedTest
    @MethodSource("all")
    void compactKeepsTheContentsInOneFileOfTheirSize(String array, Mode mode) throws Exception {
        String name = name(array);
        checkOne(
                array,
                mode,
                e -> {
                    if (e.shape(name)[0] > 1) {
                        e.dropRows(name, 1);
                    }
                    e.compact(name);
                },
                m -> m.rows().size() > 1 ? m.drop(1) : m);
        Path path = folder.resolve(array.substring(0, array.indexOf('/')));
        try (NumPack pack = NumPack.open(path)) {
            ArrayInfo info = pack.info(name);
            assertEquals(0, info.deletedRows());
            assertFalse(info.segmented());
            if (!array.startsWith("interrupted")) {
                assertEquals(info.nbytes(), Files.size(path.resolve("data_" + name + ".npkd")));
            }
            assertFalse(Files.exists(path.resolve("data_" + name + "_segments")));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void createdArrayIsFullOfZeros(String array, Mode mode) {
        NDArray zeros = NDArray.zeros(DType.FLOAT64, 5, 3);
        check(
                array,
                mode,
                e -> e.create("created", DType.FLOAT64, 5, 3),
                models -> models.put("created", Model.of(zeros)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void selectRowsGivesRowsInTheOrderAsked(String array, Mode mode) {
        String name = name(array);
        Path path = pack(array);
        try (NumPack pack = NumPack.open(path)) {
            Model model = Model.of(pack.load(name));
            long n = model.rows().size();
            Map<String, String> before = Packs.contents(path);
            mode.edit(pack, source -> {
                if (n > 2) {
                    long[] asked = {-1, 0, 0, n - 1, 1, -n};
                    model.pick(asked).assertIs(source.selectRows(name, asked), "rows " + Arrays.toString(asked));
                }
                model.pick().assertIs(source.selectRows(name), "no rows");
                boolean[] mask = new boolean[(int) n];
                Arrays.fill(mask, true);
                model.assertIs(source.selectRows(name, Rows.mask(mask)), "all by a mask");
                IndexOutOfBoundsException e =
                        assertThrows(IndexOutOfBoundsException.class, () -> source.selectRows(name, n));
                assertTrue(
                        e.getMessage().contains(" " + n + " ")
                                && e.getMessage().contains("axis 0")
                                && e.getMessage().contains("length " + n),
                        e.getMessage());
                assertThrows(IndexOutOfBoundsException.class, () -> source.selectRows(name, -n - 1));
                assertThrows(
                        ShapeMismatchException.class,
                        () -> source.selectRows(name, Rows.mask(new boolean[(int) n + 1])));
            });
            assertEquals(before, Packs.contents(path));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatDoesNotFitIsRefusedAndNothingIsWritten(String array, Mode mode) {
        String name = name(array);
        Path path = pack(array);
        try (NumPack pack = NumPack.open(path)) {
            Model model = Model.of(pack.load(name));
            long n = model.rows().size();
            pack.save("beside", new int[][] {{1, 2}});
            Map<String, String> before = Packs.contents(path);
            NDArray fitting = rows(model, 0, 1);
            long[] wide = model.shapeWith(1);
            wide[wide.length - 1] = wide.length == 1 ? 1 : wide[wide.length - 1] + 1;
            long[] deep = Arrays.copyOf(model.shapeWith(1), model.rowShape().length + 2);
            deep[deep.length - 1] = 1;
            mode.edit(pack, e -> {
                if (wide.length > 1) {
                    assertThrows(
                            ShapeMismatchException.class, () -> e.append(name, Packs.count(model.dtype(), 0, wide)));
                    assertThrows(
                            ShapeMismatchException.class,
                            () -> e.replaceRows(name, Packs.count(model.dtype(), 0, wide), Rows.of()));
                }
                assertThrows(ShapeMismatchException.class, () -> e.append(name, Packs.count(model.dtype(), 0, deep)));
                DType other = model.dtype() == DType.FLOAT32 ? DType.FLOAT64 : DType.FLOAT32;
                assertThrows(
                        DTypeMismatchException.class, () -> e.append(name, Packs.count(other, 0, model.shapeWith(1))));
                Map<String, Object> both = new LinkedHashMap<>();
                both.put(name, fitting);
                both.put("beside", new int[][] {{1, 2, 3}});
                assertThrows(ShapeMismatchException.class, () -> e.append(both));
                assertThrows(ShapeMismatchException.class, () -> e.replaceRows(name, fitting, Rows.of()));
                assertThrows(IndexOutOfBoundsException.class, () -> e.replaceRows(name, fitting, Rows.of(n)));
                assertThrows(IndexOutOfBoundsException.class, () -> e.dropRows(name, n));
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> e.dropRows(List.of("beside", name), Rows.of(n == 0 ? 0 : n)));
                assertThrows(ArrayExistsException.class, () -> e.create(name, DType.INT8, 3));
                assertThrows(ArrayExistsException.class, () -> e.rename(name, "beside"));
                assertThrows(ArrayNotFoundException.class, () -> e.append("absent", fitting));
                assertThrows(ArrayNotFoundException.class, () -> e.delete(name, "absent"));
                assertThrows(ArrayNotFoundException.class, () -> e.rename("absent", "other"));
                assertThrows(ArrayNotFoundException.class, () -> e.compact("absent"));
                assertThrows(ArrayNotFoundException.class, () -> e.dropRows("absent", 0));
                assertThrows(InvalidNameException.class, () -> e.rename(name, "a/b"));
                assertThrows(InvalidNameException.class, () -> e.save("../x", fitting));
                assertThrows(InvalidNameException.class, () -> e.create("", DType.INT8, 3));
                model.assertIn(e, name);
            });
            assertEquals(before, Packs.contents(path));
        }
    }

    @ParameterizedTest
    @MethodSource("arrays")
    void writableViewEditsTheFilesInPlace(String array) {
        String name = name(array);
        Path path = pack(array);
        Model expected;
        try (NumPack pack = NumPack.open(path)) {
            expected = Model.of(rows(pack, name, 20, pack.shape(name)[0]));
            List<String> names = pack.names();
            try (WritableBatch batch = pack.writableBatch()) {
                batch.load(name).set(rows(pack, name, 20, pack.shape(name)[0]));
                expected.assertIn(batch, name);
            }
            assertEquals(names, pack.names());
            expected.assertIn(pack, name);
        }
        try (NumPack pack = NumPack.open(path)) {
            expected.assertIn(pack, name);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void editInPlaceInABatchIsCommittedTogetherWithDropsAppendsAndANewName(String array, Mode mode) {
        if (mode == Mode.PACK) {
            return;
        }
        String name = name(array);
        check(
                array,
                mode,
                e -> {
                    NDArray loaded = e.load(name);
                    loaded.set(rows(e, name, 11, loaded.rows()));
                    e.append(name, rows(e, name, 5, 2));
                    e.dropRows(name, 0);
                    e.load(name).rows(0, 1).set(rows(e, name, 77, 1));
                    e.save("extra", new double[] {1.5});
                },
                models -> {
                    models.compute(
                            name,
                            (n, m) -> m.replace(
                                            LongStream.range(0, m.rows().size()).toArray(),
                                            rows(m, 11, m.rows().size()))
                                    .append(rows(m, 5, 2))
                                    .drop(0)
                                    .replace(new long[] {0}, rows(m, 77, 1)));
                    models.put("extra", Model.of(NDArray.of(new double[] {1.5})));
                });
    }
}
