package numpack;

import java.util.IdentityHashMap;
import numpack.commit.StagedFile;
import numpack.commit.Staging;
import numpack.commit.Store;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** Where a batch keeps its arrays: on the heap up to its limit, beyond that in staged files of the coming commit, mapped. */
final class BatchMemory {
    private final Object scope;
    private final ScopeResources resources;
    private final Store store;
    private final long limit;
    private final IdentityHashMap<Memory, Staged> staged = new IdentityHashMap<>();
    private long used;

    /** A staged file and the array it is for. */
    private record Staged(String array, StagedFile file) {}

    BatchMemory(Object scope, ScopeResources resources, Store store, long limit) {
        this.scope = scope;
        this.resources = resources;
        this.store = store;
        this.limit = limit;
    }

    /** Zeroed, writable memory for so many elements. */
    Runs allocate(String array, DType dtype, long elements) {
        long bytes = Math.multiplyExact(elements, (long) dtype.itemSize());
        if (bytes > limit - used) {
            return stage(array, dtype, bytes);
        }
        try {
            Memory memory = Memory.allocate(dtype, elements);
            used += bytes;
            return Runs.of(memory);
        } catch (InsufficientMemoryException e) {
            if (limit != Long.MAX_VALUE) {
                return stage(array, dtype, bytes);
            }
            throw new InsufficientMemoryException(
                    "array \"" + array + "\" of " + bytes
                            + " bytes does not fit the memory that is left; give the batch a "
                            + "memory limit, so that it is staged on disk, or use a writable batch, lazy or chunks",
                    "array",
                    array,
                    "expected",
                    bytes);
        }
    }

    /** The same in a staged file, whatever the limit. */
    Runs stage(String array, DType dtype, long bytes) {
        if (bytes == 0) {
            return Runs.empty(dtype.kind());
        }
        Staging staging = store.staging();
        StagedFile file = staging.allocate(array, bytes);
        resources.add(file);
        Memory memory = Memory.map(staging.path(file), dtype.kind(), bytes, true);
        memory.belongTo(scope);
        staged.put(memory, new Staged(array, file));
        return Runs.of(memory);
    }

    /** The staged file that holds exactly these elements, or null. */
    StagedFile stagedFile(Runs elements) {
        if (elements.count() != 1) {
            return null;
        }
        Staged found = staged.get(elements.memory(0));
        return found != null
                        && found.file.bytes()
                                == elements.size() * elements.kind().bytes()
                ? found.file
                : null;
    }

    /** Freezes what lies in staged files. */
    void freeze() {
        staged.forEach((memory, s) -> memory.freeze(
                "the batch that staged array \"" + s.array + "\" has ended; load it again",
                "array",
                s.array,
                "path",
                store.path()));
        staged.clear();
    }
}
