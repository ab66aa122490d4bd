package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NearNamesTest {
    @Test
    void misspeltShortenedAndLongerNamesAreNear() {
        List<String> names = List.of("features", "labels", "images", "x");
        assertEquals(List.of("features"), NearNames.of("feautres", names));
        assertEquals(List.of("features"), NearNames.of("FEATURE", names));
        assertEquals(List.of("labels"), NearNames.of("train_labels", names));
        assertEquals(List.of("x"), NearNames.of("y", names));
        assertEquals(List.of(), NearNames.of("weights", names));
    }

    @Test
    void longListsAreCut() {
        List<String> names = IntStream.range(0, 10).mapToObj(i -> "a" + i).toList();
        assertEquals("\"a0\", \"a1\"", NearNames.list(names.subList(0, 2)));
        assertEquals(
                "\"a0\", \"a1\", \"a2\", \"a3\", \"a4\", \"a5\", \"a6\", \"a7\" and 2 more", NearNames.list(names));
    }
}
