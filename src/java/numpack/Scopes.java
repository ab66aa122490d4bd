package numpack;

/** What the two scopes have in common: how they end when their body returns or throws. */
final class Scopes {
    private Scopes() {}

    /** A scope that ends once, however its body ends. */
    interface Ending {
        /** Ends the scope, unless that was done; {@code thrown} is what the body threw, or null. */
        void finish(Throwable thrown);

        /** Ends the scope without a commit. */
        void discard();
    }

    static <S extends Ending, T, E extends Exception> T run(S scope, ScopeBody<S, T, E> body) throws E {
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
                    || t instanceof java.nio.channels.ClosedByInterruptException) {
                return true;
            }
        }
        return false;
    }
}
