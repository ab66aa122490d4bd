package numpack.commit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import numpack.CorruptPackException;
import numpack.DType;
import numpack.format.ArrayNames;
import numpack.format.DeletionBitmap;
import numpack.format.Entry;
import numpack.format.SegmentManifest;
import numpack.format.Shape;
import numpack.memory.Memory;
import numpack.memory.Runs;

/**
 * A committed array with its files checked: its entry, its deletion bitmap, its segments, and the mapping of its elements, made when
 * it is first asked for. Immutable but for that.
 */
public final class StoredArray {
    private final PackFiles files;
    private final Entry entry;
    private final DeletionBitmap deleted;
    private final SegmentManifest manifest;
    private final boolean recovered;
    private Runs mapped;

    private StoredArray(
            PackFiles files, Entry entry, DeletionBitmap deleted, SegmentManifest manifest, boolean recovered) {
        this.files = files;
        this.entry = entry;
        this.deleted = deleted;
        this.manifest = manifest;
        this.recovered = recovered;
    }

    static StoredArray open(PackFiles files, Entry entry, boolean recovered) {
        Path pack = files.pack();
        Path file = files.path(entry.dataFile());
        if (entry.isTorn()) {
            throw new CorruptPackException(
                    files.path(PackFiles.METADATA) + ", array \"" + entry.name() + "\", field size_bytes: "
                            + entry.rows()
                            + " rows of " + entry.rowBytes() + " bytes are not " + entry.sizeBytes()
                            + " bytes; restore the file from a copy, or save the array again",
                    null,
                    "array",
                    entry.name(),
                    "path",
                    files.path(PackFiles.METADATA).toString(),
                    "expected",
                    entry.rows() * entry.rowBytes(),
                    "found",
                    entry.sizeBytes());
        }
        SegmentManifest manifest = null;
        if (entry.isSegmented()) {
            checkedSize(pack, entry, file);
            manifest = SegmentManifest.decode(Disk.read(file), entry.rows(), entry.rowBytes(), file);
            for (SegmentManifest.Segment segment : manifest.segments()) {
                requireSize(pack, entry, files.path(segment.file()), segment.rows() * entry.rowBytes());
            }
        } else {
            requireSize(pack, entry, file, entry.sizeBytes());
        }
        Path bitmap = files.path(ArrayNames.bitmapFile(entry.name()));
        DeletionBitmap deleted = null;
        if (Files.exists(bitmap, LinkOption.NOFOLLOW_LINKS)) {
            checkedSize(pack, entry, bitmap);
            deleted = DeletionBitmap.decode(Disk.read(bitmap), entry.rows(), bitmap);
        }
        return new StoredArray(files, entry, deleted, manifest, recovered);
    }

    private static void requireSize(Path pack, Entry entry, Path file, long bytesOfElements) {
        long bytes = entry.isCompressed() ? 0 : bytesOfElements;
        long found = bytes == 0 && !Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? 0 : checkedSize(pack, entry, file);
        if (found < bytes) {
            throw new CorruptPackException(
                    "array \"" + entry.name() + "\" needs " + bytes + " bytes in " + file + ", which has " + found
                            + ": it was cut short. Restore the file, or save the array again",
                    null,
                    "array",
                    entry.name(),
                    "path",
                    file.toString(),
                    "expected",
                    bytes,
                    "found",
                    found);
        }
    }

    /** The size of a file of the pack, once it is known to be a regular file that lies inside of it. */
    static long checkedSize(Path pack, Entry entry, Path file) {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean nested = !file.getParent().equals(pack);
            if (found.isSymbolicLink() || nested) {
                Path real = file.toRealPath();
                if (!real.startsWith(pack)) {
                    throw new CorruptPackException(
                            "array \"" + entry.name() + "\" has " + file
                                    + ", a link that leaves the pack; it is not followed."
                                    + " Save the array again, or put the file itself there",
                            null,
                            "array",
                            entry.name(),
                            "path",
                            file.toString(),
                            "found",
                            real.toString());
                }
                found = Files.readAttributes(real, BasicFileAttributes.class);
            }
            if (!found.isRegularFile()) {
                throw new CorruptPackException(
                        "array \"" + entry.name() + "\" has " + file
                                + ", which is not a regular file; save the array again",
                        null,
                        "array",
                        entry.name(),
                        "path",
                        file.toString());
            }
            return found.size();
        } catch (NoSuchFileException e) {
            throw new CorruptPackException(
                    "the file " + file + " of array \"" + entry.name()
                            + "\" is missing; restore it, or delete the array",
                    e,
                    "array",
                    entry.name(),
                    "path",
                    file.toString());
        } catch (IOException e) {
            throw Disk.failed("look at", file, e);
        }
    }

    /** {@return the entry in the metadata, never null} */
    public Entry entry() {
        return entry;
    }

    /** {@return the dtype, never null} */
    public DType dtype() {
        return entry.dtype();
    }

    /** {@return the rows that are not deleted} */
    public long rows() {
        return deleted == null ? entry.rows() : deleted.activeRows();
    }

    /** {@return the shape with the rows that are not deleted} */
    public long[] shape() {
        return entry.rank() == 0 ? entry.shape() : Shape.withRows(entry.shape(), rows());
    }

    /** {@return which rows are deleted; null if there is no bitmap, in which case none is} */
    public DeletionBitmap deleted() {
        return deleted;
    }

    /** {@return whether it was cut to what a power cut had left of it} */
    public boolean isRecovered() {
        return recovered;
    }

    /** Whether it is one file without dropped rows. */
    boolean isCompact() {
        return deleted == null && manifest == null;
    }

    /** {@return the segments; null if the array is a single file} */
    public SegmentManifest manifest() {
        return manifest;
    }

    /** {@return the elements of the rows that are not deleted: read-only, mapped on the first call; never null} */
    public synchronized Runs elements() {
        if (mapped == null) {
            mapped = logical(Runs.concat(map(false)).readOnly());
        }
        return mapped;
    }

    /**
     * Maps the elements anew for writing.
     *
     * @param memories gets every mapping that was made
     * @return the elements of the rows that are not deleted, never null
     */
    public Runs mapWritable(List<Memory> memories) {
        List<Runs> parts = map(true);
        for (Runs part : parts) {
            for (int k = 0; k < part.count(); k++) {
                memories.add(part.memory(k));
            }
        }
        return logical(Runs.concat(parts));
    }

    private List<Runs> map(boolean writable) {
        List<Runs> parts = new ArrayList<>();
        parts.add(Runs.empty(entry.dtype().kind()));
        for (Extent extent : extents(entry, manifest)) {
            if (extent.rows > 0 && entry.rowBytes() > 0) {
                parts.add(Runs.of(
                        files.map(extent.file, entry.dtype().kind(), extent.rows * entry.rowBytes(), writable)));
            }
        }
        return parts;
    }

    private Runs logical(Runs physical) {
        if (deleted == null) {
            return physical;
        }
        long items = entry.rowBytes() / entry.dtype().kind().bytes();
        long[][] active = deleted.activeRuns(items);
        return physical.pick(active[0], active[1]);
    }

    /** The files of an array's elements in order, with their rows. */
    static List<Extent> extents(Entry entry, SegmentManifest manifest) {
        if (manifest == null) {
            return List.of(new Extent(entry.dataFile(), 0, entry.rows()));
        }
        List<Extent> extents = new ArrayList<>();
        long from = 0;
        for (SegmentManifest.Segment segment : manifest.segments()) {
            extents.add(new Extent(segment.file(), from, segment.rows()));
            from += segment.rows();
        }
        return extents;
    }

    /**
     * A file with consecutive physical rows.
     *
     * @param file relative to the pack
     * @param from its first row
     * @param rows how many
     */
    record Extent(String file, long from, long rows) {}
}
