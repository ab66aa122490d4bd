package numpack.kernels;

import numpack.DType;
import numpack.DTypeMismatchException;
import numpack.memory.Memory;

/**
 * What the items of a dtype mean, in one place for each: how they become one of the two primitives in which everything rare is
 * computed, and back; which numbers they hold, and how they round. Bool and integers ({@link #isWhole}) become longs, the rest doubles;
 * of a complex dtype an item is the real or the imaginary part. Both are exact for add, subtract, multiply and divide: integers wrap
 * when they are stored, and a result in double rounds to float32 or float16 as if it had been computed there, since double has more
 * than twice the digits.
 */
public abstract class Codec {
    /** Apart from this class, whose subclasses could otherwise be initialised by two threads that wait for each other. */
    private static final class Table {
        static final Codec[] BY_DTYPE = new Codec[DType.values().length];

        static {
            for (DType dtype : DType.values()) {
                BY_DTYPE[dtype.ordinal()] =
                        dtype.isFloating() || dtype.isComplex() ? FloatingCodec.make(dtype) : WholeCodec.make(dtype);
            }
        }
    }

    /** The dtype of an element. */
    final DType dtype;

    Codec(DType dtype) {
        this.dtype = dtype;
    }

    /**
     * What a dtype means.
     *
     * @param dtype the dtype
     * @return its codec, never null
     */
    public static Codec of(DType dtype) {
        return Table.BY_DTYPE[dtype.ordinal()];
    }

    // ---- single elements; nothing but the value is checked

    /**
     * An element as an object.
     *
     * @param memory where it lies
     * @param item its first item
     * @return a Boolean, Long, BigInteger (uint64 beyond 2^63 - 1), Double, or Clojure vector [re im]; never null
     */
    public abstract Object get(Memory memory, long item);

    /**
     * An element of a real dtype; bool as 0 and 1.
     *
     * @param memory where it lies
     * @param item its item
     * @return the nearest double
     * @throws DTypeMismatchException if the dtype is complex
     */
    public abstract double getDouble(Memory memory, long item);

    /**
     * An element of an integer dtype, or of bool as 0 and 1.
     *
     * @param memory where it lies
     * @param item its item
     * @return its value; of uint64 its 64 bits, negative from 2^63 on
     * @throws DTypeMismatchException if the dtype is floating or complex
     */
    public abstract long getLong(Memory memory, long item);

    /**
     * Sets an element.
     *
     * @param memory where it lies
     * @param item its first item
     * @param value a value that fits the dtype
     * @throws DTypeMismatchException if it does not
     */
    public abstract void put(Memory memory, long item, Object value);

    /**
     * Sets an element.
     *
     * @param memory where it lies
     * @param item its first item
     * @param value a value that fits the dtype
     * @throws DTypeMismatchException if it does not
     */
    public abstract void putDouble(Memory memory, long item, double value);

    /**
     * Sets an element.
     *
     * @param memory where it lies
     * @param item its first item
     * @param value a value that fits the dtype; for uint64 its 64 bits, as {@link #getLong} returns them
     * @throws DTypeMismatchException if it does not
     */
    public abstract void putLong(Memory memory, long item, long value);

    // ---- many items

    /** Whether the items are bool or integers, whose values are longs: signed ones, or unsigned ones zero-extended. */
    abstract boolean isWhole();

    /** Items that are whole as longs; uint64 by its bits. */
    abstract void toLongs(Object items, int from, long[] into, int count);

    /** The reverse of {@link #toLongs}: keeps the low bits; for bool, whether there are any. */
    abstract void fromLongs(long[] values, Object items, int from, int count);

    /** Items as doubles; int64 and uint64 are rounded as numpy does. */
    abstract void toDoubles(Object items, int from, double[] into, int count);

    /** The reverse of {@link #toDoubles} for floating and complex dtypes: rounds to the nearest, once. */
    abstract void fromDoubles(double[] values, Object items, int from, int count);

    // ---- which numbers it has

    /** Whether an item can have this number; of floating dtypes all but finite ones that round to infinity. */
    abstract boolean fits(double value);

    /** What a double becomes when it is stored. */
    abstract double round(double value);

    /** What a whole number becomes in a floating dtype: rounded once, not on the way to double and once more. */
    double round(Number whole) {
        return round(whole.doubleValue());
    }

    /** The same for a long. */
    double round(long whole) {
        return whole;
    }

    /** The same for the bits of an unsigned number from 2^63 on. */
    double roundUnsigned(long bits) {
        return unsignedToDouble(bits);
    }

    /** The numbers that an element can have, for messages. */
    abstract String range();

    DTypeMismatchException misfit(Object value) {
        return new DTypeMismatchException(Scalars.misfit(dtype, value), "expected", dtype, "found", value);
    }

    /** The nearest double of an unsigned 64-bit integer. */
    static double unsignedToDouble(long bits) {
        // The lowest bit is kept in the halved number, so that it still decides a tie.
        return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
    }
}
