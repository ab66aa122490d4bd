package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds for every source file, beyond the format of the Java code, which the build checks. */
class SourceFilesTest {
    private static final int WIDTH = 140;
    private static final int LINES = 600;
    private static final int LINES_OF_CODE = 350;
    private static final Pattern COMMENT = Pattern.compile("(?s:/\\*.*?\\*/)|(?m:^\\s*//.*$)");
    private static final Pattern SOURCE = Pattern.compile(".*\\.(java|clj|clj_kondo|edn)");

    @Test
    void linesAreShortWithoutTabsAndBlanksAtTheirEnd() {
        List<String> faults = new ArrayList<>();
        for (Path file : sources()) {
            String text = read(file);
            if (!text.endsWith("\n") || text.endsWith("\n\n")) {
                faults.add(file + ": does not end with one line feed");
            }
            List<String> lines = text.lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                String fault = line.codePointCount(0, line.length()) > WIDTH
                        ? "is longer than " + WIDTH
                        : line.contains("\t") ? "has a tab" : line.endsWith(" ") ? "has blanks at its end" : null;
                if (fault != null) {
                    faults.add(file + ":" + (i + 1) + ": " + fault);
                }
            }
        }
        assertEquals("", String.join("\n", faults));
    }

    @Test
    void filesOfTheLibraryAreShort() {
        List<String> faults = new ArrayList<>();
        for (Path file : sources()) {
            if (file.startsWith("src/java")) {
                String text = read(file);
                long lines = text.lines().count();
                long code = COMMENT.matcher(text)
                        .replaceAll("")
                        .lines()
                        .filter(line -> !line.isBlank())
                        .count();
                if (lines > LINES || code > LINES_OF_CODE) {
                    faults.add(file + " has " + lines + " lines, " + code + " of them code");
                }
            }
        }
        assertEquals("", String.join("\n", faults));
    }

    private static List<Path> sources() {
        List<Path> found = Stream.of("src", "test", "bench", "dev", "doc", "resources", ".ci", ".clj-kondo", ".")
                .map(Path::of)
                .filter(Files::isDirectory)
                .flatMap(folder -> filesIn(folder, folder.equals(Path.of(".")) ? 1 : Integer.MAX_VALUE))
                .filter(file -> SOURCE.matcher(file.toString()).matches())
                .toList();
        assertFalse(found.isEmpty());
        return found;
    }

    private static Stream<Path> filesIn(Path folder, int depth) {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
