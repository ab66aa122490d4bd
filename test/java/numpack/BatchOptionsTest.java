package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1000, 1000",
        "1B, 1",
        "1K, 1024",
        "1kb, 1024",
        "64 MB, 67108864",
        "64MiB, 67108864",
        "1GB, 1073741824",
        " 1.5 GiB , 1610612736",
        "0.5K, 512",
        "2TB, 2199023255552",
        "99999999999999999999, 9223372036854775807",
        "9999999999T, 9223372036854775807"
    })
    void sizesAreRead(String size, long bytes) {
        assertEquals(bytes, BatchOptions.defaults().memoryLimit(size).memoryLimit());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "GB", "1XB", "-1GB", "1e3", "1 iB", "1GBB", "1.GB", ".5GB", "1,5GB", "1 G B", "NaN", "0x10"
            })
    void whatIsNoSizeIsRefusedWithAnExample(String size) {
        String message = assertThrows(
                        InvalidOptionException.class,
                        () -> BatchOptions.defaults().memoryLimit(size))
                .getMessage();
        assertTrue(message.contains("\"" + size + "\"") && message.contains("64 MB"), message);
    }

    @Test
    void negativeLimitsAreRefused() {
        assertThrows(InvalidOptionException.class, () -> BatchOptions.defaults().memoryLimit(-1));
    }

    @Test
    void eachMethodGivesNewOptionsAndKeepsTheOthers() {
        BatchOptions defaults = BatchOptions.defaults();
        BatchOptions options = defaults.memoryLimit(5).onError(OnError.DISCARD).onConflict(OnConflict.OVERWRITE);
        assertEquals(5, options.memoryLimit());
        assertEquals(OnError.DISCARD, options.onError());
        assertEquals(OnConflict.OVERWRITE, options.onConflict());
        assertEquals(options.memoryLimit(7), options.memoryLimit("7"));
        assertNotEquals(options, options.memoryLimit(7));
        assertEquals(Long.MAX_VALUE, defaults.memoryLimit());
        assertNull(defaults.onError());
        assertEquals(OnConflict.FAIL, defaults.onConflict());
        assertThrows(NullPointerException.class, () -> defaults.onConflict(null));
    }
}
