package numpack.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import numpack.CorruptPackException;

/** Reads a segment manifest token by token, so that memory is taken only for what is really in the file. */
final class SegmentManifestReader {
    private static final String CURE = "restore it from a copy; the segments beside it may well be intact";
    private static final String ROOT = "manifest";
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(8).build())
            .build();

    private final byte[] bytes;
    private final Damage damage;
    private final Set<String> files = new HashSet<>();
    private JsonParser json;
    private long rowsLeft;

    SegmentManifestReader(byte[] bytes, Path file) {
        this.bytes = bytes;
        this.damage = new Damage(file, CURE);
    }

    List<SegmentManifest.Segment> read(long physicalRows, long rowBytes) {
        rowsLeft = physicalRows;
        try (JsonParser parser = JSON.createParser(bytes)) {
            json = parser;
            json.nextToken();
            require(JsonToken.START_OBJECT, "an object");
            List<SegmentManifest.Segment> segments = readManifest(rowBytes);
            if (rowsLeft != 0) {
                throw corrupt(
                        "/segments", physicalRows + " rows in all, the rows of the array", physicalRows - rowsLeft);
            }
            if (json.nextToken() != null) {
                throw corrupt("end", "the end of the file", Damage.quoted(json.getText()));
            }
            return segments;
        } catch (IOException e) {
            throw unparsable(e);
        }
    }

    private CorruptPackException unparsable(IOException e) {
        JsonLocation location = e instanceof JsonProcessingException j && j.getLocation() != null
                ? j.getLocation()
                : json.currentTokenLocation();
        String message = e instanceof JsonProcessingException j ? j.getOriginalMessage() : e.getMessage();
        return damage.at(location.getByteOffset(), at(""), null, "JSON", Damage.quoted(message), e);
    }

    private List<SegmentManifest.Segment> readManifest(long rowBytes) throws IOException {
        Long version = null;
        List<SegmentManifest.Segment> segments = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String property = json.currentName();
            json.nextToken();
            switch (property) {
                case "version" -> version = readVersion();
                case "segments" -> segments = readSegments(rowBytes);
                default -> json.skipChildren();
            }
        }
        requirePresent("/version", version);
        requirePresent("/segments", segments);
        return segments;
    }

    private long readVersion() throws IOException {
        long version = readNumber();
        if (version != SegmentManifest.VERSION) {
            throw corrupt(at(""), SegmentManifest.VERSION + " (a later NumPack may have written it)", version);
        }
        return version;
    }

    private List<SegmentManifest.Segment> readSegments(long rowBytes) throws IOException {
        require(JsonToken.START_ARRAY, "an array");
        List<SegmentManifest.Segment> segments = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            require(JsonToken.START_OBJECT, "an object");
            segments.add(readSegment(rowBytes));
        }
        return segments;
    }

    private SegmentManifest.Segment readSegment(long rowBytes) throws IOException {
        String file = null;
        Long rows = null;
        Long bytesStated = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String property = json.currentName();
            json.nextToken();
            switch (property) {
                case "file" -> file = readFile();
                case "rows" -> rows = readRows();
                case "bytes" -> bytesStated = readNumber();
                default -> json.skipChildren();
            }
        }
        requirePresent(at("/file"), file);
        requirePresent(at("/rows"), rows);
        requirePresent(at("/bytes"), bytesStated);
        return new SegmentManifest.Segment(file, rows, rows * rowBytes);
    }

    private String readFile() throws IOException {
        require(JsonToken.VALUE_STRING, "a string");
        String file = json.getText();
        int slash = file.indexOf('/');
        boolean inPack = slash < 0 || ArrayNames.isInFolder(file.substring(0, slash));
        if (!inPack || !file.endsWith(".npkd") || !ArrayNames.isInFolder(file.substring(slash + 1))) {
            throw corrupt(at(""), "a file of the pack, in at most one folder, that ends in .npkd", Damage.quoted(file));
        }
        if (!files.add(file)) {
            throw corrupt(at(""), "a file that no other segment has", Damage.quoted(file) + " again");
        }
        return file;
    }

    private long readRows() throws IOException {
        long rows = readNumber();
        if (rows > rowsLeft) {
            throw corrupt(at(""), "at most " + rowsLeft + ", the rows of the array that are left", rows);
        }
        rowsLeft -= rows;
        return rows;
    }

    private long readNumber() throws IOException {
        require(JsonToken.VALUE_NUMBER_INT, "a whole number");
        if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
            throw corrupt(at(""), "0 to " + Long.MAX_VALUE, Damage.quoted(json.getText()));
        }
        return json.getLongValue();
    }

    private void require(JsonToken expected, String meaning) throws IOException {
        if (json.currentToken() != expected) {
            throw corrupt(
                    at(""),
                    meaning,
                    json.currentToken() == null ? "the end of the file" : Damage.quoted(json.getText()));
        }
    }

    private void requirePresent(String pointer, Object value) {
        if (value == null) {
            throw corrupt(pointer, "a value", "none");
        }
    }

    /** The JSON pointer of the current token, such as {@code /segments/3/rows}. */
    private String at(String below) {
        String pointer = json.getParsingContext().pathAsPointer() + below;
        return pointer.isEmpty() ? ROOT : pointer;
    }

    private CorruptPackException corrupt(String field, Object expected, Object found) {
        return damage.at(Math.max(0, json.currentTokenLocation().getByteOffset()), field, expected, found);
    }
}
