package numpack.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import numpack.DType;
import numpack.InsufficientMemoryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class MemoryTest {
    private static final int N = 1000;

    static Stream<Arguments> memories() {
        return Stream.of(DType.Kind.values())
                .flatMap(kind -> Stream.of(
                        Arguments.of(kind, Memory.of(PrimitiveArrays.zeros(kind, N))),
                        Arguments.of(kind, Memory.allocateNative(kind, N)),
                        Arguments.of(kind, MappedFiles.map(kind, N))));
    }

    private static Object random(DType.Kind kind, int n) {
        byte[] bytes = new byte[n * kind.bytes()];
        new Random(n).nextBytes(bytes);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        Object items = PrimitiveArrays.zeros(kind, n);
        switch (kind) {
            case BYTE -> in.get((byte[]) items);
            case SHORT -> in.asShortBuffer().get((short[]) items);
            case INT -> in.asIntBuffer().get((int[]) items);
            case LONG -> in.asLongBuffer().get((long[]) items);
            case FLOAT -> {
                for (int i = 0; i < n; i++) {
                    ((float[]) items)[i] = in.getInt() / 7f;
                }
            }
            case DOUBLE -> {
                for (int i = 0; i < n; i++) {
                    ((double[]) items)[i] = in.getLong() / 7d;
                }
            }
        }
        return items;
    }

    private static byte[] littleEndian(Object items) {
        int n = Array.getLength(items);
        ByteBuffer out = ByteBuffer.allocate(8 * n).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < n; i++) {
            Object item = Array.get(items, i);
            if (item instanceof Byte b) {
                out.put(b);
            } else if (item instanceof Short s) {
                out.putShort(s);
            } else if (item instanceof Integer k) {
                out.putInt(k);
            } else if (item instanceof Long l) {
                out.putLong(l);
            } else if (item instanceof Float f) {
                out.putFloat(f);
            } else {
                out.putDouble((Double) item);
            }
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("memories")
    void whatIsWrittenInBulkIsReadOneByOneAndTheOtherWayRound(DType.Kind kind, Memory memory) {
        Object items = random(kind, N);
        memory.write(0, items, 0, N);
        Object copy = PrimitiveArrays.zeros(kind, N);
        for (int i = 0; i < N; i++) {
            Array.set(copy, i, get(memory, i));
            assertEquals(Array.get(items, i), get(memory, i));
        }
        for (int i = 0; i < N; i++) {
            put(memory, i, Array.get(copy, N - 1 - i));
        }
        Object back = PrimitiveArrays.zeros(kind, N + 2);
        memory.read(10, back, 1, 5);
        for (int i = 0; i < 5; i++) {
            assertEquals(Array.get(items, N - 1 - 10 - i), Array.get(back, 1 + i));
        }
    }

    private static Object get(Memory memory, long i) {
        return switch (memory.kind()) {
            case BYTE -> memory.getByte(i);
            case SHORT -> memory.getShort(i);
            case INT -> memory.getInt(i);
            case LONG -> memory.getLong(i);
            case FLOAT -> (Object) memory.getFloat(i);
            case DOUBLE -> (Object) memory.getDouble(i);
        };
    }

    private static void put(Memory memory, long i, Object item) {
        switch (memory.kind()) {
            case BYTE -> memory.putByte(i, (Byte) item);
            case SHORT -> memory.putShort(i, (Short) item);
            case INT -> memory.putInt(i, (Integer) item);
            case LONG -> memory.putLong(i, (Long) item);
            case FLOAT -> memory.putFloat(i, (Float) item);
            case DOUBLE -> memory.putDouble(i, (Double) item);
        }
    }

    @ParameterizedTest
    @MethodSource("memories")
    void rawBytesAreLittleEndianAndMayBeginAnywhere(DType.Kind kind, Memory memory) {
        Object items = random(kind, N);
        byte[] expected = littleEndian(items);
        memory.write(0, items, 0, N);
        byte[] part = new byte[expected.length];
        memory.readBytes(3, part, 2, expected.length - 5);
        for (int i = 0; i < expected.length - 5; i++) {
            assertEquals(expected[3 + i], part[2 + i]);
        }
    }

    @ParameterizedTest
    @MethodSource("memories")
    void bulkCopiesCheckTheirBoundsAndTheKindOfTheArray(DType.Kind kind, Memory memory) {
        Object items = PrimitiveArrays.zeros(kind, 10);
        for (Runnable outside : List.<Runnable>of(
                () -> memory.read(-1, items, 0, 1),
                () -> memory.read(N - 9, items, 0, 10),
                () -> memory.read(0, items, 1, 10),
                () -> memory.read(0, items, -1, 1),
                () -> memory.read(Long.MAX_VALUE, items, 0, 1),
                () -> memory.write(N, items, 0, 1),
                () -> memory.write(0, items, 10, 1),
                () -> memory.readBytes((long) N * kind.bytes(), new byte[1], 0, 1),
                () -> memory.readBytes(-1, new byte[1], 0, 1),
                () -> memory.readBytes(0, new byte[1], 1, 1))) {
            assertThrows(IndexOutOfBoundsException.class, outside::run);
        }
        Object other = PrimitiveArrays.zeros(kind == DType.Kind.INT ? DType.Kind.FLOAT : DType.Kind.INT, 10);
        assertThrows(IllegalArgumentException.class, () -> memory.read(0, other, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> memory.write(0, other, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> memory.read(0, "text", 0, 1));
    }

    @ParameterizedTest
    @MethodSource("memories")
    void copiesBetweenAnyTwoMemories(DType.Kind kind, Memory memory) {
        Object items = random(kind, N);
        memory.write(0, items, 0, N);
        memories().map(a -> a.get()).filter(a -> a[0] == kind).forEach(a -> {
            Memory other = (Memory) a[1];
            memory.copyTo(100, other, 7, N - 200);
            Object back = PrimitiveArrays.zeros(kind, N - 200);
            other.read(7, back, 0, N - 200);
            for (int i = 0; i < N - 200; i++) {
                assertEquals(Array.get(items, 100 + i), Array.get(back, i));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void allocatedMemoryIsZeroOnTheHeapWritableAndUnchanged(DType dtype) {
        Memory memory = Memory.allocate(dtype, 5);
        assertEquals(5L * dtype.itemsPerElement(), memory.length());
        assertEquals(dtype.kind(), memory.kind());
        assertNotNull(memory.array());
        assertEquals(0, memory.address());
        assertTrue(memory.isWritable());
        assertFalse(memory.isMapped());
        assertFalse(memory.isChanged());
        memory.checkLive();
        byte[] bytes = new byte[5 * dtype.itemSize()];
        memory.readBytes(0, bytes, 0, bytes.length);
        assertArrayEquals(new byte[bytes.length], bytes);
    }

    @Test
    void heapMemoryIsTheArrayItself() {
        float[] items = new float[4];
        Memory memory = Memory.of(items);
        memory.putFloat(2, 1.5f);
        assertSame(items, memory.array());
        assertEquals(1.5f, items[2]);
        assertNull(Memory.allocateNative(DType.Kind.FLOAT, 1).array());
        assertThrows(IllegalArgumentException.class, () -> Memory.of(new boolean[1]));
        assertThrows(NullPointerException.class, () -> Memory.of(null));
    }

    @Test
    void nativeMemoryIsZero() {
        Memory memory = Memory.allocateNative(DType.Kind.LONG, 1 << 16);
        for (int i = 0; i < 1 << 16; i++) {
            assertEquals(0, memory.getLong(i));
        }
        assertFalse(memory.isMapped());
        memory.sync();
        memory.freeze("not mapped, so it has no scope to end");
    }

    @Test
    void whatCannotFitIsRefusedBeforeAnythingIsAllocated() {
        InsufficientMemoryException heap = assertThrows(InsufficientMemoryException.class, () -> {
            if (Runtime.getRuntime().maxMemory() < 8L * Memory.MAX_HEAP_ITEMS) {
                Memory.allocate(DType.FLOAT64, Memory.MAX_HEAP_ITEMS);
            } else {
                Memory.allocate(DType.FLOAT64, 1L << 50);
            }
        });
        assertTrue(heap.getMessage().contains("lazy") && heap.getMessage().contains("chunks"), heap.getMessage());
        assertThrows(InsufficientMemoryException.class, () -> Memory.allocate(DType.INT8, 1L << 50));
        assertThrows(InsufficientMemoryException.class, () -> Memory.allocate(DType.COMPLEX128, Long.MAX_VALUE));
    }
}
