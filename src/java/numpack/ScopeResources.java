package numpack;

import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import numpack.commit.StagedFile;
import numpack.commit.Store;

/**
 * What an open scope holds of its pack: a handle, its place among the open scopes, its claims and staged files. It is given back
 * when the scope ends or, if nobody ends it, when neither the scope nor a mapped array of it can be reached any more.
 */
final class ScopeResources {
    private static final Cleaner CLEANER = Cleaner.create();

    private final NumPack pack;
    private final Store store;
    private final List<StagedFile> staged = new ArrayList<>();
    private final Cleaner.Cleanable cleanable;

    /**
     * Registers a scope with the calling thread.
     *
     * @param scope the scope, which is not referred to from here
     * @param pack a handle of its own
     * @throws ScopeOpenException if the thread has a scope open on this pack; the handle is closed then
     */
    ScopeResources(Object scope, NumPack pack) {
        this.pack = pack;
        this.store = pack.store();
        try {
            store.scopes().enter(this);
        } catch (RuntimeException e) {
            pack.close();
            throw e;
        }
        this.cleanable = CLEANER.register(scope, this::giveBack);
    }

    /** A file that is to be removed at the end, if no commit took it. */
    void add(StagedFile file) {
        staged.add(file);
    }

    /** Gives everything back, if that was not done. */
    void release() {
        cleanable.clean();
    }

    private void giveBack() {
        List<RuntimeException> failures = new ArrayList<>();
        for (StagedFile file : staged) {
            try {
                store.staging().discard(file);
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        store.scopes().leave(this);
        pack.close();
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }
}
