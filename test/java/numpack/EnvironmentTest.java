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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What surrounds a pack and may fail: permissions, the disk, interrupts, the way the JVM was started. */
@Timeout(60)
class EnvironmentTest {
    private static final int COLUMNS = 1000;

    @TempDir
    Path folder;

    private Path mounted;

    @AfterEach
    void unmount() throws Exception {
        if (mounted != null) {
            System.gc();
            new ProcessBuilder("umount", "-l", mounted.toString()).start().waitFor();
        }
    }

    private static void mount(String why, String... arguments) throws InterruptedException {
        try {
            String[] command =
                    Stream.concat(Stream.of("mount"), Arrays.stream(arguments)).toArray(String[]::new);
            Process mount =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            mount.getInputStream().readAllBytes();
            assumeTrue(mount.waitFor() == 0, why + " cannot be mounted by this user");
        } catch (IOException e) {
            assumeTrue(false, "no mount on this machine");
        }
    }

    private Path smallDisk(int megabytes) throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        mount("a small tmpfs", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", disk.toString());
        mounted = disk;
        return disk;
    }

    // ---- the edits, each of which needs some space

    private static final Map<String, Consumer<NumPack>> EDITS = new LinkedHashMap<>();

    private static double[][] rows(int n) {
        double[][] rows = new double[n][COLUMNS];
        for (double[] row : rows) {
            Arrays.fill(row, 7);
        }
        return rows;
    }

    static {
        EDITS.put("save", pack -> pack.save("new", rows(100)));
        EDITS.put("save several", pack -> {
            Map<String, Object> arrays = new LinkedHashMap<>();
            arrays.put("new", rows(1));
            arrays.put("newer", rows(100));
            pack.save(arrays);
        });
        EDITS.put("save another shape", pack -> pack.save("x", rows(100)));
        EDITS.put("create", pack -> pack.create("new", DType.FLOAT64, 1000, COLUMNS));
        EDITS.put("append", pack -> pack.append("x", rows(100)));
        EDITS.put("append to several", pack -> {
            Map<String, Object> arrays = new LinkedHashMap<>();
            arrays.put("y", rows(1));
            arrays.put("x", rows(100));
            pack.append(arrays);
        });
        EDITS.put("copy", pack -> pack.save("copy", pack.lazy("x")));
        EDITS.put("compact", pack -> pack.compact("dropped"));
        EDITS.put(
                "replaceRows",
                pack -> pack.replaceRows("x", NDArray.zeros(DType.FLOAT64, 20, COLUMNS), Rows.range(0, 20)));
        EDITS.put(
                "batch",
                pack -> pack.withBatch(batch -> {
                    batch.append("y", rows(1));
                    batch.save("new", rows(100));
                    batch.delete("dropped");
                    return null;
                }));
        EDITS.put(
                "limited batch",
                pack -> pack.withBatch(BatchOptions.defaults().memoryLimit(1000), batch -> {
                    batch.append("y", rows(1));
                    batch.save("new", rows(100));
                    return null;
                }));
        EDITS.put(
                "limited batch load",
                pack -> pack.withBatch(
                        BatchOptions.defaults().memoryLimit(1000),
                        batch -> batch.load("x").add(1.0)));
        EDITS.put(
                "batch create",
                pack -> pack.withBatch(batch -> {
                    batch.create("new", DType.FLOAT64, 1000, COLUMNS);
                    return null;
                }));
    }

    static Stream<String> edits() {
        return EDITS.keySet().stream();
    }

    private static void fillPack(NumPack pack) {
        pack.save("x", rows(30));
        pack.save("y", rows(1));
        pack.save("dropped", rows(30));
        pack.dropRows("dropped", 0);
    }

    private static Map<String, String> arrays(NumPack pack) {
        Map<String, String> arrays = new TreeMap<>();
        for (String name : pack.names()) {
            NDArray array = pack.load(name);
            arrays.put(
                    name,
                    array.dtype() + Arrays.toString(array.shape()) + " " + Arrays.hashCode(array.toDoubleArray()));
        }
        return arrays;
    }

    private static long used(Path directory) throws IOException {
        long used = 0;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(f -> Files.isRegularFile(f) && !f.endsWith("journal"))
                    .toList()) {
                used += Files.size(file);
            }
        }
        return used;
    }

    /** Fills the disk to the last byte. */
    private static Path fill(Path disk) throws IOException {
        Path filler = disk.resolve("filler");
        try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
            byte[] block = new byte[4096];
            while (true) {
                file.write(block);
            }
        } catch (IOException full) {
            return filler;
        }
    }

    @ParameterizedTest
    @MethodSource("edits")
    void onAFullDiskEveryEditFailsAndChangesNothingUntilThereIsSpaceAgain(String edit) throws Exception {
        Path disk = smallDisk(24);
        Path path = disk.resolve("p.npk");
        try (NumPack pack = NumPack.open(path)) {
            fillPack(pack);
            pack.sync();
            Map<String, String> before = arrays(pack);
            Path filler = fill(disk);
            long used = used(path);
            NumPackException e;
            try {
                EDITS.get(edit).accept(pack);
                e = null;
            } catch (StorageException | InsufficientSpaceException thrown) {
                e = thrown;
            }
            if (e == null) {
                assertEquals("replaceRows", edit, "what fits into the journal's own space may succeed");
            } else {
                assertTrue(e.getMessage().matches("(?s).*(space|left on device).*"), e.getMessage());
                assertTrue(e.getMessage().contains("free some space"), () -> "what to do: " + edit);
                assertEquals(before, arrays(pack));
                assertEquals(used, used(path), "no half-written file keeps its space");
            }
            try (NumPack again = NumPack.builder(path).readOnly(true).open()) {
                assertEquals(arrays(pack), arrays(again));
            }
            Files.delete(filler);
            EDITS.get(edit).accept(pack);
            assertFalse(before.equals(arrays(pack)) && !edit.equals("compact"), "it is done now");
        }
        try (NumPack pack = NumPack.open(path)) {
            assertTrue(pack.notices().isEmpty(), () -> pack.notices().toString());
            pack.append("y", rows(1));
        }
    }

    @Test
    void smallEditsInPlaceWorkOnAFullDisk() throws Exception {
        Path disk = smallDisk(24);
        try (NumPack pack = NumPack.open(disk.resolve("p.npk"))) {
            fillPack(pack);
            fill(disk);
            pack.replaceRows("x", rows(1), Rows.of(3));
            pack.withWritableBatch(batch -> batch.load("x").fill(2.5));
            assertEquals(2.5, pack.load("x").getDouble(3, 3));
        }
    }

    @Test
    void aNewPackOnAFullDiskIsRefusedAndCanBeMadeLater() throws Exception {
        Path disk = smallDisk(2);
        Path filler = fill(disk);
        try (NumPack pack = NumPack.open(disk.resolve("p.npk"))) {
            assertThrows(NumPackException.class, () -> pack.save("x", rows(3)));
            assertTrue(pack.names().isEmpty());
            Files.delete(filler);
            pack.save("x", rows(3));
            assertEquals(3, pack.load("x").rows());
        }
        try (NumPack pack = NumPack.open(disk.resolve("p.npk"))) {
            assertEquals(List.of("x"), pack.names());
        }
    }

    // ---- a file system, or files, that cannot be written

    private static void cannotBeWritten(Path path) {
        Map<String, String> before;
        try (NumPack pack = NumPack.builder(path).readOnly(true).open()) {
            before = arrays(pack);
        }
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(before, arrays(pack));
            EDITS.forEach((what, edit) -> {
                StorageException e = assertThrows(StorageException.class, () -> edit.accept(pack), what);
                assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
            });
            assertThrows(
                    StorageException.class,
                    () -> pack.withWritableBatch(batch -> batch.load("x").fill(1)));
            assertThrows(StorageException.class, () -> pack.delete("x"));
            assertEquals(before, arrays(pack));
        }
    }

    @Test
    void aReadOnlyMountIsReadAndNotWritten() throws Exception {
        Path path = folder.resolve("p.npk");
        try (NumPack pack = NumPack.open(path)) {
            fillPack(pack);
        }
        Path view = Files.createDirectory(folder.resolve("view"));
        mount("a bind mount", "--bind", folder.toString(), view.toString());
        mounted = view;
        mount("a read-only bind mount", "-o", "remount,ro,bind", view.toString());
        cannotBeWritten(view.resolve("p.npk"));
    }

    /** Run without the rights of root. */
    static final class WithoutPermission {
        public static void main(String[] args) throws Exception {
            Path path = Path.of(args[0]);
            try (NumPack pack = NumPack.open(path)) {
                fillPack(pack);
            }
            permit(path, "r-xr-xr-x");
            permit(path.resolve(".numpack"), "r-xr-xr-x");
            try (Stream<Path> files = Files.walk(path)) {
                files.filter(Files::isRegularFile).forEach(file -> permit(file, "r--r--r--"));
            }
            cannotBeWritten(path);
            permit(path.resolve("data_x.npkd"), "---------");
            try (NumPack pack = NumPack.open(path)) {
                named(() -> pack.load("x"), "data_x.npkd", "ermission");
                named(() -> pack.lazy("x"), "data_x.npkd", "ermission");
                assertEquals(1, pack.load("y").rows());
            }
            permit(path.resolve("metadata.npkm"), "---------");
            named(() -> NumPack.open(path), "metadata.npkm", "ermission");
            permit(path, "---------");
            named(() -> NumPack.open(path), path.toString(), "ermission");
            named(() -> NumPack.builder(path).readOnly(true).open(), path.toString(), "ermission");
            permit(path, "rwxr-xr-x");
            permit(path.getParent(), "r-xr-xr-x");
            try (NumPack pack = NumPack.open(path.resolveSibling("new.npk"))) {
                named(() -> pack.save("x", rows(1)), "new.npk", "ermission");
            }
            permit(path.getParent(), "rwxr-xr-x");
            permit(path.resolve(".numpack"), "rwxr-xr-x");
            try (Stream<Path> files = Files.walk(path)) {
                files.filter(Files::isRegularFile).forEach(file -> permit(file, "rw-r--r--"));
            }
            try (NumPack pack = NumPack.open(path)) {
                pack.append("x", rows(1));
                assertEquals(31, pack.load("x").rows());
            }
            System.out.println("done");
        }

        private static void permit(Path path, String permissions) {
            try {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private static void named(Runnable use, String... words) {
            StorageException e = assertThrows(StorageException.class, use::run);
            for (String word : words) {
                assertTrue(e.getMessage().contains(word), e.getMessage());
            }
        }
    }

    @Test
    void whatIsNotPermittedIsToldByName() throws Exception {
        ChildJvm jvm = ChildJvm.own();
        if (System.getProperty("user.name").equals("root")) {
            assumeTrue(
                    Files.isExecutable(Path.of("/usr/bin/setpriv")),
                    "permissions do not bind root, and there is no setpriv");
            jvm.by("/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search");
        }
        Path parent = Files.createDirectory(folder.resolve("parent"));
        ChildJvm.Result child =
                jvm.run(WithoutPermission.class, parent.resolve("p.npk")).expectSuccess();
        assertEquals("done\n", child.out(), child.err());
    }

    // ---- interrupts

    private static final Map<String, Consumer<NumPack>> OPERATIONS = new LinkedHashMap<>();

    static {
        OPERATIONS.put("open", pack -> NumPack.open(pack.path()).close());
        OPERATIONS.put("load", pack -> pack.load("x"));
        OPERATIONS.put("lazy", pack -> pack.lazy("x").reduce("sum"));
        OPERATIONS.put("selectRows", pack -> pack.selectRows("x", 0, 5));
        OPERATIONS.put("chunks", pack -> pack.chunks("x", 7).forEach(chunk -> {}));
        OPERATIONS.put("save in place", pack -> pack.save("x", rows(30)));
        OPERATIONS.put("save", pack -> pack.save("new", rows(5)));
        OPERATIONS.put("large save", pack -> pack.save("new", rows(1200)));
        OPERATIONS.put("append", pack -> pack.append("x", rows(2)));
        OPERATIONS.put("replaceRows", pack -> pack.replaceRows("x", rows(3), Rows.of(3, 9, 5)));
        OPERATIONS.put("dropRows", pack -> pack.dropRows("x", 3));
        OPERATIONS.put("compact", pack -> pack.compact("dropped"));
        OPERATIONS.put("create", pack -> pack.create("created", DType.INT16, 1000, 10));
        OPERATIONS.put("rename", pack -> pack.rename("y", "z"));
        OPERATIONS.put("delete", pack -> pack.delete("y"));
        OPERATIONS.put("batch", pack -> {
            try (Batch batch = pack.batch()) {
                batch.append("x", rows(1));
                batch.save("new", rows(2));
            }
        });
        OPERATIONS.put("limited batch", pack -> {
            try (Batch batch = pack.batch(BatchOptions.defaults().memoryLimit(1000))) {
                batch.load("x").add(1.0);
                batch.save("new", rows(2));
            }
        });
        OPERATIONS.put("writable batch", pack -> {
            try (WritableBatch batch = pack.writableBatch()) {
                batch.load("x").add(1.0);
            }
        });
        OPERATIONS.put("sync", NumPack::sync);
    }

    static Stream<String> operations() {
        return OPERATIONS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void anInterruptBeforeAnOperationDoesNotBreakIt(String operation) throws Exception {
        for (Durability durability : Durability.values()) {
            Path interrupted = folder.resolve(durability + ".npk");
            Path undisturbed = folder.resolve(durability + "-undisturbed.npk");
            Thread.currentThread().interrupt();
            try (NumPack pack =
                    NumPack.builder(interrupted).durability(durability).open()) {
                fillPack(pack);
                OPERATIONS.get(operation).accept(pack);
                assertTrue(Thread.interrupted(), "the interrupt is kept");
                try (NumPack other = NumPack.open(undisturbed)) {
                    fillPack(other);
                    OPERATIONS.get(operation).accept(other);
                    assertEquals(arrays(other), arrays(pack));
                }
                elsewhere(() -> pack.append("x", rows(1)));
                elsewhere(() -> pack.load("x"));
            } finally {
                Thread.interrupted();
            }
        }
    }

    private static void elsewhere(Runnable work) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(work);
        thread.setUncaughtExceptionHandler((t, e) -> thrown.set(e));
        thread.start();
        thread.join();
        if (thrown.get() != null) {
            fail("another thread suffered", thrown.get());
        }
    }

    @Test
    void interruptsDuringOperationsBreakNothing() throws Exception {
        Path path = folder.resolve("p.npk");
        Thread worker = Thread.currentThread();
        AtomicBoolean done = new AtomicBoolean();
        Thread pest = new Thread(() -> {
            java.util.Random random = new java.util.Random(3);
            while (!done.get()) {
                java.util.concurrent.locks.LockSupport.parkNanos(random.nextInt(60_000));
                worker.interrupt();
            }
        });
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        pest.start();
        int appended = 0;
        int opened = 0;
        try {
            while (System.nanoTime() < end) {
                Thread.interrupted();
                try (NumPack pack = NumPack.builder(path)
                        .durability(opened % 3 == 2 ? Durability.POWER : Durability.PROCESS)
                        .open()) {
                    if (opened == 0) {
                        pack.create("x", DType.INT32, 0);
                        pack.save("y", new int[] {0});
                    }
                    for (int i = 0; i < 20; i++) {
                        Thread.interrupted();
                        Map<String, Object> both = new LinkedHashMap<>();
                        both.put("x", new int[] {appended});
                        both.put("y", new int[] {appended});
                        pack.append(both);
                        appended++;
                        assertEquals(appended, pack.load("x").rows());
                    }
                    pack.withWritableBatch(batch -> batch.load("y").fill(0));
                    pack.compact();
                    pack.save("z", pack.lazy("x"));
                }
                opened++;
            }
        } finally {
            done.set(true);
            while (pest.isAlive()) {
                Thread.interrupted();
                Thread.onSpinWait();
            }
            Thread.interrupted();
        }
        try (NumPack pack = NumPack.open(path)) {
            int[] x = pack.load("x").toIntArray();
            assertEquals(appended, x.length);
            for (int i = 0; i < x.length; i++) {
                assertEquals(i, x[i]);
            }
            assertEquals(appended + 1, pack.load("y").rows());
            assertEquals(appended, pack.load("z").rows());
            assertTrue(pack.notices().isEmpty(), () -> pack.notices().toString());
        }
        assertTrue(opened > 2, "too few rounds: " + opened);
    }

    // ---- a pack that vanishes

    @Test
    void aPackThatIsDeletedUnderAnOpenHandleIsEmptyAndCanBeFilledAgain() throws Exception {
        Path path = folder.resolve("p.npk");
        try (NumPack pack = NumPack.open(path)) {
            fillPack(pack);
            NDArray view = pack.lazy("x");
            deleteTree(path);
            assertEquals(7.0, view.getDouble(29, 999), "what is mapped stays");
            NumPackException e = assertThrows(NumPackException.class, () -> pack.load("x"));
            assertTrue(e instanceof ArrayNotFoundException || e instanceof CorruptPackException, e.toString());
            assertTrue(pack.names().isEmpty());
            assertThrows(ArrayNotFoundException.class, () -> pack.append("x", rows(1)));
            pack.save("again", rows(2));
            assertEquals(List.of("again"), pack.names());
        }
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(2, pack.load("again").rows());
        }
    }

    @Test
    void aPackThatIsDeletedUnderAScopeIsAnErrorByName() throws Exception {
        Path path = folder.resolve("p.npk");
        try (NumPack pack = NumPack.open(path)) {
            fillPack(pack);
            assertThrows(
                    NumPackException.class,
                    () -> pack.withBatch(batch -> {
                        batch.append("x", rows(1));
                        deleteTree(path);
                        return null;
                    }));
            fillPack(pack);
            try {
                pack.withWritableBatch(batch -> {
                    batch.load("x").fill(1);
                    deleteTree(path);
                    return null;
                });
                fail("the edits are gone");
            } catch (NumPackException e) {
                assertFalse(Files.exists(path.resolve("data_x.npkd")));
            }
            fillPack(pack);
            assertEquals(30, pack.load("x").rows());
        }
    }

    private static void deleteTree(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    // ---- the way the JVM was started

    /** Opens, edits and reads a pack without saying anything. */
    static final class Everything {
        public static void main(String[] args) {
            try (NumPack pack = NumPack.open(args[0])) {
                fillPack(pack);
                pack.append("x", rows(1));
                pack.lazy("x").reduce("sum");
                pack.withBatch(batch -> batch.load("x").add(1.0));
                pack.withWritableBatch(batch -> batch.load("x").add(1.0));
                pack.sync();
                assertEquals(9.0, pack.load("x").getDouble(3, 3));
            }
        }
    }

    @Test
    void nothingIsPrintedOn17() throws Exception {
        ChildJvm.Result child = ChildJvm.version(17)
                .run(Everything.class, folder.resolve("p.npk"))
                .expectSuccess();
        assertEquals("", child.out() + child.err());
    }

    @Test
    void on25OnlyTheJvmItselfWarnsOfNativeAccess() throws Exception {
        ChildJvm.Result child = ChildJvm.version(25)
                .run(Everything.class, folder.resolve("p.npk"))
                .expectSuccess();
        assertEquals("", child.out());
        child.err().lines().forEach(line -> assertTrue(line.isEmpty() || line.startsWith("WARNING: "), line));
    }

    @Test
    void on25TheFlagsOfTheReadmeSilenceIt() throws Exception {
        ChildJvm.Result child = ChildJvm.version(25)
                .options("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
                .run(Everything.class, folder.resolve("p.npk"))
                .expectSuccess();
        assertEquals("", child.out() + child.err());
    }

    @Test
    void aSystemPropertiesFileInTheWorkingDirectoryIsNoConcernOfOurs() throws Exception {
        Files.writeString(
                folder.resolve("system.properties"),
                "user.home=/nowhere\njava.io.tmpdir=/nowhere\nfile.encoding=UTF-16\nnumpack.x=1\n");
        ChildJvm.Result child = ChildJvm.version(17)
                .in(folder)
                .run(Everything.class, Path.of("relative.npk"))
                .expectSuccess();
        assertEquals("", child.out() + child.err());
        assertTrue(Files.exists(folder.resolve("relative.npk/metadata.npkm")));
    }

    /** A name that the JVM's file names may not be able to express. */
    static final class Unicode {
        public static void main(String[] args) {
            try (NumPack pack = NumPack.open(args[0])) {
                System.out.println(pack.names().size());
                use("load", () -> {
                    if (pack.load("特徴量").getLong(0) != 5) {
                        throw new IllegalStateException("wrong contents");
                    }
                });
                use("lazy", () -> pack.lazy("特徴量"));
                use("append", () -> pack.append("特徴量", new int[] {6}));
                use("save", () -> pack.save("ünï", new int[] {1}));
                use("create", () -> pack.create("crée", DType.INT8, 3));
                use("rename", () -> pack.rename("plain", "größe"));
                use(
                        "batch",
                        () -> pack.withBatch(batch -> {
                            batch.save("日本", new int[] {1});
                            return null;
                        }));
                use(
                        "writable batch",
                        () -> pack.withWritableBatch(batch -> batch.load("特徴量").fill(5)));
                use("delete", () -> pack.delete("特徴量"));
                pack.save("ascii", new int[] {1});
                pack.compact("ascii");
            }
        }

        private static void use(String what, Runnable use) {
            try {
                use.run();
                System.out.println("works " + what);
            } catch (NumPackException e) {
                System.out.println((e.getMessage().contains("LC_ALL") ? "named " : "FAILED ") + what + ": " + e);
            } catch (RuntimeException | Error e) {
                System.out.println("FAILED " + what + ": " + e);
                e.printStackTrace(System.out);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void namesBeyondAsciiWorkOrAreRefusedByNameInTheCLocale(int version) throws Exception {
        assumeTrue(
                System.getProperty("sun.jnu.encoding").startsWith("UTF"),
                "this JVM itself cannot write such names; start it with LC_ALL=C.UTF-8");
        Path path = folder.resolve("p.npk");
        try (NumPack pack = NumPack.open(path)) {
            pack.save("特徴量", new int[] {5});
            pack.save("plain", new int[] {6});
        }
        ChildJvm.Result child = ChildJvm.version(version)
                .environment("LC_ALL", "C")
                .environment("LANG", "C")
                .run(Unicode.class, path)
                .expectSuccess();
        assertFalse(child.out().contains("FAILED"), child.out());
        try (NumPack pack = NumPack.open(path)) {
            assertTrue(pack.exists("ascii"));
            if (child.out().contains("named load")) {
                assertEquals(List.of("特徴量", "plain", "ascii"), pack.names());
                assertArrayEquals(new int[] {5}, pack.load("特徴量").toIntArray());
            }
        }
    }
}
