package numpack.kernels;

import numpack.kernels.Arithmetic.Op;

/** Arithmetic on {@code long[]}, signed or not: wraps. */
final class LongKernels {
    private LongKernels() {}

    static void scalar(Op op, long[] a, int from, int to, long s) {
        switch (op) {
            case ADD -> {
                for (int i = from; i < to; i++) {
                    a[i] += s;
                }
            }
            case SUB -> {
                for (int i = from; i < to; i++) {
                    a[i] -= s;
                }
            }
            case MUL -> {
                for (int i = from; i < to; i++) {
                    a[i] *= s;
                }
            }
            case POW -> {
                for (int i = from; i < to; i++) {
                    a[i] = pow(a[i], s);
                }
            }
            default -> throw new AssertionError(op);
        }
    }

    static void array(Op op, long[] a, int from, long[] b, int bFrom, int count) {
        switch (op) {
            case ADD -> {
                for (int i = 0; i < count; i++) {
                    a[from + i] += b[bFrom + i];
                }
            }
            case SUB -> {
                for (int i = 0; i < count; i++) {
                    a[from + i] -= b[bFrom + i];
                }
            }
            case MUL -> {
                for (int i = 0; i < count; i++) {
                    a[from + i] *= b[bFrom + i];
                }
            }
            case POW -> {
                for (int i = 0; i < count; i++) {
                    a[from + i] = pow(a[from + i], b[bFrom + i]);
                }
            }
            default -> throw new AssertionError(op);
        }
    }

    /** By repeated squaring; the exponent is taken as unsigned. */
    static long pow(long base, long exponent) {
        long result = 1;
        for (long square = base, e = exponent; e != 0; e >>>= 1, square *= square) {
            if ((e & 1) != 0) {
                result *= square;
            }
        }
        return result;
    }
}
