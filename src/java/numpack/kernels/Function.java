package numpack.kernels;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import numpack.InvalidOptionException;

/** The functions of one element that have a name: of doubles, and of integers what numpy computes without leaving them. */
enum Function {
    NEG(x -> -x, x -> -x, x -> -x) {
        @Override
        void apply(double[] a, int from, int to) {
            for (int i = from; i < to; i++) {
                a[i] = -a[i];
            }
        }
    },
    ABS(Math::abs, Math::abs, x -> x) {
        @Override
        void apply(double[] a, int from, int to) {
            for (int i = from; i < to; i++) {
                a[i] = Math.abs(a[i]);
            }
        }
    },
    SIGN(x -> x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x, Long::signum, x -> x == 0 ? 0 : 1),
    SQUARE(x -> x * x, x -> x * x, x -> x * x) {
        @Override
        void apply(double[] a, int from, int to) {
            for (int i = from; i < to; i++) {
                a[i] *= a[i];
            }
        }
    },
    FLOOR(Math::floor, x -> x, x -> x),
    CEIL(Math::ceil, x -> x, x -> x),
    ROUND(Math::rint, x -> x, x -> x),
    RECIPROCAL(x -> 1 / x),
    SQRT(Math::sqrt) {
        @Override
        void apply(double[] a, int from, int to) {
            for (int i = from; i < to; i++) {
                a[i] = Math.sqrt(a[i]);
            }
        }
    },
    EXP(Math::exp),
    EXPM1(Math::expm1),
    LOG(Math::log),
    LOG2(Function::log2),
    LOG10(Math::log10),
    LOG1P(Math::log1p),
    SIN(Math::sin),
    COS(Math::cos),
    TAN(Math::tan),
    ASIN(Math::asin),
    ACOS(Math::acos),
    ATAN(Math::atan),
    SINH(Math::sinh),
    COSH(Math::cosh),
    TANH(Math::tanh);

    private final String function = name().toLowerCase(Locale.ROOT);
    private final DoubleUnaryOperator ofDouble;
    private final LongUnaryOperator ofSigned;
    private final LongUnaryOperator ofUnsigned;

    Function(DoubleUnaryOperator ofDouble) {
        this(ofDouble, null, null);
    }

    Function(DoubleUnaryOperator ofDouble, LongUnaryOperator ofSigned, LongUnaryOperator ofUnsigned) {
        this.ofDouble = ofDouble;
        this.ofSigned = ofSigned;
        this.ofUnsigned = ofUnsigned;
    }

    static Function of(String name) {
        for (Function function : values()) {
            if (function.function.equals(name)) {
                return function;
            }
        }
        throw new InvalidOptionException(
                "there is no function \"" + name + "\"; the functions are "
                        + String.join(
                                ", ",
                                Stream.of(values()).map(Function::toString).toList())
                        + ". Any other function can be given itself",
                "expected",
                Stream.of(values()).map(Function::toString).toList(),
                "found",
                name);
    }

    boolean isForIntegers() {
        return ofSigned != null;
    }

    /** The loops that are worth vectorising are written out. */
    void apply(double[] a, int from, int to) {
        apply(ofDouble, a, from, to);
    }

    static void apply(DoubleUnaryOperator function, double[] a, int from, int to) {
        for (int i = from; i < to; i++) {
            a[i] = function.applyAsDouble(a[i]);
        }
    }

    /** Unsigned values are given zero-extended, uint64 by its bits. */
    void apply(boolean unsigned, long[] a, int from, int to) {
        LongUnaryOperator ofLong = unsigned ? ofUnsigned : ofSigned;
        for (int i = from; i < to; i++) {
            a[i] = ofLong.applyAsLong(a[i]);
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

    @Override
    public String toString() {
        return function;
    }
}
