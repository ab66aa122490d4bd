package numpack.kernels;

import numpack.DType;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** Copies elements from one dtype to another, as long as they fit. */
public final class Conversion {
    private static final int BLOCK = Blocks.SIZE;

    private final DType from;
    private final DType to;
    private final long[] longs = new long[BLOCK];
    private final double[] doubles = new double[2 * BLOCK];

    private Conversion(DType from, DType to) {
        this.from = from;
        this.to = to;
    }

    /**
     * Converts elements until one does not fit, by the rules of {@link Scalars}; a complex number fits a real dtype if its imaginary
     * part is zero.
     *
     * @param from the dtype of the source
     * @param source the elements
     * @param to the dtype of the target
     * @param target gets as many elements
     * @return the number of the first element that does not fit, or -1
     */
    public static long convert(DType from, Runs source, DType to, Runs target) {
        if (from == to) {
            source.copyTo(target);
            return -1;
        }
        return new Conversion(from, to).convert(source, target);
    }

    private long convert(Runs source, Runs target) {
        int inItems = from.itemsPerElement();
        int outItems = to.itemsPerElement();
        Object in = Memory.newArray(from.kind(), BLOCK * inItems);
        Object out = Memory.newArray(to.kind(), BLOCK * outItems);
        long elements = source.size() / inItems;
        target.markChanged();
        for (long at = 0; at < elements; at += BLOCK) {
            int n = (int) Math.min(BLOCK, elements - at);
            source.read(at * inItems, in, 0, n * inItems);
            int misfit = isWhole(from) ? convertWhole(in, out, n) : convertFloating(in, out, n);
            if (misfit >= 0) {
                return at + misfit;
            }
            target.write(at * outItems, out, 0, n * outItems);
        }
        return -1;
    }

    private static boolean isWhole(DType type) {
        return !type.isFloating() && !type.isComplex();
    }

    private int convertWhole(Object in, Object out, int n) {
        Lanes.toLongs(from, in, 0, longs, n);
        if (!isWhole(to)) {
            for (int i = 0; i < n; i++) {
                doubles[i] = toFloating(longs[i]);
            }
            return storeDoubles(out, n, true);
        }
        for (int i = 0; i < n; i++) {
            boolean fits = from == DType.UINT64 && longs[i] < 0 ? to == DType.UINT64 : Scalars.fits(to, longs[i]);
            if (!fits) {
                return i;
            }
        }
        Lanes.fromLongs(to, longs, out, 0, n);
        return -1;
    }

    /** Rounded once, also where the way to float leads through double. */
    private double toFloating(long value) {
        boolean huge = from == DType.UINT64 && value < 0;
        if (to.kind() == DType.Kind.FLOAT) {
            return huge ? (float) (value >>> 1 | value & 1) * 2 : (float) value;
        }
        return huge ? Lanes.unsignedToDouble(value) : value;
    }

    private int convertFloating(Object in, Object out, int n) {
        Lanes.toDoubles(from, in, 0, doubles, n * from.itemsPerElement());
        if (from.isComplex() && !to.isComplex()) {
            for (int i = 0; i < n; i++) {
                if (doubles[2 * i + 1] != 0) {
                    return i;
                }
                doubles[i] = doubles[2 * i];
            }
        }
        if (!isWhole(to)) {
            return storeDoubles(out, n, !from.isComplex());
        }
        for (int i = 0; i < n; i++) {
            if (!Scalars.fits(to, doubles[i])) {
                return i;
            }
            longs[i] = Scalars.bits(doubles[i]);
        }
        Lanes.fromLongs(to, longs, out, 0, n);
        return -1;
    }

    private int storeDoubles(Object out, int n, boolean real) {
        int items = n * to.itemsPerElement();
        if (to.isComplex() && real) {
            for (int i = n - 1; i >= 0; i--) {
                doubles[2 * i] = doubles[i];
                doubles[2 * i + 1] = 0;
            }
        }
        double most = to.kind() == DType.Kind.SHORT
                ? 65520
                : to.kind() == DType.Kind.FLOAT ? 0x1.ffffffp127 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < items; i++) {
            double size = Math.abs(doubles[i]);
            if (size >= most && size < Double.POSITIVE_INFINITY) {
                return i / to.itemsPerElement();
            }
        }
        Lanes.fromDoubles(to, doubles, out, 0, items);
        return -1;
    }
}
