package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArrayInfoTest {
    private static ArrayInfo info(String name, long... shape) {
        return new ArrayInfo(name, DType.FLOAT32, shape, 3, 6, 24, 1, false, Instant.EPOCH, false, true, false, null);
    }

    @Test
    void descriptionsThatSayTheSameAreEqual() {
        assertEquals(info("x", 3, 2), info("x", 3, 2));
        assertEquals(info("x", 3, 2).hashCode(), info("x", 3, 2).hashCode());
        assertNotEquals(info("x", 3, 2), info("x", 2, 3));
        assertNotEquals(info("x", 3, 2), info("y", 3, 2));
        assertNotEquals(info("x", 3, 2), info("x", 3, 2).mappedToWrite().shape());
    }

    @Test
    void theShapeIsPrintedAndCannotBeChanged() {
        ArrayInfo info = info("x", 3, 2);
        assertEquals(
                "ArrayInfo[name=x, dtype=float32, shape=[3 2], rows=3, size=6, nbytes=24, deletedRows=1, segmented=false, "
                        + "lastModified=1970-01-01T00:00:00Z, recovered=false, mapped=true, readOnly=false]",
                info.toString());
        info.shape()[0] = 7;
        assertArrayEquals(new long[] {3, 2}, info.shape());
    }
}
