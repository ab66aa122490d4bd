package numpack;

import clojure.lang.Counted;
import clojure.lang.IDeref;
import clojure.lang.IFn;
import clojure.lang.IReduce;
import clojure.lang.ISeq;
import clojure.lang.Indexed;
import clojure.lang.IteratorSeq;
import clojure.lang.RT;
import clojure.lang.Seqable;
import java.util.Iterator;

/** An array as a sequence of its rows, and of its elements at rank 1: what Clojure's own functions see of it. */
abstract sealed class RowSeq implements Counted, Indexed, IReduce, Seqable permits ArrayElements {
    /** {@return its number of rows, shape[0]} */
    public abstract long rows();

    /** {@return row i as a view; at rank 1 the element} */
    abstract Object at(long i);

    /** {@return the number of rows} */
    @Override
    public int count() {
        if (rows() > Integer.MAX_VALUE) {
            throw new ArithmeticException(
                    "an array of " + rows() + " rows has more than an int can count; use rows or shape");
        }
        return (int) rows();
    }

    /** {@return row i as a view; at rank 1 the element} */
    @Override
    public Object nth(int i) {
        if (i < 0 || i >= rows()) {
            throw Shape.outOfRange(i, 0, rows());
        }
        return at(i);
    }

    /** {@return row i as a view, at rank 1 the element; {@code notFound} if it is out of range} */
    @Override
    public Object nth(int i, Object notFound) {
        return i >= 0 && i < rows() ? nth(i) : notFound;
    }

    /** {@return the rows one by one, at rank 1 the elements; null if there are none} */
    @Override
    public ISeq seq() {
        return IteratorSeq.create(new Iterator<Object>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < rows();
            }

            @Override
            public Object next() {
                long i = next++;
                return at(i);
            }
        });
    }

    /**
     * {@return what the function makes of the rows, at rank 1 of the elements, one after another; of none, what it gives without
     * arguments}
     */
    @Override
    public Object reduce(IFn function) {
        return count() == 0 ? function.invoke() : reduce(function, nth(0), 1);
    }

    /** {@return what the function makes of the start and the rows, at rank 1 the elements, one after another} */
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
}
