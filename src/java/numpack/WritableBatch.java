package numpack;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import numpack.commit.ClaimedArray;
import numpack.commit.Edit;
import numpack.commit.OpenScope;
import numpack.format.ColumnNames;
import numpack.format.Shape;
import numpack.memory.Memory;

/**
 * A writable batch: writable views straight over the mapped files of a pack, of any size and with almost no heap. Shapes are fixed.
 * The arrays it has loaded are claimed until it ends: nobody else can edit them in place or replace their files. It ends once; an
 * array that outlives it throws {@link ScopeEndedException}.
 *
 * <p>To Clojure it is a map that can only be read, from names to {@link #load views}, the same ones each time.
 */
public final class WritableBatch extends Scope {
    private final boolean sync;
    private final Map<String, View> views = new LinkedHashMap<>();
    private final EditTimes times;

    /** A view, how many rows had been dropped, the mappings under it, and when its files had last been modified. */
    private record View(NDArray array, long deletedRows, List<Memory> memories, List<Long> modified) {
        private static List<Long> modified(List<Memory> memories) {
            return memories.stream().map(Memory::lastModified).toList();
        }

        boolean isChanged() {
            return array.runs().isChanged() || !modified(memories).equals(modified);
        }
    }

    WritableBatch(NumPack pack, boolean sync, Function<NDArray, Object> presentation) {
        super(OpenScope.Kind.WRITABLE_BATCH, pack, presentation);
        this.sync = sync;
        this.times = new EditTimes(name -> this.pack.exists(name) ? this.pack.lastEdit(name) : 0);
    }

    // ---- reading

    @Override
    public synchronized List<String> names() {
        checkOpen();
        return pack.names();
    }

    @Override
    public synchronized boolean exists(String name) {
        checkOpen();
        return pack.exists(name);
    }

    @Override
    public synchronized ArrayInfo info(String name) {
        checkOpen();
        return pack.info(name).mappedToWrite();
    }

    @Override
    public synchronized long lastEdit(String name) {
        checkOpen();
        noteEdit(name);
        noteEdit(ColumnNames.described(name));
        return times.hasEdited(name) ? times.of(name) : pack.lastEdit(name);
    }

    /** Notes once that a view was edited: each is edited apart from the others. */
    private void noteEdit(String name) {
        View view = views.get(name);
        if (view != null && !times.hasEdited(name) && view.isChanged()) {
            times.edited(List.of(name), true);
        }
    }

    /**
     * A writable view of the mapped file, the same one on every call. Dropped rows are not in it.
     *
     * @throws ConflictException if another scope or process is editing the array in place
     */
    @Override
    public synchronized NDArray load(String name) {
        checkOpen();
        View view = views.get(name);
        if (view == null) {
            List<Memory> memories = new ArrayList<>();
            ClaimedArray claimed = resources.claim(name, memories);
            memories.forEach(memory -> memory.belongTo(this));
            NDArray array =
                    new NDArray(claimed.stored().dtype(), claimed.stored().shape(), claimed.elements());
            view = new View(array, claimed.stored().entry().rows() - array.rows(), memories, View.modified(memories));
            views.put(name, view);
        }
        return view.array;
    }

    /**
     * Whether others have dropped rows that the view of an array still has.
     *
     * @param name the array
     * @return whether they have; never for an array that was not loaded
     */
    public synchronized boolean hasDroppedRows(String name) {
        checkOpen();
        View view = views.get(name);
        return view != null && view.deletedRows != pack.info(name).deletedRows();
    }

    @Override
    public synchronized NDArray lazy(String name) {
        checkOpen();
        return pack.lazy(name);
    }

    @Override
    public synchronized NDArray selectRows(String name, Rows rows) {
        checkOpen();
        return pack.selectRows(name, rows);
    }

    /** The view in pieces; they are writable, and editing them edits the array. */
    @Override
    public Chunks chunks(String name, long rows) {
        NDArray view = load(name);
        return new Chunks(name, view.rows(), rows, view::rows);
    }

    @Override
    NDArray lookUp(String name) {
        return load(name);
    }

    // ---- editing

    /**
     * Copies contents into the view of an array. For the view itself, already edited in place, there is nothing to do.
     *
     * @param name the array
     * @param data contents of the same shape and dtype
     * @throws ShapeMismatchException if the shape differs: use a batch for that
     * @throws ArrayNotFoundException if there is no such array: use a batch, or create it before
     */
    public synchronized void save(String name, Object data) {
        checkOpen();
        if (!exists(name)) {
            throw new ArrayNotFoundException(
                    "array \"" + name
                            + "\" is not in the pack, and a writable batch cannot add arrays; save it in with-batch "
                            + "(NumPack.batch), or create! it (NumPack.create) before the writable batch",
                    "array",
                    name,
                    "path",
                    pack.path());
        }
        NDArray view = load(name);
        if (data instanceof NDArray array
                && array.runs().sameMemory(view.runs())
                && array.isLike(view.dtype(), view.shape())) {
            return;
        }
        Contents contents = Contents.forRows(name, data);
        long[] shape = view.shape();
        if (!contents.hasShape(view.dtype(), shape)) {
            throw new ShapeMismatchException(
                    "array \"" + name + "\" has shape " + Shape.text(shape) + ", got " + Shape.text(contents.shape())
                            + "; a writable batch cannot change shapes, with-batch (NumPack.batch) can",
                    "array",
                    name,
                    "expected",
                    shape,
                    "found",
                    contents.shape());
        }
        view.set(contents.as(view.dtype(), shape));
    }

    /** {@return the arrays that were edited so far, never null} */
    public synchronized List<Change> changes() {
        checkOpen();
        return views.entrySet().stream()
                .filter(v -> v.getValue().isChanged())
                .map(v -> new Change(
                        v.getKey(), Change.Kind.EDIT, null, v.getValue().array.rows()))
                .toList();
    }

    // ---- the end

    /** Ends the scope: waits for the disk, unless it was opened without sync, and commits the time of the edits. */
    public synchronized void commit() {
        checkOpen();
        finish(null);
    }

    /** Ends the scope, if that was not done. */
    @Override
    public synchronized void close() {
        finish(null);
    }

    @Override
    synchronized void finish(Throwable thrown) {
        if (!isOpen()) {
            return;
        }
        try {
            List<Edit> edited = new ArrayList<>();
            views.forEach((name, view) -> {
                if (view.isChanged()) {
                    if (sync) {
                        view.memories.forEach(Memory::sync);
                    }
                    noteEdit(name);
                    edited.add(times.editedBy(name));
                    edited.add(new Edit.Touch(name));
                }
            });
            store.commit(edited);
        } finally {
            end();
        }
    }

    @Override
    void freeze() {
        views.forEach((name, view) -> view.memories.forEach(memory -> memory.freeze(
                "the writable batch that array \"" + name
                        + "\" came from has ended; work on it inside the scope, or load it from the pack",
                "array",
                name,
                "path",
                pack.path())));
    }
}
