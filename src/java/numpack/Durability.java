package numpack;

/** What an acknowledged commit survives. */
public enum Durability {
    /**
     * The death of the process at any moment. After a power cut the pack opens, and arrays not edited in the last half minute are
     * intact; recent rows may be old or new.
     */
    PROCESS,
    /** A power cut too: every commit waits for the disk. */
    POWER
}
