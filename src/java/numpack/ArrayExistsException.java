package numpack;

/** An array of that name is there already, where the operation would have to create it. */
public final class ArrayExistsException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ArrayExistsException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
