"""Writes histogram.json: calls of NumPy's histograms and interpolation with their results.

Run with NumPy 2.4:   python tests/data/histogram.py
"""
import pathlib
import warnings

import numpy as np

import case_text

warnings.simplefilter("ignore")
random = np.random.default_rng(20)
cases = []


def argument(x):
    """A number of bins, a rule, an array, or a list of those; a range."""
    if isinstance(x, np.ndarray):
        return case_text.array(x)
    if isinstance(x, list):
        return {"each": [argument(each) for each in x]}
    return x


def case(name, *arguments, **options):
    if "range" in options and options["range"] is not None:
        options["range"] = tuple(float(x) if not isinstance(x, tuple) else tuple(float(y) for y in x)
                                 for x in options["range"])
    try:
        result = getattr(np, name)(*arguments, **options)
    except (ValueError, TypeError) as e:
        result = type(e).__name__
    if isinstance(result, tuple):
        flat = []
        for each in result:
            flat += each if isinstance(each, list) else [each]
        result = [case_text.array(each) for each in flat]
    elif not isinstance(result, str):
        result = [case_text.array(result)]
    cases.append({"call": name, "arguments": [argument(x) for x in arguments],
                  "options": {key: argument(x) for key, x in options.items()}, "result": result})


def samples(dtype, n):
    if np.issubdtype(dtype, np.integer):
        low, high = (0, 40) if np.issubdtype(dtype, np.unsignedinteger) else (-20, 20)
        return random.integers(low, high, n).astype(dtype)
    return random.normal(size=n).astype(dtype)


rules = ["auto", "fd", "doane", "scott", "stone", "rice", "sturges", "sqrt"]
dtypes = [np.int8, np.uint8, np.int32, np.int64, np.uint64, np.float16, np.float32, np.float64]
for dtype in dtypes:
    x = samples(dtype, 97)
    for bins in (1, 7, 10):
        case("histogram", x, bins)
        case("histogram", x, bins, range=(-3, 5))
    case("histogram", x, 5, density=True)
    case("histogram", x, np.array([-2.5, -1, 0, 0, 4, 30]))
    case("histogram", x, np.array([0, 1, 5, 9], dtype=dtype))
    case("histogram", np.full(5, x[3]), 4)
    for weights in (np.int64, np.float32, np.float64, np.complex128):
        w = random.integers(-9, 9, 97).astype(weights)
        case("histogram", x, 6, weights=w)
        case("histogram", x, np.array([-2.5, -1, 0, 0, 4, 30]), weights=w)
        case("histogram", x, 6, weights=w, range=(-1, 1), density=True)
    for rule in rules:
        case("histogram_bin_edges", x, rule)
        case("histogram", x, rule, range=(-1.5, 17))
        case("histogram", np.full(9, x[3]), rule)
        case("histogram_bin_edges", x[:2], rule)
        case("histogram_bin_edges", x[:0], rule)
    case("digitize", x, np.array([-1.5, 0, 0, 3, 12]))
    case("digitize", x, np.array([12, 3, 0, 0, -1.5]), right=True)
    case("digitize", x, np.array([3, 1, 2]))
for n in (3, 1000):
    x = random.normal(size=n)
    for rule in rules:
        case("histogram_bin_edges", x, rule)
    case("histogram", x, 50, weights=random.normal(size=n))
# What lies on an edge, or within rounding of one.
for bins in (10, 49, 200):
    edges = np.linspace(0, 1, bins + 1)
    near = np.concatenate([edges, np.nextafter(edges, 2), np.nextafter(edges, -1)])
    case("histogram", near, bins, range=(0, 1))
    case("histogram", near.astype(np.float32), bins, range=(0, 1))
nan, inf = np.nan, np.inf
case("histogram", np.array([1, nan]), 3)
case("histogram", np.array([1, inf]), 3)
case("histogram", np.array([1, nan, 2, -inf]), 3, range=(0, 2))
case("histogram", np.array([1, nan, 2, -inf]), np.array([0., 1, 2]))
case("histogram", np.array([1, nan, 2, -inf]), np.array([0., 1, nan]))
case("histogram", np.array([1, 2]), 3, range=(2, 1))
case("histogram", np.array([1, 2]), 3, range=(1, 1))
case("histogram", np.array([1, 2]), 0)
case("histogram", np.array([1, 2]), -1)
case("histogram", np.array([1, 2]), "nothing")
case("histogram", np.array([1, 2]), "auto", weights=np.array([1, 2]))
case("histogram", np.array([1, 2]), np.array([2, 1]))
case("histogram", np.array([1, 2]), np.array([5]))
case("histogram", np.array([1, 2]), np.array([], dtype=float))
case("histogram", np.array([1, 2]), np.array([[1, 2]]))
case("histogram", np.array([1, 2]), 3, weights=np.array([1]))
case("histogram", np.array([2**62, 2**62 + 1]), 3)
case("histogram", np.array([2**62, 2**62 + 1]), np.array([2**62, 2**62 + 1, 2**62 + 2]))
case("histogram", np.array([1, 1], dtype=np.float32), 100, range=(1, 1.000001))
case("histogram", np.array([]), 3)
case("histogram", np.array([]), 3, density=True)
case("histogram", np.array([True, False, True]), 2)
case("histogram", random.normal(size=(4, 5)), 3)
case("histogram", np.array(5.0), 3)

for dtype in (np.int8, np.uint8, np.int64, np.bool_):
    x = random.integers(0, 2 if dtype is np.bool_ else 9, 50).astype(dtype)
    case("bincount", x)
    case("bincount", x, minlength=4)
    case("bincount", x, minlength=20)
    for weights in (np.int8, np.float32, np.float64):
        case("bincount", x, weights=random.normal(size=50).astype(weights))
        case("bincount", x, weights=random.normal(size=50).astype(weights), minlength=30)
case("bincount", np.array([], dtype=int))
case("bincount", np.array([], dtype=int), minlength=3)
case("bincount", np.array([], dtype=int), weights=np.array([]), minlength=3)
case("bincount", np.array([1.0]))
case("bincount", np.array([1], dtype=np.uint64))
case("bincount", np.array([2, -1]))
case("bincount", np.array([2, -1]), minlength=5)
case("bincount", np.array([[1]]))
case("bincount", np.array(1))
case("bincount", np.array([1]), minlength=-1)
case("bincount", np.array([1]), weights=np.array([1, 2]))
case("bincount", np.array([1]), weights=np.array([1j]))
case("digitize", np.array(0.5), np.array([0, 1]))
case("digitize", np.array([0.5]), np.array([]))
case("digitize", np.array([[0.5, nan]]), np.array([1.0, 0]))
case("digitize", np.array([0.5, nan]), np.array([0.0, 1]))
case("digitize", np.array([0.5]), np.array([1.0, 1]))
case("digitize", np.array([0.5]), np.array([[1.0, 1]]))
case("digitize", np.array([0.5j]), np.array([1.0, 1]))

for dtype in (np.int64, np.float32, np.float64):
    x, y = samples(dtype, 60), samples(dtype, 60)
    case("histogram2d", x, y)
    case("histogram2d", x, y, 4, density=True)
    case("histogram2d", x, y, [3, 5], weights=random.normal(size=60))
    case("histogram2d", x, y, [np.array([-9, -1, 0, 2.5, 7]), 5], range=((-2, 2), (-1, 3)))
    sample = np.stack([x, y, samples(dtype, 60)], axis=1)
    case("histogramdd", sample, 3)
    case("histogramdd", sample, [2, 3, np.array([-1, 0, 4])], density=True)
    case("histogramdd", sample, 2, range=((-2, 2), (-1, 3), (0, 1)), weights=random.integers(0, 9, 60))
case("histogramdd", np.array([1.0, 2, 4]), 3)
case("histogramdd", np.zeros((0, 2)), 2, density=True)
case("histogramdd", np.array([[1.0, nan], [2, 3]]), [2, np.array([1.0, 2, 3])])
case("histogramdd", np.array([[1, 2], [2, 4]]), [2, 3, 4])
case("histogramdd", np.array([[1, 2], [2, 4]]), 2, range=((0, 1),))
case("histogramdd", np.array([[1, 2], [2, 4]]), 0)
case("histogramdd", np.array([[1, 2], [2, 4]]), [np.array([1]), np.array([1])])
case("histogramdd", np.array([[1, 2], [2, 4]]), [np.array([2, 1]), np.array([1])])
case("histogramdd", np.array([[1, 2], [2, 4]]), 2, weights=np.array([1j, 2]))
case("histogram2d", np.array([1, 2]), np.array([1]))

xp = np.sort(random.normal(size=20))
x = np.concatenate([random.normal(size=40), xp, [nan, inf, -inf, 0.0]])
special = np.array([1, inf, nan, nan, -inf, -inf, 2, 0, -0.0, 5, 5, inf, inf, 1, 2, 3, 4, nan, 5, 6])
for fp in (random.normal(size=20), special, random.normal(size=20) + 1j * random.normal(size=20), special - 1j * special[::-1]):
    case("interp", x, xp, fp)
    case("interp", x.astype(np.float32), xp, fp, left=-1.5, right=7)
    case("interp", x, np.append(xp[:-1], inf), fp)
    case("interp", x, xp[:1], fp[:1], left=3)
    case("interp", x, np.repeat(xp[::2], 2), fp)
    case("interp", x, random.normal(size=20), fp, period=1.5)
    case("interp", np.array(0.25), xp, fp)
    case("interp", x[:0], xp, fp)
case("interp", np.arange(5), np.array([1, 3]), np.array([10, 20]))
case("interp", np.arange(5), np.array([1, 3]), np.array([10]))
case("interp", np.arange(5), np.array([]), np.array([]))
case("interp", np.arange(5), np.array([1, 3]), np.array([10, 20]), period=0)
case("interp", np.array([1j]), np.array([1, 3]), np.array([10, 20]))

case_text.write(pathlib.Path(__file__).with_suffix(".json"), cases)
