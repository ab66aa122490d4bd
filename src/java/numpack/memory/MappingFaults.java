package numpack.memory;

import java.lang.ref.Reference;

/**
 * An access to a part of a mapped file that is not there (somebody cut the file short, or the disk is full) is an {@link InternalError},
 * which compiled code throws some time after the access, where nobody expects it.
 */
final class MappingFaults {
    private MappingFaults() {}

    /**
     * Throws the error of an access before, if there was one. JDK 17 throws it at the next call into its runtime, which most calls are
     * not; to make an array of arrays is one.
     */
    static void raise() {
        Reference.reachabilityFence(new byte[8][0]);
    }
}
