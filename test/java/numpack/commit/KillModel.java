package numpack.commit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import numpack.Batch;
import numpack.BatchOptions;
import numpack.NDArray;
import numpack.NumPack;
import numpack.Rows;

/** Random operations, each applied to a pack and to a model of it; the same seed gives the same operations. */
final class KillModel {
    static final int COLUMNS = 7;

    /** Arrays by name; every array has rows of {@link #COLUMNS} ints. */
    final Map<String, int[][]> arrays = new LinkedHashMap<>();

    /** One commit. */
    interface Operation {
        void apply(NumPack pack);

        void apply(Map<String, int[][]> model);
    }

    private record Op(
            String text,
            java.util.function.Consumer<NumPack> real,
            java.util.function.Consumer<Map<String, int[][]>> model)
            implements Operation {
        @Override
        public void apply(NumPack pack) {
            real.accept(pack);
        }

        @Override
        public void apply(Map<String, int[][]> arrays) {
            model.accept(arrays);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    static int[][] rows(Random random, int count) {
        int[][] rows = new int[count][COLUMNS];
        for (int[] row : rows) {
            Arrays.setAll(row, i -> random.nextInt());
        }
        return rows;
    }

    static NDArray array(int[][] rows) {
        int[] flat = Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
        return NDArray.of(flat, rows.length, COLUMNS);
    }

    static int[][] concat(int[][] a, int[][] b) {
        int[][] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    static int[][] without(int[][] rows, long[] dropped) {
        List<int[]> left = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            int row = i;
            if (Arrays.stream(dropped).noneMatch(d -> d == row)) {
                left.add(rows[i]);
            }
        }
        return left.toArray(int[][]::new);
    }

    private static long[] some(Random random, int rows, int count) {
        return rows == 0
                ? new long[0]
                : random.ints(Math.min(count, rows), 0, rows)
                        .distinct()
                        .asLongStream()
                        .toArray();
    }

    /** The {@code n}th operation of a seed, given the state it meets. */
    static Operation next(long seed, int n, Map<String, int[][]> now) {
        Random random = new Random(seed * 1_000_003 + n);
        List<String> names = new ArrayList<>(now.keySet());
        String fresh = "n" + random.nextInt(1000);
        int kind = names.isEmpty() ? 0 : random.nextInt(33);
        if (kind == 0 || names.size() < 2 || now.containsKey(fresh)) {
            int[][] a = rows(random, random.nextInt(50));
            int[][] b = rows(random, 1 + random.nextInt(400));
            String second = names.isEmpty() ? "second" : names.get(random.nextInt(names.size()));
            Map<String, NDArray> both = new LinkedHashMap<>();
            both.put(fresh, array(a));
            both.put(second, array(b));
            return new Op("save " + both.keySet(), p -> p.save(both), m -> {
                m.put(fresh, a);
                m.put(second, b);
            });
        }
        String name = names.get(random.nextInt(names.size()));
        String other = names.stream().filter(x -> !x.equals(name)).findFirst().orElseThrow();
        int[][] rows = now.get(name);
        switch (kind % 11) {
            case 0, 1, 2 -> {
                int[][] more = rows(random, 1 + random.nextInt(200));
                return new Op(
                        "append " + name,
                        p -> p.append(name, array(more)),
                        m -> m.put(name, concat(m.get(name), more)));
            }
            case 3 -> {
                long[] at = some(random, rows.length, 20);
                int[][] with = rows(random, at.length);
                return new Op(
                        "replace " + name,
                        p -> p.replaceRows(name, array(with), Rows.of(at)),
                        m -> m.put(name, replaced(m.get(name), at, with)));
            }
            case 4 -> {
                long[] at = some(random, rows.length, 9);
                return new Op(
                        "drop " + name, p -> p.dropRows(name, Rows.of(at)), m -> m.put(name, without(m.get(name), at)));
            }
            case 5 -> {
                return new Op("delete " + name, p -> p.delete(name), m -> m.remove(name));
            }
            case 6 -> {
                return new Op("rename " + name + " " + fresh, p -> p.rename(name, fresh), m -> rename(m, name, fresh));
            }
            case 7 -> {
                return new Op("compact", NumPack::compact, m -> {});
            }
            case 8 -> {
                int[][] with = rows(random, rows.length);
                return new Op("save in place " + name, p -> p.save(name, array(with)), m -> m.put(name, with));
            }
            case 9 -> {
                if (kind != 9) {
                    return batch(random, name, other, fresh, now);
                }
                int[][] large = new int[310_000][];
                Arrays.setAll(large, i -> new int[] {i, n, 2, 3, 4, 5, 6});
                return new Op("save large " + name, p -> p.save(name, array(large)), m -> m.put(name, large));
            }
            default -> {
                return batch(random, name, other, fresh, now);
            }
        }
    }

    private static int[][] replaced(int[][] rows, long[] at, int[][] with) {
        int[][] result = rows.clone();
        for (int i = 0; i < at.length; i++) {
            result[(int) at[i]] = with[i];
        }
        return result;
    }

    private static void rename(Map<String, int[][]> model, String from, String to) {
        Map<String, int[][]> renamed = new LinkedHashMap<>();
        model.forEach((k, v) -> renamed.put(k.equals(from) ? to : k, v));
        model.clear();
        model.putAll(renamed);
    }

    private static Operation batch(Random random, String name, String other, String fresh, Map<String, int[][]> now) {
        int[][] more = rows(random, 1 + random.nextInt(30));
        long[] at = some(random, now.get(other).length, 5);
        long limit = random.nextBoolean() ? 0 : Long.MAX_VALUE;
        boolean exchange = random.nextBoolean();
        return new Op(
                "batch " + name + " " + other + " " + fresh,
                p -> {
                    try (Batch b = p.batch(BatchOptions.defaults().memoryLimit(limit))) {
                        b.load(name).add(1);
                        b.append(name, array(more));
                        b.dropRows(other, Rows.of(at));
                        b.save(fresh, array(more));
                        if (exchange) {
                            b.rename(other, "exchange");
                            b.rename(fresh, other);
                            b.rename("exchange", fresh);
                        }
                    }
                },
                m -> {
                    int[][] added = Arrays.stream(m.get(name))
                            .map(r -> Arrays.stream(r).map(x -> x + 1).toArray())
                            .toArray(int[][]::new);
                    m.put(name, concat(added, more));
                    m.put(other, without(m.get(other), at));
                    m.put(fresh, more);
                    if (exchange) {
                        int[][] kept = m.get(other);
                        m.put(other, more);
                        m.put(fresh, kept);
                    }
                });
    }

    /** Whether a pack holds exactly the arrays of a model; says what differs, or null. */
    static String difference(NumPack pack, Map<String, int[][]> model) {
        if (!new java.util.TreeSet<>(pack.names()).equals(new java.util.TreeSet<>(model.keySet()))) {
            return "names " + pack.names() + ", expected " + model.keySet();
        }
        for (Map.Entry<String, int[][]> e : model.entrySet()) {
            NDArray found = pack.load(e.getKey());
            if (!found.contentEquals(array(e.getValue()))) {
                return e.getKey() + ": " + found + ", expected " + array(e.getValue());
            }
        }
        return null;
    }
}
