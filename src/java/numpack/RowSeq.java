package numpack;

import clojure.lang.Counted;
import clojure.lang.IDeref;
import clojure.lang.IFn;
import clojure.lang.IMapEntry;
import clojure.lang.IPersistentCollection;
import clojure.lang.IReduce;
import clojure.lang.ISeq;
import clojure.lang.ITransientAssociative;
import clojure.lang.ITransientAssociative2;
import clojure.lang.ITransientCollection;
import clojure.lang.Indexed;
import clojure.lang.IteratorSeq;
import clojure.lang.MapEntry;
import clojure.lang.RT;
import clojure.lang.Seqable;
import java.util.Iterator;
import java.util.NoSuchElementException;
import numpack.format.Shape;

/**
 * An array as a sequence of its rows, and of its elements at rank 1: what Clojure's own functions and Java's loops see of it.
 *
 * <p>It is no persistent collection, which {@code clojure.walk} and tools that print would take apart, and no {@code List}, which
 * dtype-next would treat as a list of objects. {@code contains?} and {@code find} know it by the interface of transients, which edit in
 * place as arrays do, and have it without being collections.
 *
 * <p>Javadoc leaves out of {@link NDArray} what only Clojure calls.
 */
abstract sealed class RowSeq implements Counted, Indexed, IReduce, ITransientAssociative2, Iterable<Object>, Seqable
        permits ArrayElements {
    /** {@return its number of rows, shape[0]} */
    public abstract long rows();

    /** Row i as a view; at rank 1 the element. */
    abstract Object at(long i);

    /**
     * {@return the number of rows}
     *
     * @hidden
     */
    @Override
    public int count() {
        if (rows() > Integer.MAX_VALUE) {
            throw new ArithmeticException(
                    "an array of " + rows() + " rows has more than an int can count; use rows or shape");
        }
        return (int) rows();
    }

    /**
     * {@return row i as a view; at rank 1 the element}
     *
     * @hidden
     */
    @Override
    public Object nth(int i) {
        if (i < 0 || i >= rows()) {
            throw Shape.outOfRange(i, 0, rows());
        }
        return at(i);
    }

    /**
     * {@return row i as a view, at rank 1 the element; {@code notFound} if it is out of range}
     *
     * @hidden
     */
    @Override
    public Object nth(int i, Object notFound) {
        return i >= 0 && i < rows() ? at(i) : notFound;
    }

    /** {@return the rows one by one, as views; at rank 1 the elements} */
    @Override
    public Iterator<Object> iterator() {
        return new Iterator<>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < rows();
            }

            @Override
            public Object next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("no row after the last");
                }
                return at(next++);
            }
        };
    }

    /**
     * {@return the rows one by one, at rank 1 the elements; null if there are none}
     *
     * @hidden
     */
    @Override
    public ISeq seq() {
        return IteratorSeq.create(iterator());
    }

    /**
     * {@return what the function makes of the rows, at rank 1 of the elements, one after another; of none, what it gives without
     * arguments}
     *
     * @hidden
     */
    @Override
    public Object reduce(IFn function) {
        return count() == 0 ? function.invoke() : reduce(function, nth(0), 1);
    }

    /**
     * {@return what the function makes of the start and the rows, at rank 1 the elements, one after another}
     *
     * @hidden
     */
    @Override
    public Object reduce(IFn function, Object start) {
        return reduce(function, start, 0);
    }

    private Object reduce(IFn function, Object start, int from) {
        Object result = start;
        for (int i = from; i < count(); i++) {
            result = function.invoke(result, nth(i));
            if (RT.isReduced(result)) {
                return ((IDeref) result).deref();
            }
        }
        return result;
    }

    // ---- rows by key, as those of a vector

    /**
     * {@return row {@code key}, at rank 1 the element; null if there is none}
     *
     * @hidden
     */
    @Override
    public Object valAt(Object key) {
        return valAt(key, null);
    }

    /**
     * {@return row {@code key}, at rank 1 the element; {@code notFound} if there is none}
     *
     * @hidden
     */
    @Override
    public Object valAt(Object key, Object notFound) {
        return containsKey(key) ? at(((Number) key).longValue()) : notFound;
    }

    /**
     * {@return whether {@code key} is the number of a row}
     *
     * @hidden
     */
    @Override
    public boolean containsKey(Object key) {
        boolean isIndex = key instanceof Long || key instanceof Integer || key instanceof Short || key instanceof Byte;
        return isIndex && ((Number) key).longValue() >= 0 && ((Number) key).longValue() < rows();
    }

    /**
     * {@return {@code key} and that row; null if there is none}
     *
     * @hidden
     */
    @Override
    public IMapEntry entryAt(Object key) {
        return containsKey(key) ? MapEntry.create(key, valAt(key)) : null;
    }

    /**
     * Refuses, as it is not edited that way.
     *
     * @hidden
     */
    @Override
    public ITransientAssociative assoc(Object key, Object row) {
        throw notThatWay("assoc!");
    }

    /**
     * Refuses, as it is not edited that way.
     *
     * @hidden
     */
    @Override
    public ITransientCollection conj(Object row) {
        throw notThatWay("conj!");
    }

    /**
     * Refuses, as it is not edited that way.
     *
     * @hidden
     */
    @Override
    public IPersistentCollection persistent() {
        throw notThatWay("persistent!");
    }

    private static ReadOnlyException notThatWay(String function) {
        return new ReadOnlyException(
                "arrays have no " + function + ": (npk/mset! array i value) sets a row or an element, "
                        + "(npk/append! pack name rows) adds rows to an array of a pack, (vec array) makes a vector");
    }
}
