package numpack.memory;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import numpack.StorageException;

/** Allocates the space of a file where the file system cannot do it at once. */
final class Zeros {
    private static final int BLOCK = 1 << 18;

    private Zeros() {}

    static void write(Path path, long bytes) {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            byte[] zeros = new byte[(int) Math.min(BLOCK, bytes)];
            for (long done = 0; done < bytes; ) {
                int n = (int) Math.min(zeros.length, bytes - done);
                file.write(zeros, 0, n);
                done += n;
            }
        } catch (IOException e) {
            throw new StorageException(
                    "could not allocate " + bytes + " bytes for " + path + ": " + e.getMessage(),
                    e,
                    "path",
                    path.toString(),
                    "expected",
                    bytes);
        }
    }
}
