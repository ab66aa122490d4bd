package numpack;

/** The shape, rank or number of rows does not fit. */
public final class ShapeMismatchException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public ShapeMismatchException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
