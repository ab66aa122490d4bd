package numpack.memory;

import java.lang.ref.Reference;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.core.UnsafeMemory;
import numpack.DType;
import numpack.InsufficientMemoryException;
import numpack.ReadOnlyException;
import numpack.ScopeEndedException;

/**
 * A contiguous stretch of primitives of one kind, of fixed size and in native (little-endian) byte order: a primitive array of the
 * heap, native memory, or a mapped file. An index counts primitives, called items here; an element is one item, or two for a complex
 * dtype. Whoever hands out indexes checks them, to name axis and length; a wrong one that comes this far, or a write to what can only
 * be read, may fail or miss its item, but never touches what lies outside of the memory.
 *
 * <p>Native memory is given back when nothing refers to this object any more, never before, so a view that escaped its scope cannot
 * crash the process.
 */
public final class Memory {
    /** Arrays of the heap cannot be longer. */
    public static final long MAX_HEAP_ITEMS = Integer.MAX_VALUE - 8;

    private final DType.Kind kind;
    private final long length;
    private final long bytes;
    /** The primitive array; null off the heap. */
    private final Object array;
    /** Where the first item lies: an address, or on the heap the offset in the array. */
    private final long origin;

    private final boolean writable;
    private final Mapper.Mapping mapping;
    private final Path file;
    private final Prefault prefault;
    private boolean changed;
    private volatile boolean addressIsWrite;
    private Ended ended;

    @SuppressWarnings("UnusedVariable") // held, so that the collector keeps it
    private Object scope;

    /** What the exception says after the end of a scope. */
    private record Ended(String reason, Object... keyValues) {}

    /** Memory that is written as it likes: an array, or native memory that somebody else gives back. */
    Memory(DType.Kind kind, long length, Object array, long origin) {
        this(kind, length, array, origin, true, null, null);
    }

    private Memory(
            DType.Kind kind,
            long length,
            Object array,
            long origin,
            boolean writable,
            Mapper.Mapping mapping,
            Path file) {
        this.kind = kind;
        this.length = length;
        this.bytes = length * kind.bytes();
        this.array = array;
        this.origin = origin;
        this.writable = writable;
        this.mapping = mapping;
        this.file = file;
        this.prefault = mapping != null && writable ? new Prefault(mapping, bytes) : null;
    }

    // ---- making memory

    /**
     * New memory full of zeros: on the heap, or native memory where an array of the heap cannot be so long.
     *
     * @param dtype of the elements
     * @param elements how many
     * @return the memory, never null
     * @throws InsufficientMemoryException if it does not fit; thrown before anything is allocated where that is certain
     */
    public static Memory allocate(DType dtype, long elements) {
        if (elements > Long.MAX_VALUE / dtype.itemSize()) {
            throw new InsufficientMemoryException(
                    "no memory holds " + elements + " elements of " + dtype + "; see lazy and chunks",
                    "found",
                    elements);
        }
        long items = elements * dtype.itemsPerElement();
        return items <= MAX_HEAP_ITEMS ? of(Allocation.heap(dtype.kind(), items)) : allocateNative(dtype.kind(), items);
    }

    /**
     * New native memory full of zeros.
     *
     * @param kind the primitive
     * @param items how many
     * @return the memory, never null
     * @throws InsufficientMemoryException if the machine does not have it
     */
    public static Memory allocateNative(DType.Kind kind, long items) {
        return Allocation.offHeap(kind, items);
    }

    /**
     * Memory over an array: the array itself, not a copy.
     *
     * @param array a byte[], short[], int[], long[], float[] or double[]
     * @return the memory, never null
     * @throws IllegalArgumentException if it is none of these
     */
    public static Memory of(Object array) {
        DType.Kind kind = PrimitiveArrays.kindOf(Objects.requireNonNull(array, "the array"));
        if (kind == null) {
            throw new IllegalArgumentException(
                    "elements lie in a byte[], short[], int[], long[], float[] or double[], got a "
                            + array.getClass().getSimpleName());
        }
        return new Memory(kind, Array.getLength(array), array, Bulk.base(kind));
    }

    /**
     * Native memory that somebody else allocated, to copy to it.
     *
     * @param kind the primitive it holds
     * @param address where it begins
     * @param items how many there are
     * @param owner what gives it back when nothing refers to that any more
     * @return the memory, never null
     */
    public static Memory over(DType.Kind kind, long address, long items, Object owner) {
        Memory memory = new Memory(kind, items, null, address);
        memory.belongTo(owner);
        return memory;
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
    public static Memory map(Path file, DType.Kind kind, long bytes, boolean writable) {
        Mapper.Mapping mapping = Mapper.INSTANCE.map(file, bytes, writable);
        return new Memory(kind, bytes / kind.bytes(), null, mapping.address(), writable, mapping, file);
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

    // ---- what it is

    /** {@return the primitive, never null} */
    public DType.Kind kind() {
        return kind;
    }

    /** {@return the number of items} */
    public long length() {
        return length;
    }

    /** {@return the primitive array, or null off the heap} */
    public Object array() {
        return array;
    }

    /** {@return the address, or 0 on the heap} */
    public long address() {
        return array == null ? origin : 0;
    }

    /** {@return whether it may be written} */
    public boolean isWritable() {
        return writable;
    }

    /** {@return whether it is mapped from a file} */
    public boolean isMapped() {
        return mapping != null;
    }

    /** Whether items between two bounds of this lie where some between two of the other one do: in one array or file, or at one address. */
    boolean overlaps(long[] bounds, Memory other, long[] others) {
        if (this == other || sharesArray(other) || file != null && file.equals(other.file)) {
            return bounds[0] < others[1] && others[0] < bounds[1];
        }
        return array == null
                && other.array == null
                && origin + bounds[0] * kind.bytes() < other.origin + others[1] * other.kind.bytes()
                && other.origin + others[0] * other.kind.bytes() < origin + bounds[1] * kind.bytes();
    }

    /** Whether both lie over one array of the heap. */
    boolean sharesArray(Memory other) {
        return array != null && array == other.array;
    }

    // ---- its scope

    /** {@return whether the scope that the memory belongs to, if any, has not ended} */
    public boolean isLive() {
        return ended == null;
    }

    /**
     * Refuses access once the scope that the memory belongs to has ended. A plain flag: the safety of the process never depends on it.
     *
     * @throws ScopeEndedException if it has ended
     */
    public void checkLive() {
        if (ended != null) {
            throw new ScopeEndedException(ended.reason, ended.keyValues);
        }
    }

    /**
     * Ends the scope of mapped memory: from now on this library's arrays refuse access, and what escaped as a raw address reads on but
     * can no longer change the file.
     *
     * @param reason what the exception says
     * @param keyValues names and values of its {@code ex-data}
     */
    public void freeze(String reason, Object... keyValues) {
        if (ended == null && mapping != null) {
            ended = new Ended(reason, keyValues);
            mapping.freeze();
        }
    }

    /**
     * Keeps what this memory is part of, such as a scope, from being given up as long as the memory can be reached.
     *
     * @param owner what it is part of
     */
    public void belongTo(Object owner) {
        scope = owner;
    }

    /** {@return whether it was written since it was made or {@link #clearChanged}, by anything that calls {@link #markChanged}} */
    public boolean isChanged() {
        return changed;
    }

    /** Notes that items were, or are about to be, written. */
    public void markChanged() {
        changed = true;
    }

    /** Forgets what was written so far. */
    public void clearChanged() {
        changed = false;
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
        return address();
    }

    /**
     * Waits until what was written through the mapping has reached the disk.
     *
     * @throws numpack.StorageException if it has not
     */
    public void sync() {
        if (prefault != null) {
            prefault.forget();
            mapping.sync();
        }
    }

    /** {@return when the mapped file was last modified, in nanoseconds since the epoch} */
    public long lastModified() {
        return mapping.lastModified();
    }

    /**
     * Prepares pages of a mapping for a write that is about to come; a hint.
     *
     * @param item the first item
     * @param count how many
     */
    public void willWrite(long item, long count) {
        if (prefault != null && ended == null) {
            prefault.willWrite(item * kind.bytes(), (item + count) * kind.bytes());
        }
    }

    // ---- items

    /** Checked here as well, although whoever hands out indexes has done so: a wrong address would kill the process. */
    private long addressOf(long i, int shift) {
        return origin + (Objects.checkIndex(i, bytes >> shift) << shift);
    }

    private long addressToPut(long i, int shift) {
        requireWritable();
        return addressOf(i, shift);
    }

    private void requireWritable() {
        if (!writable) {
            throw new ReadOnlyException(
                    "this memory can only be read; load the array inside a writable batch to edit it in place");
        }
    }

    /**
     * An item of a memory of bytes.
     *
     * @param i its index
     * @return the item
     */
    public byte getByte(long i) {
        if (array != null) {
            return ((byte[]) array)[(int) i];
        }
        byte value = UnsafeMemory.unsafeGetByte(null, addressOf(i, 0));
        Reference.reachabilityFence(this);
        return value;
    }

    /**
     * An item of a memory of shorts.
     *
     * @param i its index
     * @return the item
     */
    public short getShort(long i) {
        if (array != null) {
            return ((short[]) array)[(int) i];
        }
        short value = UnsafeMemory.unsafeGetShort(null, addressOf(i, 1));
        Reference.reachabilityFence(this);
        return value;
    }

    /**
     * An item of a memory of ints.
     *
     * @param i its index
     * @return the item
     */
    public int getInt(long i) {
        if (array != null) {
            return ((int[]) array)[(int) i];
        }
        int value = UnsafeMemory.unsafeGetInt(null, addressOf(i, 2));
        Reference.reachabilityFence(this);
        return value;
    }

    /**
     * An item of a memory of longs.
     *
     * @param i its index
     * @return the item
     */
    public long getLong(long i) {
        if (array != null) {
            return ((long[]) array)[(int) i];
        }
        long value = UnsafeMemory.unsafeGetLong(null, addressOf(i, 3));
        Reference.reachabilityFence(this);
        return value;
    }

    /**
     * An item of a memory of floats.
     *
     * @param i its index
     * @return the item
     */
    public float getFloat(long i) {
        if (array != null) {
            return ((float[]) array)[(int) i];
        }
        float value = UnsafeMemory.unsafeGetFloat(null, addressOf(i, 2));
        Reference.reachabilityFence(this);
        return value;
    }

    /**
     * An item of a memory of doubles.
     *
     * @param i its index
     * @return the item
     */
    public double getDouble(long i) {
        if (array != null) {
            return ((double[]) array)[(int) i];
        }
        double value = UnsafeMemory.unsafeGetDouble(null, addressOf(i, 3));
        Reference.reachabilityFence(this);
        return value;
    }

    /**
     * Sets an item of a memory of bytes.
     *
     * @param i its index
     * @param value its value
     */
    public void putByte(long i, byte value) {
        if (array != null) {
            ((byte[]) array)[(int) i] = value;
            return;
        }
        UnsafeMemory.unsafePutByte(null, addressToPut(i, 0), value);
        Reference.reachabilityFence(this);
    }

    /**
     * Sets an item of a memory of shorts.
     *
     * @param i its index
     * @param value its value
     */
    public void putShort(long i, short value) {
        if (array != null) {
            ((short[]) array)[(int) i] = value;
            return;
        }
        UnsafeMemory.unsafePutShort(null, addressToPut(i, 1), value);
        Reference.reachabilityFence(this);
    }

    /**
     * Sets an item of a memory of ints.
     *
     * @param i its index
     * @param value its value
     */
    public void putInt(long i, int value) {
        if (array != null) {
            ((int[]) array)[(int) i] = value;
            return;
        }
        UnsafeMemory.unsafePutInt(null, addressToPut(i, 2), value);
        Reference.reachabilityFence(this);
    }

    /**
     * Sets an item of a memory of longs.
     *
     * @param i its index
     * @param value its value
     */
    public void putLong(long i, long value) {
        if (array != null) {
            ((long[]) array)[(int) i] = value;
            return;
        }
        UnsafeMemory.unsafePutLong(null, addressToPut(i, 3), value);
        Reference.reachabilityFence(this);
    }

    /**
     * Sets an item of a memory of floats.
     *
     * @param i its index
     * @param value its value
     */
    public void putFloat(long i, float value) {
        if (array != null) {
            ((float[]) array)[(int) i] = value;
            return;
        }
        UnsafeMemory.unsafePutFloat(null, addressToPut(i, 2), value);
        Reference.reachabilityFence(this);
    }

    /**
     * Sets an item of a memory of doubles.
     *
     * @param i its index
     * @param value its value
     */
    public void putDouble(long i, double value) {
        if (array != null) {
            ((double[]) array)[(int) i] = value;
            return;
        }
        UnsafeMemory.unsafePutDouble(null, addressToPut(i, 3), value);
        Reference.reachabilityFence(this);
    }

    // ---- many items, at the speed of memcpy; bounds are checked once for each copy

    /**
     * Copies items to a primitive array of the same kind.
     *
     * @param item the first item
     * @param target the array
     * @param at the first index in it
     * @param count how many
     */
    public void read(long item, Object target, int at, int count) {
        long place = PrimitiveArrays.place(kind, target, at, count);
        Objects.checkFromIndexSize(item, count, length);
        Bulk.copy(array, placeOf(item), target, place, (long) count * kind.bytes());
        Reference.reachabilityFence(this);
    }

    /**
     * Copies items from a primitive array of the same kind.
     *
     * @param item the first item
     * @param source the array
     * @param at the first index in it
     * @param count how many
     */
    public void write(long item, Object source, int at, int count) {
        long place = PrimitiveArrays.place(kind, source, at, count);
        Objects.checkFromIndexSize(item, count, length);
        requireWritable();
        willWrite(item, count);
        Bulk.copy(source, place, array, placeOf(item), (long) count * kind.bytes());
        Reference.reachabilityFence(this);
    }

    /** Copies items to another memory of the same kind. */
    void copyTo(long item, Memory target, long at, long count) {
        requireKind(target);
        Objects.checkFromIndexSize(item, count, length);
        Objects.checkFromIndexSize(at, count, target.length);
        target.requireWritable();
        long step = Bulk.STEP / kind.bytes();
        for (long done = 0; done < count; done += step) {
            long n = Math.min(step, count - done);
            target.willWrite(at + done, n);
            Bulk.copy(array, placeOf(item + done), target.array, target.placeOf(at + done), n * kind.bytes());
        }
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(target);
    }

    /**
     * Copies raw little-endian bytes to an array.
     *
     * @param offset the first byte
     * @param target the array
     * @param at the first index in it
     * @param count how many bytes
     */
    public void readBytes(long offset, byte[] target, int at, int count) {
        Objects.checkFromIndexSize(offset, count, bytes);
        Objects.checkFromIndexSize(at, count, target.length);
        Bulk.copy(array, origin + offset, target, Bulk.base(DType.Kind.BYTE) + at, count);
        Reference.reachabilityFence(this);
    }

    /** Copies rows, which exist, one after another to an array of the same kind. */
    void gather(long start, long[] rows, long rowItems, Memory target, long at) {
        requireKind(target);
        long count = Math.multiplyExact(rows.length, rowItems);
        Objects.checkFromIndexSize(at, count, target.length);
        target.requireWritable();
        target.willWrite(at, count);
        Bulk.gather(array, placeOf(start), rows, rowItems * kind.bytes(), target.array, target.placeOf(at));
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(target);
    }

    private long placeOf(long item) {
        return origin + item * kind.bytes();
    }

    private void requireKind(Memory target) {
        if (target.kind != kind) {
            throw new IllegalArgumentException("memory of " + target.kind + " cannot hold items of kind " + kind);
        }
    }
}
