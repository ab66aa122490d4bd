package numpack;

/** The pack was used after it had been closed. */
public final class PackClosedException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public PackClosedException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
