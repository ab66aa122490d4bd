package numpack.kernels;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import numpack.InvalidOptionException;

/** The functions of one element that have a name. */
final class Functions {
    private static final Map<String, DoubleUnaryOperator> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("neg", x -> -x);
        BY_NAME.put("abs", Math::abs);
        BY_NAME.put("sign", x -> x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x);
        BY_NAME.put("square", x -> x * x);
        BY_NAME.put("floor", Math::floor);
        BY_NAME.put("ceil", Math::ceil);
        BY_NAME.put("round", Math::rint);
        BY_NAME.put("reciprocal", x -> 1 / x);
        BY_NAME.put("sqrt", Math::sqrt);
        BY_NAME.put("exp", Math::exp);
        BY_NAME.put("expm1", Math::expm1);
        BY_NAME.put("log", Math::log);
        BY_NAME.put("log2", Functions::log2);
        BY_NAME.put("log10", Math::log10);
        BY_NAME.put("log1p", Math::log1p);
        BY_NAME.put("sin", Math::sin);
        BY_NAME.put("cos", Math::cos);
        BY_NAME.put("tan", Math::tan);
        BY_NAME.put("asin", Math::asin);
        BY_NAME.put("acos", Math::acos);
        BY_NAME.put("atan", Math::atan);
        BY_NAME.put("sinh", Math::sinh);
        BY_NAME.put("cosh", Math::cosh);
        BY_NAME.put("tanh", Math::tanh);
    }

    private Functions() {}

    static List<String> names() {
        return Collections.unmodifiableList(new ArrayList<>(BY_NAME.keySet()));
    }

    static DoubleUnaryOperator ofDoubles(String name) {
        DoubleUnaryOperator function = BY_NAME.get(name);
        if (function == null) {
            throw new InvalidOptionException(
                    "there is no function \"" + name + "\"; the functions are " + String.join(", ", names())
                            + ". Any other function can be given itself",
                    "expected",
                    names(),
                    "found",
                    name);
        }
        return function;
    }

    /** The loops that are worth vectorising are written out. */
    static void apply(String name, DoubleUnaryOperator function, double[] a, int from, int to) {
        switch (name) {
            case "neg" -> {
                for (int i = from; i < to; i++) {
                    a[i] = -a[i];
                }
            }
            case "abs" -> {
                for (int i = from; i < to; i++) {
                    a[i] = Math.abs(a[i]);
                }
            }
            case "square" -> {
                for (int i = from; i < to; i++) {
                    a[i] *= a[i];
                }
            }
            case "sqrt" -> {
                for (int i = from; i < to; i++) {
                    a[i] = Math.sqrt(a[i]);
                }
            }
            default -> apply(function, a, from, to);
        }
    }

    static void apply(DoubleUnaryOperator function, double[] a, int from, int to) {
        for (int i = from; i < to; i++) {
            a[i] = function.applyAsDouble(a[i]);
        }
    }

    /** {@return whether a function is for integers too: what numpy computes without leaving the integers, but reciprocal} */
    static boolean isForIntegers(String name) {
        return switch (name) {
            case "neg", "abs", "sign", "square", "floor", "ceil", "round" -> true;
            default -> false;
        };
    }

    /** Unsigned values are given zero-extended, uint64 by its bits. */
    static void applyToIntegers(String name, boolean unsigned, long[] a, int from, int to) {
        for (int i = from; i < to; i++) {
            long x = a[i];
            a[i] = switch (name) {
                case "neg" -> -x;
                case "abs" -> unsigned ? x : Math.abs(x);
                case "sign" -> unsigned ? (x == 0 ? 0 : 1) : Long.signum(x);
                case "square" -> x * x;
                default -> x;
            };
        }
    }

    /** Exact for powers of two, unlike {@code log(x) / log(2)}. */
    static double log2(double x) {
        int exponent = Math.getExponent(x);
        if (x <= 0 || exponent == Double.MAX_EXPONENT + 1 || exponent < Double.MIN_EXPONENT) {
            return x > 0 && x < 1 ? log2(x * 0x1p60) - 60 : Math.log(x);
        }
        double mantissa = x / Math.scalb(1.0, exponent);
        if (mantissa > 1.4142135623730951) {
            mantissa /= 2;
            exponent++;
        }
        return exponent + Math.log(mantissa) * 1.4426950408889634;
    }
}
