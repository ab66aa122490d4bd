package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How scopes end when their body returns, throws or is interrupted, and how they stand to each other. */
class ScopesTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private Path path;

    @BeforeEach
    void makePack() {
        path = folder.resolve("data.npk");
        try (NumPack pack = NumPack.open(path)) {
            pack.save("x", new int[] {1, 2, 3});
        }
    }

    private int first(NumPack pack) {
        return (int) pack.load("x").getLong(0);
    }

    // ---- how they end

    @Test
    void bodyRunsOnceAndItsValueIsReturned() {
        try (NumPack pack = NumPack.open(path)) {
            AtomicInteger runs = new AtomicInteger();
            assertEquals("value", pack.withBatch(batch -> {
                runs.incrementAndGet();
                return "value";
            }));
            assertEquals("value", pack.withWritableBatch(batch -> {
                runs.incrementAndGet();
                return "value";
            }));
            assertEquals(2, runs.get());
        }
    }

    @Test
    void exceptionInTheBodyCommitsTheChangesAndPasses() {
        try (NumPack pack = NumPack.open(path)) {
            IOException thrown = new IOException("stop");
            assertSame(
                    thrown,
                    assertThrows(
                            IOException.class,
                            () -> pack.withBatch(batch -> {
                                batch.load("x").add(1);
                                batch.save("new", new int[] {1});
                                throw thrown;
                            })));
            assertEquals(0, thrown.getSuppressed().length);
            assertEquals(2, first(pack));
            assertTrue(pack.exists("new"));
            assertThrows(IllegalStateException.class, () -> {
                try (Batch batch = pack.batch()) {
                    batch.load("x").add(1);
                    throw new IllegalStateException("stop");
                }
            });
            assertEquals(3, first(pack));
        }
    }

    @Test
    void onErrorDiscardDropsTheChangesOfABodyThatThrows() {
        BatchOptions discard = BatchOptions.defaults().onError(OnError.DISCARD);
        try (NumPack pack = NumPack.open(path)) {
            assertThrows(
                    IllegalStateException.class,
                    () -> pack.withBatch(discard, batch -> {
                        batch.load("x").add(1);
                        throw new IllegalStateException("stop");
                    }));
            assertEquals(1, first(pack));
            pack.withBatch(discard, batch -> batch.load("x").add(1));
            assertEquals(2, first(pack), "a body that returns is committed");
            try (Batch batch = pack.batch(discard)) {
                batch.load("x").add(1);
            }
            assertEquals(2, first(pack), "close alone does not commit: it cannot know whether the body threw");
            try (Batch batch = pack.batch(discard)) {
                batch.load("x").add(1);
                batch.commit();
            }
            assertEquals(3, first(pack));
        }
        try (NumPack pack = NumPack.builder(path).onError(OnError.DISCARD).open()) {
            assertThrows(
                    IllegalStateException.class,
                    () -> pack.withBatch(batch -> {
                        batch.load("x").add(1);
                        throw new IllegalStateException("stop");
                    }));
            assertEquals(3, first(pack), "the pack's policy is that of its scopes");
            assertThrows(
                    IllegalStateException.class,
                    () -> pack.withBatch(BatchOptions.defaults().onError(OnError.COMMIT), batch -> {
                        batch.load("x").add(1);
                        throw new IllegalStateException("stop");
                    }));
            assertEquals(4, first(pack), "unless the scope says otherwise");
        }
    }

    @Test
    void interruptsAndErrorsOfTheMachineDiscard() {
        try (NumPack pack = NumPack.open(path)) {
            for (Throwable thrown : List.of(
                    new InterruptedException(),
                    new OutOfMemoryError("test"),
                    new StackOverflowError(),
                    new IllegalStateException(new InterruptedException()),
                    new java.nio.channels.ClosedByInterruptException())) {
                Throwable passed = assertThrows(
                        Throwable.class,
                        () -> pack.withBatch(batch -> {
                            batch.load("x").add(1);
                            throwAny(thrown);
                            return null;
                        }));
                assertSame(thrown, passed);
                assertEquals(1, first(pack), thrown.toString());
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void throwAny(Throwable thrown) throws E {
        throw (E) thrown;
    }

    @Test
    void anInterruptedThreadStillReadsAndCommits() {
        try (NumPack pack = NumPack.open(path)) {
            Thread.currentThread().interrupt();
            pack.withBatch(batch -> batch.load("x").add(1));
            pack.append("x", new int[] {4});
            pack.withWritableBatch(batch -> batch.load("x").add(1));
            pack.save("large", NDArray.zeros(DType.INT8, 9 << 20));
            pack.dropRows("x", 1);
            pack.compact();
            pack.sync();
            assertEquals(3, first(pack));
            assertTrue(Thread.interrupted(), "the interrupt is still there");
            assertArrayEquals(new int[] {3, 5, 5}, pack.load("x").toIntArray());
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void failureOfTheCommitIsThrownOrAttachedToTheBodys() {
        try (NumPack pack = NumPack.open(path)) {
            assertThrows(
                    ConflictException.class,
                    () -> pack.withBatch(batch -> {
                        batch.load("x").add(1);
                        BatchTest.inThread(() -> pack.append("x", new int[] {4}));
                        return null;
                    }));
            IllegalStateException e = assertThrows(
                    IllegalStateException.class,
                    () -> pack.withBatch(batch -> {
                        batch.load("x").add(1);
                        BatchTest.inThread(() -> pack.append("x", new int[] {5}));
                        throw new IllegalStateException("stop");
                    }));
            assertEquals(1, e.getSuppressed().length);
            assertTrue(e.getSuppressed()[0] instanceof ConflictException);
            IllegalStateException closed = assertThrows(IllegalStateException.class, () -> {
                try (Batch batch = pack.batch()) {
                    batch.load("x").add(1);
                    BatchTest.inThread(() -> pack.append("x", new int[] {6}));
                    throw new IllegalStateException("stop");
                }
            });
            assertTrue(closed.getSuppressed()[0] instanceof ConflictException);
            assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6}, pack.load("x").toIntArray());
            pack.withBatch(batch -> batch.load("x").add(1));
            assertEquals(2, first(pack), "a scope that failed holds nothing back");
        }
    }

    @Test
    void bodyMayEndTheScopeItself() {
        try (NumPack pack = NumPack.open(path)) {
            pack.withBatch(batch -> {
                batch.load("x").add(1);
                batch.discard();
                return null;
            });
            assertEquals(1, first(pack));
            pack.withBatch(batch -> {
                batch.load("x").add(1);
                batch.commit();
                pack.append("x", new int[] {9});
                return null;
            });
            assertArrayEquals(new int[] {2, 3, 4, 9}, pack.load("x").toIntArray());
        }
    }

    // ---- how they stand to each other

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void scopeOrEditThroughThePackInsideOfAScopeIsRefused(boolean writable) {
        try (NumPack pack = NumPack.open(path);
                NumPack other = NumPack.open(folder.resolve("../" + folder.getFileName() + "/data.npk"));
                AutoCloseable scope = writable ? pack.writableBatch() : pack.batch()) {
            ((ArraySource) scope).load("x");
            for (NumPack p : List.of(pack, other)) {
                List<Runnable> refused = List.of(
                        p::batch,
                        p::writableBatch,
                        () -> p.withBatch(b -> null),
                        () -> p.save("x", new int[] {1}),
                        () -> p.append("x", new int[] {1}),
                        () -> p.delete("x"),
                        () -> p.rename("x", "y"),
                        () -> p.compact("x"),
                        () -> p.dropRows("x", 0),
                        () -> p.replaceRows(Map.of("x", new int[] {1}), Rows.of(0)));
                for (int i = 0; i < refused.size(); i++) {
                    Runnable use = refused.get(i);
                    ScopeOpenException e = assertThrows(ScopeOpenException.class, use::run, "use " + i);
                    for (String told : List.of(
                            writable ? " writable batch" : " batch",
                            "this thread opened at",
                            "[pack pack]",
                            "discard()",
                            "discardScopes()")) {
                        assertTrue(e.getMessage().contains(told), e.getMessage());
                    }
                    assertOpenedHere(e);
                }
                assertEquals(1, first(p), "reading goes on");
                p.sync();
                BatchTest.inThread(() -> p.withBatch(b -> b.lazy("x").reduce("sum")));
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        try (NumPack pack = NumPack.open(path)) {
            pack.append("x", new int[] {4});
            pack.withBatch(batch -> batch.load("x"));
            pack.withWritableBatch(batch -> batch.load("x"));
        }
    }

    /** Assertions are on in tests, and so are the traces of scopes. */
    private void assertOpenedHere(NumPackException e) {
        assertTrue(
                Arrays.stream(e.getCause().getStackTrace())
                        .anyMatch(
                                frame -> frame.getClassName().equals(getClass().getName())),
                () -> Arrays.toString(e.getCause().getStackTrace()));
    }

    @Test
    void writableBatchLeavesArraysThatItHasNotLoadedToThePack() {
        try (NumPack pack = NumPack.open(path)) {
            pack.save("result", new int[] {0});
            pack.withWritableBatch(batch -> {
                NDArray x = batch.load("x");
                x.mul(10);
                pack.append("result", x);
                pack.save("more", new int[] {1});
                pack.copy("x", "copy");
                assertThrows(
                        ScopeOpenException.class, () -> pack.save(Map.of("more", new int[] {2}, "x", new int[] {2})));
                assertArrayEquals(new int[] {1}, batch.load("more").toIntArray(), "what was refused changed nothing");
                assertThrows(ScopeOpenException.class, () -> pack.delete("more"), "now it is loaded");
                return null;
            });
            assertArrayEquals(new int[] {0, 10, 20, 30}, pack.load("result").toIntArray());
            assertArrayEquals(new int[] {10, 20, 30}, pack.load("copy").toIntArray());
            pack.withBatch(batch -> {
                assertThrows(
                        ScopeOpenException.class, () -> pack.save("more", new int[] {1}), "a batch hides them all");
                return null;
            });
        }
    }

    @Test
    void scopesThatGotLostAreDiscardedWhoeverOpenedThem() {
        try (NumPack pack = NumPack.open(path)) {
            pack.save("y", new int[] {1});
            Batch batch = NumPack.open(path).batch();
            batch.load("x").add(1);
            WritableBatch[] writable = new WritableBatch[1];
            NDArray[] view = new NDArray[1];
            BatchTest.inThread(() -> {
                writable[0] = pack.writableBatch();
                view[0] = writable[0].load("y").fill(5);
            });
            BatchTest.inThread(() -> assertOpenedHere(assertThrows(ConflictException.class, () -> pack.delete("y"))));
            assertOpenedHere(assertThrows(ScopeOpenException.class, pack::batch));
            pack.discardScopes();
            assertFalse(batch.isOpen());
            assertFalse(writable[0].isOpen());
            assertThrows(ScopeEndedException.class, () -> view[0].fill(1));
            batch.close();
            writable[0].close();
            assertEquals(1, first(pack), "what a batch had is not committed");
            assertEquals(5, pack.load("y").getLong(0), "what was edited in place is there");
            pack.withBatch(b -> b.load("x").add(1));
            pack.delete("y");
            pack.discardScopes();
        }
    }

    @Test
    void dropIfExistsInsideOfAScopeIsRefused() {
        try (NumPack pack = NumPack.open(path);
                Batch batch = pack.batch()) {
            assertThrows(
                    ScopeOpenException.class,
                    () -> NumPack.builder(path).dropIfExists(true).open());
            assertEquals(List.of("x"), batch.names());
        }
    }

    @Test
    void scopesOnOtherPacksAndThreadsAreFree() {
        try (NumPack pack = NumPack.open(path);
                NumPack second = NumPack.open(folder.resolve("second.npk"))) {
            second.save("y", new int[] {1});
            pack.withBatch(a -> second.withBatch(b -> {
                b.save("y", a.load("x"));
                BatchTest.inThread(() -> pack.withBatch(c -> {
                    c.save("other", new int[] {7});
                    return null;
                }));
                return null;
            }));
            assertArrayEquals(new int[] {1, 2, 3}, second.load("y").toIntArray());
            assertTrue(pack.exists("other"));
        }
    }

    @Test
    void withBatchOnABatchJoinsIt() {
        try (NumPack pack = NumPack.open(path)) {
            pack.useBatch(outer -> {
                NDArray x = outer.load("x");
                assertEquals("value", outer.withBatch(inner -> {
                    assertSame(outer, inner);
                    assertSame(x, inner.load("x"));
                    inner.load("x").add(1);
                    return "value";
                }));
                assertThrows(
                        IllegalStateException.class,
                        () -> outer.useBatch(inner -> {
                            inner.append("x", new int[] {9});
                            throw new IllegalStateException("the outer scope decides");
                        }));
                assertTrue(outer.isOpen());
                BatchTest.inThread(() -> assertEquals(1, first(pack), "the outermost scope commits"));
            });
            assertArrayEquals(new int[] {2, 3, 4, 9}, pack.load("x").toIntArray());
            Batch ended = pack.batch();
            ended.discard();
            assertThrows(ScopeEndedException.class, () -> ended.useBatch(batch -> {}));
        }
    }

    @Test
    void whatEditsAPackOrABatchDoesSoInABatchOfItsOwnOrThatOne() {
        ScopeAction<ArrayEditor, RuntimeException> addRow = editor -> editor.useBatch(batch -> {
            batch.append("x", new int[] {7});
            batch.load("x").mul(2);
        });
        try (NumPack pack = NumPack.open(path)) {
            addRow.run(pack);
            assertArrayEquals(new int[] {2, 4, 6, 14}, pack.load("x").toIntArray());
            pack.useBatch(BatchOptions.defaults().onError(OnError.DISCARD), batch -> {
                addRow.run(batch);
                batch.discard();
            });
            assertArrayEquals(new int[] {2, 4, 6, 14}, pack.load("x").toIntArray());
        }
    }

    @Test
    void bodiesThatReturnNothingNeedNoReturn() throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            pack.useWritableBatch(batch -> {
                batch.load("x").mul(10);
            });
            assertThrows(
                    IOException.class,
                    () -> pack.useWritableBatch(batch -> {
                        batch.load("x").add(1);
                        throw new IOException("stop");
                    }));
            assertArrayEquals(new int[] {11, 21, 31}, pack.load("x").toIntArray());
        }
    }

    @Test
    void scopeMayBeEndedByAnotherThreadThanItsOwn() {
        try (NumPack pack = NumPack.open(path)) {
            Batch batch = pack.batch();
            BatchTest.inThread(() -> {
                batch.load("x").add(1);
                batch.close();
            });
            pack.append("x", new int[] {4});
            assertArrayEquals(new int[] {2, 3, 4, 4}, pack.load("x").toIntArray());
            WritableBatch writable = pack.writableBatch();
            BatchTest.inThread(writable::close);
            assertFalse(writable.isOpen());
            pack.batch().discard();
        }
    }

    @Test
    void batchIsUsedBySeveralThreads() throws Exception {
        try (NumPack pack = NumPack.open(path)) {
            pack.withBatch(batch -> {
                Thread[] threads = new Thread[4];
                for (int t = 0; t < threads.length; t++) {
                    int number = t;
                    threads[t] = new Thread(() -> {
                        for (int i = 0; i < 50; i++) {
                            batch.append("x", new int[] {number});
                            batch.save("own" + number, new int[] {i});
                        }
                    });
                    threads[t].start();
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                return null;
            });
            NDArray x = pack.load("x");
            assertEquals(203, x.rows());
            assertEquals(306L, x.reduce("sum"));
            assertEquals(49, pack.load("own3").getLong(0));
        }
    }
}
