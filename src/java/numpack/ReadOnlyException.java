package numpack;

/** An edit of something that can only be read: a read-only pack, a lazy array, a writable batch's fixed shape. */
public final class ReadOnlyException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ReadOnlyException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
