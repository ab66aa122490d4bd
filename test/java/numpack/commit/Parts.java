package numpack.commit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import numpack.Durability;

/** The parts of a pack, put together as a {@link Store} does it, but nothing is recovered: a process that dies when this is closed. */
final class Parts implements AutoCloseable {
    static final Access WRITER = new Access(true, true, Durability.PROCESS, false);

    final PackFiles files;
    final MetadataFile metadata;
    final PackLocks locks;
    final PackState state;
    final Claims claims;
    final Staging staging;
    final StagedFiles staged;
    final Committer committer;

    Parts(Path pack) {
        Handles handles = new Handles();
        handles.add(WRITER);
        files = new PackFiles(pack);
        metadata = new MetadataFile(files);
        locks = new PackLocks(files, handles, () -> {});
        state = new PackState(files, locks, metadata);
        claims = new Claims(files, locks, state);
        staging = new Staging(files, locks);
        staged = new StagedFiles(files, staging);
        Forcing forcing = new Forcing(files, locks, state, new Background(new CopyOnWriteArrayList<>()));
        committer = new Committer(files, locks, metadata, state, claims, staging, forcing, handles);
        journal();
        state.metadata();
    }

    Journal journal() {
        return locks.exclusive(locks::journal);
    }

    /** What a commit does under the lock, one after the other. */
    List<Runnable> steps(List<? extends Edit> edits, boolean durable) {
        List<Edit> prepared = new ArrayList<>();
        edits.forEach(edit -> prepared.add(edit.prepared(state, staged)));
        return locks.exclusive(() -> committer.steps(prepared, staged, durable));
    }

    /** Writes the record of a commit, and does nothing more. */
    CommitRecord record(List<? extends Edit> edits, boolean durable) {
        for (Runnable step : steps(edits, durable)) {
            if (journal().isPending()) {
                break;
            }
            step.run();
        }
        return CommitRecord.decode(journal().pending(), journal().path());
    }

    /** Lays edits out. */
    CommitRecord plan(Edit... edits) {
        return locks.exclusive(() -> {
            Plan plan = new Plan(state, claims, files, staged, new FileMoves(files, staging, staged));
            plan.addAll(List.of(edits));
            return plan.record(false);
        });
    }

    /** Gives up the locks, as a death does; files are left where they are. */
    @Override
    public void close() {
        locks.close();
    }
}
