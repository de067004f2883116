"""Distances and nearest rows against loops in NumPy, and against SciPy and scikit-learn where they are installed."""
import itertools
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import tessera as ts

D = 5
SETS = ["dice", "jaccard", "rogerstanimoto", "russellrao", "sokalsneath", "yule"]


def counts(a, b):
    """Of two rows of bool: both, the first alone, the second alone, neither."""
    return (a & b).sum(), (a & ~b).sum(), (~a & b).sum(), (~a & ~b).sum()


def divergence(a, b):
    a, b = a / a.sum(), b / b.sum()
    m = (a + b) / 2
    return np.sqrt((a * np.log(a / m) + b * np.log(b / m)).sum() / 2)


def yule(a, b):
    both, first, second, neither = counts(a, b)
    return 2 * first * second / (both * neither + first * second) if first * second else 0.0


def sokalsneath(a, b):
    both, first, second, _ = counts(a, b)
    return 2 * (first + second) / (both + 2 * (first + second))


def great_circle(a, b):
    north, east = np.sin((a[0] - b[0]) / 2) ** 2, np.sin((a[1] - b[1]) / 2) ** 2
    return 2 * np.arcsin(np.sqrt(north + np.cos(a[0]) * np.cos(b[0]) * east))


# metric -> distance of two rows.
LOOPS = {
    "euclidean": lambda a, b: np.sqrt(((a - b) ** 2).sum()),
    "sqeuclidean": lambda a, b: ((a - b) ** 2).sum(),
    "cityblock": lambda a, b: np.abs(a - b).sum(),
    "chebyshev": lambda a, b: np.abs(a - b).max(),
    "minkowski": lambda a, b: np.sqrt(((a - b) ** 2).sum()),
    "cosine": lambda a, b: 1 - a @ b / np.sqrt((a @ a) * (b @ b)),
    "correlation": lambda a, b: LOOPS["cosine"](a - a.mean(), b - b.mean()),
    "hamming": lambda a, b: (a != b).mean(),
    "canberra": lambda a, b: (np.abs(a - b) / (np.abs(a) + np.abs(b))).sum(),
    "braycurtis": lambda a, b: np.abs(a - b).sum() / np.abs(a + b).sum(),
    "jensenshannon": divergence,
    "jaccard": lambda a, b: (a != b).sum() / (a | b).sum(),
    "dice": lambda a, b: (a != b).sum() / (a.sum() + b.sum()),
    "rogerstanimoto": lambda a, b: 2 * (a != b).sum() / (len(a) + (a != b).sum()),
    "russellrao": lambda a, b: (len(a) - (a & b).sum()) / len(a),
    "sokalsneath": sokalsneath,
    "yule": yule,
    "hellinger": lambda a, b: np.sqrt(max(0, 1 - np.sqrt(a * b).sum())),
    "kl_divergence": lambda a, b: (a * np.log(a / b)).sum(),
    "inner_product": lambda a, b: a @ b,
    "haversine": great_circle,
    "bitwise_hamming": lambda a, b: float(sum(int(k).bit_count() for k in a ^ b)),
}
SCIPYS = [name for name in LOOPS
          if name not in ("hellinger", "kl_divergence", "inner_product", "haversine", "bitwise_hamming")]
SCIPYS += ["seuclidean", "mahalanobis"]


def rows(rng, count, metric="euclidean"):
    if metric in SETS:
        x = rng.random((count, D)) < 0.5
        x[:, 0] = True  # no empty sets
        return x
    if metric == "bitwise_hamming":
        return rng.integers(0, 2**16, (count, D), dtype=np.uint16)
    x = rng.uniform(0.1, 1.0, (count, 2 if metric == "haversine" else D))
    return x / x.sum(axis=1, keepdims=True) if metric in ("hellinger", "kl_divergence") else x


def by_loops(metric, x, y):
    return np.array([[LOOPS[metric](a, b) for b in y] for a in x])


@pytest.mark.parametrize("metric", LOOPS)
def test_cdist_and_pdist_are_the_formula(metric, rng):
    x, y = rows(rng, 7, metric), rows(rng, 9, metric)
    expected = by_loops(metric, x, y)
    np.testing.assert_allclose(np.asarray(ts.cdist(x, y, metric)), expected, rtol=1e-12, atol=1e-14)
    pairs = np.asarray(ts.pdist(ts.asarray(x), metric))
    np.testing.assert_allclose(pairs, by_loops(metric, x, x)[np.triu_indices(7, 1)], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("metric", [m for m in LOOPS if m not in SETS + ["bitwise_hamming"]])
def test_rows_of_float32_give_float32(metric, rng):
    x, y = rows(rng, 7, metric).astype("f4"), rows(rng, 9, metric).astype("f4")
    result = ts.cdist(x, y, metric)
    assert result.dtype == ts.float32
    np.testing.assert_allclose(np.asarray(result), by_loops(metric, x.astype("f8"), y.astype("f8")),
                               rtol=1e-5, atol=1e-5)
    assert ts.cdist(x, y, metric, dtype="f8").dtype == ts.float64


@pytest.mark.parametrize("metric", SCIPYS)
def test_distances_are_scipys(metric, rng):
    distance = pytest.importorskip("scipy.spatial.distance")
    x, y = rows(rng, 7, metric), rows(rng, 9, metric)
    np.testing.assert_allclose(np.asarray(ts.cdist(x, y, metric)), distance.cdist(x, y, metric), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.asarray(ts.pdist(x, metric)), distance.pdist(x, metric), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("metric, parameters", [
    ("minkowski", {"p": 3}), ("minkowski", {"p": 1.5, "w": [1, 2, 0, 4, 5]}), ("euclidean", {"w": [1, 2, 0, 4, 5]}),
    ("cosine", {"w": [1, 2, 3, 4, 5]}), ("seuclidean", {"V": [1, 2, 3, 4, 5]}), ("dice", {"w": [1, 2, 3, 4, 5]}),
    ("mahalanobis", {"VI": np.diag([1, 2, 3, 4, 5])}),
])
def test_parameters_are_scipys(metric, parameters, rng):
    distance = pytest.importorskip("scipy.spatial.distance")
    x, y = rows(rng, 7, metric), rows(rng, 9, metric)
    scipys = {name: value if np.isscalar(value) else np.asarray(value, "f8") for name, value in parameters.items()}
    expected = distance.cdist(x, y, metric, **scipys)
    np.testing.assert_allclose(np.asarray(ts.cdist(x, y, metric, **parameters)), expected, rtol=1e-9)


def test_weights_count_coordinates(rng):
    x, y, w = rows(rng, 4), rows(rng, 3), np.array([1, 2, 0, 1, 3])
    expected = by_loops("sqeuclidean", np.repeat(x, w, axis=1), np.repeat(y, w, axis=1))
    np.testing.assert_allclose(np.asarray(ts.cdist(x, y, "sqeuclidean", w=w)), expected, rtol=1e-13)
    np.testing.assert_allclose(np.asarray(ts.cdist(x, y, "minkowski", p=1, w=ts.asarray(w))),
                               by_loops("cityblock", np.repeat(x, w, axis=1), np.repeat(y, w, axis=1)), rtol=1e-13)


def test_jensenshannon_takes_a_base(rng):
    x, y = rows(rng, 4), rows(rng, 3)
    expected = by_loops("jensenshannon", x, y) / np.sqrt(np.log(2))
    np.testing.assert_allclose(np.asarray(ts.cdist(x, y, "jensenshannon", base=2)), expected, rtol=1e-12)


def test_leading_axes_are_a_batch(rng):
    x, y = rng.random((3, 1, 4, D)), rng.random((2, 6, D))
    result = np.asarray(ts.cdist(x, y))
    assert result.shape == (3, 2, 4, 6)
    np.testing.assert_allclose(result[2, 1], by_loops("euclidean", x[2, 0], y[1]), rtol=1e-13)


def test_near_rows_far_away_keep_their_digits_unless_expanded(rng):
    x = (1e4 + rows(rng, 20)).astype("f4")
    y = x + np.float32(2**-9)
    expected = by_loops("euclidean", x.astype("f8"), y.astype("f8"))
    np.testing.assert_allclose(np.asarray(ts.cdist(x, y)), expected, rtol=8e-7)
    expanded = np.asarray(ts.cdist(x, y, method="expanded"))
    assert np.abs(expanded / expected - 1).max() > 0.01


def test_squareform_goes_both_ways(rng):
    x = rows(rng, 6)
    pairs = ts.pdist(x)
    matrix = ts.squareform(pairs)
    np.testing.assert_allclose(np.asarray(matrix), by_loops("euclidean", x, x), rtol=1e-13)
    assert np.array_equal(np.asarray(ts.squareform(matrix)), np.asarray(pairs))


# ---- neighbours


def test_nearest_is_a_named_tuple_in_order(rng):
    x, y = rows(rng, 8), rows(rng, 20)
    found, full = ts.nearest(x, y, 4), by_loops("euclidean", x, y)
    order = np.argsort(full, axis=1, kind="stable")[:, :4]
    assert found._fields == ("distances", "indices") and found.indices.dtype == ts.int64
    assert np.array_equal(np.asarray(found.indices), order)
    np.testing.assert_allclose(np.asarray(found.distances), np.take_along_axis(full, order, 1), rtol=1e-13)


def test_equal_distances_are_in_order_of_their_indices(rng):
    x = rng.integers(0, 3, (50, 2)).astype("f8")
    order = np.argsort(by_loops("cityblock", x, x), axis=1, kind="stable")
    for k in (1, 7, 50):
        assert np.array_equal(np.asarray(ts.nearest(x, x, k, metric="cityblock").indices), order[:, :k])


def test_the_largest_products_are_nearest(rng):
    x, y = rows(rng, 8), rows(rng, 20)
    full = by_loops("inner_product", x, y)
    assert np.array_equal(np.asarray(ts.nearest(x, y, 3, metric="inner_product").indices),
                          np.argsort(-full, axis=1, kind="stable")[:, :3])


def test_a_row_is_no_neighbour_of_itself_on_request(rng):
    x = rows(rng, 12)
    x[5] = x[2]  # equal rows are neighbours still
    distances, indices = ts.nearest(x, x, 1, metric="sqeuclidean", exclude_self=True)
    full = by_loops("sqeuclidean", x, x)
    np.fill_diagonal(full, np.inf)
    assert np.array_equal(np.asarray(indices)[:, 0], full.argmin(axis=1))
    assert np.asarray(distances)[2, 0] == 0


def test_neighbours_are_scikit_learns(rng):
    neighbors = pytest.importorskip("sklearn.neighbors")
    x, y = rows(rng, 30), rows(rng, 200)
    model = neighbors.NearestNeighbors(algorithm="brute", metric="manhattan").fit(y)
    distances, indices = model.kneighbors(x, 5)
    found = ts.nearest(x, y, 5, metric="manhattan")
    assert np.array_equal(np.asarray(found.indices), indices)
    np.testing.assert_allclose(np.asarray(found.distances), distances, rtol=1e-12)
    within = ts.radius_neighbors(x, y, 0.8, metric="manhattan")
    offsets = np.asarray(within.offsets)
    for i, expected in enumerate(model.radius_neighbors(x, 0.8)[1]):
        assert np.array_equal(np.asarray(within.indices)[offsets[i]:offsets[i + 1]], np.sort(expected))


def test_radius_neighbors_are_all_within(rng):
    x, y = rows(rng, 15), rows(rng, 40)
    found, full = ts.radius_neighbors(x, y, 0.6), by_loops("euclidean", x, y)
    places = np.nonzero(full <= 0.6)
    assert found._fields == ("offsets", "distances", "indices")
    assert np.array_equal(np.asarray(found.offsets), np.searchsorted(places[0], np.arange(16)))
    assert np.array_equal(np.asarray(found.indices), places[1])
    np.testing.assert_allclose(np.asarray(found.distances), full[places], rtol=1e-13)
    alone = ts.radius_neighbors(x, x, 0.0, exclude_self=True)
    assert np.asarray(alone.offsets)[-1] == 0


# ---- without the matrix


@pytest.mark.parametrize("reducer, parameter, expected", [
    ("sum", 1, lambda d: d.sum(1)), ("mean", 1, lambda d: d.mean(1)), ("min", 1, lambda d: d.min(1)),
    ("max", 1, lambda d: d.max(1)), ("count_below", 0.7, lambda d: (d < 0.7).sum(1)),
    ("gaussian", 0.3, lambda d: np.exp(-d**2 / (2 * 0.3**2)).sum(1)),
])
def test_pairwise_reduce_is_numpys_reduction_of_the_matrix(reducer, parameter, expected, rng):
    x, y = rows(rng, 15), rows(rng, 40)
    result = np.asarray(ts.pairwise_reduce(x, y, "euclidean", reducer, parameter=parameter))
    np.testing.assert_allclose(result, expected(by_loops("euclidean", x, y)), rtol=1e-12)


def test_row_blocks_are_the_matrix_in_order(rng):
    x, y = rng.random((3000, 2)), rng.random((400, 2))
    parts, starts = [], []

    def keep(first, block):
        starts.append(first)
        parts.append(np.asarray(block).copy())  # the block's memory is used again

    assert ts.for_each_row_block(x, y, "cityblock", keep) is None
    assert len(parts) > 1 and starts == list(itertools.accumulate([0] + [len(part) for part in parts[:-1]]))
    np.testing.assert_allclose(np.concatenate(parts), np.abs(x[:, None] - y[None]).sum(2), rtol=1e-13)


def test_what_a_block_function_raises_ends_the_call(rng):
    class Enough(Exception):
        pass

    calls = []

    def stop(first, block):
        calls.append(first)
        raise Enough

    with pytest.raises(Enough):
        ts.for_each_row_block(rng.random((3000, 2)), rng.random((400, 2)), "euclidean", stop)
    assert calls == [0]


# ---- progress

LONG_CALLS = {
    "cdist": lambda x, f: ts.cdist(x, x, progress=f),
    "pdist": lambda x, f: ts.pdist(x, progress=f),
    "nearest": lambda x, f: ts.nearest(x, x, 3, progress=f),
    "radius_neighbors": lambda x, f: ts.radius_neighbors(x, x, 0.01, progress=f),
    "pairwise_reduce": lambda x, f: ts.pairwise_reduce(x, x, "euclidean", "sum", progress=f),
    "for_each_row_block": lambda x, f: ts.for_each_row_block(x, x, "euclidean", lambda first, block: None, progress=f),
}


@pytest.mark.parametrize("name", LONG_CALLS)
def test_progress_counts_blocks_up_to_all(name, rng):
    heard = []
    LONG_CALLS[name](rng.random((1500, 3)), lambda done, of: heard.append((done, of)))
    of = heard[0][1]
    assert heard == [(done, of) for done in range(of + 1)] and of >= 1


@pytest.mark.parametrize("name", LONG_CALLS)
def test_false_from_progress_cancels(name, rng):
    heard = []

    def stop(done, of):
        heard.append(done)
        return False

    with pytest.raises(ts.Cancelled, match=f"^{name}: "):
        LONG_CALLS[name](rng.random((100, 3)), stop)
    assert heard == [0] and issubclass(ts.Cancelled, RuntimeError)


@pytest.mark.parametrize("name", LONG_CALLS)
def test_what_progress_raises_ends_the_call(name, rng):
    def fail(done, of):
        raise LookupError("as thrown")

    with pytest.raises(LookupError, match="as thrown"):
        LONG_CALLS[name](rng.random((100, 3)), fail)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_interrupt_ends_a_call_with_progress():
    program = """
import os, signal, numpy as np, tessera as ts
def interrupt(done, of):
    os.kill(os.getpid(), signal.SIGINT)  # seen when Python next looks: after this call
x = np.zeros((100, 3))
try:
    ts.cdist(x, x, progress=interrupt)
except KeyboardInterrupt:
    print("interrupted")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "interrupted\n", "")


def test_callbacks_may_compute(rng):
    x = rng.random((50, 3))
    inner = []

    def distances_again(done, of):
        inner.append(np.asarray(ts.cdist(x, x)))

    outer = np.asarray(ts.cdist(x, x, progress=distances_again))
    assert inner and all(np.array_equal(one, outer) for one in inner)


def test_threads_compute_at_once(rng):
    x, y, results = rows(rng, 30), rows(rng, 40), [None] * 4
    expected = by_loops("euclidean", x, y)

    def work(k):
        results[k] = np.asarray(ts.cdist(x, y, progress=lambda done, of: None))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        np.testing.assert_allclose(result, expected, rtol=1e-13)


# ---- errors


@pytest.mark.parametrize("call, kind, text", [
    (lambda x: ts.cdist(x, None), TypeError, "tessera: a NoneType is no operand"),
    (lambda x: ts.cdist(x, x, 1), TypeError, "metric: expected a name"),
    (lambda x: ts.cdist(x, x, p="2"), TypeError, "p: expected a number"),
    (lambda x: ts.cdist(x, x, base=[2]), TypeError, "base: expected a number"),
    (lambda x: ts.cdist(x, x, method=None), TypeError, "method: expected a name"),
    (lambda x: ts.cdist(x, x, progress=1), TypeError, "progress: expected a callable of (done, of)"),
    (lambda x: ts.cdist(x, x, progress=lambda done, of: "no"), ValueError,
     "progress: expected True, False or None, not a text"),
    (lambda x: ts.cdist(x, x, dtype="i4"), TypeError,
     "cdist: dtype int32 is not supported; expected float32 or float64"),
    (lambda x: ts.cdist(x, x, V=[1, 1, 1]), ValueError, "cdist: euclidean has no parameter V"),
    (lambda x: ts.cdist(x, x, w=[1, 1]), ValueError,
     "cdist: euclidean: w has shape (2,); expected (3,) for rows of shapes (4, 3) and (4, 3)"),
    (lambda x: ts.nearest(x, x[:, :2], 1), ValueError,
     "nearest: rows of shapes (4, 3) and (4, 2); expected (..., n, d) and (..., m, d)"),
    (lambda x: ts.nearest(x, x, 5), ValueError, "nearest: k is 5; expected 0 to 4 for 4 points"),
    (lambda x: ts.nearest(x, x, 1.5), TypeError, "'float' object cannot be interpreted as an integer"),
    (lambda x: ts.radius_neighbors(x, x, None), TypeError, "radius: expected a number"),
    (lambda x: ts.pairwise_reduce(x, x, "euclidean", sum), TypeError, "reducer: expected a name"),
    (lambda x: ts.for_each_row_block(x, x, "euclidean", 3), TypeError, "f: expected a callable of (first, block)"),
    (lambda x: ts.pdist(x[0]), ValueError, "pdist: rows of shape (3,); expected (..., n, d)"),
])
def test_wrong_arguments_are_errors(call, kind, text):
    with pytest.raises(kind) as raised:
        call(ts.ones((4, 3)))
    assert str(raised.value) == text


def test_an_unknown_metric_is_an_error_that_lists_them():
    with pytest.raises(ValueError, match="^cdist: there is no metric 'far'; expected one of euclidean, .*_hamming$"):
        ts.cdist(ts.ones((4, 3)), ts.ones((4, 3)), "far")
