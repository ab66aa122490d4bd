package numpack;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Edits of named arrays: outside a scope each call is one atomic commit, in a {@link Batch} it changes the batch's overlay.
 *
 * <p>Contents are given as an {@link NDArray}, a primitive array (rank 1), nested primitive arrays, or nested lists of numbers;
 * {@link NDArray#from(Object)} tells the dtype of each. Where an array is there already ({@code append}, {@code replaceRows}) lists
 * are converted to its dtype if every value fits, while typed contents must have that dtype.
 */
public interface ArrayEditor extends ArraySource {
    /**
     * Saves arrays, new or in place of older ones, all in one commit.
     *
     * @param arrays contents by name, in the order in which new ones are to be listed
     * @param dtype the dtype of all of them, or null to take it from the contents
     * @throws ShapeMismatchException for ragged contents and for a scalar
     * @throws DTypeMismatchException if a value does not fit the dtype
     */
    void save(Map<String, ?> arrays, DType dtype);

    /**
     * Saves arrays, new or in place of older ones, all in one commit.
     *
     * @param arrays contents by name, in the order in which new ones are to be listed
     */
    default void save(Map<String, ?> arrays) {
        save(arrays, null);
    }

    /**
     * Saves one array.
     *
     * @param name its name
     * @param data its contents
     */
    default void save(String name, Object data) {
        save(name, data, null);
    }

    /**
     * Saves one array with a dtype.
     *
     * @param name its name
     * @param data its contents
     * @param dtype its dtype, or null to take it from the contents
     */
    default void save(String name, Object data, DType dtype) {
        save(java.util.Collections.singletonMap(name, data), dtype);
    }

    /**
     * Appends rows to arrays, all in one commit.
     *
     * @param rows the new rows by name; each has the array's rank, row shape and dtype
     * @throws ArrayNotFoundException if an array is not there
     */
    void append(Map<String, ?> rows);

    /**
     * Appends rows to one array.
     *
     * @param name the array
     * @param rows its new rows
     */
    default void append(String name, Object rows) {
        append(java.util.Collections.singletonMap(name, rows));
    }

    /**
     * Replaces rows of arrays, all in one commit.
     *
     * @param contents the new rows by name, as many as are replaced
     * @param rows which rows; where one is named twice the last one counts
     */
    void replaceRows(Map<String, ?> contents, Rows rows);

    /**
     * Replaces rows of one array.
     *
     * @param name the array
     * @param contents the new rows, as many as are replaced
     * @param rows which rows
     */
    default void replaceRows(String name, Object contents, Rows rows) {
        replaceRows(java.util.Collections.singletonMap(name, contents), rows);
    }

    /**
     * Drops the same rows of several arrays in one commit. They are hidden, not erased: {@link #compact} gives the space back.
     *
     * @param names the arrays
     * @param rows which rows
     */
    void dropRows(Collection<String> names, Rows rows);

    /**
     * Drops rows of one array.
     *
     * @param name the array
     * @param rows which rows
     */
    default void dropRows(String name, Rows rows) {
        dropRows(List.of(name), rows);
    }

    /**
     * Drops rows of one array.
     *
     * @param name the array
     * @param rows row numbers; negative ones count from the end
     */
    default void dropRows(String name, long... rows) {
        dropRows(name, Rows.of(rows));
    }

    /**
     * Creates an array full of zeros, allocated on disk, without using memory.
     *
     * @param name its name
     * @param dtype its dtype
     * @param shape its shape, rank 1 or more
     * @throws ArrayExistsException if there is one of that name
     */
    void create(String name, DType dtype, long... shape);

    /**
     * Removes arrays and their files, all in one commit.
     *
     * @param names the arrays
     * @throws ArrayNotFoundException if one is not there
     */
    void delete(Collection<String> names);

    /**
     * Removes arrays and their files, all in one commit.
     *
     * @param names the arrays
     */
    default void delete(String... names) {
        delete(List.of(names));
    }

    /**
     * Renames an array; it keeps its place in the order.
     *
     * @param from its name
     * @param to its new name
     * @throws ArrayExistsException if the new name is taken
     */
    default void rename(String from, String to) {
        rename(java.util.Collections.singletonMap(from, to));
    }

    /**
     * Renames arrays, all in one commit; they may exchange their names.
     *
     * @param names the new names by the old ones
     * @throws ArrayExistsException if a new name is taken by an array that keeps it
     */
    void rename(Map<String, String> names);

    /**
     * Copies an array to a name that is free, behind the others, however large it is.
     *
     * @param from the array
     * @param to the name of the copy
     * @throws ArrayExistsException if there is an array of that name
     * @throws ArrayNotFoundException if there is no array to copy
     */
    void copy(String from, String to);

    /**
     * Rewrites arrays without their dropped rows and as one file each, and gives the space back to the disk.
     *
     * @param names the arrays
     */
    void compact(Collection<String> names);

    /**
     * Rewrites arrays without their dropped rows and as one file each.
     *
     * @param names the arrays; none means all
     */
    default void compact(String... names) {
        compact(names.length == 0 ? names() : List.of(names));
    }

    /**
     * Runs a body in a batch: a pack opens one and commits its changes at the end, a batch is that batch itself, and the outermost
     * scope commits.
     *
     * @param body runs once
     * @param <T> what it returns
     * @param <E> what it may throw
     * @return what the body returned
     * @throws E what the body threw
     */
    <T, E extends Exception> T withBatch(ScopeBody<Batch, T, E> body) throws E;

    /**
     * Runs a body that returns nothing in a batch, as {@link #withBatch}.
     *
     * @param body runs once
     * @param <E> what it may throw
     * @throws E what the body threw
     */
    default <E extends Exception> void useBatch(ScopeAction<Batch, E> body) throws E {
        withBatch(body.asBody());
    }
}
