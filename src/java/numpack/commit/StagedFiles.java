package numpack.commit;

import java.util.ArrayList;
import java.util.List;
import numpack.memory.Runs;

/** The files that one commit stages. The space of those that it does not use in the end is given back. */
final class StagedFiles implements AutoCloseable {
    private final PackFiles files;
    private final Staging staging;
    private final List<String> staged = new ArrayList<>();

    StagedFiles(PackFiles files, Staging staging) {
        this.files = files;
        this.staging = staging;
    }

    /** Writes elements to a new staged file. */
    StagedFile add(String array, Runs elements) {
        return own(staging.stage(array, elements));
    }

    /** Makes a staged file full of zeros whose space is there. */
    StagedFile zeros(String array, long bytes) {
        return own(staging.allocate(array, bytes));
    }

    /** Writes a small file. */
    String add(byte[] contents) {
        String path = staging.next();
        staged.add(path);
        files.write(path, contents);
        return path;
    }

    private StagedFile own(StagedFile file) {
        staged.add(file.path());
        return file;
    }

    /** From now on these belong to the record in the journal. */
    void taken(List<String> used) {
        staged.removeAll(used);
    }

    @Override
    public void close() {
        staged.forEach(files::delete);
    }
}
