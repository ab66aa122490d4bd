package numpack.commit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Tells one start of the machine from another: what was not forced has only survived if it is the same. */
final class Boot {
    /** That of this process. */
    static final UUID ID = id();

    /** No boot at all. */
    static final UUID NONE = new UUID(0, 0);

    private Boot() {}

    private static UUID id() {
        try {
            return UUID.fromString(
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim());
        } catch (IOException | IllegalArgumentException e) {
            long booted = System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
            return new UUID(1, booted / 60_000);
        }
    }
}
