package numpack.memory;

import java.lang.reflect.Array;
import java.util.Objects;
import numpack.DType;

/** The Java arrays that hold elements: one type for each kind. */
public final class PrimitiveArrays {
    private PrimitiveArrays() {}

    /**
     * The kind of a primitive array.
     *
     * @param array any object
     * @return its kind; null if it is no array, or one of something else
     */
    public static DType.Kind kindOf(Object array) {
        if (array instanceof float[]) {
            return DType.Kind.FLOAT;
        } else if (array instanceof double[]) {
            return DType.Kind.DOUBLE;
        } else if (array instanceof byte[]) {
            return DType.Kind.BYTE;
        } else if (array instanceof int[]) {
            return DType.Kind.INT;
        } else if (array instanceof long[]) {
            return DType.Kind.LONG;
        }
        return array instanceof short[] ? DType.Kind.SHORT : null;
    }

    /**
     * A primitive array full of zeros.
     *
     * @param kind its primitive
     * @param length its length
     * @return the array, never null
     */
    public static Object zeros(DType.Kind kind, int length) {
        return switch (kind) {
            case BYTE -> new byte[length];
            case SHORT -> new short[length];
            case INT -> new int[length];
            case LONG -> new long[length];
            case FLOAT -> new float[length];
            case DOUBLE -> new double[length];
        };
    }

    /** Where items of an array lie for {@link Bulk}, once it is certain that it has them and is of that kind. */
    static long place(DType.Kind kind, Object array, int at, int count) {
        if (kindOf(array) != kind) {
            throw new IllegalArgumentException(
                    "a " + array.getClass().getSimpleName() + " cannot hold items of kind " + kind);
        }
        Objects.checkFromIndexSize(at, count, Array.getLength(array));
        return Bulk.base(kind) + (long) at * kind.bytes();
    }
}
