package numpack;

/** What a batch does when an array it changed was changed by somebody else in the meantime. */
public enum OnConflict {
    /** Throw {@link ConflictException} and commit nothing. */
    FAIL,
    /** Commit over the other change. */
    OVERWRITE
}
