package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import numpack.CorruptPackException;
import numpack.DType;
import numpack.Durability;
import numpack.NDArray;
import numpack.NumPack;
import numpack.Packs;
import numpack.Packs.Model;
import numpack.RecoveryNeededException;
import numpack.Rows;
import numpack.format.Entry;
import numpack.format.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a writer finds after another has died at each point of a commit, after a power cut, and in a journal that lies. */
class RecoveryTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private int deaths;

    // ---- commits

    private static Edit.Save save(String name, NDArray contents) {
        return new Edit.Save(name, contents.dtype(), contents.shape(), runs(contents), null, null);
    }

    private static numpack.memory.Runs runs(NDArray contents) {
        return numpack.memory.Runs.of(memory(contents));
    }

    private static numpack.memory.Memory memory(NDArray contents) {
        return numpack.memory.Memory.of(
                numpack.kernels.TestArrays.fromBytes(contents.dtype().kind(), Packs.bytes(contents)));
    }

    private static Edit.Append append(String name, NDArray rows) {
        return new Edit.Append(name, rows.rows(), (dtype, shape) -> runs(rows), null);
    }

    private static Edit.Drop drop(String name, long... rows) {
        return new Edit.Drop(name, Rows.of(rows), null);
    }

    private static NDArray z(long rows) {
        return Packs.count(DType.INT16, 70, rows, 4);
    }

    private enum Commit {
        SAVE_NEW("segmented.npk", save("new", z(2)), save("newer", z(1))),
        SAVE_IN_PLACE("segmented.npk", save("small", z(2))),
        SAVE_OTHER_SHAPE("segmented.npk", save("small", z(5))),
        SAVE_OVER_SEGMENTS("segmented.npk", save("z", z(3)), save("holes", z(45))),
        SAVE_OVER_DROPPED("deleted.npk", save("x", Packs.count(DType.INT32, 5, 67, 2))),
        CREATE("deleted.npk", new Edit.Create("created", DType.FLOAT64, new long[] {3, 3})),
        APPEND(
                "deleted.npk",
                append("x", Packs.count(DType.INT32, 5, 3, 2)),
                append("none", Packs.count(DType.INT32, 5, 300, 2))),
        APPEND_TO_SEGMENTS("segmented.npk", append("z", z(3)), append("holes", z(1))),
        REPLACE(
                "segmented.npk",
                new Edit.Replace("holes", Rows.of(0, 44, 20), (dtype, shape) -> runs(z(3))),
                new Edit.Replace("small", Rows.of(1), (dtype, shape) -> runs(z(1)))),
        DROP("segmented.npk", drop("z", 0, 54), drop("small", 1), drop("holes", 3)),
        DROP_AND_APPEND("deleted.npk", drop("x", 0), append("x", Packs.count(DType.INT32, 5, 100, 2))),
        DELETE("segmented.npk", new Edit.Delete("holes", null), new Edit.Delete("small", null)),
        DELETE_AND_TAKE_NAME("segmented.npk", new Edit.Delete("holes", null), save("holes", z(2))),
        RENAME("deleted.npk", new Edit.Rename("x", "w", null)),
        RENAME_SEGMENTS("segmented.npk", new Edit.Rename("holes", "w", null)),
        RENAME_OVER_DELETED("segmented.npk", new Edit.Delete("z", null), new Edit.Rename("holes", "z", null)),
        EXCHANGE("deleted.npk", new Edit.Rename("x", "none", null), new Edit.Rename("none", "x", null)),
        EXCHANGE_SEGMENTS("segmented.npk", new Edit.Rename("z", "holes", null), new Edit.Rename("holes", "z", null)),
        EXCHANGE_SEGMENTS_AND_PLAIN(
                "segmented.npk", new Edit.Rename("z", "small", null), new Edit.Rename("small", "z", null)),
        RENAME_AND_EDIT(
                "segmented.npk",
                new Edit.Rename("holes", "w", null),
                drop("w", 0),
                append("w", z(2)),
                new Edit.Rename("small", "v", null),
                drop("v", 0)),
        COMPACT("segmented.npk", new Edit.Compact("z", null, null), new Edit.Compact("holes", null, null)),
        COMPACT_DROPPED("deleted.npk", new Edit.Compact("x", null, null), new Edit.Compact("all", null, null)),
        TOUCH("deleted.npk", new Edit.Touch("x"), new Edit.Touch("none"));

        final String fixture;
        final List<Edit> edits;

        Commit(String fixture, Edit... edits) {
            this.fixture = fixture;
            this.edits = List.of(edits);
        }
    }

    private static Map<String, Model> read(NumPack pack) {
        Map<String, Model> found = new LinkedHashMap<>();
        pack.names().forEach(name -> found.put(name, Model.of(pack.load(name))));
        return found;
    }

    private static void assertIs(Map<String, Model> expected, NumPack pack, String where) {
        assertEquals(List.copyOf(expected.keySet()), pack.names(), where);
        expected.forEach((name, model) -> model.assertIs(pack.load(name), where + ", " + name));
    }

    private Map<String, Model> expected(Commit commit, List<Edit> edits) {
        Path path = copy(commit);
        Store store = OpenPacks.acquire(path, true, true, Durability.PROCESS, false);
        store.commit(edits);
        OpenPacks.release(store, true, Durability.PROCESS);
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(List.of(), pack.notices());
            return read(pack);
        }
    }

    private Path copy(Commit commit) {
        Path fresh = folder.resolve("copy" + deaths++);
        Packs.copy(Path.of("test/resources/fixtures").resolve(commit.fixture), fresh);
        return fresh;
    }

    /** What a commit does until its process dies; the pack is moved to where nobody knows it, as after a death. */
    private interface Life {
        void upToDeath(Path pack, CommitRecord record, Journal journal, Metadata before) throws Exception;
    }

    private Path dying(Commit commit, boolean durable, Life life) throws Exception {
        Path path = copy(commit);
        Path dead = folder.resolve("dead" + deaths++);
        Store store = OpenPacks.acquire(path, true, true, Durability.PROCESS, false);
        store.stagingFolder();
        Metadata before = store.metadata();
        Plan plan = new Plan(store, before);
        plan.addAll(commit.edits);
        CommitRecord record = plan.finish(Store.boot(), durable);
        Journal journal = Journal.open(path.resolve(Store.FOLDER), true);
        life.upToDeath(path, record, journal, before);
        Files.move(path, dead);
        journal.close();
        OpenPacks.release(store, true, Durability.PROCESS);
        return dead;
    }

    private static void write(Journal journal, CommitRecord record) {
        journal.write(record.encode(), record.boot(), Store.micros(), false);
    }

    private static void apply(CommitRecord record, Path pack, int steps) {
        record.steps().subList(0, steps).forEach(step -> step.apply(pack));
    }

    private static int steps(Commit commit, RecoveryTest test) throws Exception {
        int[] count = new int[1];
        test.dying(
                commit,
                false,
                (pack, record, journal, before) -> count[0] = record.steps().size());
        return count[0];
    }

    private void assertRecovers(Path dead, Map<String, Model> expected, String where) {
        try (NumPack pack = NumPack.open(dead)) {
            assertEquals(List.of(), pack.notices(), where);
            assertIs(expected, pack, where);
            pack.save("later", new int[] {1});
        }
        assertEquals(List.of(), Packs.leftovers(dead), where);
        try (NumPack pack = NumPack.builder(dead).readOnly(true).open()) {
            assertEquals(1, pack.load("later").getLong(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void commitIsAbsentUntilItsRecordIsWritten(Commit commit) throws Exception {
        Map<String, Model> before;
        try (NumPack pack = NumPack.builder(Path.of("test/resources/fixtures").resolve(commit.fixture))
                .readOnly(true)
                .open()) {
            before = read(pack);
        }
        assertRecovers(dying(commit, false, (pack, record, journal, metadata) -> {}), before, "died before the record");
        assertRecovers(
                dying(commit, false, (pack, record, journal, metadata) -> {
                    write(journal, record);
                    journal.clear();
                }),
                before,
                "died while it wrote the record");
    }

    @ParameterizedTest
    @EnumSource
    void commitIsFinishedWhereverItsProcessDiedAfterTheRecord(Commit commit) throws Exception {
        Map<String, Model> expected = expected(commit, commit.edits);
        int steps = steps(commit, this);
        for (int done = 0; done <= steps; done++) {
            int n = done;
            assertRecovers(
                    dying(commit, false, (pack, record, journal, before) -> {
                        write(journal, record);
                        if (n > 0) {
                            journal.beginApplying();
                        }
                        apply(record, pack, n);
                    }),
                    expected,
                    n + " of " + steps + " steps");
        }
        assertRecovers(
                dying(commit, false, (pack, record, journal, before) -> {
                    write(journal, record);
                    journal.beginApplying();
                    apply(record, pack, steps);
                    apply(record, pack, steps / 2);
                }),
                expected,
                "recovery died on its way");
        assertRecovers(
                dying(commit, false, (pack, record, journal, before) -> {
                    write(journal, record);
                    journal.beginApplying();
                    apply(record, pack, steps);
                    Files.write(
                            pack.resolve(Store.METADATA), record.applyTo(before).encode());
                }),
                expected,
                "died before it cleared the record");
        assertRecovers(
                dying(commit, false, (pack, record, journal, before) -> {
                    write(journal, record);
                    journal.beginApplying();
                    apply(record, pack, steps);
                    Files.write(
                            pack.resolve(Store.METADATA), record.applyTo(before).encode());
                    journal.endApplying();
                }),
                expected,
                "died between the generation and the record");
    }

    @ParameterizedTest
    @EnumSource(names = {"SAVE_IN_PLACE", "APPEND", "REPLACE", "DROP", "TOUCH"})
    void metadataMayBeTornBetweenTheFieldsThatAreWrittenInPlace(Commit commit) throws Exception {
        Map<String, Model> expected = expected(commit, commit.edits);
        TreeSet<Long> edges = new TreeSet<>();
        dying(commit, false, (pack, record, journal, before) -> {
            for (int i = 0; i < before.entries().size(); i++) {
                edges.addAll(List.of(
                        before.rowsOffset(i),
                        before.rowsOffset(i) + 8,
                        before.lastModifiedOffset(i),
                        before.lastModifiedOffset(i) + 8,
                        before.lastModifiedOffset(i) + 16));
            }
        });
        for (long edge : edges) {
            assertRecovers(
                    dying(commit, false, (pack, record, journal, before) -> {
                        write(journal, record);
                        journal.beginApplying();
                        apply(record, pack, record.steps().size());
                        byte[] torn = before.encode();
                        System.arraycopy(record.applyTo(before).encode(), 0, torn, 0, (int) edge);
                        Files.write(pack.resolve(Store.METADATA), torn);
                    }),
                    expected,
                    "torn at " + edge);
        }
    }

    @Test
    void deathWhileAnInPlaceWriteIsHalfDoneIsFinished() throws Exception {
        Map<String, Model> expected = expected(Commit.SAVE_IN_PLACE, Commit.SAVE_IN_PLACE.edits);
        assertRecovers(
                dying(Commit.SAVE_IN_PLACE, false, (pack, record, journal, before) -> {
                    write(journal, record);
                    journal.beginApplying();
                    Step.Write write = (Step.Write) record.steps().get(0);
                    Disk.writeAt(pack.resolve(write.file()), write.position(), write.bytes(), 0, 5);
                }),
                expected,
                "half a write");
    }

    @Test
    void readOnlyHandleSaysThatItMayNotFinishACommitAndWritesNothing() throws Exception {
        Path dead = dying(Commit.SAVE_OTHER_SHAPE, false, (pack, record, journal, before) -> {
            write(journal, record);
            journal.beginApplying();
            apply(record, pack, 1);
        });
        Map<String, String> before = Packs.snapshot(dead);
        try (NumPack pack = NumPack.builder(dead).readOnly(true).open()) {
            RecoveryNeededException e = assertThrows(RecoveryNeededException.class, () -> pack.load("small"));
            assertTrue(e.getMessage().contains("for writing"), e.getMessage());
        }
        assertEquals(before, Packs.snapshot(dead));
    }

    @Test
    void handleThatIsOpenFinishesTheCommitOfAnotherProcessThatDies() throws Exception {
        Map<String, Model> expected = expected(Commit.SAVE_OTHER_SHAPE, Commit.SAVE_OTHER_SHAPE.edits);
        Path dead = dying(Commit.SAVE_OTHER_SHAPE, false, (pack, record, journal, before) -> {});
        try (NumPack pack = NumPack.open(dead)) {
            pack.load("small");
            Metadata before = Metadata.decode(Files.readAllBytes(dead.resolve(Store.METADATA)), dead);
            Store store = OpenPacks.acquire(dead, true, true, Durability.PROCESS, false);
            store.stagingFolder();
            Plan plan = new Plan(store, before);
            plan.addAll(Commit.SAVE_OTHER_SHAPE.edits);
            CommitRecord record = plan.finish(Store.boot(), false);
            try (RandomAccessFile file =
                    new RandomAccessFile(dead.resolve(".numpack/journal").toFile(), "rw")) {
                Journal journal = Journal.open(dead.resolve(Store.FOLDER), true);
                write(journal, record);
                journal.beginApplying();
                apply(record, dead, 1);
            }
            assertIs(expected, pack, "the first read finishes it");
            OpenPacks.release(store, true, Durability.PROCESS);
        }
    }

    // ---- records that are not to be replayed

    @Test
    void recordOfAnotherBootIsSetAsideAndReported() throws Exception {
        Path dead = dying(Commit.SAVE_IN_PLACE, false, (pack, record, journal, before) -> {
            UUID other = new UUID(1, 2);
            journal.write(
                    new CommitRecord(other, false, record.touched(), record.steps()).encode(),
                    other,
                    Store.micros(),
                    false);
        });
        assertSetAside(dead, "started again", Commit.SAVE_IN_PLACE);
    }

    @Test
    void durableRecordOfAnotherBootIsReplayed() throws Exception {
        Map<String, Model> expected = expected(Commit.SAVE_OTHER_SHAPE, Commit.SAVE_OTHER_SHAPE.edits);
        assertRecovers(
                dying(Commit.SAVE_OTHER_SHAPE, true, (pack, record, journal, before) -> {
                    UUID other = new UUID(1, 2);
                    journal.write(
                            new CommitRecord(other, true, record.touched(), record.steps()).encode(),
                            other,
                            Store.micros(),
                            true);
                }),
                expected,
                "durable");
    }

    @Test
    void recordWhoseFilesWereChangedSinceIsSetAsideAndReported() throws Exception {
        Path dead = dying(Commit.SAVE_IN_PLACE, false, (pack, record, journal, before) -> {
            write(journal, record);
            Path file = pack.resolve("data_small.npkd");
            Files.copy(file, pack.resolve("copy"));
            Files.move(pack.resolve("copy"), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        });
        assertSetAside(dead, "changed since", Commit.SAVE_IN_PLACE);
    }

    @Test
    void recordWhoseEntriesWereChangedSinceIsSetAsideAndReported() throws Exception {
        Path dead = dying(Commit.SAVE_IN_PLACE, false, (pack, record, journal, before) -> {
            write(journal, record);
            int i = before.indexOf("small");
            Entry entry = before.entries().get(i);
            Files.write(
                    pack.resolve(Store.METADATA),
                    before.with(i, entry.withRows(entry.rows(), entry.lastModified() + 5))
                            .encode());
        });
        assertSetAside(dead, "changed since", Commit.SAVE_IN_PLACE);
    }

    private static void assertSetAside(Path dead, String why, Commit commit) {
        Map<String, Model> before;
        try (NumPack pack = NumPack.builder(Path.of("test/resources/fixtures").resolve(commit.fixture))
                .readOnly(true)
                .open()) {
            before = read(pack);
        }
        try (NumPack pack = NumPack.open(dead)) {
            assertEquals(1, pack.notices().size());
            assertTrue(
                    pack.notices().get(0).contains(why) && pack.notices().get(0).contains("unfinished-"),
                    pack.notices().get(0));
            assertIs(before, pack, why);
            pack.save("later", new int[] {1});
        }
        List<String> left = Packs.leftovers(dead);
        assertTrue(left.size() == 1 && left.get(0).startsWith("unfinished-"), left.toString());
        try (NumPack pack = NumPack.open(dead)) {
            assertEquals(List.of(), pack.notices(), "it is reported once");
        }
    }

    // ---- records that lie

    static Stream<Arguments> hostileSteps() {
        return Stream.of(
                Arguments.of("a file above", new Step.Write("../outside", 0, 0, new byte[] {1})),
                Arguments.of("an absolute file", new Step.Write("/tmp/numpack-outside", 0, 0, new byte[] {1})),
                Arguments.of("a way around", new Step.Write("data_x_segments/../../outside", 0, 0, new byte[] {1})),
                Arguments.of("a move out", new Step.Move("data_x.npkd", "../outside", 0, "")),
                Arguments.of("a move in", new Step.Move("../secret", "data_x.npkd", 0, "")),
                Arguments.of("an aside", new Step.Move("data_x.npkd", "data_y.npkd", 0, "../outside")),
                Arguments.of("a copy in", new Step.Copy("../secret", 0, "data_x.npkd", 0, 0, 3)),
                Arguments.of("a NUL", new Step.Write("a\0b", 0, 0, new byte[] {1})));
    }

    private Path withRecord(byte[] record) throws Exception {
        return dying(
                Commit.SAVE_IN_PLACE,
                false,
                (pack, real, journal, before) -> journal.write(record, Store.boot(), Store.micros(), false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileSteps")
    void recordThatNamesAFileOutsideOfThePackIsRefused(String what, Step step) throws Exception {
        Files.writeString(folder.resolve("secret"), "secret");
        Path dead = withRecord(new CommitRecord(Store.boot(), true, List.of(), List.of(step)).encode());
        Map<String, String> before = Packs.contents(dead);
        CorruptPackException e = assertThrows(CorruptPackException.class, () -> NumPack.open(dead));
        assertTrue(e.getMessage().contains("journal"), e.getMessage());
        assertEquals(before, Packs.contents(dead));
        assertFalse(Files.exists(folder.resolve("outside")));
        assertEquals("secret", Files.readString(folder.resolve("secret")));
    }

    @Test
    void recordThatFollowsALinkOutOfThePackIsSetAside() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Files.createDirectory(folder.resolve("elsewhere"));
        Path dead = dying(Commit.SAVE_IN_PLACE, false, (pack, record, journal, before) -> {
            Files.createSymbolicLink(pack.resolve("data_link.npkd"), secret);
            Files.createSymbolicLink(pack.resolve("data_dangling.npkd"), folder.resolve("outside"));
            Files.createSymbolicLink(pack.resolve("data_folder_segments"), folder.resolve("elsewhere"));
            journal.write(
                    new CommitRecord(
                                    Store.boot(),
                                    false,
                                    record.touched(),
                                    List.of(
                                            new Step.Write(
                                                    "data_link.npkd",
                                                    Disk.inode(pack.resolve("data_link.npkd")),
                                                    0,
                                                    new byte[] {1}),
                                            new Step.Write(
                                                    "data_dangling.npkd",
                                                    Disk.inode(pack.resolve("data_dangling.npkd")),
                                                    0,
                                                    new byte[] {1}),
                                            new Step.Write("data_folder_segments/outside", 0, 0, new byte[] {1})))
                            .encode(),
                    Store.boot(),
                    Store.micros(),
                    false);
        });
        assertSetAside(dead, "changed since", Commit.SAVE_IN_PLACE);
        assertEquals("secret", Files.readString(secret));
        assertFalse(Files.exists(folder.resolve("outside")));
        assertFalse(Files.exists(folder.resolve("elsewhere/outside")));
    }

    @Test
    void recordCutOrChangedAnywhereNeverBreaksMoreThanTheOpening() throws Exception {
        byte[][] record = new byte[1][];
        dying(Commit.SAVE_OTHER_SHAPE, false, (pack, real, journal, before) -> record[0] = real.encode());
        java.util.Random random = new java.util.Random(7);
        for (int i = 0; i < 150; i++) {
            byte[] damaged =
                    i % 2 == 0 ? Arrays.copyOf(record[0], random.nextInt(record[0].length)) : record[0].clone();
            if (i % 2 == 1) {
                int at = random.nextInt(damaged.length);
                for (int k = at; k < Math.min(damaged.length, at + 1 + random.nextInt(4)); k++) {
                    damaged[k] = (byte) random.nextInt(256);
                }
            }
            Path journal = folder.resolve("journal");
            try {
                CommitRecord.decode(damaged, journal);
            } catch (CorruptPackException e) {
                assertTrue(e.getMessage().contains(journal.toString()), e.getMessage());
            }
        }
    }

    @Test
    void recordWhoseChecksumIsWrongIsNoCommit() throws Exception {
        Path dead = dying(Commit.SAVE_IN_PLACE, false, (pack, record, journal, before) -> write(journal, record));
        try (RandomAccessFile file =
                new RandomAccessFile(dead.resolve(".numpack/journal").toFile(), "rw")) {
            file.seek(4096 + 30);
            file.write(0x55);
        }
        try (NumPack pack = NumPack.open(dead)) {
            assertEquals(0, pack.load("small").getLong(0, 0));
            pack.save("small", z(2));
        }
    }

    @Test
    void recordLongerThanItsFileOrThanAnArrayIsNoCommit() throws Exception {
        for (long length : new long[] {1 << 20, -1, Long.MAX_VALUE, 3L << 30, (1L << 32) + 8}) {
            Path dead = dying(Commit.SAVE_IN_PLACE, false, (pack, record, journal, before) -> {});
            try (RandomAccessFile file =
                    new RandomAccessFile(dead.resolve(".numpack/journal").toFile(), "rw")) {
                file.seek(16);
                file.write(ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(length)
                        .array());
                if (length > 1 << 20 && length < Long.MAX_VALUE) {
                    file.setLength(length + 8192);
                }
            }
            try (NumPack pack = NumPack.open(dead)) {
                assertEquals(0, pack.load("small").getLong(0, 0));
                pack.save("small", z(2));
            }
        }
    }

    @Test
    void fileThatIsNoJournalIsReported() throws Exception {
        Path dead = dying(Commit.SAVE_IN_PLACE, false, (pack, record, journal, before) -> {});
        byte[] journal = Files.readAllBytes(dead.resolve(".numpack/journal"));
        journal[0] ^= 1;
        Files.write(dead.resolve(".numpack/journal"), journal);
        CorruptPackException e = assertThrows(CorruptPackException.class, () -> NumPack.open(dead));
        assertTrue(e.getMessage().contains("offset 0, field magic"), e.getMessage());
        Files.delete(dead.resolve(".numpack/journal"));
        try (NumPack pack = NumPack.open(dead)) {
            pack.save("small", z(2));
        }
    }

    // ---- power cuts

    private static void anotherBoot(Path pack) throws Exception {
        try (RandomAccessFile file =
                new RandomAccessFile(pack.resolve(".numpack/journal").toFile(), "rw")) {
            file.seek(32);
            file.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
        }
    }

    private Path packOfTwo() {
        Path path = folder.resolve("cut.npk");
        try (NumPack pack = NumPack.open(path)) {
            pack.save("x", Packs.count(DType.INT32, 0, 10, 2));
            pack.save("y", Packs.count(DType.INT32, 0, 10, 2));
            pack.dropRows("x", 0, 9);
        }
        return path;
    }

    @Test
    void arrayThatAPowerCutLeftShortIsCutToItsWholeRows() throws Exception {
        Path path = packOfTwo();
        try (RandomAccessFile file =
                new RandomAccessFile(path.resolve("data_x.npkd").toFile(), "rw")) {
            file.setLength(6 * 8 + 3);
        }
        anotherBoot(path);
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(5, pack.load("x").rows(), "six whole rows, the first of which is dropped");
            assertEquals(2, pack.load("x").getLong(0, 0));
            assertTrue(pack.info("x").recovered());
            assertFalse(pack.info("y").recovered());
            assertEquals(10, pack.load("y").rows());
            pack.append("x", new int[][] {{7, 8}});
        }
        try (NumPack pack = NumPack.builder(path).readOnly(true).open()) {
            assertEquals(6, pack.load("x").rows());
            assertEquals(8, pack.load("x").getLong(5, 1));
        }
    }

    @Test
    void arrayThatIsShortWithoutAPowerCutIsReportedAndNotCut() throws Exception {
        Path path = packOfTwo();
        try (RandomAccessFile file =
                new RandomAccessFile(path.resolve("data_y.npkd").toFile(), "rw")) {
            file.setLength(6 * 8);
        }
        Map<String, String> before = Packs.contents(path);
        try (NumPack pack = NumPack.open(path)) {
            CorruptPackException e = assertThrows(CorruptPackException.class, () -> pack.load("y"));
            assertTrue(e.getMessage().contains("80") && e.getMessage().contains("48"), e.getMessage());
            assertEquals(8, pack.load("x").rows());
        }
        assertEquals(before, Packs.contents(path));
    }

    @Test
    void entryTornByAPowerCutIsCutToItsWholeRows() throws Exception {
        Path path = packOfTwo();
        Metadata metadata = Metadata.decode(Files.readAllBytes(path.resolve(Store.METADATA)), path);
        try (RandomAccessFile file =
                new RandomAccessFile(path.resolve(Store.METADATA).toFile(), "rw")) {
            file.seek(metadata.rowsOffset(metadata.indexOf("y")));
            file.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(12)
                    .array());
        }
        anotherBoot(path);
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(10, pack.load("y").rows());
            assertTrue(pack.info("y").recovered());
        }
    }

    @Test
    void fileThatWasReplacedBeforeAPowerCutComesBack() throws Exception {
        Path path = packOfTwo();
        Metadata metadata = Metadata.decode(Files.readAllBytes(path.resolve(Store.METADATA)), path);
        Entry entry = metadata.find("y");
        Files.move(path.resolve("data_y.npkd"), path.resolve(".numpack/aside-4711-9-" + Plan.what(entry)));
        Files.write(path.resolve("data_y.npkd"), new byte[0]);
        anotherBoot(path);
        try (NumPack pack = NumPack.open(path)) {
            Model.of(Packs.count(DType.INT32, 0, 10, 2)).assertIs(pack.load("y"), "the aside");
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    @Test
    void packThatWasCopiedFromAnotherMachineIsTakenAsItIs() throws Exception {
        Path path = packOfTwo();
        anotherBoot(path);
        Path copy = folder.resolve("copied.npk");
        Packs.copy(path, copy);
        Map<String, String> before = Packs.contents(copy);
        try (NumPack pack = NumPack.open(copy)) {
            assertEquals(10, pack.load("y").rows());
            assertFalse(pack.info("y").recovered());
            assertEquals(List.of(), pack.notices());
        }
        assertEquals(before, Packs.contents(copy));
        List<String> none = new ArrayList<>();
        assertEquals(none, Packs.leftovers(copy));
    }
}
