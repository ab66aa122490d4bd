package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import numpack.format.Shape;
import numpack.kernels.TestArrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Packs go back and forth between this library and Python NumPack 0.7.0, and numpy says what they must read as: Python writes, we read
 * and edit in every way, Python reads that and edits it, we read again. {@code test/resources/python/recipe.py} is the other half.
 */
class PythonTest {
    private static final String PYTHON = System.getenv("NUMPACK_PYTHON");
    private static final Path SCRIPTS = Path.of("test/resources/python");
    private static final List<String> EDITS = List.of(
            "none",
            "save",
            "resave",
            "append",
            "drop",
            "drop-drop",
            "drop-append",
            "append-drop",
            "replace",
            "mask",
            "rename",
            "compact",
            "delete",
            "create",
            "batch",
            "batch-limited",
            "writable",
            "power");
    /** Who wrote the pack that is edited: we; Python; Python, in segments; Python, which then died after an append. */
    private static final List<String> ORIGINS = List.of("ours", "theirs", "segments", "interrupted");

    private static final List<String> LARGE = List.of("save", "mask", "compact", "batch-limited", "writable");

    private static Exchange exchange;

    /** An array as numpy knows it. */
    private record Expected(String dtype, String shape, String sha256) {}

    /** What went back and forth; done once for all tests. */
    private static final class Exchange {
        final Path folder = Files.createTempDirectory("numpack-python");
        /** Pack, array: what Python wrote. */
        final Map<String, Map<String, Expected>> written = new LinkedHashMap<>();

        final Map<String, Exception> failed = new LinkedHashMap<>();
        /** Pack: what Python found in it after our edits. */
        final Map<String, String> found = new LinkedHashMap<>();
        /** Pack: arrays in which Python itself does not read what it had written. */
        final Map<String, String> lostByPython = new LinkedHashMap<>();
        /** Pack, array: what is in it after Python's edits. */
        final Map<String, Map<String, Expected>> edited = new LinkedHashMap<>();

        Exchange() throws IOException, InterruptedException {
            List<String[]> lines = python("write.py", folder.toString());
            collect(lines, "expected", written);
            for (String pack : written.keySet()) {
                copy(folder.resolve(pack), folder.resolve("untouched").resolve(pack));
            }
            for (String[] line : lines) {
                if (line[0].equals("base")) {
                    base(line[1], line[5], DType.of(line[2]), longs(line[3]), longs(line[4]));
                }
            }
            List<String> arguments = new ArrayList<>(List.of("edit.py", folder.toString()));
            for (String pack : packs().toList()) {
                arguments.add(pack);
                try {
                    edit(folder.resolve(pack));
                } catch (RuntimeException e) {
                    failed.put(pack, e);
                }
            }
            lines = python(arguments.toArray(String[]::new));
            lines.stream().filter(line -> line[0].equals("found")).forEach(line -> found.put(line[1], line[2]));
            collect(lines, "edited", edited);
            lines.stream()
                    .filter(line -> line[0].equals("python") && !line[2].isEmpty())
                    .forEach(line -> lostByPython.put(line[1], line[2]));
        }

        private void base(String origin, String array, DType dtype, long[] shape, long[] dropped) {
            try (NumPack pack = NumPack.open(folder.resolve(origin).resolve("none"))) {
                pack.save(array, raw(dtype, shape, 1));
                pack.dropRows(array, dropped);
            }
        }

        private static void collect(List<String[]> lines, String kind, Map<String, Map<String, Expected>> into) {
            for (String[] line : lines) {
                if (line[0].equals(kind)) {
                    into.computeIfAbsent(line[1], p -> new LinkedHashMap<>())
                            .put(line[5], new Expected(line[2], line[3], line[4]));
                }
            }
        }

        private static void edit(Path pack) throws IOException {
            String edit = pack.getFileName().toString();
            if (!edit.equals("none")) {
                copy(pack.resolveSibling("none"), pack);
            }
            Durability durability = edit.equals("power") ? Durability.POWER : Durability.PROCESS;
            try (NumPack opened =
                    NumPack.builder(pack).create(false).durability(durability).open()) {
                PythonTest.edit(opened, edit);
            }
        }
    }

    private static Exchange exchange() throws IOException, InterruptedException {
        assumeTrue(PYTHON != null, "NUMPACK_PYTHON does not name a Python with NumPack 0.7.0");
        if (exchange == null) {
            exchange = new Exchange();
        }
        return exchange;
    }

    @AfterAll
    static void clean() throws IOException {
        if (exchange != null) {
            try (Stream<Path> files = Files.walk(exchange.folder)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    /** The words of each line that a script prints. */
    private static List<String[]> python(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(PYTHON, "-X", "utf8", "-B"));
        all.addAll(List.of(command));
        all.set(4, SCRIPTS.resolve(command[0]).toString());
        Process python = new ProcessBuilder(all)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String[]> lines = new ArrayList<>();
        try (var out = new BufferedReader(new InputStreamReader(python.getInputStream(), StandardCharsets.UTF_8))) {
            out.lines().forEach(line -> lines.add(line.split("\t", -1)));
        }
        assertEquals(0, python.waitFor(), () -> command[0] + " failed after " + lines.size() + " lines");
        return lines;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(dir)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    // ---- the recipe

    private static long[] longs(String list) {
        return list.isEmpty()
                ? new long[0]
                : Stream.of(list.split(",")).mapToLong(Long::parseLong).toArray();
    }

    private static NDArray raw(DType dtype, long[] shape, int seed) {
        byte[] bytes = new byte[Math.toIntExact(Shape.product(shape) * dtype.itemSize())];
        for (int k = 0; k < bytes.length; k++) {
            bytes[k] = (byte) (seed * 31 + k * 7 + (k >> 8) * 13 & (dtype == DType.BOOL ? 1 : 255));
        }
        return NDArray.wrap(dtype, TestArrays.fromBytes(dtype.kind(), bytes), shape);
    }

    private static NDArray rows(ArraySource source, String name, long rows, int seed) {
        long[] shape = source.shape(name);
        shape[0] = rows;
        return raw(source.dtype(name), shape, seed);
    }

    private static Rows firstAndLast(long rows) {
        return rows >= 3 ? Rows.of(0, -1) : Rows.range(0, rows);
    }

    private static void edit(NumPack pack, String edit) {
        if (edit.equals("delete")) {
            List<String> sorted = new ArrayList<>(new TreeSet<>(pack.names()));
            for (int i = 0; i < sorted.size(); i += 2) {
                pack.delete(sorted.get(i));
            }
        } else if (edit.startsWith("batch")) {
            BatchOptions options = edit.equals("batch")
                    ? BatchOptions.defaults()
                    : BatchOptions.defaults().memoryLimit(1);
            pack.withBatch(options, batch -> {
                batch.names().forEach(name -> inBatch(batch, name));
                return null;
            });
        } else if (edit.equals("writable")) {
            pack.withWritableBatch(batch -> {
                batch.names().forEach(name -> fillFirst(batch.load(name)));
                return null;
            });
        } else {
            pack.names().forEach(name -> edit(pack, name, edit));
        }
    }

    private static void edit(NumPack pack, String name, String edit) {
        long rows = pack.shape(name)[0];
        switch (edit) {
            case "none" -> {}
            case "save" -> pack.save(name, rows(pack, name, rows, 2));
            case "resave" -> {
                long[] shape = pack.shape(name);
                shape[0] += 2;
                pack.save(name, raw(DType.FLOAT32, shape, 3));
            }
            case "append" -> {
                pack.append(name, rows(pack, name, 3, 4));
                pack.append(name, rows(pack, name, 1, 5));
            }
            case "drop" -> pack.dropRows(name, firstAndLast(rows));
            case "drop-drop" -> {
                pack.dropRows(name, Rows.range(0, Math.min(1, rows)));
                pack.dropRows(name, rows > 1 ? Rows.of(-1) : Rows.of());
            }
            case "drop-append" -> {
                pack.dropRows(name, firstAndLast(rows));
                pack.append(name, rows(pack, name, 3, 4));
            }
            case "append-drop" -> {
                pack.append(name, rows(pack, name, 3, 4));
                pack.dropRows(name, firstAndLast(rows + 3));
            }
            case "replace" -> {
                Rows at = rows >= 3 ? Rows.of(-1, 0, rows / 2) : Rows.range(0, rows);
                pack.replaceRows(name, rows(pack, name, at.resolve(rows).length, 6), at);
            }
            case "mask" -> {
                boolean[] mask = new boolean[(int) rows];
                for (int i = 0; i < rows; i += 2) {
                    mask[i] = true;
                }
                pack.replaceRows(name, rows(pack, name, (rows + 1) / 2, 7), Rows.mask(mask));
            }
            case "rename" -> pack.rename(name, "z" + name.substring(1));
            case "compact" -> {
                pack.dropRows(name, firstAndLast(rows));
                pack.compact(name);
            }
            case "create" -> {
                DType dtype = pack.dtype(name);
                long[] shape = pack.shape(name);
                pack.delete(name);
                pack.create(name, dtype, shape);
            }
            case "power" -> {
                pack.save(name, rows(pack, name, rows, 2));
                pack.append(name, rows(pack, name, 3, 4));
            }
            default -> throw new IllegalArgumentException(edit);
        }
    }

    private static void fillFirst(NDArray array) {
        Object one = array.dtype() == DType.BOOL ? (Object) true : (Object) 1;
        array.rows(0, Math.min(1, array.rows())).fill(one);
    }

    private static void inBatch(Batch batch, String name) {
        fillFirst(batch.load(name));
        batch.append(name, rows(batch, name, 2, 8));
        batch.replaceRows(name, rows(batch, name, 1, 9), Rows.of(1));
        batch.dropRows(name, -2);
    }

    // ---- the tests

    static Stream<String> packsOfPython() {
        return Stream.of("theirs/none", "segments/none", "interrupted/none");
    }

    static Stream<String> packs() {
        return Stream.concat(
                ORIGINS.stream().flatMap(o -> EDITS.stream().map(e -> o + "/" + e)),
                LARGE.stream().map(e -> "large/" + e));
    }

    static Stream<String> packsThatPythonEdits() {
        return packs().filter(pack -> !pack.startsWith("large"));
    }

    @ParameterizedTest
    @MethodSource("packsOfPython")
    void weReadWhatPythonWrote(String pack) throws Exception {
        Exchange e = exchange();
        Path untouched = e.folder.resolve("untouched").resolve(pack);
        check(untouched, e.written.get(pack));
        assertTrue(Files.notExists(untouched.resolve(".numpack")), "a reader writes nothing");
    }

    @ParameterizedTest
    @MethodSource("packsThatPythonEdits")
    void weReadWhatPythonMadeOfIt(String pack) throws Exception {
        Exchange e = exchange();
        assertTrue(e.edited.containsKey(pack), () -> "Python did not come so far: " + e.found.get(pack));
        assertEquals(null, e.lostByPython.get(pack), "Python itself does not read what it wrote");
        check(e.folder.resolve(pack), e.edited.get(pack));
    }

    @ParameterizedTest
    @MethodSource("packs")
    void pythonReadsWhatWeWrote(String pack) throws Exception {
        Exchange e = exchange();
        if (e.failed.containsKey(pack)) {
            throw e.failed.get(pack);
        }
        assertEquals("as expected", e.found.get(pack));
    }

    /** In Python a KeyError, a ValueError, a RuntimeError or nothing, depending on the call. */
    @Test
    void everyUseOfAMissingArrayIsTheSameException(@TempDir Path folder) {
        try (NumPack pack = NumPack.open(folder.resolve("p.npk"))) {
            pack.save("features", new int[] {1});
            List<Consumer<NumPack>> uses = List.of(
                    p -> p.load("feature"),
                    p -> p.lazy("feature"),
                    p -> p.info("feature"),
                    p -> p.shape("feature"),
                    p -> p.dtype("feature"),
                    p -> p.selectRows("feature", 0),
                    p -> p.chunks("feature", 1),
                    p -> p.valAt("feature"),
                    p -> p.append("feature", new int[1]),
                    p -> p.replaceRows("feature", new int[1], Rows.of(0)),
                    p -> p.dropRows("feature", 0),
                    p -> p.delete("feature"),
                    p -> p.rename("feature", "x"),
                    p -> p.compact("feature"),
                    p -> p.withBatch(b -> b.load("feature")),
                    p -> p.withBatch(b -> b.lazy("feature")),
                    p -> p.withWritableBatch(b -> b.load("feature")));
            for (Consumer<NumPack> use : uses) {
                ArrayNotFoundException e = assertThrows(ArrayNotFoundException.class, () -> use.accept(pack));
                assertTrue(e.getMessage().contains("did you mean \"features\"?"), e.getMessage());
            }
            assertEquals(List.of("features"), pack.names());
        }
    }

    @Test
    void arraysThatCannotBeUsedHereAreKeptForPython(@TempDir Path folder) throws Exception {
        assumeTrue(PYTHON != null, "NUMPACK_PYTHON does not name a Python with NumPack 0.7.0");
        String path = folder.resolve("odd.npk").toString();
        python("odd.py", "write", path);
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(
                    4, pack.info().stream().filter(info -> info.fault() != null).count());
            pack.save("new", new int[] {7, 8});
            pack.append("good", new short[][] {{9, 9}});
            pack.rename("n".repeat(245), "short");
            pack.useBatch(batch -> batch.load("short").add(1));
        }
        List<String> found = python("odd.py", "read", path).stream()
                .map(line -> String.join(" ", line))
                .toList();
        assertEquals(
                List.of(
                        "0  3,2 0,1,2,3,4,5",
                        "4 good 4,2 0,1,2,3,4,5,9,9",
                        "3 new 2 7,8",
                        "240 nnnnnnnnnn 3,2 0,1,2,3,4,5",
                        "6 scalar  ",
                        "5 short 3,2 1,2,3,4,5,6"),
                found);
    }

    private static void check(Path path, Map<String, Expected> expected) {
        try (NumPack pack = NumPack.builder(path).readOnly(true).open()) {
            assertEquals(new TreeSet<>(expected.keySet()), new TreeSet<>(pack.names()));
            expected.forEach((name, e) -> {
                assertEquals(e.dtype, pack.dtype(name).numpyName(), name);
                long[] shape = longs(e.shape);
                assertArrayEquals(shape, pack.shape(name), name);
                for (NDArray read :
                        List.of(pack.lazy(name), pack.load(name), pack.selectRows(name, Rows.range(0, shape[0])))) {
                    assertArrayEquals(shape, read.shape(), name);
                    assertEquals(e.sha256, sha256(List.of(read)), name);
                }
                List<NDArray> chunks = new ArrayList<>();
                pack.chunks(name, 3).forEach(chunks::add);
                assertEquals(e.sha256, sha256(chunks), name);
                assertEquals(
                        LongStream.of(shape).skip(1).reduce(1, (a, b) -> a * b) * shape[0],
                        pack.lazy(name).size());
            });
        }
    }

    private static String sha256(List<NDArray> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (NDArray part : parts) {
                byte[] bytes = new byte[Math.toIntExact(part.nbytes())];
                part.runs().readBytes(0, bytes, 0, bytes.length);
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
