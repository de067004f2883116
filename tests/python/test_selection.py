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


ORACLES = {"topk": _topk}

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
