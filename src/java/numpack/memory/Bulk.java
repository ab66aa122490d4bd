package numpack.memory;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import net.openhft.chronicle.core.UnsafeMemory;
import numpack.DType;

/**
 * Copies without looking: whoever calls has checked both sides, and keeps them reachable. A place is an address, or the offset in a
 * primitive array. The JDK's own copy is called directly: Chronicle's goes word by word between the heap and native memory, and
 * misplaces byte arrays that are copied to arrays of another primitive.
 */
final class Bulk {
    /** Copied at a time, so that a long copy does not hold up the JVM's safepoints. */
    static final long STEP = 1 << 22;
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
            COPY = MethodHandles.lookup()
                    .unreflect(type.getMethod(
                            "copyMemory", Object.class, long.class, Object.class, long.class, long.class))
                    .bindTo(unsafe);
            for (DType.Kind kind : DType.Kind.values()) {
                BASES[kind.ordinal()] = (int) type.getMethod("arrayBaseOffset", Class.class)
                        .invoke(unsafe, PrimitiveArrays.zeros(kind, 0).getClass());
            }
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Bulk() {}

    /** Where the first item of an array lies. */
    static long base(DType.Kind kind) {
        return BASES[kind.ordinal()];
    }

    static void copy(Object from, long place, Object to, long toPlace, long bytes) {
        try {
            for (long done = 0; done < bytes; done += STEP) {
                COPY.invokeExact(from, place + done, to, toPlace + done, Math.min(STEP, bytes - done));
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Copies rows one after another to {@code toPlace}. Short ones are copied word by word in one loop, so that the processor waits
     * for several of them at a time.
     */
    static void gather(Object from, long place, long[] rows, long rowBytes, Object to, long toPlace) {
        long target = toPlace;
        for (long row : rows) {
            if (rowBytes <= SHORT_ROW) {
                copyShort(from, place + row * rowBytes, to, target, rowBytes);
            } else {
                copy(from, place + row * rowBytes, to, target, rowBytes);
            }
            target += rowBytes;
        }
    }

    private static void copyShort(Object from, long place, Object to, long toPlace, long bytes) {
        long done = 0;
        for (; done <= bytes - Long.BYTES; done += Long.BYTES) {
            UnsafeMemory.unsafePutLong(to, toPlace + done, UnsafeMemory.unsafeGetLong(from, place + done));
        }
        for (; done < bytes; done++) {
            UnsafeMemory.unsafePutByte(to, toPlace + done, UnsafeMemory.unsafeGetByte(from, place + done));
        }
    }
}
