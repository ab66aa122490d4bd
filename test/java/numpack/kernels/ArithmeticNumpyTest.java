package numpack.kernels;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import numpack.DType;
import numpack.DTypeMismatchException;
import numpack.memory.Runs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What we compute in place, and what we refuse, is what numpy computes and refuses. */
class ArithmeticNumpyTest {
    private final List<String> differences = new ArrayList<>();

    @BeforeEach
    void needsNumpy() {
        assumeTrue(NumpyCases.PYTHON != null, "NUMPACK_PYTHON does not name a Python with numpy");
    }

    @Test
    void everyDtypeTakesEveryOperandArrayAsNumpyDoes() throws Exception {
        List<String[]> cases = NumpyCases.run("""
            for target in DTYPES:
                for operand in DTYPES:
                    for op in ('add', 'sub', 'mul', 'div', 'pow'):
                        x, y = pairs(values(target), values(operand))
                        if op == 'pow' and np.dtype(operand).kind == 'i':
                            y = np.abs(y // 2 % 70).astype(operand)
                        if op == 'pow' and 'c' in (np.dtype(target).kind, np.dtype(operand).kind):
                            keep = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < 1e3) & (np.abs(y) < 30)
                            x, y = x[keep], y[keep]
                        print(target, op, operand, hexed(x), hexed(y), apply(op, x, y))
            """);
        for (String[] c : cases) {
            DType type = DType.of(c[0]);
            DType operandType = DType.of(c[2]);
            Op op = Op.valueOf(c[1].toUpperCase(Locale.ROOT));
            Runs operand = TestArrays.heap(operandType, TestArrays.fromHex(operandType, c[4]));
            check(
                    type,
                    c[0] + " " + c[1] + " " + c[2],
                    c[3],
                    c[5],
                    tolerance(type, op),
                    target -> Arithmetic.array(op, type, target, operandType, operand));
        }
        done(cases, 14 * 14 * 5);
    }

    @Test
    void everyDtypeTakesEveryScalarAsNumpyDoes() throws Exception {
        List<String[]> cases = NumpyCases.run("""
            scalars = ([True, False, 2 + 1j] + [0, 1, 2, 3, -1, -2, 7, 100, 200, 300, 70000, 2**31, 2**32, 2**63, 2**64 - 1, 2**70, -2**63]
                + [0.0, -0.0, 1.0, 2.0, 0.5, -1.0, 2.5, 0.1, 1e5, 1e300, 1e-300, float('inf'), float('nan')])
            def word(s):
                return ('b:%d' % s if isinstance(s, bool) else 'i:%d' % s if isinstance(s, int)
                    else 'f:%s' % s.hex() if isinstance(s, float)
                    else 'c:%s:%s' % (s.real.hex(), s.imag.hex()))
            for target in DTYPES:
                for op in ('add', 'sub', 'mul', 'div', 'pow'):
                    for s in scalars:
                        x = values(target)
                        if np.dtype(target).kind == 'c' and (abs(s) > 1e6 or s != s or op == 'pow' and abs(s) > 5):
                            continue
                        print(target, op, word(s), hexed(x), apply(op, x, s))
            """);
        for (String[] c : cases) {
            DType type = DType.of(c[0]);
            Op op = Op.valueOf(c[1].toUpperCase(Locale.ROOT));
            check(
                    type,
                    c[0] + " " + c[1] + " " + c[2],
                    c[3],
                    c[4],
                    tolerance(type, op),
                    target -> Arithmetic.scalar(op, type, target, scalar(c[2])));
        }
        done(cases, 1500);
    }

    @Test
    void theNamedFunctionsAreNumpys() throws Exception {
        Map<String, String> names =
                Map.of("neg", "negative", "asin", "arcsin", "acos", "arccos", "atan", "arctan", "round", "rint");
        StringBuilder script = new StringBuilder("names = {");
        Stream.of(Function.values())
                .map(Function::toString)
                .toList()
                .forEach(name -> script.append('"')
                        .append(name)
                        .append("\": \"")
                        .append(names.getOrDefault(name, name))
                        .append("\", "));
        List<String[]> cases = NumpyCases.run(script + """
            }
            for target in DTYPES:
                for name, theirs in names.items():
                    x = values(target)
                    if name in ('sin', 'cos', 'tan', 'sinh', 'cosh', 'exp', 'expm1') and np.dtype(target).kind == 'f':
                        x = x[~(np.abs(x) > 500) | ~np.isfinite(x)]
                    y = x.copy()
                    try:
                        if theirs == 'rint' and np.dtype(target).kind in 'ui':
                            y = np.round(y)
                        else:
                            getattr(np, theirs)(x, out=y, casting='same_kind')
                        result = hexed(y)
                    except TypeError:
                        result = 'refused'
                    print(target, name, hexed(x), result)
            """);
        for (String[] c : cases) {
            DType type = DType.of(c[0]);
            // numpy takes these where we ask for a conversion first.
            boolean stricter = type.isComplex() && !c[1].equals("neg")
                    || type == DType.BOOL
                    || type.isInteger() && c[1].equals("reciprocal");
            String expected = stricter ? "refused" : c[3];
            double tolerance = List.of("neg", "abs", "sign", "square", "floor", "ceil", "round", "reciprocal", "sqrt")
                            .contains(c[1])
                    ? 0
                    : 3;
            check(type, c[0] + " " + c[1], c[2], expected, tolerance, target -> Arithmetic.map(type, target, c[1]));
        }
        done(cases, 14 * 24);
    }

    @Test
    void clipIsNumpys() throws Exception {
        List<String[]> cases = NumpyCases.run("""
            for target in DTYPES:
                for lo, hi in ((0, 1), (-2, 100), (3, 2), (1, None), (None, 2), (-300, 70000), (200, None), (None, -200)):
                    x = values(target)
                    y = x.copy()
                    try:
                        np.clip(x, lo, hi, out=y)
                        result = hexed(y)
                    except (TypeError, ValueError, OverflowError):
                        result = 'refused'
                    print(target, lo, hi, hexed(x), result)
            """);
        for (String[] c : cases) {
            DType type = DType.of(c[0]);
            String expected = type == DType.BOOL || type.isComplex() ? "refused" : c[4];
            check(
                    type,
                    String.join(" ", c[0], "clip", c[1], c[2]),
                    c[3],
                    expected,
                    0,
                    target -> Arithmetic.clip(type, target, bound(c[1]), bound(c[2])));
        }
        done(cases, 14 * 8);
    }

    private static Object bound(String word) {
        return word.equals("None") ? null : Long.valueOf(word);
    }

    private interface InPlace {
        void apply(Runs target);
    }

    private void check(DType type, String what, String before, String expected, double tolerance, InPlace operation) {
        Object items = TestArrays.fromHex(type, before);
        Runs target = TestArrays.heap(type, items);
        try {
            operation.apply(target);
        } catch (DTypeMismatchException e) {
            if (!expected.equals("refused")) {
                differences.add(what + ": numpy computes it, we say: " + e.getMessage());
            }
            return;
        }
        if (expected.equals("refused")) {
            differences.add(what + ": numpy refuses, we compute");
            return;
        }
        String difference = Closeness.firstDifference(
                type, TestArrays.fromHex(type, expected), TestArrays.items(target, type), tolerance);
        if (difference != null) {
            differences.add(what + ": " + difference);
        }
    }

    /**
     * In units of the last place. Powers differ between C libraries (those of complex64 are far from exact in numpy), complex products
     * between processors (fused multiply-add).
     */
    private static double tolerance(DType type, Op op) {
        boolean sumOrDifference = op == Op.ADD || op == Op.SUB;
        if (type.isComplex()) {
            return sumOrDifference ? 0 : op == Op.POW ? 512 : 4;
        }
        return op == Op.POW && type.isFloating() ? 2 : 0;
    }

    private static Object scalar(String word) {
        String[] parts = word.split(":");
        return switch (parts[0]) {
            case "b" -> parts[1].equals("1");
            case "i" -> {
                BigInteger value = new BigInteger(parts[1]);
                yield value.bitLength() < 64 ? (Object) value.longValue() : value;
            }
            case "f" -> number(parts[1]);
            default -> List.of(number(parts[1]), number(parts[2]));
        };
    }

    private static double number(String hex) {
        return switch (hex) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> Double.parseDouble(hex);
        };
    }

    private void done(List<String[]> cases, int atLeast) {
        assertTrue(cases.size() >= atLeast, () -> "only " + cases.size() + " cases");
        if (!differences.isEmpty()) {
            fail(differences.size() + " of " + cases.size() + " differ:\n"
                    + String.join("\n", differences.subList(0, Math.min(40, differences.size()))));
        }
    }
}
