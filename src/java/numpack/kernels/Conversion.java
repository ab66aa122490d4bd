package numpack.kernels;

import numpack.DType;
import numpack.memory.PrimitiveArrays;
import numpack.memory.Runs;

/** Copies elements from one dtype to another, as long as they fit. */
public final class Conversion {
    private final Codec from;
    private final Codec to;
    private final int block;
    private final long[] longs;
    private final double[] doubles;

    private Conversion(DType from, DType to, long elements) {
        this.from = Codec.of(from);
        this.to = Codec.of(to);
        this.block = (int) Math.min(Blocks.SIZE, elements);
        this.longs = new long[block];
        this.doubles = new double[2 * block];
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
        long elements = source.size() / from.itemsPerElement();
        return new Conversion(from, to, elements).convert(source, target, elements);
    }

    private long convert(Runs source, Runs target, long elements) {
        int inItems = from.dtype.itemsPerElement();
        int outItems = to.dtype.itemsPerElement();
        Object in = PrimitiveArrays.zeros(from.dtype.kind(), block * inItems);
        Object out = PrimitiveArrays.zeros(to.dtype.kind(), block * outItems);
        target.markChanged();
        for (long at = 0; at < elements; at += block) {
            int n = (int) Math.min(block, elements - at);
            source.read(at * inItems, in, 0, n * inItems);
            int misfit = from.isWhole() ? convertWhole(in, out, n) : convertFloating(in, out, n);
            if (misfit >= 0) {
                return at + misfit;
            }
            target.write(at * outItems, out, 0, n * outItems);
        }
        return -1;
    }

    private int convertWhole(Object in, Object out, int n) {
        from.toLongs(in, 0, longs, n);
        boolean unsigned = from.dtype == DType.UINT64;
        if (to instanceof WholeCodec whole) {
            for (int i = 0; i < n; i++) {
                if (unsigned && longs[i] < 0 || !whole.fits(longs[i])) {
                    return i;
                }
            }
            to.fromLongs(longs, out, 0, n);
            return -1;
        }
        for (int i = 0; i < n; i++) {
            doubles[i] = unsigned && longs[i] < 0 ? to.roundUnsigned(longs[i]) : to.round(longs[i]);
        }
        return storeDoubles(out, n, true);
    }

    private int convertFloating(Object in, Object out, int n) {
        from.toDoubles(in, 0, doubles, n * from.dtype.itemsPerElement());
        boolean parts = from.dtype.isComplex();
        if (parts && !to.dtype.isComplex()) {
            for (int i = 0; i < n; i++) {
                if (doubles[2 * i + 1] != 0) {
                    return i;
                }
                doubles[i] = doubles[2 * i];
            }
        }
        if (!to.isWhole()) {
            return storeDoubles(out, n, !parts);
        }
        for (int i = 0; i < n; i++) {
            if (!to.fits(doubles[i])) {
                return i;
            }
            longs[i] = Scalars.bits(doubles[i]);
        }
        to.fromLongs(longs, out, 0, n);
        return -1;
    }

    private int storeDoubles(Object out, int n, boolean real) {
        int items = n * to.dtype.itemsPerElement();
        if (to.dtype.isComplex() && real) {
            for (int i = n - 1; i >= 0; i--) {
                doubles[2 * i] = doubles[i];
                doubles[2 * i + 1] = 0;
            }
        }
        for (int i = 0; i < items; i++) {
            if (!to.fits(doubles[i])) {
                return i / to.dtype.itemsPerElement();
            }
        }
        to.fromDoubles(doubles, out, 0, items);
        return -1;
    }
}
