package numpack.commit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import numpack.ConflictException;
import numpack.ScopeOpenException;
import numpack.memory.Memory;

/** The scopes that are open on a pack, the threads that opened them, and what they claim. */
public final class OpenScopes {
    private final PackFiles files;
    private final Claims claims;
    private final List<Scope> open = new CopyOnWriteArrayList<>();

    private record Scope(Thread owner, Object scope) {}

    OpenScopes(PackFiles files, Claims claims) {
        this.files = files;
        this.claims = claims;
    }

    /**
     * Registers a scope with the calling thread.
     *
     * @param scope the scope
     * @throws ScopeOpenException if the thread has a scope open on this pack
     */
    public void enter(Object scope) {
        requireNone("open another scope on it");
        open.add(new Scope(Thread.currentThread(), scope));
    }

    /**
     * Ends a scope: gives up what it claimed.
     *
     * @param scope the scope
     */
    public void leave(Object scope) {
        open.removeIf(s -> s.scope == scope);
        claims.release(scope);
    }

    /**
     * Refuses what would go past a scope of the calling thread.
     *
     * @param what what was asked
     * @throws ScopeOpenException if the thread has a scope open on this pack
     */
    public void requireNone(String what) {
        for (Scope s : open) {
            if (s.owner == Thread.currentThread()) {
                throw new ScopeOpenException(
                        "the pack " + files.pack() + " has a scope open on this thread, so you cannot " + what
                                + " through the pack: use the scope's own binding (with [pack pack] the scope shadows the pack's name),"
                                + " or end the scope first",
                        "path",
                        files.pack().toString());
            }
        }
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
    public ClaimedArray claim(String array, Object scope, List<Memory> memories) {
        return claims.claim(array, scope, memories);
    }
}
