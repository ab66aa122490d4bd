package numpack.kernels;

/** Arithmetic on complex numbers, as pairs in {@code double[]}; by numpy's formulas, so that infinities and zeros come out alike. */
final class Complex {
    private Complex() {}

    static void multiply(double[] a, int at, double re, double im) {
        double r = a[at] * re - a[at + 1] * im;
        a[at + 1] = a[at] * im + a[at + 1] * re;
        a[at] = r;
    }

    /** Smith's algorithm: no overflow where the quotient has none. */
    static void divide(double[] a, int at, double re, double im) {
        double ar = a[at];
        double ai = a[at + 1];
        if (Math.abs(re) >= Math.abs(im)) {
            if (re == 0 && im == 0) {
                a[at] = ar / Math.abs(re);
                a[at + 1] = ai / Math.abs(re);
                return;
            }
            double ratio = im / re;
            double scale = 1.0 / (re + im * ratio);
            a[at] = (ar + ai * ratio) * scale;
            a[at + 1] = (ai - ar * ratio) * scale;
        } else {
            double ratio = re / im;
            double scale = 1.0 / (im + re * ratio);
            a[at] = (ar * ratio + ai) * scale;
            a[at + 1] = (ai * ratio - ar) * scale;
        }
    }

    static void power(double[] a, int at, double re, double im) {
        double ar = a[at];
        double ai = a[at + 1];
        if (re == 0 && im == 0) {
            set(a, at, 1, 0);
        } else if (ar == 0 && ai == 0) {
            double result = re > 0 ? 0 : Double.NaN;
            set(a, at, result, result);
        } else if (im == 0 && re == Math.rint(re) && Math.abs(re) < 100) {
            wholePower(a, at, (int) re);
        } else {
            // exp(b log a)
            double log = Math.log(Math.hypot(ar, ai));
            double angle = Math.atan2(ai, ar);
            double size = Math.exp(re * log - im * angle);
            double turn = im * log + re * angle;
            set(a, at, size * Math.cos(turn), size * Math.sin(turn));
        }
    }

    private static void wholePower(double[] a, int at, int exponent) {
        double[] square = {a[at], a[at + 1]};
        set(a, at, 1, 0);
        for (int e = Math.abs(exponent); e != 0; e >>= 1) {
            if ((e & 1) != 0) {
                multiply(a, at, square[0], square[1]);
            }
            multiply(square, 0, square[0], square[1]);
        }
        if (exponent < 0) {
            double[] one = {1, 0};
            divide(one, 0, a[at], a[at + 1]);
            set(a, at, one[0], one[1]);
        }
    }

    private static void set(double[] a, int at, double re, double im) {
        a[at] = re;
        a[at + 1] = im;
    }
}
