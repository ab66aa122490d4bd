package numpack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a pack is, told without this library's codecs: for packs that it would not write. */
final class ForeignPack {
    private ForeignPack() {}

    /** An array of a dtype code, whose elements take so many bytes. */
    record Array(String name, int dtype, long itemSize, String dataFile, long... shape) {
        long bytes() {
            long bytes = itemSize;
            for (long n : shape) {
                bytes *= n;
            }
            return bytes;
        }

        byte[] entry() {
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            byte[] file = dataFile.getBytes(StandardCharsets.UTF_8);
            ByteBuffer b = ByteBuffer.allocate(51 + text.length + file.length + 8 * shape.length)
                    .order(ByteOrder.LITTLE_ENDIAN);
            b.putInt(text.length).put(text).putInt(shape.length);
            for (long n : shape) {
                b.putLong(n);
            }
            b.putInt(file.length).put(file);
            b.putLong(1_700_000_000_000_000L).putLong(bytes()).put((byte) dtype);
            return b.array();
        }
    }

    static byte[] metadata(Array... arrays) {
        long total = 0;
        int length = 20;
        for (Array a : arrays) {
            total += a.bytes();
            length += a.entry().length;
        }
        ByteBuffer b = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        b.put("NPKB".getBytes(StandardCharsets.US_ASCII))
                .putInt(1)
                .putLong(total)
                .putInt(arrays.length);
        for (Array a : arrays) {
            b.put(a.entry());
        }
        return b.array();
    }

    /** A pack of these arrays, whose elements are bytes counted from 0. */
    static void write(Path pack, Array... arrays) throws IOException {
        Files.createDirectories(pack);
        Files.write(pack.resolve("metadata.npkm"), metadata(arrays));
        for (Array a : arrays) {
            byte[] bytes = new byte[(int) a.bytes()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
            }
            Files.write(pack.resolve(a.dataFile), bytes);
        }
    }
}
