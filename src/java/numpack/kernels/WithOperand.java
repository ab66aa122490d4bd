package numpack.kernels;

/** A kernel that combines each item with one of a second array, which begins anew when it ends. */
final class WithOperand implements Kernel {
    /** What happens to two stretches of the same length; the first is changed. */
    interface Pairing {
        void apply(Object items, int from, Object operand, int operandFrom, int count);
    }

    private final Reader operand;
    private final Pairing pairing;

    WithOperand(Reader operand, Pairing pairing) {
        this.operand = operand;
        this.pairing = pairing;
    }

    @Override
    public void apply(Object items, int from, int count, long item) {
        int n;
        for (int at = 0; at < count; at += n) {
            long other = (item + at) % operand.size();
            n = (int) Math.min(Math.min(Blocks.SIZE, count - at), operand.size() - other);
            operand.read(other, n);
            pairing.apply(items, from + at, operand.array(), operand.from(), n);
        }
    }
}
