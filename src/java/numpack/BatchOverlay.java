package numpack;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import numpack.commit.PackErrors;
import numpack.commit.Store;
import numpack.format.ArrayNames;
import numpack.format.ColumnNames;
import numpack.format.Entry;

/** The arrays of a batch by name: those that it has used, under the names they have now, and the committed ones otherwise. */
final class BatchOverlay {
    private final Store store;
    private final Map<String, BatchArray> used = new LinkedHashMap<>();
    /** Committed arrays that are not there any more under their name: deleted, or renamed. */
    private final Map<String, Entry> gone = new LinkedHashMap<>();

    private final EditTimes times = new EditTimes(this::committed);

    BatchOverlay(Store store) {
        this.store = store;
    }

    List<String> names() {
        Map<String, String> renamed = new LinkedHashMap<>();
        used.forEach((name, array) -> {
            if (array.origin != null) {
                renamed.put(array.origin, name);
            }
        });
        Set<String> names = new LinkedHashSet<>();
        for (Entry entry : store.metadata().entries()) {
            if (renamed.containsKey(entry.name())) {
                names.add(renamed.get(entry.name()));
            } else if (!gone.containsKey(entry.name())) {
                names.add(entry.name());
            }
        }
        names.addAll(used.keySet());
        return List.copyOf(names);
    }

    boolean exist(String name) {
        return used.containsKey(name)
                || !gone.containsKey(name) && store.metadata().find(name) != null;
    }

    void require(String name) {
        if (!exist(name)) {
            throw PackErrors.notFound(name, names(), "the batch on " + store.path());
        }
    }

    void requireAbsent(String name) {
        ArrayNames.check(name);
        if (exist(name)) {
            throw PackErrors.exists(name, store.path());
        }
    }

    /** The array that is used under a name; null if none was used so far. */
    BatchArray used(String name) {
        return used.get(name);
    }

    /** The array of a name, which is used from now on. */
    BatchArray use(String name) {
        BatchArray array = used.get(name);
        if (array == null) {
            require(name);
            array = store.read(name, true, BatchArray::committed);
            used.put(name, array);
        }
        return array;
    }

    void put(String name, BatchArray array) {
        used.put(name, array);
    }

    void delete(String name) {
        BatchArray array = used.remove(name);
        if (array == null) {
            gone.put(name, store.entry(name));
        } else {
            giveUp(array);
        }
        times.forget(name);
    }

    void rename(Map<String, String> names) {
        Map<String, String> changed = new LinkedHashMap<>(names);
        changed.keySet().forEach(this::require);
        changed.entrySet().removeIf(entry -> entry.getKey().equals(entry.getValue()));
        Map<String, BatchArray> renamed = new LinkedHashMap<>();
        changed.forEach((from, to) -> {
            if (!changed.containsKey(to)) {
                requireAbsent(to);
            }
            if (renamed.put(to, use(from)) != null) {
                throw PackErrors.exists(to, store.path());
            }
        });
        changed.keySet().forEach(this::noteEdits);
        times.renamed(changed);
        changed.keySet().forEach(used::remove);
        renamed.values().forEach(this::giveUp);
        renamed.forEach((to, array) -> {
            used.put(to, array);
            if (to.equals(array.origin)) {
                gone.remove(to);
            }
        });
    }

    private void giveUp(BatchArray array) {
        if (array.origin != null) {
            gone.put(array.origin, array.base);
        }
    }

    // ---- when they were edited

    /** Notes what one call has edited, rows or elements of what was there, or all there is. */
    void edited(Collection<String> names, boolean byRow) {
        times.edited(names, byRow);
        names.forEach(name -> used.get(name).settle());
    }

    private void noteEdits(String name) {
        BatchArray array = used.get(name);
        if (array != null && array.settleEdits(store)) {
            times.edited(List.of(name), true);
        }
    }

    /** When an array was last edited, in the batch or in a commit. */
    long lastEdit(String name) {
        require(name);
        noteEdits(name);
        noteEdits(ColumnNames.described(name));
        return times.of(name);
    }

    private long committed(String name) {
        BatchArray array = used.get(name);
        Entry entry = array == null ? store.metadata().find(name) : array.base;
        return entry == null || !exist(name) ? 0 : entry.lastModified();
    }

    // ---- what is to be committed

    void addTo(BatchEdits edits) {
        used.keySet().forEach(name -> {
            noteEdits(name);
            if (times.hasEdited(name)) {
                edits.editedBy(times.editedBy(name));
            }
        });
        used.forEach(edits::add);
        gone.forEach(edits::delete);
    }
}
