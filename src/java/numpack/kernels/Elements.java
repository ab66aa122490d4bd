package numpack.kernels;

import clojure.lang.Tuple;
import numpack.DType;
import numpack.DTypeMismatchException;
import numpack.memory.Memory;

/** Single elements as Java values. Indexes count items; nothing but the value is checked. */
public final class Elements {
    private Elements() {}

    /**
     * An element as an object.
     *
     * @param type its dtype
     * @param memory where it lies
     * @param item its first item
     * @return a Boolean, Long, BigInteger (uint64 beyond 2^63 - 1), Double, or Clojure vector [re im]; never null
     */
    public static Object get(DType type, Memory memory, long item) {
        return switch (type) {
            case BOOL -> memory.getByte(item) != 0;
            case FLOAT16, FLOAT32, FLOAT64 -> (Object) getDouble(type, memory, item);
            case UINT64 -> Scalars.unsigned(memory.getLong(item));
            case COMPLEX64 -> Tuple.create((double) memory.getFloat(item), (double) memory.getFloat(item + 1));
            case COMPLEX128 -> Tuple.create(memory.getDouble(item), memory.getDouble(item + 1));
            default -> (Object) getLong(type, memory, item);
        };
    }

    /**
     * An element of a real dtype; bool as 0 and 1.
     *
     * @param type its dtype
     * @param memory where it lies
     * @param item its item
     * @return the nearest double
     * @throws DTypeMismatchException if the dtype is complex
     */
    public static double getDouble(DType type, Memory memory, long item) {
        return switch (type) {
            case FLOAT32 -> memory.getFloat(item);
            case FLOAT64 -> memory.getDouble(item);
            case FLOAT16 -> Float16.toFloat(memory.getShort(item));
            case UINT64 -> Lanes.unsignedToDouble(memory.getLong(item));
            case COMPLEX64, COMPLEX128 ->
                throw new DTypeMismatchException(
                        "an element of a " + type + " array is no single double; use get", "found", type);
            default -> getLong(type, memory, item);
        };
    }

    /**
     * An element of an integer dtype, or of bool as 0 and 1.
     *
     * @param type its dtype
     * @param memory where it lies
     * @param item its item
     * @return its value; of uint64 its 64 bits, negative from 2^63 on
     * @throws DTypeMismatchException if the dtype is floating or complex
     */
    public static long getLong(DType type, Memory memory, long item) {
        return switch (type) {
            case INT64, UINT64 -> memory.getLong(item);
            case INT32 -> memory.getInt(item);
            case UINT32 -> Integer.toUnsignedLong(memory.getInt(item));
            case INT16 -> memory.getShort(item);
            case UINT16 -> Short.toUnsignedLong(memory.getShort(item));
            case INT8 -> memory.getByte(item);
            case UINT8 -> Byte.toUnsignedLong(memory.getByte(item));
            case BOOL -> memory.getByte(item) == 0 ? 0 : 1;
            default ->
                throw new DTypeMismatchException(
                        "an element of a " + type + " array is no long; use getDouble or get",
                        "expected",
                        "an integer dtype",
                        "found",
                        type);
        };
    }

    /**
     * Sets an element.
     *
     * @param type its dtype
     * @param memory where it lies
     * @param item its first item
     * @param value a value that fits the dtype
     * @throws DTypeMismatchException if it does not
     */
    public static void put(DType type, Memory memory, long item, Object value) {
        if (type.isComplex()) {
            double[] pair = Scalars.toComplex(type, value);
            putFloating(type, memory, item, pair[0]);
            putFloating(type, memory, item + 1, pair[1]);
        } else if (type.isFloating()) {
            putFloating(type, memory, item, Scalars.toDouble(type, value));
        } else {
            putBits(type, memory, item, Scalars.toLong(type, value));
        }
    }

    /**
     * Sets an element.
     *
     * @param type its dtype
     * @param memory where it lies
     * @param item its first item
     * @param value a value that fits the dtype
     * @throws DTypeMismatchException if it does not
     */
    public static void putDouble(DType type, Memory memory, long item, double value) {
        if (type == DType.FLOAT64) {
            memory.putDouble(item, value);
        } else if (type.isFloating()) {
            double rounded = Scalars.round(type, value);
            if (Double.isInfinite(rounded) && !Double.isInfinite(value)) {
                throw Scalars.mismatch(type, value);
            }
            putFloating(type, memory, item, rounded);
        } else if (!type.isComplex() && Scalars.fits(type, value)) {
            putBits(type, memory, item, Scalars.bits(value));
        } else {
            put(type, memory, item, value);
        }
    }

    /**
     * Sets an element.
     *
     * @param type its dtype
     * @param memory where it lies
     * @param item its first item
     * @param value a value that fits the dtype; for uint64 its 64 bits, as {@link #getLong} returns them
     * @throws DTypeMismatchException if it does not
     */
    public static void putLong(DType type, Memory memory, long item, long value) {
        if (type == DType.UINT64 || !type.isFloating() && !type.isComplex() && Scalars.fits(type, value)) {
            putBits(type, memory, item, value);
        } else {
            put(type, memory, item, value);
        }
    }

    private static void putFloating(DType type, Memory memory, long item, double rounded) {
        switch (type.kind()) {
            case SHORT -> memory.putShort(item, Float16.fromFloat((float) rounded));
            case FLOAT -> memory.putFloat(item, (float) rounded);
            default -> memory.putDouble(item, rounded);
        }
    }

    private static void putBits(DType type, Memory memory, long item, long bits) {
        switch (type.kind()) {
            case BYTE -> memory.putByte(item, (byte) bits);
            case SHORT -> memory.putShort(item, (short) bits);
            case INT -> memory.putInt(item, (int) bits);
            default -> memory.putLong(item, bits);
        }
    }
}
