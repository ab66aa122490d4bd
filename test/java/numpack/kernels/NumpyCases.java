package numpack.kernels;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs numpy in the Python named by the environment variable NUMPACK_PYTHON, and takes in what it computed. */
final class NumpyCases {
    static final String PYTHON = System.getenv("NUMPACK_PYTHON");

    private static final String PREPARATION = """
        import numpy as np
        np.seterr(all='ignore')
        rng = np.random.default_rng(20240521)
        DTYPES = ('bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 float32 float64 complex64 complex128').split()

        def values(name):
            t = np.dtype(name)
            if name == 'bool':
                return np.array([0, 1, 1, 0], t)
            if t.kind in 'ui':
                lo, hi = np.iinfo(t).min, np.iinfo(t).max
                picked = [lo, lo + 1, 0, 1, 2, 3, 7, 100, hi - 1, hi] + [int(v) for v in rng.integers(lo, hi, 6, dtype=t)]
                return np.array(picked, t)
            if t.kind == 'f':
                f = np.finfo(t)
                special = np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, f.max, f.tiny, f.smallest_subnormal, 0.1, 3, 0.5, -2], t)
                return np.concatenate([special, rng.normal(size=8).astype(t), (rng.normal(size=4) * 300).astype(t)])
            parts = np.array([0, 1, -0.5, 3] + list(rng.normal(size=2)))
            return (parts[:, None] + 1j * parts[None, :]).ravel().astype(t)

        def pairs(a, b):
            x, y = np.meshgrid(a, b)
            return x.ravel().copy(), y.ravel().copy()

        def hexed(a):
            return np.ascontiguousarray(a).tobytes().hex() or '-'

        def apply(op, a, b):
            a = a.copy()
            try:
                if op == 'add': a += b
                elif op == 'sub': a -= b
                elif op == 'mul': a *= b
                elif op == 'div': a /= b
                else: a **= b
            except (TypeError, ValueError, OverflowError):
                return 'refused'
            return hexed(a)
        """;

    private NumpyCases() {}

    /** The words of each line that a script prints; the script may use what is defined above. */
    static List<String[]> run(String script) throws Exception {
        Process python = new ProcessBuilder(PYTHON, "-")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var in = python.getOutputStream()) {
            in.write((PREPARATION + script).getBytes(StandardCharsets.UTF_8));
        }
        List<String[]> lines = new ArrayList<>();
        try (var out = new BufferedReader(new InputStreamReader(python.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line.split(" "));
            }
        }
        if (python.waitFor() != 0) {
            throw new AssertionError("the Python script failed after " + lines.size() + " lines");
        }
        return lines;
    }
}
