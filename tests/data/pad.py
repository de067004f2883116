#!/usr/bin/env python3
"""Writes pad.json: numpy.pad in every mode with every option, for arrays of one to three axes and many dtypes.

    python3 pad.py [--output FOLDER]          needs numpy 2.4

One case a line: x, the widths, the mode, its option (values as a number, [before, after] or an array), the result.
"""
import argparse
import pathlib

import numpy as np

import case_text

MODES = ["constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp", "maximum", "minimum", "mean", "median"]
DTYPES = ["float64", "float32", "float16", "int64", "int16", "uint8", "bool", "complex128"]


def elements(rng, dtype, shape):
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.startswith("complex"):
        return (rng.integers(-9, 9, shape) + 1j * rng.integers(-9, 9, shape)).astype(dtype)
    if dtype[0] in "iu":
        return rng.integers(0 if dtype[0] == "u" else -50, 50, shape).astype(dtype)
    return (rng.integers(-40, 40, shape) / 4).astype(dtype)


def values(rng, ndim):
    """Numbers for the sides: one, a pair for every axis, or a pair an axis."""
    pick = rng.integers(0, 3)
    return int(rng.integers(0, 9)) if pick == 0 else rng.integers(0, 9, (2,) if pick == 1 else (ndim, 2)).tolist()


def case(rng, i):
    dtype, mode = DTYPES[i % len(DTYPES)], MODES[i // len(DTYPES) % len(MODES)]
    shape = [(1,), (4,), (7,), (3, 4), (1, 5), (2, 3, 2)][rng.integers(0, 6)]
    c = {"x": elements(rng, dtype, shape), "mode": mode}
    c["widths"] = rng.integers(0, 9 if len(shape) < 3 else 4, (len(shape), 2)).tolist()
    if mode == "constant" and rng.random() < 0.8:
        c["constant_values"] = values(rng, len(shape))
    if mode == "linear_ramp" and rng.random() < 0.8:
        c["end_values"] = values(rng, len(shape))
    if mode in ("reflect", "symmetric"):
        c["reflect_type"] = ["even", "odd"][rng.integers(0, 2)]
    if mode in ("maximum", "minimum", "mean", "median") and rng.random() < 0.7:
        c["stat_length"] = rng.integers(1, 5, (len(shape), 2)).tolist()
    return c


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    rng, cases = np.random.default_rng(11), []
    for i in range(640):
        c = case(rng, i)
        options = {name: c[name] for name in c if name not in ("x", "mode", "widths")}
        try:
            result = np.pad(c["x"], c["widths"], c["mode"], **options)
        except TypeError:
            continue
        cases.append({**c, "x": case_text.array(c["x"]), "result": case_text.array(result)})
    case_text.write(parser.parse_args().output / "pad.json", cases)


if __name__ == "__main__":
    main()
