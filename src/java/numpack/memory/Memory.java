package numpack.memory;

import numpack.DType;
import numpack.InsufficientMemoryException;

/**
 * A contiguous stretch of primitives of one kind, of fixed size and in native (little-endian) byte order: on the heap or outside of
 * it. An index counts primitives, called items here; an element is one item, or two for a complex dtype. Whoever hands out
 * indexes checks them, to name axis and length; a wrong one that comes this far, or a write to what can only be read, may fail or miss its
 * item, but never touches what lies outside of the memory.
 */
public interface Memory {
    /** Arrays of the heap cannot be longer. */
    long MAX_HEAP_ITEMS = Integer.MAX_VALUE - 8;

    /**
     * New memory full of zeros: on the heap, or native memory where an array of the heap cannot be so long.
     *
     * @param dtype of the elements
     * @param elements how many
     * @return the memory, never null
     * @throws InsufficientMemoryException if it does not fit; thrown before anything is allocated where that is certain
     */
    static Memory allocate(DType dtype, long elements) {
        if (elements > Long.MAX_VALUE / dtype.itemSize()) {
            throw new InsufficientMemoryException(
                    "no memory holds " + elements + " elements of " + dtype + "; see lazy and chunks",
                    "found",
                    elements);
        }
        long items = elements * dtype.itemsPerElement();
        return items <= MAX_HEAP_ITEMS
                ? HeapMemory.allocate(dtype.kind(), items)
                : NativeMemory.allocate(dtype.kind(), items);
    }

    /** {@return the primitive, never null} */
    DType.Kind kind();

    /** {@return the number of items} */
    long length();

    /** {@return the primitive array, or null off the heap} */
    Object array();

    /** {@return the address, or 0 on the heap} */
    long address();

    /** {@return whether it may be written} */
    boolean isWritable();

    /** {@return whether it is mapped from a file} */
    boolean isMapped();

    /**
     * Refuses access once the scope that the memory belongs to has ended. A plain flag: the safety of the process never depends on it.
     *
     * @throws numpack.ScopeEndedException if it has ended
     */
    void checkLive();

    /** {@return whether it was written since it was made or {@link #clearChanged}, by anything that calls {@link #markChanged}} */
    boolean isChanged();

    /** Notes that items were, or are about to be, written. */
    void markChanged();

    /** Forgets what was written so far. */
    void clearChanged();

    /**
     * Prepares pages for a write that is about to come; a hint.
     *
     * @param item the first item
     * @param count how many
     */
    void willWrite(long item, long count);

    /**
     * An item of a memory of bytes.
     *
     * @param i its index
     * @return the item
     */
    byte getByte(long i);

    /**
     * An item of a memory of shorts.
     *
     * @param i its index
     * @return the item
     */
    short getShort(long i);

    /**
     * An item of a memory of ints.
     *
     * @param i its index
     * @return the item
     */
    int getInt(long i);

    /**
     * An item of a memory of longs.
     *
     * @param i its index
     * @return the item
     */
    long getLong(long i);

    /**
     * An item of a memory of floats.
     *
     * @param i its index
     * @return the item
     */
    float getFloat(long i);

    /**
     * An item of a memory of doubles.
     *
     * @param i its index
     * @return the item
     */
    double getDouble(long i);

    /**
     * Sets an item of a memory of bytes.
     *
     * @param i its index
     * @param value its value
     */
    void putByte(long i, byte value);

    /**
     * Sets an item of a memory of shorts.
     *
     * @param i its index
     * @param value its value
     */
    void putShort(long i, short value);

    /**
     * Sets an item of a memory of ints.
     *
     * @param i its index
     * @param value its value
     */
    void putInt(long i, int value);

    /**
     * Sets an item of a memory of longs.
     *
     * @param i its index
     * @param value its value
     */
    void putLong(long i, long value);

    /**
     * Sets an item of a memory of floats.
     *
     * @param i its index
     * @param value its value
     */
    void putFloat(long i, float value);

    /**
     * Sets an item of a memory of doubles.
     *
     * @param i its index
     * @param value its value
     */
    void putDouble(long i, double value);

    /**
     * Copies items to a primitive array of the same kind.
     *
     * @param item the first item
     * @param target the array
     * @param at the first index in it
     * @param count how many
     */
    default void read(long item, Object target, int at, int count) {
        Bulk.read(this, item, target, at, count);
    }

    /**
     * Copies items from a primitive array of the same kind.
     *
     * @param item the first item
     * @param source the array
     * @param at the first index in it
     * @param count how many
     */
    default void write(long item, Object source, int at, int count) {
        Bulk.write(this, item, source, at, count);
    }

    /**
     * Copies raw little-endian bytes to an array.
     *
     * @param offset the first byte
     * @param target the array
     * @param at the first index in it
     * @param count how many bytes
     */
    default void readBytes(long offset, byte[] target, int at, int count) {
        Bulk.readBytes(this, offset, target, at, count);
    }

    /**
     * Copies raw little-endian bytes from an array.
     *
     * @param offset the first byte
     * @param source the array
     * @param at the first index in it
     * @param count how many bytes
     */
    default void writeBytes(long offset, byte[] source, int at, int count) {
        Bulk.writeBytes(this, offset, source, at, count);
    }
}
