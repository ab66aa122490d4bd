package numpack.commit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import numpack.CorruptPackException;
import numpack.Durability;
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
     * @param create whether the directory may be missing
     * @param writer whether the user may write
     * @param durability what the user's commits must survive
     * @param allowRemote whether to write on a remote file system
     * @return the shared state, never null
     * @throws PackNotFoundException if the directory does not exist and may not be created
     */
    public static Store acquire(Path path, boolean create, boolean writer, Durability durability, boolean allowRemote) {
        Path real = realPath(path);
        if (!create && !Files.exists(real)) {
            throw new PackNotFoundException(
                    "there is no pack at " + real
                            + ": the directory does not exist; check the path, or open it for writing with create",
                    "path",
                    real.toString());
        }
        PackFolder.requireDirectory(real);
        if (allowRemote) {
            PackFolder.allowRemote(real);
        }
        synchronized (OPEN) {
            OpenPacks entry = OPEN.get(real);
            boolean isNew = entry == null;
            if (isNew) {
                entry = new OpenPacks(new Store(real));
            }
            try {
                entry.store.attach(writer, durability);
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
     * @param durability what the user's commits must survive
     * @param allowRemote whether to write on a remote file system
     * @return the shared state, never null
     */
    public static Store acquireEmpty(Path path, Durability durability, boolean allowRemote) {
        Store store;
        try {
            store = acquire(path, true, true, durability, allowRemote);
        } catch (CorruptPackException e) {
            PackFolder.empty(realPath(path));
            store = acquire(path, true, true, durability, allowRemote);
        }
        try {
            store.requireNoScope("empty it");
            store.commit(store.metadata().entries().stream()
                    .map(entry -> new Edit.Delete(entry.name(), null))
                    .toList());
            return store;
        } catch (RuntimeException | Error e) {
            release(store, true, durability);
            throw e;
        }
    }

    /**
     * Gives up one use of a pack.
     *
     * @param store what {@link #acquire} gave
     * @param writer as in {@code acquire}
     * @param durability as in {@code acquire}
     */
    public static void release(Store store, boolean writer, Durability durability) {
        boolean last;
        synchronized (OPEN) {
            last = OPEN.get(store.path()).users == 1;
        }
        if (last) {
            store.finishWork();
        }
        synchronized (OPEN) {
            store.detach(writer, durability);
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
