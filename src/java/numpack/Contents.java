package numpack;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import numpack.commit.Edit;
import numpack.format.ArrayNames;
import numpack.format.Shape;
import numpack.memory.Runs;

/** Contents as a caller gave them, on their way into an array. */
final class Contents implements Edit.Source {
    private final String array;
    private final Object given;
    private final NDArray natural;

    private Contents(String array, Object given, NDArray natural) {
        this.array = array;
        this.given = given;
        this.natural = natural;
    }

    /** Contents for a new array. */
    static NDArray of(String array, Object given, DType dtype) {
        ArrayNames.check(array);
        NDArray contents = dtype == null ? NDArray.from(given) : NDArray.from(given, dtype);
        contents.runs().checkLive();
        if (contents.rank() == 0) {
            throw new ShapeMismatchException(
                    "array \"" + array + "\" would be a scalar, and arrays have rank 1 or more; save [x] instead",
                    "array",
                    array);
        }
        return contents;
    }

    /** Contents for rows of an array that is there, whose dtype they take if they are plain numbers. */
    static Contents forRows(String array, Object given) {
        return new Contents(ArrayNames.check(array), given, of(array, given, null));
    }

    static Map<String, Contents> forRows(Map<String, ?> given) {
        Map<String, Contents> result = new LinkedHashMap<>();
        given.forEach((name, rows) -> result.put(name, forRows(name, rows)));
        return result;
    }

    long rows() {
        return natural.rows();
    }

    long[] shape() {
        return natural.shape();
    }

    /** Whether they are as many rows of the same shape; an empty vector is no rows of any shape. */
    boolean hasShape(DType dtype, long[] shape) {
        return Arrays.equals(natural(dtype).shape(), shape) || shape[0] == 0 && isUntypedEmpty();
    }

    /** What they are for an array of a dtype: plain pairs of numbers are complex numbers for a complex one. */
    private NDArray natural(DType dtype) {
        return dtype.isComplex() && !isTyped() ? NDArray.from(given, dtype) : natural;
    }

    private boolean isUntypedEmpty() {
        return !isTyped() && natural.size() == 0 && natural.rank() == 1;
    }

    private boolean isTyped() {
        return Literals.isTyped(given);
    }

    /** These contents as an array of a dtype whose rows have the shape of those of {@code shape}. */
    NDArray as(DType dtype, long[] shape) {
        if (isUntypedEmpty()) {
            return NDArray.zeros(dtype, Shape.withRows(shape, 0));
        }
        NDArray natural = natural(dtype);
        long[] found = natural.shape();
        if (found.length != shape.length || !Arrays.equals(found, 1, found.length, shape, 1, shape.length)) {
            throw new ShapeMismatchException(
                    "array \"" + array + "\" has rows of shape " + Shape.text(Shape.without(shape, 0)) + " (rank "
                            + shape.length + "), got shape " + Shape.text(found)
                            + (Arrays.equals(found, Shape.without(shape, 0))
                                    ? ", which is one row; give a list of rows: [row], in Java List.of(row)"
                                    : "; see the shape of \"" + array + "\""),
                    "array",
                    array,
                    "expected",
                    shape,
                    "found",
                    found);
        }
        if (natural.dtype() == dtype) {
            return natural;
        }
        if (isTyped()) {
            throw new DTypeMismatchException(
                    "array \"" + array + "\" is " + dtype + ", got " + natural.dtype()
                            + "; convert the contents first: (npk/ndarray contents {:dtype :" + dtype
                            + "}), in Java NDArray.from(contents, DType." + dtype.name() + ")",
                    "array",
                    array,
                    "expected",
                    dtype,
                    "found",
                    natural.dtype());
        }
        return converted(dtype);
    }

    /** What was read once is not read again, if it has every digit: among floating numbers large integers have lost some. */
    private NDArray converted(DType dtype) {
        boolean hasAllDigits = natural.dtype() != DType.FLOAT64 || dtype.isFloating();
        return hasAllDigits ? natural.to(dtype) : NDArray.from(given, dtype);
    }

    @Override
    public Runs elements(DType dtype, long[] shape) {
        return as(dtype, shape).runs();
    }

    /** The same for rows that must be as many as are asked for. */
    Edit.Source exactly(Rows rows) {
        return (dtype, shape) -> {
            NDArray contents = as(dtype, shape);
            int expected = rows.resolve(shape[0]).length;
            if (contents.rows() != expected) {
                throw new ShapeMismatchException(
                        "array \"" + array + "\": " + expected + " rows are to be replaced, got contents for "
                                + contents.rows(),
                        "array",
                        array,
                        "expected",
                        expected,
                        "found",
                        contents.rows());
            }
            return contents.runs();
        };
    }
}
