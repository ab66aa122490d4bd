package numpack.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import numpack.ArrayExistsException;
import numpack.DType;
import org.junit.jupiter.api.Test;

class MetadataTest {
    private static final Path FILE = Path.of("x.npk/metadata.npkm");
    /** The hexdump of the format page. */
    private static final byte[] AB = HexFormat.of().parseHex("""
        4e 50 4b 42  01 00 00 00  18 00 00 00 00 00 00 00  01 00 00 00
        02 00 00 00  61 62
        02 00 00 00  03 00 00 00 00 00 00 00  02 00 00 00 00 00 00 00
        0c 00 00 00  64 61 74 61 5f 61 62 2e 6e 70 6b 64
        44 33 22 11 5b 2a 06 00  18 00 00 00 00 00 00 00  0a
        00  00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  00
        """.replaceAll("\\s", ""));

    private static final int BLOCK_FLAG = 100;

    private static Entry entry(String name, long rows) {
        return Entry.of(name, DType.FLOAT32, new long[] {rows, 2}, rows + 1);
    }

    private static Metadata many(int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(entry("array-" + i, i));
        }
        return Metadata.of(entries);
    }

    @Test
    void theHexdumpOfTheFormatPageReadsAndWrites() {
        Metadata metadata = Metadata.of(List.of(Entry.of("ab", DType.FLOAT32, new long[] {3, 2}, 0x00062a5b11223344L)));
        assertArrayEquals(AB, metadata.encode());
        assertEquals(metadata, Metadata.decode(AB, FILE));
        assertEquals(101, metadata.encodedLength());
        assertEquals(24, metadata.totalSize());
    }

    @Test
    void anEmptyPackIsABareHeader() {
        assertArrayEquals(Arrays.copyOf(HexFormat.of().parseHex("4e504b4201"), 20), Metadata.EMPTY.encode());
        assertEquals(Metadata.EMPTY, Metadata.decode(Metadata.EMPTY.encode(), FILE));
    }

    @Test
    void randomMetadataReadsAsItWasWritten() {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            List<Entry> entries = new ArrayList<>();
            for (int i = random.nextInt(20); i > 0; i--) {
                String name = "名".repeat(random.nextInt(70)) + i;
                long[] shape = random.longs(1 + random.nextInt(6), 0, 50).toArray();
                entries.add(Entry.of(name, DType.values()[random.nextInt(14)], shape, random.nextLong()));
            }
            Metadata metadata = Metadata.of(entries);
            byte[] bytes = metadata.encode();
            assertEquals(entries, Metadata.decode(bytes, FILE).entries());
            assertArrayEquals(bytes, Metadata.decode(bytes, FILE).encode());
            assertEquals(bytes.length, metadata.encodedLength());
        }
    }

    @Test
    void aWrongTotalSizeIsReadAndCorrected() {
        byte[] bytes = AB.clone();
        Arrays.fill(bytes, 8, 16, (byte) -1);
        assertArrayEquals(AB, Metadata.decode(bytes, FILE).encode());
    }

    @Test
    void compressedArraysCannotBeReadAndStayAsTheyAre() {
        byte[] block = HexFormat.of()
                .parseHex("01" + "01" + "0010000000000000" + "0100000000000000" + "01000000" + "0000000000000000"
                        + "1800000000000000" + "0900000000000000");
        ByteBuffer blocks = ByteBuffer.allocate(BLOCK_FLAG + block.length)
                .put(AB, 0, BLOCK_FLAG)
                .put(block);
        byte[] zstd = AB.clone();
        zstd[79] = 1;
        zstd[80] = 3;
        zstd[8] = 0x17;
        zstd[70] = 0x17;
        for (byte[] bytes : new byte[][] {blocks.array(), zstd}) {
            Metadata metadata = Metadata.decode(bytes, FILE);
            assertTrue(metadata.find("ab").isCompressed());
            assertArrayEquals(bytes, metadata.encode());
            Metadata more =
                    Metadata.of(List.of(entry("c", 1), metadata.find("ab").withRows(3, 9)));
            Entry kept = Metadata.decode(more.encode(), FILE).find("ab");
            assertEquals(
                    metadata.find("ab"), kept.withRows(3, metadata.find("ab").lastModified()));
        }
        assertFalse(Metadata.decode(AB, FILE).find("ab").isCompressed());
    }

    @Test
    void anEntryTornByAPowerCutIsToldFromAWholeOne() {
        byte[] torn = AB.clone();
        torn[30] = 5;
        Entry entry = Metadata.decode(torn, FILE).find("ab");
        assertTrue(entry.isTorn());
        assertEquals(5, entry.rows());
        assertEquals(24, entry.sizeBytes());
        assertFalse(entry.withRows(3, 0).isTorn());
        assertFalse(Metadata.decode(AB, FILE).find("ab").isTorn());
    }

    @Test
    void arraysAreFoundByName() {
        Metadata metadata = many(100);
        assertEquals(entry("array-42", 42), metadata.find("array-42"));
        assertNull(metadata.find("array-100"));
    }

    @Test
    void anEntryWrittenAtItsOffsetIsTheSameAsWritingAnew() {
        List<Entry> entries = new ArrayList<>(many(50).entries());
        entries.add(Entry.of("rank4", DType.INT8, new long[] {1, 2, 3, 4}, 1));
        entries.add(entry("last", 3));
        Metadata before = Metadata.of(entries);
        ByteBuffer file = ByteBuffer.wrap(before.encode()).order(ByteOrder.LITTLE_ENDIAN);
        Metadata after = before;
        for (int i = 0; i < entries.size(); i += 3) {
            Entry changed = entries.get(i).withRows(1000 + i, 2000 + i);
            after = after.with(changed);
            changed.encode(file.position((int) after.offset(changed.name())));
            file.putLong(Metadata.TOTAL_SIZE_OFFSET, after.totalSize());
        }
        assertArrayEquals(after.encode(), file.array());
        assertNotEquals(before, after);
    }

    @Test
    void aChangeOfRowsKeepsTheOrderAndIsCounted() {
        Metadata metadata = many(5).with(entry("array-1", 9));
        assertEquals(
                List.of("array-0", "array-1", "array-2", "array-3", "array-4"),
                metadata.entries().stream().map(Entry::name).toList());
        assertEquals(entry("array-1", 9), metadata.find("array-1"));
        assertEquals(metadata, Metadata.decode(metadata.encode(), FILE));
        assertEquals((0 + 9 + 2 + 3 + 4) * 8, metadata.totalSize());
        assertThrows(
                UnsupportedOperationException.class, () -> metadata.entries().clear());
    }

    @Test
    void onlyFixedFieldsChangeInPlace() {
        Entry other = Entry.of("array-1", DType.FLOAT64, new long[] {1, 2}, 1);
        assertThrows(IllegalArgumentException.class, () -> many(3).with(other));
    }

    @Test
    void namesAndDataFilesAreUnique() {
        assertThrows(ArrayExistsException.class, () -> Metadata.of(List.of(entry("a", 1), entry("a", 2))));
        byte[] foreign = AB.clone();
        foreign[25] = 'c';
        Entry ac = Metadata.decode(foreign, FILE).find("ac");
        ArrayExistsException e =
                assertThrows(ArrayExistsException.class, () -> Metadata.of(List.of(ac, entry("ab", 1))));
        assertTrue(e.getMessage().contains("array \"ac\""), e.getMessage());
    }

    @Test
    void aChangeOfRowsDoesNotCopyThousandsOfEntries() {
        Metadata metadata = Metadata.decode(many(10_000).encode(), FILE);
        int changes = 1000;
        Metadata changed = metadata;
        long before = Fixtures.allocated();
        for (int i = 0; i < changes; i++) {
            changed = changed.with(metadata.entries().get(i * 7).withRows(i, i));
        }
        long each = (Fixtures.allocated() - before) / changes;
        assertTrue(each < 2000, () -> each + " bytes for each change");
        assertEquals(42, changed.find("array-294").rows());
    }
}
