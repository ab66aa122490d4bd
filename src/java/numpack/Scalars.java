package numpack;

import clojure.lang.BigInt;
import clojure.lang.Ratio;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;

/** Single values on their way into an element: each fits the dtype, or is refused. */
final class Scalars {
    private static final BigInteger UINT64_END = BigInteger.ONE.shiftLeft(64);

    private Scalars() {
    }

    static boolean isNumber(Object value) {
        return isWhole(value) || isFraction(value);
    }

    static boolean isWhole(Object value) {
        return value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte || value instanceof BigInteger
            || value instanceof BigInt;
    }

    private static boolean isFraction(Object value) {
        return value instanceof Double || value instanceof Float || value instanceof Ratio || value instanceof BigDecimal;
    }

    static BigInteger big(Object whole) {
        return whole instanceof BigInteger b ? b : whole instanceof BigInt b ? b.toBigInteger() : BigInteger.valueOf(((Number) whole).longValue());
    }

    private static DTypeMismatchException misfit(Object value, DType dtype, String where) {
        String found = value == null ? "nil" : isNumber(value) || value instanceof Boolean ? value.toString() : "a " + value.getClass().getName();
        return new DTypeMismatchException(found + where + " does not fit " + dtype + "; choose another dtype, or change the value", "expected", dtype.numpyName(),
            "found", value);
    }

    /** The bits of a value for bool and the integers; a floating value must be whole. */
    static long toLong(Object value, DType dtype, String where) {
        if (value instanceof Boolean b) {
            return b ? 1 : 0;
        }
        BigInteger whole;
        if (isWhole(value)) {
            whole = big(value);
        } else if (isFraction(value)) {
            double d = ((Number) value).doubleValue();
            if (d != Math.rint(d) || Double.isInfinite(d) || Double.isNaN(d)) {
                throw misfit(value, dtype, where);
            }
            whole = new BigDecimal(d).toBigInteger();
        } else {
            throw misfit(value, dtype, where);
        }
        int bits = dtype == DType.BOOL ? 1 : 8 * dtype.itemSize();
        boolean unsigned = dtype == DType.BOOL || dtype.isUnsigned();
        boolean fits = unsigned ? whole.signum() >= 0 && whole.bitLength() <= bits : whole.bitLength() < bits;
        if (!fits) {
            throw misfit(value, dtype, where);
        }
        return whole.longValue();
    }

    /** A value for a floating dtype; what was finite stays so. */
    static double toDouble(Object value, DType dtype, String where) {
        if (value instanceof Boolean b) {
            return b ? 1 : 0;
        }
        if (!isNumber(value)) {
            throw misfit(value, dtype, where);
        }
        double d = value instanceof BigInt b ? b.toBigInteger().doubleValue() : ((Number) value).doubleValue();
        boolean wasFinite = !(value instanceof Double || value instanceof Float) || !Double.isInfinite(d);
        double largest = switch (dtype) {
            case FLOAT16 -> 65519.99;
            case FLOAT32, COMPLEX64 -> 0x1.ffffffp127;
            default -> Double.MAX_VALUE;
        };
        if (wasFinite && Math.abs(d) >= largest && !(dtype.itemSize() == 8 * dtype.itemsPerElement() && Math.abs(d) == largest)) {
            throw misfit(value, dtype, where);
        }
        return d;
    }

    /** A value for a complex dtype: a number, or a pair of real and imaginary part. */
    static double[] toComplex(Object value, DType dtype, String where) {
        if (value instanceof double[] pair && pair.length == 2) {
            return new double[] {toDouble(pair[0], dtype, where), toDouble(pair[1], dtype, where)};
        }
        if (value instanceof List<?> pair && pair.size() == 2) {
            return new double[] {toDouble(pair.get(0), dtype, where), toDouble(pair.get(1), dtype, where)};
        }
        return new double[] {toDouble(value, dtype, where), 0};
    }

    /** A uint64 as it reads: a long, or a BigInteger beyond 2^63-1. */
    static Object unsigned(long bits) {
        return bits >= 0 ? (Object) bits : BigInteger.valueOf(bits).add(UINT64_END);
    }
}
