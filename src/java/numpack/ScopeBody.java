package numpack;

/**
 * What runs inside of a scope.
 *
 * @param <S> the scope
 * @param <T> what it returns
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface ScopeBody<S, T, E extends Exception> {
    /**
     * Works on the scope's arrays.
     *
     * @param scope the open scope
     * @return any value; the scope's owner gets it
     * @throws E whatever goes wrong
     */
    T run(S scope) throws E;
}
