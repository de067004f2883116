#!/usr/bin/env python3
"""Writes elementwise.json and elementwise.npy: what NumPy's elementwise functions and casts give for special values.

    python3 elementwise.py [--output FOLDER]          needs numpy 2.4 and ml_dtypes (for bfloat16)

One case a line: op and loop dtype as in src/expr/op_table.hpp, the operands, the result, and `ulp`, how far a finite
result may lie from NumPy's (0: equal bit for bit, except that any NaN equals any NaN); it is measured in units in the last
place of the result, of a complex one of its larger part. With `outer` the operands are combined each with each.
An array is [dtype, number of elements, offset into the .npy file, which is one array of bytes].
"""
import argparse
import itertools
import json
import pathlib
import re
import warnings

import ml_dtypes
import numpy as np

NAMES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
         "float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
DTYPES = {name: np.dtype(getattr(ml_dtypes, name) if name == "bfloat16" else name) for name in NAMES}
KINDS = {"b": "B", "i": "I", "u": "I", "f": "F", "V": "F", "c": "C"}
OP_TABLE = pathlib.Path(__file__).parents[2] / "src/expr/op_table.hpp"
NUMPY_NAMES = {"pow": "power", "abs": "absolute", "bitwise_invert": "invert", "bitwise_left_shift": "left_shift",
               "bitwise_right_shift": "right_shift", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
               "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "atan2": "arctan2"}
# Not rounded correctly, neither by NumPy (which has float32 ones off by 4 ulp) nor by us.
INEXACT = set("""pow cbrt exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2 sin cos tan asin acos atan atan2
                 sinh cosh tanh asinh acosh atanh hypot angle""".split())
# Complex products: NumPy fuses multiply and add where the machine can, we never do.
INEXACT_COMPLEX = INEXACT | {"multiply", "square", "abs", "sign", "sqrt"}
# ml_dtypes computes these in float32 and keeps that, or (sign) keeps -0.0.
NOT_OF_BFLOAT16 = {"clip", "ldexp", "sign", "spacing", "where"}


def real_values(dtype, count):
    """The most telling values first."""
    limits = ml_dtypes.finfo(dtype)
    values = [0.0, 1.0, np.nan, np.inf, 0.5, 3.0, float(limits.max), float(limits.smallest_subnormal), 2.5, 1.5, 2.0,
              float(limits.tiny), 1 + float(limits.eps), 100.25, 88.5, 0.1, 1e-3, 1e4, np.pi / 2]
    signed = [v for pair in zip(values, (-v for v in values)) for v in pair]
    return np.array(signed[:count]).astype(dtype)


def complex_values(dtype, binary):
    parts = [0.0, -0.0, 1.0, -3.0, 0.5, np.inf, np.nan]
    if binary:
        pairs = [(0, 0), (-0.0, 0), (1, 0), (0, 1), (1, 2), (1, -2), (-3, 0.5), (3, -0.0), (2, 0), (np.inf, 1), (1, -np.inf),
                 (np.nan, 1), (0, np.nan)]
    else:
        pairs = list(itertools.product(parts, parts))
    values = np.empty(len(pairs), dtype)
    values.real, values.imag = zip(*pairs)
    return values


def integer_values(dtype, count):
    limits = np.iinfo(dtype)
    values = [0, 1, 2, 7, limits.max, limits.min, 3, -1, -2, -7, limits.min + 1, limits.max - 1, limits.bits - 1, limits.bits,
              100]
    return np.array(list(dict.fromkeys(v for v in values if limits.min <= v <= limits.max))[:count], dtype)


def values_of(dtype, arity):
    kind = KINDS[dtype.kind]
    if kind == "B": return np.array([False, True])
    if kind == "I": return integer_values(dtype, (15, 11, 6)[arity - 1])
    if kind == "F": return real_values(dtype, (38, 16, 8)[arity - 1])
    return complex_values(dtype, arity > 1)[:(None, None, 13, 7)[arity]]


def cast_values(dtype, to):
    """Without what C leaves undefined: floats beyond the integer dtype (those are tested apart)."""
    values = values_of(dtype, 1)
    if KINDS[dtype.kind] in "FC" and to.kind in "iu":
        reals = values.real.astype(np.float64)
        limits = np.iinfo(to)
        values = values[(reals >= limits.min) & (reals <= limits.max) & (np.abs(reals) < 2.0**62)]
    if to == DTYPES["bfloat16"] and dtype.itemsize == 8:   # ml_dtypes rounds these twice
        values = values[:6] if dtype.kind == "f" else values
    return values


def numpy_function(op):
    if op == "frexp_mantissa": return lambda x: np.frexp(x)[0]
    if op == "frexp_exponent": return lambda x: np.frexp(x)[1].astype(np.int32)
    if op == "modf_fractional": return lambda x: np.modf(x)[0]
    if op == "modf_integral": return lambda x: np.modf(x)[1]
    if op in ("real", "imag"): return lambda x: np.ascontiguousarray(getattr(x, op))
    if op == "clip": return np._core.umath.clip
    return getattr(np, NUMPY_NAMES.get(op, op))


def answer(op, dtype, operands):
    function = numpy_function(op)
    if op == "pow" and dtype.name == "complex64":   # NumPy's own loses all digits of small parts
        return function(*(x.astype(np.complex128) for x in operands)).astype(dtype)
    return np.ascontiguousarray(function(*operands))


def tolerance(op, dtype):
    inexact = INEXACT_COMPLEX if dtype.kind == "c" else INEXACT
    return 0 if op not in inexact or KINDS[dtype.kind] in "BI" else 1 if dtype.itemsize == 2 else 8 if dtype.kind == "c" else 4


def cases(reference):
    rows = re.findall(r"X\((\w+),\s*(\d), ([^,]+),", OP_TABLE.read_text())
    for (op, arity, loops), (name, dtype) in itertools.product(rows, DTYPES.items()):
        if op == "cast" or KINDS[dtype.kind] not in loops or (name == "bfloat16" and op in NOT_OF_BFLOAT16): continue
        values = [values_of(dtype, int(arity))] * int(arity)
        if op == "ldexp": values[1] = np.array([0, 1, -1, 30, -30, 2000, -2000, 2**40, -2**40])
        if op == "where": values[0] = np.array([False, True])
        if op == "pow" and KINDS[dtype.kind] == "I": values[1] = values[1][values[1] >= 0]
        outer = [np.ascontiguousarray(x).ravel() for x in np.meshgrid(*values, indexing="ij")]
        yield {"op": op, "loop": name, "operands": [reference(x) for x in values],
               "result": reference(answer(op, dtype, outer)), "ulp": tolerance(op, dtype)}
    for (from_name, dtype), (name, to) in itertools.product(DTYPES.items(), DTYPES.items()):
        x = cast_values(dtype, to)
        yield {"op": "cast", "loop": name, "operands": [reference(x)], "result": reference(x.astype(to)), "ulp": 0}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    folder = parser.parse_args().output
    blob, known = bytearray(), {}

    def reference(x):
        data = x.tobytes()
        if data not in known:
            known[data] = len(blob)
            blob.extend(data + bytes(-len(data) % 8))
        return [x.dtype.name, x.size, known[data]]

    warnings.simplefilter("ignore")   # imaginary parts lost in casts
    with np.errstate(all="ignore"):
        lines = [json.dumps(case, separators=(",", ":")) for case in cases(reference)]
    (folder / "elementwise.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    np.save(folder / "elementwise.npy", np.frombuffer(bytes(blob), np.uint8))


if __name__ == "__main__":
    main()
