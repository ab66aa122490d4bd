package numpack.kernels;

import numpack.DType;

/** A kernel over longs or doubles, for items that are stored as something else. */
final class Converted implements Kernel {
    private final Codec codec;
    private final Kernel kernel;
    private final Object lane;

    Converted(DType dtype, Kernel kernel) {
        this.codec = Codec.of(dtype);
        this.kernel = kernel;
        lane = codec.isWhole() ? new long[Blocks.SIZE] : new double[Blocks.SIZE];
    }

    @Override
    public void apply(Object items, int from, int count, long item) {
        for (int at = 0; at < count; at += Blocks.SIZE) {
            int n = Math.min(Blocks.SIZE, count - at);
            if (codec.isWhole()) {
                codec.toLongs(items, from + at, (long[]) lane, n);
                kernel.apply(lane, 0, n, item + at);
                codec.fromLongs((long[]) lane, items, from + at, n);
            } else {
                codec.toDoubles(items, from + at, (double[]) lane, n);
                kernel.apply(lane, 0, n, item + at);
                codec.fromDoubles((double[]) lane, items, from + at, n);
            }
        }
    }
}
