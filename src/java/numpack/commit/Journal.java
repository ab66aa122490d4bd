package numpack.commit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import numpack.CorruptPackException;
import numpack.PackLockedException;

/**
 * The file {@code .numpack/journal}: the lock between processes, the generation that readers compare, and the record of the one
 * commit that may be in flight. It is opened once per process and never closed while a lock is held, because closing any descriptor
 * of a file gives up all locks the process has on it.
 *
 * <pre>
 *   0  magic "NPKJRNL1"
 *   8  generation u64: odd while a commit is being applied
 *  16  length of the record u64: 0 when none is pending; written last, so it is what commits
 *  24  CRC32C of the record u32
 *  32  boot id of the last commit, 16 bytes
 *  48  wall-clock time of the last commit, u64 microseconds
 * 4096 the record
 * </pre>
 *
 * Bytes are locked far behind the end of the file: one for commits, one for each staging folder, one for each claimed array.
 */
final class Journal implements AutoCloseable {
    static final String NAME = "journal";
    private static final long MAGIC = 0x314C4E524A4B504EL;
    private static final int GENERATION = 8;
    private static final int LENGTH = 16;
    private static final int CRC = 24;
    private static final int BOOT = 32;
    private static final int TIME = 48;
    private static final int RECORD = 4096;
    private static final int MAPPED = 1 << 16;
    private static final int KEPT = 16 << 20;
    private static final long COMMIT_LOCK = 1L << 62;
    private static final long TOKEN_LOCKS = 1L << 61;
    private static final long CLAIM_LOCKS = 1L << 60;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final boolean writable;
    private final RandomAccessFile file;
    private final MappedByteBuffer header;
    private final long inode;
    private FileLock lock;

    private Journal(Path path, boolean writable, RandomAccessFile file, MappedByteBuffer header) {
        this.path = path;
        this.writable = writable;
        this.file = file;
        this.header = header;
        this.inode = Disk.inode(path);
    }

    /** Opens the journal of a pack, creating it if asked; null if there is none. */
    static Journal open(Path folder, boolean writable) {
        Path path = folder.resolve(NAME);
        if (!writable && !Files.exists(path)) {
            return null;
        }
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new CorruptPackException(
                    path
                            + " is not a regular file, and so no journal of this library; if no program is using the pack, delete it",
                    null,
                    "path",
                    path.toString());
        }
        try {
            return Disk.uninterrupted(() -> map(path, writable));
        } catch (IOException e) {
            throw Disk.failed("open", path, e);
        }
    }

    private static Journal map(Path path, boolean writable) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), writable ? "rw" : "r");
        boolean keep = false;
        try {
            if (file.length() < MAPPED) {
                if (!writable) {
                    return null;
                }
                initialise(path, file);
            }
            MappedByteBuffer header = file.getChannel()
                    .map(writable ? FileChannel.MapMode.READ_WRITE : FileChannel.MapMode.READ_ONLY, 0, MAPPED);
            header.order(ByteOrder.LITTLE_ENDIAN);
            if (header.getLong(0) != MAGIC) {
                throw new CorruptPackException(
                        path + " is not a journal of this library: offset 0, field magic, found "
                                + Long.toHexString(header.getLong(0))
                                + "; if no program is using the pack, delete that file",
                        null,
                        "path",
                        path.toString());
            }
            Journal journal = new Journal(path, writable, file, header);
            keep = true;
            return journal;
        } finally {
            if (!keep) {
                file.close();
            }
        }
    }

    /** Two processes may do this at once: both write the same bytes, and the magic only after the space is there. */
    private static void initialise(Path path, RandomAccessFile file) throws IOException {
        FileLock creating = await(file.getChannel(), path, COMMIT_LOCK, false, PATIENCE);
        try {
            if (file.length() < MAPPED) {
                byte[] zeros = new byte[MAPPED];
                ByteBuffer.wrap(zeros).order(ByteOrder.LITTLE_ENDIAN).putLong(0, MAGIC);
                file.seek(0);
                file.write(zeros);
            }
        } finally {
            creating.release();
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw Disk.failed("close", path, e);
        }
    }

    // ---- locks

    private static FileLock attempt(FileChannel channel, long position, boolean shared) throws IOException {
        try {
            return channel.tryLock(position, 1, shared);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static FileLock await(FileChannel channel, Path path, long position, boolean shared, long patience)
            throws IOException {
        long start = System.nanoTime();
        boolean interrupted = false;
        try {
            for (long pause = 20_000; ; pause = Math.min(pause * 2, 5_000_000)) {
                FileLock lock = attempt(channel, position, shared);
                if (lock != null) {
                    return lock;
                }
                if (System.nanoTime() - start > patience) {
                    Path pack = path.getParent().getParent();
                    throw new PackLockedException(
                            "another process has been holding the lock of " + pack + " for "
                                    + TimeUnit.NANOSECONDS.toSeconds(patience)
                                    + " s; wait for its commit to end, or end that process",
                            "path",
                            pack.toString());
                }
                interrupted |= Thread.interrupted();
                LockSupport.parkNanos(pause);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for the lock of the pack; the caller holds the lock within the process already. */
    void lock(boolean shared) {
        try {
            lock = await(file.getChannel(), path, COMMIT_LOCK, shared, PATIENCE);
        } catch (IOException e) {
            throw Disk.failed("lock", path, e);
        }
    }

    void unlock() {
        try {
            lock.release();
        } catch (IOException e) {
            throw Disk.failed("unlock", path, e);
        } finally {
            lock = null;
        }
    }

    /** Takes the lock of a staging folder; null if its owner is alive. */
    FileLock tryToken(int token) {
        return tryLock(TOKEN_LOCKS + Integer.toUnsignedLong(token));
    }

    /** Claims an array against other processes; null if one of them has it. Different names share a claim once in 2^59. */
    FileLock tryClaim(String array) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : array.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            hash = (hash ^ b & 0xff) * 0x100000001b3L;
        }
        return tryLock(CLAIM_LOCKS + (hash >>> 5));
    }

    private FileLock tryLock(long position) {
        try {
            return attempt(file.getChannel(), position, false);
        } catch (IOException e) {
            throw Disk.failed("lock", path, e);
        }
    }

    /** Gives a lock up; closing the journal did that already. */
    static void release(FileLock lock) {
        try {
            if (lock.isValid()) {
                lock.release();
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Whether the lock of the pack is held; asked under the lock of the process. */
    boolean isLocked() {
        return lock != null;
    }

    /** Whether the file that is open is still the one in the folder: Python's drop_if_exists removes it. */
    boolean isStillAt(Path folder) {
        return Disk.inode(folder.resolve(NAME)) == inode;
    }

    // ---- generation

    long generation() {
        return (long) LONG.getAcquire(header, GENERATION);
    }

    /** Tells readers that from now on files change; they wait or read again. */
    void beginApplying() {
        long g = generation();
        LONG.setRelease(header, GENERATION, g | 1);
        VarHandle.fullFence();
    }

    void endApplying() {
        LONG.setRelease(header, GENERATION, (generation() | 1) + 1);
    }

    // ---- the record

    /** {@return the pending record, or null; one that was torn by a power cut is null too} */
    byte[] pending() {
        long length = (long) LONG.getAcquire(header, LENGTH);
        try {
            if (length <= 0 || length > Math.min(file.length() - RECORD, Integer.MAX_VALUE - 8)) {
                return null;
            }
            byte[] record = new byte[(int) length];
            file.seek(RECORD);
            file.readFully(record);
            return crc(record) == header.getInt(CRC) ? record : null;
        } catch (IOException e) {
            throw Disk.failed("read", path, e);
        }
    }

    boolean isPending() {
        return (long) LONG.getAcquire(header, LENGTH) != 0;
    }

    /** Writes the record; with its length, which comes last, the commit has happened. */
    void write(byte[] record, UUID boot, boolean force) {
        try {
            if (record.length <= MAPPED - RECORD) {
                header.put(RECORD, record);
            } else {
                file.seek(RECORD);
                Disk.write(file, record);
            }
            header.putInt(CRC, crc(record));
            mark(boot);
            header.putLong(TIME, Micros.now());
            LONG.setRelease(header, LENGTH, (long) record.length);
            if (force) {
                force();
            }
        } catch (IOException e) {
            throw Disk.failed("write", path, e);
        }
    }

    void clear() {
        LONG.setRelease(header, LENGTH, 0L);
        try {
            if (file.length() > KEPT) {
                file.setLength(KEPT);
            }
        } catch (IOException e) {
            throw Disk.failed("shorten", path, e);
        }
    }

    private void force() throws IOException {
        header.force();
        file.getFD().sync();
    }

    /** Whether the machine was started again since the last commit. */
    boolean isOfAnotherBoot() {
        UUID boot = new UUID(header.getLong(BOOT), header.getLong(BOOT + 8));
        return !boot.equals(Boot.NONE) && !boot.equals(Boot.ID);
    }

    /** Marks the pack as written, or checked, in a boot. */
    void mark(UUID boot) {
        header.putLong(BOOT, boot.getMostSignificantBits());
        header.putLong(BOOT + 8, boot.getLeastSignificantBits());
    }

    /** {@return when the last commit was written, in microseconds} */
    long time() {
        return header.getLong(TIME);
    }

    boolean isWritable() {
        return writable;
    }

    private static int crc(byte[] record) {
        CRC32C crc = new CRC32C();
        crc.update(record);
        return (int) crc.getValue();
    }
}
