package numpack.kernels;

import java.util.Arrays;

/** The least values of columns of doubles; with the sign reversed, the greatest. NaN is less than everything. */
final class LeastDoubles implements Accumulator<LeastDoubles> {
    private final double sign;
    private final double[] least;

    /** @param sign 1 for the least values, -1 for the greatest */
    LeastDoubles(double sign, int width) {
        this.sign = sign;
        least = new double[width];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
    }

    @Override
    public void add(Object items, int from, int rows) {
        double[] a = (double[]) items;
        int width = least.length;
        if (width == 1) {
            least[0] = Math.min(least[0], least(a, from, rows));
            return;
        }
        for (int row = 0; row < rows; row++) {
            int at = from + row * width;
            for (int c = 0; c < width; c++) {
                least[c] = Math.min(least[c], sign * a[at + c]);
            }
        }
    }

    /** Several times as fast as {@code Math.min}, each of which waits for the one before. */
    private double least(double[] a, int from, int count) {
        double result = Double.POSITIVE_INFINITY;
        for (int i = from; i < from + count; i++) {
            double x = sign * a[i];
            if (!(x >= result)) {
                if (Double.isNaN(x)) {
                    return x;
                }
                result = x;
            }
        }
        return result;
    }

    @Override
    public void merge(LeastDoubles next) {
        for (int c = 0; c < least.length; c++) {
            least[c] = Math.min(least[c], next.least[c]);
        }
    }

    double[] values() {
        double[] values = new double[least.length];
        for (int c = 0; c < values.length; c++) {
            values[c] = sign * least[c];
        }
        return values;
    }
}
