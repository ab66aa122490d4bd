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
            Metadata more = metadata.withAdded(entry("c", 1))
                    .without(0)
                    .withAdded(metadata.find("ab").withRows(3, 9));
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
        assertEquals(42, metadata.indexOf("array-42"));
        assertNull(metadata.find("array-100"));
        assertEquals(-1, metadata.indexOf("array-100"));
    }

    @Test
    void aPatchAtTheOffsetsIsTheSameAsWritingAnew() {
        Metadata before = many(50).withAdded(Entry.of("rank4", DType.INT8, new long[] {1, 2, 3, 4}, 1))
                .withAdded(entry("last", 3));
        ByteBuffer file = ByteBuffer.wrap(before.encode()).order(ByteOrder.LITTLE_ENDIAN);
        Metadata after = before;
        for (int i = 0; i < before.entries().size(); i += 3) {
            Entry changed = before.entries().get(i).withRows(1000 + i, 2000 + i);
            after = after.with(i, changed);
            file.putLong((int) after.rowsOffset(i), changed.rows());
            file.putLong((int) after.lastModifiedOffset(i), changed.lastModified());
            file.putLong((int) after.lastModifiedOffset(i) + 8, changed.sizeBytes());
            file.putLong(Metadata.TOTAL_SIZE_OFFSET, after.totalSize());
            assertEquals(changed, Entry.decode(file.duplicate().position((int) after.offset(i)), FILE));
        }
        assertArrayEquals(after.encode(), file.array());
        assertNotEquals(before, after);
        assertEquals(51, before.indexOf("last"));
    }

    @Test
    void changesKeepTheOrderAndTheIndex() {
        Metadata metadata = many(5).with(1, entry("renamed", 9)).without(3).withAdded(entry("added", 7));
        assertEquals(
                List.of("array-0", "renamed", "array-2", "array-4", "added"),
                metadata.entries().stream().map(Entry::name).toList());
        for (int i = 0; i < 5; i++) {
            assertEquals(i, metadata.indexOf(metadata.entries().get(i).name()));
        }
        assertNull(metadata.find("array-1"));
        assertEquals(metadata, Metadata.decode(metadata.encode(), FILE));
        assertEquals((0 + 9 + 2 + 4 + 7) * 8, metadata.totalSize());
        assertThrows(
                UnsupportedOperationException.class, () -> metadata.entries().clear());
    }

    @Test
    void namesAndDataFilesAreUnique() {
        Metadata metadata = many(3);
        assertThrows(ArrayExistsException.class, () -> metadata.withAdded(entry("array-1", 1)));
        assertThrows(ArrayExistsException.class, () -> metadata.with(0, entry("array-1", 1)));
        byte[] foreign = AB.clone();
        foreign[25] = 'c';
        ArrayExistsException e = assertThrows(
                ArrayExistsException.class, () -> Metadata.decode(foreign, FILE).withAdded(entry("ab", 1)));
        assertTrue(e.getMessage().contains("array \"ac\""), e.getMessage());
    }

    @Test
    void aChangeOfRowsDoesNotCopyThousandsOfEntries() {
        Metadata metadata = Metadata.decode(many(10_000).encode(), FILE);
        int changes = 1000;
        Metadata changed = metadata;
        long before = Fixtures.allocated();
        for (int i = 0; i < changes; i++) {
            changed = changed.with(i * 7, metadata.entries().get(i * 7).withRows(i, i));
        }
        long each = (Fixtures.allocated() - before) / changes;
        assertTrue(each < 2000, () -> each + " bytes for each change");
        assertEquals(42, changed.find("array-294").rows());
    }
}
