package numpack.commit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import numpack.ConflictException;
import numpack.DType;
import numpack.format.ArrayNames;
import numpack.format.ColumnNames;
import numpack.format.Entry;
import numpack.format.Metadata;

/** Edits laid out against the state found under the lock: what becomes of each array, and of the files. */
final class Plan {
    private final PackState state;
    private final Claims claims;
    private final PackFiles pack;
    private final StagedFiles staged;
    private final FileMoves files;
    private final Metadata metadata;
    private final Map<String, PlannedArray> arrays = new LinkedHashMap<>();
    /** Arrays between their names, by the former one. */
    private final Map<String, PlannedArray> nameless = new HashMap<>();

    /** By which call of a scope arrays were edited last; those without one by the same. */
    private final Map<String, Long> calls = new HashMap<>();
    /** Whether what describes arrays is still right, where a scope knows it. */
    private final Map<String, Boolean> described = new HashMap<>();

    private final List<CommitRecord.Touched> deleted = new ArrayList<>();
    private final Set<String> vacated = new HashSet<>();

    Plan(PackState state, Claims claims, PackFiles pack, StagedFiles staged, FileMoves files) {
        this.state = state;
        this.claims = claims;
        this.pack = pack;
        this.staged = staged;
        this.files = files;
        this.metadata = state.known();
    }

    /** Adds edits in their order; but every name is given up before any is taken, so that arrays may exchange theirs. */
    void addAll(List<Edit> edits) {
        edits.forEach(edit -> edit.begin(this));
        edits.forEach(edit -> edit.layOut(this));
    }

    /** Refuses what does not find an array as it was; what this plan has already changed is not checked again. */
    void check(String array, Expected expected) {
        if (!arrays.containsKey(array)) {
            expected.check(array, find(array), pack.pack());
        }
    }

    /** The committed entry, unless an earlier edit of this plan deleted it or gave it another name; null if there is none. */
    private Entry find(String array) {
        return vacated.contains(array) ? null : metadata.find(array);
    }

    /** An array that must be there. */
    PlannedArray existing(String name) {
        return arrays.computeIfAbsent(name, n -> PlannedArray.of(files, state.usable(state.entry(metadata, n))));
    }

    // ---- contents

    /** New contents, for an array of that name or in place of it. */
    void save(String array, DType dtype, long[] shape, Edit.Body body) {
        Entry before = find(array);
        if (before == null) {
            add(array, dtype, shape, body.staged(array, staged));
            return;
        }
        claims.requireUnclaimed(array);
        Entry after = Entry.of(array, dtype, shape, before.lastModified());
        arrays.put(array, PlannedArray.anew(files, before, after));
        boolean inPlace = body instanceof Edit.Elements elements
                && isInPlace(before, after)
                && files.overwrite(before.dataFile(), elements.runs());
        if (inPlace) {
            return;
        }
        StagedFile contents = body.staged(array, staged);
        if (before.dataFile().equals(after.dataFile())) {
            files.remove(ArrayNames.bitmapFile(array));
        } else {
            files.remove(before);
            removeOrphans(array);
        }
        files.install(contents, after.dataFile(), before);
    }

    /** Whether contents of the same dtype and shape may be written over the file: it is whole, and no row of it was dropped. */
    private boolean isInPlace(Entry before, Entry after) {
        return before.dtype() == after.dtype()
                && Arrays.equals(before.shape(), after.shape())
                && before.dataFile().equals(after.dataFile())
                && !before.isCompressed()
                && !pack.isThere(ArrayNames.bitmapFile(before.name()))
                && pack.isWhole(before.dataFile(), before.sizeBytes());
    }

    /** An array of a name that is free. */
    void create(String array, DType dtype, long[] shape, Edit.Body body) {
        if (find(array) != null) {
            throw PackErrors.exists(array, pack.pack());
        }
        add(array, dtype, shape, body.staged(array, staged));
    }

    private void add(String array, DType dtype, long[] shape, StagedFile contents) {
        Entry after = Entry.of(array, dtype, shape, 0);
        arrays.put(array, PlannedArray.anew(files, null, after));
        removeOrphans(array);
        files.install(contents, after.dataFile());
    }

    /** What lies under the names of a new array's files belongs to no array: a crash of Python left it. */
    private void removeOrphans(String array) {
        for (String file : List.of(
                ArrayNames.bitmapFile(array),
                ArrayNames.manifestFile(array),
                ArrayNames.segmentFolder(array),
                ArrayNames.dataFile(array))) {
            if (files.isStaying(file)) {
                requireFree(file, array);
                files.remove(file);
            }
        }
    }

    /** In packs of other writers an array's file may have another array's name. */
    private void requireFree(String file, String array) {
        for (Entry entry : metadata.entries()) {
            if (entry.dataFile().equals(file) && !entry.name().equals(array)) {
                throw new ConflictException(
                        "array \"" + array + "\" would lie in " + file + ", but array \"" + entry.name()
                                + "\" lies there; save that one again under its own name first",
                        "array",
                        array,
                        "path",
                        pack.path(file).toString());
            }
        }
    }

    /** An array rewritten as one file: {@code contents} were made of {@code seen}. */
    void compact(String array, Entry seen, StagedFile contents) {
        PlannedArray planned = existing(array);
        if (seen.equals(planned.before())) {
            rewrite(planned, contents);
        } else {
            compact(array);
        }
    }

    /** The same with the contents that are there now. */
    void compact(String array) {
        PlannedArray planned = existing(array);
        if (!planned.isCompact()) {
            rewrite(planned, new Edit.Elements(planned.elements()));
        }
    }

    private void rewrite(PlannedArray planned, Edit.Body contents) {
        String array = planned.before().name();
        save(array, planned.after().dtype(), planned.shape(), contents);
        arrays.get(array).keepTime();
    }

    // ---- times

    /** Arrays that were last edited by one call have one time, and others have other ones. */
    void editedBy(String array, long call, boolean isDescribed) {
        calls.put(array, call);
        described.put(array, isDescribed);
    }

    private long call(String array) {
        return calls.getOrDefault(array, 0L);
    }

    /**
     * The descriptions, by their name, of columns whose rows or elements are edited: they go on being right, and get the time of the
     * array. They do not if it is given other contents, if what else they are about was changed since, or if its mask stays behind.
     */
    private Map<String, Entry> descriptions() {
        Map<String, Entry> found = new LinkedHashMap<>();
        arrays.forEach((name, array) -> {
            Entry description = find(ColumnNames.description(name));
            if (description != null
                    && !arrays.containsKey(description.name())
                    && described.getOrDefault(name, array.isEdited() && isMaskEdited(name))
                    && isUpToDate(description, name)) {
                found.put(description.name(), description);
                calls.put(description.name(), call(name));
            }
        });
        return found;
    }

    private boolean isMaskEdited(String name) {
        PlannedArray mask = arrays.get(ColumnNames.mask(name));
        return mask == null ? find(ColumnNames.mask(name)) == null : mask.isEdited();
    }

    private boolean isUpToDate(Entry description, String name) {
        return ColumnNames.contents(name).stream()
                .map(metadata::find)
                .allMatch(entry -> entry == null || entry.lastModified() <= description.lastModified());
    }

    /** What comes later is greater; arrays that only get other names stay in the order in which they were changed before. */
    private record Moment(long call, long before) implements Comparable<Moment> {
        @Override
        public int compareTo(Moment other) {
            int byCall = Long.compare(call, other.call);
            return byCall != 0 ? byCall : Long.compare(before, other.before);
        }
    }

    private Moment moment(String name, Entry before) {
        boolean isRenamed = before != null && !before.name().equals(name);
        return new Moment(call(name), isRenamed && !calls.containsKey(name) ? before.lastModified() : 0);
    }

    /** When each array is changed, later than before, by its name: one microsecond for each call. */
    private ToLongFunction<String> times(Map<String, Entry> changed) {
        long time = changed.values().stream()
                .filter(Objects::nonNull)
                .mapToLong(entry -> entry.lastModified() + 1)
                .reduce(Micros.now(), Math::max);
        Map<Moment, Long> times = new TreeMap<>();
        changed.forEach((name, before) -> times.put(moment(name, before), 0L));
        for (Map.Entry<Moment, Long> entry : times.entrySet()) {
            entry.setValue(time++);
        }
        return name -> times.get(moment(name, changed.get(name)));
    }

    // ---- names

    void delete(String array) {
        Entry before = state.entry(metadata, array);
        claims.requireUnclaimed(array);
        files.remove(before);
        deleted.add(new CommitRecord.Touched(before, null));
        vacated.add(array);
    }

    /** Takes an array away from its name, until {@link #takeName} gives it another one. */
    void giveUpName(String array) {
        PlannedArray planned = arrays.remove(array);
        if (planned == null) {
            planned = PlannedArray.of(files, state.open(state.entry(metadata, array)));
        }
        claims.requireUnclaimed(array);
        vacated.add(array);
        nameless.put(array, planned);
        planned.leave();
    }

    void takeName(String from, String to) {
        PlannedArray planned = nameless.remove(from);
        if (find(ArrayNames.check(to)) != null || arrays.putIfAbsent(to, planned) != null) {
            throw PackErrors.exists(to, pack.pack());
        }
        removeOrphans(to);
        planned.arrive(to);
    }

    // ---- the result

    /** {@return what is to be committed; null if nothing is} Appended rows are written only now that no edit was refused. */
    CommitRecord record(boolean durable) {
        arrays.values().forEach(PlannedArray::writeDeleted);
        Map<String, Entry> descriptions = descriptions();
        Map<String, Entry> changed = new LinkedHashMap<>(descriptions);
        arrays.forEach((name, array) -> {
            if (array.isChanged()) {
                changed.put(name, array.before());
            }
        });
        ToLongFunction<String> times = times(changed);
        List<CommitRecord.Touched> touched = new ArrayList<>(deleted);
        arrays.forEach((name, array) -> {
            if (array.isChanged()) {
                array.changeAt(times.applyAsLong(name));
                touched.add(new CommitRecord.Touched(array.before(), array.after()));
            }
        });
        descriptions.forEach(
                (name, entry) -> touched.add(new CommitRecord.Touched(entry, entry.withTime(times.applyAsLong(name)))));
        return touched.isEmpty() ? null : new CommitRecord(Boot.ID, durable, touched, files.steps());
    }
}
