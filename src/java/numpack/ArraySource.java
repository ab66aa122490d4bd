package numpack;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Supplier;

/**
 * Named arrays that can be read: what a pack, a batch and a writable batch have in common. Rows that were dropped are never seen
 * here; every shape is the logical one.
 */
public interface ArraySource {
    /** {@return the names in insertion order, never null} */
    List<String> names();

    /**
     * Whether an array of that name is there.
     *
     * @param name any name; an impossible one is simply not there
     * @return whether it is there
     */
    boolean exists(String name);

    /**
     * What is known about an array without reading its elements.
     *
     * @param name its name
     * @return its description, never null
     * @throws ArrayNotFoundException if it is not there
     */
    ArrayInfo info(String name);

    /** {@return the description of every array, in insertion order; never null} */
    default List<ArrayInfo> info() {
        return names().stream().map(this::info).toList();
    }

    /**
     * When an array was last edited, here or in a commit. Arrays that were last edited by one call have the same time, and those that
     * were edited by different ones have different times, so it tells whether arrays that belong together still do. The array
     * {@code x.column} has a time at least as late as that of the column {@code x} and what else it describes, as long as that goes on
     * being right: while rows and elements of {@code x} are edited, and those of {@code x.missing}, if there is one, by the same calls.
     *
     * @param name its name
     * @return the time in microseconds since 1970
     * @throws ArrayNotFoundException if it is not there
     */
    default long lastEdit(String name) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, info(name).lastModified());
    }

    /**
     * The logical shape of an array.
     *
     * @param name its name
     * @return the shape; shape[0] counts the rows that were not dropped
     * @throws ArrayNotFoundException if it is not there
     */
    default long[] shape(String name) {
        return info(name).shape();
    }

    /**
     * The dtype of an array.
     *
     * @param name its name
     * @return the dtype, never null
     * @throws ArrayNotFoundException if it is not there
     */
    default DType dtype(String name) {
        return info(name).dtype();
    }

    /**
     * The array itself. A pack gives an independent, writable copy on the heap (native memory above 2^31-1 elements); a batch its
     * cached, writable array; a writable batch a writable view of the mapped file. The scopes give the same one on every call.
     *
     * @param name its name
     * @return the array, never null
     * @throws ArrayNotFoundException if it is not there
     * @throws InsufficientMemoryException if a copy cannot fit the memory that is left
     */
    NDArray load(String name);

    /**
     * An independent copy of the array, converted to a dtype.
     *
     * @param name its name
     * @param dtype the dtype of the copy
     * @return the copy, never null
     * @throws DTypeMismatchException if a value does not fit the dtype
     */
    default NDArray load(String name, DType dtype) {
        return lazy(name).to(dtype);
    }

    /**
     * The array without copying or caching it: read-only, over the mapped file where it lies in one. It outlives the pack's
     * {@code close}.
     *
     * @param name its name
     * @return the read-only array, never null
     * @throws ArrayNotFoundException if it is not there
     */
    NDArray lazy(String name);

    /**
     * What look-up by name hands out in place of an array.
     *
     * @param array an array of this source
     * @return the array itself, unless the pack was opened with another presentation
     * @hidden
     */
    Object present(NDArray array);

    /**
     * Copies rows to the heap, in the order asked.
     *
     * @param name the array
     * @param rows which rows
     * @return an array of shape [number of rows asked, …]; never null
     * @throws IndexOutOfBoundsException if a row is out of range
     */
    NDArray selectRows(String name, Rows rows);

    /**
     * Copies rows to the heap, in the order asked.
     *
     * @param name the array
     * @param rows row numbers; negative ones count from the end
     * @return an array of shape [number of rows asked, …]; never null
     * @throws IndexOutOfBoundsException if a row is out of range
     */
    default NDArray selectRows(String name, long... rows) {
        return selectRows(name, Rows.of(rows));
    }

    /**
     * The array in pieces of at most so many rows, for what exceeds the memory.
     *
     * @param name the array
     * @param rows rows of a piece, at least 1; the last piece may have fewer
     * @return the pieces, read one by one; in a writable batch they are writable views, else independent copies
     */
    Chunks chunks(String name, long rows);

    /**
     * Reads several arrays so that all of it belongs to one moment, even if others commit meanwhile. Only what is copied stays so:
     * a lazy array goes on following its file.
     *
     * @param read what to read from this source, without editing anything; may run more than once
     * @param <T> what it gives
     * @return what was read
     */
    <T> T atOneMoment(Supplier<T> read);
}
