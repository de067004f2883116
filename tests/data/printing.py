#!/usr/bin/env python3
"""Writes printing.json: random arrays with the text NumPy gives them. Needs numpy 2.4 and ml_dtypes.

    python3 printing.py [--count N] [--seed N] [--output FILE]

One case a line: dtype, shape, strides and offset in bytes, data (the whole buffer, hexadecimal), options as
numpy.printoptions takes them, str, repr, and for arrays without axes the repr of the scalar.
"""
import argparse
import json
import pathlib

import ml_dtypes
import numpy as np

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
SPECIAL = [0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -1.0, 0.1, 1e-4, 1e-5, 999.0, 1000.0, 1e6, 1e8, 1e16, 0.5, 2.5, 9.5, 0.05]


def reals(rng, size):
    """Values of one style: what decides between the notations is how they are spread."""
    style = rng.integers(8)
    normal = rng.normal(size=size)
    if style == 0: x = normal
    elif style == 1: x = np.round(normal * 100, rng.integers(0, 4))
    elif style == 2: x = normal * 10.0 ** rng.integers(-12, 12)
    elif style == 3: x = normal * 10.0 ** rng.integers(-40, 40, size=size)
    elif style == 4: x = np.abs(normal) + 1
    elif style == 5: x = 2.0 ** rng.integers(-20, 20, size=size)
    elif style == 6: x = rng.choice(SPECIAL, size=size)
    else: x = rng.integers(-1000, 1000, size=size) / 8
    if rng.random() < 0.3:
        x = np.where(rng.random(size) < 0.3, rng.choice(SPECIAL, size=size), x)
    return x


def values(rng, name, size):
    if name == "bool":
        return rng.integers(0, 2, size=size).astype(bool)
    if "int" in name:
        limits = np.iinfo(name)
        style = rng.integers(3)
        low = 0 if style == 0 else max(limits.min, -1000 if style == 1 else limits.min)
        high = min(limits.max, 100 if style == 0 else 1000 if style == 1 else limits.max)
        return rng.integers(low, high, size=size, dtype=name, endpoint=True)
    with np.errstate(all="ignore"):
        if name.startswith("complex"):
            x = np.empty(size, name)
            x.real, x.imag = reals(rng, size), reals(rng, size)
            return x
        return reals(rng, size).astype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def lay_out(rng, a):
    layout = rng.integers(5)
    if layout == 1: a = np.asfortranarray(a)
    elif layout == 2 and a.ndim: a = a[::-1]
    elif layout == 3 and a.ndim: a = np.repeat(a, 2, axis=-1)[..., ::2]
    elif layout == 4: a = a.T
    return a


def random_options(rng):
    choices = {"precision": [0, 1, 2, 3, 5, 8, 12, 17, 25], "threshold": [0, 1, 5, 20], "edgeitems": [0, 1, 2, 3],
               "linewidth": [0, 10, 20, 40, 60, 100], "suppress": [True], "sign": ["+", " ", "-"],
               "floatmode": ["fixed", "unique", "maxprec", "maxprec_equal"], "nanstr": ["NaN", "-", "∞∞∞∞∞∞", "nothing here"],
               "infstr": ["oo", "Infinity"]}
    return {k: v[rng.integers(len(v))] for k, v in choices.items() if rng.random() < 0.25}


def bytes_of(a):
    """The buffer under a, its first element's offset in it."""
    low, high = np.lib.array_utils.byte_bounds(a) if a.size else (0, 0)
    if a.size == 0:
        return b"", 0
    import ctypes
    return ctypes.string_at(low, high - low), a.__array_interface__["data"][0] - low


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default=pathlib.Path(__file__).with_name("printing.json"))
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    lines = []
    while len(lines) < arguments.count:
        name = DTYPES[rng.integers(len(DTYPES))]
        ndim = rng.choice([0, 1, 1, 1, 2, 2, 3, 4])
        shape = tuple(int(n) for n in rng.integers(0 if rng.random() < 0.1 else 1, [14, 40, 7, 5, 4][ndim], size=ndim))
        size = int(np.prod(shape))
        a = lay_out(rng, values(rng, name, size).reshape(shape))
        options = random_options(rng)
        data, offset = bytes_of(a)
        with np.printoptions(**options):
            case = {"dtype": name, "shape": a.shape, "strides": a.strides, "offset": offset, "data": data.hex(),
                    "options": options, "str": str(a), "repr": repr(a)}
            if a.ndim == 0 and name != "bfloat16":
                case["scalar"] = repr(a[()])
        lines.append(json.dumps(case, ensure_ascii=False))
    pathlib.Path(arguments.output).write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
