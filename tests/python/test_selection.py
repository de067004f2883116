"""Functions that pick, place, sort, search, bin and group, against NumPy: one line a call, for every dtype."""
import numpy as np
import pytest

import tessera as ts
from comparison import compare, lines


def _topk(x, k, axis=-1, largest=True, sorted=True):
    x = x.ravel() if axis is None else x
    axis = -1 if axis is None else axis
    n = np.moveaxis(x, axis, 0).shape[0]
    if not 0 <= k <= n:
        raise ValueError
    if largest:
        order = n - 1 - np.flip(np.argsort(np.flip(x, axis), axis=axis, kind="stable"), axis)
    else:
        order = np.argsort(x, axis=axis, kind="stable")
    order = np.take(order, range(k), axis=axis)
    return np.take_along_axis(x, order, axis), order


def _group_reduce(keys, values, by):
    kinds = np.unique(keys)
    return kinds, np.stack([getattr(np, by)(values[keys == kind], axis=0) for kind in kinds])


ORACLES = {
    "topk": _topk, "group_reduce": _group_reduce,
    **{f"{name}_reduceat": getattr(np, name).reduceat
       for name in ("add", "multiply", "maximum", "minimum", "logical_and", "logical_or")},
}

# Equal to the last bit:
EXACT = """
sort(t, axis=0)
sort(t, kind="stable")
sort(t, kind="quicksort")
sort(t, kind="bogo")
argsort(t, axis=None, kind="stable")
take(partition(x, 2), 2, axis=-1)
take(partition(x, [1, -1], axis=0), [1], axis=0)
partition(x, 0, axis=1)[:, 0]
max(partition(v, 2)[:2])
sort(partition(v, 1)[2:])
partition(x, 4)
partition(x, -5)
partition(x, [0, 1, 2, 3])
partition(x, None)
partition(x, 1.5)
partition(x, [[1]])
partition(x, 13, axis=None)[13]
take_along_axis(x, argpartition(x, 2), axis=-1)[:, :, 2]
x.ravel()[argpartition(x, 5, axis=None)[5]]
take_along_axis(x, argpartition(x, [0, 1, 2], axis=1), axis=1)
argpartition(x, 3, axis=1)
topk(x, 2)
topk(t, 3, axis=0)
topk(t, 2, largest=False)
topk(x, 5, axis=None)
topk(x, 0)
topk(x, 5)
topk(x, -1)
topk(x, 1, axis=3)
lexsort((v, at[:4]))
lexsort((at[:4] % 2, v))
lexsort(t)
lexsort((t, t[::-1]), axis=0)
lexsort((v, at))
searchsorted(t[:, 0], t, "right", argsort(t[:, 0]))
searchsorted(s, 1)
searchsorted(v, t)
searchsorted(s, v, sorter=[0, 1])
searchsorted(s, v, side="middle")
unique(t)
unique(x)
unique(t, return_index=True)
unique(t, return_inverse=True)
unique(t, return_counts=True)
unique(t, True, True, True)
unique(t, axis=0)
unique(t, axis=1, return_index=True, return_inverse=True, return_counts=True)
unique(x, axis=2)
unique(t, axis=2)
unique([nan, 1, nan])
unique([nan, 1, nan], equal_nan=False)
unique(x[:0])
unique(x[0, 0, 0])
unique_all(t)
unique_counts(t)
unique_inverse(t)
sort(unique_values(t))
union1d(t, v)
intersect1d(t, t[0])
intersect1d(t, t[1:], return_indices=True)
intersect1d(unique(t), unique(t[:2]), assume_unique=True, return_indices=True)
setdiff1d(t, t[0])
setdiff1d(t, t[0], assume_unique=True)
setxor1d(t, t[0])
setxor1d(t, at)
isin(t, t[0])
isin(t, [0, 1])
isin(x, x[:, 0], invert=True)
isin(1, t)
isin(t, [])
piecewise(v.real, [v.real > 0], [1, 0])
piecewise(v.real, [v.real > 0, v.real < 0], [1, 2])
piecewise(v.real, [v.real > 1, v.real > 0], [2, 1, 3])
piecewise(v.real, [v.real > 1], [1, 2, 3])
add_reduceat(v, [0, 2])
maximum_reduceat(x, [0, 2], axis=2)
minimum_reduceat(x, [1, 0], axis=0)
add_reduceat(v, [4])
logical_and_reduceat(t, [0, 2])
logical_or_reduceat(t, [0, 2], axis=1)
where(mask)
where(x)
where(mask, x)
(place(w, w > 0, [1, 2]), w)
(place(w, x == x, v), w)
(place(w, x == x, []), w)
(putmask(w, w > 0, v), w)
(putmask(w, x == x, x[0]), w)
(putmask(w, x == x, 1), w)
(putmask(w, mask, 1), w)
choose(at % 3, [v[0], 1, 0])
choose(mask, [x, y])
choose(at, [1, 2], mode="wrap")
choose(at, [1, 2], mode="clip")
choose(at, [1, 2])
insert(v, 1, 5)
insert(x, 1, 2, axis=1)
insert(v, [0, 2], [1, 2])
insert(v, [2, 2, 0], [1, 2, 3])
insert(x, 0, y, axis=0)
insert(x, slice(0, 2), 3, axis=0)
insert(x, -1, 1, axis=2)
insert(v, 9, 1)
insert(x, 1, 1)
insert(v, [], [])
delete(v, 1)
delete(x, [0, -1], axis=2)
delete(x, slice(0, 2), axis=1)
delete(v, line)
delete(v, [1, 1])
delete(x, 0)
delete(v, 4)
delete(x, 0, axis=3)
append(v, 3)
append(x, y[None], axis=0)
append(x, y, axis=0)
append(v, [[1, 0]])
block([[y, y], [y, y]])
block([v, 1])
block(v)
block([[v], [v, v]])
(fill_diagonal(square, 1), square)
(fill_diagonal(w, 1), w)
(fill_diagonal(t, v), t)
(fill_diagonal(t, 1, wrap=True), t)
tril_indices(3)
tril_indices(3, 1, 4)
triu_indices(3, k=-1)
tril_indices_from(square)
triu_indices_from(square, k=1)
diag_indices(3)
diag_indices(2, ndim=3)
diag_indices_from(square)
indices((2, 3))
indices((2, 3), dtype="i4")
indices((2, 3), sparse=True)
indices(())
pad(y, 2, "reflect", reflect_type="odd")
pad(y, ((1, 2), (0, 3)), "symmetric", reflect_type="odd")
pad(v, 2, "maximum", stat_length=2)
pad(y, 1, "minimum", stat_length=((1, 2), (2, 1)))
pad(v, (1, 2), constant_values=(1, 0))
pad(y, 1, constant_values=((1, 0), (0, 1)))
pad(v, 7, "wrap")
pad(v, 9, "reflect")
pad(v[:0], 2, "edge")
tri(3)
tri(2, 4, k=1, dtype="i4")
vander(at, 3)
vander(at[:3], increasing=True)
resize(v, (2, 3))
resize(v[:0], 3)
trim_zeros(at)
trim_zeros(t, "f")
unravel_index(at, (2, 3))
unravel_index(9, (2, 3))
ravel_multi_index((at % 2, at % 3), (2, 3))
ravel_multi_index((at, at), (2, 3))
ediff1d(v + 0)
"""

# The same but for the last bits:
CLOSE = """
quantile(x, 0.3)
quantile(x, [0.1, 0.5], axis=1)
quantile(x, 0.25, axis=(0, 2), keepdims=True)
quantile(x, 0.7, axis=0, method="lower")
quantile(x, 0.7, axis=0, method="higher")
quantile(x, 0.7, axis=1, method="nearest")
quantile(x, 0.7, axis=1, method="midpoint")
quantile(x, [0, 0.6, 1], axis=2, method="inverted_cdf")
quantile(x, 0.6, method="averaged_inverted_cdf")
quantile(x, 0.6, method="closest_observation")
quantile(x, 0.6, method="interpolated_inverted_cdf")
quantile(x, 0.6, method="hazen")
quantile(x, 0.6, method="weibull")
quantile(x, 0.6, method="median_unbiased")
quantile(x, 0.6, method="normal_unbiased")
quantile(v.real, 0.6, method="guess")
quantile(x, 1.5)
quantile(v, 0.5, method="inverted_cdf", weights=[1, 2, 3, 4])
quantile(v, 0.5, weights=[1, 2, 3, 4])
quantile(x[:0], 0.5)
quantile(x, 0.5, axis=3)
percentile(x, 30)
percentile(x, [25, 75], axis=1)
percentile(x, 40, axis=-1, method="hazen", keepdims=True)
nanquantile(x, 0.3, axis=1)
nanquantile(where(eye(3, 4) == 0, x.real, nan), 0.3, axis=1)
nanquantile(where(eye(3, 4) == 0, x.real, nan), [0.3, 0.5], axis=(0, 1), keepdims=True)
nanpercentile(where(eye(3, 4) == 0, y.real, nan), 30, axis=0)
add_reduceat(x, [0, 1], axis=1)
add_reduceat(x, [2, 0, 1], axis=2)
multiply_reduceat(v, [0, 3])
group_reduce(t[:, 0], t, "sum")
group_reduce(t[:, 1], t[:, 0], "mean")
pad(v, 2, "linear_ramp", end_values=3)
pad(y, (1, 2), "linear_ramp", end_values=((1, 2), (3, 4)))
pad(v, 2, "mean", stat_length=2)
pad(v, 2, "median", stat_length=3)
pad(v, 2, "median")
gradient(v)
gradient(y)
gradient(x, axis=1)
gradient(x, 2.0, axis=(0, 2))
gradient(y, 2.0, 3.0)
gradient(v, [0, 1, 3, 4])
gradient(v, edge_order=2)
gradient(v.astype("f8")[:1])
trapezoid(v)
trapezoid(x, dx=2, axis=1)
trapezoid(x, [0, 1, 3, 4])
trapezoid(y, t.T, axis=1)
unwrap(v)
unwrap(x, axis=0)
unwrap(x, discont=2, axis=1, period=4)
"""

METHODS = """
(w.partition(1, axis=1), take(w, 1, axis=1))
take_along_axis(x, x.argpartition(1, axis=-1), axis=-1)[:, :, 1]
"""


@pytest.mark.parametrize("line", lines(EXACT + METHODS))
def test_equals_numpys_to_the_last_bit(line, rng):
    compare(line, rng, ORACLES, tolerance=0)


@pytest.mark.parametrize("line", lines(CLOSE))
def test_equals_numpys_to_the_last_bits(line, rng):
    compare(line, rng, ORACLES, tolerance=16)


def test_topk_names_its_parts():
    found = ts.topk([3.0, 1.0, 2.0], 2)
    assert found.values.tolist() == [3, 2] and found.indices.tolist() == [0, 2]


def test_groups_of_every_fold():
    keys, values = ts.asarray([3, 1, 3, 1, 2]), ts.asarray([1, 2, 3, 4, 0])
    expected = {"sum": [6, 0, 4], "prod": [8, 0, 3], "min": [2, 0, 1], "max": [4, 0, 3], "mean": [3, 0, 2],
                "count": [2, 1, 2], "any": [True, False, True], "all": [True, False, True]}
    for by, folded in expected.items():
        found = ts.group_reduce(keys, values, by)
        assert found.keys.tolist() == [1, 2, 3] and found.values.tolist() == folded, by
    with pytest.raises(ValueError, match="^group_reduce: by: expected one of 'sum', .*, not 'median'$"):
        ts.group_reduce(keys, values, "median")
