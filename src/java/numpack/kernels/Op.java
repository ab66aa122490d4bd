package numpack.kernels;

import java.util.Locale;

/**
 * The operations of two operands, each with its loops, in place over {@code a}: with a number or with as many items of {@code b}. One
 * loop for each primitive, since these are what the compiler vectorises; where an operation has none it is never asked for it.
 */
public enum Op {
    /** Addition; {@code or} of bools. */
    ADD {
        @Override
        void floats(float[] a, int from, int to, float s) {
            for (int i = from; i < to; i++) {
                a[i] += s;
            }
        }

        @Override
        void floats(float[] a, int from, float[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] += b[bFrom + i];
            }
        }

        @Override
        void doubles(double[] a, int from, int to, double s) {
            for (int i = from; i < to; i++) {
                a[i] += s;
            }
        }

        @Override
        void doubles(double[] a, int from, double[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] += b[bFrom + i];
            }
        }

        @Override
        void ints(int[] a, int from, int to, int s) {
            for (int i = from; i < to; i++) {
                a[i] += s;
            }
        }

        @Override
        void ints(int[] a, int from, int[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] += b[bFrom + i];
            }
        }

        @Override
        void longs(long[] a, int from, int to, long s) {
            for (int i = from; i < to; i++) {
                a[i] += s;
            }
        }

        @Override
        void longs(long[] a, int from, long[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] += b[bFrom + i];
            }
        }

        @Override
        void complexes(double[] a, int from, double[] b, int bFrom, int count) {
            doubles(a, from, b, bFrom, count);
        }
    },

    /** Subtraction. */
    SUB {
        @Override
        void floats(float[] a, int from, int to, float s) {
            for (int i = from; i < to; i++) {
                a[i] -= s;
            }
        }

        @Override
        void floats(float[] a, int from, float[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] -= b[bFrom + i];
            }
        }

        @Override
        void doubles(double[] a, int from, int to, double s) {
            for (int i = from; i < to; i++) {
                a[i] -= s;
            }
        }

        @Override
        void doubles(double[] a, int from, double[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] -= b[bFrom + i];
            }
        }

        @Override
        void ints(int[] a, int from, int to, int s) {
            for (int i = from; i < to; i++) {
                a[i] -= s;
            }
        }

        @Override
        void ints(int[] a, int from, int[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] -= b[bFrom + i];
            }
        }

        @Override
        void longs(long[] a, int from, int to, long s) {
            for (int i = from; i < to; i++) {
                a[i] -= s;
            }
        }

        @Override
        void longs(long[] a, int from, long[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] -= b[bFrom + i];
            }
        }

        @Override
        void complexes(double[] a, int from, double[] b, int bFrom, int count) {
            doubles(a, from, b, bFrom, count);
        }
    },

    /** Multiplication; {@code and} of bools. */
    MUL {
        @Override
        void floats(float[] a, int from, int to, float s) {
            for (int i = from; i < to; i++) {
                a[i] *= s;
            }
        }

        @Override
        void floats(float[] a, int from, float[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] *= b[bFrom + i];
            }
        }

        @Override
        void doubles(double[] a, int from, int to, double s) {
            for (int i = from; i < to; i++) {
                a[i] *= s;
            }
        }

        @Override
        void doubles(double[] a, int from, double[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] *= b[bFrom + i];
            }
        }

        @Override
        void ints(int[] a, int from, int to, int s) {
            for (int i = from; i < to; i++) {
                a[i] *= s;
            }
        }

        @Override
        void ints(int[] a, int from, int[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] *= b[bFrom + i];
            }
        }

        @Override
        void longs(long[] a, int from, int to, long s) {
            for (int i = from; i < to; i++) {
                a[i] *= s;
            }
        }

        @Override
        void longs(long[] a, int from, long[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] *= b[bFrom + i];
            }
        }

        @Override
        void complexes(double[] a, int from, double[] b, int bFrom, int count) {
            for (int i = 0; i < count; i += 2) {
                Complex.multiply(a, from + i, b[bFrom + i], b[bFrom + i + 1]);
            }
        }
    },

    /** Division; for floating and complex dtypes. */
    DIV {
        @Override
        void floats(float[] a, int from, int to, float s) {
            for (int i = from; i < to; i++) {
                a[i] /= s;
            }
        }

        @Override
        void floats(float[] a, int from, float[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] /= b[bFrom + i];
            }
        }

        @Override
        void doubles(double[] a, int from, int to, double s) {
            for (int i = from; i < to; i++) {
                a[i] /= s;
            }
        }

        @Override
        void doubles(double[] a, int from, double[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] /= b[bFrom + i];
            }
        }

        @Override
        void complexes(double[] a, int from, double[] b, int bFrom, int count) {
            for (int i = 0; i < count; i += 2) {
                Complex.divide(a, from + i, b[bFrom + i], b[bFrom + i + 1]);
            }
        }
    },

    /** The power. */
    POW {
        @Override
        void doubles(double[] a, int from, int to, double s) {
            for (int i = from; i < to; i++) {
                a[i] = power(a[i], s);
            }
        }

        @Override
        void doubles(double[] a, int from, double[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] = power(a[from + i], b[bFrom + i]);
            }
        }

        @Override
        void longs(long[] a, int from, int to, long s) {
            for (int i = from; i < to; i++) {
                a[i] = power(a[i], s);
            }
        }

        @Override
        void longs(long[] a, int from, long[] b, int bFrom, int count) {
            for (int i = 0; i < count; i++) {
                a[from + i] = power(a[from + i], b[bFrom + i]);
            }
        }

        @Override
        void complexes(double[] a, int from, double[] b, int bFrom, int count) {
            for (int i = 0; i < count; i += 2) {
                Complex.power(a, from + i, b[bFrom + i], b[bFrom + i + 1]);
            }
        }
    };

    private final String function = name().toLowerCase(Locale.ROOT);

    void floats(float[] a, int from, int to, float s) {
        throw new AssertionError(this);
    }

    void floats(float[] a, int from, float[] b, int bFrom, int count) {
        throw new AssertionError(this);
    }

    abstract void doubles(double[] a, int from, int to, double s);

    abstract void doubles(double[] a, int from, double[] b, int bFrom, int count);

    /** Signed or not: wraps. */
    void ints(int[] a, int from, int to, int s) {
        throw new AssertionError(this);
    }

    /** Signed or not: wraps. */
    void ints(int[] a, int from, int[] b, int bFrom, int count) {
        throw new AssertionError(this);
    }

    /** Signed or not: wraps. */
    void longs(long[] a, int from, int to, long s) {
        throw new AssertionError(this);
    }

    /** Signed or not: wraps. */
    void longs(long[] a, int from, long[] b, int bFrom, int count) {
        throw new AssertionError(this);
    }

    /** Pairs of doubles; counts are in items, two for a number. */
    abstract void complexes(double[] a, int from, double[] b, int bFrom, int count);

    /** Whether the loops over floats and ints are there: what has none goes through doubles and longs. */
    boolean hasNarrowLoops() {
        return this != POW;
    }

    /** As {@link Math#pow}, but like C (and numpy) 1 where 1 is raised to anything and -1 to an infinite power. */
    private static double power(double base, double exponent) {
        return base == 1 || base == -1 && Double.isInfinite(exponent) ? 1 : Math.pow(base, exponent);
    }

    /** By repeated squaring; the exponent is taken as unsigned. */
    private static long power(long base, long exponent) {
        long result = 1;
        for (long square = base, e = exponent; e != 0; e >>>= 1, square *= square) {
            if ((e & 1) != 0) {
                result *= square;
            }
        }
        return result;
    }

    /** {@return the name of the function, as in {@code "add"}; never null} */
    @Override
    public String toString() {
        return function;
    }
}
