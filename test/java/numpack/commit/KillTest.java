package numpack.commit;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import numpack.NumPack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a child JVM (SIGKILL) at random moments over a random mix of operations: after reopening, each commit is whole or absent, and
 * every acknowledged one is there. CI kills 100 times; {@code mvn verify -Dnumpack.kills=1000} is a soak.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("numpack.kills", 25);

    @TempDir
    Path folder;

    /** The child: applies operations to the pack until it is killed, and prints the number of each once it was acknowledged. */
    static final class Child {
        public static void main(String[] args) {
            long seed = Long.parseLong(args[1]);
            try (NumPack pack = NumPack.open(args[0])) {
                Map<String, int[][]> model = read(pack);
                System.out.println("ready");
                for (int n = 0; ; n++) {
                    KillModel.Operation operation = KillModel.next(seed, n, model);
                    operation.apply(pack);
                    operation.apply(model);
                    System.out.println(n);
                }
            } catch (Throwable e) {
                e.printStackTrace(System.out);
                System.out.println("failed");
            }
        }
    }

    static Map<String, int[][]> read(NumPack pack) {
        Map<String, int[][]> model = new LinkedHashMap<>();
        for (String name : pack.names()) {
            int[] flat = pack.load(name).toIntArray();
            int[][] rows = new int[flat.length / KillModel.COLUMNS][KillModel.COLUMNS];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(flat, i * KillModel.COLUMNS, rows[i], 0, KillModel.COLUMNS);
            }
            model.put(name, rows);
        }
        return model;
    }

    @Test
    void commitIsWholeOrAbsentWhereverTheProcessIsKilled() throws Exception {
        Path path = folder.resolve("killed.npk");
        Random random = new Random(20261121);
        int acknowledged = 0;
        int finished = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Map<String, int[][]> model;
            try (NumPack pack = NumPack.open(path)) {
                model = read(pack);
                if (model.size() > 12) {
                    pack.delete(model.keySet());
                    model.clear();
                }
            }
            int last = run(path, kill, random.nextInt(700));
            for (int n = 0; n <= last; n++) {
                KillModel.next(kill, n, model).apply(model);
            }
            acknowledged += last + 1;
            try (NumPack pack = NumPack.open(path)) {
                String asAcknowledged = KillModel.difference(pack, model);
                if (asAcknowledged != null) {
                    KillModel.Operation inFlight = KillModel.next(kill, last + 1, model);
                    inFlight.apply(model);
                    String withNext = KillModel.difference(pack, model);
                    if (withNext != null) {
                        fail("kill " + kill + " after " + (last + 1) + " operations, in flight: " + inFlight
                                + "\nwithout it: " + asAcknowledged + "\nwith it: " + withNext);
                    }
                    finished++;
                }
                assertTrue(pack.notices().isEmpty(), () -> pack.notices().toString());
            }
        }
        noFileIsLeftBehind(path);
        System.out.println(KILLS + " kills: " + acknowledged + " acknowledged commits all there, " + finished
                + " commits in flight whole, " + (KILLS - finished) + " absent");
        assertTrue(acknowledged > KILLS, "the children did too little: " + acknowledged);
    }

    private static int run(Path path, long seed, int millis) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        path.toString(),
                        Long.toString(seed))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int last = -1;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            if (!"ready".equals(line)) {
                fail("the child could not open the pack: " + line + out.lines().toList());
            }
            Thread killer = new Thread(() -> {
                try {
                    Thread.sleep(millis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                // not child.destroyForcibly(), which closes the pipe that is being read
                child.toHandle().destroyForcibly();
            });
            killer.start();
            StringBuilder failure = new StringBuilder();
            while ((line = out.readLine()) != null) {
                if (line.matches("\\d+")) {
                    last = Math.max(last, Integer.parseInt(line));
                } else {
                    failure.append(line).append('\n');
                }
            }
            killer.join();
            child.waitFor();
            if (!failure.isEmpty()) {
                fail("operation " + (last + 1) + " of seed " + seed + ": " + failure);
            }
        }
        return last;
    }

    private static void noFileIsLeftBehind(Path path) throws IOException {
        try (NumPack pack = NumPack.open(path)) {
            pack.save("last", new int[] {1});
        }
        try (Stream<Path> files = Files.list(path.resolve(PackFiles.FOLDER))) {
            assertTrue(
                    files.map(Path::toFile).map(File::getName).allMatch(Journal.NAME::equals),
                    "only the journal is left in " + PackFiles.FOLDER);
        }
    }
}
