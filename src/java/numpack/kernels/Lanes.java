package numpack.kernels;

import numpack.DType;

/**
 * Conversion between the stored primitives and the two in which everything rare is computed: {@code long[]} for bool and integers,
 * {@code double[]} for the rest. Both are exact for add, subtract, multiply and divide: integers wrap when they are stored, and a
 * result in double rounds to float32 or float16 as if it had been computed there, since double has more than twice the digits.
 */
final class Lanes {
    private Lanes() {}

    /** Bool and integers as longs: signed types by value, unsigned types zero-extended (uint64 by its bits). */
    static void toLongs(DType type, Object items, int from, long[] into, int count) {
        switch (type) {
            case BOOL -> {
                byte[] a = (byte[]) items;
                for (int i = 0; i < count; i++) {
                    into[i] = a[from + i] == 0 ? 0 : 1;
                }
            }
            case INT8, UINT8 -> {
                byte[] a = (byte[]) items;
                long mask = type == DType.UINT8 ? 0xff : -1;
                for (int i = 0; i < count; i++) {
                    into[i] = a[from + i] & mask;
                }
            }
            case INT16, UINT16 -> {
                short[] a = (short[]) items;
                long mask = type == DType.UINT16 ? 0xffff : -1;
                for (int i = 0; i < count; i++) {
                    into[i] = a[from + i] & mask;
                }
            }
            case INT32, UINT32 -> {
                int[] a = (int[]) items;
                long mask = type == DType.UINT32 ? 0xffffffffL : -1;
                for (int i = 0; i < count; i++) {
                    into[i] = a[from + i] & mask;
                }
            }
            default -> System.arraycopy(items, from, into, 0, count);
        }
    }

    /** The reverse of {@link #toLongs}: keeps the low bits; for bool, whether there are any. */
    static void fromLongs(DType type, long[] values, Object items, int from, int count) {
        switch (type.kind()) {
            case BYTE -> {
                byte[] a = (byte[]) items;
                if (type == DType.BOOL) {
                    for (int i = 0; i < count; i++) {
                        a[from + i] = (byte) (values[i] == 0 ? 0 : 1);
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        a[from + i] = (byte) values[i];
                    }
                }
            }
            case SHORT -> {
                short[] a = (short[]) items;
                for (int i = 0; i < count; i++) {
                    a[from + i] = (short) values[i];
                }
            }
            case INT -> {
                int[] a = (int[]) items;
                for (int i = 0; i < count; i++) {
                    a[from + i] = (int) values[i];
                }
            }
            default -> System.arraycopy(values, 0, items, from, count);
        }
    }

    /** Items of any type as doubles; int64 and uint64 are rounded as numpy does, complex numbers come as pairs. */
    static void toDoubles(DType type, Object items, int from, double[] into, int count) {
        switch (type) {
            case FLOAT16 -> {
                short[] a = (short[]) items;
                for (int i = 0; i < count; i++) {
                    into[i] = Float16.toFloat(a[from + i]);
                }
            }
            case FLOAT32, COMPLEX64 -> {
                float[] a = (float[]) items;
                for (int i = 0; i < count; i++) {
                    into[i] = a[from + i];
                }
            }
            case FLOAT64, COMPLEX128 -> System.arraycopy(items, from, into, 0, count);
            case UINT64 -> {
                long[] a = (long[]) items;
                for (int i = 0; i < count; i++) {
                    into[i] = unsignedToDouble(a[from + i]);
                }
            }
            case INT64 -> {
                long[] a = (long[]) items;
                for (int i = 0; i < count; i++) {
                    into[i] = a[from + i];
                }
            }
            default -> {
                long[] longs = new long[count];
                toLongs(type, items, from, longs, count);
                for (int i = 0; i < count; i++) {
                    into[i] = longs[i];
                }
            }
        }
    }

    /** The reverse of {@link #toDoubles} for floating and complex types: rounds to the nearest, once. */
    static void fromDoubles(DType type, double[] values, Object items, int from, int count) {
        switch (type.kind()) {
            case SHORT -> {
                short[] a = (short[]) items;
                for (int i = 0; i < count; i++) {
                    a[from + i] = Float16.fromDouble(values[i]);
                }
            }
            case FLOAT -> {
                float[] a = (float[]) items;
                for (int i = 0; i < count; i++) {
                    a[from + i] = (float) values[i];
                }
            }
            default -> System.arraycopy(values, 0, items, from, count);
        }
    }

    /** Rounds to float32, which is what numpy computes in when it combines float16 with float32. */
    static void roundToFloat(double[] values, int from, int count) {
        for (int i = from; i < from + count; i++) {
            values[i] = (float) values[i];
        }
    }

    /** The nearest double of an unsigned 64-bit integer. */
    static double unsignedToDouble(long bits) {
        // The lowest bit is kept in the halved number, so that it still decides a tie.
        return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
    }
}
