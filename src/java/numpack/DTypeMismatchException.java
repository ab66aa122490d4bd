package numpack;

/** A value, operand or operation does not fit the dtype. */
public final class DTypeMismatchException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public DTypeMismatchException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
