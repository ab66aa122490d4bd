package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.java.api.Clojure;
import clojure.lang.IPersistentMap;
import clojure.lang.Keyword;
import clojure.lang.RT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NumPackExceptionTest {
    private static final Map<String, NumPackException> ALL = new TreeMap<>();

    static {
        Object[] data = {"array", "emb", "path", "/p", "expected", 5L, "found", null};
        for (NumPackException e : List.of(
                new ArrayExistsException("m", data),
                new ArrayNotFoundException("m", data),
                new ConflictException("m", data),
                new CorruptPackException("m", null, data),
                new DTypeMismatchException("m", data),
                new InsufficientMemoryException("m", data),
                new InsufficientSpaceException("m", data),
                new InvalidNameException("m", data),
                new InvalidOptionException("m", data),
                new NotAPackException("m", data),
                new OutOfStepException("m", data),
                new PackClosedException("m", data),
                new PackLockedException("m", data),
                new PackNotFoundException("m", data),
                new ReadOnlyException("m", data),
                new RecoveryNeededException("m", data),
                new ScopeEndedException("m", data),
                new ScopeOpenException("m", data),
                new ShapeMismatchException("m", data),
                new StorageException("m", new IOException("disk"), data),
                new UnsupportedArrayException("m", data))) {
            ALL.put(e.getClass().getSimpleName(), e);
        }
    }

    private static Object value(NumPackException e, String namespace, String name) {
        return e.getData().valAt(Keyword.intern(namespace, name));
    }

    @Test
    void theKeywordOfEachErrorIsItsClassNameInClojuresSpelling() {
        Map<String, String> keywords = new TreeMap<>();
        ALL.forEach((name, e) -> keywords.put(name, value(e, "numpack", "error").toString()));
        assertEquals(
                new TreeMap<>(Map.ofEntries(
                        Map.entry("ArrayExistsException", ":array-exists"),
                        Map.entry("ArrayNotFoundException", ":array-not-found"),
                        Map.entry("ConflictException", ":conflict"),
                        Map.entry("CorruptPackException", ":corrupt-pack"),
                        Map.entry("DTypeMismatchException", ":dtype-mismatch"),
                        Map.entry("InsufficientMemoryException", ":insufficient-memory"),
                        Map.entry("InsufficientSpaceException", ":insufficient-space"),
                        Map.entry("InvalidNameException", ":invalid-name"),
                        Map.entry("InvalidOptionException", ":invalid-option"),
                        Map.entry("NotAPackException", ":not-a-pack"),
                        Map.entry("OutOfStepException", ":out-of-step"),
                        Map.entry("PackClosedException", ":pack-closed"),
                        Map.entry("PackLockedException", ":pack-locked"),
                        Map.entry("PackNotFoundException", ":pack-not-found"),
                        Map.entry("ReadOnlyException", ":read-only"),
                        Map.entry("RecoveryNeededException", ":recovery-needed"),
                        Map.entry("ScopeEndedException", ":scope-ended"),
                        Map.entry("ScopeOpenException", ":scope-open"),
                        Map.entry("ShapeMismatchException", ":shape-mismatch"),
                        Map.entry("StorageException", ":storage"),
                        Map.entry("UnsupportedArrayException", ":unsupported-array"))),
                keywords);
    }

    @Test
    void noErrorIsForgottenHere() throws IOException {
        Path sources = Path.of("src/java/numpack");
        try (Stream<Path> files = Files.list(sources)) {
            List<String> classes = files.map(f -> f.getFileName().toString().replace(".java", ""))
                    .filter(n -> n.endsWith("Exception") && !n.equals("NumPackException"))
                    .sorted()
                    .toList();
            assertEquals(classes, List.copyOf(ALL.keySet()));
        }
    }

    @Test
    void dataHasWhatIsKnownAndNothingElse() {
        ALL.forEach((name, e) -> {
            IPersistentMap data = e.getData();
            assertEquals("emb", value(e, null, "array"), name);
            assertEquals("/p", value(e, null, "path"), name);
            assertEquals(5L, value(e, null, "expected"), name);
            assertEquals(4, data.count(), name + ": null values are left out: " + data);
            assertSame(data, Clojure.var("clojure.core", "ex-data").invoke(e));
            assertEquals("m", Clojure.var("clojure.core", "ex-message").invoke(e));
        });
        assertEquals(1, new ReadOnlyException("m").getData().count());
        assertEquals("disk", ALL.get("StorageException").getCause().getMessage());
        assertNull(ALL.get("CorruptPackException").getCause());
        assertTrue(RuntimeException.class.isAssignableFrom(NumPackException.class));
    }

    @Test
    void shapesAreVectorsDtypesKeywordsAndPathsStrings() {
        Map<Object, Object> plain = Map.of(
                new long[] {3, 2},
                RT.vector(3L, 2L),
                new int[] {3},
                RT.vector(3L),
                DType.FLOAT32,
                Keyword.intern("float32"),
                DType.BOOL,
                Keyword.intern("boolean"),
                DType.Kind.LONG,
                Keyword.intern("long"),
                new DType[] {DType.INT8, DType.BOOL},
                RT.vector(Keyword.intern("int8"), Keyword.intern("boolean")),
                Path.of("/p"),
                "/p",
                "text",
                "text");
        plain.forEach((given, expected) ->
                assertEquals(expected, value(new ReadOnlyException("m", "found", given), null, "found")));
    }
}
