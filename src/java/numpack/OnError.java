package numpack;

/** What a batch does with its changes when its body throws. Interrupts and errors of the virtual machine always discard. */
public enum OnError {
    /** Commit what was changed so far; the exception goes on. */
    COMMIT,
    /** Commit nothing. In Java, {@code close} commits only after {@link Batch#commit()}. */
    DISCARD
}
