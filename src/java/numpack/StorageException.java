package numpack;

/** The operating system refused a read or write: no permission, a full disk, a failed device. */
public final class StorageException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param cause the underlying failure, or null
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public StorageException(String message, Throwable cause, Object... keyValues) {
        super(message, cause, keyValues);
    }
}
