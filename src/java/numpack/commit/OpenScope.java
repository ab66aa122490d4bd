package numpack.commit;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/** A scope as its pack knows it: what it is, who opened it and where, and how to end it. */
public final class OpenScope {
    /** The system property that makes errors show where scopes were opened, also where assertions are off. */
    static final String TRACE = "numpack.traceScopes";

    private static final boolean IS_TRACED = OpenScope.class.desiredAssertionStatus() || Boolean.getBoolean(TRACE);

    private final Kind kind;
    private final Runnable discard;
    private final Thread thread = Thread.currentThread();
    private final LocalTime time = LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS);
    private final Throwable opening;

    /** What a scope is. */
    public enum Kind {
        /** It shows the pack as it will be. */
        BATCH("batch"),
        /** It edits the files in place. */
        WRITABLE_BATCH("writable batch");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    OpenScope(Kind kind, Runnable discard) {
        this.kind = kind;
        this.discard = discard;
        this.opening = IS_TRACED ? new Throwable("here the " + kind + " was opened") : null;
    }

    Kind kind() {
        return kind;
    }

    boolean isOfThisThread() {
        return thread == Thread.currentThread();
    }

    /** Ends it without a commit. */
    void discard() {
        discard.run();
    }

    /** Who opened it and when, and where to learn more. */
    String opened() {
        String where = IS_TRACED ? "the cause of this error shows where" : "-D" + TRACE + "=true shows where";
        return (isOfThisThread() ? "this thread" : "thread \"" + thread.getName() + "\"") + " opened at " + time + " ("
                + where + ")";
    }

    /** {@return where it was opened; null if that is not known} */
    Throwable opening() {
        return opening;
    }
}
