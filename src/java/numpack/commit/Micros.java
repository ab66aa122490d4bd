package numpack.commit;

import java.time.Instant;

/** Time as the format counts it. */
public final class Micros {
    private Micros() {}

    /** {@return the microseconds since 1970} */
    public static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    }
}
