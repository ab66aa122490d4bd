package numpack;

/** Somebody else changed, or holds, an array that this commit wanted to change. */
public final class ConflictException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ConflictException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
