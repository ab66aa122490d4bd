package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import numpack.format.Entry;
import numpack.format.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays of more than 2^31 bytes, elements and rows, in sparse files that take next to no space. */
class LargeArraysTest {
    private static final long ROWS = (1L << 31) + 10;

    @TempDir
    Path folder;

    /** A pack with arrays of zeros that were never written. */
    private Path sparse(Entry... entries) throws Exception {
        Path path = Files.createDirectories(folder.resolve("sparse.npk"));
        Files.write(path.resolve("metadata.npkm"), Metadata.of(List.of(entries)).encode());
        for (Entry entry : entries) {
            try (RandomAccessFile file =
                    new RandomAccessFile(path.resolve(entry.dataFile()).toFile(), "rw")) {
                file.setLength(entry.sizeBytes());
            }
        }
        return path;
    }

    private static Entry entry(String name, DType dtype, long... shape) {
        return Entry.of(name, dtype, shape, 1_700_000_000_000_000L);
    }

    @Test
    void moreThanTwoToThe31RowsAndElements() throws Exception {
        Path path = sparse(entry("x", DType.INT8, ROWS), entry("y", DType.FLOAT32, 70_000, 40_000));
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(ROWS, pack.shape("x")[0]);
            assertEquals(ROWS, pack.info("x").nbytes());
            assertEquals(2_800_000_000L, pack.info("y").size());
            NDArray x = pack.lazy("x");
            assertEquals(0, x.getLong(ROWS - 1));
            assertThrows(IndexOutOfBoundsException.class, () -> x.getLong(ROWS));

            pack.replaceRows("x", new byte[] {1, 2, 3}, Rows.of(-1, 0, 1L << 31));
            assertArrayEquals(
                    new byte[] {1, 2, 3, 0},
                    pack.selectRows("x", -1, 0, 1L << 31, 7).toByteArray());
            pack.append("x", new byte[] {4, 5});
            assertEquals(ROWS + 2, pack.shape("x")[0]);
            assertArrayEquals(
                    new byte[] {1, 4, 5},
                    pack.selectRows("x", ROWS - 1, ROWS, ROWS + 1).toByteArray());
            assertEquals(3, pack.lazy("x").rows(1L << 31, ROWS + 2).flatGetLong(0));

            Chunks chunks = pack.chunks("x", 1 << 20);
            assertEquals(2049, chunks.count());
            assertEquals(12, chunks.get(2048).rows());
            assertEquals(5, chunks.get(2048).flatGetLong(11));

            pack.withWritableBatch(batch -> {
                NDArray view = batch.load("y");
                view.row(69_999).fill(1.5);
                view.reshape(-1).flatSetDouble(2_500_000_000L, 2.5);
                return null;
            });
            assertEquals(1.5, pack.lazy("y").getDouble(69_999, 39_999));
            assertEquals(2.5, pack.lazy("y").reshape(-1).getDouble(2_500_000_000L));
            assertEquals(60_000.0, pack.selectRows("y", -1).reduce("sum"));

            pack.dropRows("y", 0, -2);
            assertEquals(69_998, pack.shape("y")[0]);
            assertEquals(1.5, pack.lazy("y").getDouble(-1 + 69_998, 0));
            assertEquals(2.5, pack.lazy("y").getDouble(2_500_000_000L / 40_000 - 1, 0));
            pack.append("y", NDArray.zeros(DType.FLOAT32, 1, 40_000).fill(3));
            assertEquals(3, pack.lazy("y").getDouble(69_998, 7));

            pack.rename("y", "z");
            assertEquals(2.5, pack.lazy("z").getDouble(62_499, 0));
            assertTrue(diskUse(path) < 100 << 20, "the files stay sparse");
        }
    }

    private static long diskUse(Path path) throws Exception {
        long used = 0;
        for (String file : path.toFile().list()) {
            Process du = new ProcessBuilder("du", "-sk", path.resolve(file).toString()).start();
            used += Long.parseLong(
                            new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\\s")[0])
                    << 10;
        }
        return used;
    }

    @Test
    void batchAppendsToAndDropsFromAnArrayThatFitsNoHeap() throws Exception {
        Path path = sparse(entry("x", DType.FLOAT64, 1L << 33, 4), entry("small", DType.INT32, 3));
        try (NumPack pack = NumPack.open(path)) {
            pack.withBatch(batch -> {
                batch.append("x", new double[][] {{1, 2, 3, 4}});
                assertEquals((1L << 33) + 1, batch.shape("x")[0]);
                assertEquals(4, batch.lazy("x").getDouble(1L << 33, 3));
                assertArrayEquals(
                        new double[] {1, 2, 3, 4}, batch.selectRows("x", -1).toDoubleArray());
                batch.load("small").add(1);
                return null;
            });
            assertEquals(3, pack.lazy("x").getDouble(1L << 33, 2));
            InsufficientMemoryException e = assertThrows(InsufficientMemoryException.class, () -> pack.load("x"));
            assertTrue(e.getMessage().contains("lazy") && e.getMessage().contains("chunks"), e.getMessage());
            InsufficientMemoryException inBatch =
                    assertThrows(InsufficientMemoryException.class, () -> pack.withBatch(batch -> batch.load("x")));
            assertTrue(inBatch.getMessage().contains("memory limit"), inBatch.getMessage());
            InsufficientSpaceException onDisk = assertThrows(
                    InsufficientSpaceException.class,
                    () -> pack.withBatch(BatchOptions.defaults().memoryLimit("1 MB"), batch -> batch.load("x")));
            assertTrue(onDisk.getMessage().contains("free"), onDisk.getMessage());
            try (Batch batch = pack.batch(BatchOptions.defaults().memoryLimit("1 MB"))) {
                Map<String, Object> both = new LinkedHashMap<>();
                both.put("small", new int[] {7, 8, 9});
                both.put("x", batch.lazy("x"));
                assertThrows(InsufficientSpaceException.class, () -> batch.append(both));
                both.put("copy", both.remove("x"));
                assertThrows(InsufficientSpaceException.class, () -> batch.save(both));
                assertThrows(InsufficientSpaceException.class, () -> batch.replace(List.of("small"), both));
                assertEquals(List.of(), batch.changes(), "an edit of several arrays that fails edits none");
                assertEquals((1L << 33) + 1, batch.shape("x")[0]);
            }
            assertThrows(InsufficientSpaceException.class, () -> pack.create("larger", DType.FLOAT64, 1L << 40));
            assertThrows(InsufficientSpaceException.class, () -> pack.save("copy", pack.lazy("x")));
            assertEquals(List.of("x", "small"), pack.names());
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    /** In a heap of 48 MB: 70 MB are copied as a stream, edited, compacted, and 300 MB read in chunks. */
    static final class SmallHeap {
        public static void main(String[] args) {
            try (NumPack pack = NumPack.open(args[0])) {
                NDArray first = pack.lazy("x");
                pack.save("part", first.rows(0, 600_000));
                pack.append("part", first.rows(600_000, 700_000));
                pack.replaceRows("part", first.rows(0, 120_000), Rows.range(5, 120_005));
                pack.dropRows("part", 0, 650_000);
                pack.compact("part");
                System.out.println(
                        pack.shape("part")[0] + " " + pack.lazy("part").getLong(699_997, 9) + " "
                                + pack.info("part").deletedRows());
                long rows = 0;
                for (NDArray chunk : pack.chunks("x", 40_000)) {
                    rows += chunk.rows();
                }
                System.out.println(rows);
            }
        }
    }

    @Test
    void saveAppendReplaceCompactAndChunksStreamInASmallHeap() throws Exception {
        Path path = sparse(entry("x", DType.INT8, 3_000_000, 100));
        try (NumPack pack = NumPack.open(path)) {
            pack.withWritableBatch(batch -> batch.load("x").row(699_999).fill(9));
        }
        try (ChildProcess child =
                ChildProcess.start(ChildProcess.javas().get(0), List.of("-Xmx48m"), SmallHeap.class, path)) {
            assertEquals("699998 9 0\n3000000", child.finish());
        }
    }

    @Test
    void lazyLoadOfTenGigabytesNeedsNoHeapAndCreateAllocates() throws Exception {
        Path path = sparse(entry("x", DType.FLOAT32, 2_500_000_000L));
        try (NumPack pack = NumPack.open(path)) {
            List<NDArray> views = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                views.add(pack.lazy("x"));
            }
            assertEquals(0.0, views.get(999).getDouble(2_499_999_999L));
            pack.create("y", DType.INT16, 3, 1L << 29);
            assertEquals(3L << 30, Files.size(path.resolve("data_y.npkd")));
            pack.withWritableBatch(batch -> batch.load("y")
                    .rows(2, 3)
                    .reshape(-1)
                    .rows((1L << 29) - 2, 1L << 29)
                    .fill(7));
            assertEquals(7, pack.lazy("y").getLong(2, (1L << 29) - 1));
            assertEquals(
                    14L, pack.lazy("y").row(2).rows((1L << 29) - 1000, 1L << 29).reduce("sum"));
            pack.delete("y");
        }
    }
}
