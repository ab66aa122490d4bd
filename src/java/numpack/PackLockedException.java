package numpack;

/** Another process holds the pack's lock for too long. */
public final class PackLockedException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public PackLockedException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
