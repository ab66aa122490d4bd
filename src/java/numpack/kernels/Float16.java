package numpack.kernels;

/** Exact conversions between IEEE 754 binary16, kept in a short, and float. The JDK has them from 20 on. */
public final class Float16 {
    private static final int SIGN = 0x8000;
    private static final int INFINITY = 0x7c00;

    private Float16() {}

    /**
     * The value of a half-precision number; exact. The payload of a NaN is kept.
     *
     * @param bits its 16 bits
     * @return the same value
     */
    public static float toFloat(short bits) {
        int sign = (bits & SIGN) << 16;
        int exponent = bits >> 10 & 31;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float value = fraction * 0x1p-24f;
            return Float.intBitsToFloat(Float.floatToRawIntBits(value) | sign);
        }
        int wide = exponent == 31 ? 0xff : exponent + 112;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /**
     * The half-precision number nearest to a float, ties to even; beyond 65504 infinity. What fits of a NaN's payload is kept.
     *
     * @param value the float
     * @return the 16 bits
     */
    public static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & SIGN;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            int payload = magnitude >> 13 & 0x3ff;
            return (short) (sign | INFINITY | (payload == 0 ? 1 : payload));
        }
        if (magnitude >= 0x47800000) {
            return (short) (sign | INFINITY);
        }
        if (magnitude < 0x38800000) {
            // below the smallest normal number adding 1/2 shifts the fraction into place and rounds it to even
            int aligned = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f);
            return (short) (sign | aligned - 0x3f000000);
        }
        int rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
        return (short) (sign | rounded - 0x38000000 >> 13);
    }

    /**
     * The half-precision number nearest to a double, ties to even: rounded once.
     *
     * @param value the double
     * @return the 16 bits
     */
    public static short fromDouble(double value) {
        float nearest = (float) value;
        if (nearest != value && !Double.isNaN(value)) {
            // rounding to odd keeps what the second rounding must know
            int bits = Float.floatToRawIntBits(nearest);
            boolean away = Math.abs(nearest) > Math.abs(value);
            nearest = Float.intBitsToFloat((away ? bits - 1 : bits) | 1);
        }
        return fromFloat(nearest);
    }
}
