package numpack;

/** Somebody else changed, or holds, an array that this commit wanted to change. */
public final class ConflictException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ConflictException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }

    /**
     * @param message what was asked, what was found, what to do
     * @param cause where the scope that is in the way was opened, or null
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ConflictException(String message, Throwable cause, Object... keyValues) {
        super(message, cause, keyValues);
    }
}
