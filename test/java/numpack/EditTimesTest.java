package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The time of an array tells by which call it was edited last, in a pack, in a scope, and after the commit of that. */
class EditTimesTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private NumPack pack;

    @BeforeEach
    void open() {
        pack = NumPack.open(folder.resolve("times.npk"));
        pack.save(map("x", "x.column", "y"));
    }

    @AfterEach
    void close() {
        pack.close();
    }

    private static Map<String, int[]> map(String... names) {
        Map<String, int[]> result = new LinkedHashMap<>();
        for (String name : names) {
            result.put(name, new int[] {1, 2, 3});
        }
        return result;
    }

    /** What a call makes of the three arrays, which were saved by one, the same on a pack, in a batch, and after its commit. */
    private void check(boolean withY, boolean withColumn, Consumer<ArrayEditor> call) {
        pack.save(map("x", "x.column", "y"));
        call.accept(pack);
        assertTogether(pack, withY, withColumn);
        pack.save(map("x", "x.column", "y"));
        try (Batch batch = pack.batch()) {
            call.accept(batch);
            assertTogether(batch, withY, withColumn);
        }
        assertTogether(pack, withY, withColumn);
    }

    private static void assertTogether(ArraySource source, boolean withY, boolean withColumn) {
        assertEquals(withY, source.lastEdit("x") == source.lastEdit("y"), "x and y");
        assertEquals(withColumn, source.lastEdit("x.column") >= source.lastEdit("x"), "x and x.column");
    }

    @Test
    void oneCallIsOneTime() {
        check(true, true, e -> {});
        check(true, false, e -> e.save(map("x", "y")));
        check(true, true, e -> e.append(map("x", "y")));
        check(true, true, e -> e.replaceRows(map("x", "y"), Rows.all()));
        check(true, true, e -> e.dropRows(List.of("x", "y"), Rows.of(1)));
    }

    @Test
    void twoCallsAreTwoTimes() {
        check(false, false, e -> e.save("x", new int[] {1}));
        check(false, true, e -> e.append("x", new int[] {1}));
        check(false, true, e -> e.replaceRows("x", new int[] {1}, Rows.of(0)));
        check(false, true, e -> e.dropRows("x", 0));
        check(false, true, e -> e.dropRows("y", 0));
        check(false, true, e -> {
            e.dropRows("x", 0);
            e.dropRows("y", 1);
        });
        check(false, false, e -> {
            e.delete("x");
            e.save("x", new int[] {1});
        });
        check(false, false, e -> {
            e.save("x", new int[] {1});
            e.append("x", new int[] {1});
        });
    }

    @Test
    void whatChangesNothingIsNoEdit() {
        check(true, true, e -> e.append("x", new int[0]));
        check(true, true, e -> e.dropRows("x"));
        check(true, true, e -> e.compact("x"));
        try (Batch batch = pack.batch()) {
            batch.save("x", batch.load("x"));
            batch.load("y").toIntArray();
            assertTogether(batch, true, true);
        }
        assertTogether(pack, true, true);
    }

    @Test
    void editInPlaceIsOneOfItsOwn() {
        for (long limit : new long[] {0, Long.MAX_VALUE}) {
            pack.save(map("x", "x.column", "y"));
            try (Batch batch = pack.batch(BatchOptions.defaults().memoryLimit(limit))) {
                batch.load("x").fill(7);
                batch.load("y").fill(7);
                assertTogether(batch, false, true);
                batch.append(map("x", "y"));
                assertTogether(batch, true, true);
                batch.load("x").set(8, 4);
                assertTogether(batch, false, true);
            }
            assertTogether(pack, false, true);
        }
        pack.save(map("x", "x.column", "y"));
        try (Batch batch = pack.batch()) {
            ((int[]) batch.load("x").runs().memory(0).array())[0] = 9;
            assertTogether(batch, false, true);
        }
        assertTogether(pack, false, true);
        pack.save(map("x", "x.column", "y"));
        try (WritableBatch batch = pack.writableBatch()) {
            batch.load("x").fill(7);
            assertTogether(batch, false, true);
            batch.load("y").fill(7);
            assertTogether(batch, false, true);
        }
        assertTogether(pack, false, true);
    }

    @Test
    void arraysThatAreRenamedByOneCallStayTogether() {
        pack.append(map("x", "y"));
        pack.rename(Map.of("x", "u", "y", "v"));
        assertEquals(pack.lastEdit("u"), pack.lastEdit("v"));
        try (Batch batch = pack.batch()) {
            batch.rename(Map.of("u", "v", "v", "u"));
            batch.append("u", new int[] {4});
            assertEquals(List.of("v", "x.column", "u"), batch.names());
        }
        assertEquals(7, pack.info("u").rows());
        assertThrows(ArrayExistsException.class, () -> pack.rename(Map.of("u", "w", "v", "w")));
        assertThrows(ArrayExistsException.class, () -> pack.rename(Map.of("u", "v")));
        try (Batch batch = pack.batch()) {
            assertThrows(ArrayExistsException.class, () -> batch.rename(Map.of("u", "w", "v", "w")));
            assertThrows(ArrayExistsException.class, () -> batch.rename(Map.of("u", "v")));
            assertTrue(batch.changes().isEmpty());
        }
        pack.append("u", new int[] {4});
        pack.rename(Map.of("u", "v", "v", "u"));
        assertTrue(pack.lastEdit("v") > pack.lastEdit("u"), "in the order in which they were edited");
        try (Batch batch = pack.batch()) {
            batch.rename(Map.of("u", "v", "v", "u"));
            assertTrue(batch.lastEdit("u") > batch.lastEdit("v"));
        }
        assertTrue(pack.lastEdit("u") > pack.lastEdit("v"));
        pack.rename("u", "w");
        assertNotEquals(pack.lastEdit("w"), pack.lastEdit("v"));
    }

    @Test
    void missingArrayHasNoTime() {
        assertThrows(ArrayNotFoundException.class, () -> pack.lastEdit("z"));
        try (Batch batch = pack.batch();
                WritableBatch other = CompletableFuture.supplyAsync(() -> pack.writableBatch())
                        .join()) {
            assertThrows(ArrayNotFoundException.class, () -> batch.lastEdit("z"));
            assertThrows(ArrayNotFoundException.class, () -> other.lastEdit("z"));
        }
    }
}
