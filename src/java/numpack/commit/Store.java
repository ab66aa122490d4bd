package numpack.commit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import numpack.ArrayNotFoundException;
import numpack.ConflictException;
import numpack.CorruptPackException;
import numpack.Durability;
import numpack.NumPackException;
import numpack.RecoveryNeededException;
import numpack.ScopeOpenException;
import numpack.StorageException;
import numpack.format.ArrayNames;
import numpack.format.Entry;
import numpack.format.Metadata;
import numpack.memory.Memory;
import numpack.memory.Runs;

/**
 * The state that all handles on one pack share within the process: the metadata last read, the journal, the open scopes and what
 * they claim. Every write of a pack's files goes through {@link #commit}.
 */
public final class Store {
    /** The folder of ours inside a pack; Python leaves it alone. */
    public static final String FOLDER = ".numpack";

    static final String METADATA = "metadata.npkm";
    private static final UUID BOOT = bootId();
    private static final long RECENT_MICROS = 60_000_000;

    private final Path pack;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, StoredArray> open = new ConcurrentHashMap<>();
    private final Map<String, Claim> claims = new HashMap<>();
    private final List<Scope> scopes = new CopyOnWriteArrayList<>();
    private final List<String> notices = new CopyOnWriteArrayList<>();
    private final Set<String> recovered = ConcurrentHashMap.newKeySet();
    private final List<Durability> durabilities = new CopyOnWriteArrayList<>();
    private final Background background = new Background(notices);
    private volatile Metadata metadata = Metadata.EMPTY;
    private volatile long seenGeneration = -1;
    private volatile Stamp stamp = Stamp.ABSENT;
    private volatile Journal journal;
    private Staging staging;
    private boolean cleanedUp;
    private Boolean timesMappedWrites;
    private int writers;

    private record Claim(Object owner, FileLock lock) {}

    private record Scope(Thread owner, Object scope) {}

    /** What tells whether somebody else wrote the metadata. */
    private record Stamp(Object file, long size, long modified) {
        static final Stamp ABSENT = new Stamp("", -1, 0);

        static Stamp of(Path path) {
            try {
                BasicFileAttributes a = Files.readAttributes(path, BasicFileAttributes.class);
                return new Stamp(
                        a.fileKey(), a.size(), a.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS));
            } catch (NoSuchFileException e) {
                return ABSENT;
            } catch (IOException e) {
                throw Disk.failed("look at", path, e);
            }
        }
    }

    Store(Path pack) {
        this.pack = pack;
    }

    private static UUID bootId() {
        try {
            return UUID.fromString(
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim());
        } catch (IOException | IllegalArgumentException e) {
            long booted =
                    System.currentTimeMillis() - java.util.concurrent.TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
            return new UUID(1, booted / 60_000);
        }
    }

    static long micros() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    }

    /** {@return the real path of the pack's directory, never null} */
    public Path path() {
        return pack;
    }

    /** {@return whether the directory exists} */
    public boolean exists() {
        return Files.isDirectory(pack);
    }

    /** {@return what happened that a user should know: a commit set aside, a file that could not be forced} */
    public List<String> notices() {
        return List.copyOf(notices);
    }

    // ---- handles

    void attach(boolean writer, Durability durability) {
        lock.lock();
        try {
            writers += writer ? 1 : 0;
            durabilities.add(durability);
            if (journal == null && exists()) {
                journal = Journal.open(pack.resolve(FOLDER), false);
            }
            if (writer && journal != null && (journal.isPending() || isAfterPowerCut())) {
                locked(() -> null);
            }
            refresh(true);
        } catch (RuntimeException e) {
            writers -= writer ? 1 : 0;
            durabilities.remove(durability);
            throw e;
        } finally {
            lock.unlock();
        }
    }

    void detach(boolean writer, Durability durability) {
        lock.lock();
        try {
            writers -= writer ? 1 : 0;
            durabilities.remove(durability);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for what follows the commits so far; done before other packs wait for the closing of this one. */
    void finishWork() {
        background.drain();
    }

    /** After the last handle and scope: nothing of the store is used again, but arrays that were handed out stay readable. */
    void close() {
        background.drain();
        lock.lock();
        try {
            if (staging != null) {
                staging.close();
            }
            if (journal != null) {
                journal.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isDurable() {
        return durabilities.contains(Durability.POWER);
    }

    // ---- scopes

    /**
     * Registers a scope with the calling thread.
     *
     * @param scope the scope
     * @throws ScopeOpenException if the thread has a scope open on this pack
     */
    public void enter(Object scope) {
        requireNoScope("open another scope on it");
        scopes.add(new Scope(Thread.currentThread(), scope));
    }

    /**
     * Ends a scope: gives up what it claimed.
     *
     * @param scope the scope
     */
    public void leave(Object scope) {
        scopes.removeIf(s -> s.scope == scope);
        lock.lock();
        try {
            claims.values().removeIf(claim -> {
                if (claim.owner == scope) {
                    Journal.release(claim.lock);
                    return true;
                }
                return false;
            });
        } finally {
            lock.unlock();
        }
    }

    /**
     * Refuses what would go past a scope of the calling thread.
     *
     * @param what what was asked
     * @throws ScopeOpenException if the thread has a scope open on this pack
     */
    public void requireNoScope(String what) {
        for (Scope s : scopes) {
            if (s.owner == Thread.currentThread()) {
                throw new ScopeOpenException(
                        "the pack " + pack + " has a scope open on this thread, so you cannot " + what
                                + " through the pack: use the scope's own binding (with [pack pack] the scope shadows the pack's name),"
                                + " or end the scope first",
                        "path",
                        pack.toString());
            }
        }
    }

    void requireUnclaimed(String array) {
        FileLock others = null;
        if (!claims.containsKey(array)) {
            others = journal.tryClaim(array);
        }
        if (others == null) {
            throw claimed(array);
        }
        Journal.release(others);
    }

    private ConflictException claimed(String array) {
        return PackErrors.claimed(array, pack, claims.containsKey(array) ? "this process" : "another process");
    }

    /**
     * Maps an array for writing and claims it for a scope until that ends.
     *
     * @param array its name
     * @param scope the scope
     * @param memories gets every mapping that was made
     * @return the array and its writable elements, never null
     * @throws ConflictException if another scope or process has it
     */
    public ClaimedArray claim(String array, Object scope, List<Memory> memories) {
        return locked(() -> {
            Entry entry = entry(metadata, array);
            StoredArray stored = open(entry);
            if (claims.containsKey(array)) {
                throw claimed(array);
            }
            FileLock claim = journal.tryClaim(array);
            if (claim == null) {
                throw claimed(array);
            }
            try {
                Runs elements = stored.mapWritable(memories);
                memories.stream()
                        .filter(memory -> !timesMappedWrites() || isRecent(memory))
                        .forEach(Memory::countAddressAsWrite);
                claims.put(array, new Claim(scope, claim));
                return new ClaimedArray(stored, elements);
            } catch (RuntimeException | Error e) {
                Journal.release(claim);
                throw e;
            }
        });
    }

    private boolean timesMappedWrites() {
        if (timesMappedWrites == null) {
            timesMappedWrites = PackFolder.timesMappedWrites(pack);
        }
        return timesMappedWrites;
    }

    /** Whether the file was modified so recently that another modification may leave its time as it is. */
    private static boolean isRecent(Memory memory) {
        return Math.abs(System.currentTimeMillis() - memory.lastModified() / 1_000_000) < 50;
    }

    /**
     * An array that a scope may write through.
     *
     * @param stored the array
     * @param elements its elements, mapped for writing
     */
    public record ClaimedArray(StoredArray stored, Runs elements) {}

    // ---- reading

    /** {@return the metadata, read again if anybody has changed it since} */
    public Metadata metadata() {
        refresh(true);
        return metadata;
    }

    /**
     * The entry of an array.
     *
     * @param name the array
     * @return the entry, never null
     * @throws ArrayNotFoundException if there is none
     */
    public Entry entry(String name) {
        refresh(false);
        return entry(metadata, name);
    }

    Entry entry(Metadata from, String name) {
        Entry entry = from.find(ArrayNames.check(name));
        if (entry == null) {
            throw PackErrors.notFound(
                    name,
                    from.entries().stream().map(Entry::name).toList(),
                    exists() ? pack.toString() : pack + " (a directory that does not exist yet)");
        }
        return entry;
    }

    /**
     * Reads from an array so that the result belongs to one moment: read again if a commit came between, at last under the lock.
     *
     * @param name the array
     * @param fresh whether to look for changes by programs that do not use this library's journal
     * @param read what to read
     * @param <T> what it gives
     * @return what was read
     */
    public <T> T read(String name, boolean fresh, Function<StoredArray, T> read) {
        return atOneMoment(() -> {
            refresh(fresh);
            return read.apply(open(entry(metadata, name)));
        });
    }

    /**
     * Reads mapped elements so that the result belongs to one moment.
     *
     * @param read what to read; may run more than once
     * @param <T> what it gives
     * @return what was read
     */
    public <T> T atOneMoment(Supplier<T> read) {
        for (int attempt = 0; attempt < 2; attempt++) {
            long before = awaitQuiet();
            if (before < 0) {
                break;
            }
            try {
                T result = translating(read);
                if (generation() == before) {
                    return result;
                }
            } catch (NumPackException e) {
                if (generation() == before) {
                    throw e;
                }
            }
        }
        return shared(() -> translating(read));
    }

    /**
     * Reads memory that may be mapped from a file, which somebody may have cut short.
     *
     * @param read what to read
     * @param <T> what it gives
     * @return what was read
     * @throws CorruptPackException if the file was cut short
     */
    public <T> T translating(Supplier<T> read) {
        try {
            return read.get();
        } catch (InternalError e) {
            throw new CorruptPackException(
                    "a file of " + pack + " was cut short while it was read; restore it or save the array again",
                    e,
                    "path",
                    pack.toString());
        }
    }

    StoredArray open(Entry entry) {
        StoredArray found = open.get(entry.name());
        if (found != null && found.entry() == entry) {
            return found;
        }
        StoredArray opened = StoredArray.open(pack, entry);
        open.put(entry.name(), opened);
        return opened;
    }

    /**
     * Whether an array was cut to what a power cut had left of it.
     *
     * @param name the array
     * @return whether it was
     */
    public boolean isRecovered(String name) {
        return recovered.contains(name);
    }

    private long generation() {
        Journal j = journal;
        return j == null ? 0 : j.generation();
    }

    /** The generation between commits; negative if one stays in flight. */
    private long awaitQuiet() {
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

    private void refresh(boolean fresh) {
        if (journal == null && fresh && Files.exists(pack.resolve(FOLDER).resolve(Journal.NAME))) {
            lock.lock();
            try {
                if (journal == null) {
                    journal = Journal.open(pack.resolve(FOLDER), false);
                }
            } finally {
                lock.unlock();
            }
        }
        if (generation() != seenGeneration
                || fresh && !Stamp.of(pack.resolve(METADATA)).equals(stamp)) {
            reload();
        }
    }

    private void reload() {
        if (lock.isHeldByCurrentThread()) {
            load(generation());
            return;
        }
        for (int attempt = 0; attempt < 2; attempt++) {
            long before = awaitQuiet();
            if (before < 0) {
                break;
            }
            lock.lock();
            try {
                load(before);
                if (generation() == before) {
                    return;
                }
            } catch (CorruptPackException e) {
                if (generation() == before) {
                    throw e;
                }
            } finally {
                lock.unlock();
            }
        }
        shared(() -> {
            load(generation());
            return null;
        });
    }

    /** Reads the metadata; all its entries are new objects, so every array's files are looked at again. */
    private void load(long generation) {
        seenGeneration = -1;
        Path file = pack.resolve(METADATA);
        Stamp now = Stamp.of(file);
        if (now == Stamp.ABSENT) {
            PackFolder.check(pack);
            metadata = Metadata.EMPTY;
            open.clear();
        } else {
            metadata = Metadata.decode(Disk.read(file), file);
            open.clear();
        }
        stamp = now;
        seenGeneration = generation;
    }

    // ---- locks

    /** Runs under the lock of the process and, shared, of the pack: no commit is in flight meanwhile. */
    private <T> T shared(Supplier<T> action) {
        lock.lock();
        try {
            if (journal == null || journal.isLocked()) {
                return action.get();
            }
            if (journal.isPending() && writers > 0) {
                locked(() -> null);
            }
            journal.lock(true);
            try {
                if (journal.isPending()) {
                    throw new RecoveryNeededException(
                            "a program died while it was committing to " + pack
                                    + ", and this read-only handle may not finish its commit; open the pack once for writing",
                            "path",
                            pack.toString());
                }
                return action.get();
            } finally {
                journal.unlock();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Runs under the lock of the process and of the pack, with the metadata as it is on disk and nothing pending. */
    private <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            if (journal != null && journal.isLocked()) {
                return action.get();
            }
            openForWriting();
            journal.lock(false);
            try {
                Recovery.run(this, journal);
                refresh(true);
                if (!cleanedUp) {
                    Staging.cleanUp(pack, journal, this::forceAll);
                    cleanedUp = true;
                }
                return action.get();
            } finally {
                journal.unlock();
            }
        } finally {
            lock.unlock();
        }
    }

    private void openForWriting() {
        Path folder = pack.resolve(FOLDER);
        if (journal != null && journal.isWritable() && journal.isStillAt(folder)) {
            return;
        }
        PackFolder.requireLocal(pack);
        boolean isNew = !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
        if (isNew && Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException(
                    folder + " must be a directory of the pack itself; remove what lies there and try again",
                    null,
                    "path",
                    folder.toString());
        }
        Disk.createDirectories(folder);
        if (isNew && isDurable()) {
            Disk.force(pack);
            Disk.force(pack.toAbsolutePath().getParent());
        }
        if (journal != null) {
            journal.close();
            staging = null;
        }
        journal = Journal.open(folder, true);
        seenGeneration = -1;
        cleanedUp = false;
    }

    Staging staging() {
        if (staging == null) {
            staging = Staging.open(pack, journal);
        }
        return staging;
    }

    /**
     * The folder for files of a coming commit.
     *
     * @return the folder, made if need be; never null
     */
    public Staging stagingFolder() {
        return locked(this::staging);
    }

    // ---- committing

    /**
     * Commits edits: all of them or, if one is refused or anything fails, none.
     *
     * @param edits in the order in which they apply
     * @return the metadata after the commit, never null
     */
    public Metadata commit(List<? extends Edit> edits) {
        if (edits.isEmpty()) {
            return metadata;
        }
        List<Edit> staged = stage(edits);
        return locked(() -> {
            Plan plan = new Plan(this, metadata);
            try {
                plan.addAll(staged);
                CommitRecord record = plan.finish(BOOT, isDurable());
                if (record != null) {
                    commit(record, plan);
                }
            } catch (RuntimeException | Error e) {
                if (!journal.isPending()) {
                    plan.abandon();
                    staged.removeAll(edits);
                    discardStaged(staged);
                }
                throw e;
            }
            return metadata;
        });
    }

    /** Writes what is large before the lock is taken. */
    private List<Edit> stage(List<? extends Edit> edits) {
        List<Edit> result = new ArrayList<>(edits.size());
        for (Edit edit : edits) {
            if (edit instanceof Edit.Save e && e.staged() == null && Disk.bytes(e.source()) > Plan.INLINE) {
                result.add(new Edit.Save(
                        e.array(),
                        e.dtype(),
                        e.shape(),
                        null,
                        stagingFolder().stage(e.array(), e.source()),
                        e.expected()));
            } else if (edit instanceof Edit.Compact e) {
                result.add(read(
                        e.array(),
                        true,
                        stored -> stored.deleted() == null && stored.manifest() == null
                                ? e
                                : new Edit.Compact(
                                        e.array(),
                                        stored.entry(),
                                        stagingFolder().stage(e.array(), stored.elements()))));
            } else {
                result.add(edit);
            }
        }
        return result;
    }

    private void discardStaged(List<Edit> edits) {
        for (Edit edit : edits) {
            if (edit instanceof Edit.Save e && e.staged() != null) {
                staging().discard(e.staged());
            } else if (edit instanceof Edit.Compact e && e.staged() != null) {
                staging().discard(e.staged());
            }
        }
    }

    private void commit(CommitRecord record, Plan plan) {
        Metadata after = record.applyTo(metadata);
        if (after == null) {
            throw new IllegalStateException("a commit does not fit the state it was made for: " + record.touched());
        }
        boolean inPlace = record.touched().stream().allMatch(CommitRecord.Touched::isPatch);
        String staged = inPlace ? null : staging().next();
        if (!inPlace) {
            Disk.write(pack.resolve(staged), after.encode());
            if (record.durable() || stamp == Stamp.ABSENT) {
                Disk.force(pack.resolve(staged));
            }
        }
        if (record.durable()) {
            plan.written().forEach(file -> Disk.force(pack.resolve(file)));
            record.steps().forEach(step -> step.paths().forEach(file -> force(file)));
        }
        journal.write(record.encode(), BOOT, micros(), record.durable());
        journal.beginApplying();
        record.steps().forEach(step -> step.apply(pack));
        if (inPlace) {
            patch(record, after);
        } else {
            Disk.rename(pack.resolve(staged), pack.resolve(METADATA));
        }
        finish(record, after, plan.asides());
    }

    /** What remains once the files are as they should be, in a commit and in a recovery. */
    private void finish(CommitRecord record, Metadata after, List<String> asides) {
        if (record.durable()) {
            forceResult(record);
        }
        metadata = after;
        stamp = Stamp.of(pack.resolve(METADATA));
        for (CommitRecord.Touched t : record.touched()) {
            if (t.before() != null) {
                open.remove(t.before().name());
            }
            if (t.after() != null) {
                open.remove(t.after().name());
            }
        }
        journal.endApplying();
        seenGeneration = journal.generation();
        journal.clear();
        if (!asides.isEmpty()) {
            List<Path> gone = asides.stream().map(pack::resolve).toList();
            if (record.durable()) {
                gone.forEach(Disk::deleteTree);
            } else {
                background.run("force new files of " + pack, () -> {
                    forceResult(record);
                    gone.forEach(Disk::deleteTree);
                });
            }
        }
    }

    private void force(String file) {
        if (!file.isEmpty()) {
            Disk.force(Disk.resolve(pack, file));
        }
    }

    private void forceResult(CommitRecord record) {
        for (Step step : record.steps()) {
            force(step.result());
            Path folder = pack.resolve(step.result()).getParent();
            if (!folder.equals(pack)) {
                Disk.force(folder);
            }
        }
        force(METADATA);
        Disk.force(pack);
    }

    /** Changes the fixed-width fields of entries in the file itself. */
    private void patch(CommitRecord record, Metadata after) {
        Path file = pack.resolve(METADATA);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            for (CommitRecord.Touched t : record.touched()) {
                int index = after.indexOf(t.after().name());
                byte[] entry = new byte[t.after().encodedLength()];
                t.after().encode(ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN));
                out.seek(after.offset(index));
                out.write(entry);
            }
            out.seek(Metadata.TOTAL_SIZE_OFFSET);
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(after.totalSize())
                    .array());
        } catch (IOException e) {
            throw Disk.failed("write", file, e);
        }
    }

    // ---- recovery

    /** Finishes a commit that its process did not; false, and nothing is changed, if the files have changed since. The lock is held. */
    boolean replay(CommitRecord record, Metadata found) {
        Metadata after = record.applyTo(found);
        if (after == null || !record.fits(pack)) {
            return false;
        }
        journal.beginApplying();
        record.steps().forEach(step -> step.apply(pack));
        replaceMetadata(after);
        finish(record, after, List.of());
        return true;
    }

    void replaceMetadata(Metadata after) {
        String temporary = staging().next();
        Disk.write(pack.resolve(temporary), after.encode());
        Disk.force(pack.resolve(temporary));
        Disk.rename(pack.resolve(temporary), pack.resolve(METADATA));
        seenGeneration = -1;
    }

    void notice(String text) {
        notices.add(text);
    }

    void recovered(String array) {
        recovered.add(array);
    }

    private boolean isAfterPowerCut() {
        return !journal.boot().equals(new UUID(0, 0)) && !journal.boot().equals(BOOT);
    }

    static UUID boot() {
        return BOOT;
    }

    /** Whether an array's last change is so near to the last commit before a power cut that its file may be short. */
    boolean mayBeTorn(Entry entry) {
        return isAfterPowerCut() && entry.lastModified() >= journal.time() - RECENT_MICROS;
    }

    boolean needsCheck() {
        return isAfterPowerCut();
    }

    // ---- durability

    /** Makes everything committed so far survive a power cut. */
    public void sync() {
        background.drain();
        if (!exists()) {
            return;
        }
        shared(() -> {
            refresh(true);
            forceAll();
            return null;
        });
    }

    private void forceSegments(Entry entry) {
        List<StoredArray.Piece> pieces;
        try {
            pieces = StoredArray.pieces(entry, open(entry).manifest());
        } catch (CorruptPackException e) {
            return; // whoever reads the array is told; the others are none the worse for it
        }
        pieces.forEach(piece -> force(piece.file()));
    }

    private void forceAll() {
        for (Entry entry : metadata.entries()) {
            if (entry.isSegmented()) {
                forceSegments(entry);
            }
            force(entry.dataFile());
            force(ArrayNames.bitmapFile(entry.name()));
        }
        force(METADATA);
        if (journal != null) {
            Disk.force(pack.resolve(FOLDER));
        }
        Disk.force(pack);
        Path parent = pack.toAbsolutePath().getParent();
        if (parent != null) {
            Disk.force(parent);
        }
    }
}
