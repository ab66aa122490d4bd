package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a main class of the tests in a JVM of its own, for what could end the JVM or depends on how it was started. */
final class ChildJvm {
    private final List<String> command = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private final Map<String, String> environment = new TreeMap<>();
    private Path directory;

    private ChildJvm(Path java) {
        command.add(java.toString());
    }

    /** What the child left behind. */
    record Result(int status, String out, String err) {
        Result expectSuccess() {
            assertEquals(0, status, () -> "status " + status + "\n" + out + err);
            return this;
        }
    }

    /** The JVM that runs the tests. */
    static ChildJvm own() {
        return new ChildJvm(Path.of(System.getProperty("java.home"), "bin", "java"));
    }

    /** A JVM of that version or, if there is none in /usr/lib/jvm, a skipped test. */
    static ChildJvm version(int feature) {
        if (Runtime.version().feature() == feature) {
            return own();
        }
        Path java = null;
        try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
            java = homes.filter(home -> isVersion(home, feature))
                    .map(home -> home.resolve("bin/java"))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            // no such folder on this machine
        }
        assumeTrue(java != null, "no JDK " + feature + " in /usr/lib/jvm");
        return new ChildJvm(java);
    }

    private static boolean isVersion(Path home, int feature) {
        try {
            return Files.isExecutable(home.resolve("bin/java"))
                    && Files.readString(home.resolve("release")).matches("(?s).*JAVA_VERSION=\"" + feature + "[\".].*");
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs the JVM by way of another program, such as setpriv. */
    ChildJvm by(String... program) {
        command.addAll(0, List.of(program));
        return this;
    }

    ChildJvm options(String... jvmOptions) {
        options.addAll(List.of(jvmOptions));
        return this;
    }

    ChildJvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    ChildJvm in(Path workingDirectory) {
        directory = workingDirectory;
        return this;
    }

    Result run(Class<?> main, Object... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null"));
        all.addAll(options);
        all.addAll(List.of("-cp", absolute(System.getProperty("java.class.path")), main.getName()));
        for (Object argument : arguments) {
            all.add(argument.toString());
        }
        Path out = Files.createTempFile("child", ".out");
        Path err = Files.createTempFile("child", ".err");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(all).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().putAll(environment);
            if (directory != null) {
                builder.directory(directory.toFile());
            }
            Process child = builder.start();
            if (!child.waitFor(60, TimeUnit.SECONDS)) {
                child.destroyForcibly();
                fail("the child JVM did not end: " + Files.readString(out) + Files.readString(err));
            }
            return new Result(child.exitValue(), text(out), text(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** The class path with no entry that depends on the working directory. */
    private static String absolute(String classPath) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(java.io.File.pathSeparator)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(java.io.File.pathSeparator, entries);
    }
}
