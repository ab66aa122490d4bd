package numpack.commit;

import java.util.List;
import numpack.CorruptPackException;
import numpack.format.ArrayNames;
import numpack.format.Entry;

/** What brings a pack's files to the disk, so that they survive a power cut. */
final class Forcing {
    private final PackFiles files;
    private final PackLocks locks;
    private final PackState state;
    private final Background background;

    Forcing(PackFiles files, PackLocks locks, PackState state, Background background) {
        this.files = files;
        this.locks = locks;
        this.state = state;
        this.background = background;
    }

    /** Makes everything committed so far survive a power cut. */
    void sync() {
        background.drain();
        if (files.exist()) {
            locks.shared(() -> {
                state.metadata();
                all();
                return null;
            });
        }
    }

    /** Forces what a record relies on, before it is written. */
    void before(CommitRecord record, List<String> written) {
        written.forEach(files::force);
        record.files().forEach(files::force);
    }

    /** Forces what a record has changed, and the names of the files. */
    void after(CommitRecord record) {
        for (Step step : record.steps()) {
            files.force(step.result());
            int folder = step.result().lastIndexOf('/');
            if (folder >= 0) {
                files.force(step.result().substring(0, folder));
            }
        }
        files.force(PackFiles.METADATA);
        Disk.force(files.pack());
    }

    /** Removes files that a commit replaced, once what it brought has reached the disk. */
    void removeReplaced(CommitRecord record, List<String> asides) {
        if (asides.isEmpty()) {
            return;
        }
        if (record.durable()) {
            asides.forEach(files::delete);
        } else {
            background.run("force new files of " + files.pack(), () -> {
                after(record);
                asides.forEach(files::delete);
            });
        }
    }

    /** Forces all that is committed, and that the pack is there. */
    void all() {
        for (Entry entry : state.known().entries()) {
            if (entry.isSegmented()) {
                segments(entry);
            }
            files.force(entry.dataFile());
            files.force(ArrayNames.bitmapFile(entry.name()));
        }
        files.force(PackFiles.METADATA);
        files.force(PackFiles.FOLDER);
        Disk.force(files.pack());
        if (files.pack().getParent() != null) {
            Disk.force(files.pack().getParent());
        }
    }

    private void segments(Entry entry) {
        List<StoredArray.Extent> extents;
        try {
            extents = StoredArray.extents(entry, state.open(entry).manifest());
        } catch (CorruptPackException e) {
            return; // whoever reads the array is told; the others are none the worse for it
        }
        extents.forEach(extent -> files.force(extent.file()));
    }
}
