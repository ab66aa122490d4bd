package numpack.format;

import java.util.List;

/**
 * What the arrays beside that of a column of a dataset are called. {@code numpack.dataset} makes them; here they count when it is to be
 * told whether all of them belong together.
 */
public final class ColumnNames {
    private static final String DESCRIPTION = ".column";

    private ColumnNames() {}

    /**
     * The array that says what the elements of another one mean.
     *
     * @param name the other array
     * @return {@code <name>.column}, never null
     */
    public static String description(String name) {
        return name + DESCRIPTION;
    }

    /**
     * The array whose elements another one describes.
     *
     * @param description the other array
     * @return the name without {@code .column} at its end; null if it ends otherwise
     */
    public static String described(String description) {
        return description.endsWith(DESCRIPTION)
                ? description.substring(0, description.length() - DESCRIPTION.length())
                : null;
    }

    /**
     * The array that tells which values are missing, row by row.
     *
     * @param name the array of the column
     * @return {@code <name>.missing}, never null
     */
    public static String mask(String name) {
        return name + ".missing";
    }

    /**
     * The array that holds the strings of a column.
     *
     * @param name the array of the column
     * @return {@code <name>.strings}, never null
     */
    public static String strings(String name) {
        return name + ".strings";
    }

    /**
     * The array that tells where these strings begin and end.
     *
     * @param name the array of the column
     * @return {@code <name>.offsets}, never null
     */
    public static String offsets(String name) {
        return name + ".offsets";
    }

    /**
     * The arrays that a description is about.
     *
     * @param name the array of the column
     * @return itself, and those that may lie beside it, but for the description; never null
     */
    public static List<String> contents(String name) {
        return List.of(name, mask(name), strings(name), offsets(name));
    }
}
