package numpack.kernels;

import clojure.lang.Tuple;
import numpack.DType;
import numpack.DTypeMismatchException;
import numpack.memory.Memory;

/** Floating dtypes, and the parts of complex ones. */
abstract class FloatingCodec extends Codec {
    /** The least double that rounds to infinity. */
    private final double end;

    private final String largest;

    private FloatingCodec(DType dtype, double end, String largest) {
        super(dtype);
        this.end = end;
        this.largest = largest;
    }

    static FloatingCodec make(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> new Halves();
            case FLOAT32, COMPLEX64 -> new Floats(dtype);
            default -> new Doubles(dtype);
        };
    }

    abstract double getPart(Memory memory, long item);

    abstract void putPart(Memory memory, long item, double value);

    @Override
    boolean isWhole() {
        return false;
    }

    @Override
    public Object get(Memory memory, long item) {
        double real = getPart(memory, item);
        return dtype.isComplex() ? Tuple.create(real, getPart(memory, item + 1)) : (Object) real;
    }

    @Override
    public double getDouble(Memory memory, long item) {
        if (dtype.isComplex()) {
            throw new DTypeMismatchException(
                    "an element of an array of " + dtype + " is no single double; use get", "found", dtype);
        }
        return getPart(memory, item);
    }

    @Override
    public long getLong(Memory memory, long item) {
        throw new DTypeMismatchException(
                "an element of an array of " + dtype + " is no long; use getDouble or get",
                "expected",
                Operands.those(type -> type.isInteger() || type == DType.BOOL),
                "found",
                dtype);
    }

    @Override
    public void put(Memory memory, long item, Object value) {
        if (dtype.isComplex()) {
            double[] pair = Scalars.toComplex(this, value);
            putPart(memory, item, pair[0]);
            putPart(memory, item + 1, pair[1]);
        } else {
            putPart(memory, item, Scalars.toDouble(this, value));
        }
    }

    @Override
    public void putDouble(Memory memory, long item, double value) {
        if (dtype.isComplex()) {
            put(memory, item, value);
        } else if (fits(value)) {
            putPart(memory, item, value);
        } else {
            throw misfit(value);
        }
    }

    @Override
    public void putLong(Memory memory, long item, long value) {
        put(memory, item, value);
    }

    @Override
    void toLongs(Object items, int from, long[] into, int count) {
        throw new AssertionError(dtype);
    }

    @Override
    void fromLongs(long[] values, Object items, int from, int count) {
        throw new AssertionError(dtype);
    }

    @Override
    boolean fits(double value) {
        double size = Math.abs(value);
        return !(size >= end && size < Double.POSITIVE_INFINITY);
    }

    @Override
    String range() {
        return (dtype.isComplex() ? "numbers and pairs [re im]" : "real numbers") + largest;
    }

    private static final class Halves extends FloatingCodec {
        Halves() {
            super(DType.FLOAT16, 65520, " up to 65504");
        }

        @Override
        double getPart(Memory memory, long item) {
            return Float16.toFloat(memory.getShort(item));
        }

        @Override
        void putPart(Memory memory, long item, double value) {
            memory.putShort(item, Float16.fromDouble(value));
        }

        @Override
        void toDoubles(Object items, int from, double[] into, int count) {
            short[] a = (short[]) items;
            for (int i = 0; i < count; i++) {
                into[i] = Float16.toFloat(a[from + i]);
            }
        }

        @Override
        void fromDoubles(double[] values, Object items, int from, int count) {
            short[] a = (short[]) items;
            for (int i = 0; i < count; i++) {
                a[from + i] = Float16.fromDouble(values[i]);
            }
        }

        @Override
        double round(double value) {
            return Float16.toFloat(Float16.fromDouble(value));
        }
    }

    private static final class Floats extends FloatingCodec {
        Floats(DType dtype) {
            super(dtype, 0x1.ffffffp127, " up to " + Float.MAX_VALUE);
        }

        @Override
        double getPart(Memory memory, long item) {
            return memory.getFloat(item);
        }

        @Override
        void putPart(Memory memory, long item, double value) {
            memory.putFloat(item, (float) value);
        }

        @Override
        void toDoubles(Object items, int from, double[] into, int count) {
            float[] a = (float[]) items;
            for (int i = 0; i < count; i++) {
                into[i] = a[from + i];
            }
        }

        @Override
        void fromDoubles(double[] values, Object items, int from, int count) {
            float[] a = (float[]) items;
            for (int i = 0; i < count; i++) {
                a[from + i] = (float) values[i];
            }
        }

        @Override
        double round(double value) {
            return (float) value;
        }

        @Override
        double round(Number whole) {
            return whole.floatValue();
        }

        @Override
        double round(long whole) {
            return (float) whole;
        }

        @Override
        double roundUnsigned(long bits) {
            return (float) (bits >>> 1 | bits & 1) * 2;
        }
    }

    private static final class Doubles extends FloatingCodec {
        Doubles(DType dtype) {
            super(dtype, Double.POSITIVE_INFINITY, "");
        }

        @Override
        double getPart(Memory memory, long item) {
            return memory.getDouble(item);
        }

        @Override
        void putPart(Memory memory, long item, double value) {
            memory.putDouble(item, value);
        }

        @Override
        void toDoubles(Object items, int from, double[] into, int count) {
            System.arraycopy(items, from, into, 0, count);
        }

        @Override
        void fromDoubles(double[] values, Object items, int from, int count) {
            System.arraycopy(values, 0, items, from, count);
        }

        @Override
        double round(double value) {
            return value;
        }
    }
}
