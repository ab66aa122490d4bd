package numpack;

/** A batch, a writable batch or one of its views was used after its scope had ended. */
public final class ScopeEndedException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ScopeEndedException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
