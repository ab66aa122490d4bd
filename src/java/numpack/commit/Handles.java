package numpack.commit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import numpack.Durability;

/** The handles that are open on a pack in this process: together they decide what may be done to it. */
final class Handles {
    private final List<Access> open = new CopyOnWriteArrayList<>();

    void add(Access handle) {
        open.add(handle);
    }

    void remove(Access handle) {
        open.remove(handle);
    }

    /** Whether any of them may write. */
    boolean anyWrites() {
        return open.stream().anyMatch(Access::writes);
    }

    /** Whether commits must survive a power cut: the strongest durability applies. */
    boolean isDurable() {
        return open.stream().anyMatch(handle -> handle.durability() == Durability.POWER);
    }
}
