package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import numpack.ArrayNotFoundException;
import numpack.ConflictException;
import numpack.Packs;
import numpack.memory.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An array that is edited in place belongs to one scope: within the process and between processes. */
class ClaimsTest {
    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    private final List<Memory> memories = new ArrayList<>();
    private final OpenScope scope = new OpenScope(OpenScope.Kind.WRITABLE_BATCH, () -> {});
    private final OpenScope another = new OpenScope(OpenScope.Kind.WRITABLE_BATCH, () -> {});
    private Path path;
    private Parts parts;

    @BeforeEach
    void open() throws Exception {
        path = Commits.SAVE_NEW.copy(folder);
        parts = new Parts(path);
    }

    @AfterEach
    void close() {
        memories.forEach(memory -> memory.freeze("the test is over"));
        parts.close();
    }

    private static void assertClaimed(String by, Parts parts, Edit edit) {
        ConflictException e = assertThrows(ConflictException.class, () -> parts.plan(edit));
        assertTrue(e.getMessage().contains(by) && e.getMessage().contains("\"small\""), e.getMessage());
    }

    @Test
    void filesOfAClaimedArrayAreNotReplacedButGrow() {
        ClaimedArray claimed = parts.claims.claim("small", scope, memories);
        assertEquals("small", claimed.stored().entry().name());
        assertEquals(1, memories.size());
        for (Edit edit :
                List.of(Commits.save("small", Commits.z(2)), Commits.delete("small"), Commits.rename("small", "w"))) {
            assertClaimed("of this process", parts, edit);
        }
        parts.plan(Commits.append("small", Commits.z(1)));
        parts.plan(Commits.replace("small", Commits.z(1), 0));
        parts.plan(Commits.delete("z"));
        parts.claims.release(scope);
        parts.plan(Commits.delete("small"));
    }

    @Test
    void arrayIsClaimedOnce() {
        parts.claims.claim("small", scope, memories);
        assertThrows(ConflictException.class, () -> parts.claims.claim("small", another, memories));
        parts.claims.release(another);
        assertClaimed("of this process", parts, Commits.delete("small"));
        assertEquals(1, memories.size(), "nothing more was mapped");
    }

    @Test
    void anotherProcessSeesTheClaimUntilItIsGivenUp() {
        try (Parts other = new Parts(path)) {
            parts.claims.claim("small", scope, memories);
            assertClaimed("of another process", other, Commits.delete("small"));
            assertThrows(ConflictException.class, () -> other.claims.claim("small", another, memories));
            parts.claims.release(scope);
            other.plan(Commits.delete("small"));
        }
    }

    @Test
    void conflictTellsWhereTheScopeThatHasTheArrayWasOpened() throws Exception {
        parts.claims.claim("small", scope, memories);
        ConflictException e = assertThrows(ConflictException.class, () -> parts.plan(Commits.delete("small")));
        assertTrue(
                e.getMessage().contains("this thread opened at ")
                        && e.getMessage().contains("discardScopes()"),
                e.getMessage());
        assertSame(scope.opening(), e.getCause());
        assertEquals(ClaimsTest.class.getName(), e.getCause().getStackTrace()[1].getClassName());
        String opener = Thread.currentThread().getName();
        Thread thread = new Thread(() -> {
            ConflictException there = assertThrows(ConflictException.class, () -> parts.plan(Commits.delete("small")));
            assertTrue(there.getMessage().contains("thread \"" + opener + "\" opened at "), there.getMessage());
        });
        Throwable[] failure = {null};
        thread.setUncaughtExceptionHandler((t, thrown) -> failure[0] = thrown);
        thread.start();
        thread.join();
        assertNull(failure[0]);
    }

    @Test
    void claimThatFailsIsGivenUp() {
        assertThrows(ArrayNotFoundException.class, () -> parts.claims.claim("missing", scope, memories));
        parts.plan(Commits.save("missing", Commits.z(1)), Commits.delete("small"));
    }
}
