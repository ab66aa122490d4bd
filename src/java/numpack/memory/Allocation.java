package numpack.memory;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Cleaner;
import net.openhft.chronicle.core.UnsafeMemory;
import numpack.DType;
import numpack.InsufficientMemoryException;

/** New arrays and native memory, full of zeros; what cannot fit is refused before it is allocated. */
final class Allocation {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final long ZEROED = 1 << 24;

    private Allocation() {}

    static Object heap(DType.Kind kind, long items) {
        long bytes = items * kind.bytes();
        long most = Runtime.getRuntime().maxMemory();
        if (bytes > most) {
            throw doesNotFitHeap(bytes, most);
        }
        try {
            return PrimitiveArrays.zeros(kind, (int) items);
        } catch (OutOfMemoryError e) {
            InsufficientMemoryException failed = doesNotFitHeap(bytes, most);
            failed.addSuppressed(e);
            throw failed;
        }
    }

    private static InsufficientMemoryException doesNotFitHeap(long bytes, long most) {
        return new InsufficientMemoryException(
                "an array of " + bytes + " bytes does not fit the heap (at most " + most
                        + " bytes); use lazy to read it where it lies, chunks to read it piece by piece, a writable"
                        + " batch to edit it in place, or a larger heap (-Xmx)",
                "expected",
                bytes,
                "found",
                most);
    }

    static Memory offHeap(DType.Kind kind, long items) {
        long bytes = Math.multiplyExact(items, (long) kind.bytes());
        long installed = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        if (bytes > installed) {
            throw doesNotFitMachine(bytes, installed);
        }
        long address;
        try {
            address = UnsafeMemory.INSTANCE.allocate(bytes);
        } catch (OutOfMemoryError e) {
            throw doesNotFitMachine(bytes, installed);
        }
        // in parts: the collector waits for the end of each
        for (long done = 0; done < bytes; done += ZEROED) {
            UnsafeMemory.INSTANCE.setMemory(address + done, Math.min(ZEROED, bytes - done), (byte) 0);
        }
        Memory memory = new Memory(kind, items, null, address);
        CLEANER.register(memory, () -> UnsafeMemory.INSTANCE.freeMemory(address, bytes));
        return memory;
    }

    private static InsufficientMemoryException doesNotFitMachine(long bytes, long installed) {
        return new InsufficientMemoryException(
                "an array of " + bytes + " bytes does not fit the memory of this machine (" + installed
                        + " bytes); use lazy to read it where it lies, or chunks to read it piece by piece",
                "expected",
                bytes,
                "found",
                installed);
    }
}
