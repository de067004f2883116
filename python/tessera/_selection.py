"""Functions that pick, sort and group whose results are named tuples, or that call what they are given."""
from __future__ import annotations

from collections import namedtuple as _namedtuple

from . import _tessera

_core = _tessera._selection

__all__ = ["topk"]

TopkResult = _namedtuple("TopkResult", ["values", "indices"])


def topk(x, k, axis=-1, *, largest=True, sorted=True):
    """(values, indices) of the k largest elements along an axis, in descending order; the smallest in ascending order."""
    return TopkResult(*_core.topk(x, k, axis, largest, sorted))
