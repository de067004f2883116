"""Functions that pick, sort and group whose results are named tuples, or that call what they are given."""
from __future__ import annotations

from collections import namedtuple as _namedtuple

from . import _tessera

_core = _tessera._selection

__all__ = [
    "group_reduce", "intersect1d", "piecewise", "topk", "unique", "unique_all", "unique_counts", "unique_inverse",
    "unique_values",
]

GroupResult = _namedtuple("GroupResult", ["keys", "values"])
TopkResult = _namedtuple("TopkResult", ["values", "indices"])
UniqueAllResult = _namedtuple("UniqueAllResult", ["values", "indices", "inverse_indices", "counts"])
UniqueCountsResult = _namedtuple("UniqueCountsResult", ["values", "counts"])
UniqueInverseResult = _namedtuple("UniqueInverseResult", ["values", "inverse_indices"])


def topk(x, k, axis=-1, *, largest=True, sorted=True):
    """(values, indices) of the k largest elements along an axis, in descending order; the smallest ascend."""
    return TopkResult(*_core.topk(x, k, axis, largest, sorted))


def unique(x, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True, sorted=True):
    """The distinct elements (slices of an axis), sorted; beside them on demand where each stands first, which one each
    element is, and how often each occurs."""
    if not (return_index or return_inverse or return_counts):
        return _core.unique(x, axis, equal_nan)
    values, *parts = _core.unique_all(x, axis, equal_nan)
    return (values, *(part for part, wanted in zip(parts, (return_index, return_inverse, return_counts)) if wanted))


def unique_all(x, /):
    """(values, indices, inverse_indices, counts); each NaN is an element of its own."""
    return UniqueAllResult(*_core.unique_all(x, None, False))


def unique_counts(x, /):
    """(values, counts); each NaN is an element of its own."""
    return UniqueCountsResult(*_core.unique_counts(x))


def unique_inverse(x, /):
    """(values, inverse_indices); each NaN is an element of its own."""
    return UniqueInverseResult(*_core.unique_inverse(x))


def unique_values(x, /):
    """The distinct elements; each NaN is an element of its own."""
    return _core.unique(x, None, False)


def intersect1d(x1, x2, assume_unique=False, return_indices=False):
    """The distinct elements of both arrays, sorted; with return_indices also where each stands first in both."""
    if return_indices:
        return _core.intersect1d_indices(x1, x2, assume_unique)
    return _core.intersect1d(x1, x2, assume_unique)


def group_reduce(keys, values, by):
    """(keys, values): the distinct keys, sorted, and the values of each folded: by 'sum', 'prod', 'min', 'max', 'mean',
    'count', 'any' or 'all'."""
    return GroupResult(*_core.group_reduce(keys, values, by))


def _conditions(condlist, ndim) -> list:
    """A list of masks, given as such, as the rows of an array, or as one mask alone."""
    if isinstance(condlist, (list, tuple)):
        conditions = [_tessera.asarray(condition, dtype="bool") for condition in condlist]
        if ndim == 0 or not all([condition.ndim == 0 for condition in conditions]):
            return conditions
    condlist = _tessera.asarray(condlist, dtype="bool")
    return list(_tessera.unstack(condlist)) if condlist.ndim > ndim else [condlist]


def piecewise(x, condlist, funclist, *args, **kw):
    """Where a condition is true what its function (or number) gives for those elements of x; the last condition that
    is true decides; one function more than conditions is for the rest, which else is 0. In x's dtype."""
    x = _tessera.asarray(x)
    conditions = _conditions(condlist, x.ndim)
    if len(funclist) == len(conditions) + 1:
        rest = conditions[0]
        for condition in conditions[1:]:
            rest = rest | condition
        conditions.append(~rest)
    elif len(funclist) != len(conditions):
        raise ValueError(f"piecewise: {len(conditions)} conditions and {len(funclist)} functions; expected "
                         f"{len(conditions)} or {len(conditions) + 1} functions")
    result = _tessera.zeros_like(x)
    for condition, function in zip(conditions, funclist):
        if callable(function):
            chosen = x[condition]
            if chosen.size > 0:
                result[condition] = function(chosen, *args, **kw)
        else:
            result[condition] = function
    return result
