package numpack.commit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import numpack.format.ArrayNames;
import numpack.format.Entry;
import numpack.memory.Runs;

/**
 * What a commit does to the files of a pack, collected while its edits are laid out: which move away, which come, and what is written
 * into those that stay. What may run out of space is written before the record is: staged files, and appended rows behind the last
 * one, where nobody sees them.
 */
final class FileMoves {
    /** Contents up to this many bytes together travel in the record and are written in place. */
    static final int INLINE = 8 << 20;

    private final PackFiles files;
    private final Staging staging;
    private final StagedFiles staged;

    /** Files that leave their names; before anything comes, so that names can be exchanged. */
    private final List<Step> departures = new ArrayList<>();

    private final Set<String> departed = new HashSet<>();
    /** Where files that change their name lie between, by the name that they give up. */
    private final Map<String, String> between = new HashMap<>();

    private final Map<String, Step.Move> arrivals = new LinkedHashMap<>();
    /** Where the files that arrive lie now. */
    private final Map<String, String> origins = new HashMap<>();

    private final List<Step> writes = new ArrayList<>();
    private final Map<String, byte[]> replaced = new LinkedHashMap<>();
    private final List<Runnable> appends = new ArrayList<>();
    private final List<String> written = new ArrayList<>();
    private final List<String> asides = new ArrayList<>();
    private long inline;

    FileMoves(PackFiles files, Staging staging, StagedFiles staged) {
        this.files = files;
        this.staging = staging;
        this.staged = staged;
    }

    // ---- files that go

    /** Removes the files of an array. */
    void remove(Entry entry) {
        remove(entry.dataFile(), Staging.what(entry));
        if (entry.isSegmented()) {
            remove(ArrayNames.segmentFolder(entry.name()));
        }
        remove(ArrayNames.bitmapFile(entry.name()));
    }

    /** Removes a file or folder, if it is there. */
    void remove(String file) {
        remove(file, "other");
    }

    private void remove(String file, String what) {
        long inode = leaving(file);
        if (inode != 0) {
            String aside = staging.aside(what);
            departures.add(new Step.Move(file, aside, inode, ""));
            asides.add(aside);
        }
    }

    /** Takes a file away from its name, if it is there, until {@link #bring} gives it another one. */
    void take(String file) {
        long inode = leaving(file);
        if (inode != 0) {
            String place = staging.next();
            departures.add(new Step.Move(file, place, inode, ""));
            between.put(file, place);
        }
    }

    /** The inode of a file that is to leave; 0 if there is none, or it leaves already. */
    private long leaving(String file) {
        long inode = files.inode(file);
        return inode != 0 && departed.add(file) ? inode : 0;
    }

    /** Whether there is a file or folder of that name, and it stays. */
    boolean isStaying(String file) {
        return !departed.contains(file) && files.inode(file) != 0;
    }

    // ---- files that come

    /** Gives a file that was taken another name. */
    void bring(String from, String to) {
        String place = between.get(from);
        if (place != null) {
            arrive(to, from, new Step.Move(place, to, files.inode(from), ""));
        }
    }

    /** Gives a name to a staged file. */
    void install(StagedFile contents, String file) {
        arrive(file, contents.path(), new Step.Move(contents.path(), file, files.inode(contents.path()), ""));
        written.add(file);
    }

    /** Gives a staged file the name of one that has an entry, and is put aside. */
    void install(StagedFile contents, String file, Entry before) {
        String aside = staging.aside(Staging.what(before));
        asides.add(aside);
        arrive(file, contents.path(), new Step.Move(contents.path(), file, files.inode(contents.path()), aside));
        written.add(file);
    }

    private void arrive(String file, String origin, Step.Move move) {
        arrivals.put(file, move);
        origins.put(file, origin);
    }

    /** Where the file of that name lies until the moves are made. */
    private String now(String file) {
        return origins.getOrDefault(file, file);
    }

    // ---- what is written into files

    /** Whether so many bytes more may travel in the record. */
    private boolean fitsRecord(long bytes) {
        if (inline + bytes > INLINE) {
            return false;
        }
        inline += bytes;
        return true;
    }

    /** Writes elements over a whole file if the record can take them. */
    boolean overwrite(String file, Runs elements) {
        boolean fits = fitsRecord(Disk.bytes(elements));
        if (fits) {
            writes.add(new Step.Write(file, files.inode(file), 0, Disk.bytesOf(elements)));
        }
        return fits;
    }

    /** Elements that are to be written into places of files. */
    interface Cargo {
        /** Has some of the bytes written into a file. */
        void write(String file, long position, long from, long count);
    }

    /** Takes elements into the record or, if they do not fit it, stages them. */
    Cargo load(String array, Runs elements) {
        Map<String, Long> inodes = new HashMap<>();
        if (fitsRecord(Disk.bytes(elements))) {
            byte[] bytes = Disk.bytesOf(elements);
            return (file, position, from, count) -> writes.add(new Step.Write(
                    file,
                    inodes.computeIfAbsent(file, this::inodeNow),
                    position,
                    Arrays.copyOfRange(bytes, (int) from, (int) (from + count))));
        }
        StagedFile copy = staged.add(array, elements);
        asides.add(copy.path());
        return (file, position, from, count) -> writes.add(
                new Step.Copy(copy.path(), from, file, inodes.computeIfAbsent(file, this::inodeNow), position, count));
    }

    private long inodeNow(String file) {
        return files.inode(now(file));
    }

    /** Writes elements behind what a file holds, once it is known that no edit is refused. */
    void append(String file, long position, Runs elements) {
        appends.add(() -> {
            files.append(now(file), position, elements);
            written.add(file);
        });
    }

    /** New contents of a small file that is there already, in it if they are as long as the old ones. */
    void rewrite(String file, byte[] contents) {
        if (now(file).equals(file)
                && files.isThere(file)
                && files.length(file) == contents.length
                && fitsRecord(contents.length)) {
            writes.add(new Step.Write(file, files.inode(file), 0, contents));
        } else {
            replace(file, contents);
        }
    }

    /** A new file with other contents. */
    void replace(String file, byte[] contents) {
        replaced.put(file, contents);
    }

    // ---- the result

    /**
     * Writes what must be there before the record is, and gives the rest as steps. A record must find every file that it moves: so
     * what is replaced comes once, and not after one of its name was brought there.
     */
    List<Step> steps() {
        appends.forEach(Runnable::run);
        replaced.forEach((file, contents) -> {
            Step.Move superseded = arrivals.remove(file);
            if (superseded != null) {
                asides.add(superseded.from());
            }
            String path = staged.add(contents);
            writes.add(new Step.Move(path, file, files.inode(path), ""));
            written.add(file);
        });
        List<Step> steps = new ArrayList<>(departures);
        steps.addAll(arrivals.values());
        steps.addAll(writes);
        return steps;
    }

    /** {@return the files whose contents a durable commit must force} */
    List<String> written() {
        return written;
    }

    /** {@return the files that may go once the new ones have reached the disk} */
    List<String> asides() {
        return asides;
    }
}
