package numpack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import numpack.commit.Access;
import numpack.commit.Edit;
import numpack.commit.Expected;
import numpack.commit.OpenPacks;
import numpack.commit.Store;
import numpack.commit.StoredArray;
import numpack.format.ArrayNames;
import numpack.format.Entry;

/**
 * A pack: a directory of named n-d arrays, byte-compatible with Python's NumPack 0.7.0. Each edit outside of a scope is one atomic
 * commit. Handles are cheap and may be shared by threads; several handles on one path share their state.
 *
 * <p>To Clojure it is a map that can only be read, from names to {@link #lazy lazy} arrays. They outlive {@code close}.
 *
 * <pre>{@code
 * try (NumPack pack = NumPack.open("data.npk")) {
 *     pack.save("features", new float[][] {{1, 2}, {3, 4}});
 *     pack.withWritableBatch(batch -> batch.load("features").mul(1.1));
 * }
 * }</pre>
 */
public final class NumPack extends ArrayMap implements ArrayEditor, AutoCloseable {
    private final Store store;
    private final Access access;
    private final OnError onError;
    private final Function<NDArray, Object> present;
    private final AtomicBoolean closed = new AtomicBoolean();

    private NumPack(Store store, Access access, Builder options) {
        this.store = store;
        this.access = access;
        this.onError = options.onError;
        this.present = options.present;
    }

    /**
     * Opens a pack for reading and writing. A directory that does not exist is an empty pack; it appears with the first commit.
     *
     * @param path its directory
     * @return the pack, never null
     * @throws CorruptPackException if its metadata is damaged; nothing is changed then
     * @throws NotAPackException if the path is something else
     */
    public static NumPack open(String path) {
        return builder(path).open();
    }

    /**
     * Opens a pack for reading and writing, as {@link #open(String)} does.
     *
     * @param path its directory
     * @return the pack, never null
     */
    public static NumPack open(Path path) {
        return builder(path).open();
    }

    /**
     * Options for opening a pack.
     *
     * @param path its directory
     * @return the builder, never null
     */
    public static Builder builder(String path) {
        try {
            return new Builder(Path.of(path));
        } catch (java.nio.file.InvalidPathException e) {
            throw new InvalidNameException(
                    "\"" + path + "\" is not a path on this system (" + e.getReason()
                            + "); if it has other letters than those of ASCII, " + "start Java with LC_ALL=C.UTF-8",
                    "path",
                    path);
        }
    }

    /**
     * Options for opening a pack.
     *
     * @param path its directory
     * @return the builder, never null
     */
    public static Builder builder(Path path) {
        return new Builder(path);
    }

    /** How a pack is opened. */
    public static final class Builder {
        private final Path path;
        private boolean create = true;
        private boolean dropIfExists;
        private boolean readOnly;
        private boolean allowRemote;
        private Durability durability = Durability.PROCESS;
        private OnError onError = OnError.COMMIT;
        private Function<NDArray, Object> present = array -> array;

        private Builder(Path path) {
            this.path = path;
        }

        /**
         * Whether a directory that does not exist is an empty pack (the default) or an error.
         *
         * @param value whether it may be missing
         * @return this
         */
        public Builder create(boolean value) {
            create = value;
            return this;
        }

        /**
         * Whether to remove every array that is there, in one commit; default false.
         *
         * @param value whether to start empty
         * @return this
         */
        public Builder dropIfExists(boolean value) {
            dropIfExists = value;
            return this;
        }

        /**
         * Whether every edit is refused; default false. A read-only pack must exist.
         *
         * @param value whether it can only be read
         * @return this
         */
        public Builder readOnly(boolean value) {
            readOnly = value;
            return this;
        }

        /**
         * What an acknowledged commit survives; the strongest of all open handles applies. Default {@link Durability#PROCESS}.
         *
         * @param value what it survives
         * @return this
         */
        public Builder durability(Durability value) {
            durability = value;
            return this;
        }

        /**
         * What batches do when their body throws; default {@link OnError#COMMIT}.
         *
         * @param value what they do
         * @return this
         */
        public Builder onError(OnError value) {
            onError = value;
            return this;
        }

        /**
         * Whether to write to a pack on a remote file system, whose locks may fail; default false.
         *
         * @param value whether to
         * @return this
         */
        public Builder allowRemote(boolean value) {
            allowRemote = value;
            return this;
        }

        /**
         * What look-up by name hands out in place of an {@code NDArray}, in the pack and its scopes; by default the array itself.
         *
         * @param value makes it from the array
         * @return this
         */
        public Builder present(Function<NDArray, Object> value) {
            present = value;
            return this;
        }

        /**
         * Opens the pack.
         *
         * @return the pack, never null
         */
        public NumPack open() {
            if (readOnly && dropIfExists) {
                throw new InvalidOptionException(
                        "a pack cannot be opened read-only and emptied at once; leave out one of the two",
                        "path",
                        path);
            }
            Access access = new Access(create && !readOnly, !readOnly, durability, allowRemote);
            Store store = dropIfExists ? OpenPacks.acquireEmpty(path, access) : OpenPacks.acquire(path, access);
            return new NumPack(store, access, this);
        }
    }

    // ---- the pack itself

    /** {@return its directory, with every link resolved; never null} */
    public Path path() {
        return store.path();
    }

    /** {@return whether every edit is refused} */
    public boolean isReadOnly() {
        return !access.writes();
    }

    /** {@return whether this handle was closed} */
    public boolean isClosed() {
        return closed.get();
    }

    /** {@return what happened that its user should know, such as a commit of a dead program that was set aside; never null} */
    public List<String> notices() {
        return store.notices();
    }

    /** Makes everything committed so far survive a power cut. */
    public void sync() {
        checkWritable("sync it");
        store.sync();
    }

    /** Closes this handle; again does nothing. Lazy arrays stay readable, open scopes can still be ended. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            OpenPacks.release(store, access);
        }
    }

    /**
     * Ends every scope that is open on this pack in this process, whichever handle and thread opened it: for scopes that got lost, and
     * keep their thread from opening another one, or their arrays from being edited. Batches commit nothing; what was edited through a
     * writable batch is in the files already. Where scopes were opened is the cause of the errors about them if assertions are on, or
     * the system property {@code numpack.traceScopes} is true.
     */
    public void discardScopes() {
        store.scopes().discard();
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new PackClosedException("the pack " + path() + " was closed; open it again", "path", path());
        }
    }

    private void checkWritable(String what) {
        checkOpen();
        if (isReadOnly()) {
            throw new ReadOnlyException(
                    "the pack " + path() + " was opened read-only, so you cannot " + what + "; open it for writing",
                    "path",
                    path());
        }
    }

    Store store() {
        return store;
    }

    @Override
    public <T> T atOneMoment(Supplier<T> read) {
        checkOpen();
        return store.atOneMoment(read);
    }

    @Override
    public Object present(NDArray array) {
        return present.apply(array);
    }

    /** A scope's own hold on the pack, so that it can end after the handle was closed; what it hands out may differ. */
    NumPack hold(Function<NDArray, Object> presentation) {
        return builder(path())
                .readOnly(isReadOnly())
                .durability(access.durability())
                .onError(onError)
                .present(presentation == null ? present : presentation)
                .open();
    }

    // ---- reading

    @Override
    public List<String> names() {
        checkOpen();
        return store.metadata().entries().stream().map(Entry::name).toList();
    }

    @Override
    public boolean exists(String name) {
        checkOpen();
        return store.metadata().find(name) != null;
    }

    @Override
    public ArrayInfo info(String name) {
        checkOpen();
        return store.describe(name, stored -> ArrayInfo.of(stored, isReadOnly()));
    }

    static NDArray view(StoredArray stored) {
        return new NDArray(stored.dtype(), stored.shape(), stored.elements());
    }

    @Override
    public NDArray load(String name) {
        checkOpen();
        return store.read(name, true, stored -> view(stored).copy());
    }

    @Override
    public NDArray load(String name, DType dtype) {
        checkOpen();
        return store.read(name, true, stored -> view(stored).to(dtype));
    }

    @Override
    public NDArray lazy(String name) {
        checkOpen();
        return store.read(name, false, NumPack::view);
    }

    @Override
    public NDArray selectRows(String name, Rows rows) {
        checkOpen();
        return store.read(name, false, stored -> view(stored).selectRows(rows));
    }

    @Override
    public Chunks chunks(String name, long rows) {
        checkOpen();
        NDArray outliving = store.read(name, true, NumPack::view);
        return new Chunks(
                name,
                outliving.rows(),
                rows,
                (from, to) -> isClosed()
                        ? store.translating(() -> outliving.rows(from, to).copy())
                        : store.read(
                                name,
                                false,
                                stored -> view(stored).rows(from, to).copy()));
    }

    @Override
    NDArray lookUp(String name) {
        return lazy(name);
    }

    // ---- edits

    private void commit(String what, List<? extends Edit> edits) {
        checkWritable(what);
        store.scopes().requireFree(what, edits);
        store.commit(edits);
    }

    @Override
    public void save(Map<String, ?> arrays, DType dtype) {
        checkWritable("save to it");
        List<Edit> edits = new ArrayList<>();
        arrays.forEach((name, given) -> {
            NDArray contents = Contents.of(name, given, dtype);
            edits.add(new Edit.Save(
                    name, contents.dtype(), contents.shape(), new Edit.Elements(contents.runs()), Expected.ANYTHING));
        });
        commit("save to it", edits);
    }

    @Override
    public void append(Map<String, ?> rows) {
        checkWritable("append to it");
        List<Edit> edits = new ArrayList<>();
        Contents.forRows(rows)
                .forEach((name, contents) ->
                        edits.add(new Edit.Append(name, contents.rows(), contents, Expected.ANYTHING)));
        commit("append to it", edits);
    }

    @Override
    public void replaceRows(Map<String, ?> contents, Rows rows) {
        checkWritable("replace rows of it");
        List<Edit> edits = new ArrayList<>();
        Contents.forRows(contents).forEach((name, c) -> edits.add(new Edit.Replace(name, rows, c.exactly(rows))));
        commit("replace rows of it", edits);
    }

    @Override
    public void dropRows(Collection<String> names, Rows rows) {
        commit(
                "drop rows of it",
                new LinkedHashSet<>(names)
                        .stream()
                                .map(name -> new Edit.Drop(name, rows, Expected.ANYTHING))
                                .toList());
    }

    @Override
    public void create(String name, DType dtype, long... shape) {
        commit("create an array in it", List.of(Edit.Create.zeros(name, dtype, shape.clone())));
    }

    @Override
    public void delete(Collection<String> names) {
        commit(
                "delete from it",
                new LinkedHashSet<>(names)
                        .stream()
                                .map(name -> new Edit.Delete(name, Expected.ANYTHING))
                                .toList());
    }

    @Override
    public void rename(Map<String, String> names) {
        checkWritable("rename in it");
        names.keySet().forEach(store::entry);
        commit(
                "rename in it",
                names.entrySet().stream()
                        .filter(name -> !name.getKey().equals(name.getValue()))
                        .map(name -> new Edit.Rename(name.getKey(), name.getValue(), Expected.ANYTHING))
                        .toList());
    }

    @Override
    public void copy(String from, String to) {
        ArrayNames.check(to);
        commit("copy in it", List.of(new Edit.Copy(from, to)));
    }

    @Override
    public void compact(Collection<String> names) {
        checkWritable("compact it");
        commit(
                "compact it",
                new LinkedHashSet<>(names)
                        .stream().map(name -> new Edit.Compact(name)).toList());
    }

    // ---- scopes

    /** {@return a batch with default options; never null} */
    public Batch batch() {
        return batch(BatchOptions.defaults());
    }

    /**
     * Opens a batch: a heap cache whose changes are committed at once when it is closed.
     *
     * @param options its options
     * @return the batch, never null
     * @throws ScopeOpenException if this thread has a scope open on the pack
     */
    public Batch batch(BatchOptions options) {
        checkWritable("open a batch on it");
        return new Batch(this, options.onError() == null ? options.onError(onError) : options);
    }

    /** {@return a writable batch that ends with an msync; never null} */
    public WritableBatch writableBatch() {
        return writableBatch(true);
    }

    /**
     * Opens a writable batch: writable views straight over the mapped files.
     *
     * @param sync whether its end waits until the edits have reached the disk
     * @return the writable batch, never null
     * @throws ScopeOpenException if this thread has a scope open on the pack
     */
    public WritableBatch writableBatch(boolean sync) {
        return writableBatch(sync, null);
    }

    /**
     * Opens a writable batch whose look-ups hand out something else than the pack's.
     *
     * @param sync whether its end waits until the edits have reached the disk
     * @param presentation what look-up by name hands out in place of an {@code NDArray}; null: as the pack was opened
     * @return the writable batch, never null
     * @throws ScopeOpenException if this thread has a scope open on the pack
     * @hidden
     */
    public WritableBatch writableBatch(boolean sync, Function<NDArray, Object> presentation) {
        checkWritable("open a writable batch on it");
        return new WritableBatch(this, sync, presentation);
    }

    /**
     * Runs a body in a batch. Its changes are committed when it returns, and, unless told otherwise, also when it throws; the
     * exception then goes on, with a failure of the commit attached to it.
     *
     * @param options the batch's options
     * @param body runs once
     * @param <T> what it returns
     * @param <E> what it may throw
     * @return what the body returned
     * @throws E what the body threw
     */
    public <T, E extends Exception> T withBatch(BatchOptions options, ScopeBody<Batch, T, E> body) throws E {
        return Scope.run(batch(options), body);
    }

    /**
     * Runs a body that returns nothing in a batch, as {@link #withBatch(BatchOptions, ScopeBody)}.
     *
     * @param options the batch's options
     * @param body runs once
     * @param <E> what it may throw
     * @throws E what the body threw
     */
    public <E extends Exception> void useBatch(BatchOptions options, ScopeAction<Batch, E> body) throws E {
        withBatch(options, body.asBody());
    }

    @Override
    public <T, E extends Exception> T withBatch(ScopeBody<Batch, T, E> body) throws E {
        return withBatch(BatchOptions.defaults(), body);
    }

    /**
     * Runs a body in a writable batch, whose edits stay also when it throws.
     *
     * @param sync whether its end waits until the edits have reached the disk
     * @param body runs once
     * @param <T> what it returns
     * @param <E> what it may throw
     * @return what the body returned
     * @throws E what the body threw
     */
    public <T, E extends Exception> T withWritableBatch(boolean sync, ScopeBody<WritableBatch, T, E> body) throws E {
        return withWritableBatch(sync, null, body);
    }

    /**
     * Runs a body in a writable batch whose look-ups hand out something else than the pack's.
     *
     * @param sync whether its end waits until the edits have reached the disk
     * @param presentation what look-up by name hands out in place of an {@code NDArray}; null: as the pack was opened
     * @param body runs once
     * @param <T> what it returns
     * @param <E> what it may throw
     * @return what the body returned
     * @throws E what the body threw
     * @hidden
     */
    public <T, E extends Exception> T withWritableBatch(
            boolean sync, Function<NDArray, Object> presentation, ScopeBody<WritableBatch, T, E> body) throws E {
        return Scope.run(writableBatch(sync, presentation), body);
    }

    /**
     * Runs a body in a writable batch that ends with an msync.
     *
     * @param body runs once
     * @param <T> what it returns
     * @param <E> what it may throw
     * @return what the body returned
     * @throws E what the body threw
     */
    public <T, E extends Exception> T withWritableBatch(ScopeBody<WritableBatch, T, E> body) throws E {
        return withWritableBatch(true, body);
    }

    /**
     * Runs a body that returns nothing in a writable batch that ends with an msync.
     *
     * @param body runs once
     * @param <E> what it may throw
     * @throws E what the body threw
     */
    public <E extends Exception> void useWritableBatch(ScopeAction<WritableBatch, E> body) throws E {
        withWritableBatch(body.asBody());
    }

    /** {@return the path and a table of at most 20 arrays, also when it is closed} */
    @Override
    public String toString() {
        if (isClosed()) {
            return PackTable.ofEnded("NumPack " + path() + ", closed", path());
        }
        String state =
                (isReadOnly() ? ", read-only" : "") + (store.exists() ? "" : " (the directory does not exist yet)");
        return PackTable.of("NumPack " + path() + state, this);
    }
}
