package numpack.kernels;

import java.util.Arrays;

/** Sums of columns in double, of the values themselves or of their squared distances from given centres. */
final class FloatSums implements Accumulator<FloatSums> {
    private static final int PAIRWISE_BLOCK = 128;

    private final double[] centres;
    private final double[] sums;

    /** @param centres what to subtract from the values of each column before squaring, or null for the sum of the values */
    FloatSums(int width, double[] centres) {
        this.centres = centres;
        sums = new double[width];
        // The neutral element: 0.0 would turn a sum of negative zeros positive.
        Arrays.fill(sums, -0.0);
    }

    double[] sums() {
        return sums;
    }

    @Override
    public void add(Object items, int from, int rows) {
        double[] a = (double[]) items;
        int first = from;
        if (centres != null) {
            a = squares(a, from, rows);
            first = 0;
        }
        if (sums.length == 1) {
            sums[0] += pairwise(a, first, rows);
            return;
        }
        for (int row = 0; row < rows; row++) {
            int at = first + row * sums.length;
            for (int c = 0; c < sums.length; c++) {
                sums[c] += a[at + c];
            }
        }
    }

    private double[] squares(double[] a, int from, int rows) {
        int width = centres.length;
        double[] squares = new double[rows * width];
        if (width == 1) {
            double centre = centres[0];
            for (int i = 0; i < rows; i++) {
                double d = a[from + i] - centre;
                squares[i] = d * d;
            }
            return squares;
        }
        for (int at = 0; at < squares.length; at += width) {
            for (int c = 0; c < width; c++) {
                double d = a[from + at + c] - centres[c];
                squares[at + c] = d * d;
            }
        }
        return squares;
    }

    @Override
    public void merge(FloatSums next) {
        for (int c = 0; c < sums.length; c++) {
            sums[c] += next.sums[c];
        }
    }

    /** Adds in the same order as numpy does. */
    static double pairwise(double[] a, int from, int count) {
        if (count > PAIRWISE_BLOCK) {
            int half = count / 2 - count / 2 % 8;
            return pairwise(a, from, half) + pairwise(a, from + half, count - half);
        }
        if (count < 8) {
            double sum = -0.0;
            for (int i = from; i < from + count; i++) {
                sum += a[i];
            }
            return sum;
        }
        double s0 = a[from];
        double s1 = a[from + 1];
        double s2 = a[from + 2];
        double s3 = a[from + 3];
        double s4 = a[from + 4];
        double s5 = a[from + 5];
        double s6 = a[from + 6];
        double s7 = a[from + 7];
        int i = 8;
        for (; i < count - count % 8; i += 8) {
            int at = from + i;
            s0 += a[at];
            s1 += a[at + 1];
            s2 += a[at + 2];
            s3 += a[at + 3];
            s4 += a[at + 4];
            s5 += a[at + 5];
            s6 += a[at + 6];
            s7 += a[at + 7];
        }
        double sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
        for (; i < count; i++) {
            sum += a[from + i];
        }
        return sum;
    }
}
