package numpack.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import numpack.InvalidNameException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArrayNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"x", "特徴量", "emoji 🎒", "dots.and-dashes", ".", "..", " ", "a\nb", ".numpack"})
    void anythingElseThanASeparatorIsAName(String name) {
        assertSame(name, ArrayNames.check(name));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "a/b", "/", "a\0b", "\ud83c", "\udf92\ud83c", "a\ud83cb"})
    void whatCannotBePartOfAFileNameIsRefused(String name) {
        InvalidNameException e = assertThrows(InvalidNameException.class, () -> ArrayNames.check(name));
        assertTrue(e.getMessage().contains("cannot be the name of an array"), e.getMessage());
    }

    @Test
    void theLimitCountsUtf8Bytes() {
        assertEquals(239, ArrayNames.check("n".repeat(239)).length());
        assertThrows(InvalidNameException.class, () -> ArrayNames.check("n".repeat(240)));
        assertEquals(79, ArrayNames.check("特".repeat(79)).length());
        InvalidNameException e = assertThrows(InvalidNameException.class, () -> ArrayNames.check("特".repeat(80)));
        assertTrue(e.getMessage().contains("240 bytes"), e.getMessage());
    }

    @Test
    void filesCarryTheNameAsItIs() {
        assertEquals("data_特 x.npkd", ArrayNames.dataFile("特 x"));
        assertEquals("data_特 x.npkseg", ArrayNames.manifestFile("特 x"));
        assertEquals("data_特 x_segments", ArrayNames.segmentFolder("特 x"));
        assertEquals("deleted_特 x.npkb", ArrayNames.bitmapFile("特 x"));
    }
}
