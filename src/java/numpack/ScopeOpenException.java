package numpack;

/** The pack was edited, or another scope opened on it, inside a scope of the same thread. */
public final class ScopeOpenException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ScopeOpenException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }

    /**
     * @param message what was asked, what was found, what to do
     * @param cause where the scope that is in the way was opened, or null
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ScopeOpenException(String message, Throwable cause, Object... keyValues) {
        super(message, cause, keyValues);
    }
}
