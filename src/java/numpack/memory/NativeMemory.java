package numpack.memory;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.core.UnsafeMemory;
import numpack.DType;
import numpack.InsufficientMemoryException;
import numpack.ReadOnlyException;
import numpack.ScopeEndedException;

/**
 * Memory outside of the heap: allocated, or mapped from a file. It is given back when nothing refers to this object any more, never
 * before, so a view that escaped its scope cannot crash the process.
 */
public final class NativeMemory implements Memory {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final long ZEROED = 1 << 24;
    private final DType.Kind kind;
    private final long length;
    private final long bytes;
    private final long address;
    private final boolean writable;
    private final Mapper.Mapping mapping;
    private final Path file;
    private final Prefault prefault;
    private boolean changed;
    private volatile boolean addressIsWrite;
    private String ended;
    private Object scope;

    private NativeMemory(
            DType.Kind kind, long length, long address, boolean writable, Mapper.Mapping mapping, Path file) {
        this.file = file;
        this.kind = kind;
        this.bytes = length * kind.bytes();
        this.length = length;
        this.address = address;
        this.writable = writable;
        this.mapping = mapping;
        this.prefault = mapping != null && writable ? new Prefault(mapping, bytes) : null;
    }

    static NativeMemory allocate(DType.Kind kind, long items) {
        long bytes = Math.multiplyExact(items, (long) kind.bytes());
        long installed = ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize();
        if (bytes > installed) {
            throw insufficient(bytes, installed);
        }
        long address;
        try {
            address = UnsafeMemory.INSTANCE.allocate(bytes);
        } catch (OutOfMemoryError e) {
            throw insufficient(bytes, installed);
        }
        // in parts: the collector waits for the end of each
        for (long done = 0; done < bytes; done += ZEROED) {
            UnsafeMemory.INSTANCE.setMemory(address + done, Math.min(ZEROED, bytes - done), (byte) 0);
        }
        NativeMemory memory = new NativeMemory(kind, items, address, true, null, null);
        CLEANER.register(memory, () -> UnsafeMemory.INSTANCE.freeMemory(address, bytes));
        return memory;
    }

    private static InsufficientMemoryException insufficient(long bytes, long installed) {
        return new InsufficientMemoryException(
                "an array of " + bytes + " bytes does not fit the memory of this machine (" + installed
                        + " bytes); use lazy to read it where it lies, or chunks to read it piece by piece",
                "expected",
                bytes,
                "found",
                installed);
    }

    /**
     * Maps the first bytes of a file.
     *
     * @param file the file
     * @param kind the primitive it holds
     * @param bytes how many, at least 1
     * @param writable whether writes go to the file; else they are refused
     * @return the memory, never null
     * @throws numpack.CorruptPackException if the file is shorter
     * @throws numpack.StorageException if it cannot be opened or mapped
     */
    public static NativeMemory map(Path file, DType.Kind kind, long bytes, boolean writable) {
        Mapper.Mapping mapping = Mapper.INSTANCE.map(file, bytes, writable);
        return new NativeMemory(kind, bytes / kind.bytes(), mapping.address(), writable, mapping, file);
    }

    /**
     * Gives a new, empty file so many zeros and the space for them.
     *
     * @param file the file
     * @param bytes how many
     * @throws numpack.StorageException if there is no space
     */
    public static void allocateFile(Path file, long bytes) {
        Mapper.INSTANCE.allocate(file, bytes);
    }

    /**
     * Waits until what was written through the mapping has reached the disk.
     *
     * @throws numpack.StorageException if it has not
     */
    public void sync() {
        if (mapping != null && writable) {
            prefault.forget();
            mapping.sync();
        }
    }

    /** {@return when the mapped file was last modified, in nanoseconds since the epoch} */
    public long lastModified() {
        return mapping.lastModified();
    }

    /**
     * Ends the memory's scope: from now on this library's arrays refuse access, and what escaped as a raw address reads on but can
     * no longer change the file.
     *
     * @param reason what the exception says
     */
    public void freeze(String reason) {
        if (ended == null && mapping != null) {
            ended = reason;
            mapping.freeze();
        }
    }

    /**
     * Keeps the scope that this memory is part of from being given up as long as the memory can be reached.
     *
     * @param owner the scope
     */
    public void belongTo(Object owner) {
        scope = owner;
    }

    /** Whether both were mapped from one file, as far as its name tells: two mappings of it share their contents. */
    boolean isSameFile(NativeMemory other) {
        return file != null && file.equals(other.file);
    }

    @Override
    public void checkLive() {
        if (ended != null) {
            throw new ScopeEndedException(ended);
        }
    }

    @Override
    public DType.Kind kind() {
        return kind;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Object array() {
        return null;
    }

    @Override
    public long address() {
        return address;
    }

    /** Makes {@link #addressToWrite} count as a write: the time of the file may not tell later that it was written. */
    public void countAddressAsWrite() {
        addressIsWrite = true;
    }

    /** {@return the address, for code that writes there without {@link #markChanged}} */
    public long addressToWrite() {
        if (addressIsWrite) {
            markChanged();
        }
        return address;
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public boolean isMapped() {
        return mapping != null;
    }

    @Override
    public boolean isChanged() {
        return changed;
    }

    @Override
    public void markChanged() {
        changed = true;
    }

    @Override
    public void clearChanged() {
        changed = false;
    }

    @Override
    public void willWrite(long item, long count) {
        if (prefault != null && ended == null) {
            prefault.willWrite(item * kind.bytes(), (item + count) * kind.bytes());
        }
    }

    /** Checked here as well, although whoever hands out indexes has done so: a wrong address would kill the process. */
    private long itemAt(long i, int shift) {
        return address + (Objects.checkIndex(i, bytes >> shift) << shift);
    }

    private long placeAt(long i, int shift) {
        if (!writable) {
            throw new ReadOnlyException(
                    "this memory can only be read; load the array inside a writable batch to edit it in place");
        }
        return itemAt(i, shift);
    }

    @Override
    public byte getByte(long i) {
        byte value = UnsafeMemory.unsafeGetByte(null, itemAt(i, 0));
        Reference.reachabilityFence(this);
        return value;
    }

    @Override
    public short getShort(long i) {
        short value = UnsafeMemory.unsafeGetShort(null, itemAt(i, 1));
        Reference.reachabilityFence(this);
        return value;
    }

    @Override
    public int getInt(long i) {
        int value = UnsafeMemory.unsafeGetInt(null, itemAt(i, 2));
        Reference.reachabilityFence(this);
        return value;
    }

    @Override
    public long getLong(long i) {
        long value = UnsafeMemory.unsafeGetLong(null, itemAt(i, 3));
        Reference.reachabilityFence(this);
        return value;
    }

    @Override
    public float getFloat(long i) {
        float value = UnsafeMemory.unsafeGetFloat(null, itemAt(i, 2));
        Reference.reachabilityFence(this);
        return value;
    }

    @Override
    public double getDouble(long i) {
        double value = UnsafeMemory.unsafeGetDouble(null, itemAt(i, 3));
        Reference.reachabilityFence(this);
        return value;
    }

    @Override
    public void putByte(long i, byte value) {
        UnsafeMemory.unsafePutByte(null, placeAt(i, 0), value);
        Reference.reachabilityFence(this);
    }

    @Override
    public void putShort(long i, short value) {
        UnsafeMemory.unsafePutShort(null, placeAt(i, 1), value);
        Reference.reachabilityFence(this);
    }

    @Override
    public void putInt(long i, int value) {
        UnsafeMemory.unsafePutInt(null, placeAt(i, 2), value);
        Reference.reachabilityFence(this);
    }

    @Override
    public void putLong(long i, long value) {
        UnsafeMemory.unsafePutLong(null, placeAt(i, 3), value);
        Reference.reachabilityFence(this);
    }

    @Override
    public void putFloat(long i, float value) {
        UnsafeMemory.unsafePutFloat(null, placeAt(i, 2), value);
        Reference.reachabilityFence(this);
    }

    @Override
    public void putDouble(long i, double value) {
        UnsafeMemory.unsafePutDouble(null, placeAt(i, 3), value);
        Reference.reachabilityFence(this);
    }
}
