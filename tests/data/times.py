#!/usr/bin/env python3
"""Writes times.json: what NumPy makes of random datetimes and timedeltas in all units.

    python3 times.py [--output FOLDER]          needs numpy 2.4

One case a line: an operation, its operands and the result, each a dtype and its elements (times as int64), or null where
NumPy raises. "promote" and "can_cast" have dtypes alone.
"""
import argparse
import json
import operator
import pathlib
import warnings

import numpy as np

UNITS = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "7D", "25s", "10us", "3M"]
PER_YEAR = {"Y": 1, "M": 12, "W": 52, "D": 365, "h": 8766, "m": 525960, "s": 31557600}
BINARY = {
    "add": np.add, "subtract": np.subtract, "divide": np.divide, "floor_divide": np.floor_divide,
    "remainder": np.remainder, "maximum": np.maximum, "minimum": np.minimum, "fmax": np.fmax, "fmin": np.fmin,
    "equal": operator.eq, "not_equal": operator.ne, "less": np.less, "less_equal": np.less_equal,
    "greater": np.greater, "greater_equal": np.greater_equal, "multiply": np.multiply,
}
FOLDS = ["min", "max", "argmin", "argmax", "any", "all", "sum", "mean", "cumsum", "ptp", "nanmax", "nanmin"]
NAT = -2**63


def written(a):
    """A dtype and elements that JSON has."""
    a = np.asarray(a)
    flat = a.ravel()
    if a.dtype.kind in "Mm":
        values = flat.view("i8").tolist()
    elif a.dtype.kind == "f":
        values = [v if np.isfinite(v) else str(v) for v in flat.tolist()]
    else:
        values = flat.tolist()
    return [a.dtype.str if a.dtype.kind in "Mm" else a.dtype.name, values]


def times(rng, kind, unit, count=7):
    """Within 150 years where the unit reaches them, with one NaT."""
    base = unit.lstrip("0123456789")
    span = 150 * PER_YEAR[base] if base in PER_YEAR else 2**62
    if base == "ms":
        span = 150 * PER_YEAR["s"] * 1000
    if base == "us":
        span = 150 * PER_YEAR["s"] * 1000000
    span //= max(1, int(unit[: -len(base)] or 1))
    values = rng.integers(-span, span, count)
    values[:2] = rng.integers(-9, 9, 2)
    values[rng.integers(0, count)] = NAT
    return values.astype("i8").view(f"{kind}8[{unit}]")


def attempt(f):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return written(f())
    except (TypeError, ValueError, OverflowError):
        return None


def binary(rng):
    for i in range(420):
        name = list(BINARY)[i % len(BINARY)]
        kinds = [("M", "M"), ("m", "m"), ("M", "m"), ("m", "M")][rng.integers(0, 4)]
        x, y = (times(rng, k, UNITS[rng.integers(0, len(UNITS))]) for k in kinds)
        if name in ("divide", "floor_divide", "remainder"):
            y[3] = 0
        yield {"op": name, "x": written(x), "y": written(y), "result": attempt(lambda: BINARY[name](x, y))}
    numbers = [rng.integers(-5, 6, 7), rng.integers(0, 9, 7).astype("u8"), rng.integers(-5, 6, 7).astype("i1"),
               np.array([2.5, -0.5, 0, np.nan, np.inf, 1e30, -1.25]), rng.integers(0, 2, 7).astype("?")]
    for name, f in BINARY.items():
        for n in numbers:
            for kind in "Mm":
                x = times(rng, kind, UNITS[rng.integers(0, 9)])
                yield {"op": name, "x": written(x), "y": written(n), "result": attempt(lambda: f(x, n))}
                yield {"op": name, "x": written(n), "y": written(x), "result": attempt(lambda: f(n, x))}


def casts(rng):
    for kind in "Mm":
        for a in UNITS:
            for b in UNITS:
                if {kind + a, kind + b} == {"m3M", "mns"}:
                    continue  # NumPy's factor wraps around
                x, to = times(rng, kind, a, 4), f"{kind}8[{b}]"
                yield {"op": "cast", "x": written(x), "to": to, "result": attempt(lambda: x.astype(to))}
    for kind in "Mm":
        for to in ["int64", "float64", "float32", "int32", "bool", "uint64", "m8[s]", "M8[s]", "m8", "M8"]:
            x = times(rng, kind, "D", 4)
            yield {"op": "cast", "x": written(x), "to": to, "result": attempt(lambda: x.astype(to))}
        for x in [np.array([1, -5]), np.array([2.75, -2.75, np.nan, np.inf]), np.array([True, False]),
                  np.array([3, 4], "u1")]:
            to = f"{kind}8[h]"
            yield {"op": "cast", "x": written(x), "to": to, "result": attempt(lambda: x.astype(to))}


def texts(rng):
    for unit in UNITS:
        for x in [times(rng, "M", unit, 6), times(rng, "m", unit, 4)]:
            yield {"op": "text", "x": written(x), "str": np.datetime_as_string(x).tolist() if x.dtype.kind == "M"
                   else [str(v) for v in x], "array": str(x), "repr": repr(x),
                   "scalars": [repr(v) for v in x]}
            if x.dtype.kind == "M":
                back = np.datetime_as_string(x)
                yield {"op": "parse", "x": back.tolist(), "to": x.dtype.str, "result": written(back.astype(x.dtype))}
                yield {"op": "parse", "x": back.tolist(), "to": "M8", "result": attempt(lambda: back.astype("M8"))}
    for text in ["2024", "2024-02", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2024-13", "2024-00",
                 "2024-01-00", "2024-01-32", "2024-1", "2024-01-1", "20240101", "2024-", "2024-01-", "2024-01-01T",
                 "2024-01-01 ", "2024-01-01T12", "2024-01-01 12", "2024-01-01t12", "2024-01-01T24", "2024-01-01T12:",
                 "2024-01-01T12:34", "2024-01-01T12:60", "2024-01-01T1234", "2024-01-01T12:34:56",
                 "2024-01-01T12:34:60", "2024-01-01T12:34:56.", "2024-01-01T12:34:56.7", "2024-01-01T12:34:56.7891",
                 "2024-01-01T12:34:56.7891234", "1970-01-01T00:00:01.1234567891", "1970-01-01T00:00:01.1234567891234",
                 "1970-01-01T00:00:01.1234567891234567", "1970-01-01T00:00:01.1234567891234567891",
                 "2024-01-01T12Z", "2024-01-01T12:34Z", "2024-01-01T12:34z", "2024-01-01Z", "2024-01-01T12:34+01:30",
                 "2024-01-01T12:34-0130", "2024-01-01T23:34-01", "2024-01-01T00:34+01", "2024-01-01T12:34+1",
                 "2024-01-01T12:34+24", "2024-01-01T12:34+01:60", "2024-01-01T12:34 Z", "2024-01-01T12:34Z ",
                 "2024-01-01T12:34Z x", " 2024", "2024 ", "+2024", "-1", "-0044-03-15", "12345-01-01", "abc", "NaT",
                 "nat", "NAT", "", "2024/01/01", "0000-01-01"]:
        one = np.array([text])
        yield {"op": "parse", "x": [text], "to": "M8", "result": attempt(lambda: one.astype("M8"))}
        for to in ["M8[D]", "M8[h]", "M8[Y]", "M8[25s]", "M8[W]"]:
            yield {"op": "parse", "x": [text], "to": to, "result": attempt(lambda: one.astype(to))}
    for text in ["1", "-5", "+7", " 8", "7 ", "", "NaT", "nat", "1.5", "0x12", "--7", "- 7", "12 days", "1_000",
                 "99999999999999999999", "-99999999999999999999", "9223372036854775807", "-9223372036854775808"]:
        one = np.array([text])
        yield {"op": "parse", "x": [text], "to": "m8[s]", "result": attempt(lambda: one.astype("m8[s]"))}


def folds(rng):
    for name in FOLDS:
        for kind in "Mm":
            for nat in (False, True):
                x = times(rng, kind, "us")
                if not nat:
                    x = x[~np.isnat(x)]
                f = {"cumsum": np.cumsum, "ptp": np.ptp, "nanmax": np.nanmax, "nanmin": np.nanmin}.get(
                    name, lambda a: getattr(a, name)())
                yield {"op": name, "x": written(x), "result": attempt(lambda: f(x))}


def rules():
    dtypes = [f"{k}8[{u}]" for k in "Mm" for u in UNITS] + ["M8", "m8", "bool", "int8", "int64", "uint8", "uint64",
                                                            "float32", "float64", "complex128"]
    for a in dtypes:
        row = []
        for b in dtypes:
            try:
                row.append(np.promote_types(a, b).str)
            except (TypeError, OverflowError):
                row.append("")
        yield {"op": "promote", "x": a, "with": dtypes, "result": row}
        for rule in ["safe", "same_kind"]:
            row = "".join("01"[np.can_cast(a, b, rule)] if "8" in a + b and ("M" in a + b or "m" in a + b) else "-"
                          for b in dtypes)
            yield {"op": "can_cast", "x": a, "with": dtypes, "rule": rule, "result": row}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    folder = parser.parse_args().output
    rng = np.random.default_rng(8)
    cases = [*binary(rng), *casts(rng), *texts(rng), *folds(rng), *rules()]
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    (folder / "times.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
