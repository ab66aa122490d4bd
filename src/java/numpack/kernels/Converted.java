package numpack.kernels;

import numpack.DType;

/** A kernel over longs or doubles, for items that are stored as something else. */
final class Converted implements Kernel {
    private final DType type;
    private final Kernel kernel;
    private final boolean integers;
    private final Object lane;

    Converted(DType type, Kernel kernel) {
        this.type = type;
        this.kernel = kernel;
        integers = !type.isFloating() && !type.isComplex();
        lane = integers ? new long[Blocks.SIZE] : new double[Blocks.SIZE];
    }

    @Override
    public void apply(Object items, int from, int count, long item) {
        for (int at = 0; at < count; at += Blocks.SIZE) {
            int n = Math.min(Blocks.SIZE, count - at);
            if (integers) {
                Lanes.toLongs(type, items, from + at, (long[]) lane, n);
                kernel.apply(lane, 0, n, item + at);
                Lanes.fromLongs(type, (long[]) lane, items, from + at, n);
            } else {
                Lanes.toDoubles(type, items, from + at, (double[]) lane, n);
                kernel.apply(lane, 0, n, item + at);
                Lanes.fromDoubles(type, (double[]) lane, items, from + at, n);
            }
        }
    }
}
