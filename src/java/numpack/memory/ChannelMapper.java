package numpack.memory;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.Buffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import net.openhft.chronicle.core.UnsafeMemory;
import numpack.CorruptPackException;
import numpack.StorageException;

/**
 * Maps through the JDK, where there is no Linux or no JNR: at most 2 GiB a file, and a frozen mapping only refuses access through this
 * library's own arrays.
 */
final class ChannelMapper implements Mapper {
    @Override
    public Mapping map(Path file, long bytes, boolean writable) {
        Mapper.requireBytes(file, bytes);
        if (bytes > Integer.MAX_VALUE) {
            throw new StorageException(
                    file + " has " + bytes
                            + " bytes; more than 2 GiB can only be mapped on Linux, with JNR on the class path",
                    null,
                    "path",
                    file.toString(),
                    "found",
                    bytes);
        }
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(file, writable ? Set.of(READ, WRITE) : Set.of(READ))) {
            if (channel.size() < bytes) {
                throw new CorruptPackException(
                        file + " has " + channel.size() + " bytes where " + bytes
                                + " are needed; restore it, or save the array again",
                        null,
                        "path",
                        file.toString(),
                        "expected",
                        bytes,
                        "found",
                        channel.size());
            }
            return new ChannelMapping(
                    file,
                    channel.map(writable ? FileChannel.MapMode.READ_WRITE : FileChannel.MapMode.READ_ONLY, 0, bytes));
        } catch (IOException e) {
            throw new StorageException("could not map " + file + ": " + e.getMessage(), e, "path", file.toString());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void allocate(Path file, long bytes) {
        Zeros.write(file, bytes);
    }

    private record ChannelMapping(Path file, MappedByteBuffer buffer) implements Mapping {
        private static final long ADDRESS;

        static {
            try {
                ADDRESS = UnsafeMemory.unsafeObjectFieldOffset(Buffer.class.getDeclaredField("address"));
            } catch (NoSuchFieldException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        @Override
        public long address() {
            return UnsafeMemory.unsafeGetLong(buffer, ADDRESS);
        }

        @Override
        public void sync() {
            try {
                buffer.force();
            } catch (java.io.UncheckedIOException e) {
                throw new StorageException(
                        "could not force " + file + ": " + e.getMessage(), e, "path", file.toString());
            }
        }

        @Override
        public void freeze() {
            // the JDK has no call for it; Memory refuses access by its flag
        }

        @Override
        public void populate(long offset, long bytes) {
            // the JDK has no call for it
        }

        @Override
        public long lastModified() {
            try {
                return Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
            } catch (IOException e) {
                throw new StorageException(
                        "could not look at " + file + ": " + e.getMessage(), e, "path", file.toString());
            }
        }
    }
}
