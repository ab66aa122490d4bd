package numpack.kernels;

import java.math.BigInteger;
import java.util.Arrays;
import numpack.DType;

/** Kernels that limit values to a range. */
final class Clip {
    private Clip() {}

    static Kernel doubles(double lo, double hi) {
        if (Double.isNaN(lo) || Double.isNaN(hi)) {
            return (a, from, n, item) -> Arrays.fill((double[]) a, from, from + n, Double.NaN);
        }
        return (items, from, n, item) -> {
            double[] a = (double[]) items;
            for (int i = from; i < from + n; i++) {
                double x = a[i] < lo ? lo : a[i];
                a[i] = x > hi ? hi : x;
            }
        };
    }

    /** Unsigned values are compared with the sign bit flipped, which puts uint64 in order and leaves the narrower types in theirs. */
    static Kernel longs(DType type, Object lo, Object hi) {
        BigInteger smallest = WholeCodec.forDType(type).smallest;
        BigInteger largest = WholeCodec.forDType(type).largest;
        BigInteger low = Scalars.wholeNumber(lo);
        BigInteger high = Scalars.wholeNumber(hi);
        Object effectiveLow = lo == null || low != null && low.compareTo(smallest) < 0 ? smallest : lo;
        Object effectiveHigh = hi == null || high != null && high.compareTo(largest) > 0 ? largest : hi;
        long flip = type.isUnsigned() ? Long.MIN_VALUE : 0;
        long from = Operands.toLong("clip", type, effectiveLow) ^ flip;
        long to = Operands.toLong("clip", type, effectiveHigh) ^ flip;
        return (items, start, n, item) -> {
            long[] a = (long[]) items;
            for (int i = start; i < start + n; i++) {
                a[i] = Math.min(Math.max(a[i] ^ flip, from), to) ^ flip;
            }
        };
    }
}
