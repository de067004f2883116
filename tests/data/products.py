#!/usr/bin/env python3
"""Writes products.json: what NumPy's products give for small integers in every dtype, where all sums are exact.

    python3 products.py [--output FOLDER]          needs numpy 2.4

One case a line: the call, its operands and options, the result. An array is [dtype, shape, elements in C order], complex
elements as [real, imaginary]. bfloat16 is computed by NumPy in float32.
"""
import argparse
import json
import pathlib

import numpy as np

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "bfloat16",
          "float32", "float64", "complex64", "complex128"]

EXACT_UP_TO = {"bfloat16": 256, "float16": 2048}


class Operand:
    def __init__(self, rng, shape, dtype):
        self.name = dtype
        kind = np.dtype("f4" if dtype == "bfloat16" else dtype)
        x = rng.integers(-3 if kind.kind in "ifc" else 0, 4, shape)
        if kind.kind == "c":
            x = x + 1j * rng.integers(-3, 4, shape)
        self.values = np.asarray(x).astype(kind)


def text(dtype, x):
    flat = x.reshape(-1)
    if x.dtype.kind == "c":
        return [dtype, x.shape, [[int(v.real), int(v.imag)] for v in flat]]
    return [dtype, x.shape, [int(v) for v in flat]]


def extents(rng, count):
    return [int(n) for n in rng.choice([0, 1, 2, 3, 4], count, p=[0.04, 0.16, 0.3, 0.3, 0.2])]


def matmul(rng):
    i, j, k, s, t = extents(rng, 5)
    return [([i, j], [j, k]), ([s, i, j], [j, k]), ([s, 1, i, j], [t, j, k]), ([j], [s, j, k]), ([s, i, j], [j]),
            ([j], [j])][rng.integers(6)], {}


def matvec(rng):
    i, j, s, t = extents(rng, 4)
    return [([i, j], [j]), ([s, i, j], [j]), ([s, 1, i, j], [t, j]), ([i, j], [s, j])][rng.integers(4)], {}


def vecmat(rng):
    one, two = matvec(rng)[0]
    return (two, one[:-2] + [one[-1], one[-2]]), {}


def vecdot(rng):
    one = extents(rng, int(rng.integers(1, 4)))
    two = [1 if rng.random() < 0.2 else n for n in one]
    axis = int(rng.integers(len(one)))
    two[axis] = one[axis]
    return (one, two), {"axis": axis - len(one)}


def dot(rng):
    i, j, k, s = extents(rng, 4)
    return [([i, j], [j, k]), ([j], [s, j, k]), ([s, i, j], [j]), ([], [i, j]), ([i, s, j], [k, j, 2]), ([j], [j])][
        rng.integers(6)], {}


def inner(rng):
    i, j, k = extents(rng, 3)
    return [([i, j], [k, j]), ([j], [i, k, j]), ([i, j], []), ([j], [j])][rng.integers(4)], {}


def vdot(rng):
    i, j, k = extents(rng, 3)
    return [([i, j], [i, j]), ([i, j], [j, i]), ([i, j, k], [k, i, j]), ([], [1])][rng.integers(4)], {}


def any_two(rng):
    return (extents(rng, int(rng.integers(0, 3))), extents(rng, int(rng.integers(0, 3)))), {}


def tensordot(rng):
    i, j, k, m = extents(rng, 4)
    return [(([i, j, k], [j, k, m]), {"axes": 2}), (([i, j], [k, m]), {"axes": 0}),
            (([i, j, k], [k, m, i]), {"axes": [[0, -1], [2, 0]]}), (([i, j], [j, i]), {"axes": [[1, 0], [0, 1]]}),
            (([i, j, k], [m, j]), {"axes": [[-2], [-1]]})][rng.integers(5)]


def trace(rng):
    one = extents(rng, int(rng.integers(2, 5)))
    down, across = rng.permutation(len(one))[:2].tolist()
    return (one,), {"offset": int(rng.integers(-3, 4)), "axis1": down, "axis2": across - len(one)}


def windows(rng):
    n, m = (int(v) for v in rng.integers(1, 9, 2))
    return ([n], [m]), {"mode": str(rng.choice(["full", "same", "valid"]))}


def multi_dot(rng):
    i, j, k, m, n = (max(1, v) for v in extents(rng, 5))
    return [([i, j], [j, k], [k, m]), ([j], [j, k], [k, m]), ([i, j], [j, k], [k, m], [m, n]), ([i, j], [j, k], [k])][
        rng.integers(4)], {}


def matrix_power(rng):
    i, s = extents(rng, 2)
    return [([i, i],), ([s, i, i],)][rng.integers(2)], {"n": int(rng.integers(0, 4))}


CALLS = {"matmul": matmul, "matvec": matvec, "vecmat": vecmat, "vecdot": vecdot, "dot": dot, "inner": inner, "vdot": vdot,
         "outer": any_two, "kron": any_two, "tensordot": tensordot, "trace": trace, "convolve": windows,
         "correlate": windows, "multi_dot": multi_dot, "matrix_power": matrix_power}


def case(rng, name, number):
    shapes, options = CALLS[name](rng)
    common = DTYPES[number % len(DTYPES)]
    mixed = number % 3 == 0 and common != "bfloat16"
    x = [Operand(rng, s, common) for s in shapes]
    if mixed:
        x[-1] = Operand(rng, shapes[-1], str(rng.choice([d for d in DTYPES if d != "bfloat16"])))
    values = [o.values for o in x]
    if name == "multi_dot":
        result = np.linalg.multi_dot(values)
    elif name == "matrix_power":
        result = np.linalg.matrix_power(*values, **options)
    else:
        result = getattr(np, name)(*values, **options)
    result = np.asarray(result)
    if common in EXACT_UP_TO and abs(result).max(initial=0) > EXACT_UP_TO[common]:
        return case(rng, name, number)
    dtype = "bfloat16" if common == "bfloat16" else result.dtype.name
    return {"call": name, "operands": [text(o.name, o.values) for o in x], **options, "result": text(dtype, result)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    rng = np.random.default_rng(5)
    lines = [json.dumps(case(rng, name, number)) for name in CALLS for number in range(30)]
    with open(parser.parse_args().output / "products.json", "w") as file:
        file.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
