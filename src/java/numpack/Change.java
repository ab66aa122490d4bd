package numpack;

/**
 * One line of what a scope would commit.
 *
 * @param array the array's name
 * @param kind what happens to it
 * @param from its former name, where it was renamed; else null
 * @param rows how many rows are written or dropped
 */
public record Change(String array, Kind kind, String from, long rows) {
    /** What happens to an array. */
    public enum Kind {
        /** New contents, perhaps of another shape. */
        SAVE,
        /** A new array. */
        CREATE,
        /** Rows are added at the end. */
        APPEND,
        /** Rows are dropped. */
        DROP,
        /** It gets another name. */
        RENAME,
        /** It is removed. */
        DELETE,
        /** It is rewritten without its dropped rows. */
        COMPACT,
        /** Elements were edited in place. */
        EDIT
    }
}
