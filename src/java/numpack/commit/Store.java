package numpack.commit;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import numpack.ArrayNotFoundException;
import numpack.CorruptPackException;
import numpack.RecoveryNeededException;
import numpack.format.Entry;
import numpack.format.Metadata;

/** A pack as all handles on it share it within the process: what is done to it goes through here to the part that does it. */
public final class Store {
    private final PackFiles files;
    private final Handles handles = new Handles();
    private final List<String> notices = new CopyOnWriteArrayList<>();
    private final Background background = new Background(notices);
    private final PackLocks locks;
    private final PackState state;
    private final OpenScopes scopes;
    private final Staging staging;
    private final Forcing forcing;
    private final Committer committer;
    private final Recovery recovery;

    Store(Path pack) {
        files = new PackFiles(pack);
        MetadataFile metadata = new MetadataFile(files);
        locks = new PackLocks(files, handles, this::recover);
        state = new PackState(files, locks, metadata);
        Claims claims = new Claims(files, locks, state);
        scopes = new OpenScopes(files, claims);
        staging = new Staging(files, locks);
        forcing = new Forcing(files, locks, state, background);
        committer = new Committer(files, locks, metadata, state, claims, staging, forcing, handles);
        recovery = new Recovery(files, metadata, state, staging, committer, notices);
    }

    /** What a writer does first under the lock. */
    private void recover() {
        recovery.run(locks.journal());
        state.metadata();
        staging.cleanUp(forcing::all);
    }

    /** {@return the real path of the pack's directory, never null} */
    public Path path() {
        return files.pack();
    }

    /** {@return whether the directory exists} */
    public boolean exists() {
        return files.exist();
    }

    /** {@return what happened that a user should know: a commit set aside, a file that could not be forced} */
    public List<String> notices() {
        return List.copyOf(notices);
    }

    // ---- handles

    void attach(Access handle) {
        locks.inProcess(() -> {
            handles.add(handle);
            try {
                look(handle.writes());
            } catch (RuntimeException e) {
                handles.remove(handle);
                throw e;
            }
        });
    }

    /** Finds out what is wrong with a pack when it is opened. */
    private void look(boolean writes) {
        locks.openJournal();
        Journal journal = locks.journal();
        if (writes && journal != null && (journal.isPending() || journal.isOfAnotherBoot())) {
            locks.exclusive(() -> null);
        }
        try {
            state.metadata();
        } catch (RecoveryNeededException e) {
            // it can be opened nevertheless: every read says so until a writer has finished that commit
        }
    }

    void detach(Access handle) {
        handles.remove(handle);
    }

    /** Waits for what follows the commits so far; done before other packs wait for the closing of this one. */
    void finishWork() {
        background.drain();
    }

    /** After the last handle and scope: nothing of the store is used again, but arrays that were handed out stay readable. */
    void close() {
        background.drain();
        staging.close();
        locks.close();
    }

    // ---- reading

    /** {@return the metadata, read again if anybody has changed it since} */
    public Metadata metadata() {
        return state.metadata();
    }

    /**
     * The entry of an array.
     *
     * @param name the array
     * @return the entry, never null
     * @throws ArrayNotFoundException if there is none
     */
    public Entry entry(String name) {
        return state.entry(name);
    }

    /**
     * Reads from an array so that the result belongs to one moment: read again if a commit came between, at last under the lock.
     *
     * @param name the array
     * @param fresh whether to look for changes by programs that do not use this library's journal
     * @param read what to read
     * @param <T> what it gives
     * @return what was read
     */
    public <T> T read(String name, boolean fresh, Function<StoredArray, T> read) {
        return state.read(name, fresh, read);
    }

    /**
     * Describes an array without reading its elements, also one that cannot be used.
     *
     * @param name the array
     * @param description what to say of it
     * @param <T> what it gives
     * @return the description
     */
    public <T> T describe(String name, Function<StoredArray, T> description) {
        return state.describe(name, description);
    }

    /**
     * Reads mapped elements so that the result belongs to one moment.
     *
     * @param read what to read; may run more than once
     * @param <T> what it gives
     * @return what was read
     */
    public <T> T atOneMoment(Supplier<T> read) {
        return state.atOneMoment(read);
    }

    /**
     * Reads memory that may be mapped from a file, which somebody may have cut short.
     *
     * @param read what to read
     * @param <T> what it gives
     * @return what was read
     * @throws CorruptPackException if the file was cut short
     */
    public <T> T translating(Supplier<T> read) {
        return state.translating(read);
    }

    // ---- committing

    /** {@return the scopes that are open, never null} */
    public OpenScopes scopes() {
        return scopes;
    }

    /** {@return the folder for files of a coming commit, never null} */
    public Staging staging() {
        return staging;
    }

    /**
     * Commits edits: all of them or, if one is refused or anything fails, none.
     *
     * @param edits in the order in which they apply
     */
    public void commit(List<? extends Edit> edits) {
        committer.commit(edits);
    }

    /** Makes everything committed so far survive a power cut. */
    public void sync() {
        forcing.sync();
    }
}
