package numpack;

/** The name cannot be the name of an array. */
public final class InvalidNameException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public InvalidNameException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
