package numpack.commit;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import numpack.format.ArrayNames;
import numpack.format.DeletionBitmap;
import numpack.format.Entry;
import numpack.format.Metadata;

/**
 * What a writer does first, under the lock: finish the commit of a process that died, and, when the machine has been started again
 * since the last commit, cut what a power cut left half written to the whole rows that are there.
 */
final class Recovery {
    /** Arrays that were changed so long before the last commit have reached the disk. */
    private static final long RECENT_MICROS = 60_000_000;

    private final PackFiles files;
    private final MetadataFile metadata;
    private final PackState state;
    private final Staging staging;
    private final Committer committer;
    private final List<String> notices;

    Recovery(
            PackFiles files,
            MetadataFile metadata,
            PackState state,
            Staging staging,
            Committer committer,
            List<String> notices) {
        this.files = files;
        this.metadata = metadata;
        this.state = state;
        this.staging = staging;
        this.committer = committer;
        this.notices = notices;
    }

    void run(Journal journal) {
        if (journal.isPending()) {
            finish(journal);
        }
        if (journal.isOfAnotherBoot()) {
            afterPowerCut(journal.time());
            journal.mark(Boot.ID);
        }
    }

    private void finish(Journal journal) {
        byte[] bytes = journal.pending();
        if (bytes != null) {
            CommitRecord record = CommitRecord.decode(bytes, journal.path());
            boolean replayable = record.durable() || record.boot().equals(Boot.ID);
            Optional<List<Runnable>> remaining = replayable ? committer.remaining(record) : Optional.empty();
            remaining.ifPresent(steps -> steps.forEach(Runnable::run));
            if (remaining.isEmpty()) {
                Path aside = journal.path().resolveSibling("unfinished-" + Micros.now() + ".record");
                Disk.write(aside, bytes);
                notices.add("a commit of a program that died could not be finished, because "
                        + (replayable ? "the files were changed since" : "the machine was started again since")
                        + "; it was set aside as " + aside);
            }
        }
        journal.endApplying();
        journal.clear();
    }

    private void afterPowerCut(long lastCommit) {
        Metadata found = metadata.read();
        Metadata whole = found;
        for (Entry entry : found.entries()) {
            if (!entry.isSegmented() && entry.fault() == null && entry.lastModified() >= lastCommit - RECENT_MICROS) {
                Entry cut = cut(entry);
                whole = cut == entry ? whole : whole.with(cut);
            }
        }
        if (whole != found) {
            committer.replaceMetadata(whole);
        }
    }

    /** The entry with the whole rows that are in the file; the file that was replaced last comes back where it holds more. */
    private Entry cut(Entry entry) {
        String file = entry.dataFile();
        long needed = entry.rows() * entry.rowBytes();
        if (files.length(file) < needed) {
            staging.asideOf(entry)
                    .filter(aside -> files.length(aside) >= needed)
                    .ifPresent(aside -> files.rename(aside, file));
        }
        long rows =
                entry.rowBytes() == 0 ? entry.rows() : Math.min(entry.rows(), files.length(file) / entry.rowBytes());
        if (rows == entry.rows() && !entry.isTorn()) {
            return entry;
        }
        state.recovered(entry.name());
        String bitmap = ArrayNames.bitmapFile(entry.name());
        if (files.isThere(bitmap)) {
            files.write(
                    bitmap,
                    DeletionBitmap.decode(files.read(bitmap), entry.rows(), files.path(bitmap))
                            .cut(rows)
                            .encode());
        }
        return entry.withRows(rows, entry.lastModified());
    }
}
