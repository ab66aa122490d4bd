package numpack;

import clojure.lang.IExceptionInfo;
import clojure.lang.IPersistentMap;
import clojure.lang.Keyword;
import clojure.lang.PersistentArrayMap;
import java.util.Locale;

/**
 * What every error of this library extends. The message says what was asked, what was found and what to do; {@link #getData()}
 * carries the same for programs: {@code :numpack/error} (the class name as a keyword, {@code :array-not-found}) and, where they
 * apply, {@code :array}, {@code :path}, {@code :expected} and {@code :found}.
 */
public class NumPackException extends RuntimeException implements IExceptionInfo {
    private static final long serialVersionUID = 1L;

    private final transient IPersistentMap data;

    /**
     * @param message what was asked, what was found, what to do
     * @param cause the underlying failure, or null
     * @param keyValues alternating names (without the colon) and values of {@code ex-data}; null values are left out
     */
    protected NumPackException(String message, Throwable cause, Object... keyValues) {
        super(message, cause);
        IPersistentMap map = PersistentArrayMap.EMPTY.assoc(
                Keyword.intern("numpack", "error"), Keyword.intern(errorName(getClass())));
        for (int i = 0; i < keyValues.length; i += 2) {
            if (keyValues[i + 1] != null) {
                map = map.assoc(Keyword.intern((String) keyValues[i]), keyValues[i + 1]);
            }
        }
        data = map;
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
