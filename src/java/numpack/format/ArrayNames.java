package numpack.format;

import clojure.lang.Named;
import clojure.lang.RT;
import java.io.File;
import numpack.InvalidNameException;

/** What an array may be called, and the names of its files. Array names become part of file names as they are, without escaping. */
public final class ArrayNames {
    /** The longest name in UTF-8 bytes, so that the names of all its files stay within the 255 bytes of common file systems. */
    public static final int MAX_BYTES = 239;

    /** The longest name of a file in UTF-8 bytes, on common file systems. */
    static final int MAX_FILE_BYTES = 255;

    private static final String OWN_FOLDER = ".numpack";

    private ArrayNames() {}

    /**
     * Checks the name of an array. {@code "."} and {@code ".."} are fine: a file is never called by the bare name.
     *
     * @param name the name, or null
     * @return the same name, never null
     * @throws InvalidNameException if it is null, empty, longer than {@value #MAX_BYTES} bytes in UTF-8, has no UTF-8 form, or contains
     *     NUL or what separates folders
     */
    public static String check(String name) {
        String fault = fault(name);
        if (fault != null) {
            throw new InvalidNameException(
                    (name == null ? "null" : Damage.quoted(name)) + " cannot be the name of an array: it " + fault
                            + "; use 1 to " + MAX_BYTES + " bytes of UTF-8 without '/' and NUL",
                    "array",
                    name,
                    "found",
                    name);
        }
        return name;
    }

    /**
     * The name that a key stands for, as Clojure gives it: a string, a keyword or a symbol.
     *
     * @param key the key, or null
     * @return the name, which may be one that no array can have; never null
     * @throws InvalidNameException if it is something else, or has a namespace
     */
    public static String of(Object key) {
        if (isName(key)) {
            return key instanceof Named named ? named.getName() : (String) key;
        }
        throw new InvalidNameException(
                "an array is named by a string, a keyword or a symbol without a namespace, got "
                        + (key == null || key instanceof Named
                                ? RT.printString(key)
                                : "a " + key.getClass().getName()),
                "found",
                key);
    }

    /**
     * Whether a key stands for a name.
     *
     * @param key the key, or null
     * @return whether {@link #of} gives one
     */
    public static boolean isName(Object key) {
        return key instanceof String || key instanceof Named named && named.getNamespace() == null;
    }

    /**
     * The data file of an array in one file.
     *
     * @param name the array
     * @return {@code data_<name>.npkd}, never null
     */
    public static String dataFile(String name) {
        return "data_" + name + ".npkd";
    }

    /**
     * The data file of a segmented array.
     *
     * @param name the array
     * @return {@code data_<name>.npkseg}, never null
     */
    public static String manifestFile(String name) {
        return "data_" + name + ".npkseg";
    }

    /**
     * The folder of the segments of an array.
     *
     * @param name the array
     * @return {@code data_<name>_segments}, never null
     */
    public static String segmentFolder(String name) {
        return "data_" + name + "_segments";
    }

    /**
     * The file that says which rows are deleted.
     *
     * @param name the array
     * @return {@code deleted_<name>.npkb}, never null
     */
    public static String bitmapFile(String name) {
        return "deleted_" + name + ".npkb";
    }

    private static String fault(String name) {
        if (name == null) {
            return "is missing";
        }
        String fault = faultOfCharacters(name);
        return fault != null ? fault : faultOfLength(name);
    }

    /** What a name contains that would lead its files elsewhere, or that no file can have; null if there is nothing. */
    static String faultOfCharacters(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (separates(name.charAt(i))) {
                return "contains " + (name.charAt(i) == 0 ? "NUL" : "'" + name.charAt(i) + "'") + " at index " + i;
            }
        }
        return utf8Length(name) < 0 ? "contains half of a surrogate pair, which has no UTF-8 form" : null;
    }

    /** What is wrong with the length of a name, though Python takes it; null if nothing is. */
    static String faultOfLength(String name) {
        int bytes = utf8Length(name);
        return bytes == 0 ? "is empty" : bytes > MAX_BYTES ? "takes " + bytes + " bytes" : null;
    }

    /**
     * Whether a name is longer than a file's can be.
     *
     * @param file the name of a file
     * @return true if there can be no such file
     */
    public static boolean isTooLong(String file) {
        return utf8Length(file) > MAX_FILE_BYTES;
    }

    /** Whether a file or folder that a pack names is a single component that stays in its folder and out of ours. */
    static boolean isInFolder(String file) {
        for (int i = 0; i < file.length(); i++) {
            if (separates(file.charAt(i))) {
                return false;
            }
        }
        return utf8Length(file) > 0
                && !isTooLong(file)
                && !file.equals(".")
                && !file.equals("..")
                && !file.regionMatches(true, 0, OWN_FOLDER, 0, OWN_FOLDER.length());
    }

    /** On Windows a backslash separates folders, and a colon drives and streams; elsewhere they are characters like any other. */
    private static boolean separates(char c) {
        return c == '/' || c == 0 || File.separatorChar == '\\' && (c == '\\' || c == ':');
    }

    /** The bytes of a text in UTF-8; -1 if it has no such form. */
    static int utf8Length(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                return -1;
            }
        }
        return bytes;
    }
}
