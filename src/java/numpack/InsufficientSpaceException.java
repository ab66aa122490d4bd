package numpack;

/** The disk has too little space for what was to be written. Nothing was changed. */
public final class InsufficientSpaceException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public InsufficientSpaceException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
