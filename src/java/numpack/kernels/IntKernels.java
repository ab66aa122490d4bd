package numpack.kernels;

import numpack.kernels.Arithmetic.Op;

/** Arithmetic on {@code int[]}, signed or not: wraps. Simple loops, which the compiler vectorises. */
final class IntKernels {
    private IntKernels() {}

    static void scalar(Op op, int[] a, int from, int to, int s) {
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
            default -> throw new AssertionError(op);
        }
    }

    static void array(Op op, int[] a, int from, int[] b, int bFrom, int count) {
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
            default -> throw new AssertionError(op);
        }
    }
}
