package numpack.commit;

import java.nio.file.Path;
import java.util.List;
import numpack.ArrayExistsException;
import numpack.ArrayNotFoundException;
import numpack.CorruptPackException;
import numpack.InvalidNameException;
import numpack.UnsupportedArrayException;
import numpack.format.ArrayNames;
import numpack.format.Entry;

/** The errors about arrays of a pack that packs and scopes have in common. */
public final class PackErrors {
    private PackErrors() {}

    /**
     * The error for a missing array, unless none can have that name.
     *
     * @param name what was asked for
     * @param names what is there
     * @param where the pack or scope, for the message
     * @return the error, never null
     * @throws InvalidNameException if no array can have that name
     */
    public static ArrayNotFoundException notFound(String name, List<String> names, String where) {
        ArrayNames.check(name);
        List<String> near = NearNames.of(name, names);
        String hint = names.isEmpty()
                ? "; it is empty"
                : near.isEmpty() ? "; it has " + NearNames.list(names) : "; did you mean " + NearNames.list(near) + "?";
        return new ArrayNotFoundException(
                "no array \"" + name + "\" in " + where + hint, "array", name, "path", where, "found", names);
    }

    /** The error for an array that has a {@linkplain Entry#fault fault}. */
    static UnsupportedArrayException unsupported(Entry entry, Path pack) {
        return new UnsupportedArrayException(
                "array \"" + entry.name() + "\" of " + pack + " cannot be used: " + entry.fault(),
                "array",
                entry.name(),
                "path",
                pack);
    }

    /** The error for a file that was cut short while it was read through a mapping. */
    static CorruptPackException cutShort(String file, InternalError e, Object... keyValues) {
        return new CorruptPackException(
                file + " was cut short while it was read; restore it or save the array again", e, keyValues);
    }

    /**
     * The error for a name that is taken.
     *
     * @param name the name
     * @param pack where it is taken
     * @return the error, never null
     */
    public static ArrayExistsException exists(String name, Path pack) {
        return new ArrayExistsException(
                "array \"" + name + "\" is there already; save over it, or delete it first",
                "array",
                name,
                "path",
                pack.toString());
    }
}
