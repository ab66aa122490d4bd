package numpack;

/**
 * What runs inside of a scope and returns nothing.
 *
 * @param <S> the scope
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface ScopeAction<S, E extends Exception> {
    /**
     * Works on the scope's arrays.
     *
     * @param scope the open scope
     * @throws E whatever goes wrong
     */
    void run(S scope) throws E;

    /** {@return the same as a body that returns null; never null} */
    default ScopeBody<S, Void, E> asBody() {
        return scope -> {
            run(scope);
            return null;
        };
    }
}
