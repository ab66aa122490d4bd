package numpack.kernels;

import clojure.lang.BigInt;
import clojure.lang.Ratio;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import numpack.DType;

/**
 * What a boxed value becomes in a dtype, or an exception if it does not fit: whole numbers within the range for integers, 0 and 1 (or
 * a Boolean) for bool, and for floating types anything that does not overflow to infinity; lost digits are fine.
 */
public final class Scalars {
    private Scalars() {}

    /** {@return the 64 bits of a whole number from -2^63 to 2^64 - 1} */
    static long bits(double value) {
        return value < 0x1p63 ? (long) value : (long) (value - 0x1p63) + Long.MIN_VALUE;
    }

    /** A Long, or a BigInteger beyond it. */
    static Object unsigned(long bits) {
        return bits >= 0 ? (Object) bits : BigInteger.valueOf(bits).add(BigInteger.ONE.shiftLeft(Long.SIZE));
    }

    /** The integer that an object is, or null; true and false are 1 and 0. */
    static BigInteger wholeNumber(Object scalar) {
        if (scalar instanceof Long || scalar instanceof Integer || scalar instanceof Short || scalar instanceof Byte) {
            return BigInteger.valueOf(((Number) scalar).longValue());
        }
        if (scalar instanceof Boolean b) {
            return b ? BigInteger.ONE : BigInteger.ZERO;
        }
        if (scalar instanceof BigInt b) {
            return b.toBigInteger();
        }
        return scalar instanceof BigInteger b ? b : null;
    }

    /** The bits of a value in a dtype of bool or integers. */
    static long toLong(WholeCodec codec, Object value) {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            long number = ((Number) value).longValue();
            if (codec.fits(number)) {
                return number;
            }
        } else if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            if (codec.fits(number)) {
                return bits(number);
            }
        } else if (value instanceof Boolean b) {
            return b ? 1 : 0;
        } else if (value instanceof Number n && !(n instanceof Ratio)) {
            BigDecimal number = new BigDecimal(n.toString());
            if (number.stripTrailingZeros().scale() <= 0 && number.precision() - number.scale() <= 20) {
                BigInteger whole = number.toBigIntegerExact();
                if (whole.compareTo(codec.smallest) >= 0 && whole.compareTo(codec.largest) <= 0) {
                    return whole.longValue();
                }
            }
        }
        throw codec.misfit(value);
    }

    /** A value rounded to a floating dtype, or to that of the parts of a complex one. */
    static double toDouble(FloatingCodec codec, Object value) {
        double rounded;
        boolean isFinite = true;
        if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            isFinite = !Double.isInfinite(number);
            rounded = codec.round(number);
        } else if (value instanceof BigInt || value instanceof BigInteger || value instanceof Long) {
            rounded = codec.round((Number) value);
        } else if (value instanceof Boolean b) {
            rounded = b ? 1 : 0;
        } else if (value instanceof Number n) {
            rounded = codec.round(n.doubleValue());
        } else {
            throw codec.misfit(value);
        }
        if (isFinite && Double.isInfinite(rounded)) {
            throw codec.misfit(value);
        }
        return rounded;
    }

    /** The real and the imaginary part of a value, rounded to a complex dtype. */
    static double[] toComplex(FloatingCodec codec, Object value) {
        if (value instanceof double[] pair && pair.length == 2) {
            return new double[] {toDouble(codec, pair[0]), toDouble(codec, pair[1])};
        }
        if (value instanceof List<?> pair && pair.size() == 2) {
            return new double[] {toDouble(codec, pair.get(0)), toDouble(codec, pair.get(1))};
        }
        return new double[] {toDouble(codec, value), 0};
    }

    /**
     * Why a value does not fit.
     *
     * @param type the dtype
     * @param value what was found
     * @return the text, never null
     */
    public static String misfit(DType type, Object value) {
        String found = value == null
                ? "nil"
                : value instanceof Number || value instanceof Boolean || value instanceof List<?> l && l.size() == 2
                        ? value.toString()
                        : "a " + value.getClass().getSimpleName();
        return found + " does not fit " + type + ", which holds "
                + Codec.of(type).range();
    }
}
