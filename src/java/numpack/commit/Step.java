package numpack.commit;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One change of the files of a pack, as a record describes it. Every step can be applied again after it was applied, or half
 * applied: files are told apart by their inodes, which renaming keeps. Paths are relative to the pack.
 */
sealed interface Step {
    /** Applies the step, or does nothing where it was applied already. */
    void apply(PackFiles files);

    /**
     * Whether the step can be applied: its file is where the step takes it from, or was taken from there already. Follows the renames
     * of earlier steps in {@code inodes}; {@code arrived} are the files that lie where some step moves them to.
     */
    boolean fits(PackFiles files, Map<String, Long> inodes, Set<Long> arrived);

    /** Whether what it changes lies in the pack, also if links are followed. */
    default boolean isInside(Path pack) {
        return paths().stream().allMatch(file -> Disk.isInside(pack, pack.resolve(file)));
    }

    /** What {@code :power} forces once the step is applied. */
    String result();

    /** Every path it names, relative to the pack; "" names none. */
    List<String> paths();

    void write(DataOutputStream out) throws IOException;

    private static long inode(PackFiles files, Map<String, Long> inodes, String file) {
        return inodes.computeIfAbsent(file, files::inode);
    }

    /** Writes bytes into a file that keeps its length or grows. */
    record Write(String file, long inode, long position, byte[] bytes) implements Step {
        @Override
        public void apply(PackFiles files) {
            files.write(file, position, bytes);
        }

        @Override
        public boolean fits(PackFiles files, Map<String, Long> inodes, Set<Long> arrived) {
            return Step.inode(files, inodes, file) == inode;
        }

        @Override
        public String result() {
            return file;
        }

        @Override
        public List<String> paths() {
            return List.of(file);
        }

        @Override
        public void write(DataOutputStream out) throws IOException {
            out.writeByte('W');
            out.writeUTF(file);
            out.writeLong(inode);
            out.writeLong(position);
            out.writeInt(bytes.length);
            out.write(bytes);
        }
    }

    /** Copies bytes of a staged file into a file, for contents too large for the record. */
    record Copy(String staged, long from, String file, long inode, long position, long count) implements Step {
        @Override
        public void apply(PackFiles files) {
            files.copy(staged, from, file, position, count);
        }

        @Override
        public boolean fits(PackFiles files, Map<String, Long> inodes, Set<Long> arrived) {
            return Step.inode(files, inodes, file) == inode && Files.exists(files.path(staged));
        }

        @Override
        public String result() {
            return file;
        }

        @Override
        public List<String> paths() {
            return List.of(staged, file);
        }

        @Override
        public void write(DataOutputStream out) throws IOException {
            out.writeByte('C');
            out.writeUTF(staged);
            out.writeLong(from);
            out.writeUTF(file);
            out.writeLong(inode);
            out.writeLong(position);
            out.writeLong(count);
        }
    }

    /** Renames a file or folder; whatever else was at the target is moved to {@code aside} first, unless that is empty. */
    record Move(String from, String to, long inode, String aside) implements Step {
        @Override
        public void apply(PackFiles files) {
            if (files.inode(from) != inode) {
                return;
            }
            if (!aside.isEmpty() && files.isThere(to)) {
                files.rename(to, aside);
            }
            files.rename(from, to);
        }

        @Override
        public boolean fits(PackFiles files, Map<String, Long> inodes, Set<Long> arrived) {
            if (Step.inode(files, inodes, from) == inode) {
                inodes.put(from, 0L);
                inodes.put(to, inode);
                return true;
            }
            return arrived.contains(inode);
        }

        /** A link is renamed, not followed. */
        @Override
        public boolean isInside(Path pack) {
            return paths().stream()
                    .filter(file -> !file.isEmpty())
                    .allMatch(file -> Disk.isInside(pack, pack.resolve(file).getParent()));
        }

        @Override
        public String result() {
            return to;
        }

        @Override
        public List<String> paths() {
            return List.of(from, to, aside);
        }

        @Override
        public void write(DataOutputStream out) throws IOException {
            out.writeByte('M');
            out.writeUTF(from);
            out.writeUTF(to);
            out.writeLong(inode);
            out.writeUTF(aside);
        }
    }

    static Step read(DataInputStream in) throws IOException {
        byte kind = in.readByte();
        switch (kind) {
            case 'W' -> {
                String file = in.readUTF();
                long inode = in.readLong();
                long position = in.readLong();
                return new Write(file, inode, position, in.readNBytes(in.readInt()));
            }
            case 'C' -> {
                return new Copy(in.readUTF(), in.readLong(), in.readUTF(), in.readLong(), in.readLong(), in.readLong());
            }
            case 'M' -> {
                return new Move(in.readUTF(), in.readUTF(), in.readLong(), in.readUTF());
            }
            default -> throw new IOException("unknown step " + kind);
        }
    }
}
