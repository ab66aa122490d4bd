package numpack.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import numpack.DType;

/** Files of zeros to be mapped. */
final class MappedFiles {
    private MappedFiles() {}

    /** Writable memory over a file that has no name any more. */
    static Memory map(DType.Kind kind, long items) {
        try {
            Path file = Files.createTempFile("numpack", ".items");
            try {
                Memory.allocateFile(file, items * kind.bytes());
                return Memory.map(file, kind, items * kind.bytes(), true);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
