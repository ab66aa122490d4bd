package numpack.commit;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import numpack.InsufficientSpaceException;
import numpack.InvalidNameException;
import numpack.StorageException;
import numpack.memory.Runs;

/** The few things the commit engine asks of the file system, and the one place where an {@link IOException} gets its name. */
final class Disk {
    /** Bytes moved at a time: large enough for the disk, small enough for the smallest heap. */
    static final int BLOCK = 1 << 18;

    private static final String NAME_ENCODING = System.getProperty("sun.jnu.encoding", "UTF-8");

    /** Bytes written at a time: the JDK allocates native memory as large as that. */
    private static final int WRITTEN = 1 << 16;

    private Disk() {}

    /** The path of a file of a pack, whose name is UTF-8 wherever it is written. */
    static Path resolve(Path pack, String file) {
        if (!NAME_ENCODING.equalsIgnoreCase("UTF-8") && !file.chars().allMatch(c -> c < 128)) {
            throw new InvalidNameException(
                    "this JVM writes file names as " + NAME_ENCODING + ", in which \"" + file + "\" of " + pack
                            + " has no name that other programs would find; start it with a UTF-8 locale, such as LC_ALL=C.UTF-8",
                    "name",
                    file,
                    "path",
                    pack.toString());
        }
        return pack.resolve(file);
    }

    static StorageException failed(String doing, Path path, IOException e) {
        String reason;
        if (e instanceof AccessDeniedException) {
            reason = "permission denied";
        } else if (e instanceof NoSuchFileException) {
            reason = "there is no such file";
        } else if (e instanceof FileSystemException f && f.getReason() != null) {
            reason = f.getReason();
        } else {
            reason = String.valueOf(e.getMessage());
        }
        if (reason.contains("No space left") || reason.contains("quota exceeded")) {
            reason += "; free some space and try again";
        }
        return new StorageException("could not " + doing + " " + path + ": " + reason, e, "path", path.toString());
    }

    /** The number of the file behind a path, which renaming keeps; 0 if there is none. */
    static long inode(Path path) {
        try {
            return ((Number) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS)).longValue();
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw failed("look at", path, e);
        }
    }

    /** Whether a file, or where it would be made, lies in a folder once every link is followed. */
    static boolean isInside(Path folder, Path file) {
        Path there = file;
        while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
            there = there.getParent();
        }
        try {
            return there.toRealPath().startsWith(folder);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw failed("follow", file, e);
        }
    }

    /** The whole file; unlike {@link Files#readAllBytes} a pending interrupt does not break it. */
    static byte[] read(Path path) {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new StorageException(
                    "could not read " + path + ": it is not a regular file; put the file itself there",
                    null,
                    "path",
                    path.toString());
        }
        try (FileInputStream in = new FileInputStream(path.toFile())) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw failed("read", path, e);
        }
    }

    static void write(Path path, byte[] bytes) {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(0);
            file.write(bytes);
        } catch (IOException e) {
            throw failed("write", path, e);
        }
    }

    /** Writes bytes where the file stands. */
    static void write(RandomAccessFile file, byte[] bytes) throws IOException {
        for (int done = 0; done < bytes.length; done += WRITTEN) {
            file.write(bytes, done, Math.min(WRITTEN, bytes.length - done));
        }
    }

    /** Writes the elements of {@code source} at a position of a file; what lies beyond stays. */
    static void write(RandomAccessFile file, Path path, long position, Runs source) {
        byte[] block = new byte[(int) Math.min(WRITTEN, Math.max(1, bytes(source)))];
        try {
            file.seek(position);
            for (long done = 0, all = bytes(source); done < all; ) {
                int n = (int) Math.min(block.length, all - done);
                readBytes(source, done, block, n);
                file.write(block, 0, n);
                done += n;
            }
        } catch (IOException e) {
            throw failed("write", path, e);
        }
    }

    /** A read of mapped memory that ends in the named error, not in an {@link InternalError}, where somebody cut the file short. */
    static void readBytes(Runs source, long at, byte[] block, int n) {
        try {
            source.readBytes(at, block, 0, n);
        } catch (InternalError e) {
            throw PackErrors.cutShort("a mapped file", e);
        }
    }

    static byte[] bytesOf(Runs source) {
        byte[] all = new byte[Math.toIntExact(bytes(source))];
        if (all.length > 0) {
            readBytes(source, 0, all, all.length);
        }
        return all;
    }

    static long bytes(Runs source) {
        return source.size() * source.kind().bytes();
    }

    static void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failed("rename to " + to + " the file", from, e);
        }
    }

    /** Forces a file's contents, or a directory's entries, to the disk. A file that is gone, or is no file, needs no forcing. */
    static void force(Path path) {
        boolean isDirectory = Files.isDirectory(path);
        if (!isDirectory && !Files.isRegularFile(path)) {
            return;
        }
        StandardOpenOption mode = isDirectory ? StandardOpenOption.READ : StandardOpenOption.WRITE;
        try {
            uninterrupted(() -> {
                try (FileChannel channel = FileChannel.open(path, mode)) {
                    channel.force(true);
                }
                return null;
            });
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw failed("force to the disk", path, e);
        }
    }

    /** Work on a channel of its own. */
    interface ChannelWork<T> {
        T run() throws IOException;
    }

    /** Works to the end for an interrupted caller too: an interrupt closes the channel, so the work is done again with another one. */
    static <T> T uninterrupted(ChannelWork<T> work) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try {
                    return work.run();
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw failed("delete", path, e);
        }
    }

    static void deleteTree(Path path) {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
                    Files.deleteIfExists(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw failed("delete", path, e);
        }
    }

    static void createDirectories(Path path) {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw failed("create the directory", path, e);
        }
    }

    static void requireSpace(Path directory, long bytes, String array) {
        long free = directory.toFile().getUsableSpace(); // a FileStore reads the table of mounts each time
        if (free < bytes) {
            throw new InsufficientSpaceException(
                    "array \"" + array + "\" needs " + bytes + " bytes on disk, but " + directory + " has " + free
                            + " left; free some space and try again",
                    "array",
                    array,
                    "path",
                    directory.toString(),
                    "expected",
                    bytes,
                    "found",
                    free);
        }
    }
}
