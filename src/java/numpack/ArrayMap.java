package numpack;

import clojure.lang.Associative;
import clojure.lang.Counted;
import clojure.lang.IFn;
import clojure.lang.IKVReduce;
import clojure.lang.IMapEntry;
import clojure.lang.IPersistentCollection;
import clojure.lang.ISeq;
import clojure.lang.PersistentVector;
import clojure.lang.Reduced;
import numpack.format.ArrayNames;

/**
 * Packs and scopes as Clojure's own functions see them: a map from names to arrays that can only be read, where an array is looked up
 * when it is asked for. Its keys are strings; keywords and symbols find arrays too.
 *
 * <p>Javadoc leaves its methods out of the public classes: Java has {@link ArraySource}.
 */
abstract sealed class ArrayMap implements ArraySource, Associative, Counted, IKVReduce permits NumPack, Scope {
    /** The array that stands for a name in this map. */
    abstract NDArray lookUp(String name);

    /**
     * {@return the array of that name, as it is handed out}
     *
     * @hidden
     */
    @Override
    public Object valAt(Object name) {
        return present(lookUp(ArrayNames.of(name)));
    }

    /**
     * {@return the array of that name, or {@code notFound}}
     *
     * @hidden
     */
    @Override
    public Object valAt(Object name, Object notFound) {
        String array = ArrayNames.of(name);
        return exists(array) ? valAt(array) : notFound;
    }

    /**
     * {@return whether there is an array of that name}
     *
     * @hidden
     */
    @Override
    public boolean containsKey(Object name) {
        return ArrayNames.isName(name) && exists(ArrayNames.of(name));
    }

    /**
     * {@return the name and its array, which is looked up when it is asked for; null if there is none}
     *
     * @hidden
     */
    @Override
    public IMapEntry entryAt(Object name) {
        return containsKey(name) ? new ArrayEntry(ArrayNames.of(name), this) : null;
    }

    /**
     * {@return the number of arrays}
     *
     * @hidden
     */
    @Override
    public int count() {
        return names().size();
    }

    /**
     * {@return the names with their arrays, which are looked up when they are asked for; null if there are none}
     *
     * @hidden
     */
    @Override
    public ISeq seq() {
        return PersistentVector.create(
                        names().stream().map(name -> new ArrayEntry(name, this)).toList())
                .seq();
    }

    /**
     * {@return what the function makes of the start, the names and their arrays, one after another}
     *
     * @hidden
     */
    @Override
    public Object kvreduce(IFn function, Object start) {
        Object result = start;
        for (String name : names()) {
            result = function.invoke(result, name, valAt(name));
            if (result instanceof Reduced reduced) {
                return reduced.deref();
            }
        }
        return result;
    }

    /**
     * Refuses, as it is not edited that way.
     *
     * @hidden
     */
    @Override
    public Associative assoc(Object name, Object array) {
        throw readOnly("assoc");
    }

    /**
     * Refuses, as it is not edited that way.
     *
     * @hidden
     */
    @Override
    public IPersistentCollection cons(Object entry) {
        throw readOnly("conj");
    }

    /**
     * Refuses, as there is no empty one.
     *
     * @hidden
     */
    @Override
    public IPersistentCollection empty() {
        throw readOnly("empty");
    }

    private static ReadOnlyException readOnly(String function) {
        return new ReadOnlyException("to " + function + " a pack or a scope is a map that can only be read: use "
                + "(npk/save! pack name array), (npk/delete! pack name), or (into {} pack) for a map of its arrays");
    }

    /**
     * {@return whether the other is this}
     *
     * @hidden
     */
    @Override
    public boolean equiv(Object other) {
        return this == other;
    }
}
