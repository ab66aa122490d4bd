package numpack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import numpack.commit.OpenScope;
import numpack.format.Entry;
import numpack.format.Metadata;
import numpack.format.Shape;

/**
 * A batch: an overlay over a pack, private until it ends and then committed at once. What is loaded stays in memory and may be
 * edited in place without saving it; what is only read is not written. It ends once, by {@code close}, {@link #commit} or
 * {@link #discard}; a scope may be used by several threads.
 *
 * <p>To Clojure it is a map that can only be read, from names to {@link #load loaded} arrays, the same ones each time.
 */
public final class Batch extends Scope implements ArrayEditor {
    private final BatchOptions options;
    private final BatchMemory memory;
    private final BatchOverlay overlay;
    /** Arrays that were read before they were edited, as they were then. */
    private final Map<String, Entry> seen = new LinkedHashMap<>();
    /** Arrays that must not have changed when the batch commits, as they were then; null: not there. */
    private final Map<String, Entry> watched = new LinkedHashMap<>();

    Batch(NumPack pack, BatchOptions options) {
        super(OpenScope.Kind.BATCH, pack, options.present());
        this.options = options;
        this.overlay = new BatchOverlay(store);
        this.memory = new BatchMemory(this, resources, store, options.memoryLimit());
    }

    // ---- reading

    @Override
    public synchronized List<String> names() {
        checkOpen();
        return overlay.names();
    }

    @Override
    public synchronized boolean exists(String name) {
        checkOpen();
        return overlay.exist(name);
    }

    @Override
    public synchronized ArrayInfo info(String name) {
        checkOpen();
        BatchArray held = overlay.used(name);
        if (held == null) {
            overlay.require(name);
            return pack.info(name);
        }
        return ArrayInfo.of(name, held.whole(), held.base);
    }

    @Override
    public synchronized long lastEdit(String name) {
        checkOpen();
        return overlay.lastEdit(name);
    }

    /**
     * Makes the commit of this batch fail if somebody else changed, made or deleted one of these arrays after this call, also if the
     * batch does not edit it: what the batch writes depends on it.
     *
     * @param names the arrays; they need not be there
     */
    public synchronized void watch(Collection<String> names) {
        checkOpen();
        Metadata metadata = store.metadata();
        names.forEach(name -> {
            if (!watched.containsKey(name)) {
                watched.put(name, metadata.find(name));
            }
        });
    }

    private BatchArray use(String name) {
        checkOpen();
        return overlay.use(name);
    }

    /**
     * The array in the batch's memory, the same one on every call until its shape changes; edits in place belong to the batch.
     */
    @Override
    public synchronized NDArray load(String name) {
        BatchArray held = use(name);
        held.load(name, memory, store);
        return held.whole();
    }

    @Override
    public synchronized NDArray load(String name, DType dtype) {
        return dtype == dtype(name)
                ? load(name)
                : store.atOneMoment(() -> lazy(name).to(dtype));
    }

    @Override
    public synchronized NDArray lazy(String name) {
        checkOpen();
        BatchArray held = overlay.used(name);
        if (held != null) {
            return held.whole().readOnly();
        }
        overlay.require(name);
        seen.computeIfAbsent(name, store::entry);
        return pack.lazy(name);
    }

    @Override
    public synchronized NDArray selectRows(String name, Rows rows) {
        return store.atOneMoment(() -> lazy(name).selectRows(rows));
    }

    @Override
    public Chunks chunks(String name, long rows) {
        NDArray outliving = lazy(name);
        return new Chunks(
                name,
                outliving.rows(),
                rows,
                (from, to) -> isOpen()
                        ? store.atOneMoment(() -> lazy(name).rows(from, to).copy())
                        : store.translating(() -> outliving.rows(from, to).copy()));
    }

    @Override
    NDArray lookUp(String name) {
        return load(name);
    }

    // ---- edits

    @Override
    public synchronized void save(Map<String, ?> arrays, DType dtype) {
        checkOpen();
        Map<String, NDArray> contents = new LinkedHashMap<>();
        arrays.forEach((name, given) -> {
            NDArray array = Contents.of(name, given, dtype);
            contents.put(name, dtype == null ? orOwn(name, array) : array);
        });
        saveAll(List.of(), contents, true);
    }

    /**
     * Saves arrays without copying them: they become the batch's own, and nobody else may change them until it ends. They do not count
     * for the memory limit, and one that is read-only stays so.
     *
     * @param arrays the arrays by their names
     * @throws InvalidNameException if a name cannot be one of an array
     */
    public synchronized void adopt(Map<String, NDArray> arrays) {
        checkOpen();
        arrays.forEach((name, array) -> Contents.of(name, array, null));
        saveAll(List.of(), arrays, false);
    }

    /**
     * Deletes arrays, and saves others in their place, behind those that stay. When it throws, none is deleted.
     *
     * @param names the arrays to delete, which may be among those to save
     * @param arrays the contents by their names
     * @throws ArrayNotFoundException if one of the names is not there
     * @throws InvalidNameException if a name cannot be one of an array
     */
    public synchronized void replace(Collection<String> names, Map<String, ?> arrays) {
        checkOpen();
        Map<String, NDArray> contents = new LinkedHashMap<>();
        arrays.forEach((name, given) -> contents.put(name, Contents.of(name, given, null)));
        saveAll(names, contents, true);
    }

    /** The batch's own array if these are its elements, maybe as the pairs of complex numbers that they are for dtype-next. */
    private NDArray orOwn(String name, NDArray contents) {
        NDArray own = overlay.used(name) == null ? contents : overlay.used(name).whole();
        return own.runs().sameMemory(contents.runs()) && contents.isLike(own.dtype(), own.shape()) ? own : contents;
    }

    /** Prepares everything that can fail before the first edit. */
    private void saveAll(Collection<String> deleted, Map<String, NDArray> contents, boolean copied) {
        Collection<String> names = new LinkedHashSet<>(deleted);
        Map<String, Runnable> edits = new LinkedHashMap<>();
        contents.forEach((name, array) -> {
            Runnable edit = names.contains(name) ? savingNew(name, array, copied) : saving(name, array, copied);
            if (edit != null) {
                edits.put(name, edit);
            }
        });
        delete(names);
        edits.values().forEach(Runnable::run);
        overlay.edited(edits.keySet(), false);
    }

    /** What saves contents; null if the batch has these very elements under the name. */
    private Runnable saving(String name, NDArray contents, boolean copied) {
        if (!exists(name)) {
            return savingNew(name, contents, copied);
        }
        BatchArray held;
        try {
            held = use(name);
        } catch (CorruptPackException | UnsupportedArrayException e) {
            BatchArray restored = BatchArray.restored(store.entry(name), copied ? copy(name, contents) : contents);
            return () -> overlay.put(name, restored);
        }
        if (held.whole().runs().sameMemory(contents.runs())) {
            if (contents.dtype() == held.dtype() && Arrays.equals(contents.shape(), held.shape())) {
                return null;
            }
            if (held.isLoaded()) {
                return () -> held.replace(new NDArray(
                        contents.dtype(), contents.shape(), held.whole().runs()));
            }
        }
        NDArray copy = copied ? copy(name, contents) : contents;
        return () -> held.replace(copy);
    }

    private Runnable savingNew(String name, NDArray contents, boolean copied) {
        NDArray copy = copied ? copy(name, contents) : contents;
        return () -> overlay.put(name, BatchArray.fresh(copy.dtype(), copy.shape(), copy.runs()));
    }

    private NDArray copy(String name, NDArray contents) {
        NDArray copy = new NDArray(
                contents.dtype(), contents.shape(), memory.allocate(name, contents.dtype(), contents.size()));
        store.translating(() -> {
            contents.runs().copyTo(copy.runs());
            return null;
        });
        return copy;
    }

    @Override
    public synchronized void append(Map<String, ?> rows) {
        checkOpen();
        Map<String, NDArray> contents = fitting(Contents.forRows(rows));
        List<Runnable> edits = new ArrayList<>();
        contents.forEach((name, array) -> edits.add(overlay.used(name).appending(name, array, memory)));
        edits.forEach(Runnable::run);
        overlay.edited(withRows(contents), true);
    }

    private static Collection<String> withRows(Map<String, NDArray> contents) {
        return contents.keySet().stream()
                .filter(name -> contents.get(name).rows() > 0)
                .toList();
    }

    private Map<String, NDArray> fitting(Map<String, Contents> given) {
        Map<String, NDArray> result = new LinkedHashMap<>();
        given.forEach((name, contents) -> {
            BatchArray held = use(name);
            result.put(name, contents.as(held.dtype(), held.shape()));
        });
        return result;
    }

    @Override
    public synchronized void replaceRows(Map<String, ?> contents, Rows rows) {
        checkOpen();
        Map<String, Contents> given = Contents.forRows(contents);
        Map<String, NDArray> fitting = new LinkedHashMap<>();
        given.forEach((name, c) -> {
            BatchArray held = use(name);
            c.exactly(rows).elements(held.dtype(), held.shape());
            fitting.put(name, c.as(held.dtype(), held.shape()));
        });
        fitting.forEach((name, array) -> {
            if (array.rows() > 0) {
                load(name).setRows(array, rows);
            }
        });
        overlay.edited(withRows(fitting), true);
    }

    @Override
    public synchronized void dropRows(Collection<String> names, Rows rows) {
        checkOpen();
        Map<String, long[]> resolved = new LinkedHashMap<>();
        for (String name : new LinkedHashSet<>(names)) {
            long[] dropped = rows.resolve(use(name).shape()[0]);
            if (dropped.length > 0) {
                resolved.put(name, dropped);
            }
        }
        resolved.forEach((name, dropped) -> use(name).drop(dropped));
        overlay.edited(resolved.keySet(), true);
    }

    @Override
    public synchronized void create(String name, DType dtype, long... shape) {
        checkOpen();
        overlay.requireAbsent(name);
        Shape.check(name, dtype, shape);
        long size = Shape.product(shape);
        overlay.put(
                name, BatchArray.fresh(dtype, shape.clone(), memory.stage(name, dtype, Math.multiplyExact(size, (long)
                        dtype.itemSize()))));
        overlay.edited(List.of(name), false);
    }

    @Override
    public synchronized void delete(Collection<String> names) {
        checkOpen();
        Collection<String> distinct = new LinkedHashSet<>(names);
        distinct.forEach(overlay::require);
        distinct.forEach(overlay::delete);
    }

    @Override
    public synchronized void rename(Map<String, String> names) {
        checkOpen();
        overlay.rename(names);
    }

    @Override
    public synchronized void copy(String from, String to) {
        checkOpen();
        overlay.require(from);
        overlay.requireAbsent(to);
        save(to, lazy(from));
    }

    @Override
    public synchronized void compact(Collection<String> names) {
        checkOpen();
        new LinkedHashSet<>(names).forEach(name -> use(name).compact = true);
    }

    @Override
    public <T, E extends Exception> T withBatch(ScopeBody<Batch, T, E> body) throws E {
        checkOpen();
        return body.run(this);
    }

    // ---- the end

    /** {@return what would be committed now, in the order in which it would be; never null} */
    public synchronized List<Change> changes() {
        checkOpen();
        return edits().changes();
    }

    private BatchEdits edits() {
        BatchEdits edits = new BatchEdits(store, options.onConflict(), memory);
        overlay.addTo(edits);
        edits.expect(seen, watched);
        return edits;
    }

    private void commitEdits() {
        while (true) {
            Metadata before = store.metadata();
            try {
                store.commit(edits().all());
                return;
            } catch (ConflictException e) {
                if (options.onConflict() == OnConflict.FAIL || store.metadata() == before) {
                    throw e;
                }
            }
        }
    }

    /**
     * Commits everything that was changed, at once, and ends the batch.
     *
     * @throws ConflictException if an array that was changed here was changed by somebody else too; the batch stays open then
     */
    public synchronized void commit() {
        checkOpen();
        commitEdits();
        end();
    }

    /** Ends the batch, if that was not done: commits, or discards where it was opened with {@link OnError#DISCARD}. */
    @Override
    public synchronized void close() {
        if (options.onError() == OnError.COMMIT) {
            finish(null);
        } else {
            end();
        }
    }

    @Override
    synchronized void finish(Throwable thrown) {
        if (!isOpen()) {
            return;
        }
        try {
            if (thrown == null || options.onError() == OnError.COMMIT && !isFatal(thrown)) {
                commitEdits();
            }
        } finally {
            end();
        }
    }

    @Override
    void freeze() {
        memory.freeze();
    }
}
