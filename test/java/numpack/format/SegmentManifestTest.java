package numpack.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import numpack.format.SegmentManifest.Segment;
import org.junit.jupiter.api.Test;

class SegmentManifestTest {
    private static final Path FILE = Path.of("x.npk/data_x.npkseg");
    private static final String PYTHON = """
        {
          "version": 1,
          "segments": [
            {
              "file": "data_x_segments/seg_000000.npkd",
              "rows": 4,
              "bytes": 64
            },
            {
              "file": "data_x_segments/seg_000001.npkd",
              "rows": 0,
              "bytes": 0
            }
          ]
        }""";
    private static final SegmentManifest X =
            none(16).withAdded("data_x_segments/seg_000000.npkd", 4).withAdded("data_x_segments/seg_000001.npkd", 0);

    private static SegmentManifest none(long rowBytes) {
        return SegmentManifest.decode(utf8("{\"version\": 1, \"segments\": []}"), 0, rowBytes, FILE);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void readsAndWritesAsPythonDoes() {
        assertEquals(X, SegmentManifest.decode(utf8(PYTHON), 4, 16, FILE));
        assertArrayEquals(utf8(PYTHON), X.encode());
        assertEquals(
                List.of(
                        new Segment("data_x_segments/seg_000000.npkd", 4, 64),
                        new Segment("data_x_segments/seg_000001.npkd", 0, 0)),
                X.segments());
        assertEquals(4, X.rows());
    }

    @Test
    void noSegmentsAreNoRows() {
        byte[] bytes = utf8("{\n  \"version\": 1,\n  \"segments\": []\n}");
        assertEquals(List.of(), SegmentManifest.decode(bytes, 0, 16, FILE).segments());
        assertArrayEquals(bytes, none(16).encode());
    }

    @Test
    void layoutOrderAndUnknownPropertiesDoNotMatter() {
        String compact = PYTHON.replaceAll("\\s", "")
                .replace("\"version\":1,", "\"by\":{\"x\":[1,{}]},")
                .replaceAll("}$", ",\"version\":1}");
        assertEquals(X, SegmentManifest.decode(utf8(compact + "\n"), 4, 16, FILE));
    }

    @Test
    void theRowsAreTheTruthAboutTheBytes() {
        assertEquals(X, SegmentManifest.decode(utf8(PYTHON.replace("64", "65")), 4, 16, FILE));
    }

    @Test
    void randomManifestsReadAsTheyWereWritten() {
        Random random = new Random(1);
        for (int round = 0; round < 100; round++) {
            SegmentManifest manifest = none(24);
            for (int i = random.nextInt(30); i > 0; i--) {
                manifest = manifest.withAdded("data_名 \"\\\u0001x_segments/seg_" + i + ".npkd", random.nextInt(1000));
            }
            assertEquals(manifest, SegmentManifest.decode(manifest.encode(), manifest.rows(), 24, FILE));
        }
    }

    @Test
    void controlCharactersAreEscapedAsPythonDoes() {
        String json = new String(none(1).withAdded("a\u001f\u007f\n特.npkd", 1).encode(), StandardCharsets.UTF_8);
        assertEquals(
                "\"a\\u001f\u007f\\n特.npkd\"",
                json.lines()
                        .filter(l -> l.contains("file"))
                        .findFirst()
                        .orElseThrow()
                        .replaceAll(".*: |,$", ""));
    }

    @Test
    void theLastSegmentGrows() {
        SegmentManifest grown = X.withLastRows(3);
        assertEquals(
                new Segment("data_x_segments/seg_000001.npkd", 3, 48),
                grown.segments().get(1));
        assertEquals(7, grown.rows());
        assertEquals(4, X.rows());
    }

    @Test
    void aRenamedArrayTakesItsFolderAlong() {
        SegmentManifest renamed = X.renamed("x", "y z");
        assertEquals(
                "data_y z_segments/seg_000000.npkd", renamed.segments().get(0).file());
        assertEquals(X, renamed.renamed("y z", "x"));
        assertEquals(X, X.renamed("other", "y"));
    }

    @Test
    void segmentsCannotBeChangedFromOutside() {
        assertThrows(UnsupportedOperationException.class, () -> X.segments().clear());
    }
}
