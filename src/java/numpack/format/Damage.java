package numpack.format;

import java.nio.file.Path;
import numpack.CorruptPackException;

/**
 * How the codecs say what is wrong with a file, so that all messages have the same parts.
 *
 * @param file the file
 * @param cure what the user can do
 */
record Damage(Path file, String cure) {
    private static final int MAX_QUOTED = 100;

    CorruptPackException at(long offset, String field, Object expected, Object found) {
        return at(offset, field, null, expected, found, null);
    }

    CorruptPackException at(long offset, String field, String array, Object expected, Object found, Throwable cause) {
        return new CorruptPackException(
                file + " is damaged at byte " + offset + ", " + field
                        + (array == null ? "" : " of array " + quoted(array)) + ": expected " + expected + ", found "
                        + found + ". It was left as it is; " + cure,
                cause,
                "path",
                file,
                "offset",
                offset,
                "field",
                field,
                "array",
                array,
                "expected",
                value(expected),
                "found",
                value(found));
    }

    /** What a program can compare with; words are for the message. */
    private static Object value(Object given) {
        return given instanceof String ? null : given;
    }

    /** In quotation marks, without what would upset a terminal, and not too long. */
    static String quoted(String text) {
        String head = text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "…";
        return '"' + head.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}
