package numpack;

/** The directory does not exist, and the pack was opened without permission to create it. */
public final class PackNotFoundException extends NumPackException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was asked, what was found, what to do
     * @param keyValues alternating names and values of {@code ex-data}
     */
    public PackNotFoundException(String message, Object... keyValues) {
        super(message, null, keyValues);
    }
}
