package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import numpack.CorruptPackException;
import numpack.Packs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One file: the record that may be pending, the generation that readers compare, and the locks between processes. */
class JournalTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private Journal journal;

    @BeforeEach
    void open() {
        journal = Journal.open(folder, true);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @Test
    void recordOfAnyLengthIsPendingUntilItIsCleared() throws Exception {
        assertFalse(journal.isPending());
        for (int length : new int[] {1, 60 << 10, 61 << 10, 17 << 20}) {
            byte[] record = bytes(length);
            journal.write(record, Boot.ID, false);
            try (Journal other = Journal.open(folder, false)) {
                assertTrue(other.isPending());
                assertArrayEquals(record, other.pending());
            }
            journal.clear();
            assertFalse(journal.isPending());
            assertNull(journal.pending());
        }
        assertTrue(Files.size(journal.path()) <= 16 << 20, "the space of a huge record is given back");
    }

    @Test
    void tornRecordIsNoneThoughSomethingIsPending() throws Exception {
        journal.write(bytes(100), Boot.ID, true);
        try (RandomAccessFile file = new RandomAccessFile(journal.path().toFile(), "rw")) {
            file.seek(4096 + 50);
            file.write(bytes(3));
        }
        assertTrue(journal.isPending());
        assertNull(journal.pending());
    }

    @Test
    void generationIsOddWhileACommitIsAppliedAndNeverTheSameAgain() {
        long before = journal.generation();
        assertEquals(0, before & 1);
        journal.beginApplying();
        journal.beginApplying();
        assertEquals(before + 1, journal.generation(), "a recovery may begin what was begun");
        journal.endApplying();
        assertEquals(before + 2, journal.generation());
    }

    @Test
    void bootOfTheLastCommitTellsWhetherTheMachineWasStartedAgain() {
        assertFalse(journal.isOfAnotherBoot(), "nothing was committed yet");
        journal.write(bytes(1), new UUID(1, 2), false);
        assertTrue(journal.isOfAnotherBoot());
        journal.mark(Boot.ID);
        assertFalse(journal.isOfAnotherBoot());
    }

    @Test
    void locksOfCommitsTokensAndClaimsAreApart() {
        try (Journal other = Journal.open(folder, true)) {
            journal.lock(false);
            assertTrue(journal.isLocked());
            FileLock token = journal.tryToken(-7);
            FileLock claim = journal.tryClaim("x");
            assertNotNull(token);
            assertNull(other.tryToken(-7));
            assertNull(other.tryClaim("x"));
            FileLock another = other.tryClaim("y");
            assertNotNull(another);
            Journal.release(another);
            Journal.release(token);
            Journal.release(claim);
            FileLock again = other.tryClaim("x");
            assertNotNull(again);
            Journal.release(again);
            Journal.release(again);
            journal.unlock();
            assertFalse(journal.isLocked());
        }
    }

    @Test
    void journalIsMadeOnlyToBeWritten() throws Exception {
        Path none = Files.createDirectory(folder.resolve("none"));
        assertNull(Journal.open(none, false));
        assertFalse(Files.exists(none.resolve(Journal.NAME)));
        Files.write(none.resolve(Journal.NAME), bytes(10));
        assertNull(Journal.open(none, false), "one that is too short was never used");
        Files.delete(none.resolve(Journal.NAME));
        Files.createDirectory(none.resolve(Journal.NAME));
        assertThrows(CorruptPackException.class, () -> Journal.open(none, true));
    }

    @Test
    void journalThatWasRemovedIsNotStillThere() throws Exception {
        assertTrue(journal.isStillAt(folder));
        Files.delete(journal.path());
        assertFalse(journal.isStillAt(folder));
        try (Journal next = Journal.open(folder, true)) {
            assertTrue(next.isStillAt(folder));
            assertFalse(journal.isStillAt(folder));
        }
    }
}
