package numpack;

import clojure.lang.IExceptionInfo;
import clojure.lang.IPersistentMap;
import clojure.lang.Keyword;
import clojure.lang.PersistentArrayMap;
import clojure.lang.PersistentVector;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What every error of this library extends. The message says what was asked, what was found and what to do; {@link #getData()}
 * carries the same for programs: {@code :numpack/error} (the class name as a keyword, {@code :array-not-found}) and, where they
 * apply, {@code :array}, {@code :path}, {@code :expected} and {@code :found}. Shapes are vectors there, dtypes keywords, paths
 * strings.
 */
public class NumPackException extends RuntimeException implements IExceptionInfo {
    private static final long serialVersionUID = 1L;

    private final transient IPersistentMap data;

    /**
     * @param message what was asked, what was found, what to do
     * @param cause the underlying failure, or null
     * @param keyValues alternating names (without the colon) and values of {@code ex-data}; null values are left out, shapes
     *     ({@code long[]}), enum constants, arrays of them, and paths are given as they are
     */
    protected NumPackException(String message, Throwable cause, Object... keyValues) {
        super(message, cause);
        IPersistentMap map = PersistentArrayMap.EMPTY.assoc(
                Keyword.intern("numpack", "error"), Keyword.intern(errorName(getClass())));
        for (int i = 0; i < keyValues.length; i += 2) {
            if (keyValues[i + 1] != null) {
                map = map.assoc(Keyword.intern((String) keyValues[i]), value(keyValues[i + 1]));
            }
        }
        data = map;
    }

    /** What a Clojure program compares with: vectors for shapes, keywords for dtypes and other constants, strings for paths. */
    private static Object value(Object given) {
        if (given instanceof long[] shape) {
            return vector(LongStream.of(shape).boxed());
        }
        if (given instanceof int[] shape) {
            return vector(IntStream.of(shape).asLongStream().boxed());
        }
        if (given instanceof Enum<?> constant) {
            return keyword(constant);
        }
        if (given instanceof Enum<?>[] constants) {
            return vector(Stream.of(constants).map(NumPackException::keyword));
        }
        return given instanceof Path ? given.toString() : given;
    }

    private static PersistentVector vector(Stream<?> values) {
        return PersistentVector.create(values.toList());
    }

    private static Keyword keyword(Enum<?> constant) {
        return Keyword.intern(constant.toString().toLowerCase(Locale.ROOT));
    }

    private static String errorName(Class<?> type) {
        String name = type.getSimpleName().replaceAll("Exception$", "").replaceAll("^DType", "Dtype");
        return name.replaceAll("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-")
                .toLowerCase(Locale.ROOT);
    }

    /** {@return the data of this error, never null} */
    @Override
    public IPersistentMap getData() {
        return data;
    }
}
