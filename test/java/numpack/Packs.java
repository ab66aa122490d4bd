package numpack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** What the tests of packs have in common: copies of fixtures, arrays of any dtype, a model of an array, snapshots of files. */
public final class Packs {
    private Packs() {}

    /** Folders in memory, where there is a file system for that: most tests are not about the disk. */
    public static final class InMemory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
                throws IOException {
            Path memory = Path.of("/dev/shm");
            return Files.isDirectory(memory)
                    ? Files.createTempDirectory(memory, "numpack")
                    : Files.createTempDirectory("numpack");
        }
    }

    /** A copy of a pack that Python wrote. */
    public static Path fixture(String name, Path folder) {
        Path from = Path.of("test/resources/fixtures").resolve(name);
        Path to = folder.resolve(name);
        copy(from, to);
        return to;
    }

    public static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new file of zeros that takes no room on the disk. */
    public static Path sparse(Path file, long bytes) {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    /** Numbers counted up from {@code start}, as far as the dtype can tell them apart. */
    public static NDArray count(DType dtype, long start, long... shape) {
        int size = Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
        if (dtype == DType.BOOL) {
            boolean[] values = new boolean[size];
            for (int i = 0; i < size; i++) {
                values[i] = (start + i) % 3 == 0;
            }
            return NDArray.of(values, shape);
        }
        long[] values = new long[size];
        Arrays.setAll(values, i -> (start + i) % 101);
        return NDArray.of(values, shape).to(dtype);
    }

    public static byte[] bytes(NDArray array) {
        byte[] bytes = new byte[Math.toIntExact(array.nbytes())];
        if (bytes.length > 0) {
            array.runs().readBytes(0, bytes, 0, bytes.length);
        }
        return bytes;
    }

    /** An array as the bytes of its rows. */
    public record Model(DType dtype, long[] rowShape, List<byte[]> rows) {
        public static Model of(NDArray array) {
            byte[] all = bytes(array);
            int n = Math.toIntExact(array.rows());
            int rowBytes = n == 0 ? 0 : all.length / n;
            List<byte[]> rows = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                rows.add(Arrays.copyOfRange(all, i * rowBytes, (i + 1) * rowBytes));
            }
            return new Model(array.dtype(), Arrays.copyOfRange(array.shape(), 1, array.rank()), rows);
        }

        public Model append(NDArray more) {
            List<byte[]> all = new ArrayList<>(rows);
            all.addAll(of(more).rows);
            return new Model(dtype, rowShape, all);
        }

        public Model replace(long[] at, NDArray with) {
            List<byte[]> all = new ArrayList<>(rows);
            List<byte[]> given = of(with).rows;
            for (int i = 0; i < at.length; i++) {
                all.set((int) (at[i] < 0 ? at[i] + rows.size() : at[i]), given.get(i));
            }
            return new Model(dtype, rowShape, all);
        }

        public Model drop(long... at) {
            TreeSet<Integer> gone = new TreeSet<>();
            Arrays.stream(at).forEach(i -> gone.add((int) (i < 0 ? i + rows.size() : i)));
            List<byte[]> left = new ArrayList<>(rows);
            gone.descendingSet().forEach(i -> left.remove((int) i));
            return new Model(dtype, rowShape, left);
        }

        public Model pick(long... at) {
            List<byte[]> picked = new ArrayList<>();
            Arrays.stream(at).forEach(i -> picked.add(rows.get((int) (i < 0 ? i + rows.size() : i))));
            return new Model(dtype, rowShape, picked);
        }

        public long[] shape() {
            return shapeWith(rows.size());
        }

        public long[] shapeWith(long rowCount) {
            long[] shape = new long[rowShape.length + 1];
            shape[0] = rowCount;
            System.arraycopy(rowShape, 0, shape, 1, rowShape.length);
            return shape;
        }

        public void assertIs(NDArray array, String where) {
            assertEquals(dtype, array.dtype(), where);
            assertArrayEquals(shape(), array.shape(), where);
            Model found = of(array);
            for (int i = 0; i < rows.size(); i++) {
                assertArrayEquals(rows.get(i), found.rows.get(i), where + ", row " + i);
            }
        }

        /** Reads the array in every way there is. */
        public void assertIn(ArraySource source, String name) {
            assertArrayEquals(shape(), source.shape(name), name);
            assertEquals(dtype, source.dtype(name), name);
            assertIs(source.lazy(name), "lazy " + name);
            assertIs(source.selectRows(name, Rows.range(0, rows.size())), "all rows of " + name);
            List<byte[]> chunked = new ArrayList<>();
            source.chunks(name, 7).forEach(chunk -> chunked.addAll(of(chunk).rows));
            new Model(dtype, rowShape, rows).assertRows(chunked, "chunks of " + name);
            assertIs(source.load(name), "load " + name);
        }

        private void assertRows(List<byte[]> found, String where) {
            assertEquals(rows.size(), found.size(), where);
            for (int i = 0; i < found.size(); i++) {
                assertArrayEquals(rows.get(i), found.get(i), where + ", row " + i);
            }
        }
    }

    /** Every file below a folder with its length, time and checksum. */
    public static Map<String, String> snapshot(Path folder) {
        Map<String, String> found = new TreeMap<>();
        snapshot(folder, folder, true, found);
        return found;
    }

    /** The same without our own folder and without times: what Python sees. */
    public static Map<String, String> contents(Path folder) {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(f -> !f.endsWith(".numpack")).forEach(file -> snapshot(folder, file, false, found));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static void snapshot(Path folder, Path part, boolean times, Map<String, String> found) {
        try (Stream<Path> files = Files.walk(part)) {
            for (Path file : files.toList()) {
                String contents = "directory";
                if (Files.isRegularFile(file)) {
                    CRC32 crc = new CRC32();
                    crc.update(Files.readAllBytes(file));
                    contents = Files.size(file) + " bytes, " + crc.getValue();
                }
                found.put(
                        folder.relativize(file).toString(),
                        times ? contents + ", " + Files.getLastModifiedTime(file) : contents);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What lies in our own folder besides the journal. */
    public static List<String> leftovers(Path pack) {
        if (!Files.exists(pack.resolve(".numpack"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(pack.resolve(".numpack"))) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> !f.equals("journal"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
