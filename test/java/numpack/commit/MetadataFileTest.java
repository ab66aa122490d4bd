package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.List;
import numpack.DType;
import numpack.Packs;
import numpack.format.Entry;
import numpack.format.Metadata;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataFileTest {
    private static final Entry X = Entry.of("x", DType.INT32, new long[] {3, 2}, 100);
    private static final Entry Y = Entry.of("y", DType.FLOAT64, new long[] {7}, 100);

    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private PackFiles files;
    private MetadataFile file;

    @BeforeEach
    void make() {
        files = new PackFiles(folder);
        file = new MetadataFile(files);
    }

    @Test
    void fileThatIsNotThereHasNoArrays() {
        assertEquals(MetadataFile.Stamp.ABSENT, file.stamp());
        assertEquals(Metadata.EMPTY, file.read());
    }

    @Test
    void stagedFileTakesItsPlaceWhichTheStampTells() {
        for (Metadata metadata : List.of(Metadata.of(List.of(X)), Metadata.of(List.of(Y)))) {
            MetadataFile.Stamp before = file.stamp();
            file.stage("staged", metadata, true);
            assertEquals(before, file.stamp());
            file.replaceBy("staged");
            assertNotEquals(before, file.stamp());
            assertEquals(metadata, file.read());
        }
    }

    @Test
    void patchedFileIsTheOneThatWouldHaveBeenWritten() {
        Metadata before = Metadata.of(List.of(X, Y));
        files.write(PackFiles.METADATA, before.encode());
        CommitRecord record =
                new CommitRecord(Boot.ID, false, List.of(new CommitRecord.Touched(Y, Y.withRows(9, 200))), List.of());
        Metadata after = record.applyTo(before);
        file.patch(record, after);
        assertArrayEquals(after.encode(), files.read(PackFiles.METADATA));
    }
}
