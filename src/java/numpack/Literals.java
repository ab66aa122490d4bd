package numpack;

import java.util.List;
import java.util.Map;
import numpack.format.Shape;

/** What contents mean that a caller gives: arrays, primitive arrays, nested ones, and lists of numbers or of arrays. */
final class Literals {
    private static final Map<Class<?>, DType> STORED_AS = Map.of(
            boolean.class, DType.BOOL,
            byte.class, DType.INT8,
            short.class, DType.INT16,
            int.class, DType.INT32,
            long.class, DType.INT64,
            float.class, DType.FLOAT32,
            double.class, DType.FLOAT64);

    private Literals() {}

    /** The array that contents mean by themselves. */
    static NDArray read(Object data) {
        NDArray typed = typed(data);
        return typed == null ? NestedData.read(data, null) : typed;
    }

    /** The array that contents mean, with a dtype. */
    static NDArray read(Object data, DType dtype) {
        if (data instanceof NDArray array) {
            return array.dtype() == dtype ? array : array.to(dtype);
        }
        NDArray typed = typed(data);
        NDArray plain = typed == null ? NestedData.read(data, part(dtype)) : typed;
        if (plain.dtype() == dtype) {
            return plain;
        }
        return dtype.isComplex() && !plain.dtype().isComplex() ? plain.pairs(dtype) : plain.to(dtype);
    }

    /** The dtype of the real and the imaginary parts; of other dtypes themselves. */
    static DType part(DType dtype) {
        return switch (dtype) {
            case COMPLEX64 -> DType.FLOAT32;
            case COMPLEX128 -> DType.FLOAT64;
            default -> dtype;
        };
    }

    /** The array that contents with a dtype of their own mean; null for plain numbers and lists of them. */
    static NDArray typed(Object data) {
        if (data instanceof NDArray array) {
            return array;
        }
        if (data instanceof List<?> arrays) {
            return NestedArrays.stack(arrays, Shape.MAX_RANK);
        }
        DType dtype = data == null ? null : STORED_AS.get(innermost(data.getClass()));
        if (dtype == null || !data.getClass().isArray()) {
            return null;
        }
        if (data instanceof boolean[] flags) {
            return NDArray.of(flags);
        }
        return data.getClass().getComponentType().isPrimitive()
                ? NDArray.wrap(dtype, data)
                : NestedArrays.read(data, dtype);
    }

    /** Whether contents have a dtype of their own that is not to be converted: an array, or primitives. */
    static boolean isTyped(Object data) {
        return data instanceof NDArray || innermost(data.getClass()).isPrimitive();
    }

    /** The class of the elements of an array's class, however deeply it is nested. */
    private static Class<?> innermost(Class<?> type) {
        Class<?> inner = type;
        while (inner.isArray()) {
            inner = inner.getComponentType();
        }
        return inner;
    }
}
