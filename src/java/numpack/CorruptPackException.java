package numpack;

/** A file of the pack is not what the format allows; the message names the file, the offset and the field. Nothing was changed. */
public final class CorruptPackException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param cause the underlying failure, or null
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public CorruptPackException(String message, Throwable cause, Object... keyValues) {
        super(message, cause, keyValues);
    }
}
