package numpack;

/** An array that another program wrote cannot be used here; the message says why, and what to do. Other arrays of its pack can be. */
public final class UnsupportedArrayException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public UnsupportedArrayException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
