package numpack;

/** The path is a file, or a directory that holds something other than a pack. */
public final class NotAPackException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public NotAPackException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
