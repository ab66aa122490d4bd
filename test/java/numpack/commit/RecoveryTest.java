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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import numpack.CorruptPackException;
import numpack.DType;
import numpack.NumPack;
import numpack.Packs;
import numpack.Packs.Model;
import numpack.RecoveryNeededException;
import numpack.format.Entry;
import numpack.format.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a writer finds after another has died, after a power cut, and in a journal that lies. */
class RecoveryTest {
    private static final UUID OTHER_BOOT = new UUID(1, 2);

    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private static void write(Journal journal, CommitRecord record) {
        journal.write(record.encode(), record.boot(), record.durable());
    }

    @Test
    void readOnlyHandleSaysThatItMayNotFinishACommitAndWritesNothing() throws Exception {
        Path dead = Deaths.of(Commits.SAVE_OTHER_SHAPE, folder, parts -> {
            CommitRecord record = parts.record(Commits.SAVE_OTHER_SHAPE.edits, false);
            parts.journal().beginApplying();
            record.steps().get(0).apply(parts.files);
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
        Commits commit = Commits.SAVE_OTHER_SHAPE;
        Path path = commit.copy(folder);
        try (NumPack pack = NumPack.open(path)) {
            pack.load("small");
            try (Parts dying = new Parts(path)) {
                CommitRecord record = dying.record(commit.edits, false);
                dying.journal().beginApplying();
                record.steps().get(0).apply(dying.files);
            }
            Deaths.assertIs(commit.after(folder), pack, "the first read finishes it");
        }
    }

    // ---- records that are not to be replayed

    @Test
    void recordOfAnotherBootIsSetAsideAndReported() throws Exception {
        Path dead = Deaths.of(Commits.SAVE_IN_PLACE, folder, parts -> {
            CommitRecord record = parts.record(Commits.SAVE_IN_PLACE.edits, false);
            write(parts.journal(), new CommitRecord(OTHER_BOOT, false, record.touched(), record.steps()));
        });
        assertSetAside(dead, "started again", Commits.SAVE_IN_PLACE);
    }

    @Test
    void durableRecordOfAnotherBootIsReplayed() throws Exception {
        Path dead = Deaths.of(Commits.SAVE_OTHER_SHAPE, folder, parts -> {
            CommitRecord record = parts.record(Commits.SAVE_OTHER_SHAPE.edits, true);
            write(parts.journal(), new CommitRecord(OTHER_BOOT, true, record.touched(), record.steps()));
        });
        Deaths.assertRecovers(dead, Commits.SAVE_OTHER_SHAPE.after(folder), "durable");
    }

    @Test
    void recordWhoseFilesWereChangedSinceIsSetAsideAndReported() throws Exception {
        Path dead = Deaths.of(Commits.SAVE_IN_PLACE, folder, parts -> {
            parts.record(Commits.SAVE_IN_PLACE.edits, false);
            Files.copy(parts.files.path("data_small.npkd"), parts.files.path("copy"));
            parts.files.rename("copy", "data_small.npkd");
        });
        assertSetAside(dead, "changed since", Commits.SAVE_IN_PLACE);
    }

    @Test
    void recordWhoseEntriesWereChangedSinceIsSetAsideAndReported() throws Exception {
        Path dead = Deaths.of(Commits.SAVE_IN_PLACE, folder, parts -> {
            parts.record(Commits.SAVE_IN_PLACE.edits, false);
            Metadata found = parts.metadata.read();
            Entry entry = found.find("small");
            Entry changed = entry.withRows(entry.rows(), entry.lastModified() + 5);
            parts.files.write(PackFiles.METADATA, found.with(changed).encode());
        });
        assertSetAside(dead, "changed since", Commits.SAVE_IN_PLACE);
    }

    private static void assertSetAside(Path dead, String why, Commits commit) {
        try (NumPack pack = NumPack.open(dead)) {
            assertEquals(1, pack.notices().size());
            assertTrue(
                    pack.notices().get(0).contains(why) && pack.notices().get(0).contains("unfinished-"),
                    pack.notices().get(0));
            Deaths.assertIs(commit.before(), pack, why);
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

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileSteps")
    void recordThatNamesAFileOutsideOfThePackIsRefused(String what, Step step) throws Exception {
        Files.writeString(folder.resolve("secret"), "secret");
        CommitRecord hostile = new CommitRecord(Boot.ID, true, List.of(), List.of(step));
        Path dead = Deaths.of(Commits.SAVE_IN_PLACE, folder, parts -> write(parts.journal(), hostile));
        Map<String, String> before = Packs.contents(dead);
        CorruptPackException e = assertThrows(CorruptPackException.class, () -> NumPack.open(dead));
        assertTrue(e.getMessage().contains("journal"), e.getMessage());
        assertEquals(before, Packs.contents(dead));
        assertFalse(Files.exists(dead.resolveSibling("outside")));
        assertEquals("secret", Files.readString(folder.resolve("secret")));
    }

    @Test
    void recordThatFollowsALinkOutOfThePackIsSetAside() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Files.createDirectory(folder.resolve("elsewhere"));
        Path dead = Deaths.of(Commits.SAVE_IN_PLACE, folder, parts -> {
            CommitRecord record = parts.record(Commits.SAVE_IN_PLACE.edits, false);
            Files.createSymbolicLink(parts.files.path("data_link.npkd"), secret);
            Files.createSymbolicLink(parts.files.path("data_dangling.npkd"), folder.resolve("outside"));
            Files.createSymbolicLink(parts.files.path("data_folder_segments"), folder.resolve("elsewhere"));
            List<Step> hostile = List.of(
                    new Step.Write("data_link.npkd", parts.files.inode("data_link.npkd"), 0, new byte[] {1}),
                    new Step.Write("data_dangling.npkd", parts.files.inode("data_dangling.npkd"), 0, new byte[] {1}),
                    new Step.Write("data_folder_segments/outside", 0, 0, new byte[] {1}));
            write(parts.journal(), new CommitRecord(Boot.ID, false, record.touched(), hostile));
        });
        assertSetAside(dead, "changed since", Commits.SAVE_IN_PLACE);
        assertEquals("secret", Files.readString(secret));
        assertFalse(Files.exists(folder.resolve("outside")));
        assertFalse(Files.exists(folder.resolve("elsewhere/outside")));
    }

    @Test
    void recordWhoseChecksumIsWrongIsNoCommit() throws Exception {
        Path dead = Deaths.of(Commits.SAVE_IN_PLACE, folder, parts -> parts.record(Commits.SAVE_IN_PLACE.edits, false));
        overwrite(dead.resolve(".numpack/journal"), 4096 + 30, new byte[] {0x55});
        try (NumPack pack = NumPack.open(dead)) {
            assertEquals(0, pack.load("small").getLong(0, 0));
            pack.save("small", Commits.z(2));
        }
    }

    @Test
    void recordLongerThanItsFileOrThanAnArrayIsNoCommit() throws Exception {
        for (long length : new long[] {1 << 20, -1, Long.MAX_VALUE, 3L << 30, (1L << 32) + 8}) {
            Path dead = Deaths.of(Commits.SAVE_IN_PLACE, folder, parts -> {});
            Path journal = dead.resolve(".numpack/journal");
            overwrite(journal, 16, littleEndian(length));
            if (length > 1 << 20 && length < Long.MAX_VALUE) {
                Packs.sparse(journal, length + 8192);
            }
            try (NumPack pack = NumPack.open(dead)) {
                assertEquals(0, pack.load("small").getLong(0, 0));
                pack.save("small", Commits.z(2));
            }
        }
    }

    @Test
    void fileThatIsNoJournalIsReported() throws Exception {
        Path dead = Deaths.of(Commits.SAVE_IN_PLACE, folder, parts -> {});
        overwrite(dead.resolve(".numpack/journal"), 0, new byte[] {0});
        CorruptPackException e = assertThrows(CorruptPackException.class, () -> NumPack.open(dead));
        assertTrue(e.getMessage().contains("offset 0, field magic"), e.getMessage());
        Files.delete(dead.resolve(".numpack/journal"));
        try (NumPack pack = NumPack.open(dead)) {
            pack.save("small", Commits.z(2));
        }
    }

    private static void overwrite(Path path, long position, byte[] bytes) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(position);
            file.write(bytes);
        }
    }

    private static byte[] littleEndian(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    // ---- power cuts

    private static void anotherBoot(Path pack) throws Exception {
        overwrite(
                pack.resolve(".numpack/journal"), 32, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
                });
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
        Metadata metadata = Metadata.decode(Files.readAllBytes(path.resolve(PackFiles.METADATA)), path);
        overwrite(path.resolve(PackFiles.METADATA), metadata.offset("y") + 4 + 1 + 4, littleEndian(12));
        anotherBoot(path);
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(10, pack.load("y").rows());
            assertTrue(pack.info("y").recovered());
        }
    }

    @Test
    void fileThatWasReplacedBeforeAPowerCutComesBack() throws Exception {
        Path path = packOfTwo();
        Metadata metadata = Metadata.decode(Files.readAllBytes(path.resolve(PackFiles.METADATA)), path);
        Entry entry = metadata.find("y");
        Files.move(path.resolve("data_y.npkd"), path.resolve(".numpack/aside-4711-9-" + Staging.what(entry)));
        Files.write(path.resolve("data_y.npkd"), new byte[0]);
        anotherBoot(path);
        try (NumPack pack = NumPack.open(path)) {
            Model.of(Packs.count(DType.INT32, 0, 10, 2)).assertIs(pack.load("y"), "the aside");
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    @Test
    void arrayThatCannotBeUsedIsLeftAloneAfterAPowerCut() throws Exception {
        Path path = folder.resolve("odd.npk");
        Packs.copy(Path.of("test/resources/odd/odd.npk"), path);
        try (NumPack pack = NumPack.open(path)) {
            pack.save("y", Packs.count(DType.INT32, 0, 10, 2));
        }
        Metadata metadata = Metadata.decode(Files.readAllBytes(path.resolve(PackFiles.METADATA)), path);
        int lastModified = 4 + "scalar".length() + 4 + 4 + "data_scalar.npkd".length();
        overwrite(
                path.resolve(PackFiles.METADATA), metadata.offset("scalar") + lastModified, littleEndian(Micros.now()));
        Entry scalar = Metadata.decode(Files.readAllBytes(path.resolve(PackFiles.METADATA)), path)
                .find("scalar");
        Files.write(path.resolve("data_scalar.npkd"), new byte[3]);
        Files.write(path.resolve("data_y.npkd"), new byte[17]);
        anotherBoot(path);
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(2, pack.load("y").rows());
            assertEquals(3, pack.load("good").rows());
        }
        assertEquals(3, Files.size(path.resolve("data_scalar.npkd")));
        assertEquals(
                scalar,
                Metadata.decode(Files.readAllBytes(path.resolve(PackFiles.METADATA)), path)
                        .find("scalar"));
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
