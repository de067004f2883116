#!/usr/bin/env python3
"""Writes distances.json: small sets of rows with the distances that SciPy gives, or their definition where it has none.

    python3 distances.py [--output FILE]

One case a line: metric, dtype and shape of x and y with their elements, parameters, and the matrix. "inf", "-inf" and
"nan" stand for themselves. Needs numpy 2.4 and scipy 1.17.
"""
import argparse
import itertools
import json
import math
import pathlib
import warnings

import numpy as np
from scipy.spatial import distance
from scipy.special import rel_entr

OF_BOOL = ("jaccard", "dice", "russellrao", "rogerstanimoto", "sokalsneath", "yule", "hamming")
REAL = ("euclidean", "sqeuclidean", "cityblock", "chebyshev", "minkowski", "cosine", "correlation", "hamming",
        "canberra", "braycurtis", "jaccard", "russellrao", "rogerstanimoto", "sokalsneath", "yule")


def jensenshannon(x, y, base):
    return distance.jensenshannon(x, y, base)


def haversine(x, y):
    """The chord between two points of the unit sphere says their angle."""
    def point(place):
        north, east = place
        return np.array([math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)])

    return 2 * math.asin(min(1.0, float(np.linalg.norm(point(x) - point(y))) / 2))


DEFINED = {
    "hellinger": lambda x, y: math.sqrt(max(0.0, 1 - float(np.sum(np.sqrt(x * y))))),
    "kl_divergence": lambda x, y: float(np.sum(rel_entr(x, y))),
    "inner_product": lambda x, y: float(np.dot(x, y)),
    "haversine": haversine,
    "bitwise_hamming": lambda x, y: float(np.sum(np.bitwise_count(x ^ y))),
}


def numbers(x):
    return [str(v) if isinstance(v, float) and not math.isfinite(v) else v for v in np.asarray(x).ravel().tolist()]


def stored(x):
    return [x.dtype.name, list(x.shape), numbers(x)]


def case(metric, x, y, result, **args):
    shown = {key: stored(v) if isinstance(v, np.ndarray) else v for key, v in args.items()}
    return {"metric": metric, "x": stored(x), "y": stored(y), "args": shown, "result": stored(np.asarray(result))}


def of_scipy(metric, x, y, **args):
    return case(metric, x, y, distance.cdist(x, y, metric, **args), **args)


def each(f, x, y):
    return np.array([[f(u, v) for v in y] for u in x], float).reshape(len(x), len(y))


def rows(rng, n, d):
    return np.round(rng.normal(size=(n, d)) * 4, 2)


def degenerate(x):
    """The same with a row of zeros, one of ones, and what is no number."""
    x = x.copy()
    x[0] = 0
    x[1] = 1
    x[2, 0] = math.nan
    x[3, 1] = math.inf
    return x


def cases():
    rng = np.random.default_rng(8)
    for metric, d in itertools.product(REAL, (1, 3, 9)):
        args = {"p": 3.0} if metric == "minkowski" else {}
        x, y, w = rows(rng, 5, d), rows(rng, 4, d), rng.integers(0, 5, d) / 2
        y[0] = x[0]
        yield of_scipy(metric, x, y, **args)
        yield of_scipy(metric, x.astype("f4"), y.astype("f4"), **args)
        yield of_scipy(metric, x, y, w=w, **args)
        yield of_scipy(metric, np.round(x).astype("i4"), np.round(y).astype("i2"), **args)
        if d > 1:
            yield of_scipy(metric, degenerate(x), degenerate(rows(rng, 4, d)), **args)
        yield of_scipy(metric, x[:0], y, **args)
        yield of_scipy(metric, x[:2, :0], y[:, :0], **args)
    for p, weighted in itertools.product((0.5, 1.0, 1.5, 2.0, 7.0, math.inf), (False, True)):
        args = {"w": rng.integers(0, 5, 6) / 2} if weighted else {}
        item = of_scipy("minkowski", rows(rng, 3, 6), rows(rng, 4, 6), p=p, **args)
        item["args"]["p"] = str(p) if math.isinf(p) else p
        yield item
    for metric, d in itertools.product(OF_BOOL, (1, 5, 21)):
        x, y = rng.random((6, d)) < 0.4, rng.random((5, d)) < 0.4
        x[0] = y[0] = False
        x[1] = y[1] = True
        y[2] = x[2]
        yield of_scipy(metric, x, y)
        yield of_scipy(metric, x, y, w=rng.random(d))
    for d in (1, 4):
        x, y = rows(rng, 6, d), rows(rng, 5, d)
        half = rng.normal(size=(d, d))
        yield of_scipy("seuclidean", x, y)
        yield of_scipy("seuclidean", x, y, V=rng.random(d) + 0.5)
        yield of_scipy("mahalanobis", x, y)
        yield of_scipy("mahalanobis", x, y, VI=half @ half.T)
        yield of_scipy("mahalanobis", x, y, VI=half @ half.T + np.triu(np.ones((d, d)), 1))
    yield from distributions(rng)
    places = np.column_stack([rng.uniform(-1.5, 1.5, 6), rng.uniform(-3, 3, 6)])
    others = np.concatenate([places[:2], np.array([[math.pi / 2, 0], [-math.pi / 2, 1], [0, 0], [0, 3.0]])])
    yield case("haversine", places, others, each(haversine, places, others))
    yield case("inner_product", places, others, each(DEFINED["inner_product"], places, others))
    for dtype, d in itertools.product(("u1", "u2", "u4", "u8"), (1, 3, 9)):
        x, y = (rng.integers(0, np.iinfo(dtype).max, (n, d), dtype, endpoint=True) for n in (3, 4))
        if dtype != "u8":  # larger than JSON's readers like
            yield case("bitwise_hamming", x, y, each(DEFINED["bitwise_hamming"], x, y))


def distributions(rng):
    for d in (2, 9):
        x, y = (rng.random((5, d)) + 0.01 for _ in range(2))
        x[0, 0] = y[1, 1] = 0
        x, y = (z / z.sum(1, keepdims=True) for z in (x, y))
        yield of_scipy("jensenshannon", x, y)
        yield of_scipy("jensenshannon", x * 7, y)
        yield case("jensenshannon", x, y, each(lambda u, v: jensenshannon(u, v, 2.0), x, y), base=2.0)
        y[2] = x[2]  # where SciPy's Jensen-Shannon distance may be the root of a negative number
        for metric in ("hellinger", "kl_divergence"):
            yield case(metric, x, y, each(DEFINED[metric], x, y))
    x = np.array([[0.5, 0.5], [0.0, 0.0], [-0.5, 1.5], [1.0, 0.0]])
    yield of_scipy("jensenshannon", x, x)
    yield case("kl_divergence", x, x, each(DEFINED["kl_divergence"], x, x))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).with_name("distances.json"))
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    lines = [json.dumps(item) for item in cases()]
    parser.parse_args().output.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
