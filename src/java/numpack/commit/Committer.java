package numpack.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import numpack.format.Metadata;

/**
 * Brings edits to the disk: all of them or, if one is refused or anything fails, none. The order of a commit stands here, and nowhere
 * else. It has happened once the record is in the journal; whoever takes the lock after its process died does the rest.
 */
final class Committer {
    private final PackFiles files;
    private final PackLocks locks;
    private final MetadataFile metadata;
    private final PackState state;
    private final Claims claims;
    private final Staging staging;
    private final Forcing forcing;
    private final Handles handles;

    Committer(
            PackFiles files,
            PackLocks locks,
            MetadataFile metadata,
            PackState state,
            Claims claims,
            Staging staging,
            Forcing forcing,
            Handles handles) {
        this.files = files;
        this.locks = locks;
        this.metadata = metadata;
        this.state = state;
        this.claims = claims;
        this.staging = staging;
        this.forcing = forcing;
        this.handles = handles;
    }

    /** Commits edits in the order in which they apply. What is large is written before the lock is taken. */
    void commit(List<? extends Edit> edits) {
        if (edits.isEmpty()) {
            return;
        }
        try (StagedFiles staged = new StagedFiles(files, staging)) {
            List<Edit> prepared = new ArrayList<>(edits.size());
            edits.forEach(edit -> prepared.add(edit.prepared(state, staged)));
            locks.exclusive(() -> {
                steps(prepared, staged, handles.isDurable()).forEach(Runnable::run);
                return null;
            });
        }
    }

    /** What a commit does under the lock, one after the other; nothing if the edits change nothing. */
    List<Runnable> steps(List<Edit> edits, StagedFiles staged, boolean durable) {
        FileMoves moves = new FileMoves(files, staging, staged);
        Plan plan = new Plan(state, claims, files, staged, moves);
        plan.addAll(edits);
        CommitRecord record = plan.record(durable);
        if (record == null) {
            return List.of();
        }
        Metadata after =
                Objects.requireNonNull(record.applyTo(state.known()), "a commit fits the state it was made for");
        List<Runnable> steps = new ArrayList<>();
        Runnable publish;
        if (record.isPatch()) {
            publish = () -> metadata.patch(record, after);
        } else {
            String whole = staging.next();
            steps.add(() -> metadata.stage(whole, after, durable || state.isNew()));
            publish = () -> metadata.replaceBy(whole);
        }
        if (durable) {
            steps.add(() -> forcing.before(record, moves.written()));
        }
        steps.add(() -> write(record, staged));
        steps.addAll(applying(record, after, publish));
        steps.add(() -> forcing.removeReplaced(record, moves.asides()));
        return steps;
    }

    private void write(CommitRecord record, StagedFiles staged) {
        Journal journal = locks.journal();
        try {
            journal.write(record.encode(), record.boot(), record.durable());
        } finally {
            if (journal.isPending()) {
                staged.taken(record.files());
            }
        }
    }

    /** What brings the pack to where a record says, in a commit and in a recovery. */
    private List<Runnable> applying(CommitRecord record, Metadata after, Runnable publish) {
        Journal journal = locks.journal();
        List<Runnable> steps = new ArrayList<>();
        steps.add(journal::beginApplying);
        record.steps().forEach(step -> steps.add(() -> step.apply(files)));
        steps.add(publish);
        if (record.durable()) {
            steps.add(() -> forcing.after(record));
        }
        steps.add(journal::endApplying);
        steps.add(() -> state.committed(record, after));
        steps.add(journal::clear);
        return steps;
    }

    // ---- what recovery does

    /** What is left to do of a commit whose process died; empty, and it cannot be done, if the files have changed since. */
    Optional<List<Runnable>> remaining(CommitRecord record) {
        Metadata after = record.applyTo(metadata.read());
        return after == null || !record.fits(files)
                ? Optional.empty()
                : Optional.of(applying(record, after, () -> replaceMetadata(after)));
    }

    void replaceMetadata(Metadata after) {
        String whole = staging.next();
        metadata.stage(whole, after, true);
        metadata.replaceBy(whole);
        state.forget();
    }
}
