package numpack.memory;

import java.nio.file.Path;

/** How files get into memory; the operating system's way, so that another one can take its place. */
interface Mapper {
    /** The way of this machine. */
    Mapper INSTANCE = PosixMapper.isAvailable() ? new PosixMapper() : new ChannelMapper();

    /** A part of the address space; whoever uses the address keeps this object reachable. */
    interface Mapping {
        long address();

        /** Waits until what was written has reached the disk. */
        void sync();

        /** From now on writes stay private to this process and go nowhere. */
        void freeze();

        /** Makes pages present that are about to be written; a hint. */
        void populate(long offset, long bytes);

        /** When the file was last modified, in nanoseconds. */
        long lastModified();
    }

    /** Maps the first bytes of a file, at least one; unmapped once the mapping is unreachable. */
    Mapping map(Path file, long bytes, boolean writable);

    static void requireBytes(Path file, long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("1 byte or more can be mapped, not " + bytes + " of " + file);
        }
    }

    /** Gives a new file so many zeros and the space for them. */
    void allocate(Path file, long bytes);
}
