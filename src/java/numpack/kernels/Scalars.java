package numpack.kernels;

import clojure.lang.BigInt;
import clojure.lang.Ratio;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import numpack.DType;
import numpack.DTypeMismatchException;

/**
 * What a boxed value becomes in a dtype, or an exception if it does not fit: whole numbers within the range for integers, 0 and 1 (or
 * a Boolean) for bool, and for floating types anything that does not overflow to infinity; lost digits are fine.
 */
public final class Scalars {
    private Scalars() {}

    /**
     * The value, if it fits.
     *
     * @param type the dtype
     * @param value a Number or Boolean; for complex types also a pair {@code [re im]} as a List or double[2]
     * @return a Boolean, Long, BigInteger, Double or double[2], as the dtype holds it; never null
     * @throws DTypeMismatchException if it does not fit
     */
    public static Object check(DType type, Object value) {
        if (type.isComplex()) {
            return toComplex(type, value);
        }
        if (type.isFloating()) {
            return toDouble(type, value);
        }
        long bits = toLong(type, value);
        return type == DType.BOOL ? bits != 0 : type == DType.UINT64 ? unsigned(bits) : (Object) bits;
    }

    /** {@return whether a dtype of bool or integers has this number} */
    static boolean fits(DType type, long value) {
        int width = width(type);
        return type.isUnsigned() || type == DType.BOOL
                ? value >= 0 && (width == Long.SIZE || value >>> width == 0)
                : value << Long.SIZE - width >> Long.SIZE - width == value;
    }

    /** {@return whether a dtype of bool or integers has this number; never a fraction, NaN or infinity} */
    static boolean fits(DType type, double value) {
        boolean unsigned = type.isUnsigned() || type == DType.BOOL;
        double end = Math.scalb(1.0, unsigned ? width(type) : width(type) - 1);
        return value == Math.rint(value) && value >= (unsigned ? 0 : -end) && value < end;
    }

    /** {@return the 64 bits of a whole number from -2^63 to 2^64 - 1} */
    static long bits(double value) {
        return value < 0x1p63 ? (long) value : (long) (value - 0x1p63) + Long.MIN_VALUE;
    }

    private static int width(DType type) {
        return type == DType.BOOL ? 1 : 8 * type.itemSize();
    }

    /** A Long, or a BigInteger beyond it. */
    static Object unsigned(long bits) {
        return bits >= 0 ? (Object) bits : BigInteger.valueOf(bits).add(BigInteger.ONE.shiftLeft(Long.SIZE));
    }

    /** The bits of a value in a dtype of bool or integers. */
    static long toLong(DType type, Object value) {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            long number = ((Number) value).longValue();
            if (fits(type, number)) {
                return number;
            }
        } else if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            if (fits(type, number)) {
                return bits(number);
            }
        } else if (value instanceof Boolean b) {
            return b ? 1 : 0;
        } else if (value instanceof Number n && !(n instanceof Ratio)) {
            BigDecimal number = new BigDecimal(n.toString());
            if (number.stripTrailingZeros().scale() <= 0 && number.precision() - number.scale() <= 20) {
                BigInteger whole = number.toBigIntegerExact();
                boolean unsigned = type.isUnsigned() || type == DType.BOOL;
                if (unsigned
                        ? whole.signum() >= 0 && whole.bitLength() <= width(type)
                        : whole.bitLength() < width(type)) {
                    return whole.longValue();
                }
            }
        }
        throw mismatch(type, value);
    }

    /** A value rounded to a floating dtype, or to that of the parts of a complex one. */
    static double toDouble(DType type, Object value) {
        double number;
        boolean isFinite = true;
        boolean narrow = type.kind() == DType.Kind.FLOAT;
        if (value instanceof Double || value instanceof Float) {
            number = ((Number) value).doubleValue();
            isFinite = !Double.isInfinite(number);
        } else if (value instanceof BigInt || value instanceof BigInteger || value instanceof Long) {
            // one rounding only: the way through double would be two
            number = narrow ? ((Number) value).floatValue() : ((Number) value).doubleValue();
        } else if (value instanceof Boolean b) {
            number = b ? 1 : 0;
        } else if (value instanceof Number n) {
            number = n.doubleValue();
        } else {
            throw mismatch(type, value);
        }
        double rounded = round(type, number);
        if (isFinite && Double.isInfinite(rounded)) {
            throw mismatch(type, value);
        }
        return rounded;
    }

    /** The real and the imaginary part of a value, rounded to a complex dtype. */
    static double[] toComplex(DType type, Object value) {
        if (value instanceof double[] pair && pair.length == 2) {
            return new double[] {toDouble(type, pair[0]), toDouble(type, pair[1])};
        }
        if (value instanceof List<?> pair && pair.size() == 2) {
            return new double[] {toDouble(type, pair.get(0)), toDouble(type, pair.get(1))};
        }
        return new double[] {toDouble(type, value), 0};
    }

    static double round(DType type, double value) {
        return switch (type.kind()) {
            case SHORT -> Float16.toFloat(Float16.fromDouble(value));
            case FLOAT -> (float) value;
            default -> value;
        };
    }

    static DTypeMismatchException mismatch(DType type, Object value) {
        return new DTypeMismatchException(misfit(type, value), "expected", type.numpyName(), "found", value);
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
        return found + " does not fit " + type + ", which holds " + range(type);
    }

    private static String range(DType type) {
        if (type == DType.BOOL) {
            return "false and true (0 and 1)";
        }
        if (type.isInteger()) {
            return "whole numbers from " + Casting.smallest(type) + " to " + Casting.largest(type);
        }
        String most = switch (type) {
            case FLOAT16 -> " up to 65504";
            case FLOAT32, COMPLEX64 -> " up to " + Float.MAX_VALUE;
            default -> "";
        };
        return type.isComplex() ? "numbers and pairs [re im]" + most : "real numbers" + most;
    }
}
