package numpack.commit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import numpack.CorruptPackException;
import numpack.format.Entry;
import numpack.format.Metadata;

/**
 * One commit as the journal holds it: what becomes of the entry of each touched array, and the steps that bring the files there.
 * The process that commits and the one that recovers apply it with the same code.
 *
 * @param boot the boot of the machine it was written in
 * @param durable whether everything it needs was forced, so that it may be replayed after a power cut
 * @param touched the entry of each touched array before and after
 * @param steps changes of files, in order
 */
record CommitRecord(UUID boot, boolean durable, List<Touched> touched, List<Step> steps) {
    private static final int VERSION = 1;

    /**
     * What becomes of one entry.
     *
     * @param before null for a new array
     * @param after null for a deleted one
     */
    record Touched(Entry before, Entry after) {
        private boolean isPatch() {
            return before != null && after != null && before.differsOnlyInFixedFields(after);
        }
    }

    /**
     * The metadata with every touched entry as it is after the commit; null if they are neither as before nor as after it. A change
     * of the fixed-width fields may have been torn between them; anything else replaces the whole file at once.
     */
    Metadata applyTo(Metadata metadata) {
        if (isApplied(metadata)) {
            return metadata;
        }
        if (isPatch()) {
            Metadata result = metadata;
            for (Touched t : touched) {
                Entry found = metadata.find(t.before.name());
                if (found == null || !isBetween(found, t)) {
                    return null;
                }
                result = result.with(t.after);
            }
            return result;
        }
        Map<String, Entry> entries = new LinkedHashMap<>();
        Map<String, Touched> byName = new HashMap<>();
        for (Touched t : touched) {
            if (t.before != null) {
                if (!isThere(metadata, t.before)) {
                    return null;
                }
                byName.put(t.before.name(), t);
            }
        }
        for (Entry entry : metadata.entries()) {
            Touched t = byName.get(entry.name());
            Entry now = t == null ? entry : t.after;
            if (now != null && entries.put(now.name(), now) != null) {
                return null;
            }
        }
        for (Touched t : touched) {
            if (t.before == null && entries.put(t.after.name(), t.after) != null) {
                return null;
            }
        }
        return Metadata.of(new ArrayList<>(entries.values()));
    }

    /** Whether only fixed-width fields of entries change. */
    boolean isPatch() {
        return touched.stream().allMatch(Touched::isPatch);
    }

    private boolean isApplied(Metadata metadata) {
        Set<String> names = new HashSet<>();
        for (Touched t : touched) {
            if (t.after != null) {
                names.add(t.after.name());
                if (!isThere(metadata, t.after)) {
                    return false;
                }
            }
        }
        return touched.stream()
                .allMatch(t ->
                        t.before == null || names.contains(t.before.name()) || metadata.find(t.before.name()) == null);
    }

    private static boolean isThere(Metadata metadata, Entry entry) {
        return entry != null && entry.equals(metadata.find(entry.name()));
    }

    private static boolean isBetween(Entry found, Touched t) {
        return found.differsOnlyInFixedFields(t.before)
                && (found.rows() == t.before.rows() || found.rows() == t.after.rows())
                && (found.lastModified() == t.before.lastModified() || found.lastModified() == t.after.lastModified())
                && (found.sizeBytes() == t.before.sizeBytes() || found.sizeBytes() == t.after.sizeBytes());
    }

    /** Whether every step can be applied: its files are at either end of it, and lie in the pack. */
    boolean fits(PackFiles files) {
        Map<String, Long> inodes = new HashMap<>();
        Set<Long> arrived = new HashSet<>();
        for (Step step : steps) {
            if (!step.isInside(files.pack())) {
                return false;
            }
            if (step instanceof Step.Move move && files.inode(move.to()) == move.inode()) {
                arrived.add(move.inode());
            }
        }
        return steps.stream().allMatch(step -> step.fits(files, inodes, arrived));
    }

    /** Every path that its steps name, relative to the pack. */
    List<String> files() {
        return steps.stream()
                .flatMap(step -> step.paths().stream())
                .filter(file -> !file.isEmpty())
                .toList();
    }

    byte[] encode() {
        int contents = steps.stream()
                .mapToInt(step -> step instanceof Step.Write w ? w.bytes().length : 0)
                .sum();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(contents + 128 * steps.size() + 512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(boot.getMostSignificantBits());
            out.writeLong(boot.getLeastSignificantBits());
            out.writeBoolean(durable);
            out.writeInt(touched.size());
            for (Touched t : touched) {
                write(out, t.before);
                write(out, t.after);
            }
            out.writeInt(steps.size());
            for (Step step : steps) {
                step.write(out);
            }
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Entry entry) throws IOException {
        ByteBuffer buffer =
                ByteBuffer.allocate(entry == null ? 0 : entry.encodedLength()).order(ByteOrder.LITTLE_ENDIAN);
        if (entry != null) {
            entry.encode(buffer);
        }
        out.writeInt(buffer.capacity());
        out.write(buffer.array());
    }

    /** Reads a record; nothing in it may lead out of the pack. */
    static CommitRecord decode(byte[] record, Path journal) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(record))) {
            if (in.readByte() != VERSION) {
                throw new IOException("unknown version");
            }
            UUID boot = new UUID(in.readLong(), in.readLong());
            boolean durable = in.readBoolean();
            List<Touched> touched = new ArrayList<>();
            for (int n = in.readInt(); n > 0; n--) {
                touched.add(new Touched(readEntry(in, journal), readEntry(in, journal)));
            }
            List<Step> steps = new ArrayList<>();
            for (int n = in.readInt(); n > 0; n--) {
                Step step = Step.read(in);
                for (String file : step.paths()) {
                    checkInside(file);
                }
                steps.add(step);
            }
            return new CommitRecord(boot, durable, touched, steps);
        } catch (IOException | IllegalArgumentException e) {
            throw new CorruptPackException(
                    "the record in " + journal + " cannot be read: " + e.getMessage()
                            + "; no array was changed. Move that file away to go on without that commit",
                    e,
                    "path",
                    journal.toString());
        }
    }

    private static Entry readEntry(DataInputStream in, Path journal) throws IOException {
        byte[] bytes = in.readNBytes(in.readInt());
        return bytes.length == 0 ? null : Entry.decode(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), journal);
    }

    private static void checkInside(String file) throws IOException {
        Path path = Disk.resolve(Path.of(""), file);
        if (path.isAbsolute() || !path.equals(path.normalize()) || path.startsWith("..")) {
            throw new IOException("a step names a file outside of the pack: " + file);
        }
    }
}
