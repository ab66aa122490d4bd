package numpack.commit;

import numpack.memory.Runs;

/**
 * An array that a scope may write through.
 *
 * @param stored the array
 * @param elements its elements, mapped for writing
 */
public record ClaimedArray(StoredArray stored, Runs elements) {}
