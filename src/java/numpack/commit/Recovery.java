package numpack.commit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import numpack.format.ArrayNames;
import numpack.format.DeletionBitmap;
import numpack.format.Entry;
import numpack.format.Metadata;

/**
 * What a writer does first, under the lock: finish the commit of a process that died, and, when the machine has been started again
 * since the last commit, cut what a power cut left half written to the whole rows that are there.
 */
final class Recovery {
    private Recovery() {}

    static void run(Store store, Journal journal) {
        if (journal.isPending()) {
            finish(store, journal);
        }
        if (store.needsCheck()) {
            afterPowerCut(store);
            journal.boot(Store.boot());
        }
    }

    private static void finish(Store store, Journal journal) {
        byte[] bytes = journal.pending();
        if (bytes != null) {
            CommitRecord record = CommitRecord.decode(bytes, journal.path());
            boolean replayable = record.durable() || record.boot().equals(Store.boot());
            if (!replayable || !store.replay(record, found(store))) {
                Path aside = journal.path().resolveSibling("unfinished-" + Store.micros() + ".record");
                Disk.write(aside, bytes);
                store.notice("a commit of a program that died could not be finished, because "
                        + (replayable ? "the files were changed since" : "the machine was started again since")
                        + "; it was set aside as " + aside);
            }
        }
        journal.endApplying();
        journal.clear();
    }

    private static Metadata found(Store store) {
        Path file = store.path().resolve(Store.METADATA);
        return Files.exists(file) ? Metadata.decode(Disk.read(file), file) : Metadata.EMPTY;
    }

    private static void afterPowerCut(Store store) {
        Metadata found = found(store);
        Metadata whole = found;
        for (int i = 0; i < found.entries().size(); i++) {
            Entry entry = found.entries().get(i);
            if (!entry.isSegmented() && !entry.isCompressed() && store.mayBeTorn(entry)) {
                whole = whole.with(i, cut(store, entry));
            }
        }
        if (whole != found) {
            store.replaceMetadata(whole);
        }
    }

    /** The entry with the whole rows that are in the file; the file that was replaced last comes back where it holds more. */
    private static Entry cut(Store store, Entry entry) {
        Path file = store.path().resolve(entry.dataFile());
        long needed = entry.rows() * entry.rowBytes();
        if (size(file) < needed) {
            aside(store.path(), entry).filter(a -> size(a) >= needed).ifPresent(a -> Disk.rename(a, file));
        }
        long rows = entry.rowBytes() == 0 ? entry.rows() : Math.min(entry.rows(), size(file) / entry.rowBytes());
        if (rows == entry.rows() && !entry.isTorn()) {
            return entry;
        }
        store.recovered(entry.name());
        Path bitmap = store.path().resolve(ArrayNames.bitmapFile(entry.name()));
        if (Files.exists(bitmap)) {
            Disk.write(
                    bitmap,
                    DeletionBitmap.decode(Disk.read(bitmap), entry.rows(), bitmap)
                            .cut(rows)
                            .encode());
        }
        return entry.withRows(rows, entry.lastModified());
    }

    private static long size(Path file) {
        return file.toFile().length();
    }

    private static java.util.Optional<Path> aside(Path pack, Entry entry) {
        String what = "-" + Plan.what(entry);
        try (Stream<Path> files = Files.list(pack.resolve(Store.FOLDER))) {
            List<Path> found = files.filter(f -> f.getFileName().toString().startsWith("aside-")
                            && f.getFileName().toString().endsWith(what))
                    .toList();
            return found.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(found.get(found.size() - 1));
        } catch (java.io.IOException e) {
            throw Disk.failed("list", pack.resolve(Store.FOLDER), e);
        }
    }
}
