package numpack.kernels;

import numpack.kernels.Arithmetic.Op;

/** Arithmetic on {@code double[]}. Simple loops, which the compiler vectorises. */
final class DoubleKernels {
    private DoubleKernels() {}

    static void scalar(Op op, double[] a, int from, int to, double s) {
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
            case DIV -> {
                for (int i = from; i < to; i++) {
                    a[i] /= s;
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

    static void array(Op op, double[] a, int from, double[] b, int bFrom, int count) {
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
            case DIV -> {
                for (int i = 0; i < count; i++) {
                    a[from + i] /= b[bFrom + i];
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

    /** As {@link Math#pow}, but like C (and numpy) 1 where 1 is raised to anything and -1 to an infinite power. */
    static double pow(double base, double exponent) {
        return base == 1 || base == -1 && Double.isInfinite(exponent) ? 1 : Math.pow(base, exponent);
    }
}
