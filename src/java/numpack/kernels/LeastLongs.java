package numpack.kernels;

import java.util.Arrays;

/** The least values of columns of longs, after bits were flipped: so that it finds the greatest as well, and of unsigned ones. */
final class LeastLongs implements Accumulator<LeastLongs> {
    private final long flip;
    private final long[] least;

    /**
     * @param greatest whether to find the greatest values
     * @param unsigned whether the highest bit is a digit
     */
    LeastLongs(boolean greatest, boolean unsigned, int width) {
        flip = (greatest ? -1 : 0) ^ (unsigned ? Long.MIN_VALUE : 0);
        least = new long[width];
        Arrays.fill(least, Long.MAX_VALUE);
    }

    @Override
    public void add(Object items, int from, int rows) {
        long[] a = (long[]) items;
        int width = least.length;
        if (width == 1) {
            long result = least[0];
            for (int i = from; i < from + rows; i++) {
                result = Math.min(result, a[i] ^ flip);
            }
            least[0] = result;
            return;
        }
        for (int row = 0; row < rows; row++) {
            int at = from + row * width;
            for (int c = 0; c < width; c++) {
                least[c] = Math.min(least[c], a[at + c] ^ flip);
            }
        }
    }

    @Override
    public void merge(LeastLongs next) {
        for (int c = 0; c < least.length; c++) {
            least[c] = Math.min(least[c], next.least[c]);
        }
    }

    long[] values() {
        long[] values = new long[least.length];
        for (int c = 0; c < values.length; c++) {
            values[c] = least[c] ^ flip;
        }
        return values;
    }
}
