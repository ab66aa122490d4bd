package numpack.commit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import numpack.CorruptPackException;
import numpack.PackNotFoundException;

/** The open packs of this process, one per real path, however many handles and scopes use them. */
public final class OpenPacks {
    private static final Map<Path, OpenPacks> OPEN = new HashMap<>();

    private final Store store;
    private int users;

    private OpenPacks(Store store) {
        this.store = store;
    }

    /**
     * Opens a pack, or joins those who have it open.
     *
     * @param path its directory
     * @param access how the user has it open
     * @return the shared state, never null
     * @throws PackNotFoundException if the directory does not exist and may not be created
     */
    public static Store acquire(Path path, Access access) {
        Path real = realPath(path);
        if (!access.create() && !Files.exists(real)) {
            throw new PackNotFoundException(
                    "there is no pack at " + real
                            + ": the directory does not exist; check the path, or open it for writing with create",
                    "path",
                    real.toString());
        }
        PackFolder.requireDirectory(real);
        if (access.allowRemote()) {
            PackFolder.allowRemote(real);
        }
        synchronized (OPEN) {
            OpenPacks entry = OPEN.get(real);
            boolean isNew = entry == null;
            if (isNew) {
                entry = new OpenPacks(new Store(real));
            }
            try {
                entry.store.attach(access);
            } catch (RuntimeException | Error e) {
                if (isNew) {
                    entry.store.close();
                }
                throw e;
            }
            entry.users++;
            OPEN.put(real, entry);
            return entry.store;
        }
    }

    /**
     * Opens a pack for writing and removes every array that is there, in one commit; damaged metadata goes too.
     *
     * @param path its directory
     * @param access how the user has it open
     * @return the shared state, never null
     */
    public static Store acquireEmpty(Path path, Access access) {
        Store store;
        try {
            store = acquire(path, access);
        } catch (CorruptPackException e) {
            PackFolder.empty(realPath(path));
            store = acquire(path, access);
        }
        try {
            store.scopes().requireNone("empty it");
            store.commit(store.metadata().entries().stream()
                    .map(entry -> new Edit.Delete(entry.name(), Expected.ANYTHING))
                    .toList());
            return store;
        } catch (RuntimeException | Error e) {
            release(store, access);
            throw e;
        }
    }

    /**
     * Gives up one use of a pack.
     *
     * @param store what {@link #acquire} gave
     * @param access what it was given
     */
    public static void release(Store store, Access access) {
        boolean last;
        synchronized (OPEN) {
            last = OPEN.get(store.path()).users == 1;
        }
        if (last) {
            store.finishWork();
        }
        synchronized (OPEN) {
            store.detach(access);
            OpenPacks entry = OPEN.get(store.path());
            if (--entry.users == 0) {
                OPEN.remove(store.path());
                store.close();
            }
        }
    }

    /** The path with every link resolved, as far as it exists. */
    private static Path realPath(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            Path there = absolute;
            while (!Files.exists(there) && there.getParent() != null) {
                there = there.getParent();
            }
            return there.toRealPath().resolve(there.relativize(absolute)).normalize();
        } catch (IOException e) {
            throw Disk.failed("resolve", absolute, e);
        }
    }
}
