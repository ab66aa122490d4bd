package numpack;

import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Options of a batch. Immutable: each method gives new options.
 *
 * @param memoryLimit bytes of heap the batch may hold before arrays are staged on disk; {@link Long#MAX_VALUE} is no limit
 * @param onError what happens when the body throws; null: as the pack was opened
 * @param onConflict what happens when somebody else changed the same array
 * @param present what look-up by name hands out in place of an {@code NDArray}; null: as the pack was opened
 */
public record BatchOptions(
        long memoryLimit, OnError onError, OnConflict onConflict, Function<NDArray, Object> present) {
    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([KMGT]?)(I?)B?");

    /**
     * Refuses options that mean nothing.
     *
     * @param memoryLimit bytes of heap, 0 or more
     * @param onError what happens when the body throws, or null
     * @param onConflict what happens on a conflict
     * @param present what look-up hands out, or null
     * @throws InvalidOptionException if the memory limit is negative
     * @throws NullPointerException if there is no conflict policy
     */
    public BatchOptions {
        if (memoryLimit < 0) {
            throw new InvalidOptionException(
                    "a memory limit is 0 bytes or more, got " + memoryLimit, "found", memoryLimit);
        }
        Objects.requireNonNull(onConflict, "what happens on a conflict");
    }

    /** {@return no memory limit, the pack's own error policy, conflicts fail} */
    public static BatchOptions defaults() {
        return new BatchOptions(Long.MAX_VALUE, null, OnConflict.FAIL, null);
    }

    /**
     * These options with a limit of the heap the batch holds.
     *
     * @param bytes the limit, 0 or more
     * @return the new options
     * @throws InvalidOptionException if it is negative
     */
    public BatchOptions memoryLimit(long bytes) {
        return new BatchOptions(bytes, onError, onConflict, present);
    }

    /**
     * These options with a limit of the heap the batch holds.
     *
     * @param size a size such as {@code "1GB"}, {@code "64 MB"}, {@code "1.5GiB"} or {@code "1000"}; the units are powers of 1024
     * @return the new options
     * @throws InvalidOptionException if it is not a size
     */
    public BatchOptions memoryLimit(String size) {
        Matcher m = SIZE.matcher(size.trim().toUpperCase(Locale.ROOT));
        if (!m.matches() || m.group(2).isEmpty() && !m.group(3).isEmpty()) {
            throw new InvalidOptionException(
                    "\"" + size + "\" is not a size; write \"1GB\", \"64 MB\" or a number of bytes", "found", size);
        }
        int power = m.group(2).isEmpty() ? 0 : "KMGT".indexOf(m.group(2)) + 1;
        return memoryLimit((long) (Double.parseDouble(m.group(1)) * Math.pow(1024, power)));
    }

    /**
     * These options with an error policy.
     *
     * @param policy what happens when the body throws
     * @return the new options
     */
    public BatchOptions onError(OnError policy) {
        return new BatchOptions(memoryLimit, policy, onConflict, present);
    }

    /**
     * These options with a conflict policy.
     *
     * @param policy what happens when somebody else changed the same array
     * @return the new options
     */
    public BatchOptions onConflict(OnConflict policy) {
        return new BatchOptions(memoryLimit, onError, policy, present);
    }

    /**
     * These options with another presentation of arrays.
     *
     * @param presentation what look-up by name hands out in place of an {@code NDArray}
     * @return the new options
     */
    public BatchOptions present(Function<NDArray, Object> presentation) {
        return new BatchOptions(memoryLimit, onError, onConflict, presentation);
    }
}
