#!/usr/bin/env python3
"""Writes quantile.json: numpy.quantile and its kin for every method and dtype, with NaN, infinities, weights and ties.

    python3 quantile.py [--output FOLDER]          needs numpy 2.4

One case a line: call, method, x, q (a number where NumPy is given one, else an array), axis, keepdims, weights, result.
"""
import argparse
import pathlib
import warnings

import numpy as np

import case_text

METHODS = ["inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
           "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"]
DTYPES = ["float64", "float32", "float16", "int64", "int16", "uint8", "bool"]


def elements(rng, dtype, shape):
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype[0] in "iu":
        return rng.integers(0 if dtype[0] == "u" else -100, 100, shape).astype(dtype)
    x = (rng.integers(-50, 50, shape) / 8 if rng.random() < 0.5 else rng.normal(0, 3, shape)).astype(dtype)
    for value, odds in ((np.nan, 0.1), (np.inf, 0.05), (-np.inf, 0.05), (-0.0, 0.1)):
        if rng.random() < 0.3:
            x[rng.random(shape) < odds] = value
    return x


def fractions(rng):
    """A number, or an array of q's dtype."""
    pick = rng.integers(0, 8)
    if pick < 3:
        return float(rng.choice([0, 0.25, 0.5, 0.75, 1, rng.random()]))
    if pick == 3:
        return int(rng.integers(0, 2))
    shape = [(), (3,), (5,), (2, 2)][rng.integers(0, 4)]
    q = rng.choice(np.append(rng.random(4), [0, 0.25, 0.5, 1]), shape)
    return np.asarray(q, rng.choice(["f8", "f8", "f4", "f2"]))


def case(rng, i):
    dtype, method = DTYPES[i % len(DTYPES)], METHODS[i // len(DTYPES) % len(METHODS)]
    shape = [(1,), (7,), (10,), (4, 5), (3, 1, 6), (2, 3, 4)][rng.integers(0, 6)]
    x, q = elements(rng, dtype, shape), fractions(rng)
    axis = None if rng.random() < 0.3 else int(rng.integers(0, len(shape)))
    if len(shape) == 3 and rng.random() < 0.4:
        axis = [int(a) for a in rng.permutation(3)[:2]]
        q = q.reshape(-1) if isinstance(q, np.ndarray) and q.ndim == 2 else q  # NumPy's nanquantile puts its axes elsewhere
    call = ["quantile", "nanquantile", "percentile", "nanpercentile"][rng.integers(0, 4)]
    if call.endswith("percentile"):
        q = q * 100 if isinstance(q, (float, int)) else np.asarray(q * 100, q.dtype)
    weights = None
    if method == "inverted_cdf" and rng.random() < 0.7:
        weights = rng.integers(0, 5, shape).astype(rng.choice(["i8", "f4", "f8"]))
        if isinstance(axis, int) and len(shape) > 1 and not call.startswith("nan") and rng.random() < 0.4:
            weights = rng.integers(1, 5, shape[axis]).astype("f8")
    return {"call": call, "method": method, "x": x, "q": q, "axis": axis, "keepdims": bool(rng.random() < 0.3),
            "weights": weights}


def replayed(c):
    """NumPy's result; none where it refuses, or where its dtype is that of the NaN it found."""
    function = getattr(np, c["call"])
    axis = tuple(c["axis"]) if isinstance(c["axis"], list) else c["axis"]
    rest = {"axis": axis, "method": c["method"], "keepdims": c["keepdims"], "weights": c["weights"]}
    try:
        result, plain = function(c["x"], c["q"], **rest), function(np.ones_like(c["x"]), c["q"], **rest)
    except (ValueError, TypeError, IndexError):
        return None
    return result if result.dtype == plain.dtype else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    rng, cases = np.random.default_rng(7), []
    for i in range(900):
        c = case(rng, i)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = replayed(c)
        if result is None:
            continue
        for name in ("x", "q", "weights"):
            if isinstance(c[name], np.ndarray):
                c[name] = case_text.array(c[name])
        c["result"] = case_text.array(result)
        cases.append({name: value for name, value in c.items() if value is not None})
    case_text.write(parser.parse_args().output / "quantile.json", cases)


if __name__ == "__main__":
    main()
