package numpack.kernels;

import java.math.BigInteger;
import numpack.DType;
import numpack.memory.Memory;

/** Bool and integers. */
class WholeCodec extends Codec {
    final BigInteger smallest;
    final BigInteger largest;
    private final double least;
    private final double end;
    private final int width;
    /** The bits of a sign-extended item that are its value. */
    final long mask;

    private WholeCodec(DType dtype, int width) {
        super(dtype);
        this.width = width;
        boolean signed = !dtype.isUnsigned() && dtype != DType.BOOL;
        smallest = signed ? BigInteger.ONE.shiftLeft(width - 1).negate() : BigInteger.ZERO;
        largest = BigInteger.ONE.shiftLeft(signed ? width - 1 : width).subtract(BigInteger.ONE);
        least = smallest.doubleValue();
        end = largest.add(BigInteger.ONE).doubleValue();
        mask = signed || width == Long.SIZE ? -1 : (1L << width) - 1;
    }

    private WholeCodec(DType dtype) {
        this(dtype, 8 * dtype.itemSize());
    }

    /** The codec of bool or an integer dtype. */
    static WholeCodec forDType(DType dtype) {
        return (WholeCodec) Codec.of(dtype);
    }

    static WholeCodec make(DType dtype) {
        return dtype == DType.BOOL ? new Bools() : dtype == DType.UINT64 ? new UnsignedLongs() : new WholeCodec(dtype);
    }

    /** Whether an item can have this number, by its value. */
    boolean fits(long value) {
        return mask == -1 ? value << Long.SIZE - width >> Long.SIZE - width == value : (value & ~mask) == 0;
    }

    @Override
    boolean isWhole() {
        return true;
    }

    @Override
    public long getLong(Memory memory, long item) {
        return switch (dtype.kind()) {
            case BYTE -> memory.getByte(item) & mask;
            case SHORT -> memory.getShort(item) & mask;
            case INT -> memory.getInt(item) & mask;
            default -> memory.getLong(item);
        };
    }

    private void putBits(Memory memory, long item, long bits) {
        switch (dtype.kind()) {
            case BYTE -> memory.putByte(item, (byte) bits);
            case SHORT -> memory.putShort(item, (short) bits);
            case INT -> memory.putInt(item, (int) bits);
            default -> memory.putLong(item, bits);
        }
    }

    @Override
    void toLongs(Object items, int from, long[] into, int count) {
        if (items instanceof byte[] a) {
            for (int i = 0; i < count; i++) {
                into[i] = a[from + i] & mask;
            }
        } else if (items instanceof short[] a) {
            for (int i = 0; i < count; i++) {
                into[i] = a[from + i] & mask;
            }
        } else if (items instanceof int[] a) {
            for (int i = 0; i < count; i++) {
                into[i] = a[from + i] & mask;
            }
        } else {
            System.arraycopy(items, from, into, 0, count);
        }
    }

    @Override
    void fromLongs(long[] values, Object items, int from, int count) {
        if (items instanceof byte[] a) {
            for (int i = 0; i < count; i++) {
                a[from + i] = (byte) values[i];
            }
        } else if (items instanceof short[] a) {
            for (int i = 0; i < count; i++) {
                a[from + i] = (short) values[i];
            }
        } else if (items instanceof int[] a) {
            for (int i = 0; i < count; i++) {
                a[from + i] = (int) values[i];
            }
        } else {
            System.arraycopy(values, 0, items, from, count);
        }
    }

    @Override
    public Object get(Memory memory, long item) {
        return getLong(memory, item);
    }

    @Override
    public double getDouble(Memory memory, long item) {
        return getLong(memory, item);
    }

    @Override
    public void put(Memory memory, long item, Object value) {
        putBits(memory, item, Scalars.toLong(this, value));
    }

    @Override
    public void putDouble(Memory memory, long item, double value) {
        if (!fits(value)) {
            throw misfit(value);
        }
        putBits(memory, item, Scalars.bits(value));
    }

    @Override
    public void putLong(Memory memory, long item, long value) {
        if (!fits(value)) {
            throw misfit(value);
        }
        putBits(memory, item, value);
    }

    @Override
    void toDoubles(Object items, int from, double[] into, int count) {
        if (items instanceof long[] a) {
            for (int i = 0; i < count; i++) {
                into[i] = a[from + i];
            }
            return;
        }
        long[] longs = new long[count];
        toLongs(items, from, longs, count);
        for (int i = 0; i < count; i++) {
            into[i] = longs[i];
        }
    }

    @Override
    void fromDoubles(double[] values, Object items, int from, int count) {
        throw new AssertionError(dtype);
    }

    /** Never a fraction, NaN or infinity. */
    @Override
    boolean fits(double value) {
        return value == Math.rint(value) && value >= least && value < end;
    }

    @Override
    double round(double value) {
        throw new AssertionError(dtype);
    }

    @Override
    String range() {
        return "whole numbers from " + smallest + " to " + largest;
    }

    /** Every byte but 0 is true. */
    private static final class Bools extends WholeCodec {
        Bools() {
            super(DType.BOOL, 1);
        }

        @Override
        public Object get(Memory memory, long item) {
            return memory.getByte(item) != 0;
        }

        @Override
        public long getLong(Memory memory, long item) {
            return memory.getByte(item) == 0 ? 0 : 1;
        }

        @Override
        void toLongs(Object items, int from, long[] into, int count) {
            byte[] a = (byte[]) items;
            for (int i = 0; i < count; i++) {
                into[i] = a[from + i] == 0 ? 0 : 1;
            }
        }

        @Override
        void fromLongs(long[] values, Object items, int from, int count) {
            byte[] a = (byte[]) items;
            for (int i = 0; i < count; i++) {
                a[from + i] = (byte) (values[i] == 0 ? 0 : 1);
            }
        }

        @Override
        String range() {
            return "false and true (0 and 1)";
        }
    }

    /** The only ones that a long holds by their bits alone. */
    private static final class UnsignedLongs extends WholeCodec {
        UnsignedLongs() {
            super(DType.UINT64, Long.SIZE);
        }

        @Override
        public Object get(Memory memory, long item) {
            return Scalars.unsigned(memory.getLong(item));
        }

        @Override
        public double getDouble(Memory memory, long item) {
            return unsignedToDouble(memory.getLong(item));
        }

        @Override
        public void putLong(Memory memory, long item, long value) {
            memory.putLong(item, value);
        }

        @Override
        void toDoubles(Object items, int from, double[] into, int count) {
            long[] a = (long[]) items;
            for (int i = 0; i < count; i++) {
                into[i] = unsignedToDouble(a[from + i]);
            }
        }

        @Override
        boolean fits(long value) {
            return value >= 0;
        }
    }
}
