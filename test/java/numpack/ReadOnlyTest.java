package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pack that was opened read-only: it reads everything, refuses every edit, and writes nothing. */
class ReadOnlyTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    static List<Runnable> reads(NumPack pack) {
        return List.of(
                pack::names,
                () -> pack.exists("x"),
                () -> pack.info("x"),
                pack::info,
                () -> pack.shape("x"),
                () -> pack.dtype("x"),
                () -> pack.load("x"),
                () -> pack.load("x", DType.FLOAT64),
                () -> pack.lazy("x"),
                () -> pack.selectRows("x", 0),
                () -> pack.chunks("x", 1),
                () -> pack.valAt("x"),
                () -> pack.valAt("x", null));
    }

    static Map<String, Runnable> edits(NumPack pack) {
        Map<String, Runnable> edits = new LinkedHashMap<>();
        edits.put("save", () -> pack.save("x", new int[] {1}));
        edits.put("save nothing", () -> pack.save(Map.of()));
        edits.put("append", () -> pack.append("x", new int[][] {{1, 2}}));
        edits.put("replaceRows", () -> pack.replaceRows("x", new int[][] {{1, 2}}, Rows.of(0)));
        edits.put("dropRows", () -> pack.dropRows("x", 0));
        edits.put("create", () -> pack.create("y", DType.INT8, 3));
        edits.put("delete", () -> pack.delete("x"));
        edits.put("rename", () -> pack.rename("x", "y"));
        edits.put("rename to itself", () -> pack.rename("x", "x"));
        edits.put("compact one", () -> pack.compact("x"));
        edits.put("compact all", pack::compact);
        edits.put("sync", pack::sync);
        edits.put("batch", pack::batch);
        edits.put("batch with options", () -> pack.batch(BatchOptions.defaults()));
        edits.put("writable batch", pack::writableBatch);
        edits.put("withBatch", () -> pack.withBatch(batch -> batch.load("x")));
        edits.put("withWritableBatch", () -> pack.withWritableBatch(batch -> batch.load("x")));
        return edits;
    }

    @Test
    void everyEditIsRefusedEveryReadWorksAndNothingIsWritten() {
        for (String fixture : List.of("segmented.npk", "deleted.npk", "ranks.npk", "empty.npk")) {
            Path path = Packs.fixture(fixture, folder);
            Map<String, String> before = Packs.snapshot(path);
            try (NumPack pack = NumPack.builder(path).readOnly(true).open()) {
                assertTrue(pack.isReadOnly());
                edits(pack).forEach((what, edit) -> {
                    ReadOnlyException e = assertThrows(ReadOnlyException.class, edit::run, what);
                    assertTrue(
                            e.getMessage().contains("read-only")
                                    && e.getMessage().contains("open it for writing"),
                            e.getMessage());
                });
                for (String name : pack.names()) {
                    Packs.Model.of(pack.load(name)).assertIn(pack, name);
                    assertTrue(pack.info(name).readOnly());
                    assertThrows(ReadOnlyException.class, () -> pack.lazy(name).fill(0));
                }
            }
            assertEquals(before, Packs.snapshot(path));
        }
    }

    @Test
    void readOnlyHandleSeesWhatAnotherHandleOrProcessWrites() throws Exception {
        Path path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            pack.save("x", new int[][] {{1, 2}});
        }
        try (NumPack reader = NumPack.builder(path).readOnly(true).open()) {
            assertEquals(1, reader.load("x").rows());
            try (ChildProcess child = ChildProcess.start(Appender.class, path)) {
                child.finish();
            }
            assertEquals(2, reader.load("x").rows());
            assertEquals(2, reader.lazy("x").rows());
            try (NumPack writer = NumPack.open(path)) {
                writer.append("x", new int[][] {{5, 6}});
                assertEquals(3, reader.shape("x")[0]);
            }
            assertThrows(ReadOnlyException.class, () -> reader.append("x", new int[][] {{1, 2}}));
        }
    }

    static final class Appender {
        public static void main(String[] args) {
            try (NumPack pack = NumPack.open(args[0])) {
                pack.append("x", new int[][] {{3, 4}});
            }
        }
    }

    @Test
    void packInADirectoryWithoutWritePermissionCanBeReadAndEditsSayWhy() throws Exception {
        Path path = Packs.fixture("deleted.npk", folder);
        Files.setPosixFilePermissions(path, java.nio.file.attribute.PosixFilePermissions.fromString("r-xr-xr-x"));
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(67, pack.load("x").rows());
            if (!Files.isWritable(path)) {
                StorageException e = assertThrows(StorageException.class, () -> pack.append("x", new int[][] {{1, 2}}));
                assertTrue(e.getMessage().contains("permission"), e.getMessage());
            }
        } finally {
            Files.setPosixFilePermissions(path, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
