package numpack;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import numpack.commit.Edit;
import numpack.commit.Expected;
import numpack.commit.StagedFile;
import numpack.commit.Store;
import numpack.format.Entry;

/** What a batch commits: deletions first, then new names, so that a name may be given up and taken in one commit. */
final class BatchEdits {
    private final Store store;
    private final OnConflict onConflict;
    private final BatchMemory memory;
    private final Map<String, Entry> deleted = new LinkedHashMap<>();
    private final List<Shown> renames = new ArrayList<>();
    private final List<Shown> contents = new ArrayList<>();
    private final List<Edit> expectations = new ArrayList<>();
    private final List<Edit> times = new ArrayList<>();

    /** An edit, and what a user is told of it. */
    private record Shown(Edit edit, Change change) {
        /** The arrays that it depends on besides what it says itself. */
        Stream<String> dependsOn() {
            return switch (change.kind()) {
                case COMPACT -> Stream.of();
                case RENAME -> Stream.of(change.from(), change.array());
                default -> Stream.of(change.array());
            };
        }
    }

    BatchEdits(Store store, OnConflict onConflict, BatchMemory memory) {
        this.store = store;
        this.onConflict = onConflict;
        this.memory = memory;
    }

    /** An array that the batch has used, under the name it has now. */
    void add(String name, BatchArray array) {
        boolean isRenamed = array.origin != null && !array.origin.equals(name);
        long[] dropped = array.dropped();
        NDArray appended = array.appended();
        boolean isMoved = isRenamed || dropped.length > 0 || appended.rows() > 0;
        if (array.isModified() || isMoved && (array.compact || isOverwriting(array))) {
            save(name, array, isRenamed ? null : array.base);
            return;
        }
        if (isRenamed) {
            renames.add(new Shown(
                    new Edit.Rename(array.origin, name, Expected.of(array.base)),
                    new Change(name, Change.Kind.RENAME, array.origin, 0)));
        }
        Expected expected = isRenamed ? Expected.ANYTHING : Expected.of(array.base);
        if (dropped.length > 0) {
            contents.add(new Shown(
                    new Edit.Drop(name, Rows.of(dropped), expected),
                    new Change(name, Change.Kind.DROP, null, dropped.length)));
        }
        if (appended.rows() > 0) {
            contents.add(new Shown(
                    new Edit.Append(name, appended.rows(), (dtype, shape) -> appended.runs(), expected),
                    new Change(name, Change.Kind.APPEND, null, appended.rows())));
        }
        if (array.compact) {
            contents.add(new Shown(new Edit.Compact(name), new Change(name, Change.Kind.COMPACT, null, 0)));
        }
    }

    /** Whether somebody else changed an array that is to become what the batch shows. */
    private boolean isOverwriting(BatchArray array) {
        return onConflict == OnConflict.OVERWRITE
                && array.base != null
                && !array.base.equals(store.metadata().find(array.origin));
    }

    private void save(String name, BatchArray array, Entry base) {
        NDArray whole = array.whole();
        StagedFile staged = memory.stagedFile(whole.runs());
        contents.add(new Shown(
                new Edit.Save(
                        name,
                        whole.dtype(),
                        whole.shape(),
                        staged == null ? new Edit.Elements(whole.runs()) : staged,
                        expected(base)),
                new Change(name, base == null ? Change.Kind.CREATE : Change.Kind.SAVE, null, whole.rows())));
    }

    private Expected expected(Entry base) {
        return onConflict == OnConflict.OVERWRITE ? Expected.ANYTHING : Expected.of(base);
    }

    /** A committed array that is not there any more under its name. */
    void delete(String name, Entry entry) {
        deleted.put(name, entry);
    }

    /** When an array was edited, which other arrays may have been edited with. */
    void editedBy(Edit.EditedBy time) {
        times.add(time);
    }

    /** What must be as it was: what is watched, and what was seen before it is edited, also where it is made anew. */
    void expect(Map<String, Entry> seen, Map<String, Entry> watched) {
        if (onConflict == OnConflict.FAIL) {
            shown().flatMap(Shown::dependsOn)
                    .distinct()
                    .filter(seen::containsKey)
                    .forEach(name -> expectations.add(new Edit.Unchanged(name, Expected.of(seen.get(name)))));
        }
        watched.forEach((name, entry) -> expectations.add(new Edit.Unchanged(name, Expected.of(entry))));
    }

    private Stream<Shown> shown() {
        List<Shown> deletions = new ArrayList<>();
        deleted.forEach((name, entry) -> {
            boolean isRenamed = renames.stream().anyMatch(r -> r.change.from().equals(name));
            if (!isRenamed && (onConflict == OnConflict.FAIL || store.metadata().find(name) != null)) {
                deletions.add(new Shown(
                        new Edit.Delete(name, expected(entry)), new Change(name, Change.Kind.DELETE, null, 0)));
            }
        });
        return Stream.of(deletions, renames, contents).flatMap(List::stream);
    }

    /** {@return the changes that a user is shown, in order} */
    List<Change> changes() {
        return shown().map(Shown::change).toList();
    }

    /** {@return the edits to commit; none if nothing was changed} */
    List<Edit> all() {
        List<Edit> edits = shown().map(Shown::edit).toList();
        return edits.isEmpty()
                ? edits
                : Stream.of(expectations, times, edits).flatMap(List::stream).toList();
    }
}
