package numpack;

/** An array does not fit the memory that is left; the message names what reads it piece by piece. */
public final class InsufficientMemoryException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public InsufficientMemoryException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
