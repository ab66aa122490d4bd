package numpack.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.openhft.chronicle.core.UnsafeMemory;
import numpack.ChildProcess;
import numpack.CorruptPackException;
import numpack.DType;
import numpack.Packs;
import numpack.ReadOnlyException;
import numpack.ScopeEndedException;
import numpack.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MappedMemoryTest {
    @TempDir
    Path folder;

    private Path file(int bytes) throws Exception {
        return Files.write(folder.resolve("file-" + bytes), new byte[bytes]);
    }

    @Test
    void writesReachTheFileAndItsLengthStays() throws Exception {
        Path file = file(100_001);
        Memory memory = Memory.map(file, DType.Kind.INT, 100_000, true);
        assertEquals(25_000, memory.length());
        assertTrue(memory.isMapped());
        memory.putInt(0, 1);
        memory.putInt(24_999, 0x04030201);
        memory.sync();
        byte[] bytes = Files.readAllBytes(file);
        assertEquals(100_001, bytes.length);
        assertEquals(1, bytes[0]);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 0}, java.util.Arrays.copyOfRange(bytes, 99_996, 100_001));
    }

    @Test
    void aReadOnlyMappingSeesTheFileAndRefusesBulkWrites() throws Exception {
        Path file = file(80);
        Memory memory = Memory.map(file, DType.Kind.DOUBLE, 80, false);
        Files.write(
                file,
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putDouble(2.5)
                        .array(),
                java.nio.file.StandardOpenOption.WRITE);
        assertEquals(2.5, memory.getDouble(0));
        assertFalse(memory.isWritable());
        assertThrows(ReadOnlyException.class, () -> memory.write(0, new double[1], 0, 1));
        memory.sync();
    }

    @Test
    void whatCannotBeMappedIsNamed() throws Exception {
        Path file = file(100);
        CorruptPackException tooShort =
                assertThrows(CorruptPackException.class, () -> Memory.map(file, DType.Kind.BYTE, 101, false));
        assertTrue(
                tooShort.getMessage().contains(file.toString())
                        && tooShort.getMessage().contains("100")
                        && tooShort.getMessage().contains("101"),
                tooShort.getMessage());
        StorageException missing = assertThrows(
                StorageException.class, () -> Memory.map(folder.resolve("missing"), DType.Kind.BYTE, 1, false));
        assertTrue(missing.getMessage().contains("missing"), missing.getMessage());
        assertThrows(StorageException.class, () -> Memory.map(folder, DType.Kind.BYTE, 1, true));
        assertFalse(Files.exists(folder.resolve("missing")));
    }

    @Test
    void allocatingAFileGivesItZerosAndSpace() throws Exception {
        Path file = Files.createFile(folder.resolve("new"));
        Memory.allocateFile(file, 123_457);
        assertArrayEquals(new byte[123_457], Files.readAllBytes(file));
        Path empty = Files.createFile(folder.resolve("empty"));
        Memory.allocateFile(empty, 0);
        assertEquals(0, Files.size(empty));
    }

    @Test
    void holdsMoreThan2To31Items() throws Exception {
        long n = 3_000_000_000L;
        Path file = Packs.sparse(folder.resolve("sparse"), n);
        Memory memory = Memory.map(file, DType.Kind.BYTE, n, true);
        memory.putByte(0, (byte) 1);
        memory.putByte(n - 1, (byte) 2);
        memory.write(n - 3, new byte[] {7, 8}, 0, 2);
        byte[] end = new byte[4];
        memory.read(n - 4, end, 0, 4);
        assertArrayEquals(new byte[] {0, 7, 8, 2}, end);
        assertEquals(1, memory.getByte(0));
    }

    @Test
    void preparingAWriteChangesNothing() throws Exception {
        byte[] contents = new byte[5 << 20];
        new java.util.Random(1).nextBytes(contents);
        Path file = Files.write(folder.resolve("contents"), contents);
        Memory memory = Memory.map(file, DType.Kind.SHORT, contents.length, true);
        memory.willWrite(0, memory.length());
        memory.willWrite(memory.length() - 1, 1);
        memory.willWrite(1 << 16, 1 << 20);
        memory.sync();
        memory.willWrite(0, memory.length());
        memory.sync();
        assertArrayEquals(contents, Files.readAllBytes(file));
        assertFalse(memory.isChanged());
    }

    @Test
    void afterTheEndOfItsScopeTheMemoryRefusesAndTheFileIsSafe() throws Exception {
        Path file = file(8192);
        Memory memory = Memory.map(file, DType.Kind.BYTE, 8192, true);
        memory.putByte(1, (byte) 1);
        memory.freeze("the scope has ended; load it again");
        memory.freeze("and again");
        ScopeEndedException ended = assertThrows(ScopeEndedException.class, memory::checkLive);
        assertEquals("the scope has ended; load it again", ended.getMessage());
        memory.putByte(2, (byte) 2);
        memory.willWrite(0, 8192);
        byte[] bytes = Files.readAllBytes(file);
        assertEquals(1, bytes[1]);
        assertEquals(0, bytes[2]);
    }

    @Test
    void twoMappingsOfAFileShareTheirContents() throws Exception {
        Path file = file(4096);
        Memory a = Memory.map(file, DType.Kind.LONG, 4096, true);
        Memory b = Memory.map(file, DType.Kind.LONG, 4096, false);
        a.putLong(511, 42);
        assertEquals(42, b.getLong(511));
        assertTrue(Runs.of(a, 0, 10).overlaps(Runs.of(b, 9, 2)));
        assertFalse(Runs.of(a, 0, 10).overlaps(Runs.of(b, 10, 2)));
    }

    static List<Path> javas() {
        return ChildProcess.javas();
    }

    /** In a JVM of its own, which a mistake here would end. */
    @ParameterizedTest
    @MethodSource("javas")
    void aRawAddressThatEscapedCanBeWrittenByAnotherThreadWhileItFreezes(Path java) throws Exception {
        Path file = Files.write(folder.resolve("escaped"), new byte[1 << 20]);
        try (ChildProcess child = ChildProcess.start(java, List.of(), Escaped.class, file)) {
            assertTrue(child.finish().endsWith("alive"));
        }
        byte[] expected = new byte[1 << 20];
        expected[0] = 1;
        assertArrayEquals(expected, Files.readAllBytes(file));
    }

    static final class Escaped {
        static volatile long sum;

        public static void main(String[] arguments) throws Exception {
            Memory memory = Memory.map(Path.of(arguments[0]), DType.Kind.BYTE, 1 << 20, true);
            memory.putByte(0, (byte) 1);
            long address = memory.address();
            boolean[] end = {false};
            Thread reader = new Thread(() -> {
                while (!end[0]) {
                    long pass = 0;
                    for (int i = 0; i < 1 << 20; i += 512) {
                        pass += UnsafeMemory.unsafeGetByte(null, address + i);
                    }
                    sum = pass;
                }
            });
            reader.setDaemon(true);
            reader.start();
            memory.freeze("ended");
            for (int i = 0; i < 1 << 20; i++) {
                UnsafeMemory.unsafePutByte(null, address + i, (byte) 9);
            }
            if (UnsafeMemory.unsafeGetByte(null, address + 5) != 9) {
                throw new AssertionError("a private write is not read back");
            }
            end[0] = true;
            memory.isMapped();
            System.out.println("alive");
        }
    }

    /** Mapped memory is given back by the collector: far more is mapped here than there are mappings a process may have. */
    @Test
    void mappingsThatNobodyRefersToAreGivenBack() throws Exception {
        Path file = file(4096);
        for (int i = 0; i < 70_000; i++) {
            Memory.map(file, DType.Kind.BYTE, 4096, false);
        }
    }
}
