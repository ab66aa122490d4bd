package numpack.commit;

import numpack.DType;
import numpack.Rows;
import numpack.format.Entry;
import numpack.memory.Runs;

/**
 * One change of one array, as an operation or a scope asks for it. It is laid out against the state found under the lock, so that
 * edits of several processes add up.
 */
public sealed interface Edit {
    /** {@return the name of the array} */
    String array();

    /** {@return the entry that a scope saw at first use: the commit fails if it has changed; null outside of scopes} */
    default Expected expected() {
        return null;
    }

    /**
     * What a scope saw of an array when it first used it.
     *
     * @param entry the committed entry; null if there was none
     */
    record Expected(Entry entry) {}

    /**
     * New contents for a new or an existing array.
     *
     * @param array its name
     * @param dtype its dtype
     * @param shape its shape
     * @param source its elements; null where they are staged already
     * @param staged a staged file that holds exactly the elements; null where {@code source} does
     * @param expected what a scope saw, or null
     */
    record Save(String array, DType dtype, long[] shape, Runs source, Staging.StagedFile staged, Expected expected)
            implements Edit {}

    /**
     * A new array of zeros.
     *
     * @param array its name
     * @param dtype its dtype
     * @param shape its shape
     */
    record Create(String array, DType dtype, long[] shape) implements Edit {}

    /**
     * New rows behind the last one.
     *
     * @param array its name
     * @param rows how many
     * @param source their elements, given the entry they go to; checks dtype and row shape
     * @param expected what a scope saw, or null
     */
    record Append(String array, long rows, Source source, Expected expected) implements Edit {}

    /**
     * New contents for some rows.
     *
     * @param array its name
     * @param rows which
     * @param source their elements, given the entry they go to; checks dtype, row shape and count
     */
    record Replace(String array, Rows rows, Source source) implements Edit {}

    /**
     * Rows to hide.
     *
     * @param array its name
     * @param rows which
     * @param expected what a scope saw, or null
     */
    record Drop(String array, Rows rows, Expected expected) implements Edit {}

    /**
     * An array to remove.
     *
     * @param array its name
     * @param expected what a scope saw, or null
     */
    record Delete(String array, Expected expected) implements Edit {}

    /**
     * A new name.
     *
     * @param array the former name
     * @param to the new one
     * @param expected what a scope saw, or null
     */
    record Rename(String array, String to, Expected expected) implements Edit {}

    /**
     * An array to rewrite as one file without dropped rows.
     *
     * @param array its name
     * @param seen the entry that {@code staged} was made from, or null
     * @param staged the rewritten contents, or null
     */
    record Compact(String array, Entry seen, Staging.StagedFile staged) implements Edit {}

    /**
     * Elements that were edited through a mapped view: only the time of the last change is committed.
     *
     * @param array its name
     */
    record Touch(String array) implements Edit {}

    /**
     * An array that is not edited, but must be as the scope saw it.
     *
     * @param array its name
     * @param expected what the scope saw
     */
    record Unchanged(String array, Expected expected) implements Edit {}

    /** Elements whose dtype may depend on the array they go to. */
    @FunctionalInterface
    interface Source {
        /**
         * The elements for an array.
         *
         * @param dtype the array's dtype
         * @param shape its logical shape
         * @return the elements, never null
         */
        Runs elements(DType dtype, long[] shape);
    }
}
