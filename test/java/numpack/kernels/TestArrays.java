package numpack.kernels;

import java.lang.reflect.Array;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import numpack.DType;
import numpack.memory.Memory;
import numpack.memory.PrimitiveArrays;
import numpack.memory.Runs;

/** Items laid out in memory in every way that matters to a kernel. */
public final class TestArrays {
    private TestArrays() {}

    /** The same items in one piece and in several, on the heap and off it. */
    static Map<String, Runs> layouts(DType type, Object items) {
        Map<String, Runs> layouts = new LinkedHashMap<>();
        layouts.put("heap", heap(type, items));
        layouts.put("native", Runs.of(nativeCopy(type, items), 0, length(items)));
        layouts.put("pieces", pieces(type, items));
        return layouts;
    }

    static Runs heap(DType type, Object items) {
        int n = length(items);
        Memory memory = Memory.allocate(type, n / type.itemsPerElement());
        memory.write(0, items, 0, n);
        return Runs.of(memory);
    }

    public static Memory nativeCopy(DType type, Object items) {
        int n = length(items);
        Memory memory = Memory.allocateNative(type.kind(), Math.max(1, n));
        memory.write(0, items, 0, n);
        return memory;
    }

    /** Every third stretch lies off the heap; lengths are even, as those of complex rows, but meet no block's edge. */
    private static Runs pieces(DType type, Object items) {
        int n = length(items);
        List<Runs> parts = new ArrayList<>();
        int length = 2;
        for (int from = 0; from < n; from += length) {
            length = Math.min(n - from, new int[] {2, 6, 1026, 350, 2998}[parts.size() % 5]);
            Object part = PrimitiveArrays.zeros(type.kind(), length + 4);
            System.arraycopy(items, from, part, 2, length);
            Memory memory = parts.size() % 3 == 2
                    ? nativeCopy(type, part)
                    : heap(type, part).memory(0);
            parts.add(Runs.of(memory, 2, length));
        }
        return parts.isEmpty() ? heap(type, items) : Runs.concat(parts);
    }

    static Object items(Runs runs, DType type) {
        Object items = PrimitiveArrays.zeros(type.kind(), (int) runs.size());
        runs.read(0, items, 0, (int) runs.size());
        return items;
    }

    static int length(Object array) {
        return Array.getLength(array);
    }

    static Object fromHex(DType type, String hex) {
        return fromBytes(
                type.kind(), hex.equals("-") ? new byte[0] : HexFormat.of().parseHex(hex));
    }

    /** A primitive array from the bytes of its items. */
    public static Object fromBytes(DType.Kind kind, byte[] littleEndian) {
        ByteBuffer in = ByteBuffer.wrap(littleEndian).order(ByteOrder.LITTLE_ENDIAN);
        Object items = PrimitiveArrays.zeros(kind, littleEndian.length / kind.bytes());
        switch (kind) {
            case BYTE -> in.get((byte[]) items);
            case SHORT -> in.asShortBuffer().get((short[]) items);
            case INT -> in.asIntBuffer().get((int[]) items);
            case LONG -> in.asLongBuffer().get((long[]) items);
            case FLOAT -> in.asFloatBuffer().get((float[]) items);
            case DOUBLE -> in.asDoubleBuffer().get((double[]) items);
        }
        return items;
    }

    /** Random items of a type: any bits for integers, numbers of ordinary size for the rest. */
    static Object random(DType type, int n, Random random) {
        Object items = PrimitiveArrays.zeros(type.kind(), n);
        for (int i = 0; i < n; i++) {
            switch (type.kind()) {
                case BYTE -> ((byte[]) items)[i] = (byte) (type == DType.BOOL ? random.nextInt(2) : random.nextInt());
                case SHORT ->
                    ((short[]) items)[i] = type == DType.FLOAT16
                            ? Float16.fromFloat((float) random.nextGaussian())
                            : (short) random.nextInt();
                case INT -> ((int[]) items)[i] = random.nextInt();
                case LONG -> ((long[]) items)[i] = random.nextLong();
                case FLOAT -> ((float[]) items)[i] = (float) random.nextGaussian();
                case DOUBLE -> ((double[]) items)[i] = random.nextGaussian();
            }
        }
        return items;
    }

    /** The value of an item of a real type. */
    static double asDouble(DType type, Object items, int i) {
        return type.isFloating() ? floating(items, i) : asLong(type, items, i).doubleValue();
    }

    static double floating(Object items, int i) {
        return items instanceof short[] s
                ? Float16.toFloat(s[i])
                : items instanceof float[] f ? f[i] : ((double[]) items)[i];
    }

    /** The value of an integer or bool item. */
    static BigInteger asLong(DType type, Object items, int i) {
        long bits = ((Number) Array.get(items, i)).longValue();
        BigInteger value = BigInteger.valueOf(bits);
        return type.isUnsigned() && bits < 0 ? value.add(BigInteger.ONE.shiftLeft(8 * type.itemSize())) : value;
    }
}
