package numpack.commit;

import java.nio.file.Path;
import numpack.ConflictException;
import numpack.format.Entry;

/** What a commit must find of an array, or else it fails: what a scope saw when it first used the array. */
public final class Expected {
    /** Whatever is there. */
    public static final Expected ANYTHING = new Expected(null);

    private final Entry entry;

    private Expected(Entry entry) {
        this.entry = entry;
    }

    /**
     * What a scope saw.
     *
     * @param entry the committed entry; null if there was none
     * @return that this is still so; never null
     */
    public static Expected of(Entry entry) {
        return new Expected(entry);
    }

    void check(String array, Entry found, Path pack) {
        if (this == ANYTHING || (entry == null ? found == null : entry.equals(found))) {
            return;
        }
        String what = found == null ? "deleted" : entry == null ? "created" : "changed";
        throw new ConflictException(
                "array \"" + array + "\" was " + what
                        + " by somebody else since this scope first used it; nothing was committed."
                        + " Run the scope again, or open it with on-conflict overwrite",
                "array",
                array,
                "path",
                pack.toString());
    }
}
