package numpack.commit;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import numpack.RecoveryNeededException;
import numpack.StorageException;

/**
 * The lock of a pack: a mutex within the process and, in the journal, a lock between processes. It opens the journal, for writing when
 * somebody writes first. Whoever holds the lock to write finds nothing that a dead process left unfinished.
 */
final class PackLocks {
    private final PackFiles files;
    private final Handles handles;
    private final Runnable recovery;
    private final ReentrantLock mutex = new ReentrantLock();
    private volatile Journal journal;

    /** @param recovery what is done first whenever the lock is taken to write */
    PackLocks(PackFiles files, Handles handles, Runnable recovery) {
        this.files = files;
        this.handles = handles;
        this.recovery = recovery;
    }

    /** {@return the journal that is open now; null if there is none yet} */
    Journal journal() {
        return journal;
    }

    /** Opens the journal for reading if it has come to be. */
    void openJournal() {
        if (journal == null && Files.exists(files.folder().resolve(Journal.NAME))) {
            inProcess(() -> {
                if (journal == null) {
                    journal = Journal.open(files.folder(), false);
                }
            });
        }
    }

    void close() {
        inProcess(() -> {
            if (journal != null) {
                journal.close();
            }
        });
    }

    // ---- the generation

    /** {@return what every commit changes twice: odd while one is in flight} */
    long generation() {
        Journal j = journal;
        return j == null ? 0 : j.generation();
    }

    /** The generation between commits; negative if one stays in flight. */
    long awaitQuiet() {
        for (int i = 0; i < 200; i++) {
            long g = generation();
            if ((g & 1) == 0) {
                return g;
            }
            LockSupport.parkNanos(10_000);
            Thread.onSpinWait();
        }
        return -1;
    }

    // ---- locks

    /** Runs under the mutex of the process. */
    void inProcess(Runnable action) {
        mutex.lock();
        try {
            action.run();
        } finally {
            mutex.unlock();
        }
    }

    /** Runs while no commit is in flight, of any process. */
    <T> T shared(Supplier<T> action) {
        mutex.lock();
        try {
            if (journal == null || journal.isLocked()) {
                return action.get();
            }
            if (journal.isPending() && handles.anyWrites()) {
                exclusive(() -> null);
            }
            journal.lock(true);
            try {
                if (journal.isPending()) {
                    throw new RecoveryNeededException(
                            "a program died while it was committing to " + files.pack()
                                    + ", and this read-only handle may not finish its commit; open the pack once for writing",
                            "path",
                            files.pack().toString());
                }
                return action.get();
            } finally {
                journal.unlock();
            }
        } finally {
            mutex.unlock();
        }
    }

    /** Runs while nobody else reads or writes under a lock, and nothing is pending. */
    <T> T exclusive(Supplier<T> action) {
        mutex.lock();
        try {
            if (journal != null && journal.isLocked()) {
                return action.get();
            }
            openForWriting();
            journal.lock(false);
            try {
                recovery.run();
                return action.get();
            } finally {
                journal.unlock();
            }
        } finally {
            mutex.unlock();
        }
    }

    private void openForWriting() {
        Path folder = files.folder();
        if (journal != null && journal.isWritable() && journal.isStillAt(folder)) {
            return;
        }
        PackFolder.requireLocal(files.pack());
        boolean isNew = !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
        if (isNew && Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException(
                    folder + " must be a directory of the pack itself; remove what lies there and try again",
                    null,
                    "path",
                    folder.toString());
        }
        Disk.createDirectories(folder);
        if (isNew && handles.isDurable()) {
            Disk.force(files.pack());
            Disk.force(files.pack().toAbsolutePath().getParent());
        }
        if (journal != null) {
            journal.close();
        }
        journal = Journal.open(folder, true);
    }
}
