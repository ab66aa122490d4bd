package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the Java program of README.md, and compares what it prints with what is written there. */
class ReadmeTest {
    private static final Pattern PROGRAM = Pattern.compile("(?ms)^```java\n(.*?)^```.*?^```text\n(.*?)^```");
    private static final Pattern NAME = Pattern.compile("public class (\\w+)");

    @TempDir
    Path folder;

    @Test
    void programPrintsWhatIsWritten() throws IOException, InterruptedException {
        Matcher found = PROGRAM.matcher(Files.readString(Path.of("README.md")));
        assertTrue(found.find(), "README.md has a Java program and its output");
        Matcher name = NAME.matcher(found.group(1));
        assertTrue(name.find(), "the program has a public class");

        Path source = Files.writeString(folder.resolve(name.group(1) + ".java"), found.group(1));
        String classPath = System.getProperty("java.class.path");
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-d",
                        folder.toString(),
                        "-classpath",
                        classPath,
                        "-proc:none",
                        source.toString());
        assertEquals(0, compiled, "javac");

        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dstdout.encoding=UTF-8",
                        "-Dfile.encoding=UTF-8",
                        "-classpath",
                        folder + java.io.File.pathSeparator + absolute(classPath),
                        name.group(1))
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertEquals(0, program.waitFor(), () -> read(err));
        assertEquals(found.group(2), read(out));
    }

    private static String absolute(String classPath) {
        return Pattern.compile(Pattern.quote(java.io.File.pathSeparator))
                .splitAsStream(classPath)
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(java.util.stream.Collectors.joining(java.io.File.pathSeparator));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
