package numpack.commit;

import java.util.List;
import numpack.format.ArrayNames;
import numpack.format.DeletionBitmap;
import numpack.format.Entry;
import numpack.format.SegmentManifest;
import numpack.memory.Runs;

/** An array while edits are laid out: as it is committed, and as it will be. */
final class PlannedArray {
    private final FileMoves files;
    private final Entry before;
    private final StoredArray stored;
    private Entry after;
    private DeletionBitmap deleted;
    private SegmentManifest manifest;
    private boolean keepsTime;

    private PlannedArray(FileMoves files, Entry before, Entry after, StoredArray stored) {
        this.files = files;
        this.before = before;
        this.after = after;
        this.stored = stored;
    }

    /** An array that is there. */
    static PlannedArray of(FileMoves files, StoredArray stored) {
        PlannedArray array = new PlannedArray(files, stored.entry(), stored.entry(), stored);
        array.deleted = stored.deleted();
        array.manifest = stored.manifest();
        return array;
    }

    /** An array whose contents are all new; {@code before} is null if there was none of its name. */
    static PlannedArray anew(FileMoves files, Entry before, Entry after) {
        return new PlannedArray(files, before, after, null);
    }

    Entry before() {
        return before;
    }

    Entry after() {
        return after;
    }

    /** The shape without dropped rows. */
    long[] shape() {
        long[] shape = after.shape();
        if (deleted != null) {
            shape[0] = deleted.activeRows();
        }
        return shape;
    }

    /** The committed elements without dropped rows. */
    Runs elements() {
        return stored.elements();
    }

    /** Whether it is one file without dropped rows. */
    boolean isCompact() {
        return deleted == null && !after.isSegmented();
    }

    boolean isChanged() {
        return after != before;
    }

    /** Whether it still has its name, and contents that it had before. */
    boolean isEdited() {
        return isChanged() && stored != null && after.name().equals(before.name());
    }

    /** What is only rewritten keeps its time. */
    void keepTime() {
        keepsTime = true;
    }

    /** Says when it was changed: each change is later than the one before it, so that the entry differs. */
    void changeAt(long time) {
        if (!keepsTime) {
            after = after.withTime(time);
        }
    }

    // ---- edits

    void touch() {
        after = after.withTime(after.lastModified());
    }

    void append(long rows, Runs elements) {
        long rowBytes = after.rowBytes();
        if (after.isSegmented()) {
            SegmentManifest.Segment last = lastSegment();
            files.append(last.file(), last.rows() * rowBytes, elements);
            manifest = manifest.withLastRows(last.rows() + rows);
            files.replace(after.dataFile(), manifest.encode());
        } else {
            files.append(after.dataFile(), after.rows() * rowBytes, elements);
        }
        after = after.withRows(Math.addExact(after.rows(), rows), after.lastModified());
        if (deleted != null) {
            deleted = deleted.append(rows);
        }
    }

    private SegmentManifest.Segment lastSegment() {
        if (manifest.segments().isEmpty()) {
            manifest = manifest.withAdded(ArrayNames.segmentFolder(after.name()) + "/seg_000000.npkd", 0);
        }
        return manifest.segments().get(manifest.segments().size() - 1);
    }

    /** Writes over rows, which are those without dropped ones. */
    void replace(long[] rows, Runs elements) {
        touch();
        long rowBytes = after.rowBytes();
        if (rowBytes == 0) {
            return;
        }
        long[] at = deleted == null ? rows : deleted.physical(rows);
        FileMoves.Cargo cargo = files.load(after.name(), elements);
        List<StoredArray.Extent> extents = StoredArray.extents(after, manifest);
        for (int from = 0, to; from < at.length; from = to) {
            StoredArray.Extent extent = extentOf(extents, at[from]);
            to = from + 1;
            while (to < at.length && at[to] == at[to - 1] + 1 && at[to] < extent.from() + extent.rows()) {
                to++;
            }
            cargo.write(extent.file(), (at[from] - extent.from()) * rowBytes, from * rowBytes, (to - from) * rowBytes);
        }
    }

    private static StoredArray.Extent extentOf(List<StoredArray.Extent> extents, long row) {
        for (StoredArray.Extent extent : extents) {
            if (row < extent.from() + extent.rows()) {
                return extent;
            }
        }
        throw new IllegalStateException("row " + row + " lies in no file");
    }

    void drop(long[] rows) {
        deleted = (deleted == null ? DeletionBitmap.allActive(after.rows()) : deleted).delete(rows);
        touch();
    }

    // ---- names

    /** Takes its files away from their names. */
    void leave() {
        for (StoredArray.Extent extent : StoredArray.extents(before, manifest)) {
            files.take(extent.file());
        }
        files.take(ArrayNames.bitmapFile(before.name()));
        if (before.isSegmented()) {
            files.remove(before);
        }
    }

    /** Brings its files to another name. */
    void arrive(String name) {
        after = before.withName(name, before.lastModified());
        if (before.isSegmented()) {
            SegmentManifest old = manifest;
            manifest = old.renamed(before.name(), name);
            for (int i = 0; i < manifest.segments().size(); i++) {
                files.bring(
                        old.segments().get(i).file(), manifest.segments().get(i).file());
            }
            files.replace(after.dataFile(), manifest.encode());
        } else {
            files.bring(before.dataFile(), after.dataFile());
        }
        files.bring(ArrayNames.bitmapFile(before.name()), ArrayNames.bitmapFile(name));
    }

    // ---- the result

    /** Once everything is laid out: writes what became of the dropped rows. */
    void writeDeleted() {
        if (stored != null && deleted != stored.deleted()) {
            files.rewrite(ArrayNames.bitmapFile(after.name()), deleted.encode());
        }
    }
}
