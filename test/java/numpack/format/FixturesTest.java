package numpack.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packs that the real Python NumPack wrote. */
class FixturesTest {
    static List<Path> packs() {
        return Fixtures.packs();
    }

    @ParameterizedTest
    @MethodSource("packs")
    void everythingEncodesToTheBytesThatPythonWrote(Path pack) {
        Metadata metadata = Fixtures.metadata(pack);
        assertArrayEquals(Fixtures.read(pack.resolve("metadata.npkm")), metadata.encode());
        for (Entry entry : metadata.entries()) {
            if (entry.isSegmented()) {
                assertArrayEquals(
                        Fixtures.read(pack.resolve(entry.dataFile())),
                        Fixtures.manifest(pack, entry).encode());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("packs")
    void bitmapsEncodeToTheBytesThatPythonWroteButForItsWrongCount(Path pack) {
        for (Entry entry : Fixtures.metadata(pack).entries()) {
            DeletionBitmap bitmap = Fixtures.bitmap(pack, entry);
            if (bitmap != null) {
                byte[] python = Fixtures.read(pack.resolve(ArrayNames.bitmapFile(entry.name())));
                if (pack.endsWith("append-after-drop.npk")) {
                    assertEquals(2, python[8]);
                    python[8] = 0;
                }
                assertArrayEquals(python, bitmap.encode());
            }
        }
    }

    @Test
    void everyArrayReadsAsExpected() {
        Fixtures.expected().forEach((pack, arrays) -> {
            if (pack.endsWith(".npk")) {
                arrays.forEach((name, expected) -> {
                    if (!name.equals("note")) {
                        assertReads(Fixtures.folder("fixtures").resolve(pack), name, (Map<?, ?>) expected);
                    }
                });
            }
        });
    }

    private static void assertReads(Path pack, String name, Map<?, ?> expected) {
        Entry entry = Fixtures.metadata(pack).find(name);
        assertNotNull(entry, name);
        DeletionBitmap bitmap = Fixtures.bitmap(pack, entry);
        long[] shape = entry.shape();
        shape[0] = bitmap == null ? entry.rows() : bitmap.activeRows();
        assertEquals(expected.get("dtype"), entry.dtype().numpyName());
        assertEquals(expected.get("shape"), Arrays.stream(shape).boxed().toList());
        assertEquals(expected.get("hex"), HexFormat.of().formatHex(active(physical(pack, entry), bitmap, (int)
                entry.rowBytes())));
    }

    private static byte[] physical(Path pack, Entry entry) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (entry.isSegmented()) {
            for (SegmentManifest.Segment segment :
                    Fixtures.manifest(pack, entry).segments()) {
                bytes.write(Fixtures.read(pack.resolve(segment.file())), 0, (int) segment.bytes());
            }
        } else {
            bytes.write(Fixtures.read(pack.resolve(entry.dataFile())), 0, (int) entry.sizeBytes());
        }
        return bytes.toByteArray();
    }

    private static byte[] active(byte[] physical, DeletionBitmap bitmap, int rowBytes) {
        if (bitmap == null) {
            return physical;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long[][] runs = bitmap.activeRuns(1);
        for (int i = 0; i < runs[0].length; i++) {
            bytes.write(physical, (int) runs[0][i] * rowBytes, (int) runs[1][i] * rowBytes);
        }
        return bytes.toByteArray();
    }
}
