package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import numpack.Packs.Model;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random operations against a model in memory. A failure names its seed and prints the operations up to it;
 * {@code -Dnumpack.model.seed=…} replays that one, {@code -Dnumpack.model.seeds=1000} is a soak.
 */
class ModelTest {
    private static final int OPERATIONS = 120;
    private static final DType[] DTYPES = {
        DType.INT32, DType.FLOAT32, DType.UINT8, DType.FLOAT16, DType.COMPLEX64, DType.BOOL
    };

    @TempDir(factory = Packs.InMemory.class)
    Path folder;

    static LongStream seeds() {
        Long one = Long.getLong("numpack.model.seed");
        return one != null ? LongStream.of(one) : LongStream.range(0, Integer.getInteger("numpack.model.seeds", 20));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void packHoldsWhatTheModelHolds(long seed) {
        List<String> log = new ArrayList<>();
        try {
            new Run(new Random(seed), log).run();
        } catch (Throwable e) {
            fail("seed " + seed + " failed after\n" + String.join("\n", log) + "\nwith " + e, e);
        }
    }

    private final class Run {
        final Random random;
        final List<String> log;
        Map<String, Model> model = new LinkedHashMap<>();
        NumPack pack;
        int names;

        Run(Random random, List<String> log) {
            this.random = random;
            this.log = log;
        }

        void run() {
            Path path = random.nextBoolean()
                    ? Packs.fixture("segmented.npk", folder)
                    : Packs.fixture("deleted.npk", folder);
            pack = NumPack.open(path);
            pack.names().forEach(name -> model.put(name, Model.of(pack.load(name))));
            for (int i = 0; i < OPERATIONS; i++) {
                switch (random.nextInt(12)) {
                    case 0 -> reopen();
                    case 1, 2, 3 -> batch();
                    case 4 -> writableBatch();
                    default -> {
                        edit(pack, model, "");
                        check(pack, model);
                    }
                }
            }
            reopen();
            pack.close();
            assertEquals(List.of(), Packs.leftovers(path));
        }

        void reopen() {
            log.add("reopen");
            pack.close();
            pack = NumPack.builder(pack.path()).open();
            assertEquals(List.of(), pack.notices());
            check(pack, model);
        }

        void check(ArraySource source, Map<String, Model> expected) {
            assertEquals(new java.util.TreeSet<>(expected.keySet()), new java.util.TreeSet<>(source.names()));
            expected.forEach(
                    (name, m) -> m.assertIs(random.nextBoolean() ? source.lazy(name) : source.load(name), name));
        }

        void batch() {
            long limit = random.nextInt(3) == 0 ? 0 : random.nextBoolean() ? Long.MAX_VALUE : 2000;
            boolean keep = random.nextInt(5) > 0;
            log.add("batch, limit " + limit + (keep ? "" : ", to be discarded"));
            Map<String, Model> inside = new LinkedHashMap<>(model);
            try (Batch batch = pack.batch(BatchOptions.defaults().memoryLimit(limit))) {
                for (int i = random.nextInt(8); i > 0; i--) {
                    if (random.nextInt(3) == 0 && !inside.isEmpty()) {
                        String name = any(inside);
                        log.add("  edit in place " + name);
                        NDArray array = batch.load(name);
                        array.set(fresh(inside.get(name), array.rows()));
                        inside.put(name, Model.of(array));
                    } else {
                        edit(batch, inside, "  ");
                    }
                    check(batch, inside);
                }
                if (!keep) {
                    batch.discard();
                }
            }
            if (keep) {
                model = inside;
            }
            check(pack, model);
        }

        void writableBatch() {
            log.add("writable batch");
            try (WritableBatch batch = pack.writableBatch(random.nextBoolean())) {
                for (int i = random.nextInt(3); i > 0 && !model.isEmpty(); i--) {
                    String name = any(model);
                    long n = model.get(name).rows().size();
                    log.add("  edit " + name);
                    NDArray with = fresh(model.get(name), n);
                    if (random.nextBoolean()) {
                        batch.save(name, with);
                    } else {
                        batch.load(name).set(with);
                    }
                    model.put(name, Model.of(with));
                    check(batch, model);
                }
            }
            check(pack, model);
        }

        String any(Map<String, Model> from) {
            return List.copyOf(from.keySet()).get(random.nextInt(from.size()));
        }

        NDArray fresh(Model like, long rows) {
            return Packs.count(like.dtype(), random.nextInt(50), like.shapeWith(rows));
        }

        long[] some(int rows) {
            return rows == 0
                    ? new long[0]
                    : random.longs(random.nextInt(5), -rows, rows).toArray();
        }

        void edit(ArrayEditor editor, Map<String, Model> now, String indent) {
            int kind = now.isEmpty() ? 0 : random.nextInt(12);
            if (kind <= 1) {
                String name = !now.isEmpty() && random.nextBoolean() ? any(now) : "n" + names++ % 7;
                long[] shape = random.nextBoolean()
                        ? new long[] {random.nextInt(9)}
                        : new long[] {random.nextInt(9), random.nextInt(4)};
                NDArray contents = Packs.count(DTYPES[random.nextInt(DTYPES.length)], random.nextInt(50), shape);
                log.add(indent + "save " + name + " " + contents.dtype() + " " + java.util.Arrays.toString(shape));
                editor.save(name, contents);
                now.put(name, Model.of(contents));
                return;
            }
            String name = any(now);
            Model m = now.get(name);
            int n = m.rows().size();
            switch (kind) {
                case 2, 3 -> {
                    NDArray more = fresh(m, random.nextInt(6));
                    log.add(indent + "append " + more.rows() + " to " + name);
                    editor.append(name, more);
                    now.put(name, m.append(more));
                }
                case 4 -> {
                    long[] at = some(n);
                    NDArray with = fresh(m, at.length);
                    log.add(indent + "replace " + java.util.Arrays.toString(at) + " of " + name);
                    editor.replaceRows(name, with, Rows.of(at));
                    now.put(name, m.replace(at, with));
                }
                case 5 -> {
                    long[] at = some(n);
                    log.add(indent + "drop " + java.util.Arrays.toString(at) + " of " + name);
                    editor.dropRows(name, at);
                    now.put(name, m.drop(at));
                }
                case 6 -> {
                    log.add(indent + "delete " + name);
                    editor.delete(name);
                    now.remove(name);
                }
                case 7 -> {
                    String to = "r" + names++ % 5;
                    if (!now.containsKey(to)) {
                        log.add(indent + "rename " + name + " to " + to);
                        editor.rename(name, to);
                        now.remove(name);
                        now.put(to, m);
                    }
                }
                case 8 -> {
                    log.add(indent + "compact " + name);
                    editor.compact(name);
                }
                case 9 -> {
                    String other = any(now);
                    log.add(indent + "save " + name + " from " + other);
                    editor.save(name, editor.lazy(other));
                    now.put(name, now.get(other));
                }
                case 10 -> {
                    String to = "c" + names++ % 5;
                    if (!now.containsKey(to)) {
                        log.add(indent + "copy " + name + " to " + to);
                        editor.copy(name, to);
                        now.put(to, m);
                    }
                }
                default -> {
                    if (n > 0 && !m.rows().isEmpty()) {
                        log.add(indent + "save half of " + name + " over it");
                        editor.save(name, editor.lazy(name).rows(n / 2, n));
                        now.put(name, m.pick(LongStream.range(n / 2, n).toArray()));
                    }
                }
            }
        }
    }
}
