package numpack.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.lang.IPersistentMap;
import clojure.lang.Keyword;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import numpack.CorruptPackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged and hostile files: each is refused, with its place, and nothing else happens. */
class HostileTest {
    private static final long ROW_BYTES = 16;
    private static final long MAX_ALLOCATION = 1 << 20;
    private static final int ROUNDS = 300;

    static List<String> cases() {
        return new String(Fixtures.read(Fixtures.folder("hostile").resolve("expected.tsv")), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aHostileFileIsRefusedNamingFileOffsetAndField(String line) {
        String[] columns = line.split("\t");
        Path file = Fixtures.folder("hostile").resolve(columns[0]);
        byte[] bytes = Fixtures.read(file);
        long rows = columns[1].equals("-") ? 0 : Long.parseLong(columns[1]);
        // the first exception of a JVM loads classes, which allocates too
        assertThrows(CorruptPackException.class, () -> decode(bytes, rows, file));
        long before = Fixtures.allocated();
        CorruptPackException e = assertThrows(CorruptPackException.class, () -> decode(bytes, rows, file));
        long allocation = Fixtures.allocated() - before;
        IPersistentMap data = e.getData();
        assertEquals(file.toString(), data.valAt(Keyword.intern("path")));
        assertEquals(Long.parseLong(columns[2]), data.valAt(Keyword.intern("offset")), e.getMessage());
        assertEquals(columns[3], data.valAt(Keyword.intern("field")), e.getMessage());
        String found = e.getMessage().substring(e.getMessage().lastIndexOf(", found "));
        assertTrue(found.contains(columns[4]), found);
        assertFalse(
                data.valAt(Keyword.intern("expected")) instanceof String,
                "what is expected is a value, or left to the message");
        assertTrue(
                e.getMessage().startsWith(file + " is damaged at byte " + columns[2] + ", " + columns[3]),
                e.getMessage());
        assertTrue(e.getMessage().contains("restore it from a copy"), e.getMessage());
        assertTrue(allocation < MAX_ALLOCATION, () -> allocation + " bytes were allocated");
    }

    private static Object decode(byte[] bytes, long rows, Path file) {
        String name = file.toString();
        if (name.endsWith(".npkm")) {
            return Metadata.decode(bytes, file);
        }
        return name.endsWith(".npkb")
                ? DeletionBitmap.decode(bytes, rows, file)
                : SegmentManifest.decode(bytes, rows, ROW_BYTES, file);
    }

    @Test
    void aFixtureWithRandomBytesChangedIsAValueOrRefused() {
        Random random = new Random(20);
        int[] outcomes = new int[2];
        for (Path pack : Fixtures.packs()) {
            Path index = pack.resolve("metadata.npkm");
            byte[] bytes = Fixtures.read(index);
            for (int i = 0; i < ROUNDS; i++) {
                count(outcomes, () -> Metadata.decode(damage(bytes, random), index));
            }
            for (Entry entry : Fixtures.metadata(pack).entries()) {
                if (entry.isSegmented()) {
                    Path file = pack.resolve(entry.dataFile());
                    fuzz(outcomes, Fixtures.read(file), random, entry, file);
                }
                if (Fixtures.bitmap(pack, entry) != null) {
                    Path file = pack.resolve(ArrayNames.bitmapFile(entry.name()));
                    fuzz(outcomes, Fixtures.read(file), random, entry, file);
                }
            }
        }
        assertTrue(outcomes[0] > 500 && outcomes[1] > 500, () -> Arrays.toString(outcomes));
    }

    private static void fuzz(int[] outcomes, byte[] bytes, Random random, Entry entry, Path file) {
        for (int i = 0; i < ROUNDS; i++) {
            byte[] damaged = damage(bytes, random);
            count(
                    outcomes,
                    () -> file.toString().endsWith(".npkb")
                            ? DeletionBitmap.decode(damaged, entry.rows(), file)
                            : SegmentManifest.decode(damaged, entry.rows(), entry.rowBytes(), file));
        }
    }

    private static void count(int[] outcomes, Supplier<?> decoding) {
        try {
            var unused = decoding.get();
            outcomes[0]++;
        } catch (CorruptPackException e) {
            outcomes[1]++;
        }
    }

    /** One to three bytes changed, and one time in four cut short. */
    private static byte[] damage(byte[] bytes, Random random) {
        byte[] damaged = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes.clone();
        for (int i = random.nextInt(3); i >= 0 && damaged.length > 0; i--) {
            damaged[random.nextInt(damaged.length)] =
                    random.nextBoolean() ? (byte) random.nextInt() : (byte) (random.nextBoolean() ? -1 : 0);
        }
        return damaged;
    }
}
