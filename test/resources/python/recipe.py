"""What PythonTest does to each array, told in numpy: the other side of PythonTest.java. Everything here follows from names, shapes and seeds."""
import hashlib
import numpy as np

DTYPES = "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 float32 float64 complex64 complex128".split()

# name: dtype, shape
BASES = {t: (t, (5, 3)) for t in DTYPES}
BASES |= {f"rank{r}": ("float32", (4,) + (3, 2, 2, 3)[:r - 1]) for r in range(1, 6)}
BASES |= {"no_rows": ("int64", (0, 4)), "no_columns": ("float64", (5, 0)), "no_middle": ("uint16", (4, 0, 2)), "one": ("float64", (1,))}
BASES |= {"wide": ("int32", (70, 2)), "exactly64": ("uint8", (64,)), "exactly128": ("int8", (128, 1))}
BASES |= {n: ("int32", (3, 2)) for n in ["特徴量", "with space", "dots.and-dashes", "emoji 🎒", "n" * 239, "UPPER", "upper"]}
BASES |= {"holes": ("int16", (70, 2)), "gone": ("float32", (4, 2))}
DROPPED = {"holes": [0, 3, 69], "gone": [0, 1, 2, 3]}
LARGE = {"large": ("float32", (3000, 800))}
SEGMENTED = ["bool", "uint64", "float16", "complex128", "rank1", "rank3", "no_rows", "no_columns", "wide", "exactly64", "特徴量", "holes", "gone"]


def raw(dtype, shape, seed):
    """Any bytes at all: NaNs of every kind and both signs of zero among the floats."""
    d = np.dtype(dtype)
    k = np.arange(int(np.prod(shape)) * d.itemsize, dtype=np.int64)
    b = ((seed * 31 + k * 7 + (k >> 8) * 13) & (1 if dtype == "bool" else 255)).astype(np.uint8)
    return b.view(d).reshape(shape)


def rows(a, n, seed):
    return raw(a.dtype.name, (n,) + a.shape[1:], seed)


def dropped(a):
    return np.delete(a, [0, -1], 0) if len(a) >= 3 else a[:0]


def appended(a, n, seed):
    return np.concatenate([a, rows(a, n, seed)])


def replaced(a):
    a = a.copy()
    at = [-1, 0, len(a) // 2] if len(a) >= 3 else list(range(len(a)))
    a[at] = rows(a, len(at), 6)
    return a


def masked(a):
    a = a.copy()
    mask = np.arange(len(a)) % 2 == 0
    a[mask] = rows(a, int(mask.sum()), 7)
    return a


def filled(a):
    a = a.copy()
    a[:1] = 1
    return a


def batched(a):
    a = appended(filled(a), 2, 8)
    a[1:2] = rows(a, 1, 9)
    return np.delete(a, [-2], 0)


def each(change):
    return lambda arrays: {n: change(a) for n, a in arrays.items()}


EDITS = {
    "none": each(lambda a: a),
    "save": each(lambda a: rows(a, len(a), 2)),
    "resave": each(lambda a: raw("float32", (len(a) + 2,) + a.shape[1:], 3)),
    "append": each(lambda a: appended(appended(a, 3, 4), 1, 5)),
    "drop": each(dropped),
    "drop-drop": each(lambda a: a[1:][:-1]),
    "drop-append": each(lambda a: appended(dropped(a), 3, 4)),
    "append-drop": each(lambda a: dropped(appended(a, 3, 4))),
    "replace": each(replaced),
    "mask": each(masked),
    "rename": lambda arrays: {"z" + n[1:]: a for n, a in arrays.items()},
    "compact": each(dropped),
    "delete": lambda arrays: {n: arrays[n] for n in sorted(arrays)[1::2]},
    "create": each(np.zeros_like),
    "batch": each(batched),
    "batch-limited": each(batched),
    "writable": each(filled),
    "power": each(lambda a: appended(rows(a, len(a), 2), 3, 4)),
}


def tell(kind, pack, arrays):
    """One line for each array: what, pack, dtype, shape, hash of the elements, name."""
    for name, a in arrays.items():
        print(kind, pack, a.dtype.name, ",".join(map(str, a.shape)), hashlib.sha256(np.ascontiguousarray(a).tobytes()).hexdigest(), name, sep="\t")
