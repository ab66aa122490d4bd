package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DTypeTest {
    @Test
    void boolPrintsAsBooleanAndIsNumpysBool() {
        assertEquals("boolean", DType.BOOL.toString());
        assertEquals("bool", DType.BOOL.numpyName());
        assertSame(DType.BOOL, DType.of("bool"));
        assertSame(DType.BOOL, DType.of("boolean"));
    }

    @Test
    void otherTypesPrintAsNumpyCallsThem() {
        for (DType type : DType.values()) {
            assertTrue(type == DType.BOOL || type.toString().equals(type.numpyName()));
            assertSame(type, DType.of(type.toString()));
            assertSame(type, DType.of(type.numpyName()));
            assertSame(type, DType.fromCode(type.code()));
        }
        assertNull(DType.fromCode(14));
        assertNull(DType.fromCode(-1));
    }

    @Test
    void anUnknownNameIsAnErrorThatListsTheDtypes() {
        String message = assertThrows(DTypeMismatchException.class, () -> DType.of("float33"))
                .getMessage();
        assertTrue(message.contains("\"float33\"") && message.contains("boolean, uint8"), message);
    }
}
