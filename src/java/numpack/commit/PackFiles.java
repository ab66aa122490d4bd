package numpack.commit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import numpack.DType;
import numpack.format.ArrayNames;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** The files of one pack by their names relative to it: the one place that opens and maps those that hold its arrays. */
final class PackFiles {
    /** The folder of ours inside a pack; Python leaves it alone. */
    static final String FOLDER = ".numpack";

    static final String METADATA = "metadata.npkm";

    private final Path pack;

    PackFiles(Path pack) {
        this.pack = pack;
    }

    /** {@return the directory of the pack} */
    Path pack() {
        return pack;
    }

    /** {@return the folder of ours} */
    Path folder() {
        return pack.resolve(FOLDER);
    }

    Path path(String file) {
        return Disk.resolve(pack, file);
    }

    // ---- what is there

    /** Whether the directory of the pack exists. */
    boolean exist() {
        return Files.isDirectory(pack);
    }

    /** Whether there is anything of that name, also a link that leads nowhere. */
    boolean isThere(String file) {
        return Files.exists(path(file), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether there is a file, itself and no link, with at least so many bytes. */
    boolean isWhole(String file, long bytes) {
        return Files.isRegularFile(path(file), LinkOption.NOFOLLOW_LINKS) && length(file) >= bytes;
    }

    /** The length of a file; 0 if there is none. */
    long length(String file) {
        return path(file).toFile().length();
    }

    /** The number of the file, which renaming keeps; 0 if there is none, also because there can be none. */
    long inode(String file) {
        Path path = path(file);
        return ArrayNames.isTooLong(path.getFileName().toString()) ? 0 : Disk.inode(path);
    }

    // ---- contents

    byte[] read(String file) {
        return Disk.read(path(file));
    }

    /** Maps the first bytes of a file. */
    Memory map(String file, DType.Kind kind, long bytes, boolean writable) {
        return Memory.map(path(file), kind, bytes, writable);
    }

    /** A new file with these elements; none if that fails. */
    void create(String file, Runs elements) {
        Path path = path(file);
        try (RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
            Disk.write(out, path, 0, elements);
        } catch (IOException e) {
            throw Disk.failed("write", path, e);
        } catch (RuntimeException e) {
            Disk.delete(path);
            throw e;
        }
    }

    /** A new file of zeros whose space is there; none if that fails. */
    void create(String file, long bytes) {
        Path path = path(file);
        try {
            Files.createFile(path);
            Memory.allocateFile(path, bytes);
        } catch (IOException e) {
            throw Disk.failed("create", path, e);
        } catch (RuntimeException e) {
            Disk.delete(path);
            throw e;
        }
    }

    /** A new file, or new contents for one. */
    void write(String file, byte[] contents) {
        Disk.write(path(file), contents);
    }

    /** Writes into a file that keeps its length or grows. */
    void write(String file, long position, byte[] bytes) {
        Path path = path(file);
        try (RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
            out.seek(position);
            Disk.write(out, bytes);
        } catch (IOException e) {
            throw Disk.failed("write", path, e);
        }
    }

    /** Writes elements behind what a file holds; what was behind there already goes. The file and its folder are made if need be. */
    void append(String file, long position, Runs elements) {
        Path path = path(file);
        makeFolderOf(path);
        try (RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
            try {
                Disk.write(out, path, position, elements);
            } catch (RuntimeException e) {
                out.setLength(position);
                throw e;
            }
        } catch (IOException e) {
            throw Disk.failed("append to", path, e);
        }
    }

    /** Copies bytes from one file into another one. */
    void copy(String source, long from, String target, long position, long count) {
        byte[] block = new byte[(int) Math.min(Disk.BLOCK, count)];
        try (RandomAccessFile in = new RandomAccessFile(path(source).toFile(), "r");
                RandomAccessFile out = new RandomAccessFile(path(target).toFile(), "rw")) {
            in.seek(from);
            out.seek(position);
            for (long done = 0; done < count; ) {
                int n = (int) Math.min(block.length, count - done);
                in.readFully(block, 0, n);
                out.write(block, 0, n);
                done += n;
            }
        } catch (IOException e) {
            throw Disk.failed("copy staged rows into", path(target), e);
        }
    }

    // ---- names

    /** Renames a file or folder to a name in the pack or in a folder of it, which is made if need be. */
    void rename(String from, String to) {
        Path target = path(to);
        makeFolderOf(target);
        Disk.rename(path(from), target);
    }

    /** Segments lie in a folder of their array, which may have gone or not come yet; the others are there. */
    private void makeFolderOf(Path file) {
        Path folder = file.getParent();
        if (!folder.equals(pack) && !folder.startsWith(folder()) && !Files.isDirectory(folder)) {
            Disk.createDirectories(folder);
        }
    }

    /** Removes a file, or a folder with what is in it. */
    void delete(String file) {
        Disk.deleteTree(path(file));
    }

    // ---- durability

    /** Forces a file to the disk, or the names in a folder. */
    void force(String file) {
        Disk.force(path(file));
    }
}
