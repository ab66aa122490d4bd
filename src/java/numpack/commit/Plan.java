package numpack.commit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import numpack.ConflictException;
import numpack.DType;
import numpack.format.ArrayNames;
import numpack.format.DeletionBitmap;
import numpack.format.Entry;
import numpack.format.Metadata;
import numpack.format.SegmentManifest;
import numpack.memory.Runs;

/**
 * Lays edits out against the state found under the lock: what becomes of each entry, and which steps bring the files there. What may
 * run out of space is written here already, where nobody sees it: staged files, and appended rows behind the last one.
 */
final class Plan {
    /** Contents up to this many bytes together travel in the record and are written in place. */
    static final int INLINE = 8 << 20;

    private final Store store;
    private final Path pack;
    private final Metadata metadata;
    private final Map<String, Working> arrays = new LinkedHashMap<>();
    private final Map<Edit.Rename, Working> renamed = new HashMap<>();
    /** Files that change their name lie in the staging folder between, so that names can be exchanged. */
    private final Map<String, String> away = new HashMap<>();

    private final List<CommitRecord.Touched> deleted = new ArrayList<>();
    private final Set<String> vacated = new HashSet<>();
    private final List<Step> moves = new ArrayList<>();
    private final List<Step> arrivals = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, byte[]> small = new LinkedHashMap<>();
    private final List<Runnable> appends = new ArrayList<>();
    private final List<String> asides = new ArrayList<>();
    private final List<String> written = new ArrayList<>();
    private final List<String> staged = new ArrayList<>();
    private long inline;

    /** An array while edits are laid out: as committed, and as it will be. */
    private static final class Working {
        final Entry before;
        Entry after;
        DeletionBitmap bitmap;
        SegmentManifest manifest;
        StoredArray stored;

        Working(Entry before) {
            this.before = before;
            this.after = before;
        }
    }

    Plan(Store store, Metadata metadata) {
        this.store = store;
        this.pack = store.path();
        this.metadata = metadata;
    }

    /** Adds edits in their order; but every name is given up before any is taken, so that arrays may exchange theirs. */
    void addAll(List<Edit> edits) {
        for (Edit edit : edits) {
            if (edit instanceof Edit.Unchanged e) {
                checkExpected(e);
            }
        }
        for (Edit edit : edits) {
            if (edit instanceof Edit.Rename e) {
                checkExpected(e);
                giveUpName(e);
            }
        }
        edits.forEach(this::add);
    }

    private void checkExpected(Edit edit) {
        Edit.Expected expected = edit.expected();
        if (expected != null && !arrays.containsKey(edit.array())) {
            checkUnchanged(edit.array(), expected.entry());
        }
    }

    private void add(Edit edit) {
        if (edit instanceof Edit.Rename e) {
            rename(e);
            return;
        }
        if (edit instanceof Edit.Unchanged) {
            return;
        }
        checkExpected(edit);
        if (edit instanceof Edit.Save e) {
            save(e);
        } else if (edit instanceof Edit.Create e) {
            create(e);
        } else if (edit instanceof Edit.Append e) {
            append(e);
        } else if (edit instanceof Edit.Replace e) {
            replace(e);
        } else if (edit instanceof Edit.Drop e) {
            drop(e);
        } else if (edit instanceof Edit.Delete e) {
            delete(e);
        } else if (edit instanceof Edit.Compact e) {
            compact(e);
        } else if (edit instanceof Edit.Touch e) {
            touch(existing(e.array()));
        }
    }

    private void checkUnchanged(String array, Entry seen) {
        Entry now = find(array);
        if (seen == null ? now != null : !seen.equals(now)) {
            throw new ConflictException(
                    "array \"" + array + "\" was " + (now == null ? "deleted" : seen == null ? "created" : "changed")
                            + " by somebody else since this scope first used it; nothing was committed."
                            + " Run the scope again, or open it with on-conflict overwrite",
                    "array",
                    array,
                    "path",
                    pack.toString());
        }
    }

    /** The committed entry, unless an earlier edit of this plan deleted it or gave it another name. */
    private Entry find(String array) {
        return vacated.contains(array) ? null : metadata.find(array);
    }

    private Working existing(String name) {
        Working w = arrays.get(name);
        if (w == null) {
            w = new Working(store.entry(metadata, name));
            w.stored = store.open(w.before);
            w.bitmap = w.stored.deleted();
            w.manifest = w.stored.manifest();
            arrays.put(name, w);
        }
        return w;
    }

    private long now(Entry before) {
        long micros = Store.micros();
        return before == null ? micros : Math.max(micros, before.lastModified() + 1);
    }

    private void touch(Working w) {
        w.after = w.after.withRows(w.after.rows(), now(w.before));
    }

    // ---- the edits

    private void save(Edit.Save e) {
        Entry before = find(e.array());
        if (before == null) {
            Working w = new Working(null);
            w.after = newEntry(e.array(), e.dtype(), e.shape(), now(null));
            arrays.put(e.array(), w);
            clearOrphans(e.array());
            install(e.staged() != null ? e.staged().path() : stage(e.array(), e.source()), w.after.dataFile(), "");
            return;
        }
        store.requireUnclaimed(e.array());
        Working w = new Working(before);
        arrays.put(e.array(), w);
        w.after = newEntry(e.array(), e.dtype(), e.shape(), now(before));
        boolean plain = !before.isSegmented() && !before.isCompressed() && inode(ArrayNames.bitmapFile(e.array())) == 0;
        if (e.staged() == null
                && plain
                && before.dtype() == e.dtype()
                && Arrays.equals(before.shape(), e.shape())
                && before.dataFile().equals(w.after.dataFile())
                && isIntact(before)
                && fitsRecord(Disk.bytes(e.source()))) {
            steps.add(new Step.Write(before.dataFile(), inode(before.dataFile()), 0, Disk.bytesOf(e.source())));
            return;
        }
        String contents = e.staged() != null ? e.staged().path() : stage(e.array(), e.source());
        if (before.isSegmented() || !before.dataFile().equals(w.after.dataFile())) {
            removeFiles(before);
            clearOrphans(e.array());
        } else {
            removeBitmap(e.array());
        }
        install(contents, w.after.dataFile(), what(before));
    }

    /** Whether so many bytes more may travel in the record; if not, they are staged. */
    private boolean fitsRecord(long bytes) {
        if (inline + bytes > INLINE) {
            return false;
        }
        inline += bytes;
        return true;
    }

    private boolean isIntact(Entry entry) {
        Path file = pack.resolve(entry.dataFile());
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && file.toFile().length() >= entry.sizeBytes();
    }

    private void create(Edit.Create e) {
        if (find(e.array()) != null) {
            throw PackErrors.exists(e.array(), pack);
        }
        Working w = new Working(null);
        w.after = newEntry(e.array(), e.dtype(), e.shape(), now(null));
        arrays.put(e.array(), w);
        clearOrphans(e.array());
        String zeros = store.staging().allocate(e.array(), w.after.sizeBytes()).path();
        staged.add(zeros);
        install(zeros, w.after.dataFile(), "");
    }

    private void append(Edit.Append e) {
        Working w = existing(e.array());
        Runs rows = e.source().elements(w.after.dtype(), logicalShape(w));
        if (e.rows() == 0) {
            return;
        }
        long rowBytes = w.after.rowBytes();
        if (w.after.isSegmented()) {
            if (w.manifest.segments().isEmpty()) {
                String folder = ArrayNames.segmentFolder(w.after.name());
                Disk.createDirectories(pack.resolve(folder));
                w.manifest = w.manifest.withAdded(folder + "/seg_000000.npkd", 0);
            }
            SegmentManifest.Segment last =
                    w.manifest.segments().get(w.manifest.segments().size() - 1);
            appends.add(() -> appendTo(last.file(), last.rows() * rowBytes, rows));
            w.manifest = w.manifest.withLastRows(last.rows() + e.rows());
            contents(w.after.dataFile(), w.manifest.encode());
        } else {
            String file = w.after.dataFile();
            long position = w.after.rows() * rowBytes;
            appends.add(() -> appendTo(file, position, rows));
        }
        w.after = w.after.withRows(Math.addExact(w.after.rows(), e.rows()), now(w.before));
        if (w.bitmap != null) {
            w.bitmap = w.bitmap.append(e.rows());
        }
    }

    private void appendTo(String file, long position, Runs rows) {
        Path path = pack.resolve(currentPath(file));
        try (RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
            try {
                Disk.write(out, path, position, rows);
            } catch (RuntimeException e) {
                out.setLength(position);
                throw e;
            }
        } catch (IOException e) {
            throw Disk.failed("append to", path, e);
        }
        written.add(file);
    }

    private void replace(Edit.Replace e) {
        Working w = existing(e.array());
        Runs rows = e.source().elements(w.after.dtype(), logicalShape(w));
        long[] at = e.rows().resolve(logicalShape(w)[0]);
        if (at.length == 0) {
            return;
        }
        if (w.bitmap != null) {
            at = w.bitmap.physical(at);
        }
        touch(w);
        long rowBytes = w.after.rowBytes();
        if (rowBytes == 0) {
            return;
        }
        boolean inRecord = fitsRecord(Disk.bytes(rows));
        byte[] contents = inRecord ? Disk.bytesOf(rows) : null;
        String copied = inRecord ? null : stage(e.array(), rows);
        if (!inRecord) {
            asides.add(copied);
        }
        List<StoredArray.Piece> pieces = StoredArray.pieces(w.after, w.manifest);
        for (int from = 0, to; from < at.length; from = to) {
            StoredArray.Piece piece = pieceOf(pieces, at[from]);
            to = from + 1;
            while (to < at.length && at[to] == at[to - 1] + 1 && at[to] < piece.from() + piece.rows()) {
                to++;
            }
            long position = (at[from] - piece.from()) * rowBytes;
            long inode = inode(currentPath(piece.file()));
            steps.add(
                    inRecord
                            ? new Step.Write(
                                    piece.file(),
                                    inode,
                                    position,
                                    Arrays.copyOfRange(
                                            contents, Math.toIntExact(from * rowBytes), Math.toIntExact(to * rowBytes)))
                            : new Step.Copy(
                                    copied, from * rowBytes, piece.file(), inode, position, (to - from) * rowBytes));
        }
    }

    private static StoredArray.Piece pieceOf(List<StoredArray.Piece> pieces, long row) {
        for (StoredArray.Piece piece : pieces) {
            if (row < piece.from() + piece.rows()) {
                return piece;
            }
        }
        throw new IllegalStateException("row " + row + " lies in no file");
    }

    private void drop(Edit.Drop e) {
        Working w = existing(e.array());
        long[] rows = e.rows().resolve(logicalShape(w)[0]);
        if (rows.length > 0) {
            w.bitmap = (w.bitmap == null ? DeletionBitmap.allActive(w.after.rows()) : w.bitmap).delete(rows);
            touch(w);
        }
    }

    private void delete(Edit.Delete e) {
        Entry before = store.entry(metadata, e.array());
        store.requireUnclaimed(e.array());
        removeFiles(before);
        deleted.add(new CommitRecord.Touched(before, null));
        vacated.add(e.array());
    }

    private void giveUpName(Edit.Rename e) {
        Working w = existing(e.array());
        store.requireUnclaimed(e.array());
        renamed.put(e, w);
        arrays.remove(e.array());
        vacated.add(e.array());
        for (StoredArray.Piece piece : StoredArray.pieces(w.before, w.manifest)) {
            takeAway(piece.file());
        }
        takeAway(ArrayNames.bitmapFile(e.array()));
        if (w.before.isSegmented()) {
            remove(w.before.dataFile(), what(w.before));
            remove(ArrayNames.segmentFolder(e.array()), "segments");
        }
    }

    private void takeAway(String file) {
        long inode = inode(file);
        if (inode != 0) {
            String between = store.staging().next();
            moves.add(new Step.Move(file, between, inode, ""));
            away.put(file, between);
        }
    }

    private void bringTo(String file, String from) {
        String between = away.get(from);
        if (between != null) {
            arrivals.add(new Step.Move(between, file, inode(from), ""));
        }
    }

    private void rename(Edit.Rename e) {
        Working w = renamed.get(e);
        if (find(ArrayNames.check(e.to())) != null || arrays.putIfAbsent(e.to(), w) != null) {
            throw PackErrors.exists(e.to(), pack);
        }
        Entry before = w.before;
        w.after = before.withName(e.to(), now(before));
        clearOrphans(e.to());
        if (before.isSegmented()) {
            w.manifest = w.stored.manifest().renamed(e.array(), e.to());
            for (int i = 0; i < w.manifest.segments().size(); i++) {
                bringTo(
                        w.manifest.segments().get(i).file(),
                        w.stored.manifest().segments().get(i).file());
            }
            contents(w.after.dataFile(), w.manifest.encode());
        } else {
            bringTo(w.after.dataFile(), before.dataFile());
        }
        bringTo(ArrayNames.bitmapFile(e.to()), ArrayNames.bitmapFile(e.array()));
    }

    private void compact(Edit.Compact e) {
        Working w = existing(e.array());
        Staging.StagedFile rewritten = w.before.equals(e.seen()) ? e.staged() : null;
        if (rewritten == null && e.staged() != null) {
            asides.add(e.staged().path());
        }
        if (w.bitmap == null && !w.after.isSegmented()) {
            return;
        }
        save(new Edit.Save(e.array(), w.after.dtype(), logicalShape(w), w.stored.elements(), rewritten, null));
    }

    // ---- files

    private String stage(String array, Runs source) {
        String path = store.staging().stage(array, source).path();
        staged.add(path);
        return path;
    }

    /** Gives back the space of what was staged for a commit that will not be. */
    void abandon() {
        staged.forEach(file -> Disk.delete(pack.resolve(file)));
    }

    private Entry newEntry(String name, DType dtype, long[] shape, long time) {
        return Entry.of(name, dtype, shape, time);
    }

    private long[] logicalShape(Working w) {
        long[] shape = w.after.shape();
        if (w.bitmap != null) {
            shape[0] = w.bitmap.activeRows();
        }
        return shape;
    }

    private long inode(String file) {
        return Disk.inode(Disk.resolve(pack, file));
    }

    /** Where the file of an array lies until the renames of this plan are applied. */
    private String currentPath(String file) {
        for (int i = 0; i < arrivals.size(); i++) {
            if (arrivals.get(i) instanceof Step.Move arrival && arrival.to().equals(file)) {
                for (Step step : moves) {
                    if (step instanceof Step.Move move && move.to().equals(arrival.from())) {
                        return move.from();
                    }
                }
                return arrival.from();
            }
        }
        return file;
    }

    static String what(Entry entry) {
        return entry.dtype() + "-"
                + LongStream.of(entry.shape()).mapToObj(Long::toString).collect(Collectors.joining("x")) + "-"
                + Integer.toHexString(entry.name().hashCode());
    }

    private void install(String contents, String file, String replaced) {
        String aside = "";
        if (!replaced.isEmpty()) {
            aside = store.staging().aside(replaced);
            asides.add(aside);
        }
        arrivals.add(new Step.Move(contents, file, inode(contents), aside));
        written.add(file);
    }

    /** New contents of a small file that is there already. */
    private void contents(String file, byte[] bytes) {
        small.put(file, bytes);
    }

    /** A record must find every file that it moves: so each small file comes once, and not after one of its name was brought there. */
    private void writeContents() {
        small.forEach((file, bytes) -> {
            arrivals.removeIf(
                    step -> step instanceof Step.Move move && move.to().equals(file) && asides.add(move.from()));
            String contents = store.staging().next();
            staged.add(contents);
            Disk.write(pack.resolve(contents), bytes);
            steps.add(new Step.Move(contents, file, inode(contents), ""));
            written.add(file);
        });
    }

    private void remove(String file, String what) {
        long inode = inode(file);
        if (inode != 0) {
            String aside = store.staging().aside(what);
            asides.add(aside);
            moves.add(new Step.Move(file, aside, inode, ""));
        }
    }

    private void removeBitmap(String array) {
        remove(ArrayNames.bitmapFile(array), "bitmap");
    }

    private void removeFiles(Entry entry) {
        remove(entry.dataFile(), what(entry));
        if (entry.isSegmented()) {
            remove(ArrayNames.segmentFolder(entry.name()), "segments");
        }
        removeBitmap(entry.name());
    }

    /** What lies under the names of a new array's files belongs to no array: a crash of Python left it. */
    private void clearOrphans(String array) {
        for (String file : List.of(
                ArrayNames.bitmapFile(array),
                ArrayNames.manifestFile(array),
                ArrayNames.segmentFolder(array),
                ArrayNames.dataFile(array))) {
            if (inode(file) != 0
                    && moves.stream()
                            .noneMatch(s -> s instanceof Step.Move m && m.from().equals(file))) {
                requireFree(file, array);
                remove(file, "orphan");
            }
        }
    }

    /** In packs of other writers an array's file may have another array's name. */
    private void requireFree(String file, String array) {
        for (Entry entry : metadata.entries()) {
            if (entry.dataFile().equals(file) && !entry.name().equals(array)) {
                throw new ConflictException(
                        "array \"" + array + "\" would lie in " + file + ", but array \"" + entry.name()
                                + "\" lies there; save that one again under its own name first",
                        "array",
                        array,
                        "path",
                        pack.resolve(file).toString());
            }
        }
    }

    private void bitmaps() {
        for (Map.Entry<String, Working> a : arrays.entrySet()) {
            Working w = a.getValue();
            if (w.stored == null || w.bitmap == w.stored.deleted()) {
                continue;
            }
            String file = ArrayNames.bitmapFile(a.getKey());
            byte[] bytes = w.bitmap.encode();
            Path there = pack.resolve(file);
            if (currentPath(file).equals(file)
                    && Files.exists(there)
                    && there.toFile().length() == bytes.length
                    && fitsRecord(bytes.length)) {
                steps.add(new Step.Write(file, inode(file), 0, bytes));
            } else {
                contents(file, bytes);
            }
        }
    }

    /** {@return what is to be committed; null if nothing is} Appended rows are written only now that no edit was refused. */
    CommitRecord finish(java.util.UUID boot, boolean durable) {
        appends.forEach(Runnable::run);
        bitmaps();
        writeContents();
        List<CommitRecord.Touched> touched = new ArrayList<>(deleted);
        for (Working w : arrays.values()) {
            if (w.after != w.before) {
                touched.add(new CommitRecord.Touched(w.before, w.after));
            }
        }
        if (touched.isEmpty()) {
            return null;
        }
        List<Step> all = new ArrayList<>(moves);
        all.addAll(arrivals);
        all.addAll(steps);
        return new CommitRecord(boot, durable, touched, all);
    }

    /** {@return the files, relative to the pack, whose contents a durable commit must force} */
    List<String> written() {
        return written;
    }

    /** {@return the files that may go once the new ones have reached the disk} */
    List<String> asides() {
        return asides;
    }
}
