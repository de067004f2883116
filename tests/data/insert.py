#!/usr/bin/env python3
"""Writes insert.json: numpy.insert and numpy.delete with integers, slices, lists and masks.

    python3 insert.py [--output FOLDER]          needs numpy 2.4

One case a line: call, x, where (an integer, {"slice": [begin, end, step]}, or an array), values, axis, the result.
"""
import argparse
import pathlib

import numpy as np

import case_text

DTYPES = ["float64", "int64", "int8", "uint8", "bool", "float32", "complex64"]


def place(rng, n, inserting):
    top = n + 1 if inserting else n
    pick = rng.integers(0, 5)
    if pick == 0 and top > 0:
        return int(rng.integers(-n, top))
    if pick == 1:
        bound = [None if rng.random() < 0.3 else int(b) for b in rng.integers(-n - 2, n + 3, 2)]
        return slice(*bound, [None, 1, 2, -1, -2, 3][rng.integers(0, 6)])
    if pick == 2:
        return rng.integers(0, 2, n).astype(bool)
    return rng.integers(-n, top, rng.integers(0, 6) if top > 0 else 0).astype("i8")


def case(rng, i):
    shape = [(0,), (1,), (5,), (9,), (3, 4), (4, 1), (0, 3), (2, 3, 4)][rng.integers(0, 8)]
    x = rng.integers(0, 100, shape).astype(DTYPES[i % len(DTYPES)])
    axis = None if rng.random() < 0.3 else int(rng.integers(0, len(shape)))
    n = x.size if axis is None else shape[axis]
    call = ["insert", "delete"][rng.integers(0, 2)]
    c = {"call": call, "x": x, "axis": axis, "where": place(rng, n, call == "insert")}
    if call == "insert":
        count = len(range(n)[c["where"]]) if isinstance(c["where"], slice) else np.sum(np.ones(np.shape(c["where"])))
        if isinstance(c["where"], np.ndarray) and c["where"].dtype == bool:
            count = c["where"].sum()
        extents = [1] if axis is None else list(shape)
        extents[axis or 0] = int(count) if rng.random() < 0.6 else 1
        c["values"] = int(rng.integers(0, 50)) if rng.random() < 0.4 else rng.integers(0, 50, extents) + 0.75
    return c


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    rng, cases = np.random.default_rng(5), []
    for i in range(700):
        c = case(rng, i)
        try:
            if c["call"] == "insert":
                result = np.insert(c["x"], c["where"], c["values"], c["axis"])
            else:
                result = np.delete(c["x"], c["where"], c["axis"])
        except (ValueError, IndexError):
            continue
        w = c["where"]
        c["where"] = {"slice": [w.start, w.stop, w.step]} if isinstance(w, slice) else w
        c["result"] = result
        for name in c:
            if isinstance(c[name], np.ndarray):
                c[name] = case_text.array(c[name])
        cases.append({name: value for name, value in c.items() if value is not None})
    case_text.write(parser.parse_args().output / "insert.json", cases)


if __name__ == "__main__":
    main()
