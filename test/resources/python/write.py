"""Writes packs with Python NumPack 0.7.0 into the folder given, prints what they must read as, and keeps that for edit.py."""
import os, pickle, sys
import numpy as np
from numpack import NumPack
from recipe import BASES, DROPPED, LARGE, SEGMENTED, raw, tell

folder = sys.argv[1]
state = {}


def base(bases):
    return {n: raw(t, shape, 1) for n, (t, shape) in bases.items()}


def logical(arrays):
    return {n: np.delete(a, DROPPED.get(n, []), 0) for n, a in arrays.items()}


def write(origin, arrays):
    with NumPack(f"{folder}/{origin}/none") as p:
        p.save(arrays)
        for name in DROPPED.keys() & arrays.keys():
            p.drop(name, DROPPED[name])


# the append after a drop brings rows back: what the bits of the bitmap say is what the array holds
plain = base(BASES)
write("theirs", plain)
y, more = raw("float64", (10, 2), 1), raw("float64", (3, 2), 2)
with NumPack(f"{folder}/theirs/none") as p:
    p.save({"undeleted": y})
    p.drop("undeleted", [1, 4])
    p.append({"undeleted": more})
bits = np.unpackbits(np.fromfile(f"{folder}/theirs/none/deleted_undeleted.npkb", np.uint8)[16:], bitorder="little")[:13].astype(bool)
state["theirs"] = logical(plain) | {"undeleted": np.concatenate([y, more])[bits]}

# a process that dies between append and close leaves rows that no metadata knows
x = raw("int32", (70, 2), 1)
with NumPack(f"{folder}/interrupted/none") as p:
    p.save({"wide": x, "one": x[:1]})
if os.fork() == 0:
    p = NumPack(f"{folder}/interrupted/none")
    p.open()
    p.append({"wide": x[:9], "one": x[:3]})
    os._exit(0)
os.wait()
state["interrupted"] = {"wide": x, "one": x[:1]}

os.environ["NUMPACK_SEGMENT_TARGET_BYTES"] = "64"
segmented = {n: plain[n] for n in SEGMENTED}
write("segments", segmented)
state["segments"] = logical(segmented)

for origin, arrays in state.items():
    tell("expected", f"{origin}/none", arrays)
state["ours"] = logical(plain)
state["large"] = base(LARGE)
for origin, bases in (("ours", BASES), ("large", LARGE)):
    for name, (dtype, shape) in bases.items():
        print("base", origin, dtype, ",".join(map(str, shape)), ",".join(map(str, DROPPED.get(name, []))), name, sep="\t")
with open(f"{folder}/state.pickle", "wb") as f:
    pickle.dump(state, f)
