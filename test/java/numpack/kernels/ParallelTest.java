package numpack.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import numpack.DTypeMismatchException;
import org.junit.jupiter.api.Test;

class ParallelTest {
    @Test
    void everyPartIsDoneOnceAndBeginsAtAMultipleOfTheGrain() {
        ConcurrentSkipListMap<Long, Long> parts = new ConcurrentSkipListMap<>();
        Parallel.split(0, 1003, 10, (from, to) -> parts.put(from, to));
        long next = 0;
        for (var part : parts.entrySet()) {
            assertEquals(next, part.getKey());
            next = Math.min(1003, next + 10);
            assertEquals(next, part.getValue());
        }
        assertEquals(1003, next);
        Parallel.split(5, 5, 10, (from, to) -> {
            throw new AssertionError("there is nothing to do");
        });
    }

    @Test
    void anExceptionOfEitherHalfIsThrownWhenBothHaveEnded() {
        for (boolean inFirst : List.of(true, false)) {
            AtomicBoolean ended = new AtomicBoolean();
            DTypeMismatchException failure = new DTypeMismatchException("no");
            Runnable fails = () -> {
                throw failure;
            };
            Runnable slow = () -> {
                try {
                    Thread.sleep(50);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                ended.set(true);
            };
            Throwable thrown = assertThrows(
                    DTypeMismatchException.class, () -> Parallel.both(inFirst ? fails : slow, inFirst ? slow : fails));
            assertSame(failure, thrown);
            assertEquals(true, ended.get());
        }
    }

    @Test
    void partsMayBeSplitFurther() {
        long[] sums = new long[100];
        Parallel.split(
                0,
                100,
                1,
                (from, to) -> Parallel.split(0, 1000, 100, (a, b) -> {
                    synchronized (sums) {
                        sums[(int) from] += b - a;
                    }
                }));
        long[] expected = new long[100];
        Arrays.fill(expected, 1000);
        assertArrayEquals(expected, sums);
    }
}
