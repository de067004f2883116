"""cdist, pdist and nearest against loops in NumPy, and against SciPy where it is installed."""
import threading

import numpy as np
import pytest

import tessera as ts

# metric -> distance of two rows of float64; parameters beside it in PARAMETERS.
LOOPS = {
    "euclidean": lambda a, b: np.sqrt(((a - b) ** 2).sum()),
    "sqeuclidean": lambda a, b: ((a - b) ** 2).sum(),
}


def rows(rng, *shape, dtype="f8"):
    return rng.uniform(0.1, 1.0, shape).astype(dtype)


def by_loops(metric, x, y):
    return np.array([[LOOPS[metric](a, b) for b in y] for a in x])


@pytest.mark.parametrize("metric", LOOPS)
def test_cdist_and_pdist_are_the_formula(metric, rng):
    x, y = rows(rng, 7, 5), rows(rng, 9, 5)
    expected = by_loops(metric, x, y)
    np.testing.assert_allclose(np.asarray(ts.cdist(x, y, metric)), expected, rtol=1e-13)
    pairs = np.asarray(ts.pdist(ts.asarray(x), metric))
    np.testing.assert_allclose(pairs, by_loops(metric, x, x)[np.triu_indices(7, 1)], rtol=1e-13)
    single = ts.cdist(x.astype("f4"), y.astype("f4"), metric)
    assert single.dtype == ts.float32
    np.testing.assert_allclose(np.asarray(single), expected, rtol=1e-5)
    assert ts.cdist(x.astype("f4"), y.astype("f4"), metric, dtype="f8").dtype == ts.float64


@pytest.mark.parametrize("metric", LOOPS)
def test_cdist_is_scipys(metric, rng):
    distance = pytest.importorskip("scipy.spatial.distance")
    x, y = rows(rng, 7, 5), rows(rng, 9, 5)
    np.testing.assert_allclose(np.asarray(ts.cdist(x, y, metric)), distance.cdist(x, y, metric), rtol=1e-12)
    np.testing.assert_allclose(np.asarray(ts.pdist(x, metric)), distance.pdist(x, metric), rtol=1e-12)


def test_leading_axes_are_a_batch(rng):
    x, y = rows(rng, 3, 1, 4, 5), rows(rng, 2, 6, 5)
    result = np.asarray(ts.cdist(x, y))
    assert result.shape == (3, 2, 4, 6)
    np.testing.assert_allclose(result[2, 1], by_loops("euclidean", x[2, 0], y[1]), rtol=1e-13)


def test_nearest_is_a_named_tuple_in_order(rng):
    x, y = rows(rng, 8, 3), rows(rng, 20, 3)
    found = ts.nearest(x, y, 4)
    order = np.argsort(by_loops("euclidean", x, y), axis=1, kind="stable")[:, :4]
    assert found._fields == ("distances", "indices") and found.indices.dtype == ts.int64
    assert np.array_equal(np.asarray(found.indices), order)
    np.testing.assert_allclose(np.asarray(found.distances),
                               np.take_along_axis(by_loops("euclidean", x, y), order, 1), rtol=1e-13)


def test_a_row_is_no_neighbour_of_itself_on_request(rng):
    x = rows(rng, 12, 3)
    x[5] = x[2]  # equal rows are neighbours still
    distances, indices = ts.nearest(x, x, 1, metric="sqeuclidean", exclude_self=True)
    full = by_loops("sqeuclidean", x, x)
    np.fill_diagonal(full, np.inf)
    assert np.array_equal(np.asarray(indices)[:, 0], full.argmin(axis=1))
    assert np.asarray(distances)[2, 0] == 0


def test_threads_compute_at_once(rng):
    x, y = rows(rng, 30, 8), rows(rng, 40, 8)
    expected, results = by_loops("euclidean", x, y), [None] * 4

    def work(k):
        results[k] = np.asarray(ts.cdist(x, y))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        np.testing.assert_allclose(result, expected, rtol=1e-13)


@pytest.mark.parametrize("call, kind, text", [
    (lambda x: ts.cdist(x, x, 1), TypeError, "metric: expected a name"),
    (lambda x: ts.cdist(x, x, "far"), ValueError, "cdist: there is no metric 'far'"),
    (lambda x: ts.cdist(x, x, p="2"), TypeError, "p: expected a number"),
    (lambda x: ts.cdist(x, x, method=None), TypeError, "method: expected a name"),
    (lambda x: ts.cdist(x, x, progress=1), TypeError, "progress: expected a callable of (done, of)"),
    (lambda x: ts.cdist(x, x, dtype="i4"), TypeError, "cdist: dtype int32 is not supported; expected float32 or float64"),
    (lambda x: ts.nearest(x, x[:, :2], 1), ValueError,
     "nearest: rows of shapes (4, 3) and (4, 2); expected (..., n, d) and (..., m, d)"),
    (lambda x: ts.nearest(x, x, 1.5), TypeError, "'float' object cannot be interpreted as an integer"),
    (lambda x: ts.pdist(x[0]), ValueError, None),
])
def test_wrong_arguments_are_errors(call, kind, text):
    with pytest.raises(kind) as raised:
        call(ts.ones((4, 3)))
    if text is not None:
        assert str(raised.value) == text


def test_an_end_asked_for_has_an_exception_of_its_own():
    assert issubclass(ts.Cancelled, RuntimeError)
