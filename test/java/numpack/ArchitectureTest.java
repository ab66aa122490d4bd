package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The rooms of the house and what each may know of the others, as jdeps finds it in the compiled classes. The face, package
 * {@code numpack}, may know everything; a few types of it are the base, which every package may use and which knows nothing else.
 */
class ArchitectureTest {
    private static final String BASE = "base";
    private static final String FACE = "numpack";

    /** The types of the package {@code numpack} that belong to the base, besides the exceptions. */
    private static final Set<String> BASE_TYPES =
            Set.of("numpack.DType", "numpack.Rows", "numpack.Durability", "numpack.Reduction");

    /** From the bottom up. */
    private static final List<Room> ROOMS = List.of(
            new Room(BASE, Set.of()),
            new Room("numpack.memory", Set.of(BASE)),
            new Room("numpack.kernels", Set.of(BASE, "numpack.memory")),
            new Room("numpack.format", Set.of(BASE)),
            new Room("numpack.commit", Set.of(BASE, "numpack.memory", "numpack.format")),
            new Room(FACE, Set.of(BASE, "numpack.memory", "numpack.kernels", "numpack.format", "numpack.commit")));

    private static final Pattern EDGE =
            Pattern.compile("^ +(numpack\\.[\\w.$]+) +-> +(numpack\\.[\\w.$]+) ", Pattern.MULTILINE);

    private static final Set<Edge> EDGES = new TreeSet<>();

    /** A package, or the base, and what it may know besides itself. */
    private record Room(String name, Set<String> mayKnow) {}

    /** A top-level class that uses another one; nested classes count as their outermost class. */
    private record Edge(String from, String to) implements Comparable<Edge> {
        @Override
        public int compareTo(Edge other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return from + " -> " + to;
        }
    }

    @BeforeAll
    static void readTheClasses() throws Exception {
        Path classes = Path.of(NumPack.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        StringWriter out = new StringWriter();
        int status = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(new PrintWriter(out), new PrintWriter(out), "-verbose:class", "-filter:none", classes.toString());
        assertEquals(0, status, out.toString());
        EDGE.matcher(out.toString())
                .results()
                .map(edge -> new Edge(outermost(edge.group(1)), outermost(edge.group(2))))
                .filter(edge -> !edge.from.equals(edge.to))
                .forEach(EDGES::add);
    }

    private static String outermost(String type) {
        int nested = type.indexOf('$');
        return nested < 0 ? type : type.substring(0, nested);
    }

    private static String packageOf(String type) {
        return type.substring(0, type.lastIndexOf('.'));
    }

    private static Room room(String type) {
        String name = BASE_TYPES.contains(type) || packageOf(type).equals(FACE) && type.endsWith("Exception")
                ? BASE
                : packageOf(type);
        return ROOMS.stream()
                .filter(room -> room.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no rule says what " + name + " may know"));
    }

    @Test
    void knownDependenciesAreSeen() {
        for (String known : List.of(
                "numpack.NumPack -> numpack.commit.Store",
                "numpack.NDArray -> numpack.memory.Runs",
                "numpack.commit.Edit -> numpack.Rows",
                "numpack.commit.Store -> numpack.format.Metadata",
                "numpack.format.Entry -> numpack.DType",
                "numpack.memory.Runs -> numpack.memory.Memory",
                "numpack.kernels.Arithmetic -> numpack.memory.Runs",
                "numpack.ReadOnlyException -> numpack.NumPackException")) {
            assertTrue(EDGES.stream().anyMatch(edge -> edge.toString().equals(known)), known);
        }
    }

    @Test
    void eachRoomKnowsOnlyWhatItMay() {
        List<Edge> forbidden = EDGES.stream()
                .filter(edge -> !room(edge.from).equals(room(edge.to)))
                .filter(edge -> !room(edge.from).mayKnow.contains(room(edge.to).name))
                .toList();
        assertEquals(List.of(), forbidden);
    }

    @Test
    void eachRoomKnowsOnlyRoomsBelowItSoThatThereIsNoCycle() {
        Set<String> below = new HashSet<>();
        for (Room room : ROOMS) {
            assertTrue(below.containsAll(room.mayKnow), room.name + " knows a room that does not stand before it");
            below.add(room.name);
        }
    }
}
