package numpack.commit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import numpack.NotAPackException;
import numpack.StorageException;

/** What a directory must be before a pack is seen in it, or written to it. */
final class PackFolder {
    private static final Set<String> REMOTE =
            Set.of("nfs", "nfs4", "9p", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ceph", "lustre");
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");
    private static final Set<Path> ALLOWED = ConcurrentHashMap.newKeySet();

    private PackFolder() {}

    /** A file can be no pack; what does not exist can become one. */
    static void requireDirectory(Path pack) {
        if (Files.exists(pack) && !Files.isDirectory(pack)) {
            throw new NotAPackException(pack + " is a file; a pack is a directory", "path", pack.toString());
        }
    }

    /** A directory without metadata is an empty pack only while nothing else than a pack's files lies in it. */
    static void check(Path pack) {
        if (!Files.exists(pack)) {
            return;
        }
        try (Stream<Path> files = Files.list(pack)) {
            List<String> foreign = files.map(f -> f.getFileName().toString())
                    .filter(n -> !belongs(n))
                    .limit(3)
                    .toList();
            if (!foreign.isEmpty()) {
                throw new NotAPackException(
                        pack + " is a directory without " + PackFiles.METADATA + " that holds other things ("
                                + String.join(", ", foreign) + "); choose an empty or a new directory",
                        "path",
                        pack.toString(),
                        "found",
                        foreign);
            }
        } catch (IOException e) {
            throw Disk.failed("list", pack, e);
        }
    }

    /** Removes a pack's files by their names, where its metadata no longer tells them. */
    static void empty(Path pack) {
        try (Stream<Path> files = Files.list(pack)) {
            files.filter(f -> belongs(f.getFileName().toString()) && !f.endsWith(PackFiles.FOLDER))
                    .toList()
                    .forEach(Disk::deleteTree);
        } catch (IOException e) {
            throw Disk.failed("list", pack, e);
        }
    }

    private static boolean belongs(String file) {
        return file.equals(PackFiles.FOLDER)
                || file.equals(PackFiles.METADATA)
                || file.startsWith("data_")
                        && (file.endsWith(".npkd") || file.endsWith(".npkseg") || file.endsWith("_segments"))
                || file.startsWith("deleted_") && file.endsWith(".npkb");
    }

    /** From now on this process may write to the pack wherever it lies. */
    static void allowRemote(Path pack) {
        ALLOWED.add(pack);
    }

    /** Locks and mappings keep their promises on local file systems only. */
    static void requireLocal(Path pack) {
        if (System.getProperty("os.name").startsWith("Windows")) {
            throw new StorageException(
                    "packs can only be read on Windows for now; write " + pack + " on Linux or macOS",
                    null,
                    "path",
                    pack.toString());
        }
        if (ALLOWED.contains(pack)) {
            return;
        }
        String type = fileSystem(pack);
        if (REMOTE.contains(type) || type.startsWith("fuse")) {
            throw new StorageException(
                    pack + " lies on a remote file system (" + type
                            + "), whose locks cannot be relied on; write to a local disk, "
                            + "or open the pack with allow-remote if no other machine writes to it",
                    null,
                    "path",
                    pack.toString(),
                    "found",
                    type);
        }
    }

    /** Whether the time of a file tells that it was written through a mapping: not on file systems that lie in memory. */
    static boolean timesMappedWrites(Path pack) {
        return !IN_MEMORY.contains(fileSystem(pack));
    }

    private static String fileSystem(Path pack) {
        Path there = pack;
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        try {
            return Files.getFileStore(there).type().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            throw Disk.failed("look at the file system of", there, e);
        }
    }
}
