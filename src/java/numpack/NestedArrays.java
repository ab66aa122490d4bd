package numpack;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import numpack.memory.HeapMemory;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** Joins nested primitive arrays, such as {@code float[][]}, into one; the dtype is theirs. */
final class NestedArrays {
    private final DType dtype;
    private final List<Long> shape = new ArrayList<>();
    private Runs target;
    private long at;

    private NestedArrays(DType dtype) {
        this.dtype = dtype;
    }

    static NDArray read(Object data, DType dtype) {
        NestedArrays reader = new NestedArrays(dtype);
        for (Object level = data; level != null && level.getClass().isArray(); level = Array.getLength(level) == 0 || !(level instanceof Object[]) ? null : Array.get(level, 0)) {
            reader.shape.add((long) Array.getLength(level));
        }
        while (reader.shape.size() < rank(data.getClass())) {
            reader.shape.add(0L);
        }
        long[] found = reader.shape.stream().mapToLong(Long::longValue).toArray();
        reader.target = Runs.of(Memory.allocate(dtype, NDArray.product(found)));
        reader.add(data, 0, "");
        return new NDArray(dtype, found, reader.target);
    }

    private static int rank(Class<?> type) {
        int rank = 0;
        for (Class<?> t = type; t.isArray(); t = t.getComponentType()) {
            rank++;
        }
        return rank;
    }

    private void add(Object data, int depth, String where) {
        if (data == null) {
            throw new DTypeMismatchException("nil at index [" + where.trim() + "] is not a list of numbers");
        }
        int length = Array.getLength(data);
        if (length != shape.get(depth)) {
            throw new ShapeMismatchException("the contents are ragged: the list at index [" + where.trim() + "] has " + length + " elements, the lists before it have "
                + shape.get(depth), "expected", shape.get(depth), "found", length);
        }
        if (data instanceof Object[] lists) {
            for (int i = 0; i < length; i++) {
                add(lists[i], depth + 1, where + " " + i);
            }
        } else if (length > 0) {
            Object primitives = data instanceof boolean[] flags ? NDArray.of(flags).toByteArray() : data;
            target.write(at, HeapMemory.of(primitives).array(), 0, length);
            at += length;
        }
    }
}
