package numpack;

/** No array of that name is in the pack or scope; the message lists names that are near. */
public final class ArrayNotFoundException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ArrayNotFoundException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
