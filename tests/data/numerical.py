#!/usr/bin/env python3
"""Writes numerical.json: numpy.gradient, numpy.trapezoid, numpy.unwrap, numpy.diff with ends, numpy.vander and others.

    python3 numerical.py [--output FOLDER]          needs numpy 2.4

One case a line: call, x, its options, the result (of gradient: a list of them). Sums are exact.
"""
import argparse
import pathlib

import numpy as np

import case_text

DTYPES = ["float64", "float32", "int64", "uint8", "complex128", "float16"]


def elements(rng, dtype, shape):
    x = rng.integers(0, 60, shape)
    return x.astype(dtype) if dtype[0] in "iu" else (x / 4 + (1j * x if dtype[0] == "c" else 0)).astype(dtype)


def coordinates(rng, n):
    """Evenly spaced, or not; integers, or not."""
    steps = np.full(n, 3) if rng.random() < 0.3 else rng.integers(1, 9, n)
    x = np.cumsum(steps)
    return x if rng.random() < 0.3 else x / 4


def gradient(rng, dtype):
    shape = [(5,), (3,), (4, 3), (3, 5, 4)][rng.integers(0, 4)]
    x, order = elements(rng, dtype, shape), int(rng.integers(1, 3))
    axes = list(range(len(shape))) if rng.random() < 0.5 else [int(a) for a in rng.permutation(len(shape))[:1]]
    pick = rng.integers(0, 3)
    spacing = [] if pick == 0 else [0.75] if pick == 1 else [coordinates(rng, shape[a]) for a in axes]
    result = np.gradient(x, *spacing, axis=tuple(axes), edge_order=order)
    result = result if isinstance(result, tuple) else (result,)
    return {"x": x, "spacing": spacing, "axis": axes, "edge_order": order, "result": list(result)}


def trapezoid(rng, dtype):
    shape = [(6,), (1,), (3, 4), (2, 3, 4)][rng.integers(0, 4)]
    x, axis, pick = elements(rng, dtype, shape), int(rng.integers(0, len(shape))), rng.integers(0, 3)
    options = {"dx": 0.5} if pick == 0 else {"x": np.sort(rng.integers(0, 20, shape[axis]) / 2.0)}
    if pick == 2:
        options = {"x": rng.integers(0, 20, shape) / 2.0}
    result = np.trapezoid(x, axis=axis, **options)
    return {"x": x, "axis": axis, "dx": options.get("dx"), "places": options.get("x"), "result": result}


def unwrap(rng, dtype):
    shape = [(9,), (1,), (3, 8)][rng.integers(0, 3)]
    x = rng.integers(-40, 40, shape).astype("i8" if dtype[0] in "iuc" else dtype)
    axis, period = int(rng.integers(0, len(shape))), [6.5, 8, 7, 4.0][rng.integers(0, 4)]
    discont = None if rng.random() < 0.6 else float(rng.integers(1, 9))
    result = np.unwrap(x, discont=discont, axis=axis, period=period)
    return {"x": x, "axis": axis, "period": period, "discont": discont, "result": result}


def diff(rng, dtype):
    x, n, axis = elements(rng, dtype, (3, 4)), int(rng.integers(0, 3)), int(rng.integers(0, 2))
    ends = {name: [3, elements(rng, dtype, (3, 2) if axis else (2, 4))][rng.integers(0, 2)] for name in ("prepend", "append")
            if rng.random() < 0.6}
    return {"x": x, "n": n, "axis": axis, **ends, "result": np.diff(x, n, axis, **ends)}


def vander(rng, dtype):
    x, n, increasing = elements(rng, dtype, 4), int(rng.integers(0, 5)), bool(rng.integers(0, 2))
    return {"x": x, "n": n, "increasing": increasing, "result": np.vander(x, n, increasing)}


def resize(rng, dtype):
    x = elements(rng, dtype, [(5,), (2, 3), (0,)][rng.integers(0, 3)])
    shape = [int(n) for n in rng.integers(0, 5, rng.integers(1, 4))]
    return {"x": x, "shape": shape, "result": np.resize(x, shape)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    rng, cases = np.random.default_rng(3), []
    for call in (gradient, trapezoid, unwrap, diff, vander, resize):
        for i in range(120 if call is gradient else 60):
            c = {"call": call.__name__, **call(rng, DTYPES[i % len(DTYPES)])}
            for name, value in c.items():
                if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
                    c[name] = [case_text.array(v) for v in value]
                elif isinstance(value, (np.ndarray, np.generic)):
                    c[name] = case_text.array(value)
            cases.append({name: value for name, value in c.items() if value is not None})
    case_text.write(parser.parse_args().output / "numerical.json", cases)


if __name__ == "__main__":
    main()
