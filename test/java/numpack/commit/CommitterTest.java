package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import numpack.ArrayNotFoundException;
import numpack.DType;
import numpack.NumPack;
import numpack.Packs;
import numpack.Packs.Model;
import numpack.format.Entry;
import numpack.format.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A commit that ends between any two of its steps is absent or whole: the steps are those that commits and recoveries take. */
class CommitterTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private void assertAbsentOrWhole(Commits commit, boolean durable) throws Exception {
        Map<String, Model> before = commit.before();
        Map<String, Model> after = commit.after(folder);
        boolean[] happened = {false};
        int[] all = {1};
        for (int done = 0; done <= all[0]; done++) {
            int n = done;
            Path dead = Deaths.of(commit, folder, parts -> {
                List<Runnable> steps = parts.steps(commit.edits, durable);
                all[0] = steps.size();
                steps.subList(0, n).forEach(Runnable::run);
                happened[0] |= parts.journal().isPending();
            });
            Deaths.assertRecovers(dead, happened[0] ? after : before, n + " of " + all[0] + " steps");
        }
        assertTrue(happened[0] && all[0] >= 6, "there are steps before and after the record is written");
    }

    @ParameterizedTest
    @EnumSource
    void commitIsAbsentBeforeItsRecordAndWholeAfterItWhereverItsProcessDied(Commits commit) throws Exception {
        assertAbsentOrWhole(commit, false);
    }

    @ParameterizedTest
    @EnumSource(names = {"SAVE_OTHER_SHAPE", "APPEND", "RENAME_AND_EDIT"})
    void durableCommitIsAbsentOrWholeToo(Commits commit) throws Exception {
        assertAbsentOrWhole(commit, true);
    }

    @ParameterizedTest
    @EnumSource
    void recoveryThatDiesIsFinishedByTheNextOne(Commits commit) throws Exception {
        Map<String, Model> after = commit.after(folder);
        int[] all = {1};
        for (int done = 0; done < all[0]; done++) {
            int n = done;
            Path dead = Deaths.of(commit, folder, parts -> parts.record(commit.edits, false));
            try (Parts next = new Parts(dead)) {
                CommitRecord record = CommitRecord.decode(next.journal().pending(), dead);
                List<Runnable> steps = next.committer.remaining(record).orElseThrow();
                all[0] = steps.size();
                steps.subList(0, n).forEach(Runnable::run);
            }
            Deaths.assertRecovers(dead, after, "recovery did " + n + " of " + all[0] + " steps");
        }
    }

    @Test
    void deathWhileAnInPlaceWriteIsHalfDoneIsFinished() throws Exception {
        Commits commit = Commits.SAVE_IN_PLACE;
        Path dead = Deaths.of(commit, folder, parts -> {
            Step.Write write =
                    (Step.Write) parts.record(commit.edits, false).steps().get(0);
            parts.journal().beginApplying();
            parts.files.write(write.file(), write.position(), Arrays.copyOf(write.bytes(), 5));
        });
        Deaths.assertRecovers(dead, commit.after(folder), "half a write");
    }

    @ParameterizedTest
    @EnumSource(names = {"SAVE_IN_PLACE", "APPEND", "REPLACE", "DROP", "TOUCH"})
    void metadataMayBeTornBetweenTheFieldsThatAreWrittenInPlace(Commits commit) throws Exception {
        Map<String, Model> after = commit.after(folder);
        TreeSet<Integer> edges = new TreeSet<>();
        Deaths.of(commit, folder, parts -> edges.addAll(edgesOfFields(parts.state.known())));
        for (int edge : edges) {
            Path dead = Deaths.of(commit, folder, parts -> {
                byte[] torn = parts.state.known().encode();
                List<Runnable> steps = parts.steps(commit.edits, false);
                for (int i = 0; i < steps.size() && Arrays.equals(torn, parts.files.read(PackFiles.METADATA)); i++) {
                    steps.get(i).run();
                }
                byte[] whole = parts.files.read(PackFiles.METADATA);
                assertFalse(Arrays.equals(torn, whole), "the metadata was written");
                System.arraycopy(whole, 0, torn, 0, edge);
                parts.files.write(PackFiles.METADATA, torn);
            });
            Deaths.assertRecovers(dead, after, "torn at " + edge);
        }
    }

    private static List<Integer> edgesOfFields(Metadata metadata) {
        List<Integer> edges = new ArrayList<>();
        for (Entry entry : metadata.entries()) {
            int rows = (int) metadata.offset(entry.name()) + 8 + utf8(entry.name());
            int modified = rows + 8 * entry.rank() + 4 + utf8(entry.dataFile());
            edges.addAll(List.of(rows, rows + 8, modified, modified + 8, modified + 16));
        }
        return edges;
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusedCommitChangesNothingAndLeavesNothingBehind(boolean large) throws Exception {
        Path path = Commits.SAVE_NEW.copy(folder);
        Map<String, String> before = Packs.contents(path);
        Store store = OpenPacks.acquire(path, Parts.WRITER);
        try {
            long rows = large ? 1 + FileMoves.INLINE / 32 : 3;
            List<Edit> edits = List.of(
                    Commits.save("new", Packs.count(DType.FLOAT64, 0, rows, 4)),
                    Commits.append("z", Commits.z(3)),
                    new Edit.Compact("holes"),
                    Commits.delete("missing"));
            assertThrows(ArrayNotFoundException.class, () -> store.commit(edits));
            assertEquals(before, Packs.contents(path));
            try (var stage = Files.walk(path.resolve(PackFiles.FOLDER))) {
                assertEquals(
                        List.of("journal"),
                        stage.filter(Files::isRegularFile)
                                .map(f -> f.getFileName().toString())
                                .toList());
            }
        } finally {
            OpenPacks.release(store, Parts.WRITER);
        }
    }

    @Test
    void editsThatChangeNothingAreNoCommit() throws Exception {
        Path path = Commits.SAVE_NEW.copy(folder);
        try (Parts parts = new Parts(path)) {
            long generation = parts.locks.generation();
            parts.committer.commit(List.of());
            parts.committer.commit(List.of(
                    Commits.append("z", Commits.z(0)),
                    Commits.drop("small"),
                    new Edit.Compact("small"),
                    new Edit.Unchanged("z", Expected.ANYTHING)));
            assertEquals(generation, parts.locks.generation());
        }
    }

    @Test
    void compactionThatComesTooLateIsDoneAgainWithWhatIsThere() throws Exception {
        Path path = Commits.COMPACT.copy(folder);
        try (Parts parts = new Parts(path)) {
            Edit prepared = new Edit.Compact("holes").prepared(parts.state, parts.staged);
            parts.committer.commit(List.of(Commits.append("holes", Commits.z(2))));
            long rows = parts.state.read("holes", true, StoredArray::rows);
            parts.committer.commit(List.of(prepared));
            assertTrue(parts.state.read("holes", true, StoredArray::isCompact));
            assertEquals(rows, parts.state.read("holes", true, StoredArray::rows));
        }
        try (NumPack pack = NumPack.open(path)) {
            pack.save("later", new int[] {1});
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }
}
