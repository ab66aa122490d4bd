package numpack.commit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import numpack.ArrayInfo;
import numpack.DType;
import numpack.NDArray;
import numpack.NumPack;
import numpack.Packs;
import numpack.Packs.Model;
import numpack.Rows;
import numpack.kernels.TestArrays;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** One commit of each kind, on a pack that Python wrote. */
enum Commits {
    SAVE_NEW("segmented.npk", save("new", z(2)), save("newer", z(1))),
    SAVE_IN_PLACE("segmented.npk", save("small", z(2))),
    SAVE_OTHER_SHAPE("segmented.npk", save("small", z(5))),
    SAVE_OVER_SEGMENTS("segmented.npk", save("z", z(3)), save("holes", z(45))),
    SAVE_OVER_DROPPED("deleted.npk", save("x", x(5, 67))),
    CREATE("deleted.npk", Edit.Create.zeros("created", DType.FLOAT64, 3, 3)),
    COPY("deleted.npk", new Edit.Copy("x", "y"), new Edit.Copy("none", "nothing")),
    APPEND("deleted.npk", append("x", x(5, 3)), append("none", x(5, 300))),
    APPEND_TO_SEGMENTS("segmented.npk", append("z", z(3)), append("holes", z(1))),
    REPLACE("segmented.npk", replace("holes", z(3), 0, 44, 20), replace("small", z(1), 1)),
    DROP("segmented.npk", drop("z", 0, 54), drop("small", 1), drop("holes", 3)),
    DROP_AND_APPEND("deleted.npk", drop("x", 0), append("x", x(5, 100))),
    DELETE("segmented.npk", delete("holes"), delete("small")),
    DELETE_AND_TAKE_NAME("segmented.npk", delete("holes"), save("holes", z(2))),
    RENAME("deleted.npk", rename("x", "w")),
    RENAME_SEGMENTS("segmented.npk", rename("holes", "w")),
    RENAME_OVER_DELETED("segmented.npk", delete("z"), rename("holes", "z")),
    EXCHANGE("deleted.npk", rename("x", "none"), rename("none", "x")),
    EXCHANGE_SEGMENTS("segmented.npk", rename("z", "holes"), rename("holes", "z")),
    EXCHANGE_SEGMENTS_AND_PLAIN("segmented.npk", rename("z", "small"), rename("small", "z")),
    RENAME_AND_EDIT(
            "segmented.npk", rename("holes", "w"), drop("w", 0), append("w", z(2)), rename("small", "v"), drop("v", 0)),
    COMPACT("segmented.npk", new Edit.Compact("z"), new Edit.Compact("holes")),
    COMPACT_DROPPED("deleted.npk", new Edit.Compact("x"), new Edit.Compact("all")),
    TOUCH("deleted.npk", new Edit.Touch("x"), new Edit.Touch("none")),
    SAVE_BESIDE_ODD("../odd/odd.npk", save("new", z(2)), rename("good", "better")),
    SAVE_OVER_ODD("../odd/odd.npk", save("scalar", z(2))),
    RENAME_ODD("../odd/odd.npk", rename("", "named"), rename("scalar", "number")),
    DELETE_ODD("../odd/odd.npk", delete(""), delete("scalar"));

    private final String fixture;
    final List<Edit> edits;

    Commits(String fixture, Edit... edits) {
        this.fixture = fixture;
        this.edits = List.of(edits);
    }

    // ---- edits

    static Edit save(String name, NDArray contents) {
        return new Edit.Save(
                name, contents.dtype(), contents.shape(), new Edit.Elements(runs(contents)), Expected.ANYTHING);
    }

    static Edit append(String name, NDArray rows) {
        return new Edit.Append(name, rows.rows(), (dtype, shape) -> runs(rows), Expected.ANYTHING);
    }

    static Edit replace(String name, NDArray contents, long... rows) {
        return new Edit.Replace(name, Rows.of(rows), (dtype, shape) -> runs(contents));
    }

    static Edit drop(String name, long... rows) {
        return new Edit.Drop(name, Rows.of(rows), Expected.ANYTHING);
    }

    static Edit delete(String name) {
        return new Edit.Delete(name, Expected.ANYTHING);
    }

    static Edit rename(String from, String to) {
        return new Edit.Rename(from, to, Expected.ANYTHING);
    }

    static Runs runs(NDArray contents) {
        return Runs.of(Memory.of(TestArrays.fromBytes(contents.dtype().kind(), Packs.bytes(contents))));
    }

    /** Rows for the arrays of segmented.npk. */
    static NDArray z(long rows) {
        return Packs.count(DType.INT16, 70, rows, 4);
    }

    /** Rows for the arrays of deleted.npk. */
    static NDArray x(long start, long rows) {
        return Packs.count(DType.INT32, start, rows, 2);
    }

    // ---- what they are done to, and what comes of it

    Path copy(Path folder) throws Exception {
        Path fresh = Files.createTempDirectory(folder, "copy").resolve("pack");
        Packs.copy(Path.of("test/resources/fixtures").resolve(fixture), fresh);
        return fresh;
    }

    Map<String, Model> before() {
        try (NumPack pack = NumPack.builder(Path.of("test/resources/fixtures").resolve(fixture))
                .readOnly(true)
                .open()) {
            return read(pack);
        }
    }

    Map<String, Model> after(Path folder) throws Exception {
        Path path = copy(folder);
        Store store = OpenPacks.acquire(path, Parts.WRITER);
        store.commit(edits);
        OpenPacks.release(store, Parts.WRITER);
        try (NumPack pack = NumPack.open(path)) {
            return read(pack);
        }
    }

    /** The arrays; null for one that cannot be used. */
    static Map<String, Model> read(NumPack pack) {
        Map<String, Model> found = new LinkedHashMap<>();
        for (ArrayInfo info : pack.info()) {
            found.put(info.name(), info.fault() == null ? Model.of(pack.load(info.name())) : null);
        }
        return found;
    }
}
