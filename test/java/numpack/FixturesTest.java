package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Packs written by Python NumPack 0.7.0, and what numpy says each array must read as. */
class FixturesTest {
    static final Path FIXTURES = Path.of("test/resources/fixtures");

    record Expected(String dtype, long[] shape, String hex) {}

    static Map<String, Map<String, Expected>> expected() throws IOException {
        Map<String, Map<String, Expected>> packs = new LinkedHashMap<>();
        try (JsonParser json =
                new JsonFactory().createParser(FIXTURES.resolve("expected.json").toFile())) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String pack = json.currentName();
                Map<String, Expected> arrays = new LinkedHashMap<>();
                json.nextToken();
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    if (json.nextToken() == JsonToken.START_OBJECT) {
                        arrays.put(name, array(json));
                    }
                }
                packs.put(pack, arrays);
            }
        }
        packs.keySet().removeIf(name -> name.endsWith(".npkg"));
        return packs;
    }

    private static Expected array(JsonParser json) throws IOException {
        String dtype = null;
        String hex = null;
        List<Long> shape = new ArrayList<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            if (field.equals("dtype")) {
                dtype = json.getText();
            } else if (field.equals("hex")) {
                hex = json.getText();
            } else {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    shape.add(json.getLongValue());
                }
            }
        }
        return new Expected(dtype, shape.stream().mapToLong(Long::longValue).toArray(), hex);
    }

    static Stream<String> packs() throws IOException {
        return expected().keySet().stream();
    }

    static String hex(NDArray array) {
        byte[] bytes = new byte[Math.toIntExact(array.nbytes())];
        if (bytes.length > 0) {
            array.runs().readBytes(0, bytes, 0, bytes.length);
        }
        return HexFormat.of().formatHex(bytes);
    }

    @ParameterizedTest
    @MethodSource("packs")
    void packOfPythonReadsAsNumpySays(String name) throws IOException {
        Map<String, Expected> arrays = expected().get(name);
        try (NumPack pack =
                NumPack.builder(FIXTURES.resolve(name)).readOnly(true).open()) {
            assertEquals(new TreeSet<>(arrays.keySet()), new TreeSet<>(pack.names()));
            arrays.forEach((array, e) -> {
                assertEquals(e.dtype, pack.dtype(array).numpyName(), array);
                assertArrayEquals(e.shape, pack.shape(array), array);
                for (NDArray read : List.of(
                        pack.lazy(array), pack.load(array), pack.selectRows(array, Rows.range(0, e.shape[0])))) {
                    assertEquals(e.hex, hex(read), array);
                    assertArrayEquals(e.shape, read.shape(), array);
                }
                StringBuilder chunked = new StringBuilder();
                pack.chunks(array, 3).forEach(chunk -> chunked.append(hex(chunk)));
                assertEquals(e.hex, chunked.toString(), array);
            });
            assertTrue(
                    java.nio.file.Files.notExists(FIXTURES.resolve(name).resolve(".numpack")),
                    "a reader writes nothing");
        }
    }
}
