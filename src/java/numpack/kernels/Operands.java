package numpack.kernels;

import java.math.BigInteger;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import numpack.DType;
import numpack.DTypeMismatchException;

/**
 * numpy's rules for the operands of operations in place: the dtype of the array never changes, so the operand must be of the same kind
 * or a simpler one, and a scalar takes the array's dtype before anything is computed. They are not those of {@link Scalars} for values
 * to be stored: 2.0 can be stored in an int64 array, but not added to it, and 1e300 added to a float32 array makes infinity.
 */
final class Operands {
    private Operands() {}

    /** Refuses operations that the dtype of the array does not have. */
    static void check(Op op, DType target) {
        if (target == DType.BOOL && op != Op.ADD && op != Op.MUL) {
            throw new DTypeMismatchException(
                    "cannot " + op + " in place on an array of boolean: it knows only add (or) and mul (and)"
                            + "; convert it first, to int8 for example",
                    "found",
                    target);
        }
        if (target.isInteger() && op == Op.DIV) {
            throw new DTypeMismatchException(
                    "cannot div in place on an array of " + target
                            + ": quotients are fractions; convert it to float64 first",
                    "expected",
                    those(type -> type.isFloating() || type.isComplex()),
                    "found",
                    target);
        }
    }

    /** Refuses operand arrays whose results do not cast to the array's dtype by numpy's rule "same_kind". */
    static void check(Op op, DType target, DType operand) {
        check(op, target);
        if (!fits(target, operand)) {
            DType[] fitting = those(type -> fits(target, type));
            throw new DTypeMismatchException(
                    "cannot " + op + " in place an array of " + target + " and one of " + operand
                            + ": the operand must be of "
                            + Stream.of(fitting).map(DType::toString).collect(Collectors.joining(", "))
                            + "; convert one of them first",
                    "expected",
                    fitting,
                    "found",
                    operand);
        }
    }

    private static boolean fits(DType target, DType operand) {
        if (target == DType.BOOL) {
            return operand == DType.BOOL;
        }
        if (target.isUnsigned()) {
            return operand == DType.BOOL || operand.isUnsigned();
        }
        if (target.isInteger()) {
            // numpy computes int with uint64 in float64, which it then does not cast back.
            return operand == DType.BOOL || operand.isInteger() && operand != DType.UINT64;
        }
        return target.isComplex() || !operand.isComplex();
    }

    /** The dtypes that an operation works with, for its error. */
    static DType[] those(Predicate<DType> fitting) {
        return Stream.of(DType.values()).filter(fitting).toArray(DType[]::new);
    }

    /** {@return whether numpy computes float16 with this type in float32, and rounds twice} */
    static boolean meetsFloat16InFloat32(DType operand) {
        return operand == DType.FLOAT32 || operand == DType.INT16 || operand == DType.UINT16;
    }

    /** The bits of a scalar for a bool or integer array. */
    static long toLong(String what, DType type, Object scalar) {
        if (type == DType.BOOL) {
            if (scalar instanceof Boolean b) {
                return b ? 1 : 0;
            }
            throw mismatch(what, type, "true or false", scalar);
        }
        BigInteger value = Scalars.wholeNumber(scalar);
        if (value == null) {
            throw mismatch(what, type, "an integer", scalar);
        }
        WholeCodec codec = WholeCodec.forDType(type);
        if (value.compareTo(codec.smallest) < 0 || value.compareTo(codec.largest) > 0) {
            throw mismatch(what, type, "an integer from " + codec.smallest + " to " + codec.largest, scalar);
        }
        return value.longValue();
    }

    /** A scalar for a floating array, rounded to its dtype. */
    static double toDouble(String what, DType type, Object scalar) {
        return Codec.of(type).round(real(what, type, scalar, "a real number"));
    }

    /** The real and imaginary part of a scalar for a complex array, rounded to its dtype. */
    static double[] toComplex(String what, DType type, Object scalar) {
        String expected = "a number or a pair [re im]";
        double[] pair = {0, 0};
        if (scalar instanceof double[] d && d.length == 2) {
            pair = d.clone();
        } else if (scalar instanceof List<?> list && list.size() == 2) {
            pair[0] = real(what, type, list.get(0), expected);
            pair[1] = real(what, type, list.get(1), expected);
        } else {
            pair[0] = real(what, type, scalar, expected);
        }
        return new double[] {Codec.of(type).round(pair[0]), Codec.of(type).round(pair[1])};
    }

    private static double real(String what, DType type, Object scalar, String expected) {
        BigInteger whole = Scalars.wholeNumber(scalar);
        if (whole == null && !(scalar instanceof Number)) {
            throw mismatch(what, type, expected, scalar);
        }
        double value = whole != null ? whole.doubleValue() : ((Number) scalar).doubleValue();
        if (whole != null && Double.isInfinite(value)) {
            throw mismatch(what, type, "a number that float64 can hold", scalar);
        }
        return value;
    }

    static DTypeMismatchException mismatch(String what, DType type, String expected, Object found) {
        return new DTypeMismatchException(
                "cannot " + what + " " + describe(found) + " in place on an array of " + type + ": the operand must be "
                        + expected + ", since the dtype of the array does not change",
                "expected",
                type,
                "found",
                found);
    }

    private static String describe(Object value) {
        if (value == null) {
            return "nil";
        }
        return value instanceof Number || value instanceof Boolean
                ? value.toString()
                : "a " + value.getClass().getSimpleName();
    }
}
