"""Distances between rows and nearest rows, with SciPy's names of metrics and parameters (docs/distances.md).

Arguments that the functions share:
    metric              its name; p (minkowski), w (weights), V (seuclidean), VI (mahalanobis), base (jensenshannon)
    method              'exact', or 'expanded' (euclidean, sqeuclidean, seuclidean): wrong far from the origin
    dtype               float32 or float64: what is computed in; None: float32 for floats of up to 32 bits, else float64
    progress            progress(done, of) is told of blocks done of blocks; False from it raises Cancelled
"""
from __future__ import annotations

from collections import namedtuple as _namedtuple

from . import _tessera

_core = _tessera._distances

__all__ = ["cdist", "for_each_row_block", "nearest", "pairwise_reduce", "pdist", "radius_neighbors", "squareform"]

NearestResult = _namedtuple("NearestResult", ["distances", "indices"])
RadiusResult = _namedtuple("RadiusResult", ["offsets", "distances", "indices"])


def cdist(x, y, metric="euclidean", *, p=2, w=None, V=None, VI=None, base=None, method="exact", dtype=None,
          progress=None):
    """Of each row of x with each row of y: (..., n, d), (..., m, d) -> (..., n, m)."""
    return _core.cdist(x, y, (metric, p, w, V, VI, base, method, dtype, progress))


def pdist(x, metric="euclidean", *, p=2, w=None, V=None, VI=None, base=None, method="exact", dtype=None, progress=None):
    """Of each row with each later one: (..., n, d) -> (..., n (n - 1) / 2)."""
    return _core.pdist(x, (metric, p, w, V, VI, base, method, dtype, progress))


def squareform(x):
    """From pdist's result to a symmetric matrix, and back."""
    return _core.squareform(x)


def nearest(queries, points, k, *, metric="euclidean", p=2, w=None, V=None, VI=None, base=None, exclude_self=False,
            method="exact", dtype=None, progress=None):
    """(distances, indices) of the k nearest rows of points for each row of queries, both (..., n, k), nearest first."""
    return NearestResult(*_core.nearest(queries, points, k, exclude_self,
                                        (metric, p, w, V, VI, base, method, dtype, progress)))


def radius_neighbors(queries, points, radius, *, metric="euclidean", p=2, w=None, V=None, VI=None, base=None,
                     exclude_self=False, method="exact", dtype=None, progress=None):
    """(offsets, distances, indices) of the points within radius of each query; those of query i stand at
    offsets[i]:offsets[i + 1], in order of the indices."""
    return RadiusResult(*_core.radius_neighbors(queries, points, radius, exclude_self,
                                                (metric, p, w, V, VI, base, method, dtype, progress)))


def pairwise_reduce(x, y, metric, reducer, *, parameter=1, p=2, w=None, V=None, VI=None, base=None, method="exact",
                    dtype=None, progress=None):
    """cdist(x, y) reduced along its last axis, without the matrix: 'sum', 'mean', 'min', 'max', 'count_below' (how many
    are < parameter) or 'gaussian' (the sum of exp(-d^2 / (2 parameter^2)))."""
    return _core.pairwise_reduce(x, y, reducer, parameter, (metric, p, w, V, VI, base, method, dtype, progress))


def for_each_row_block(x, y, metric, f, *, p=2, w=None, V=None, VI=None, base=None, method="exact", dtype=None,
                       progress=None):
    """Hands cdist(x, y) to f(first, block) by blocks of rows; the block's memory is used again: copy what is kept."""
    _core.for_each_row_block(x, y, f, (metric, p, w, V, VI, base, method, dtype, progress))
