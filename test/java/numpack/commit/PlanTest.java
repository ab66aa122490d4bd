package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import numpack.ArrayExistsException;
import numpack.ArrayNotFoundException;
import numpack.ConflictException;
import numpack.DType;
import numpack.NumPack;
import numpack.Packs;
import numpack.Rows;
import numpack.format.Entry;
import numpack.format.Metadata;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What edits become: the entries they touch, and the steps that bring the files there. */
class PlanTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private Path path;
    private Parts parts;

    @BeforeEach
    void open() throws Exception {
        path = Commits.SAVE_NEW.copy(folder);
        parts = new Parts(path);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private List<String> steps(Edit... edits) {
        return parts.plan(edits).steps().stream().map(PlanTest::text).toList();
    }

    /** A step with the paths it names, but for those of staged files and asides. */
    private static String text(Step step) {
        List<String> paths = step.paths().stream()
                .filter(file -> !file.isEmpty())
                .map(file -> file.replaceFirst("\\.numpack/(stage|aside)-.*", "$1"))
                .toList();
        return step.getClass().getSimpleName() + " " + String.join(" ", paths);
    }

    @Test
    void contentsOfTheSameShapeAreWrittenInPlaceAndOthersReplaceTheFile() {
        assertEquals(List.of("Write data_small.npkd"), steps(Commits.save("small", Commits.z(2))));
        assertEquals(List.of("Move stage data_small.npkd aside"), steps(Commits.save("small", Commits.z(3))));
        assertEquals(
                List.of("Move stage data_small.npkd aside"),
                steps(Commits.save("small", Packs.count(DType.UINT16, 0, 2, 4))));
        assertEquals(List.of("Move stage data_new.npkd"), steps(Commits.save("new", Commits.z(3))));
    }

    @Test
    void contentsThatDoNotFitTheRecordAreStaged() {
        long rows = FileMoves.INLINE / 8 + 1;
        parts.committer.commit(List.of(Edit.Create.zeros("big", DType.INT16, rows, 4)));
        assertEquals(
                List.of("Copy stage data_big.npkd"),
                steps(Commits.replace(
                        "big", Commits.z(rows), LongStream.range(0, rows).toArray())));
        assertEquals(List.of("Move stage data_big.npkd aside"), steps(Commits.save("big", Commits.z(rows))));
        long half = rows / 2 + 1;
        assertEquals(
                List.of("Move stage data_one.npkd", "Move stage data_two.npkd"),
                steps(Commits.save("one", Commits.z(half)), Commits.save("two", Commits.z(half))),
                "together they are too much");
    }

    @Test
    void rowsThatFollowEachOtherAreOneWriteInEachFile() {
        assertEquals(
                List.of("Write data_small.npkd", "Write data_small.npkd"),
                steps(Commits.replace("small", Commits.z(2), 0, 1), Commits.replace("small", Commits.z(1), 1)));
        assertTrue(
                steps(Commits.replace(
                                        "z",
                                        Commits.z(55),
                                        LongStream.range(0, 55).toArray()))
                                .size()
                        > 1,
                "the rows of a segmented array lie in several files");
    }

    @Test
    void namesAreGivenUpBeforeAnyIsTaken() {
        List<String> steps = steps(Commits.rename("z", "small"), Commits.rename("small", "z"));
        assertTrue(
                steps.indexOf("Move data_small.npkd stage") < steps.indexOf("Move stage data_z.npkd"),
                steps.toString());
        assertThrows(ArrayExistsException.class, () -> parts.plan(Commits.rename("z", "small")));
        assertThrows(
                ArrayExistsException.class, () -> parts.plan(Commits.rename("z", "w"), Commits.rename("small", "w")));
        assertThrows(ArrayNotFoundException.class, () -> parts.plan(Commits.rename("missing", "w")));
    }

    @Test
    void rowsAreAppendedOnlyWhenNoEditIsRefused() {
        Map<String, String> before = Packs.contents(path);
        assertThrows(
                ArrayNotFoundException.class,
                () -> parts.plan(Commits.append("small", Commits.z(3)), Commits.delete("missing")));
        assertEquals(before, Packs.contents(path));
        assertEquals(List.of(), steps(Commits.append("small", Commits.z(3))), "they are there before the record is");
    }

    @Test
    void expectationsAreAboutWhatOthersDidNotAboutThePlanItself() {
        Entry now = parts.state.entry("small");
        Expected expected = Expected.of(now);
        CommitRecord record = parts.plan(
                new Edit.Drop("small", Rows.of(0), expected),
                new Edit.Append("small", 1, (dtype, shape) -> Commits.runs(Commits.z(1)), expected));
        assertEquals(3, record.touched().get(0).after().rows());
    }

    @Test
    void arrayThatIsNotAsExpectedIsAConflictThatSaysWhatHappened() {
        Entry old = parts.state.entry("small");
        parts.committer.commit(List.of(new Edit.Touch("small")));
        assertConflict("changed", new Edit.Unchanged("small", Expected.of(old)));
        assertConflict("created", new Edit.Delete("small", Expected.of(null)));
        parts.committer.commit(List.of(Commits.delete("small")));
        assertConflict("deleted", new Edit.Rename("small", "w", Expected.of(old)));
        assertNull(parts.plan(new Edit.Unchanged("small", Expected.of(null))));
    }

    private void assertConflict(String what, Edit edit) {
        ConflictException e = assertThrows(ConflictException.class, () -> parts.plan(edit));
        assertTrue(e.getMessage().contains(what), e.getMessage());
    }

    @Test
    void everyChangeIsLaterThanTheOneBeforeAlsoWhenTheClockStands() throws Exception {
        long future = Micros.now() + 1_000_000_000;
        setTime("small", future);
        assertEquals(List.of(future + 1), times(new Edit.Touch("small")));
        assertEquals(
                List.of(future + 1, future + 1),
                times(new Edit.Touch("z"), Commits.append("small", Commits.z(1))),
                "what one commit changes has one time");
    }

    private void setTime(String array, long micros) throws Exception {
        Path file = path.resolve(PackFiles.METADATA);
        byte[] bytes = Files.readAllBytes(file);
        Entry entry = parts.state.entry(array);
        int at = (int) Metadata.decode(bytes, file).offset(array)
                + (4
                        + array.length()
                        + 4
                        + 8 * entry.shape().length
                        + 4
                        + entry.dataFile().length());
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, micros);
        Files.write(file, bytes);
        parts.state.metadata();
    }

    private List<Long> times(Edit... edits) {
        return parts.plan(edits).touched().stream()
                .map(touched -> touched.after().lastModified())
                .toList();
    }

    @Test
    void arraysThatOneCallEditedHaveOneTimeAndOthersOtherOnes() {
        List<Long> times = times(
                new Edit.EditedBy("small", 7, true),
                new Edit.EditedBy("z", 5, true),
                new Edit.EditedBy("holes", 7, true),
                new Edit.Touch("small"),
                new Edit.Touch("z"),
                new Edit.Touch("holes"));
        assertEquals(times.get(0), times.get(2));
        assertEquals(times.get(0), times.get(1) + 1);
    }

    @Test
    void compactionIsNoChange() {
        CommitRecord.Touched touched =
                parts.plan(new Edit.Compact("z")).touched().get(0);
        assertEquals(touched.before().lastModified(), touched.after().lastModified());
    }

    @Test
    void descriptionGoesWithEditsOfRowsButNotWithNewContents() throws Exception {
        parts.committer.commit(List.of(Commits.save("small.column", Commits.z(1))));
        assertEquals(List.of("small", "small.column"), touched(Commits.append("small", Commits.z(1))));
        assertEquals(List.of("small", "small.column"), touched(Commits.drop("small", 0)));
        assertEquals(List.of("small", "small.column"), touched(new Edit.Touch("small")));
        assertEquals(
                List.of("small", "small.column"),
                touched(new Edit.EditedBy("small", 1, true), Commits.save("small", Commits.z(2))),
                "contents that were edited in place");
        assertEquals(List.of("small"), touched(Commits.save("small", Commits.z(2))));
        assertEquals(List.of("w"), touched(Commits.rename("small", "w")));
        List<Long> times = times(Commits.append("small", Commits.z(1)));
        assertEquals(times.get(0), times.get(1));
        setTime("small", Micros.now() + 1_000_000_000);
        assertEquals(List.of("small"), touched(Commits.append("small", Commits.z(1))), "it is not right any more");
    }

    private List<String> touched(Edit... edits) {
        return parts.plan(edits).touched().stream()
                .map(touched -> touched.after().name())
                .toList();
    }

    @Test
    void filesThatLieUnderANewNameAndBelongToNobodyArePutAside() throws Exception {
        Files.write(path.resolve("data_new.npkd"), new byte[] {1});
        Files.createDirectory(path.resolve("data_new_segments"));
        Files.write(path.resolve("deleted_new.npkb"), new byte[] {1});
        List<String> steps = steps(Commits.save("new", Commits.z(1)));
        assertEquals("Move stage data_new.npkd", steps.get(3));
        assertTrue(steps.subList(0, 3).contains("Move data_new_segments aside"), steps.toString());
    }

    @Test
    void refusedPlanGivesBackWhatItStaged() throws Exception {
        try (StagedFiles staged = parts.staged) {
            assertThrows(
                    ArrayNotFoundException.class,
                    () -> parts.plan(Commits.save("new", Commits.z(3)), Commits.delete("missing")));
        }
        parts.close();
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(List.of("journal"), files(path.resolve(PackFiles.FOLDER)));
            assertEquals(2, pack.load("small").rows());
        }
    }

    private static List<String> files(Path folder) throws Exception {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }
}
