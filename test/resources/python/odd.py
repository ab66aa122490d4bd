"""Writes arrays with Python NumPack 0.7.0 that cannot be used here, or prints what it reads after the edits of PythonTest. It ends its
process when it loads the array without axes, so of that one only the shape is told."""
import sys
import numpy as np
from numpack import NumPack

task, pack = sys.argv[1:]
if task == "write":
    with NumPack(pack, drop_if_exists=True) as p:
        for name in ["", "n" * 240, "n" * 245, "good"]:
            p.save({name: np.arange(6, dtype=np.int16).reshape(3, 2)})
        p.save({"scalar": np.array(3.5)})
else:
    with NumPack(pack) as p:
        for name in sorted(p.get_member_list()):
            shape = p.get_shape(name)
            values = "" if len(shape) == 0 else ",".join(str(v) for v in p.load(name).ravel())
            print(f"{len(name)}\t{name[:10]}\t{','.join(map(str, shape))}\t{values}")
