package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import numpack.CorruptPackException;
import numpack.DType;
import numpack.Packs;
import numpack.format.Entry;
import numpack.format.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A record is read as it was written, fits only the state it was made for, and damage in it is an error with a name. */
class CommitRecordTest {
    private static final Path JOURNAL = Path.of("journal");
    private static final Entry X = Entry.of("x", DType.INT32, new long[] {3, 2}, 100);
    private static final Entry LONGER = X.withRows(5, 200);
    private static final Entry OTHER = Entry.of("other", DType.BOOL, new long[] {1}, 100);

    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private static CommitRecord of(CommitRecord.Touched... touched) {
        return new CommitRecord(Boot.ID, false, List.of(touched), List.of());
    }

    private static CommitRecord.Touched touched(Entry before, Entry after) {
        return new CommitRecord.Touched(before, after);
    }

    @ParameterizedTest
    @EnumSource
    void recordIsReadAsItWasWritten(Commits commit) throws Exception {
        try (Parts parts = new Parts(commit.copy(folder))) {
            CommitRecord record = parts.plan(commit.edits.toArray(Edit[]::new));
            byte[] bytes = record.encode();
            CommitRecord read = CommitRecord.decode(bytes, JOURNAL);
            assertEquals(record.touched(), read.touched());
            assertEquals(record.boot(), read.boot());
            assertEquals(record.files(), read.files());
            assertArrayEquals(bytes, read.encode());
        }
    }

    @Test
    void patchTakesEntriesThatAreBeforeAfterOrTornBetweenTheirFields() {
        CommitRecord record = of(touched(X, LONGER));
        assertTrue(record.isPatch());
        for (Entry found : List.of(X, LONGER, X.withRows(5, 100), X.withRows(3, 200))) {
            assertEquals(Metadata.of(List.of(OTHER, LONGER)), record.applyTo(Metadata.of(List.of(OTHER, found))));
        }
        assertNull(record.applyTo(Metadata.of(List.of(OTHER, X.withRows(4, 100)))));
        assertNull(record.applyTo(Metadata.of(List.of(OTHER))));
    }

    @Test
    void newNamesAndDeletionsFitOnlyTheMetadataTheyWereMadeFor() {
        Entry renamed = X.withName("y", 200);
        CommitRecord record = of(touched(OTHER, null), touched(X, renamed), touched(null, OTHER.withName("new", 300)));
        assertFalse(record.isPatch());
        Metadata before = Metadata.of(List.of(OTHER, X));
        Metadata after = record.applyTo(before);
        assertEquals(
                List.of("y", "new"), after.entries().stream().map(Entry::name).toList());
        assertSame(after, record.applyTo(after), "what was applied stays");
        assertNull(record.applyTo(Metadata.of(List.of(OTHER, LONGER))));
        assertNull(record.applyTo(Metadata.of(List.of(OTHER, X, X.withName("new", 1)))), "a name that is taken");
    }

    @Test
    void recordCutOrChangedAnywhereNeverBreaksMoreThanTheOpening() throws Exception {
        byte[] record;
        try (Parts parts = new Parts(Commits.SAVE_OTHER_SHAPE.copy(folder))) {
            record = parts.plan(Commits.SAVE_OTHER_SHAPE.edits.toArray(Edit[]::new))
                    .encode();
        }
        Random random = new Random(7);
        for (int i = 0; i < 150; i++) {
            byte[] damaged = i % 2 == 0 ? Arrays.copyOf(record, random.nextInt(record.length)) : record.clone();
            if (i % 2 == 1) {
                int at = random.nextInt(damaged.length);
                for (int k = at; k < Math.min(damaged.length, at + 1 + random.nextInt(4)); k++) {
                    damaged[k] = (byte) random.nextInt(256);
                }
            }
            try {
                CommitRecord.decode(damaged, JOURNAL);
            } catch (CorruptPackException e) {
                assertTrue(e.getMessage().contains(JOURNAL.toString()), e.getMessage());
            }
        }
        byte[] other = record.clone();
        other[0]++;
        CorruptPackException e = assertThrows(CorruptPackException.class, () -> CommitRecord.decode(other, JOURNAL));
        assertTrue(e.getMessage().contains("version"), e.getMessage());
    }
}
