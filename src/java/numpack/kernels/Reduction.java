package numpack.kernels;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import numpack.InvalidOptionException;

/** What can be computed of many elements. */
enum Reduction {
    SUM,
    MEAN,
    STD,
    VAR,
    MIN,
    MAX,
    NORM;

    private static final List<String> NAMES =
            Stream.of(values()).map(Reduction::toString).collect(Collectors.toList());

    static Reduction of(String name) {
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

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isExtreme() {
        return this == MIN || this == MAX;
    }

    boolean isSpread() {
        return this == STD || this == VAR;
    }
}
