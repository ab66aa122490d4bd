package numpack;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import numpack.commit.Edit;
import numpack.commit.Micros;
import numpack.format.ColumnNames;

/** When the arrays of a scope were last edited in it, in microseconds since 1970: one call, one time. */
final class EditTimes {
    private final ToLongFunction<String> committed;
    private final Map<String, Long> times = new HashMap<>();
    private long last;

    /** Before the scope edits anything: {@code committed} gives the time of a commit, 0 for what is not there. */
    EditTimes(ToLongFunction<String> committed) {
        this.committed = committed;
    }

    /**
     * Notes one call. A description goes along with an edit of rows if it was right before, and the mask is edited, too.
     *
     * @param names the arrays that it edited
     * @param byRow whether it edited rows or elements of what was there
     */
    void edited(Collection<String> names, boolean byRow) {
        last = Math.max(last + 1, Micros.now());
        List<String> all = new ArrayList<>(names);
        for (String name : names) {
            String mask = ColumnNames.mask(name);
            if (byRow && isDescribed(name) && (of(mask) == 0 || names.contains(mask))) {
                all.add(ColumnNames.description(name));
            }
        }
        all.forEach(name -> times.put(name, last));
    }

    /** Notes one call that gave arrays other names: which of them was edited before which one can still be told. */
    void renamed(Map<String, String> names) {
        Map<Long, List<String>> inOrder = new TreeMap<>();
        names.forEach((from, to) ->
                inOrder.computeIfAbsent(of(from), time -> new ArrayList<>()).add(to));
        times.keySet().removeAll(names.keySet());
        inOrder.values().forEach(together -> edited(together, false));
    }

    private boolean isDescribed(String name) {
        long description = of(ColumnNames.description(name));
        return ColumnNames.contents(name).stream().allMatch(array -> of(array) <= description);
    }

    /** Forgets an array that is deleted. */
    void forget(String name) {
        times.remove(name);
    }

    /** When an array was last edited, here or in a commit; 0 if there is none. */
    long of(String name) {
        Long time = times.get(name);
        return time == null ? committed.applyAsLong(name) : time;
    }

    /** Whether the scope has edited an array. */
    boolean hasEdited(String name) {
        return times.containsKey(name);
    }

    /** What tells a commit when an array was edited. */
    Edit.EditedBy editedBy(String name) {
        return new Edit.EditedBy(name, of(name), isDescribed(name));
    }
}
