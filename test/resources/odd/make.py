"""Writes odd.npk beside this file with the real Python NumPack 0.7.0: arrays that it takes, and that cannot be used here, beside one
that can. Python itself ends its process when it loads the one without axes."""
from pathlib import Path
import numpy as np
from numpack import NumPack

with NumPack(Path(__file__).parent / "odd.npk", drop_if_exists=True) as pack:
    pack.save({"good": np.arange(6, dtype=np.float32).reshape(3, 2)})
    pack.save({"": np.arange(10, dtype=np.int16).reshape(5, 2)})
    pack.save({"scalar": np.array(3.5)})
    pack.drop("", [1])
