package numpack.commit;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import numpack.format.Entry;
import numpack.memory.Runs;

/**
 * The folder {@code .numpack/stage-<token>/}: files of coming commits. Its owner holds a lock on the token for as long as it lives,
 * so whoever can take that lock may clean up. Files that a commit replaced lie in {@code .numpack} as {@code aside-<token>-…} until
 * the new ones have reached the disk.
 */
public final class Staging {
    private static final String STAGE = "stage-";
    private static final String ASIDE = "aside-";

    private final PackFiles files;
    private final PackLocks locks;
    private final AtomicLong number = new AtomicLong();
    private Folder folder;
    private Journal cleaned;

    /** The folder of this process, and the lock on its token, which is gone when the journal is closed. */
    private record Folder(String name, String token, Journal journal, FileLock lock) {}

    Staging(PackFiles files, PackLocks locks) {
        this.files = files;
        this.locks = locks;
    }

    /** Made when it is first needed. */
    private Folder folder() {
        return locks.exclusive(() -> {
            if (folder == null || folder.journal != locks.journal()) {
                folder = open(locks.journal());
                Disk.createDirectories(files.path(folder.name));
            }
            return folder;
        });
    }

    private static Folder open(Journal journal) {
        while (true) {
            int token = ThreadLocalRandom.current().nextInt();
            FileLock lock = journal.tryToken(token);
            if (lock != null) {
                String text = Integer.toUnsignedString(token);
                return new Folder(PackFiles.FOLDER + "/" + STAGE + text, text, journal, lock);
            }
        }
    }

    void close() {
        locks.inProcess(() -> {
            if (folder != null) {
                files.delete(folder.name);
                Journal.release(folder.lock);
            }
        });
    }

    // ---- files of coming commits

    /** A path relative to the pack for a file of a coming commit. */
    String next() {
        return folder().name + "/" + number.incrementAndGet();
    }

    /** Writes elements to a new staged file. */
    StagedFile stage(String array, Runs elements) {
        StagedFile staged = next(array, Disk.bytes(elements));
        files.create(staged.path(), elements);
        return staged;
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
        StagedFile staged = next(array, bytes);
        files.create(staged.path(), bytes);
        return staged;
    }

    private StagedFile next(String array, long bytes) {
        StagedFile staged = new StagedFile(next(), bytes);
        Disk.requireSpace(path(staged).getParent(), bytes, array);
        return staged;
    }

    /**
     * Where a staged file lies now.
     *
     * @param staged the file
     * @return its path, never null
     */
    public Path path(StagedFile staged) {
        return files.path(staged.path());
    }

    /**
     * Gives up a staged file that no commit took.
     *
     * @param staged the file
     */
    public void discard(StagedFile staged) {
        Disk.delete(path(staged));
    }

    // ---- files that were replaced

    /** A path relative to the pack for a file that is about to be replaced or removed; tells what was in it. */
    String aside(String what) {
        return PackFiles.FOLDER + "/" + ASIDE + folder().token + "-" + number.incrementAndGet() + "-" + what;
    }

    /** What tells the data file of an array among those put aside. */
    static String what(Entry entry) {
        return entry.dtype().numpyName() + "-"
                + LongStream.of(entry.shape()).mapToObj(Long::toString).collect(Collectors.joining("x")) + "-"
                + Integer.toHexString(entry.name().hashCode());
    }

    /** The data file that was put aside for one of this entry, relative to the pack. */
    Optional<String> asideOf(Entry entry) {
        return names().filter(name -> name.startsWith(ASIDE) && name.endsWith("-" + what(entry)))
                .reduce((first, last) -> last)
                .map(name -> PackFiles.FOLDER + "/" + name);
    }

    private Stream<String> names() {
        Path own = files.folder();
        try (Stream<Path> all = Files.list(own)) {
            return all.map(f -> f.getFileName().toString()).toList().stream();
        } catch (IOException e) {
            throw Disk.failed("list", own, e);
        }
    }

    // ---- what the dead left

    /**
     * Removes what dead processes left behind, once for each journal. Their asides go once everything committed has been forced. The
     * lock is held.
     *
     * @param force forces what is committed
     */
    void cleanUp(Runnable force) {
        Journal journal = locks.journal();
        if (cleaned == journal) {
            return;
        }
        boolean forced = false;
        for (String name :
                names().filter(n -> n.startsWith(STAGE) || n.startsWith(ASIDE)).toList()) {
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
                files.delete(PackFiles.FOLDER + "/" + name);
                Journal.release(lock);
            }
        }
        cleaned = journal;
    }
}
