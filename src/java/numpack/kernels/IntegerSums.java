package numpack.kernels;

import java.math.BigInteger;
import numpack.DType;

/** Exact sums of columns of integers, in 128 bits: two longs for each column. */
final class IntegerSums implements Accumulator<IntegerSums> {
    private final DType type;
    private final boolean narrow;
    private final long[] low;
    private final long[] high;

    /** @param rows how many will be added at most */
    IntegerSums(DType type, long rows, int width) {
        this.type = type;
        // Then 64 bits hold every sum, and the upper ones follow from the sign.
        narrow = type.kind() != DType.Kind.LONG && rows <= Integer.MAX_VALUE;
        low = new long[width];
        high = new long[width];
    }

    @Override
    public void add(Object items, int from, int rows) {
        long[] a = (long[]) items;
        int width = low.length;
        if (narrow && width == 1) {
            low[0] += sum(a, from, rows);
        } else if (narrow) {
            for (int row = 0; row < rows; row++) {
                int at = from + row * width;
                for (int c = 0; c < width; c++) {
                    low[c] += a[at + c];
                }
            }
        } else if (width == 1) {
            addHalves(a, from, rows);
        } else {
            boolean signed = type != DType.UINT64;
            for (int at = from; at < from + rows * width; at += width) {
                for (int c = 0; c < width; c++) {
                    long value = a[at + c];
                    add(c, value, signed ? value >> 63 : 0);
                }
            }
        }
    }

    private static long sum(long[] a, int from, int count) {
        long sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += a[i];
        }
        return sum;
    }

    /** Sums the lower and upper 32 bits of a block by themselves, neither of which can overflow. */
    private void addHalves(long[] a, int from, int count) {
        long lower = 0;
        long upper = 0;
        if (type == DType.UINT64) {
            for (int i = from; i < from + count; i++) {
                lower += a[i] & 0xffffffffL;
                upper += a[i] >>> 32;
            }
        } else {
            for (int i = from; i < from + count; i++) {
                lower += a[i] & 0xffffffffL;
                upper += a[i] >> 32;
            }
        }
        add(0, lower, 0);
        add(0, upper << 32, upper >> 32);
    }

    private void add(int column, long addLow, long addHigh) {
        long sum = low[column] + addLow;
        high[column] += addHigh + (Long.compareUnsigned(sum, addLow) < 0 ? 1 : 0);
        low[column] = sum;
    }

    @Override
    public void merge(IntegerSums next) {
        for (int c = 0; c < low.length; c++) {
            if (narrow) {
                low[c] += next.low[c];
            } else {
                add(c, next.low[c], next.high[c]);
            }
        }
    }

    int width() {
        return low.length;
    }

    /** {@return the lower 64 bits of a sum} */
    long bits(int column) {
        return low[column];
    }

    /** {@return whether {@link #bits} is the whole of a sum, for the sum's dtype: int64 or uint64} */
    boolean fits(int column) {
        return high(column) == (type.isUnsigned() ? 0 : low[column] >> 63);
    }

    double[] toDoubles() {
        double[] values = new double[low.length];
        for (int c = 0; c < values.length; c++) {
            values[c] = high(c) == low[c] >> 63 ? low[c] : toBigInteger(c).doubleValue();
        }
        return values;
    }

    BigInteger toBigInteger(int column) {
        BigInteger lower = BigInteger.valueOf(low[column] >>> 1).shiftLeft(1).add(BigInteger.valueOf(low[column] & 1));
        return BigInteger.valueOf(high(column)).shiftLeft(64).add(lower);
    }

    private long high(int column) {
        return narrow ? low[column] >> 63 : high[column];
    }
}
