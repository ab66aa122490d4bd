package numpack;

import java.nio.channels.ClosedByInterruptException;
import java.util.function.Function;
import java.util.function.Supplier;
import numpack.commit.OpenScope;
import numpack.commit.Store;

/**
 * What the two scopes have in common: a handle of their own on the pack, so that they can end after the user's was closed, and that
 * they end once, however their body ends.
 */
abstract sealed class Scope extends ArrayMap implements AutoCloseable permits Batch, WritableBatch {
    final NumPack pack;
    final Store store;
    final ScopeResources resources;
    private final OpenScope.Kind kind;
    private boolean ended;

    /**
     * Opens a scope of the calling thread.
     *
     * @param presentation what look-up hands out; null: as the pack was opened
     * @throws ScopeOpenException if the thread has a scope open on the pack
     */
    Scope(OpenScope.Kind kind, NumPack pack, Function<NDArray, Object> presentation) {
        this.kind = kind;
        this.pack = pack.hold(presentation);
        this.store = pack.store();
        this.resources = new ScopeResources(this, kind, this.pack);
    }

    final void checkOpen() {
        if (!isOpen()) {
            throw new ScopeEndedException(
                    "this " + kind + " on " + pack.path() + " has ended; open another one", "path", pack.path());
        }
    }

    @Override
    public synchronized <T> T atOneMoment(Supplier<T> read) {
        checkOpen();
        return store.atOneMoment(read);
    }

    @Override
    public Object present(NDArray array) {
        return pack.present(array);
    }

    /** {@return whether it has not ended} */
    public synchronized boolean isOpen() {
        return !ended;
    }

    @Override
    public abstract void close();

    /** Ends the scope, unless that was done; {@code thrown} is what the body threw, or null. */
    abstract void finish(Throwable thrown);

    /** Ends the scope without a commit. Edits that were made through views of a file are in it and stay there. */
    public synchronized void discard() {
        checkOpen();
        end();
    }

    /** Ends the scope, if that was not done. */
    final void end() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            freeze();
        } finally {
            resources.release();
        }
    }

    /** Makes the arrays that lie in files refuse to be used any more. */
    abstract void freeze();

    /** Runs a body, and ends the scope however that ends; a failure of the end is added to what the body threw. */
    static <S extends Scope, T, E extends Exception> T run(S scope, ScopeBody<S, T, E> body) throws E {
        T result;
        try {
            result = body.run(scope);
        } catch (Throwable thrown) {
            try {
                scope.finish(thrown);
            } catch (Throwable failed) {
                thrown.addSuppressed(failed);
            }
            throw thrown;
        }
        scope.finish(null);
        return result;
    }

    /** Interrupts and errors of the virtual machine say nothing about the body's work, so they never commit it. */
    static boolean isFatal(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof InterruptedException
                    || t instanceof VirtualMachineError
                    || t instanceof ClosedByInterruptException) {
                return true;
            }
        }
        return false;
    }

    /** {@return the path and a table of at most 20 arrays} */
    @Override
    public synchronized String toString() {
        String title = getClass().getSimpleName() + " on " + pack.path();
        return ended ? PackTable.ofEnded(title + ", ended", pack.path()) : PackTable.of(title, this);
    }
}
