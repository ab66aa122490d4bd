package numpack.kernels;

import java.math.BigDecimal;
import java.math.MathContext;
import numpack.DType;

/** Sum, mean, variance and so on of some elements, computed in BigDecimal. */
final class ExactStatistics {
    private static final MathContext DIGITS = MathContext.DECIMAL128;

    private final BigDecimal count;
    private final BigDecimal[] sums;
    private BigDecimal squares = BigDecimal.ZERO;
    private BigDecimal least;
    private BigDecimal greatest;

    /** Of {@code count} elements, {@code stride} elements apart. */
    ExactStatistics(DType type, Object items, int first, int count, int stride) {
        this.count = BigDecimal.valueOf(count);
        int parts = type.itemsPerElement();
        sums = new BigDecimal[parts];
        for (int p = 0; p < parts; p++) {
            sums[p] = BigDecimal.ZERO;
            for (int i = 0; i < count; i++) {
                int at = (first + i * stride) * parts + p;
                BigDecimal x = type.isFloating() || type.isComplex()
                        ? new BigDecimal(TestArrays.floating(items, at))
                        : new BigDecimal(TestArrays.asLong(type, items, at));
                sums[p] = sums[p].add(x);
                squares = squares.add(x.multiply(x));
                least = least == null ? x : least.min(x);
                greatest = greatest == null ? x : greatest.max(x);
            }
        }
    }

    /** {@return the value; two numbers for the sum and mean of complex ones} */
    double[] value(String op) {
        return switch (op) {
            case "sum" -> doubles(sums);
            case "mean" -> {
                BigDecimal[] means = new BigDecimal[sums.length];
                for (int p = 0; p < sums.length; p++) {
                    means[p] = sums[p].divide(count, DIGITS);
                }
                yield doubles(means);
            }
            case "var" -> doubles(variance());
            case "std" -> doubles(variance().sqrt(DIGITS));
            case "norm" -> doubles(squares.sqrt(DIGITS));
            case "min" -> doubles(least);
            default -> doubles(greatest);
        };
    }

    private BigDecimal variance() {
        BigDecimal spread = squares.multiply(count);
        for (BigDecimal sum : sums) {
            spread = spread.subtract(sum.multiply(sum));
        }
        return spread.divide(count.multiply(count), DIGITS);
    }

    private static double[] doubles(BigDecimal... values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i].doubleValue();
        }
        return doubles;
    }
}
