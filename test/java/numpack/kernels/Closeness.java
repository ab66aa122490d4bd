package numpack.kernels;

import java.lang.reflect.Array;
import numpack.DType;

/** Compares results to the bit, or up to some units of the last place of their dtype. */
final class Closeness {
    private Closeness() {}

    /** {@return what differs first, or null} */
    static String firstDifference(DType type, Object expected, Object found, double ulps) {
        int n = TestArrays.length(expected);
        if (n != TestArrays.length(found)) {
            return "expected " + n + " items, found " + TestArrays.length(found);
        }
        for (int i = 0; i < n; i++) {
            if (!same(type, expected, found, i, ulps)) {
                return "item " + i + " should be " + show(type, expected, i) + ", is " + show(type, found, i);
            }
        }
        return null;
    }

    private static boolean same(DType type, Object expected, Object found, int i, double ulps) {
        if (!type.isFloating() && !type.isComplex()) {
            return Array.get(expected, i).equals(Array.get(found, i));
        }
        double e = TestArrays.floating(expected, i);
        double f = TestArrays.floating(found, i);
        if (Double.compare(e, f) == 0) {
            return true;
        }
        double size = Math.abs(e);
        if (type.isComplex()) {
            // Of a complex number the whole is accurate, not each part.
            size = Math.hypot(e, TestArrays.floating(expected, i ^ 1));
            if (ulps > 0 && Double.isNaN(size) || Double.isInfinite(size)) {
                return ulps > 0;
            }
        }
        return ulps > 0 && Math.abs(e - f) <= ulps * ulp(type, size);
    }

    static double ulp(DType type, double size) {
        return switch (type) {
            case FLOAT16 -> Math.max(0x1p-24, Math.scalb(1.0, Math.getExponent(size) - 10));
            case FLOAT32, COMPLEX64 -> Math.ulp((float) size);
            default -> Math.ulp(size);
        };
    }

    private static String show(DType type, Object items, int i) {
        return type.isFloating() || type.isComplex()
                ? String.valueOf(TestArrays.floating(items, i))
                : String.valueOf(TestArrays.asLong(type, items, i));
    }
}
