package numpack;

import numpack.memory.Runs;

/** A 64-bit hash of elements, to tell whether an array was edited. Not for adversaries: two differing arrays agree once in 2^64. */
final class Hash64 {
    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final int BLOCK = 1 << 13;
    private static final java.lang.invoke.VarHandle LONG =
            java.lang.invoke.MethodHandles.byteArrayViewVarHandle(long[].class, java.nio.ByteOrder.LITTLE_ENDIAN);

    private Hash64() {}

    /** Four independent lanes of xxHash64's round over blocks of bytes. */
    static long of(Runs elements) {
        long size = elements.size() * elements.kind().bytes();
        byte[] block = new byte[BLOCK];
        long a = PRIME_1;
        long b = PRIME_2;
        long c = 0;
        long d = -PRIME_1;
        for (long at = 0; at < size; at += BLOCK) {
            int n = (int) Math.min(BLOCK, size - at);
            elements.readBytes(at, block, 0, n);
            java.util.Arrays.fill(block, n, BLOCK, (byte) 0);
            for (int i = 0; i < n; i += 32) {
                a = round(a, (long) LONG.get(block, i));
                b = round(b, (long) LONG.get(block, i + 8));
                c = round(c, (long) LONG.get(block, i + 16));
                d = round(d, (long) LONG.get(block, i + 24));
            }
        }
        long h = round(round(round(round(size, a), b), c), d);
        h = (h ^ h >>> 33) * PRIME_2;
        return h ^ h >>> 29;
    }

    private static long round(long lane, long input) {
        return Long.rotateLeft(lane + input * PRIME_2, 31) * PRIME_1;
    }
}
