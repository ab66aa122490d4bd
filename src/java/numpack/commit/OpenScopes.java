package numpack.commit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import numpack.ConflictException;
import numpack.ScopeOpenException;
import numpack.memory.Memory;

/** The scopes that are open on a pack. A thread has at most one, and does not edit past it. */
public final class OpenScopes {
    /** What to do about a scope that nobody can end any more. */
    static final String LOST =
            "If it got lost, discardScopes() of the pack ends it, in Clojure (npk/close pack {:discard-scopes? true})";

    private final PackFiles files;
    private final Claims claims;
    private final List<OpenScope> open = new CopyOnWriteArrayList<>();

    OpenScopes(PackFiles files, Claims claims) {
        this.files = files;
        this.claims = claims;
    }

    /**
     * Registers a scope with the calling thread.
     *
     * @param kind what it is
     * @param discard ends it without a commit; may be called when it has ended
     * @return the scope, never null
     * @throws ScopeOpenException if the thread has a scope open on this pack
     */
    public OpenScope enter(OpenScope.Kind kind, Runnable discard) {
        requireNone("open another scope on it");
        OpenScope scope = new OpenScope(kind, discard);
        open.add(scope);
        return scope;
    }

    /**
     * Ends a scope: gives up what it claimed.
     *
     * @param scope the scope
     */
    public void leave(OpenScope scope) {
        open.remove(scope);
        claims.release(scope);
    }

    /** Ends every scope without a commit, whichever thread opened it. */
    public void discard() {
        open.forEach(OpenScope::discard);
    }

    /**
     * Refuses what no thread may do that has a scope open.
     *
     * @param what what was asked
     * @throws ScopeOpenException if the thread has a scope open on this pack
     */
    public void requireNone(String what) {
        OpenScope scope = ofThisThread();
        if (scope != null) {
            throw past(scope, what, "the pack " + files.pack() + " has a " + scope.kind() + " open");
        }
    }

    private OpenScope ofThisThread() {
        return open.stream().filter(OpenScope::isOfThisThread).findFirst().orElse(null);
    }

    /**
     * Refuses edits that would go past a scope of the calling thread. A writable batch shows the pack as it is, so only the arrays
     * that it has loaded must be edited through it.
     *
     * @param what what was asked
     * @param edits the edits
     * @throws ScopeOpenException if the thread has a batch open on this pack, or a writable batch that holds one of the arrays
     */
    public void requireFree(String what, List<? extends Edit> edits) {
        OpenScope scope = ofThisThread();
        if (scope != null && scope.kind() == OpenScope.Kind.BATCH) {
            requireNone(what);
        }
        for (Edit edit : edits) {
            if (claims.isHeld(edit.array(), scope)) {
                throw past(
                        scope,
                        what,
                        "array \"" + edit.array() + "\" of " + files.pack() + " is loaded in a " + scope.kind());
            }
        }
    }

    private ScopeOpenException past(OpenScope scope, String what, String state) {
        return new ScopeOpenException(
                state + ", which " + scope.opened() + ", so you cannot " + what + " past it: call the methods of the "
                        + scope.kind()
                        + " itself (in Clojure its binding; [pack pack] shadows the pack's name), or end it first with"
                        + " commit(), discard() or close(). " + LOST,
                scope.opening(),
                "path",
                files.pack().toString());
    }

    /**
     * Maps an array for writing and claims it for a scope until that ends.
     *
     * @param array its name
     * @param scope the scope
     * @param memories gets every mapping that was made
     * @return the array and its writable elements, never null
     * @throws ConflictException if another scope or process has it
     */
    public ClaimedArray claim(String array, OpenScope scope, List<Memory> memories) {
        return claims.claim(array, scope, memories);
    }
}
