"""einsum and einsum_path: both ways to write an equation, orders of contraction, against NumPy."""
import numpy as np
import pytest
import tessera as ts


def both(rng, *shapes):
    arrays = [rng.integers(-9, 9, shape).astype("f8") for shape in shapes]
    return arrays, [ts.asarray(a) for a in arrays]


@pytest.fixture
def chain():
    return both(np.random.default_rng(1), (3, 4), (4, 5), (5, 2))


@pytest.mark.parametrize("optimize", [True, False, None, "greedy", "optimal", ("greedy", 10), ("optimal", 1e6),
                                      ["einsum_path", (1, 2), (0, 1)], ["einsum_path", (0, 2, 1)]])
def test_any_order_gives_the_same(chain, optimize):
    arrays, x = chain
    expected = np.einsum("ij,jk,kl->li", *arrays)
    assert np.array_equal(np.asarray(ts.einsum("ij,jk,kl->li", *x, optimize=optimize)), expected)


def test_labels_may_be_numbers(chain):
    arrays, x = chain
    for labels in ([[0, 1], [1, 2], [0, 2]], [[7, 51], [51, 3]], [[0, 1], [1, 2]]):
        a = [v for pair in zip(arrays, labels[:2]) for v in pair] + labels[2:]
        b = [v for pair in zip(x, labels[:2]) for v in pair] + labels[2:]
        assert np.array_equal(np.asarray(ts.einsum(*b)), np.einsum(*a))
    assert np.array_equal(np.asarray(ts.einsum(x[0], [1, ...])), np.einsum(arrays[0], [1, ...]))
    assert np.array_equal(np.asarray(ts.einsum(x[0], [np.int8(1), 0])), arrays[0].T)
    assert ts.einsum_path(x[0], [0, 1], x[1], [1, 2], [2, 0])[0] == ["einsum_path", (0, 1)]


def test_views_are_writable(chain):
    m = ts.zeros((2, 2))
    ts.einsum(m, [0, 0], [0])[...] = 1
    assert np.array_equal(np.asarray(m), np.eye(2))


@pytest.mark.parametrize("optimize", ["greedy", "optimal", ("greedy", 30)])
def test_paths_are_those_of_numpy(optimize):
    shapes = [(3, 20), (20, 4), (4, 30), (30, 5)]
    arrays, x = both(np.random.default_rng(2), *shapes)
    limited = optimize if isinstance(optimize, tuple) else (optimize, 10**12)
    path, text = ts.einsum_path("ij,jk,kl,lm->im", *x, optimize=optimize)
    assert path == np.einsum_path("ij,jk,kl,lm->im", *arrays, optimize=limited)[0]
    assert text.startswith("ij,jk,kl,lm->im, ")
    assert np.array_equal(np.asarray(ts.einsum("ij,jk,kl,lm->im", *x, optimize=path)),
                          np.einsum("ij,jk,kl,lm->im", *arrays))


def test_wrong_arguments_are_errors(chain):
    _, (a, b, c) = chain
    for call, kind, text in [
            (lambda: ts.einsum(), TypeError, "einsum: no equation"),
            (lambda: ts.einsum(a), TypeError,
             "einsum: an equation, or operands each followed by a list of labels, is expected"),
            (lambda: ts.einsum(None, a), TypeError,
             "einsum: an equation, or operands each followed by a list of labels, is expected"),
            (lambda: ts.einsum("ij"), ValueError, 'einsum: no operands in "ij"'),
            (lambda: ts.einsum(a, [0, 52]), ValueError, "einsum: label 52 is not in 0 to 51"),
            (lambda: ts.einsum(a, [True, 0]), TypeError, "einsum: a label is an integer or an ellipsis"),
            (lambda: ts.einsum(a, [0.0, 1]), TypeError, "einsum: a label is an integer or an ellipsis"),
            (lambda: ts.einsum("ij,jk,kl", a, b, c, optimize="best"), ValueError,
             "einsum: optimize: expected one of 'greedy', 'optimal', not 'best'"),
            (lambda: ts.einsum("ij,jk,kl", a, b, c, optimize=3), TypeError,
             "einsum: optimize: expected True, False, 'greedy', 'optimal', a pair of one of these words and a number of "
             "elements, or ['einsum_path', ...]"),
            (lambda: ts.einsum("ij,jk,kl", a, b, c, optimize=["einsum_path", (0, 1)]), ValueError,
             'einsum: the path leaves 2 operands uncontracted in "ij,jk,kl"'),
            (lambda: ts.einsum("ij,jk,kl", a, b, c, optimize=["einsum_path"]), ValueError,
             "einsum: optimize: the path has no steps"),
            (lambda: ts.einsum("\u00e9", a), ValueError,
             "einsum: unexpected '\\xc3' at position 0 in \"\\xc3\\xa9\"")]:
        with pytest.raises(kind) as caught:
            call()
        assert str(caught.value) == text
