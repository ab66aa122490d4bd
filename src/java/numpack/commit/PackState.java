package numpack.commit;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import numpack.CorruptPackException;
import numpack.NumPackException;
import numpack.format.Entry;
import numpack.format.Metadata;

/**
 * What is known of a pack's files: the metadata last read, and the arrays whose files were looked at. It is read again when the
 * generation tells that anybody committed, or the file itself that a program without our journal wrote it.
 */
final class PackState {
    private final PackFiles files;
    private final PackLocks locks;
    private final MetadataFile file;
    private final Map<String, StoredArray> open = new ConcurrentHashMap<>();
    private final Set<String> recovered = ConcurrentHashMap.newKeySet();
    private volatile Seen seen = new Seen(Metadata.EMPTY, MetadataFile.Stamp.ABSENT, null, -1);

    /** The metadata, and when that was. */
    private record Seen(Metadata metadata, MetadataFile.Stamp stamp, Journal journal, long generation) {}

    PackState(PackFiles files, PackLocks locks, MetadataFile file) {
        this.files = files;
        this.locks = locks;
        this.file = file;
    }

    // ---- what there is

    /** {@return the metadata as it is now} */
    Metadata metadata() {
        return refresh(true).metadata;
    }

    /** {@return the metadata as it was when this process last looked, or committed; under the lock that is as it is} */
    Metadata known() {
        return seen.metadata;
    }

    /** The entry of an array; does not look for changes by programs that do not use our journal. */
    Entry entry(String name) {
        return entry(refresh(false).metadata, name);
    }

    Entry entry(Metadata metadata, String name) {
        Entry entry = metadata.find(name);
        if (entry == null) {
            throw PackErrors.notFound(
                    name,
                    metadata.entries().stream().map(Entry::name).toList(),
                    files.exist() ? files.pack().toString() : files.pack() + " (a directory that does not exist yet)");
        }
        return entry;
    }

    /** The array of an entry, if it can be used. */
    StoredArray usable(Entry entry) {
        if (entry.fault() != null) {
            throw PackErrors.unsupported(entry, files.pack());
        }
        return open(entry);
    }

    /** The array of an entry, also one that can only be described, renamed and deleted; its files are checked once for every new entry. */
    StoredArray open(Entry entry) {
        StoredArray found = open.get(entry.name());
        if (found != null && found.entry() == entry) {
            return found;
        }
        StoredArray opened = StoredArray.open(files, entry, recovered.contains(entry.name()));
        open.put(entry.name(), opened);
        return opened;
    }

    /** From now on an array is one that was cut to what a power cut had left of it. */
    void recovered(String array) {
        recovered.add(array);
    }

    // ---- reads of one moment

    /** Reads from an array so that the result belongs to one moment. */
    <T> T read(String name, boolean fresh, Function<StoredArray, T> read) {
        return atOneMoment(() -> read.apply(usable(entry(refresh(fresh).metadata, name))));
    }

    /** Describes an array, also one that cannot be used. */
    <T> T describe(String name, Function<StoredArray, T> description) {
        return atOneMoment(() -> description.apply(open(entry(refresh(true).metadata, name))));
    }

    /** Reads again if a commit came between, at last under the lock. */
    <T> T atOneMoment(Supplier<T> read) {
        for (int attempt = 0; attempt < 2; attempt++) {
            long before = locks.awaitQuiet();
            if (before < 0) {
                break;
            }
            try {
                T result = translating(read);
                if (locks.generation() == before) {
                    return result;
                }
            } catch (NumPackException e) {
                if (locks.generation() == before) {
                    throw e;
                }
            }
        }
        return locks.shared(() -> translating(read));
    }

    /** Reads memory that may be mapped from a file, which somebody may have cut short. */
    <T> T translating(Supplier<T> read) {
        try {
            return read.get();
        } catch (InternalError e) {
            throw PackErrors.cutShort(
                    "a file of " + files.pack(), e, "path", files.pack().toString());
        }
    }

    // ---- what is known

    /** Reads the metadata again if it has changed; {@code fresh} looks at the file itself too. */
    private Seen refresh(boolean fresh) {
        if (fresh) {
            locks.openJournal();
        }
        Seen known = seen;
        return isCurrent(known, fresh) ? known : reload(fresh);
    }

    private boolean isCurrent(Seen known, boolean fresh) {
        return known.journal == locks.journal()
                && known.generation == locks.generation()
                && !(fresh && !file.stamp().equals(known.stamp));
    }

    private Seen reload(boolean fresh) {
        for (int attempt = 0; attempt < 2; attempt++) {
            long before = locks.awaitQuiet();
            if (before < 0) {
                break;
            }
            try {
                locks.inProcess(() -> {
                    if (!isCurrent(seen, fresh)) {
                        load(before);
                    }
                });
                if (locks.generation() == before) {
                    return seen;
                }
            } catch (CorruptPackException e) {
                if (locks.generation() == before) {
                    throw e;
                }
            }
        }
        return locks.shared(() -> {
            load(locks.generation());
            return seen;
        });
    }

    /** All the entries are new objects, so every array's files are looked at again. */
    private void load(long generation) {
        forget();
        MetadataFile.Stamp stamp = file.stamp();
        if (stamp == MetadataFile.Stamp.ABSENT) {
            PackFolder.check(files.pack());
        }
        Metadata metadata = file.read();
        open.clear();
        seen = new Seen(metadata, stamp, locks.journal(), generation);
    }

    /** Whether the pack had no metadata when this process last looked. */
    boolean isNew() {
        return seen.stamp == MetadataFile.Stamp.ABSENT;
    }

    /** Makes the next look-up read the metadata again. */
    void forget() {
        seen = new Seen(seen.metadata, seen.stamp, null, -1);
    }

    /** Takes the result of a commit, whose files are as they should be. */
    void committed(CommitRecord record, Metadata after) {
        for (CommitRecord.Touched t : record.touched()) {
            if (t.before() != null) {
                open.remove(t.before().name());
            }
            if (t.after() != null) {
                open.remove(t.after().name());
            }
        }
        seen = new Seen(after, file.stamp(), locks.journal(), locks.generation());
    }
}
