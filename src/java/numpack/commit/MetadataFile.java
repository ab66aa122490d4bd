package numpack.commit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import numpack.format.Entry;
import numpack.format.Metadata;

/**
 * The file of a pack that says which arrays it has. The fixed-width fields of entries are changed in the file itself, which never
 * makes it unparsable for Python; any other change takes the place of the whole file by a rename.
 */
final class MetadataFile {
    private final PackFiles files;
    private final Path path;

    MetadataFile(PackFiles files) {
        this.files = files;
        this.path = files.path(PackFiles.METADATA);
    }

    /** What tells whether somebody else wrote the file. */
    record Stamp(Object file, long size, long modified) {
        static final Stamp ABSENT = new Stamp("", -1, 0);
    }

    Stamp stamp() {
        try {
            BasicFileAttributes a = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(a.fileKey(), a.size(), a.lastModifiedTime().to(TimeUnit.NANOSECONDS));
        } catch (NoSuchFileException e) {
            return Stamp.ABSENT;
        } catch (IOException e) {
            throw Disk.failed("look at", path, e);
        }
    }

    /** {@return what it holds; of a pack that has none yet, no arrays} */
    Metadata read() {
        return Files.exists(path) ? Metadata.decode(Disk.read(path), path) : Metadata.EMPTY;
    }

    /** Changes the fixed-width fields of the entries that a record touches. */
    void patch(CommitRecord record, Metadata after) {
        try (RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
            for (CommitRecord.Touched touched : record.touched()) {
                Entry entry = touched.after();
                ByteBuffer bytes = ByteBuffer.allocate(entry.encodedLength()).order(ByteOrder.LITTLE_ENDIAN);
                entry.encode(bytes);
                out.seek(after.offset(entry.name()));
                out.write(bytes.array());
            }
            out.seek(Metadata.TOTAL_SIZE_OFFSET);
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(after.totalSize())
                    .array());
        } catch (IOException e) {
            throw Disk.failed("write", path, e);
        }
    }

    /** Writes a file that may take this one's place. */
    void stage(String staged, Metadata after, boolean force) {
        files.write(staged, after.encode());
        if (force) {
            files.force(staged);
        }
    }

    /** Puts a staged file in this one's place. */
    void replaceBy(String staged) {
        files.rename(staged, PackFiles.METADATA);
    }
}
