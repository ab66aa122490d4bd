package numpack.memory;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import net.openhft.posix.PosixAPI;
import numpack.CorruptPackException;
import numpack.StorageException;

/**
 * Maps through Linux's own calls: any size, any length, and a mapping can be frozen in place. Nothing is unmapped as long as an object
 * refers to it, because reading what was unmapped kills the process.
 */
final class PosixMapper implements Mapper {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final int READ_ONLY = 0;
    private static final int READ_WRITE = 2;
    private static final int SEEK_END = 2;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MS_SYNC = 4;
    private static final int MADV_POPULATE_WRITE = 23;
    private static final int EINVAL = 22;
    private static final long PAGE = 4096;

    private static final LiveMappings LIVE = new LiveMappings();

    /** Kernels before 5.14 do not know the call; other failures are of one file. */
    private static volatile boolean populates = true;

    /** Chronicle without JNR pretends that every call succeeds; on other systems the constants above differ. */
    static boolean isAvailable() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return false;
        }
        ChronicleLogging.chronicle();
        return !PosixAPI.posix().getClass().getSimpleName().startsWith("NoOp");
    }

    private static StorageException failed(String call, Path file) {
        PosixAPI posix = PosixAPI.posix();
        return new StorageException(
                call + " of " + file + " failed: " + posix.strerror(posix.lastError()), null, "path", file.toString());
    }

    @Override
    public Mapping map(Path file, long bytes, boolean writable) {
        Mapper.requireBytes(file, bytes);
        PosixAPI posix = PosixAPI.posix();
        int descriptor = posix.open(file.toString(), writable ? READ_WRITE : READ_ONLY, 0);
        if (descriptor < 0) {
            throw failed("opening", file);
        }
        boolean keep = false;
        try {
            long size = posix.lseek(descriptor, 0, SEEK_END);
            if (size < bytes) {
                throw new CorruptPackException(
                        file + " has " + size + " bytes where " + bytes
                                + " are needed; restore it, or save the array again",
                        null,
                        "path",
                        file.toString(),
                        "expected",
                        bytes,
                        "found",
                        size);
            }
            LIVE.beforeAnother(file);
            long address =
                    posix.mmap(0, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, descriptor, 0);
            if (isError(address)) {
                throw failed("mapping " + bytes + " bytes", file);
            }
            LIVE.added();
            Region region = new Region(address, bytes, writable ? descriptor : -1);
            keep = writable;
            return new PosixMapping(file, region);
        } finally {
            if (!keep) {
                posix.close(descriptor);
            }
        }
    }

    private static boolean isError(long address) {
        return address <= 0 && address > -PAGE;
    }

    @Override
    public void allocate(Path file, long bytes) {
        PosixAPI posix = PosixAPI.posix();
        int descriptor = posix.open(file.toString(), READ_WRITE, 0);
        if (descriptor < 0) {
            throw failed("opening", file);
        }
        try {
            if (bytes > 0 && posix.fallocate(descriptor, 0, 0, bytes) != 0) {
                Zeros.write(file, bytes);
            }
        } finally {
            posix.close(descriptor);
        }
    }

    /** What must be given back; refers to nothing that refers to the mapping. */
    private static final class Region implements Runnable {
        final long address;
        final long bytes;
        private int descriptor;

        Region(long address, long bytes, int descriptor) {
            this.address = address;
            this.bytes = bytes;
            this.descriptor = descriptor;
        }

        synchronized boolean freeze() {
            if (descriptor < 0) {
                return true;
            }
            long frozen = PosixAPI.posix()
                    .mmap(
                            address,
                            bytes,
                            PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE,
                            descriptor,
                            0);
            closeDescriptor();
            return frozen == address;
        }

        private void closeDescriptor() {
            if (descriptor >= 0) {
                PosixAPI.posix().close(descriptor);
                descriptor = -1;
            }
        }

        @Override
        public synchronized void run() {
            closeDescriptor();
            PosixAPI.posix().munmap(address, bytes);
            LIVE.removed();
        }
    }

    private static final class PosixMapping implements Mapping {
        private final Path file;
        private final Region region;

        PosixMapping(Path file, Region region) {
            this.file = file;
            this.region = region;
            CLEANER.register(this, region);
        }

        @Override
        public long address() {
            return region.address;
        }

        @Override
        public void sync() {
            int failure = PosixAPI.posix().msync(region.address, region.bytes, MS_SYNC);
            Reference.reachabilityFence(this);
            if (failure != 0) {
                throw failed("msync", file);
            }
        }

        @Override
        public void freeze() {
            if (!region.freeze()) {
                throw failed("freezing the mapping", file);
            }
        }

        @Override
        public void populate(long offset, long bytes) {
            if (populates) {
                long from = (region.address + offset) & -PAGE;
                long to = Math.min(region.address + region.bytes, region.address + offset + bytes);
                if (PosixAPI.posix().madvise(from, to - from, MADV_POPULATE_WRITE) != 0
                        && PosixAPI.posix().lastError() == EINVAL) {
                    populates = false;
                }
                Reference.reachabilityFence(this);
            }
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
