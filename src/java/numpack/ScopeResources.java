package numpack;

import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import numpack.commit.ClaimedArray;
import numpack.commit.OpenScope;
import numpack.commit.StagedFile;
import numpack.commit.Store;
import numpack.memory.Memory;

/**
 * What an open scope holds of its pack: a handle, its place among the open scopes, its claims and staged files. It is given back
 * when the scope ends or, if nobody ends it, when neither the scope nor a mapped array of it can be reached any more.
 */
final class ScopeResources {
    private static final Cleaner CLEANER = Cleaner.create();

    private final NumPack pack;
    private final Store store;
    private final WeakReference<Scope> scope;
    private final OpenScope place;
    private final List<StagedFile> staged = new ArrayList<>();
    private final Cleaner.Cleanable cleanable;

    /**
     * Registers a scope with the calling thread.
     *
     * @param scope the scope, which is not kept alive from here
     * @param kind what it is
     * @param pack a handle of its own
     * @throws ScopeOpenException if the thread has a scope open on this pack; the handle is closed then
     */
    ScopeResources(Scope scope, OpenScope.Kind kind, NumPack pack) {
        this.pack = pack;
        this.store = pack.store();
        this.scope = new WeakReference<>(scope);
        try {
            this.place = store.scopes().enter(kind, this::discard);
        } catch (RuntimeException e) {
            pack.close();
            throw e;
        }
        this.cleanable = CLEANER.register(scope, this::giveBack);
    }

    /** Maps an array for writing and claims it until the scope ends. */
    ClaimedArray claim(String array, List<Memory> memories) {
        return store.scopes().claim(array, place, memories);
    }

    /** A file that is to be removed at the end, if no commit took it. */
    void add(StagedFile file) {
        staged.add(file);
    }

    /** Gives everything back, if that was not done. */
    void release() {
        cleanable.clean();
    }

    /** Ends the scope without a commit, if that was not done. */
    private void discard() {
        Scope open = scope.get();
        if (open == null) {
            release();
            return;
        }
        try {
            open.discard();
        } catch (ScopeEndedException e) {
            // somebody else ended it just now
        }
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
        store.scopes().leave(place);
        pack.close();
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }
}
