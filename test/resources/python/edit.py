"""Compares every pack that PythonTest edited with numpy; then edits it with Python NumPack 0.7.0 and prints what it must read as."""
import os, pickle, sys
import numpy as np
from numpack import NumPack
from recipe import EDITS, raw, rows, tell

folder = sys.argv[1]
with open(f"{folder}/state.pickle", "rb") as f:
    state = pickle.load(f)


def same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def read(file, dtype, count, offset=0):
    return np.fromfile(file, dtype, count, offset=offset) if os.path.exists(file) else np.zeros(0, dtype)


def has_wrong_count(pack, name):
    """The append after a drop of Python leaves a bitmap whose count is wrong, and only its eager load does not mind."""
    bitmap = read(f"{pack}/deleted_{name}.npkb", np.uint64, -1)
    return len(bitmap) > 0 and int(bitmap[0] - bitmap[1]) != int(np.bitwise_count(bitmap[2:]).sum())


def differences(pack, expected):
    wrong_count = {name for name in expected if has_wrong_count(pack, name)}
    with NumPack(pack) as p:
        if sorted(p.get_member_list()) != sorted(expected):
            yield f"arrays {sorted(p.get_member_list())}, expected {sorted(expected)}"
            return
        for name, a in expected.items():
            loaded = p.load(name)
            if not same(loaded, a):
                yield f"{name}: {loaded.dtype} {loaded.shape} {loaded.tobytes()[:48].hex()}, expected {a.dtype} {a.shape} {a.tobytes()[:48].hex()}"
            if name in wrong_count:
                continue
            if tuple(p.get_shape(name)) != a.shape:
                yield f"{name}: shape {p.get_shape(name)}, expected {a.shape}"
            if a.size and not same(np.concatenate(list(p.stream_load(name, 7))), a):
                yield f"{name}: differs where it is streamed"
            if a.size and not same(p.getitem(name, [0, len(a) - 1]), a[[0, -1]]):
                yield f"{name}: differs where rows are selected"


# Left out is what Python 0.7.0 does wrong on any pack: appending to an array with dropped rows or behind what an interrupted append
# left, replacing around dropped rows, and writable_batch_mode on an array with dropped rows, a segmented or an empty one.
def edit(pack, arrays, turn):
    result = dict(arrays)
    with NumPack(pack) as p:
        for i, (name, a) in enumerate(arrays.items()):
            has_drops = os.path.exists(f"{pack}/deleted_{name}.npkb")
            is_single = os.path.exists(f"{pack}/data_{name}.npkd")
            has_tail = is_single and os.path.getsize(f"{pack}/data_{name}.npkd") > a.nbytes
            what = ("save", "append", "drop", "replace", "batch", "writable")[(i + turn) % 6]
            if what == "append" and not has_drops and not has_tail:
                p.append({name: rows(a, 2, 11)})
                result[name] = np.concatenate([a, rows(a, 2, 11)])
            elif what == "drop" and len(a) >= 3:
                p.drop(name, [1, 2])
                result[name] = np.delete(a, [1, 2], 0)
            elif what == "replace" and len(a) >= 3 and a.size and not has_drops:
                result[name] = a.copy()
                result[name][1:3] = rows(a, 2, 12)
                p.replace({name: rows(a, 2, 12)}, [1, 2])
            elif what == "batch" and a.size:
                with p.batch_mode():
                    loaded = p.load(name)
                    loaded[-1:] = 0
                    p.save({name: loaded})
                result[name] = a.copy()
                result[name][-1:] = 0
            elif what == "writable" and a.size and is_single and not has_drops:
                with p.writable_batch_mode() as w:
                    w.load(name)[-1:] = 0
                result[name] = a.copy()
                result[name][-1:] = 0
            else:
                result[name] = raw(a.dtype.name, (len(a) + 1,) + a.shape[1:], 13)
                p.save({name: result[name]})
        p.save({"by Python": np.arange(3.0)})
        result["by Python"] = np.arange(3.0)
    return result


for turn, (origin, name) in enumerate(d.split("/") for d in sys.argv[2:]):
    pack = f"{folder}/{origin}/{name}"
    expected = EDITS[name](state[origin])
    try:
        found = list(differences(pack, expected))
        print("found", f"{origin}/{name}", "; ".join(found) or "as expected", sep="\t")
        if origin != "large" and not found:
            edited = edit(pack, expected, turn)
            with NumPack(pack) as p:
                wrong = [n for n, a in edited.items() if not same(p.load(n), a)]
            print("python", f"{origin}/{name}", "; ".join(wrong), sep="\t")
            tell("edited", f"{origin}/{name}", edited)
    except Exception as e:
        print("found", f"{origin}/{name}", f"{type(e).__name__}: {e}", sep="\t")
