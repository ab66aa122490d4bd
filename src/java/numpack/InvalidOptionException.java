package numpack;

/** An option or argument is unknown or has an impossible value; the message lists the valid ones. */
public final class InvalidOptionException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public InvalidOptionException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
