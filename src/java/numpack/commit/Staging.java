package numpack.commit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import numpack.memory.Memory;
import numpack.memory.Runs;

/**
 * The folder {@code .numpack/stage-<token>/}: files of coming commits. Its owner holds a lock on the token for as long as it lives,
 * so whoever can take that lock may clean up. Files that a commit replaced lie in {@code .numpack} as {@code aside-<token>-…} until
 * the new ones have reached the disk.
 */
public final class Staging {
    private static final String STAGE = "stage-";
    private static final String ASIDE = "aside-";

    private final Path pack;
    private final Path folder;
    private final int token;
    private final FileLock lock;
    private final AtomicLong number = new AtomicLong();

    private Staging(Path pack, int token, FileLock lock) {
        this.pack = pack;
        this.token = token;
        this.lock = lock;
        this.folder = pack.resolve(Store.FOLDER).resolve(STAGE + Integer.toUnsignedString(token));
    }

    static Staging open(Path pack, Journal journal) {
        while (true) {
            int token = ThreadLocalRandom.current().nextInt();
            FileLock lock = journal.tryToken(token);
            if (lock != null) {
                Staging staging = new Staging(pack, token, lock);
                Disk.createDirectories(staging.folder);
                return staging;
            }
        }
    }

    /** A path relative to the pack for a file of a coming commit. */
    String next() {
        return Store.FOLDER + "/" + folder.getFileName() + "/" + number.incrementAndGet();
    }

    /** A path relative to the pack for a file that is about to be replaced or removed; tells what was in it. */
    String aside(String what) {
        return Store.FOLDER + "/" + ASIDE + Integer.toUnsignedString(token) + "-" + number.incrementAndGet() + "-"
                + what;
    }

    Path resolve(String relative) {
        return pack.resolve(relative);
    }

    /** Writes elements to a new staged file. */
    StagedFile stage(String array, Runs source) {
        StagedFile staged = new StagedFile(next(), Disk.bytes(source));
        Path path = pack.resolve(staged.path);
        Disk.requireSpace(folder, staged.bytes, array);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            Disk.write(file, path, 0, source);
            return staged;
        } catch (IOException e) {
            throw Disk.failed("write", path, e);
        } catch (RuntimeException e) {
            Disk.delete(path);
            throw e;
        }
    }

    /**
     * Makes a staged file full of zeros whose space is there.
     *
     * @param array the array it is for
     * @param bytes its length
     * @return the file, never null
     * @throws numpack.InsufficientSpaceException if the disk has too little space
     */
    public StagedFile allocate(String array, long bytes) {
        StagedFile staged = new StagedFile(next(), bytes);
        Path path = pack.resolve(staged.path);
        Disk.requireSpace(folder, bytes, array);
        try {
            Files.createFile(path);
            Memory.allocateFile(path, bytes);
            return staged;
        } catch (IOException e) {
            throw Disk.failed("create", path, e);
        } catch (RuntimeException e) {
            Disk.delete(path);
            throw e;
        }
    }

    /**
     * Where a staged file lies now.
     *
     * @param staged the file
     * @return its path, never null
     */
    public Path path(StagedFile staged) {
        return pack.resolve(staged.path);
    }

    /**
     * Gives up a staged file that no commit took.
     *
     * @param staged the file
     */
    public void discard(StagedFile staged) {
        Disk.delete(pack.resolve(staged.path));
    }

    void close() {
        Disk.deleteTree(folder);
        Journal.release(lock);
    }

    /**
     * Removes what dead processes left behind. Their asides go once everything committed has been forced.
     *
     * @param force forces what is committed
     */
    static void cleanUp(Path pack, Journal journal, Runnable force) {
        Path own = pack.resolve(Store.FOLDER);
        String[] names;
        try (Stream<Path> files = Files.list(own)) {
            names = files.map(f -> f.getFileName().toString())
                    .filter(n -> n.startsWith(STAGE) || n.startsWith(ASIDE))
                    .toArray(String[]::new);
        } catch (IOException e) {
            throw Disk.failed("list", own, e);
        }
        boolean forced = false;
        for (String name : names) {
            int token;
            try {
                token = Integer.parseUnsignedInt(name.split("-")[1]);
            } catch (NumberFormatException e) {
                continue;
            }
            FileLock lock = journal.tryToken(token);
            if (lock != null) {
                if (name.startsWith(ASIDE) && !forced) {
                    force.run();
                    forced = true;
                }
                Disk.deleteTree(own.resolve(name));
                Journal.release(lock);
            }
        }
    }

    /**
     * A file of a coming commit.
     *
     * @param path relative to the pack
     * @param bytes its length
     */
    public record StagedFile(String path, long bytes) {}
}
