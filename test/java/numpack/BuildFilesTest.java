package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import clojure.java.api.Clojure;
import clojure.lang.IFn;
import clojure.lang.Keyword;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** pom.xml, deps.edn and project.clj say the same about coordinates, dependencies and paths. */
class BuildFilesTest {

    /** A dependency as all three files can express it; the map's key is group/artifact. */
    record Dependency(String version, Set<String> exclusions) {}

    private static Element pom;
    private static Map<?, ?> deps;
    private static List<?> defproject;
    private static Map<?, ?> project;

    @BeforeAll
    static void parse() throws Exception {
        pom = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new File("pom.xml"))
                .getDocumentElement();
        deps = (Map<?, ?>) readEdn("deps.edn");
        defproject = (List<?>) readEdn("project.clj");
        Map<Object, Object> options = new HashMap<>();
        for (int i = 3; i < defproject.size(); i += 2) {
            options.put(defproject.get(i), defproject.get(i + 1));
        }
        project = options;
    }

    @Test
    void coordinates() {
        assertEquals(
                text(pom, "groupId") + "/" + text(pom, "artifactId"),
                defproject.get(1).toString());
        assertEquals(text(pom, "version"), defproject.get(2));
    }

    @Test
    void description() {
        assertEquals(text(pom, "description"), get(project, "description"));
        assertEquals(text(pom, "url"), get(project, "url"));
        Element license = child(child(pom, "licenses"), "license");
        assertEquals(text(license, "name"), get(project, "license", "name"));
        assertEquals(text(license, "url"), get(project, "license", "url"));
    }

    @Test
    void dependencies() {
        Map<String, Dependency> expected = ofPom(pom, "compile");
        assertFalse(expected.isEmpty());
        assertEquals(expected, ofDeps(get(deps, "deps")), "deps.edn");
        assertEquals(expected, ofProject(get(project, "dependencies")), "project.clj");
    }

    @Test
    void optionalDependencies() {
        Map<String, Dependency> expected = ofPom(profile("dtype-next"), "provided");
        assertFalse(expected.isEmpty());
        assertEquals(expected, ofDeps(get(deps, "aliases", "dtype-next", "extra-deps")), "deps.edn");
        assertEquals(expected, ofProject(get(project, "profiles", "dtype-next", "dependencies")), "project.clj");
    }

    @Test
    void benchDependenciesOfClojure() {
        assertEquals(
                ofDeps(get(deps, "aliases", "bench", "extra-deps")),
                ofProject(get(project, "profiles", "bench", "dependencies")));
    }

    @Test
    void paths() {
        Element build = child(pom, "build");
        assertEquals(List.of(text(build, "sourceDirectory")), get(project, "java-source-paths"));

        List<Object> inJar = new ArrayList<>((List<?>) get(project, "source-paths"));
        inJar.addAll((List<?>) get(project, "resource-paths"));
        List<String> ofPom = children(child(build, "resources"), "resource").stream()
                .map(r -> text(r, "directory"))
                .filter(d -> !d.startsWith("$"))
                .toList();
        assertEquals(ofPom, inJar);

        List<Object> ofDeps = new ArrayList<>(inJar);
        ofDeps.add("target/classes");
        assertEquals(ofDeps, get(deps, "paths"));

        List<Object> tests = new ArrayList<>((List<?>) get(project, "test-paths"));
        tests.addAll((List<?>) get(project, "profiles", "dev", "resource-paths"));
        assertEquals(tests, get(deps, "aliases", "test", "extra-paths"));
        assertEquals(
                new TreeSet<>(tests),
                children(child(build, "testResources"), "testResource").stream()
                        .map(r -> text(r, "directory"))
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void javaRelease() throws IOException {
        String release = text(child(pom, "properties"), "maven.compiler.release");
        assertEquals(List.of("--release", release), get(project, "javac-options"));
        assertTrue(Files.readString(Path.of("build.clj")).contains("\"--release\" \"" + release + "\""), "build.clj");
    }

    @Test
    void innerPackagesAreLeftOutOfTheJavadoc() {
        Set<String> inner = new TreeSet<>();
        for (File folder : new File("src/java/numpack").listFiles(File::isDirectory)) {
            inner.add("numpack." + folder.getName());
        }
        String excluded = text(child(plugin("maven-javadoc-plugin"), "configuration"), "excludePackageNames");
        assertEquals(inner, new TreeSet<>(List.of(excluded.split(":"))));
    }

    @Test
    void theJarHasAModuleName() {
        Element archive = child(child(plugin("maven-jar-plugin"), "configuration"), "archive");
        assertEquals("numpack", text(child(archive, "manifestEntries"), "Automatic-Module-Name"));
    }

    private static Object readEdn(String file) throws IOException {
        Clojure.var("clojure.core", "require").invoke(Clojure.read("clojure.edn"));
        IFn read = Clojure.var("clojure.edn", "read-string");
        return read.invoke(Files.readString(Path.of(file)));
    }

    private static Object get(Map<?, ?> map, String... path) {
        Object value = map;
        for (String key : path) {
            value = ((Map<?, ?>) value).get(Keyword.intern(key));
        }
        return value;
    }

    private static Map<String, Dependency> ofPom(Element parent, String scope) {
        Map<String, Dependency> result = new TreeMap<>();
        for (Element dependency : children(child(parent, "dependencies"), "dependency")) {
            if (scope.equals(text(dependency, "scope", "compile"))) {
                Element exclusions = child(dependency, "exclusions");
                Set<String> names = exclusions == null
                        ? Set.of()
                        : children(exclusions, "exclusion").stream()
                                .map(BuildFilesTest::name)
                                .collect(Collectors.toSet());
                result.put(name(dependency), new Dependency(text(dependency, "version"), names));
            }
        }
        return result;
    }

    private static Map<String, Dependency> ofDeps(Object extraDeps) {
        Map<String, Dependency> result = new TreeMap<>();
        ((Map<?, ?>) extraDeps)
                .forEach((lib, options) -> result.put(
                        qualified(lib),
                        new Dependency(
                                (String) ((Map<?, ?>) options).get(Keyword.intern("mvn", "version")),
                                symbols(((Map<?, ?>) options).get(Keyword.intern("exclusions"))))));
        return result;
    }

    private static Map<String, Dependency> ofProject(Object dependencies) {
        Map<String, Dependency> result = new TreeMap<>();
        for (Object entry : (List<?>) dependencies) {
            List<?> dependency = (List<?>) entry;
            int exclusions = dependency.indexOf(Keyword.intern("exclusions"));
            result.put(
                    qualified(dependency.get(0)),
                    new Dependency(
                            (String) dependency.get(1),
                            symbols(exclusions < 0 ? null : dependency.get(exclusions + 1))));
        }
        return result;
    }

    private static Set<String> symbols(Object list) {
        return list == null
                ? Set.of()
                : ((List<?>) list).stream().map(BuildFilesTest::qualified).collect(Collectors.toSet());
    }

    private static String qualified(Object symbol) {
        String name = symbol.toString();
        return name.contains("/") ? name : name + "/" + name;
    }

    private static String name(Element element) {
        return text(element, "groupId") + "/" + text(element, "artifactId");
    }

    private static Element plugin(String artifactId) {
        return children(child(child(pom, "build"), "plugins"), "plugin").stream()
                .filter(p -> artifactId.equals(text(p, "artifactId")))
                .findFirst()
                .orElseThrow();
    }

    private static Element profile(String id) {
        return children(child(pom, "profiles"), "profile").stream()
                .filter(p -> id.equals(text(p, "id")))
                .findFirst()
                .orElseThrow();
    }

    private static Element child(Element parent, String tag) {
        List<Element> found = children(parent, tag);
        return found.isEmpty() ? null : found.get(0);
    }

    private static List<Element> children(Element parent, String tag) {
        List<Element> result = new ArrayList<>();
        for (Node n = parent.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element e && e.getTagName().equals(tag)) {
                result.add(e);
            }
        }
        return result;
    }

    private static String text(Element parent, String tag) {
        return child(parent, tag).getTextContent().strip();
    }

    private static String text(Element parent, String tag, String otherwise) {
        return child(parent, tag) == null ? otherwise : text(parent, tag);
    }
}
