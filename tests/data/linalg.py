#!/usr/bin/env python3
"""Writes linalg.json: small matrices with what numpy.linalg makes of them. Needs numpy 2.4.

    python3 linalg.py [--seed N] [--output FILE]

One case a line: function, dtype and shape of x, its elements (complex ones as pairs), the arguments, and the results,
each a shape and elements. "inf" stands for infinity. Complex eigenvalues are sorted.
"""
import argparse
import json
import math
import pathlib

import numpy as np

L = np.linalg
ORDERS = [None, "fro", "nuc", math.inf, -math.inf, 1, -1, 2, -2]
SHAPES = [(3, 3), (4, 2), (2, 4), (2, 3, 3), (2, 1, 3, 2), (1, 1), (2, 0), (0, 3, 3), (2, 0, 0)]


def numbers(x):
    flat = np.asarray(x).ravel()
    parts = np.column_stack([flat.real, flat.imag]).ravel() if np.iscomplexobj(flat) else flat
    return [written(float(v)) for v in parts]


def written(x):
    return "inf" if x == math.inf else "-inf" if x == -math.inf else x


def sorted_eigvals(x):
    w = L.eigvals(x).astype(complex)
    return np.take_along_axis(w, np.lexsort([w.imag, np.round(w.real, 6)]), -1)


def arguments_of(name, shape):
    """Each set of arguments of a function that takes x of this shape."""
    square = shape[-1] == shape[-2]
    if name in ("det", "inv", "slogdet", "eigvalsh", "eigvals", "cholesky"): return [{}] if square else []
    if name == "solve": return [{"b": s} for s in ([shape[-1]], [shape[-1], 2])] if square else []
    if name == "lstsq": return [{"b": s} for s in ([shape[-2]], [shape[-2], 2])] if len(shape) == 2 else []
    if name == "cond": return [{"ord": o} for o in ORDERS if 0 not in shape[-2:] and (square or o in (None, 2, -2))]
    if name == "matrix_rank": return [{}, {"rtol": 0.5}, {"tol": 1.0}]
    if name == "norm":
        empty = 0 in shape
        orders = [o for o in ORDERS if not (empty and o in (-1, -2, -math.inf))]
        matrices = [{"ord": o, "axes": a, "keepdims": k} for o in orders
                    for a, k in (([-2, -1], False), ([1, 0], True))]
        vectors = [] if empty else [{"ord": o, "axes": [-1], "keepdims": k} for o, k in (
            (None, True), (0, False), (3, False), (-1, False), (math.inf, True), (-math.inf, False))]
        return matrices + vectors + [{"ord": None, "axes": None, "keepdims": False}]
    return [{}]


def results_of(name, x, arguments, b):
    if name == "solve": return [L.solve(x, b)]
    if name == "lstsq": return list(L.lstsq(x, b))
    if name == "eigvals": return [sorted_eigvals(x)]
    if name == "cond": return [L.cond(x, arguments["ord"])]
    if name == "norm":
        axes = arguments["axes"]
        return [L.norm(x, arguments["ord"], None if axes is None else tuple(axes), arguments["keepdims"])]
    result = getattr(L, name)(x, **arguments)
    return list(result) if isinstance(result, tuple) else [result]


def matrix_of(rng, name, shape, dtype):
    def draw(of):
        re, im = rng.integers(-40, 40, size=of) / 8, rng.integers(-40, 40, size=of) / 8
        return (re + 1j * im if dtype == "complex128" else re)
    x = draw(shape)
    if name in ("eigvalsh", "cholesky"): x = x @ np.conj(np.swapaxes(x, -1, -2)) + np.eye(shape[-2])
    if name == "matrix_rank" and x.size: x[..., -1, :] = 2 * x[..., 0, :]
    return x, draw


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).with_suffix(".json"))
    options = parser.parse_args()
    rng, cases = np.random.default_rng(options.seed), []
    for name in ("det", "slogdet", "inv", "solve", "lstsq", "cholesky", "svdvals", "eigvalsh", "eigvals", "pinv",
                 "matrix_rank", "cond", "norm"):
        for shape in SHAPES:
            for dtype in ("float64", "complex128"):
                x, draw = matrix_of(rng, name, shape, dtype)
                for arguments in arguments_of(name, shape):
                    if name in ("norm", "cond") and dtype == "complex128" and rng.random() < 0.7: continue
                    b = draw(arguments["b"]) if "b" in arguments else None
                    results = results_of(name, x, arguments, b)
                    cases.append({"function": name, "dtype": dtype, "shape": shape, "x": numbers(x),
                                  **{k: written(v) for k, v in arguments.items()},
                                  **({} if b is None else {"b_elements": numbers(b)}),
                                  "results": [{"shape": np.shape(r), "elements": numbers(r)} for r in results]})
    options.output.write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")
    print(len(cases), "cases")


main()
