"""How the scripts of this folder write NumPy's arrays: [dtype, shape, elements in C order], complex ones as pairs."""
import json
import math

import numpy as np


def number(v):
    """A JSON number, or a text for what JSON has no number for."""
    v = v.item()
    return v if isinstance(v, (bool, int)) or math.isfinite(v) else str(v)


def array(x):
    x = np.asarray(x)
    flat = x.reshape(-1)
    if x.dtype.kind == "c":
        return [x.dtype.name, x.shape, [[number(v.real), number(v.imag)] for v in flat]]
    return [x.dtype.name, x.shape, [number(v) for v in flat]]


def write(path, cases):
    path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
