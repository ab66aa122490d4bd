package numpack.memory;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.ref.Reference;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.Objects;
import net.openhft.chronicle.core.UnsafeMemory;
import numpack.DType;
import numpack.ReadOnlyException;

/**
 * Copies between memories and primitive arrays at the speed of memcpy. Bounds are checked here, once for each copy. The JDK's own
 * copy is called directly: Chronicle's goes word by word between the heap and native memory, and misplaces byte arrays that are
 * copied to arrays of another primitive.
 */
final class Bulk {
    /** Copied at a time, so that a long copy does not hold up the JVM's safepoints. */
    private static final long STEP = 1 << 22;
    /** Up to so many bytes a loop is faster than a call of the JDK's copy. */
    private static final long SHORT_ROW = 128;

    private static final MethodHandle COPY;
    private static final long[] BASES = new long[DType.Kind.values().length];

    static {
        try {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field instance = type.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            Object unsafe = instance.get(null);
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COPY = lookup.unreflect(type.getMethod(
                            "copyMemory", Object.class, long.class, Object.class, long.class, long.class))
                    .bindTo(unsafe);
            for (DType.Kind kind : DType.Kind.values()) {
                BASES[kind.ordinal()] = (int) type.getMethod("arrayBaseOffset", Class.class)
                        .invoke(unsafe, Blocks.newArray(kind, 0).getClass());
            }
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Bulk() {}

    /** Copies items of a memory to an array of its kind. */
    static void read(Memory memory, long item, Object array, int at, int count) {
        Objects.checkFromIndexSize(item, count, memory.length());
        checkArray(memory, array, at, count);
        if (memory.array() != null) {
            System.arraycopy(memory.array(), (int) item, array, at, count);
            return;
        }
        long bytes = memory.kind().bytes();
        copy(null, memory.address() + item * bytes, array, base(memory.kind()) + at * bytes, count * bytes);
        Reference.reachabilityFence(memory);
    }

    /** Copies items of an array to a memory of its kind. */
    static void write(Memory memory, long item, Object array, int at, int count) {
        Objects.checkFromIndexSize(item, count, memory.length());
        checkArray(memory, array, at, count);
        if (memory.array() != null) {
            System.arraycopy(array, at, memory.array(), (int) item, count);
            return;
        }
        prepare(memory, item, count);
        long bytes = memory.kind().bytes();
        copy(array, base(memory.kind()) + at * bytes, null, memory.address() + item * bytes, count * bytes);
        Reference.reachabilityFence(memory);
    }

    private static void checkArray(Memory memory, Object array, int at, int count) {
        if (HeapMemory.kindOf(array) != memory.kind()) {
            throw new IllegalArgumentException(
                    "a " + array.getClass().getSimpleName() + " cannot hold items of kind " + memory.kind());
        }
        Objects.checkFromIndexSize(at, count, Array.getLength(array));
    }

    static void readBytes(Memory memory, long offset, byte[] array, int at, int count) {
        Objects.checkFromIndexSize(
                offset, count, memory.length() * memory.kind().bytes());
        Objects.checkFromIndexSize(at, count, array.length);
        copy(memory.array(), origin(memory) + offset, array, base(DType.Kind.BYTE) + at, count);
        Reference.reachabilityFence(memory);
    }

    static void writeBytes(Memory memory, long offset, byte[] array, int at, int count) {
        Objects.checkFromIndexSize(
                offset, count, memory.length() * memory.kind().bytes());
        Objects.checkFromIndexSize(at, count, array.length);
        prepare(memory, offset / memory.kind().bytes(), count / memory.kind().bytes());
        copy(array, base(DType.Kind.BYTE) + at, memory.array(), origin(memory) + offset, count);
        Reference.reachabilityFence(memory);
    }

    /** Copies items between two memories of a kind. */
    static void copy(Memory from, long item, Memory to, long at, long count) {
        Objects.checkFromIndexSize(item, count, from.length());
        Objects.checkFromIndexSize(at, count, to.length());
        if (from.array() != null && to.array() != null) {
            System.arraycopy(from.array(), (int) item, to.array(), (int) at, (int) count);
            return;
        }
        long bytes = from.kind().bytes();
        long step = STEP / bytes;
        for (long done = 0; done < count; done += step) {
            long n = Math.min(step, count - done);
            prepare(to, at + done, n);
            copy(
                    from.array(),
                    origin(from) + (item + done) * bytes,
                    to.array(),
                    origin(to) + (at + done) * bytes,
                    n * bytes);
        }
        Reference.reachabilityFence(from);
        Reference.reachabilityFence(to);
    }

    /**
     * Copies rows of a memory, which exist, to an array of its kind. Short rows are copied word by word in one loop, so that the
     * processor waits for several of them at a time.
     */
    static void gather(Memory from, long start, long[] rows, int rowItems, Object array, int at) {
        checkArray(from, array, at, Math.multiplyExact(rows.length, rowItems));
        Object source = from.array();
        long bytes = (long) rowItems * from.kind().bytes();
        long first = origin(from) + start * from.kind().bytes();
        long target = base(from.kind()) + (long) at * from.kind().bytes();
        for (long row : rows) {
            if (bytes <= SHORT_ROW) {
                copyShort(source, first + row * bytes, array, target, bytes);
            } else {
                copy(source, first + row * bytes, array, target, bytes);
            }
            target += bytes;
        }
        Reference.reachabilityFence(from);
    }

    private static void copyShort(Object from, long fromOffset, Object to, long toOffset, long bytes) {
        long done = 0;
        for (; done <= bytes - Long.BYTES; done += Long.BYTES) {
            UnsafeMemory.unsafePutLong(to, toOffset + done, UnsafeMemory.unsafeGetLong(from, fromOffset + done));
        }
        for (; done < bytes; done++) {
            UnsafeMemory.unsafePutByte(to, toOffset + done, UnsafeMemory.unsafeGetByte(from, fromOffset + done));
        }
    }

    private static void prepare(Memory memory, long item, long count) {
        if (!memory.isWritable()) {
            throw new ReadOnlyException(
                    "this memory can only be read; load the array inside a writable batch to edit it in place");
        }
        memory.willWrite(item, count);
    }

    private static long origin(Memory memory) {
        return memory.array() == null ? memory.address() : base(memory.kind());
    }

    private static long base(DType.Kind kind) {
        return BASES[kind.ordinal()];
    }

    /** Offsets of what lies off the heap are addresses. */
    private static void copy(Object from, long fromOffset, Object to, long toOffset, long bytes) {
        try {
            for (long done = 0; done < bytes; done += STEP) {
                COPY.invokeExact(from, fromOffset + done, to, toOffset + done, Math.min(STEP, bytes - done));
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
