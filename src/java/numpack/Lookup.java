package numpack;

import clojure.lang.Named;

/** Array names as Clojure gives them: strings, keywords and symbols. */
final class Lookup {
    private Lookup() {}

    static String name(Object key) {
        if (key instanceof String s) {
            return s;
        }
        if (key instanceof Named named && named.getNamespace() == null) {
            return named.getName();
        }
        throw new InvalidNameException(
                "an array is named by a string, a keyword or a symbol without a namespace, got "
                        + (key == null ? "nil" : key + " (" + key.getClass().getSimpleName() + ")"),
                "found",
                key);
    }
}
