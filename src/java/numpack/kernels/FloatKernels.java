package numpack.kernels;

import numpack.kernels.Arithmetic.Op;

/** Arithmetic on {@code float[]}. Simple loops, which the compiler vectorises. */
final class FloatKernels {
    private FloatKernels() {}

    static void scalar(Op op, float[] a, int from, int to, float s) {
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
            default -> throw new AssertionError(op);
        }
    }

    static void array(Op op, float[] a, int from, float[] b, int bFrom, int count) {
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
            default -> throw new AssertionError(op);
        }
    }
}
