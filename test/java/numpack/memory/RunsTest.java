package numpack.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import numpack.DType;
import numpack.ReadOnlyException;
import numpack.kernels.TestArrays;
import org.junit.jupiter.api.Test;

class RunsTest {
    private static Memory numbers(int n) {
        short[] items = new short[n];
        for (int i = 0; i < n; i++) {
            items[i] = (short) i;
        }
        return Memory.of(items);
    }

    private static short[] items(Runs runs) {
        short[] items = new short[(int) runs.size()];
        runs.read(0, items, 0, items.length);
        return items;
    }

    private static short[] shorts(int... values) {
        short[] items = new short[values.length];
        for (int i = 0; i < items.length; i++) {
            items[i] = (short) values[i];
        }
        return items;
    }

    @Test
    void onePieceKnowsWhereItLies() {
        Memory memory = numbers(10);
        Runs runs = Runs.of(memory, 3, 4);
        assertEquals(4, runs.size());
        assertEquals(1, runs.count());
        assertTrue(runs.isContiguous());
        assertSame(memory, runs.memory(0));
        assertEquals(3, runs.start(0));
        assertEquals(0, runs.offset(0));
        assertEquals(4, runs.length(0));
        assertArrayEquals(shorts(3, 4, 5, 6), items(runs));
        assertThrows(IndexOutOfBoundsException.class, () -> Runs.of(memory, 8, 3));
    }

    @Test
    void nothingIsNoPiece() {
        Runs none = Runs.empty(DType.Kind.SHORT);
        assertEquals(0, none.count());
        assertEquals(0, Runs.of(numbers(4), 2, 0).count());
        assertTrue(none.isContiguous() && none.isWritable() && none.readOnly().size() == 0);
        assertFalse(none.isMapped());
        assertEquals(0, Runs.concat(List.of(none, none)).count());
        none.read(0, new short[0], 0, 0);
        none.copyTo(Runs.empty(DType.Kind.SHORT));
    }

    @Test
    void concatMergesPiecesThatTouch() {
        Memory memory = numbers(10);
        Runs merged = Runs.concat(List.of(
                Runs.of(memory, 0, 3), Runs.of(memory, 3, 2), Runs.empty(DType.Kind.SHORT), Runs.of(memory, 5, 5)));
        assertEquals(1, merged.count());
        assertEquals(10, merged.size());
        Runs apart = Runs.concat(List.of(Runs.of(memory, 5, 2), Runs.of(memory, 0, 2), Runs.of(numbers(3))));
        assertEquals(3, apart.count());
        assertArrayEquals(shorts(5, 6, 0, 1, 0, 1, 2), items(apart));
        assertEquals(0, apart.start(1));
        assertEquals(2, apart.offset(1));
        assertEquals(1, apart.find(3));
        assertEquals(2, apart.find(4));
    }

    @Test
    void pickTakesSlicesAcrossPiecesInTheOrderAsked() {
        Runs runs = Runs.concat(List.of(Runs.of(numbers(4)), Runs.of(numbers(4), 1, 3)));
        Runs picked = runs.pick(new long[] {5, 0, 2, 3}, new long[] {2, 1, 1, 3});
        assertArrayEquals(shorts(2, 3, 0, 2, 3, 1, 2), items(picked));
        assertThrows(IndexOutOfBoundsException.class, () -> runs.pick(new long[] {6}, new long[] {2}));
        assertThrows(IndexOutOfBoundsException.class, () -> runs.slice(3, 8));
    }

    /** Random slices, picks and writes on random pieces, against the same on a plain array. */
    @Test
    void behavesLikeAPlainArrayHoweverItsItemsLie() {
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            List<Runs> parts = new ArrayList<>(List.of(Runs.empty(DType.Kind.SHORT)));
            for (int k = random.nextInt(6); k > 0; k--) {
                Memory memory = random.nextBoolean()
                        ? numbers(20)
                        : TestArrays.nativeCopy(DType.INT16, numbers(20).array());
                int from = random.nextInt(20);
                parts.add(Runs.of(memory, from, random.nextInt(20 - from + 1)));
                parts.add(Runs.of(memory, 0, random.nextInt(from + 1)));
            }
            Runs runs = Runs.concat(parts);
            short[] model = items(runs);
            int from = random.nextInt(model.length + 1);
            int to = from + random.nextInt(model.length - from + 1);
            short[] part = Arrays.copyOfRange(model, from, to);
            assertArrayEquals(part, items(runs.slice(from, to)));

            short[] target = new short[part.length + 2];
            runs.read(from, target, 1, part.length);
            assertArrayEquals(part, Arrays.copyOfRange(target, 1, part.length + 1));

            byte[] bytes = new byte[2 * model.length];
            runs.readBytes(0, bytes, 0, bytes.length);
            int cut = random.nextInt(bytes.length + 1);
            byte[] tail = new byte[bytes.length - cut];
            runs.readBytes(cut, tail, 0, tail.length);
            assertArrayEquals(Arrays.copyOfRange(bytes, cut, bytes.length), tail);

            Runs copy = Runs.concat(List.of(
                    Runs.of(numbers(from)),
                    Runs.of(
                            Memory.allocateNative(DType.Kind.SHORT, Math.max(1, model.length - from)),
                            0,
                            model.length - from)));
            runs.copyTo(copy);
            assertTrue(runs.sameContents(copy));
            for (long i = 0; i < runs.size(); i++) {
                int k = runs.find(i);
                assertTrue(runs.offset(k) <= i && i < runs.offset(k) + runs.length(k));
                assertEquals(model[(int) i], runs.memory(k).getShort(runs.start(k) + i - runs.offset(k)));
            }
            if (part.length > 0) {
                copy.write(from, new short[part.length], 0, part.length);
                assertArrayEquals(new short[part.length], items(copy.slice(from, to)));
                copy.write(from, part, 0, part.length);
                assertTrue(runs.sameContents(copy));
            }
        }
    }

    @Test
    void gatherTakesRowsInAnyOrder() {
        Random random = new Random(4);
        for (Runs source : List.of(
                Runs.of(numbers(60)),
                Runs.concat(List.of(
                        Runs.of(numbers(40), 4, 32),
                        Runs.of(TestArrays.nativeCopy(DType.INT16, numbers(28).array())))),
                Runs.of(TestArrays.nativeCopy(DType.INT16, numbers(60).array())))) {
            for (int width : new int[] {1, 3, 4, 5, 12}) {
                for (int n : new int[] {0, 1, 5, 40}) {
                    long[] rows = random.longs(n, 0, 60 / width).toArray();
                    short[] expected = new short[n * width];
                    for (int i = 0; i < n; i++) {
                        System.arraycopy(items(source), (int) rows[i] * width, expected, i * width, width);
                    }
                    Runs heap = Runs.of(Memory.allocate(DType.INT16, expected.length));
                    source.gather(rows, width, heap);
                    assertArrayEquals(expected, items(heap));
                    Runs off = expected.length == 0
                            ? heap
                            : Runs.of(Memory.allocateNative(DType.Kind.SHORT, expected.length));
                    source.gather(rows, width, off);
                    assertArrayEquals(expected, items(off));
                }
            }
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> source.gather(new long[] {3, 60}, 1, Runs.of(Memory.allocate(DType.INT16, 2))));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> source.gather(new long[] {3, 5}, 1, Runs.of(Memory.allocate(DType.INT16, 1))));
        }
    }

    @Test
    void halfAMillionPiecesAreQuickToFindAndToRead() {
        long[] from = new long[500_000];
        long[] lengths = new long[500_000];
        for (int i = 0; i < from.length; i++) {
            from[i] = 4L * i + 1;
            lengths[i] = 2;
        }
        Runs runs = Runs.of(Memory.of(new byte[2_000_000])).pick(from, lengths);
        assertEquals(500_000, runs.count());
        assertEquals(1_000_000, runs.size());
        assertEquals(499_999, runs.find(999_999));
        assertEquals(0, runs.find(1));
        runs.read(0, new byte[1_000_000], 0, 1_000_000);
        assertTrue(runs.isWritable() && !runs.isMapped());
    }

    @Test
    void readOnlyRunsRefuseEveryWrite() {
        Runs runs = Runs.of(numbers(4)).readOnly();
        assertFalse(runs.isWritable());
        assertThrows(ReadOnlyException.class, () -> runs.write(0, new short[1], 0, 1));
        assertThrows(ReadOnlyException.class, () -> Runs.of(numbers(4)).copyTo(runs));
        assertThrows(ReadOnlyException.class, () -> Runs.of(numbers(4)).gather(new long[1], 1, runs));
        assertFalse(runs.slice(1, 2).isWritable());
        assertFalse(Runs.concat(List.of(runs, Runs.of(numbers(1)))).isWritable());
        assertArrayEquals(shorts(0, 1, 2, 3), items(runs));
    }

    @Test
    void sameMemoryMeansTheVerySameItems() {
        Memory memory = numbers(10);
        Runs runs = Runs.of(memory);
        assertTrue(runs.sameMemory(Runs.of(memory)));
        assertTrue(runs.slice(2, 5).sameMemory(runs.readOnly().slice(2, 5)));
        assertFalse(runs.slice(2, 5).sameMemory(runs.slice(2, 6)));
        assertFalse(runs.sameMemory(Runs.of(numbers(10))));
    }

    @Test
    void overlapGoesByTheItemsAndTheArrayBelow() {
        short[] array = new short[10];
        Runs runs = Runs.of(Memory.of(array));
        Runs again = Runs.of(Memory.of(array));
        assertTrue(runs.overlaps(again));
        assertTrue(runs.slice(0, 5).overlaps(again.slice(4, 5)));
        assertFalse(runs.slice(0, 5).overlaps(again.slice(5, 10)));
        assertFalse(runs.overlaps(Runs.of(Memory.of(new short[10]))));
        assertFalse(runs.overlaps(Runs.empty(DType.Kind.SHORT)));
        Runs other = Runs.of(numbers(5));
        assertTrue(Runs.concat(List.of(other, runs.slice(0, 1)))
                .overlaps(Runs.concat(List.of(runs.slice(5, 6), other.slice(4, 5)))));
    }

    @Test
    void changesAreNotedInTheMemory() {
        Memory memory = numbers(4);
        Runs runs = Runs.of(memory, 1, 2);
        assertFalse(runs.isChanged());
        Runs.of(numbers(2)).copyTo(runs);
        assertTrue(runs.isChanged() && memory.isChanged());
        runs.clearChanged();
        assertFalse(memory.isChanged());
    }
}
