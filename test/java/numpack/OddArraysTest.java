package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.lang.Keyword;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Arrays that other programs write, and that cannot be used here: they close nothing but themselves. */
class OddArraysTest {
    private static final String GOOD = "good";

    /** An array that Python writes, or that the format allows. */
    private enum Odd {
        NO_NAME("its name is empty", "", 5, 2),
        NAME_OF_240_BYTES("its name takes 240 bytes", "n".repeat(240), 5, 2),
        NAME_OF_245_BYTES("its name takes 245 bytes", "é".repeat(122) + "n", 5, 2),
        NO_AXIS("it has no axis", "scalar"),
        COMPRESSED("it is compressed", "packed", 5, 2);

        private final String fault;
        private final ForeignPack.Array array;

        Odd(String fault, String name, long... shape) {
            this.fault = fault;
            this.array = new ForeignPack.Array(name, 6, 2, "data_" + name + ".npkd", shape);
        }

        String arrayName() {
            return array.name();
        }

        byte[] entry() {
            byte[] entry = array.entry();
            if (this == COMPRESSED) {
                entry[entry.length - 22] = 1;
            }
            return entry;
        }

        void write(Path pack) throws IOException {
            ForeignPack.Array good = new ForeignPack.Array(GOOD, 6, 2, "data_good.npkd", 3, 2);
            ForeignPack.write(pack, good, array);
            byte[] metadata = ForeignPack.metadata(good, array);
            System.arraycopy(entry(), 0, metadata, metadata.length - entry().length, entry().length);
            Files.write(pack.resolve("metadata.npkm"), metadata);
        }
    }

    @TempDir
    Path folder;

    private Path packOf(Odd odd) throws IOException {
        Path pack = folder.resolve("odd.npk");
        odd.write(pack);
        return pack;
    }

    private static void assertFault(Odd odd, NumPack pack, String array) {
        ArrayInfo info = pack.info(array);
        assertTrue(info.fault().startsWith(odd.fault), info.fault());
        assertEquals(DType.INT16, info.dtype());
        assertArrayEquals(odd.array.shape(), info.shape());
        assertEquals(odd.array.bytes(), info.nbytes());
    }

    @ParameterizedTest
    @EnumSource
    void oddArrayIsListedWithItsFaultAndOthersAreRead(Odd odd) throws IOException {
        try (NumPack pack = NumPack.builder(packOf(odd)).readOnly(true).open()) {
            assertEquals(List.of(GOOD, odd.arrayName()), pack.names());
            assertTrue(pack.exists(odd.arrayName()));
            assertFault(odd, pack, odd.arrayName());
            assertEquals(2, pack.info().size());
            assertNull(pack.info(GOOD).fault());
            assertEquals(3, pack.load(GOOD).rows());
            assertTrue(pack.toString().contains("| int16 | "), pack.toString());
            assertEquals(odd.array.shape().length, pack.shape(odd.arrayName()).length);
        }
    }

    // ---- using it

    private static final Map<String, Consumer<Use>> USES = new LinkedHashMap<>();

    private record Use(NumPack pack, String odd) {}

    static {
        USES.put("load", u -> u.pack.load(u.odd));
        USES.put("load converted", u -> u.pack.load(u.odd, DType.FLOAT64));
        USES.put("lazy", u -> u.pack.lazy(u.odd));
        USES.put("look-up", u -> u.pack.valAt(u.odd));
        USES.put("selectRows", u -> u.pack.selectRows(u.odd, 0));
        USES.put("chunks", u -> u.pack.chunks(u.odd, 2));
        USES.put("dropRows", u -> u.pack.dropRows(u.odd, 0));
        USES.put("compact", u -> u.pack.compact(u.odd));
        USES.put("copy", u -> u.pack.copy(u.odd, "copy"));
        USES.put("drop beside", u -> u.pack.dropRows(List.of(GOOD, u.odd), Rows.of(0)));
        USES.put("batch load", u -> u.pack.withBatch(batch -> batch.load(u.odd)));
        USES.put(
                "batch rename",
                u -> u.pack.withBatch(batch -> {
                    batch.rename(u.odd, "better");
                    return null;
                }));
        USES.put("writable load", u -> u.pack.withWritableBatch(batch -> batch.load(u.odd)));
    }

    @ParameterizedTest
    @EnumSource
    void usingItIsRefusedByNameAndChangesNothing(Odd odd) throws IOException {
        Path path = packOf(odd);
        Map<String, String> before = Packs.contents(path);
        try (NumPack pack = NumPack.open(path)) {
            USES.forEach((what, use) -> {
                UnsupportedArrayException e = assertThrows(
                        UnsupportedArrayException.class, () -> use.accept(new Use(pack, odd.arrayName())), what);
                assertTrue(e.getMessage().contains("cannot be used: " + odd.fault), e.getMessage());
                assertEquals(odd.arrayName(), e.getData().valAt(Keyword.intern("array")));
            });
        }
        assertEquals(before, Packs.contents(path));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"NO_AXIS", "COMPRESSED"},
            mode = Mode.EXCLUDE)
    void noArrayGetsAnOddName(Odd odd) throws IOException {
        try (NumPack pack = NumPack.open(packOf(odd))) {
            assertThrows(InvalidNameException.class, () -> pack.save(odd.arrayName(), new int[1]));
            assertThrows(InvalidNameException.class, () -> pack.rename(GOOD, odd.arrayName()));
            pack.delete(odd.arrayName());
            assertThrows(InvalidNameException.class, () -> pack.load(odd.arrayName()));
        }
    }

    // ---- commits beside it

    /** The bytes of its entry are in the metadata, and those of its elements in its file. */
    private static void assertCarriedAlong(Odd odd, Path path, String what) throws IOException {
        byte[] metadata = Files.readAllBytes(path.resolve("metadata.npkm"));
        byte[] entry = odd.entry();
        assertTrue(
                IntStream.rangeClosed(0, metadata.length - entry.length)
                        .anyMatch(at -> Arrays.equals(metadata, at, at + entry.length, entry, 0, entry.length)),
                what);
        byte[] elements = new byte[(int) odd.array.bytes()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = (byte) i;
        }
        assertArrayEquals(elements, Files.readAllBytes(path.resolve(odd.array.dataFile())), what);
    }

    private static final Map<String, Consumer<NumPack>> COMMITS = new LinkedHashMap<>();

    static {
        COMMITS.put("save", pack -> pack.save("new", new int[2][2]));
        COMMITS.put("save in place", pack -> pack.save("new", new int[2][2]));
        COMMITS.put("append", pack -> pack.append("new", new int[7][2]));
        COMMITS.put("replace", pack -> pack.replaceRows("new", new int[1][2], Rows.of(0)));
        COMMITS.put("drop", pack -> pack.dropRows(GOOD, 1));
        COMMITS.put("compact", pack -> pack.compact(GOOD));
        COMMITS.put("copy", pack -> pack.copy(GOOD, "copy"));
        COMMITS.put("rename", pack -> pack.rename("copy", "renamed"));
        COMMITS.put("delete", pack -> pack.delete("renamed"));
        COMMITS.put(
                "batch",
                pack -> pack.useBatch(batch -> {
                    batch.load("new").mul(2);
                    batch.append("new", new int[1][2]);
                    batch.save("more", new double[3]);
                    batch.rename("more", "most");
                }));
        COMMITS.put(
                "writable batch",
                pack -> pack.withWritableBatch(batch -> batch.load("new").add(1)));
        COMMITS.put("sync", NumPack::sync);
    }

    @ParameterizedTest
    @EnumSource
    void itsEntryIsCarriedAlongThroughEveryCommit(Odd odd) throws IOException {
        Path path = packOf(odd);
        for (Durability durability : Durability.values()) {
            try (NumPack pack = NumPack.builder(path).durability(durability).open()) {
                for (Map.Entry<String, Consumer<NumPack>> commit : COMMITS.entrySet()) {
                    commit.getValue().accept(pack);
                    assertCarriedAlong(odd, path, commit.getKey() + ", " + durability);
                }
                assertEquals(List.of(GOOD, odd.arrayName(), "new", "most"), pack.names());
                pack.delete(List.of("new", "most"));
                pack.save(GOOD, new short[3][2]);
            }
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    // ---- getting rid of it

    @ParameterizedTest
    @EnumSource
    void itIsDeletedAsOthersAre(Odd odd) throws IOException {
        Path path = packOf(odd);
        try (NumPack pack = NumPack.open(path)) {
            pack.delete(odd.arrayName());
            assertEquals(List.of(GOOD), pack.names());
            assertEquals(3, pack.load(GOOD).rows());
        }
        assertFalse(Files.exists(path.resolve(odd.array.dataFile())));
        odd.write(path);
        try (NumPack pack = NumPack.open(path)) {
            pack.useBatch(batch -> batch.delete(batch.names()));
            assertEquals(List.of(), pack.names());
        }
        odd.write(path);
        try (NumPack pack = NumPack.builder(path).dropIfExists(true).open()) {
            assertEquals(List.of(), pack.names());
        }
        assertEquals(List.of("metadata.npkm"), List.copyOf(Packs.contents(path).keySet()));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"NO_AXIS", "COMPRESSED"},
            mode = Mode.EXCLUDE)
    void aBetterNameMakesItAnArrayLikeOthers(Odd odd) throws IOException {
        Path path = packOf(odd);
        try (NumPack pack = NumPack.open(path)) {
            pack.rename(odd.arrayName(), "better");
            assertEquals(List.of(GOOD, "better"), pack.names());
            assertNull(pack.info("better").fault());
            assertEquals(0x0908, pack.load("better").getLong(2, 0));
            pack.dropRows("better", 0);
            pack.append("better", new short[1][2]);
            assertEquals(5, pack.load("better").rows());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_AXIS", "COMPRESSED"})
    void whatAnotherNameDoesNotCureKeepsItsFaultUnderIt(Odd odd) throws IOException {
        Path path = packOf(odd);
        try (NumPack pack = NumPack.open(path)) {
            pack.rename(odd.arrayName(), "better");
            assertFault(odd, pack, "better");
            assertTrue(Files.exists(path.resolve("data_better.npkd")));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_AXIS", "COMPRESSED"})
    void newContentsTakeItsPlace(Odd odd) throws IOException {
        Path path = packOf(odd);
        try (NumPack pack = NumPack.open(path)) {
            pack.save(odd.arrayName(), new int[] {7});
            assertEquals(7, pack.load(odd.arrayName()).getLong(0));
        }
        odd.write(path);
        try (NumPack pack = NumPack.open(path)) {
            pack.useBatch(batch -> batch.save(odd.arrayName(), new int[] {8}));
            assertEquals(8, pack.load(odd.arrayName()).getLong(0));
            assertEquals(List.of(GOOD, odd.arrayName()), pack.names());
        }
        assertEquals(List.of(), Packs.leftovers(path));
    }

    // ---- what Python really writes

    @Test
    void packOfPythonWithOddArraysIsReadAndRepaired() {
        Path path = folder.resolve("python.npk");
        Packs.copy(Path.of("test/resources/odd/odd.npk"), path);
        try (NumPack pack = NumPack.open(path)) {
            assertEquals(
                    List.of("", GOOD, "scalar"), pack.names().stream().sorted().toList());
            assertEquals(5, pack.load(GOOD).getDouble(2, 1));
            assertEquals(1, pack.info("").deletedRows());
            assertTrue(pack.info("scalar").fault().contains("data_scalar.npkd"));
            pack.rename("", "named");
            assertEquals(List.of(0L, 4L, 6L, 8L), firstColumn(pack.load("named")));
            assertFalse(Files.exists(path.resolve("deleted_.npkb")));
            pack.save("scalar", new double[] {3.5});
            assertEquals(
                    3, pack.info().stream().filter(info -> info.fault() == null).count());
        }
    }

    private static List<Long> firstColumn(NDArray array) {
        return IntStream.range(0, (int) array.rows())
                .mapToObj(row -> array.getLong(row, 0))
                .toList();
    }
}
