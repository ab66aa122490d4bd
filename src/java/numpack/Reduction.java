package numpack;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What can be computed of many elements. Floating sums are accumulated in double, pairwise; sums of integers are exact. */
public enum Reduction {
    /** The sum. */
    SUM,
    /** The arithmetic mean. */
    MEAN,
    /** The standard deviation of the population. */
    STD,
    /** The variance of the population. */
    VAR,
    /** The least element; of complex numbers there is none. */
    MIN,
    /** The greatest element; of complex numbers there is none. */
    MAX,
    /** The Euclidean norm, the root of the sum of squares. */
    NORM;

    private static final List<String> NAMES =
            Stream.of(values()).map(Reduction::toString).toList();

    /**
     * The reduction of a name.
     *
     * @param name its name, such as {@code "sum"}
     * @return the reduction, never null
     * @throws InvalidOptionException if there is none of that name; lists them
     */
    public static Reduction of(String name) {
        int index = NAMES.indexOf(name);
        if (index < 0) {
            throw new InvalidOptionException(
                    "there is no reduction \"" + name + "\"; the reductions are " + String.join(", ", NAMES),
                    "expected",
                    NAMES,
                    "found",
                    name);
        }
        return values()[index];
    }

    /** {@return its name, as in {@code "sum"}; never null} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
