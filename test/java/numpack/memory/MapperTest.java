package numpack.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.openhft.chronicle.core.UnsafeMemory;
import numpack.CorruptPackException;
import numpack.DType;
import numpack.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both ways of mapping do the same, but for the limits that their documentation names. */
class MapperTest {
    @TempDir
    Path folder;

    static Stream<Mapper> mappers() {
        return Stream.concat(
                PosixMapper.isAvailable() ? Stream.of(new PosixMapper()) : Stream.empty(),
                Stream.of(new ChannelMapper()));
    }

    private Path file(String name, int bytes) throws IOException {
        byte[] contents = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            contents[i] = (byte) i;
        }
        return Files.write(folder.resolve(name), contents);
    }

    private static byte byteAt(Mapper.Mapping mapping, long i) {
        byte value = UnsafeMemory.unsafeGetByte(null, mapping.address() + i);
        Reference.reachabilityFence(mapping);
        return value;
    }

    private static void put(Mapper.Mapping mapping, long i, int value) {
        UnsafeMemory.unsafePutByte(null, mapping.address() + i, (byte) value);
        Reference.reachabilityFence(mapping);
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void theFileIsReadAndWrittenWhereItLies(Mapper mapper) throws IOException {
        Path file = file("items", 10_001);
        Mapper.Mapping reader = mapper.map(file, 10_000, false);
        Mapper.Mapping writer = mapper.map(file, 10_001, true);
        assertEquals((byte) 9_999, byteAt(reader, 9_999));
        put(writer, 0, 77);
        put(writer, 10_000, 78);
        assertEquals(77, byteAt(reader, 0));
        writer.populate(0, 10_001);
        writer.populate(9_000, 1_001);
        writer.sync();
        reader.sync();
        byte[] contents = Files.readAllBytes(file);
        assertEquals(10_001, contents.length);
        assertEquals(77, contents[0]);
        assertEquals(78, contents[10_000]);
        assertEquals((byte) 5_000, contents[5_000]);
        assertEquals(
                Files.getLastModifiedTime(file).to(java.util.concurrent.TimeUnit.NANOSECONDS), writer.lastModified());
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void namesMayHaveAnyCharacters(Mapper mapper) throws IOException {
        for (String name : List.of("Größe", "数据", "данные", "with space", "quote'\"", "emoji 🦉", "e\u0301")) {
            Path file = file(name, 10);
            assertEquals(3, byteAt(mapper.map(file, 10, false), 3), name);
            put(mapper.map(file, 10, true), 3, 9);
            assertEquals(9, Files.readAllBytes(file)[3]);
            Path allocated = Files.createFile(folder.resolve(name + ".new"));
            mapper.allocate(allocated, 5);
            assertEquals(5, Files.size(allocated));
        }
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void whatCannotBeMappedIsRefused(Mapper mapper) throws IOException {
        Path file = file("short", 100);
        for (boolean writable : new boolean[] {false, true}) {
            String message = assertThrows(CorruptPackException.class, () -> mapper.map(file, 101, writable))
                    .getMessage();
            assertTrue(message.contains("100 bytes where 101") && message.contains("short"), message);
            assertThrows(StorageException.class, () -> mapper.map(folder.resolve("missing"), 1, writable));
            assertFalse(Files.exists(folder.resolve("missing")));
            assertThrows(IllegalArgumentException.class, () -> mapper.map(file, 0, writable));
            assertThrows(IllegalArgumentException.class, () -> mapper.map(file, -1, writable));
        }
        assertThrows(StorageException.class, () -> mapper.map(folder, 1, true));
        assertEquals(100, Files.size(file));
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void spaceIsAllocatedAndZero(Mapper mapper) throws IOException {
        for (int bytes : new int[] {0, 1, 4096, 1_000_003}) {
            Path file = Files.createFile(folder.resolve("new" + bytes));
            mapper.allocate(file, bytes);
            assertArrayEquals(new byte[bytes], Files.readAllBytes(file));
        }
        assertThrows(StorageException.class, () -> mapper.allocate(folder.resolve("no/such/folder"), 10));
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void aFileThatWasRenamedOrDeletedStaysMapped(Mapper mapper) throws IOException {
        Path file = file("items", 5000);
        Mapper.Mapping mapping = mapper.map(file, 5000, true);
        Path other = Files.move(file, folder.resolve("other"));
        put(mapping, 1, 55);
        assertEquals(55, Files.readAllBytes(other)[1]);
        Files.delete(other);
        assertEquals(55, byteAt(mapping, 1));
        mapping.sync();
        mapping.freeze();
        assertEquals(55, byteAt(mapping, 1));
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void anInterruptedThreadMapsAndStaysInterrupted(Mapper mapper) throws IOException {
        Path file = file("items", 5000);
        Thread.currentThread().interrupt();
        try {
            assertEquals(2, byteAt(mapper.map(file, 5000, false), 2));
            assertTrue(Thread.currentThread().isInterrupted());
        } finally {
            Thread.interrupted();
        }
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void whatNobodyRefersToIsUnmapped(Mapper mapper) throws Exception {
        Path file = file("collected", 5000);
        Mapper.Mapping kept = mapper.map(file, 5000, true);
        for (int i = 0; i < 5; i++) {
            mapper.map(file, 5000, i % 2 == 0);
        }
        mapper.map(file, 5000, true).freeze();
        for (int i = 0; i < 300 && mapped("collected") > 1; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertEquals(1, mapped("collected"));
        assertEquals(7, byteAt(kept, 7));
    }

    private static long mapped(String name) throws IOException {
        Path maps = Path.of("/proc/self/maps");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(maps));
        try (Stream<String> lines = Files.lines(maps)) {
            return lines.filter(line -> line.endsWith("/" + name)).count();
        }
    }

    @Test
    void aFrozenMappingKeepsItsWritesToItself() throws IOException {
        org.junit.jupiter.api.Assumptions.assumeTrue(PosixMapper.isAvailable());
        Path file = file("frozen", 10_000);
        Mapper.Mapping mapping = new PosixMapper().map(file, 10_000, true);
        put(mapping, 0, 50);
        mapping.freeze();
        mapping.freeze();
        put(mapping, 0, 60);
        put(mapping, 9_999, 60);
        mapping.sync();
        assertEquals(60, byteAt(mapping, 0));
        byte[] contents = Files.readAllBytes(file);
        assertEquals(50, contents[0]);
        assertEquals((byte) 9_999, contents[9_999]);
    }

    @Test
    void theChannelMapperNamesItsLimit() throws IOException {
        Path file = folder.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3L << 30);
        }
        String message = assertThrows(StorageException.class, () -> new ChannelMapper().map(file, 3L << 30, false))
                .getMessage();
        assertTrue(message.contains("2 GiB") && message.contains("Linux"), message);
    }

    @Test
    void wrongIndexesAndWritesToReadOnlyMemoryNeverReachOtherMemory() throws IOException {
        Path file = file("guarded", 4096);
        Memory readOnly = Memory.map(file, DType.Kind.FLOAT, 4096, false);
        Memory writable = Memory.map(file, DType.Kind.DOUBLE, 4096, true);
        assertThrows(numpack.ReadOnlyException.class, () -> readOnly.putFloat(0, 1));
        for (long i : new long[] {-1, 1024, 1L << 40, 1L << 61, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> readOnly.getFloat(i));
            assertThrows(IndexOutOfBoundsException.class, () -> writable.getDouble(i));
            assertThrows(IndexOutOfBoundsException.class, () -> writable.putDouble(i, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> writable.read(i, new double[4], 0, 4));
            assertThrows(IndexOutOfBoundsException.class, () -> writable.write(i, new double[4], 0, 4));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> writable.readBytes(i < 4096 && i > 0 ? 4090 : i, new byte[16], 0, 16));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> writable.read(0, new double[4], 1, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> writable.read(0, new double[4], -1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> writable.read(0, new double[4], 0, -1));
        assertThrows(IllegalArgumentException.class, () -> writable.read(0, new float[4], 0, 4));
        byte[] expected = new byte[4096];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) i;
        }
        assertTrue(Arrays.equals(expected, Files.readAllBytes(file)));
    }

    @Test
    void memoryOfAnotherKindIsRefusedItemByItem() throws IOException {
        // a float read as double would reach beyond the end
        Memory floats = Memory.map(file("floats", 4096), DType.Kind.FLOAT, 4096, true);
        assertThrows(RuntimeException.class, () -> floats.getDouble(1023));
        assertThrows(RuntimeException.class, () -> floats.putLong(1023, 1));
    }
}
