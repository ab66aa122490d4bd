package numpack;

/** A commit of a process that died is unfinished, and this handle may not write to finish it. */
public final class RecoveryNeededException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public RecoveryNeededException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
