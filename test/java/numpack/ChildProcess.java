package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Another JVM with this one's class path, for what must be seen from outside, or may kill a process. */
public final class ChildProcess implements AutoCloseable {
    private static final Path NEWER = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64/bin/java");

    private final Process process;
    private final BufferedReader out;

    private ChildProcess(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The JDKs to try: this one, and 25 where it is installed. */
    public static List<Path> javas() {
        Path own = Path.of(System.getProperty("java.home"), "bin", "java");
        return Files.exists(NEWER) && Runtime.version().feature() != 25 ? List.of(own, NEWER) : List.of(own);
    }

    public static ChildProcess start(Class<?> main, Object... arguments) {
        return start(javas().get(0), List.of(), main, arguments);
    }

    public static ChildProcess start(Path java, List<String> flags, Class<?> main, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                java.toString(), "-XX:TieredStopAtLevel=1", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null"));
        if (java.equals(NEWER) || Runtime.version().feature() >= 24) {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
        try {
            return new ChildProcess(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the child prints a line. */
    public void await(String expected) {
        List<String> before = new ArrayList<>();
        try {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.equals(expected)) {
                    return;
                }
                before.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("the child ended without printing " + expected + ": " + String.join("\n", before));
    }

    /** Tells the child to go on: it reads a line. */
    public void tell(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In the child: says where it is, and waits to be told to go on. */
    public static void pause(String line) {
        System.out.println(line);
        try {
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the end of the child, which must be a good one; gives what it printed. */
    public String finish() throws InterruptedException {
        String printed = String.join("\n", out.lines().toList());
        assertEquals(0, process.waitFor(), printed);
        return printed;
    }

    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
