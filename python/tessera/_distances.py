"""Distances between rows and nearest rows, with SciPy's names of metrics and parameters (docs/distances.md).

Arguments that the functions share:
    metric              its name; p (minkowski), w (weights), V (seuclidean), VI (mahalanobis), base (jensenshannon)
    method              'exact', or 'expanded' (euclidean and sqeuclidean): faster, and wrong far from the origin
    dtype               float32 or float64: what is computed in; None: float32 for rows of float32, else float64
    progress            progress(done, of) is told of blocks done of blocks; False from it raises Cancelled
"""
from __future__ import annotations

from collections import namedtuple as _namedtuple

from . import _tessera

_core = _tessera._distances

__all__ = ["cdist", "nearest", "pdist"]

NearestResult = _namedtuple("NearestResult", ["distances", "indices"])


def cdist(x, y, metric="euclidean", *, p=2, w=None, V=None, VI=None, base=None, method="exact", dtype=None,
          progress=None):
    """Of each row of x with each row of y: (..., n, d), (..., m, d) -> (..., n, m)."""
    return _core.cdist(x, y, (metric, p, w, V, VI, base, method, dtype, progress))


def pdist(x, metric="euclidean", *, p=2, w=None, V=None, VI=None, base=None, method="exact", dtype=None, progress=None):
    """Of each row with each later one: (..., n, d) -> (..., n (n - 1) / 2)."""
    return _core.pdist(x, (metric, p, w, V, VI, base, method, dtype, progress))


def nearest(queries, points, k, *, metric="euclidean", p=2, w=None, V=None, VI=None, base=None, exclude_self=False,
            method="exact", dtype=None, progress=None):
    """(distances, indices) of the k nearest rows of points for each row of queries, both (..., n, k), nearest first."""
    return NearestResult(*_core.nearest(queries, points, k, exclude_self,
                                        (metric, p, w, V, VI, base, method, dtype, progress)))
