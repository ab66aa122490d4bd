package numpack.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import numpack.DType;
import numpack.Reduction;
import numpack.memory.Memory;
import numpack.memory.Runs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reductions have numpy's dtypes and values; sums of float64 to the bit. */
class ReductionsNumpyTest {
    @BeforeEach
    void needsNumpy() {
        assumeTrue(NumpyCases.PYTHON != null, "NUMPACK_PYTHON does not name a Python with numpy");
    }

    @Test
    void alongEveryAxisTheResultIsNumpysInDtypeAndValue() throws Exception {
        List<String[]> cases = NumpyCases.run("""
            for name in DTYPES:
                t = np.dtype(name)
                for shape in ((4, 5), (3, 40, 6), (200, 3)):
                    v = values(name)
                    if t.kind in 'fc':
                        v = np.abs(v[np.isfinite(v) & (np.abs(v) < 1000)]).astype(t) + t.type(1)
                    else:
                        v = (v // 8).astype(t) if name != 'bool' else v
                    if t.itemsize == 8 and t.kind in 'ui':
                        v = v // t.type(2**14)  # so that numpy's means, added up in float64, are exact too
                    a = rng.choice(v, shape)
                    for op in ('sum', 'mean', 'std', 'var', 'min', 'max', 'norm'):
                        if t.kind == 'c' and op in ('min', 'max'):
                            continue
                        for axis in range(len(shape)):
                            # float16 and float32 in double, as we promise.
                            w = a.astype('complex128' if t.kind == 'c' else 'float64') if t.kind in 'fc' else a
                            dtype = (np.linalg.norm(a.ravel()) if op == 'norm' else getattr(np, op)(a)).dtype
                            r = np.linalg.norm(w, axis=axis) if op == 'norm' else getattr(np, op)(w, axis=axis)
                            print(name, op, ','.join(map(str, shape)), axis, hexed(a), dtype, hexed(r.astype(dtype)))
            """);
        for (String[] c : cases) {
            DType type = DType.of(c[0]);
            long[] shape =
                    Arrays.stream(c[2].split(",")).mapToLong(Long::parseLong).toArray();
            DType resultType = DType.of(c[5]);
            String what = String.join(" ", c[0], c[1], c[2], c[3]);
            assertEquals(resultType, Reductions.resultType(Reduction.of(c[1]), type), what);
            Memory result = Reductions.reduceAxis(
                    Reduction.of(c[1]),
                    type,
                    shape,
                    TestArrays.heap(type, TestArrays.fromHex(type, c[4])),
                    Integer.parseInt(c[3]));
            String difference = Closeness.firstDifference(
                    resultType,
                    TestArrays.fromHex(resultType, c[6]),
                    TestArrays.items(Runs.of(result), resultType),
                    resultType.isInteger() ? 0 : 64);
            assertNull(difference, what);
        }
        assertTrue(cases.size() > 600, "cases: " + cases.size());
    }

    @Test
    void sumsOfFloat64AreNumpysToTheBit() throws Exception {
        List<String[]> cases = NumpyCases.run("""
            for n in (1, 7, 8, 9, 127, 128, 129, 1000, 1024, 1025, 5000, 12345, 100003):
                a = rng.normal(size=n) * 10.0 ** rng.integers(-5, 6, size=n)
                print(hexed(a), float(a.sum()).hex(), float(a.mean()).hex())
            """);
        for (String[] c : cases) {
            Object items = TestArrays.fromHex(DType.FLOAT64, c[0]);
            TestArrays.layouts(DType.FLOAT64, items).forEach((where, runs) -> {
                assertEquals(Double.parseDouble(c[1]), Reductions.reduce(Reduction.SUM, DType.FLOAT64, runs), where);
                assertEquals(Double.parseDouble(c[2]), Reductions.reduce(Reduction.MEAN, DType.FLOAT64, runs), where);
            });
        }
        assertEquals(13, cases.size());
    }
}
