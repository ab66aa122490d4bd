package numpack.commit;

/**
 * A file of a coming commit.
 *
 * @param path relative to the pack
 * @param bytes its length
 */
public record StagedFile(String path, long bytes) implements Edit.Body {
    @Override
    public StagedFile staged(String array, StagedFiles files) {
        return this;
    }
}
