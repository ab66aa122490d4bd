package numpack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Single operations on an open pack with one array of 1M x 10 float32, and the batch tables; compare ratios within one run. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OperationsBench {
    private Path folder;
    private NumPack pack;
    private NDArray array;
    private final NDArray hundredRows = NDArray.of(new float[1000], 100, 10);
    private final Rows first = Rows.range(0, 100);
    private Rows scattered;

    @Setup(Level.Iteration)
    public void open() throws IOException {
        folder = Files.createTempDirectory(Path.of("target"), "bench");
        pack = NumPack.open(folder.resolve("o1.npk"));
        Random random = new Random(42);
        float[] data = new float[10_000_000];
        for (int i = 0; i < data.length; i++) {
            data[i] = random.nextFloat();
        }
        array = NDArray.of(data, 1_000_000, 10);
        pack.save("a", array);
        pack.save("small", NDArray.zeros(DType.FLOAT64, 100, 100));
        scattered = Rows.of(random.longs(10_000, 0, 1_000_000).toArray());
    }

    @TearDown(Level.Iteration)
    public void close() throws IOException {
        pack.close();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    @Benchmark
    public NDArray load() {
        return pack.load("a");
    }

    @Benchmark
    public NDArray lazy() {
        return pack.lazy("a");
    }

    @Benchmark
    public void save() {
        pack.save("a", array);
    }

    @Benchmark
    public void replaceHundredRows() {
        pack.replaceRows("a", hundredRows, first);
    }

    @Benchmark
    public void appendHundredRows() {
        pack.append("a", hundredRows);
    }

    @Benchmark
    public NDArray gatherTenThousandRows() {
        return pack.selectRows("a", scattered);
    }

    @Benchmark
    public double sumInChunks() {
        double sum = 0;
        for (NDArray chunk : pack.chunks("a", 10_000)) {
            sum += (Double) chunk.reduce("sum");
        }
        return sum;
    }

    @Benchmark
    public void loadMultiplySave() {
        pack.save("small", pack.load("small").mul(1.1));
    }

    @Benchmark
    public void hundredPassesInBatch() {
        try (Batch batch = pack.batch()) {
            for (int i = 0; i < 100; i++) {
                batch.save("small", batch.load("small").mul(1.1));
            }
        }
    }

    @Benchmark
    public void hundredPassesInWritableBatch() {
        try (WritableBatch batch = pack.writableBatch()) {
            for (int i = 0; i < 100; i++) {
                batch.save("small", batch.load("small").mul(1.1));
            }
        }
    }
}
