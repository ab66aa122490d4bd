package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import numpack.DType;
import numpack.InsufficientSpaceException;
import numpack.Packs;
import numpack.format.Entry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of coming commits lie where only their owner writes, and go when it has died. */
class StagingTest {
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

    private static void cleanUp(Parts parts) {
        parts.locks.exclusive(() -> {
            parts.staging.cleanUp(() -> {});
            return null;
        });
    }

    @Test
    void stagedFileHoldsTheElementsUntilItIsDiscarded() throws Exception {
        StagedFile staged = parts.staging.stage("x", Commits.runs(Commits.z(3)));
        assertEquals(24, staged.bytes());
        assertEquals(24, Files.size(parts.staging.path(staged)));
        StagedFile zeros = parts.staging.allocate("x", 100);
        assertEquals(100, Files.size(parts.staging.path(zeros)));
        assertNotEquals(staged.path(), zeros.path());
        parts.staging.discard(staged);
        assertFalse(Files.exists(parts.staging.path(staged)));
        assertTrue(Files.exists(parts.staging.path(zeros)));
    }

    @Test
    void fileThatTheDiskCannotHoldIsRefusedAndNotMade() {
        InsufficientSpaceException e =
                assertThrows(InsufficientSpaceException.class, () -> parts.staging.allocate("x", Long.MAX_VALUE / 2));
        assertTrue(e.getMessage().contains("\"x\""), e.getMessage());
        assertEquals(1, Packs.leftovers(path).size(), "the folder");
    }

    @Test
    void folderOfALiveProcessStaysAndThatOfADeadOneGoes() {
        StagedFile staged = parts.staging.allocate("x", 10);
        try (Parts other = new Parts(path)) {
            cleanUp(other);
            assertTrue(Files.exists(parts.staging.path(staged)));
        }
        parts.close();
        try (Parts next = new Parts(path)) {
            cleanUp(next);
            assertEquals(List.of(), Packs.leftovers(path));
        }
    }

    @Test
    void whatWasPutAsideGoesOnlyWhenEverythingWasForced() throws Exception {
        Path aside = path.resolve(".numpack/aside-1-2-bitmap");
        Files.write(aside, new byte[1]);
        Files.write(path.resolve(".numpack/unfinished-1.record"), new byte[1]);
        boolean[] forced = {false};
        parts.locks.exclusive(() -> {
            parts.staging.cleanUp(() -> forced[0] = Files.exists(aside));
            return null;
        });
        assertTrue(forced[0]);
        assertEquals(List.of("unfinished-1.record"), Packs.leftovers(path));
    }

    @Test
    void folderIsMadeAnewWithAnotherJournal() throws Exception {
        StagedFile staged = parts.staging.allocate("x", 10);
        Files.delete(path.resolve(".numpack/journal"));
        StagedFile next = parts.staging.allocate("x", 10);
        assertNotEquals(
                parts.staging.path(staged).getParent(), parts.staging.path(next).getParent());
    }

    @Test
    void lastFileOfAnEntryThatWasPutAsideIsFoundByItsName() throws Exception {
        Entry entry = Entry.of("x", DType.INT32, new long[] {10, 2}, 1);
        Entry other = Entry.of("x", DType.INT32, new long[] {11, 2}, 1);
        assertEquals(Optional.empty(), parts.staging.asideOf(entry));
        String aside = parts.staging.aside(Staging.what(entry));
        parts.files.write(aside, new byte[1]);
        assertEquals(Optional.of(aside), parts.staging.asideOf(entry));
        assertEquals(Optional.empty(), parts.staging.asideOf(other));
    }
}
