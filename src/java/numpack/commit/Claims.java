package numpack.commit;

import java.nio.channels.FileLock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import numpack.ConflictException;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** The arrays that writable batches are editing: nobody else may edit them in place or replace their files, in any process. */
final class Claims {
    private final PackFiles files;
    private final PackLocks locks;
    private final PackState state;
    private final Map<String, Claim> claims = new ConcurrentHashMap<>();
    private Boolean timesMappedWrites;

    private record Claim(OpenScope owner, FileLock lock) {}

    Claims(PackFiles files, PackLocks locks, PackState state) {
        this.files = files;
        this.locks = locks;
        this.state = state;
    }

    /** Maps an array for writing and claims it until its owner gives it up. */
    ClaimedArray claim(String array, OpenScope owner, List<Memory> memories) {
        return locks.exclusive(() -> {
            StoredArray stored = state.usable(state.entry(state.known(), array));
            FileLock lock = lock(array);
            try {
                Runs elements = stored.mapWritable(memories);
                memories.stream()
                        .filter(memory -> !timesMappedWrites() || isRecent(memory))
                        .forEach(Memory::countAddressAsWrite);
                claims.put(array, new Claim(owner, lock));
                return new ClaimedArray(stored, elements);
            } catch (RuntimeException | Error e) {
                Journal.release(lock);
                throw e;
            }
        });
    }

    /** Gives up all that an owner has claimed. */
    void release(OpenScope owner) {
        locks.inProcess(() -> claims.values().removeIf(claim -> {
            boolean isOwned = claim.owner == owner;
            if (isOwned) {
                Journal.release(claim.lock);
            }
            return isOwned;
        }));
    }

    /** Refuses what would replace the files of an array that somebody has claimed; the lock is held. */
    void requireUnclaimed(String array) {
        Journal.release(lock(array));
    }

    /** Whether a scope has claimed an array. */
    boolean isHeld(String array, OpenScope scope) {
        Claim claim = claims.get(array);
        return claim != null && claim.owner == scope;
    }

    private FileLock lock(String array) {
        Claim claim = claims.get(array);
        if (claim != null) {
            throw claimed(
                    array,
                    "this process, which " + claim.owner.opened(),
                    ". " + OpenScopes.LOST,
                    claim.owner.opening());
        }
        FileLock lock = locks.journal().tryClaim(array);
        if (lock == null) {
            throw claimed(array, "another process", "", null);
        }
        return lock;
    }

    private ConflictException claimed(String array, String by, String hint, Throwable cause) {
        return new ConflictException(
                "array \"" + array + "\" is being edited in a writable batch of " + by
                        + "; nothing was changed. Try again when that batch has ended" + hint,
                cause,
                "array",
                array,
                "path",
                files.pack().toString());
    }

    private boolean timesMappedWrites() {
        if (timesMappedWrites == null) {
            timesMappedWrites = PackFolder.timesMappedWrites(files.pack());
        }
        return timesMappedWrites;
    }

    /** Whether the file was modified so recently that another modification may leave its time as it is. */
    private static boolean isRecent(Memory memory) {
        return Math.abs(System.currentTimeMillis() - memory.lastModified() / 1_000_000) < 50;
    }
}
