package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import numpack.NumPack;
import numpack.Packs;
import numpack.Packs.Model;

/** Packs whose process died in the middle of a commit, and what is found in them. */
final class Deaths {
    private Deaths() {}

    /** What a process does before it dies. */
    interface Life {
        void upToDeath(Parts parts) throws Exception;
    }

    /** A copy of the pack of a commit, after the life of a process. */
    static Path of(Commits commit, Path folder, Life life) throws Exception {
        Path pack = commit.copy(folder);
        try (Parts parts = new Parts(pack)) {
            life.upToDeath(parts);
        }
        return pack;
    }

    static void assertIs(Map<String, Model> expected, NumPack pack, String where) {
        assertEquals(List.copyOf(expected.keySet()), pack.names(), where);
        expected.forEach((name, model) -> {
            if (model == null) {
                assertNotNull(pack.info(name).fault(), where + ", " + name);
            } else {
                model.assertIs(pack.load(name), where + ", " + name);
            }
        });
    }

    /** The next process finds these arrays, nothing to report and nothing left behind, and can go on. */
    static void assertRecovers(Path dead, Map<String, Model> expected, String where) {
        try (NumPack pack = NumPack.open(dead)) {
            assertEquals(List.of(), pack.notices(), where);
            assertIs(expected, pack, where);
            pack.save("later", new int[] {1});
        }
        assertEquals(List.of(), Packs.leftovers(dead), where);
        try (NumPack pack = NumPack.builder(dead).readOnly(true).open()) {
            assertEquals(1, pack.load("later").getLong(0));
        }
    }
}
