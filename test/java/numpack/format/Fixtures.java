package numpack.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The packs that Python NumPack wrote ({@code fixtures/make.py}) and the damaged files ({@code hostile/make.py}) among the test
 * resources.
 */
final class Fixtures {
    private Fixtures() {}

    static Path folder(String name) {
        try {
            return Path.of(Fixtures.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bytes that this thread has allocated so far. */
    static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** Every pack. */
    static List<Path> packs() {
        try (Stream<Path> files = Files.list(folder("fixtures"))) {
            return files.filter(f -> f.toString().endsWith(".npk")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Metadata metadata(Path pack) {
        Path file = pack.resolve("metadata.npkm");
        return Metadata.decode(read(file), file);
    }

    /** The bitmap of an array; null if it has none. */
    static DeletionBitmap bitmap(Path pack, Entry entry) {
        Path file = pack.resolve(ArrayNames.bitmapFile(entry.name()));
        return Files.exists(file) ? DeletionBitmap.decode(read(file), entry.rows(), file) : null;
    }

    static SegmentManifest manifest(Path pack, Entry entry) {
        Path file = pack.resolve(entry.dataFile());
        return SegmentManifest.decode(read(file), entry.rows(), entry.rowBytes(), file);
    }

    /** What {@code expected.json} says: pack → array → "dtype", "shape", "hex". */
    @SuppressWarnings("unchecked")
    static Map<String, Map<String, Object>> expected() {
        try (JsonParser json =
                new JsonFactory().createParser(read(folder("fixtures").resolve("expected.json")))) {
            json.nextToken();
            return (Map<String, Map<String, Object>>) value(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object value(JsonParser json) throws IOException {
        switch (json.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String key = json.currentName();
                    json.nextToken();
                    map.put(key, value(json));
                }
                return map;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(json));
                }
                return list;
            }
            case VALUE_NUMBER_INT -> {
                return json.getLongValue();
            }
            default -> {
                return json.getText();
            }
        }
    }
}
