package numpack.memory;

import java.lang.ref.Reference;
import java.util.Objects;
import net.openhft.chronicle.core.UnsafeMemory;
import numpack.ReadOnlyException;

/** Copies between memories and primitive arrays at the speed of memcpy. Bounds are checked here, once for each copy. */
final class Bulk {
    private static final UnsafeMemory UNSAFE;
    /** Copied at a time, so that a long copy does not hold up the JVM's safepoints. */
    private static final long STEP = 1 << 22;

    static {
        Quiet.chronicle();
        UNSAFE = UnsafeMemory.INSTANCE;
    }

    private Bulk() {
    }

    /** Copies items between a memory and an array of its kind. */
    static void copy(Memory memory, long item, int count, Object array, int at, boolean toArray) {
        if (HeapMemory.kindOf(array) != memory.kind()) {
            throw new IllegalArgumentException("a " + array.getClass().getSimpleName() + " cannot hold items of kind " + memory.kind());
        }
        Objects.checkFromIndexSize(at, count, java.lang.reflect.Array.getLength(array));
        int bytes = memory.kind().bytes();
        move(memory, item * bytes, (long) count * bytes, array, base(array) + (long) at * bytes, toArray);
    }

    static void copyBytes(Memory memory, long offset, int count, byte[] array, int at, boolean toArray) {
        Objects.checkFromIndexSize(at, count, array.length);
        move(memory, offset, count, array, base(array) + at, toArray);
    }

    private static void move(Memory memory, long offset, long bytes, Object array, long arrayOffset, boolean toArray) {
        Objects.checkFromIndexSize(offset, bytes, memory.length() * memory.kind().bytes());
        if (!toArray) {
            if (!memory.isWritable()) {
                throw new ReadOnlyException("this memory can only be read; load the array inside a writable batch to edit it in place");
            }
            memory.willWrite(offset / memory.kind().bytes(), bytes / memory.kind().bytes());
        }
        Object base = memory.array();
        long origin = offset + (base == null ? memory.address() : base(base));
        for (long done = 0; done < bytes; done += STEP) {
            int n = (int) Math.min(STEP, bytes - done);
            if (toArray) {
                copy(base, origin + done, array, arrayOffset + done, n);
            } else {
                copy(array, arrayOffset + done, base, origin + done, n);
            }
        }
        Reference.reachabilityFence(memory);
    }

    private static void copy(Object from, long fromOffset, Object to, long toOffset, int bytes) {
        if (from == null) {
            UNSAFE.copyMemory(fromOffset, to, toOffset, bytes);
        } else if (to == null) {
            UNSAFE.copyMemory(from, fromOffset, toOffset, bytes);
        } else {
            UNSAFE.copyMemory(from, fromOffset, to, toOffset, bytes);
        }
    }

    private static long base(Object array) {
        return UNSAFE.arrayBaseOffset(array.getClass());
    }
}
