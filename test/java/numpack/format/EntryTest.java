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
import numpack.DType;
import numpack.InvalidNameException;
import numpack.ShapeMismatchException;
import org.junit.jupiter.api.Test;

class EntryTest {
    private static final Entry AB = Entry.of("ab", DType.FLOAT32, new long[] {3, 2}, 7);

    @Test
    void sizesFollowFromShapeAndDtype() {
        assertEquals(8, AB.rowBytes());
        assertEquals(24, AB.sizeBytes());
        assertEquals(3, AB.rows());
        assertEquals(2, AB.rank());
        assertEquals(16, Entry.of("a", DType.COMPLEX128, new long[] {5}, 7).rowBytes());
        assertEquals(0, Entry.of("a", DType.FLOAT64, new long[] {5, 0}, 7).rowBytes());
    }

    @Test
    void impossibleShapesAreRefused() {
        assertThrows(ShapeMismatchException.class, () -> Entry.of("a", DType.FLOAT64, new long[] {1L << 60}, 7));
        assertThrows(ShapeMismatchException.class, () -> AB.withRows(1L << 61, 8));
        assertEquals(8, AB.withRows((1L << 60) - 1, 8).rowBytes());
    }

    @Test
    void theShapeCannotBeChangedFromOutside() {
        long[] shape = {3, 2};
        Entry entry = Entry.of("ab", DType.FLOAT32, shape, 7);
        shape[0] = 9;
        entry.shape()[0] = 9;
        assertArrayEquals(new long[] {3, 2}, entry.shape());
    }

    @Test
    void rowsChangeOnlyFixedFields() {
        Entry grown = AB.withRows(5, 8);
        assertEquals(40, grown.sizeBytes());
        assertEquals(8, grown.lastModified());
        assertTrue(AB.differsOnlyInFixedFields(grown));
        assertEquals(AB.encodedLength(), grown.encodedLength());
        assertNotEquals(AB, grown);
        assertEquals(AB, grown.withRows(3, 7));
        assertEquals(AB.hashCode(), grown.withRows(3, 7).hashCode());
    }

    @Test
    void everythingElseIsMoreThanFixedFields() {
        assertFalse(AB.differsOnlyInFixedFields(AB.withName("ac", 7)));
        assertFalse(AB.differsOnlyInFixedFields(Entry.of("ab", DType.INT32, new long[] {3, 2}, 7)));
        assertFalse(AB.differsOnlyInFixedFields(Entry.of("ab", DType.FLOAT32, new long[] {2, 3}, 7)));
        assertFalse(AB.differsOnlyInFixedFields(Entry.of("ab", DType.FLOAT32, new long[] {6}, 7)));
    }

    @Test
    void namesAreChecked() {
        assertThrows(InvalidNameException.class, () -> Entry.of("a/b", DType.BOOL, new long[] {1}, 0));
        assertThrows(InvalidNameException.class, () -> AB.withName("", 0));
    }

    @Test
    void aRenamedArrayStaysSegmentedOrNot() {
        assertEquals("data_c.npkd", AB.withName("c", 8).dataFile());
        assertEquals(8, AB.withName("c", 8).lastModified());
        assertFalse(AB.isSegmented());
        Path pack = Fixtures.folder("fixtures").resolve("segmented.npk");
        Entry segmented = Fixtures.metadata(pack).find("z").withName("c", 8);
        assertEquals("data_c.npkseg", segmented.dataFile());
        assertTrue(segmented.isSegmented());
    }

    @Test
    void arraysThatOnlyOtherProgramsWriteHaveAFaultAndStayAsTheyAre() {
        assertNull(AB.fault());
        Path pack = Fixtures.folder("odd").resolve("odd.npk");
        Metadata metadata = Fixtures.metadata(pack);
        assertNull(metadata.find("good").fault());
        assertTrue(metadata.find("").fault().startsWith("its name is empty"));
        Entry scalar = metadata.find("scalar");
        assertTrue(scalar.fault().startsWith("it has no axis"));
        assertEquals(0, scalar.rank());
        assertEquals(1, scalar.rows());
        assertEquals(8, scalar.rowBytes());
        assertTrue(scalar.differsOnlyInFixedFields(scalar));
        assertFalse(scalar.differsOnlyInFixedFields(Entry.of("scalar", DType.FLOAT64, new long[] {1}, 7)));
        assertArrayEquals(Fixtures.read(pack.resolve("metadata.npkm")), metadata.encode());
    }

    @Test
    void decodingMovesTheBufferBehindTheEntryInAnyByteOrder() {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer buffer = ByteBuffer.allocate(2 * AB.encodedLength()).order(order);
            AB.encode(buffer);
            AB.withRows(4, 9).encode(buffer);
            assertEquals(order, buffer.order());
            assertEquals(0, buffer.remaining());
            buffer.flip();
            assertEquals(AB, Entry.decode(buffer, Path.of("journal")));
            assertEquals(AB.encodedLength(), buffer.position());
            assertEquals(AB.withRows(4, 9), Entry.decode(buffer, Path.of("journal")));
        }
    }
}
