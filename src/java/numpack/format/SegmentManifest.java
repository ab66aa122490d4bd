package numpack.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import numpack.CorruptPackException;

/**
 * The contents of {@code data_<name>.npkseg}: the files whose rows, one after the other, are those of a segmented array. An
 * immutable value.
 */
public final class SegmentManifest {
    static final int VERSION = 1;

    private static final JsonFactory JSON =
            JsonFactory.builder().disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE).build();
    private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");
    /** As serde's pretty printer, with which Python writes them. */
    private static final DefaultPrettyPrinter PRETTY = new DefaultPrettyPrinter(Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                    .withArrayEmptySeparator(""))
            .withObjectIndenter(INDENT)
            .withArrayIndenter(INDENT);

    private final long rowBytes;
    private final List<Segment> segments;

    /**
     * A file with consecutive rows.
     *
     * @param file relative to the folder of the pack, with {@code /}
     * @param rows how many rows
     * @param bytes how many bytes these are
     */
    public record Segment(String file, long rows, long bytes) {}

    private SegmentManifest(long rowBytes, List<Segment> segments) {
        this.rowBytes = rowBytes;
        this.segments = List.copyOf(segments);
    }

    /**
     * Reads the file. Only the rows count, the bytes are computed from them. Unknown properties are skipped, as Python does.
     *
     * @param bytes the whole contents
     * @param physicalRows shape[0] of the array
     * @param rowBytes the size of a row
     * @param file where they come from, for messages
     * @return the manifest, never null
     * @throws CorruptPackException if they are not the manifest of so many rows, or a segment would lie outside of the pack
     */
    public static SegmentManifest decode(byte[] bytes, long physicalRows, long rowBytes, Path file) {
        return new SegmentManifest(rowBytes, new SegmentManifestReader(bytes, file).read(physicalRows, rowBytes));
    }

    /** {@return the whole contents of the file, never null} */
    public byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(64 + 128 * segments.size());
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.setPrettyPrinter(PRETTY.createInstance());
            json.writeStartObject();
            json.writeNumberField("version", VERSION);
            json.writeArrayFieldStart("segments");
            for (Segment segment : segments) {
                json.writeStartObject();
                json.writeStringField("file", segment.file);
                json.writeNumberField("rows", segment.rows);
                json.writeNumberField("bytes", segment.bytes);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    /** {@return the segments in the order of their rows, unmodifiable, never null} */
    public List<Segment> segments() {
        return segments;
    }

    /** {@return the rows of all segments} */
    public long rows() {
        return segments.stream().mapToLong(Segment::rows).sum();
    }

    /**
     * The manifest after the last segment has grown or shrunk.
     *
     * @param rows how many rows the last segment has now
     * @return the manifest after it, never null
     * @throws IndexOutOfBoundsException if there are no segments
     */
    public SegmentManifest withLastRows(long rows) {
        List<Segment> changed = new ArrayList<>(segments);
        int last = changed.size() - 1;
        changed.set(last, new Segment(changed.get(last).file, rows, rows * rowBytes));
        return new SegmentManifest(rowBytes, changed);
    }

    /**
     * The manifest with one more segment at the end.
     *
     * @param file its file, relative to the folder of the pack, with {@code /}
     * @param rows how many rows it has
     * @return the manifest after it, never null
     */
    public SegmentManifest withAdded(String file, long rows) {
        List<Segment> changed = new ArrayList<>(segments);
        changed.add(new Segment(file, rows, rows * rowBytes));
        return new SegmentManifest(rowBytes, changed);
    }

    /**
     * The manifest after the array and its {@linkplain ArrayNames#segmentFolder folder of segments} were renamed.
     *
     * @param oldName the array before
     * @param newName the array after
     * @return the manifest with the files of the old folder in the new one, others unchanged; never null
     */
    public SegmentManifest renamed(String oldName, String newName) {
        String from = ArrayNames.segmentFolder(oldName) + "/";
        String to = ArrayNames.segmentFolder(newName) + "/";
        List<Segment> changed = new ArrayList<>(segments);
        changed.replaceAll(
                s -> s.file.startsWith(from) ? new Segment(to + s.file.substring(from.length()), s.rows, s.bytes) : s);
        return new SegmentManifest(rowBytes, changed);
    }

    /** {@return whether the other is a manifest with equal segments} */
    @Override
    public boolean equals(Object other) {
        return other instanceof SegmentManifest that && rowBytes == that.rowBytes && segments.equals(that.segments);
    }

    /** {@return a hash of the segments} */
    @Override
    public int hashCode() {
        return segments.hashCode();
    }

    /** {@return the number of segments and of rows} */
    @Override
    public String toString() {
        return "SegmentManifest[" + segments.size() + " segments, " + rows() + " rows]";
    }
}
