package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packs with damaged, foreign or hostile files: each is refused by name, stays as it was, and the arrays beside it go on working. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostilePackTest {
    private static final Path HOSTILE = Path.of("test/resources/hostile");
    private static final int ROWS = 6;

    @TempDir
    Path folder;

    private Path path;
    private Path outside;

    @BeforeEach
    void makePack() throws IOException {
        path = folder.resolve("p.npk");
        outside = folder.resolve("outside");
        Files.write(outside, new byte[1 << 16]);
        try (NumPack pack = NumPack.open(path)) {
            pack.save("x", new int[ROWS][4]);
            pack.save("beside", new int[] {1, 2, 3});
        }
    }

    /** A pack whose array "x" of 16-byte rows is segmented, beside a plain one. */
    private void segmented(long rows, byte[] manifest) throws IOException {
        Path metadata = path.resolve("metadata.npkm");
        Files.delete(path.resolve("data_x.npkd"));
        Files.write(
                metadata,
                ForeignPack.metadata(
                        new ForeignPack.Array("x", 7, 4, "data_x.npkseg", rows, 4),
                        new ForeignPack.Array("beside", 7, 4, "data_beside.npkd", 3)));
        Files.write(path.resolve("data_x.npkseg"), manifest);
        Files.createDirectories(path.resolve("data_x_segments"));
        for (int i = 0; i < 4; i++) {
            Files.write(path.resolve("data_x_segments/seg_00000" + i + ".npkd"), new byte[4096]);
        }
    }

    private static byte[] manifest(String file, long rows) {
        return ("{\"version\": 1, \"segments\": [{\"file\": \"" + file + "\", \"rows\": " + rows + ", \"bytes\": "
                        + rows * 16 + "}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Every file, with its contents, of the pack and beside it; but for the folder of this library's own. */
    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file :
                    files.filter(f -> !f.startsWith(path.resolve(".numpack"))).toList()) {
                contents.put(
                        folder.relativize(file).toString(),
                        Files.isSymbolicLink(file)
                                ? "link to " + Files.readSymbolicLink(file)
                                : Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                                        ? java.util.Arrays.hashCode(Files.readAllBytes(file)) + " " + Files.size(file)
                                        : "other");
            }
        }
        return contents;
    }

    // ---- every use of a damaged array

    private static final Map<String, Consumer<NumPack>> USES = new LinkedHashMap<>();

    static {
        USES.put("info", pack -> pack.info("x"));
        USES.put("load", pack -> pack.load("x"));
        USES.put("load converted", pack -> pack.load("x", DType.FLOAT64));
        USES.put("lazy", pack -> pack.lazy("x"));
        USES.put("look-up", pack -> pack.valAt("x"));
        USES.put("selectRows", pack -> pack.selectRows("x", 0));
        USES.put("chunks", pack -> pack.chunks("x", 2).forEach(chunk -> {}));
        USES.put("append", pack -> pack.append("x", new int[1][4]));
        USES.put("append to several", pack -> pack.append(Map.of("beside", new int[1], "x", new int[1][4])));
        USES.put("replaceRows", pack -> pack.replaceRows("x", new int[1][4], Rows.of(0)));
        USES.put("dropRows", pack -> pack.dropRows("x", 0));
        USES.put("compact", pack -> pack.compact("x"));
        USES.put("copy", pack -> pack.save("copy", pack.lazy("x")));
        USES.put("batch load", pack -> pack.withBatch(batch -> batch.load("x")));
        USES.put(
                "batch append",
                pack -> pack.withBatch(batch -> {
                    batch.append("beside", new int[1]);
                    batch.append("x", new int[1][4]);
                    return null;
                }));
        USES.put(
                "limited batch load",
                pack -> pack.withBatch(BatchOptions.defaults().memoryLimit(1), batch -> batch.load("x")));
        USES.put("writable load", pack -> pack.withWritableBatch(batch -> batch.load("x")));
    }

    /** Each use throws a CorruptPackException that names the array or its file; nothing changes; the pack works beside and after it. */
    private void isRefusedAtEveryUse() throws IOException {
        Map<String, String> before = contents();
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(List.of("x", "beside"), pack.names());
            USES.forEach((what, use) -> {
                if (what.equals("batch append")) {
                    return;
                }
                CorruptPackException e = assertThrows(CorruptPackException.class, () -> use.accept(pack), what);
                assertTrue(
                        e.getMessage().contains("x\"") || e.getMessage().contains("_x"), what + ": " + e.getMessage());
                assertEquals(
                        ":corrupt-pack",
                        e.getData()
                                .valAt(clojure.lang.Keyword.intern("numpack", "error"))
                                .toString());
            });
            assertArrayEquals(new int[] {1, 2, 3}, pack.load("beside").toIntArray());
            assertTrue(pack.toString().contains("beside"), "a damaged array can be printed");
        }
        assertEquals(before, contents());
        try (NumPack pack = NumPack.builder(path).readOnly(true).open()) {
            assertThrows(CorruptPackException.class, () -> pack.load("x"));
        }
        try (NumPack pack = NumPack.open(path)) {
            pack.append("beside", new int[] {4});
            pack.save("new", new int[] {5});
            assertThrows(
                    CorruptPackException.class, () -> USES.get("batch append").accept(pack));
        }
    }

    private void canBeSavedAgain() throws IOException {
        String before = contents().get("outside");
        try (NumPack pack = NumPack.open(path)) {
            pack.save("x", new int[][] {{7, 8}});
            assertArrayEquals(new int[] {7, 8}, pack.load("x").toIntArray());
            pack.delete("x");
            assertFalse(pack.exists("x"));
        }
        assertEquals(before, contents().get("outside"), "what a link led to is as it was");
    }

    private static void truncate(Path file, long bytes) throws IOException {
        try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
            f.setLength(bytes);
        }
    }

    private static void fifo(Path file) throws Exception {
        Files.delete(file);
        try {
            assumeTrue(new ProcessBuilder("mkfifo", file.toString()).start().waitFor() == 0, "mkfifo failed");
        } catch (IOException e) {
            assumeTrue(false, "no mkfifo on this machine");
        }
    }

    private static void folder(Path file) throws IOException {
        Files.delete(file);
        Files.createDirectory(file);
        Files.createFile(file.resolve("inside"));
    }

    private void damage(Path file, String kind) throws Exception {
        switch (kind) {
            case "one byte short" -> truncate(file, Files.size(file) - 1);
            case "empty" -> truncate(file, 0);
            case "missing" -> Files.delete(file);
            case "a directory" -> folder(file);
            case "a FIFO" -> fifo(file);
            case "a link that leaves the pack" -> {
                Files.delete(file);
                Files.createSymbolicLink(file, outside);
            }
            case "a relative link that leaves the pack" -> {
                Files.delete(file);
                Files.createSymbolicLink(file, file.getParent().relativize(outside));
            }
            case "a link to nothing" -> {
                Files.delete(file);
                Files.createSymbolicLink(file, folder.resolve("nothing"));
            }
            case "a link to itself" -> {
                Files.delete(file);
                Files.createSymbolicLink(file, file.getFileName());
            }
            default -> throw new IllegalArgumentException(kind);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one byte short",
                "empty",
                "missing",
                "a directory",
                "a FIFO",
                "a link that leaves the pack",
                "a relative link that leaves the pack",
                "a link to nothing"
            })
    void dataFileIs(String kind) throws Exception {
        damage(path.resolve("data_x.npkd"), kind);
        isRefusedAtEveryUse();
        canBeSavedAgain();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one byte short",
                "empty",
                "missing",
                "a directory",
                "a FIFO",
                "a link that leaves the pack",
                "a relative link that leaves the pack",
                "a link to nothing"
            })
    void segmentIs(String kind) throws Exception {
        segmented(2, manifest("data_x_segments/seg_000000.npkd", 2));
        Path segment = path.resolve("data_x_segments/seg_000000.npkd");
        truncate(segment, 32);
        damage(segment, kind);
        isRefusedAtEveryUse();
        canBeSavedAgain();
    }

    @Test
    void segmentFolderIsALinkThatLeavesThePack() throws Exception {
        segmented(2, manifest("data_x_segments/seg_000000.npkd", 2));
        Path away = folder.resolve("away");
        Files.move(path.resolve("data_x_segments"), away);
        Files.createSymbolicLink(path.resolve("data_x_segments"), away);
        isRefusedAtEveryUse();
        canBeSavedAgain();
        assertTrue(Files.exists(away.resolve("seg_000000.npkd")));
    }

    static Stream<String> cases(String kind) throws IOException {
        return Files.readAllLines(HOSTILE.resolve("expected.tsv")).stream().filter(line -> line.startsWith(kind));
    }

    static Stream<String> manifests() throws IOException {
        return cases("manifest/");
    }

    static Stream<String> bitmaps() throws IOException {
        return cases("bitmap/");
    }

    static Stream<String> metadata() throws IOException {
        return cases("metadata/");
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void manifestIsHostile(String line) throws Exception {
        String[] columns = line.split("\t");
        segmented(Long.parseLong(columns[1]), Files.readAllBytes(HOSTILE.resolve(columns[0])));
        isRefusedAtEveryUse();
        canBeSavedAgain();
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing", "a directory", "a FIFO", "a link that leaves the pack", "a link to nothing"})
    void manifestIs(String kind) throws Exception {
        segmented(2, manifest("data_x_segments/seg_000000.npkd", 2));
        damage(path.resolve("data_x.npkseg"), kind);
        isRefusedAtEveryUse();
        canBeSavedAgain();
    }

    @ParameterizedTest
    @MethodSource("bitmaps")
    void bitmapIsHostile(String line) throws Exception {
        String[] columns = line.split("\t");
        long rows = Long.parseLong(columns[1]);
        Files.write(
                path.resolve("metadata.npkm"),
                ForeignPack.metadata(
                        new ForeignPack.Array("x", 7, 4, "data_x.npkd", rows, 4),
                        new ForeignPack.Array("beside", 7, 4, "data_beside.npkd", 3)));
        truncate(path.resolve("data_x.npkd"), rows * 16);
        Files.copy(HOSTILE.resolve(columns[0]), path.resolve("deleted_x.npkb"));
        isRefusedAtEveryUse();
        canBeSavedAgain();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one byte short",
                "empty",
                "a directory",
                "a FIFO",
                "a link that leaves the pack",
                "a link to nothing"
            })
    void bitmapIs(String kind) throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            pack.dropRows("x", 0);
        }
        Path bitmap = path.resolve("deleted_x.npkb");
        Files.copy(bitmap, outside, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        damage(bitmap, kind);
        isRefusedAtEveryUse();
        canBeSavedAgain();
    }

    @Test
    void dataFileMayBeALinkWithinThePack() throws Exception {
        Files.move(path.resolve("data_x.npkd"), path.resolve("data_elsewhere.npkd"));
        Files.createSymbolicLink(path.resolve("data_x.npkd"), Path.of("data_elsewhere.npkd"));
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(ROWS, pack.load("x").rows());
        }
    }

    @Test
    void sizesThatNoDiskHoldsAreRefusedWithoutAllocatingThem() throws Exception {
        Files.write(
                path.resolve("metadata.npkm"),
                ForeignPack.metadata(
                        new ForeignPack.Array("x", 7, 4, "data_x.npkd", 1L << 40, 1 << 10),
                        new ForeignPack.Array("beside", 7, 4, "data_beside.npkd", 3)));
        isRefusedAtEveryUse();
        canBeSavedAgain();
    }

    // ---- metadata

    @ParameterizedTest
    @MethodSource("metadata")
    void damagedMetadataIsRefusedAndLeftAlone(String line) throws Exception {
        byte[] damaged = Files.readAllBytes(HOSTILE.resolve(line.split("\t")[0]));
        Files.write(path.resolve("metadata.npkm"), damaged);
        Map<String, String> before = contents();
        for (boolean readOnly : new boolean[] {false, true}) {
            CorruptPackException e = assertThrows(
                    CorruptPackException.class,
                    () -> NumPack.builder(path).readOnly(readOnly).open().close());
            assertTrue(e.getMessage().contains(path.resolve("metadata.npkm").toString()), e.getMessage());
        }
        assertEquals(before, contents());
        assertArrayEquals(damaged, Files.readAllBytes(path.resolve("metadata.npkm")));
    }

    @Test
    void metadataThatIsDamagedUnderAnOpenHandleIsRefusedAndLeftAlone() throws Exception {
        byte[] garbage = "not a pack at all, and longer than a header".getBytes(StandardCharsets.US_ASCII);
        try (NumPack pack = NumPack.open(path)) {
            byte[] whole = Files.readAllBytes(path.resolve("metadata.npkm"));
            Files.write(path.resolve("metadata.npkm"), garbage);
            assertThrows(CorruptPackException.class, pack::names);
            assertThrows(CorruptPackException.class, () -> pack.load("x"));
            assertThrows(CorruptPackException.class, () -> pack.save("x", new int[1]));
            assertThrows(CorruptPackException.class, () -> pack.append("x", new int[1][4]));
            assertThrows(CorruptPackException.class, () -> pack.delete("x"));
            assertArrayEquals(garbage, Files.readAllBytes(path.resolve("metadata.npkm")));
            Files.write(path.resolve("metadata.npkm"), whole);
            assertEquals(List.of("x", "beside"), pack.names());
        }
    }

    @Test
    void dropIfExistsReplacesDamagedMetadata() throws Exception {
        Files.write(path.resolve("metadata.npkm"), new byte[100]);
        try (NumPack pack = NumPack.builder(path).dropIfExists(true).open()) {
            assertTrue(pack.names().isEmpty());
            pack.save("x", new int[] {1});
        }
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(List.of("x"), pack.names());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a directory", "a FIFO", "a link to itself"})
    void metadataIs(String kind) throws Exception {
        damage(path.resolve("metadata.npkm"), kind);
        Map<String, String> before = contents();
        for (boolean readOnly : new boolean[] {false, true}) {
            NumPackException e = assertThrows(
                    NumPackException.class,
                    () -> NumPack.builder(path).readOnly(readOnly).open().close());
            assertTrue(e instanceof CorruptPackException || e instanceof StorageException, e.toString());
            assertTrue(e.getMessage().contains("metadata.npkm"), e.getMessage());
        }
        assertEquals(before, contents());
    }

    // ---- the journal

    private Path journal() {
        return path.resolve(".numpack/journal");
    }

    private static void random(Path file, int bytes) throws IOException {
        byte[] garbage = new byte[bytes];
        new java.util.Random(1).nextBytes(garbage);
        Files.write(file, garbage);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 4096, 65536, 100_000})
    void journalOfGarbageIsOverwrittenOrRefusedWithTheCure(int bytes) throws Exception {
        random(journal(), bytes);
        Map<String, String> before = contents();
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(ROWS, pack.load("x").rows());
            pack.append("x", new int[1][4]);
            assertEquals(ROWS + 1, pack.load("x").rows());
        } catch (CorruptPackException e) {
            assertTrue(
                    e.getMessage().contains(journal().toString())
                            && e.getMessage().contains("delete that file"),
                    e.getMessage());
            assertEquals(before, contents());
            Files.delete(journal());
            try (NumPack pack = NumPack.open(path)) {
                pack.append("x", new int[1][4]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1, 100, 61440, 1L << 20, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE})
    void recordOfGarbageIsNoCommit(long length) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(journal().toFile(), "rw")) {
            file.seek(4096);
            byte[] garbage = new byte[61440];
            new java.util.Random(2).nextBytes(garbage);
            file.write(garbage);
            file.seek(16);
            file.writeLong(Long.reverseBytes(length));
        }
        Map<String, String> before = contents();
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(ROWS, pack.load("x").rows());
            assertEquals(before, contents());
            pack.append("x", new int[1][4]);
            assertEquals(ROWS + 1, pack.load("x").rows());
        }
    }

    /** With the right checksum, but not of our making. */
    @ParameterizedTest
    @ValueSource(ints = {1, 10, 30, 1000, 200_000})
    void recordOfGarbageWithItsChecksumIsRefusedAndTouchesNothing(int length) throws Exception {
        byte[] garbage = new byte[length];
        new java.util.Random(length).nextBytes(garbage);
        garbage[0] = 1;
        if (length == 1000) {
            java.util.Arrays.fill(garbage, 18, 22, (byte) 0);
            java.util.Arrays.fill(garbage, 22, 26, (byte) 0x7f);
        }
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(garbage);
        try (RandomAccessFile file = new RandomAccessFile(journal().toFile(), "rw")) {
            file.seek(4096);
            file.write(garbage);
            file.seek(16);
            file.writeLong(Long.reverseBytes(length));
            file.writeInt(Integer.reverseBytes((int) crc.getValue()));
        }
        Map<String, String> before = contents();
        CorruptPackException e = assertThrows(
                CorruptPackException.class, () -> NumPack.open(path).close());
        assertTrue(e.getMessage().contains(journal().toString()), e.getMessage());
        assertEquals(before, contents());
        Files.delete(journal());
        try (NumPack pack = NumPack.open(path)) {
            pack.append("x", new int[1][4]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a directory", "a FIFO", "a link that leaves the pack"})
    void journalIs(String kind) throws Exception {
        damage(journal(), kind);
        Map<String, String> before = contents();
        try (NumPack pack = NumPack.open(path)) {
            pack.append("x", new int[1][4]);
            fail("it was used as a journal");
        } catch (NumPackException e) {
            assertTrue(e.getMessage().contains(journal().toString()), e.getMessage());
        }
        assertEquals(before, contents());
    }

    @Test
    void ownFolderIsALinkThatLeavesThePack() throws Exception {
        Path away = folder.resolve("away");
        Files.createDirectory(away);
        Files.delete(journal());
        Files.delete(path.resolve(".numpack"));
        Files.createSymbolicLink(path.resolve(".numpack"), away);
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(ROWS, pack.load("x").rows());
            NumPackException e = assertThrows(NumPackException.class, () -> pack.append("x", new int[1][4]));
            assertTrue(e.getMessage().contains(".numpack"), e.getMessage());
        }
        assertEquals(0, away.toFile().list().length, "nothing is written outside of the pack");
    }

    @Test
    void ownFolderIsAFile() throws Exception {
        Files.delete(journal());
        Files.delete(path.resolve(".numpack"));
        Files.createFile(path.resolve(".numpack"));
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(ROWS, pack.load("x").rows());
            StorageException e = assertThrows(StorageException.class, () -> pack.append("x", new int[1][4]));
            assertTrue(e.getMessage().contains(".numpack"), e.getMessage());
        }
    }

    // ---- what is no pack

    @Test
    void pathIsAFile() throws Exception {
        Map<String, String> before = contents();
        for (boolean readOnly : new boolean[] {false, true}) {
            NotAPackException e = assertThrows(
                    NotAPackException.class,
                    () -> NumPack.builder(outside).readOnly(readOnly).open());
            assertTrue(e.getMessage().contains("is a file"), e.getMessage());
        }
        assertThrows(
                NotAPackException.class,
                () -> NumPack.builder(outside).dropIfExists(true).open());
        assertThrows(
                NumPackException.class,
                () -> NumPack.open(outside.resolve("below")).save("x", new int[1]));
        assertEquals(before, contents());
    }

    @Test
    void pathIsADirectoryThatIsNoPack() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.writeString(home.resolve("thesis.txt"), "irreplaceable");
        Map<String, String> before = contents();
        for (boolean readOnly : new boolean[] {false, true}) {
            NotAPackException e = assertThrows(
                    NotAPackException.class,
                    () -> NumPack.builder(home).readOnly(readOnly).open());
            assertTrue(e.getMessage().contains("thesis.txt"), e.getMessage());
        }
        assertThrows(
                NotAPackException.class,
                () -> NumPack.builder(home).dropIfExists(true).open());
        assertEquals(before, contents());
    }

    @Test
    void pathIsALinkToNothing() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nothing"));
        assertThrows(
                NumPackException.class,
                () -> NumPack.builder(link).readOnly(true).open());
        try (NumPack pack = NumPack.open(link)) {
            pack.save("x", new int[] {1});
            assertEquals(List.of("x"), pack.names());
        } catch (NumPackException e) {
            assertTrue(e.getMessage().contains("link"), e.getMessage());
        }
        assertTrue(Files.isSymbolicLink(link), "the link stays a link");
        try (NumPack pack = NumPack.open(folder.resolve("link"))) {
            assertEquals(Files.exists(folder.resolve("nothing")) ? List.of("x") : List.of(), pack.names());
        } catch (NumPackException e) {
            assertTrue(e.getMessage().contains("link"), e.getMessage());
        }
    }

    @Test
    void pathIsALinkToItself() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        assertThrows(
                NumPackException.class,
                () -> NumPack.builder(link).readOnly(true).open());
        assertThrows(NumPackException.class, () -> {
            try (NumPack pack = NumPack.open(link)) {
                pack.save("x", new int[] {1});
            }
        });
    }

    @Test
    void twoPathsToOnePackShareItsState() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link.npk"), path);
        Path roundabout = folder.resolve("p.npk/../link.npk/.");
        try (NumPack one = NumPack.open(path);
                NumPack two = NumPack.open(link);
                NumPack three = NumPack.open(roundabout)) {
            assertEquals(one.path(), two.path());
            assertEquals(one.path(), three.path());
            one.save("y", new int[] {1});
            assertEquals(List.of("x", "beside", "y"), two.names());
            two.append("y", new int[] {2});
            assertArrayEquals(new int[] {1, 2}, three.load("y").toIntArray());
            try (WritableBatch batch = one.writableBatch()) {
                batch.load("y").set(5, 0);
                assertThrows(ScopeOpenException.class, () -> two.batch());
            }
            assertArrayEquals(new int[] {5, 2}, two.load("y").toIntArray());
        }
    }

    // ---- files cut short while they are mapped

    /** What is done to arrays whose files were cut short meanwhile; the JVM must survive it. */
    static final class Truncations {
        private static final int ITEMS = 1 << 20;

        private final Path path;
        private NDArray view;

        private Truncations(Path path) {
            this.path = path;
        }

        public static void main(String[] args) throws Exception {
            new Truncations(Path.of(args[0])).run();
            System.out.println("alive");
        }

        private interface Use {
            Object of(NumPack pack) throws Exception;
        }

        private void run() throws Exception {
            view("get", pack -> view.get(ITEMS - 1));
            view("set of a copy", pack -> view.copy());
            view("sum", pack -> view.reduce("sum"));
            view("toFloatArray", pack -> view.toFloatArray());
            view("conversion", pack -> view.to(DType.FLOAT64));
            view("selectRows", pack -> view.selectRows(Rows.of(0, -1)));
            view("contentEquals", pack -> view.contentEquals(NDArray.zeros(DType.FLOAT32, ITEMS)));
            view("print", pack -> view.toString());
            view("operand", pack -> NDArray.zeros(DType.FLOAT32, ITEMS).add(view));
            named("save of a view", pack -> {
                pack.save("copy", view);
                return null;
            });
            named("small save of a view", pack -> {
                pack.save("copy", view.rows(ITEMS - 10, ITEMS));
                return null;
            });
            named("append of a view", pack -> {
                pack.append("y", view);
                return null;
            });
            named("replace by a view", pack -> {
                pack.replaceRows("y", view.rows(ITEMS - 10, ITEMS), Rows.range(0, 10));
                return null;
            });
            named(
                    "batch save of a view",
                    pack -> pack.withBatch(batch -> {
                        batch.save("copy", view);
                        return null;
                    }));
            named(
                    "limited batch save of a view",
                    pack -> pack.withBatch(BatchOptions.defaults().memoryLimit(1), batch -> {
                        batch.save("copy", view);
                        return null;
                    }));
            batch("changed", batch -> batch.load("x").set(1, 0));
            batch("read", batch -> batch.load("x"));
            batch("appended", batch -> batch.append("x", new float[10]));
            writable();
            whileLoading();
        }

        private void restore() throws IOException {
            try (NumPack pack = NumPack.open(path)) {
                pack.save("x", new float[ITEMS]);
                pack.save("y", new float[20]);
            }
        }

        private void cut() throws IOException {
            truncate(path.resolve("data_x.npkd"), 4096);
        }

        /** What touches the memory itself may end in the JVM's own InternalError. */
        private void view(String what, Use use) throws Exception {
            attempt(what, use, InternalError.class);
        }

        private void named(String what, Use use) throws Exception {
            attempt(what, use, CorruptPackException.class);
        }

        private void attempt(String what, Use use, Class<? extends Throwable> allowed) throws Exception {
            restore();
            try (NumPack pack = NumPack.open(path)) {
                view = pack.lazy("x");
                cut();
                try {
                    use.of(pack);
                    System.out.println(what + ": no exception");
                } catch (Exception | InternalError e) {
                    tell(what, e, e instanceof CorruptPackException || allowed.isInstance(e));
                }
                same(what, new float[20], pack.load("y").toFloatArray());
                if (pack.exists("copy")) {
                    System.out.println("FAILED " + what + ": half a copy is there");
                }
            }
        }

        private static void same(String what, float[] expected, float[] found) {
            if (!java.util.Arrays.equals(expected, found)) {
                System.out.println("FAILED " + what + ": the other array has changed");
            }
        }

        private static void tell(String what, Throwable e, boolean expected) {
            System.out.println((expected ? "" : "FAILED ") + what + ": " + e);
            if (!expected) {
                e.printStackTrace(System.out);
            }
        }

        private void batch(String what, Consumer<Batch> body) throws Exception {
            restore();
            try (NumPack pack = NumPack.open(path)) {
                try (Batch batch = pack.batch()) {
                    body.accept(batch);
                    cut();
                }
                System.out.println("batch " + what + ": no exception");
            } catch (Exception | InternalError e) {
                tell("batch " + what, e, e instanceof CorruptPackException);
            }
            restore();
        }

        private void writable() throws Exception {
            restore();
            try (NumPack pack = NumPack.open(path)) {
                try (WritableBatch batch = pack.writableBatch()) {
                    NDArray x = batch.load("x");
                    cut();
                    x.fill(1);
                    System.out.println("FAILED writable batch: no exception");
                }
            } catch (Exception | InternalError e) {
                tell("writable batch", e, e instanceof CorruptPackException || e instanceof InternalError);
            }
            restore();
            try (NumPack pack = NumPack.open(path);
                    WritableBatch batch = pack.writableBatch()) {
                batch.load("x").fill(1);
            }
        }

        private void whileLoading() throws Exception {
            restore();
            Path file = path.resolve("data_x.npkd");
            Thread vandal = new Thread(() -> {
                try {
                    while (!Thread.currentThread().isInterrupted()) {
                        truncate(file, 4096);
                        Thread.sleep(1);
                        truncate(file, ITEMS * 4L);
                        Thread.sleep(1);
                    }
                } catch (IOException | InterruptedException e) {
                    // the end
                }
            });
            vandal.start();
            int refused = 0;
            try (NumPack pack = NumPack.open(path)) {
                for (int i = 0; i < 150; i++) {
                    try {
                        switch (i % 4) {
                            case 0 -> pack.load("x");
                            case 1 -> pack.load("x", DType.FLOAT64);
                            case 2 -> pack.selectRows("x", Rows.range(0, ITEMS));
                            default -> pack.chunks("x", 1 << 17).forEach(chunk -> {});
                        }
                    } catch (CorruptPackException e) {
                        refused++;
                    } catch (Exception | InternalError e) {
                        tell("load", e, false);
                    }
                }
            }
            vandal.interrupt();
            vandal.join();
            System.out.println("refused " + refused + " of 150 loads");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void filesCutShortWhileTheyAreMappedNeverEndTheJvm(int version) throws Exception {
        ChildJvm.Result child = ChildJvm.version(version)
                .run(Truncations.class, folder.resolve("cut.npk"))
                .expectSuccess();
        assertFalse(child.out().contains("FAILED"), child.out());
        assertTrue(child.out().endsWith("alive\n"), child.out());
    }
}
