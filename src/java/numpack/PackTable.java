package numpack;

import java.util.ArrayList;
import java.util.List;
import numpack.format.Shape;

/** How packs and scopes print: a line that says what it is, and a table of at most 20 arrays. */
final class PackTable {
    private static final int SHOWN = 20;

    private PackTable() {}

    static String of(String title, ArraySource source) {
        List<String> names = source.names();
        List<String[]> lines = new ArrayList<>();
        lines.add(new String[] {"name", "dtype", "shape", "bytes"});
        for (String name : names.subList(0, Math.min(SHOWN, names.size()))) {
            lines.add(line(name, source));
        }
        int[] widths = new int[4];
        for (String[] line : lines) {
            for (int i = 0; i < line.length; i++) {
                widths[i] = Math.max(widths[i], line[i].length());
            }
        }
        StringBuilder out = new StringBuilder("#<")
                .append(title)
                .append(", ")
                .append(names.size())
                .append(names.size() == 1 ? " array>" : " arrays>");
        for (String[] line : names.isEmpty() ? List.<String[]>of() : lines) {
            out.append("\n|");
            for (int i = 0; i < line.length; i++) {
                String pad = " ".repeat(widths[i] - line[i].length());
                out.append(' ').append(i == 3 ? pad + line[i] : line[i] + pad).append(" |");
            }
        }
        if (names.size() > SHOWN) {
            out.append("\n… and ").append(names.size() - SHOWN).append(" more");
        }
        return out.toString();
    }

    /** The table of what is committed now, for a handle or a scope that has ended; without it where the pack cannot be read any more. */
    static String ofEnded(String title, java.nio.file.Path pack) {
        try (NumPack again = NumPack.builder(pack).readOnly(true).open()) {
            return of(title, again);
        } catch (NumPackException e) {
            return "#<" + title + ">";
        }
    }

    private static String[] line(String name, ArraySource source) {
        String printed = name.replaceAll("\\p{Cntrl}", "?"); // a line break would break the table
        try {
            ArrayInfo info = source.info(name);
            return new String[] {
                printed, info.dtype().toString(), Shape.text(info.shape()), Long.toString(info.nbytes())
            };
        } catch (NumPackException e) {
            return new String[] {printed, "?", "?", "?"};
        }
    }
}
