package numpack;

/** The arrays of a column of a dataset were edited apart, so that they may not belong together any more. */
public final class OutOfStepException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public OutOfStepException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
