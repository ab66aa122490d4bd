package numpack.commit;

import java.util.List;
import java.util.Locale;

/** Names that a misspelt one may have meant. */
final class NearNames {
    private static final int SHOWN = 8;

    private NearNames() {}

    static List<String> of(String asked, List<String> names) {
        String wanted = asked.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> {
                    String lower = name.toLowerCase(Locale.ROOT);
                    return distance(wanted, lower) <= Math.max(1, wanted.length() / 3)
                            || wanted.length() > 2
                                    && (lower.contains(wanted) || wanted.contains(lower) && lower.length() > 2);
                })
                .limit(SHOWN)
                .toList();
    }

    static String list(List<String> names) {
        String shown = String.join(
                ", ", names.stream().limit(SHOWN).map(n -> '"' + n + '"').toList());
        return names.size() > SHOWN ? shown + " and " + (names.size() - SHOWN) + " more" : shown;
    }

    /** Levenshtein's edit distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
