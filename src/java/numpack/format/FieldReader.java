package numpack.format;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import numpack.CorruptPackException;

/**
 * Reads the fields of a little-endian buffer one after the other. Lengths are checked against what is left before anything is
 * allocated.
 */
final class FieldReader {
    private final ByteBuffer in;
    private final Damage damage;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private String array;

    FieldReader(ByteBuffer in, Damage damage) {
        this.in = in;
        this.damage = damage;
    }

    /** Names the array that the next fields belong to, for messages; null for none. */
    void array(String name) {
        array = name;
    }

    int position() {
        return in.position();
    }

    int remaining() {
        return in.remaining();
    }

    int u8(String field) {
        require(field, 1);
        return in.get() & 0xff;
    }

    long u32(String field) {
        require(field, 4);
        return in.getInt() & 0xffffffffL;
    }

    long u64(String field) {
        require(field, 8);
        return in.getLong();
    }

    /** A u64 that counts bytes or rows, which beyond 2^63-1 nothing can have. */
    long size(String field) {
        long value = u64(field);
        if (value < 0) {
            throw corrupt(position() - 8, field, "at most " + Long.MAX_VALUE, Long.toUnsignedString(value));
        }
        return value;
    }

    /** A u32 that says how many things follow, each of at least so many bytes. */
    int count(String field, long least, long most, int bytesEach) {
        long value = u32(field);
        if (value < least || value > most) {
            throw corrupt(position() - 4, field, least + " to " + most, value);
        }
        if (value > remaining() / bytesEach) {
            throw corrupt(
                    position() - 4,
                    field,
                    "at most " + remaining() / bytesEach + ", as the file has " + remaining() + " more bytes",
                    value);
        }
        return (int) value;
    }

    String text(String field, int least, int most) {
        int length = count(field + " length", least, most, 1);
        ByteBuffer bytes = in.slice(position(), length);
        try {
            String text = utf8.decode(bytes).toString();
            skip(length);
            return text;
        } catch (CharacterCodingException e) {
            throw corrupt(
                    position() + bytes.position(),
                    field,
                    "UTF-8",
                    "the byte 0x" + Integer.toHexString(bytes.get() & 0xff));
        }
    }

    void skip(int length) {
        in.position(position() + length);
    }

    byte[] bytes(int from, int to) {
        byte[] copy = new byte[to - from];
        in.get(from, copy);
        return copy;
    }

    CorruptPackException corrupt(long at, String field, Object expected, Object found) {
        return damage.at(at, field, array, expected, found, null);
    }

    private void require(String field, int length) {
        if (remaining() < length) {
            throw corrupt(position(), field, length + " bytes", "the end of the file after " + remaining());
        }
    }
}
