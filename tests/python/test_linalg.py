"""tessera.linalg against numpy.linalg: every function, shapes, dtypes, arguments, errors."""
import math

import numpy as np
import pytest

import tessera as ts
from conftest import as_numpy

L, T = np.linalg, ts.linalg
DTYPES = ["int32", "bool", "float32", "float64", "complex64", "complex128"]
SQUARE = [(1, 1), (4, 4), (3, 2, 2), (2, 1, 3, 3), (0, 0), (0, 3, 3), (2, 0, 0)]
ANY = SQUARE + [(4, 2), (2, 4), (2, 3, 1), (3, 0), (0, 3), (2, 2, 5, 3)]
ORDERS = [None, "fro", "nuc", math.inf, -math.inf, 1, -1, 2, -2]


def sample(rng, shape, dtype, regular=False):
    x = rng.normal(size=shape) + (1j * rng.normal(size=shape) if dtype.startswith("complex") else 0)
    if regular:
        x = x + 4 * np.eye(shape[-2], shape[-1])
    return (np.round(2 * x) if dtype == "int32" else x > 0 if dtype == "bool" else x).astype(dtype)


def hermitian(x):
    return x + np.conj(np.swapaxes(x, -1, -2)) if x.dtype != bool else x | np.swapaxes(x, -1, -2)


def same(found, expected, dtype, exact_dtype=True):
    """Close, of the same shape, and of NumPy's dtype."""
    expected = np.asarray(expected)
    assert found.shape == expected.shape
    if exact_dtype:
        assert found.dtype.name == expected.dtype.name
    tolerance = 2e-4 if dtype in ("float32", "complex64") else 1e-9
    np.testing.assert_allclose(as_numpy(found), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SQUARE, ids=str)
def test_square_matrices(rng, shape, dtype):
    x = sample(rng, shape, dtype, dtype != "bool")
    same(T.det(ts.asarray(x)), L.det(x), dtype)
    for found, expected in zip(T.slogdet(x), L.slogdet(x), strict=True):
        same(found, expected, dtype)
    symmetric = hermitian(x)
    for uplo in "LU":
        same(T.eigvalsh(symmetric, uplo), L.eigvalsh(symmetric, uplo), dtype)
        w, v = T.eigh(symmetric, UPLO=uplo)
        same(w, L.eigh(symmetric, uplo).eigenvalues, dtype)
        np.testing.assert_allclose(symmetric @ as_numpy(v), as_numpy(v * w[..., None, :]), atol=1e-3)
    if dtype == "bool":
        return
    same(T.inv(x), L.inv(x), dtype)
    for right in ((shape[-1],), (shape[-1], 2), (2,) + (1,) * (len(shape) - 2) + (shape[-1], 3), (shape[-1], 0)):
        b = sample(rng, right, dtype)
        same(T.solve(x, b), L.solve(x, b), dtype)
    positive = x @ np.conj(np.swapaxes(x, -1, -2)) + np.eye(shape[-1], dtype=x.dtype)
    for upper in (False, True):
        same(T.cholesky(positive, upper=upper), L.cholesky(positive, upper=upper), dtype)
    w, v = T.eig(x)
    assert w.dtype.kind == v.dtype.kind == "c"
    np.testing.assert_allclose(x @ as_numpy(v), as_numpy(v * w[..., None, :]), atol=1e-3)
    assert T.eigvals(x).shape == L.eigvals(x).shape
    for n in (0, 1, 3) if dtype == "int32" else (-2, 0, 1, 3):
        same(T.matrix_power(x, n), L.matrix_power(x, n), "float32")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", ANY, ids=str)
def test_matrices_of_any_shape(rng, shape, dtype):
    x = sample(rng, shape, dtype)
    for full in (False, True):
        found, expected = T.svd(x, full_matrices=full), L.svd(x, full_matrices=full)
        assert [part.shape for part in found] == [part.shape for part in expected]
        assert [part.dtype.name for part in found] == [part.dtype.name for part in expected]
        same(found.S, expected.S, dtype)
        k = min(shape[-2:])
        u, s, vh = map(as_numpy, found)
        np.testing.assert_allclose(u[..., :k] * s[..., None, :] @ vh[..., :k, :], x, atol=1e-4)
    same(T.svdvals(x), L.svdvals(x), dtype)
    same(T.svd(x, compute_uv=False), L.svdvals(x), dtype)
    for mode in ("reduced", "complete"):
        found, expected = T.qr(x, mode=mode), L.qr(x, mode=mode)
        assert found.Q.shape == expected.Q.shape and found.R.shape == expected.R.shape
        assert found.Q.dtype.name == expected.Q.dtype.name
        np.testing.assert_allclose(as_numpy(found.Q) @ as_numpy(found.R), x, atol=1e-4)
    for found, expected in zip(T.qr(x, mode="raw"), L.qr(x, mode="raw"), strict=True):
        assert found.shape == expected.shape
    assert T.qr(x, mode="r").shape == L.qr(x, mode="r").shape
    same(T.matrix_norm(x), L.matrix_norm(x), dtype)
    same(T.matrix_norm(x, ord=1, keepdims=True), L.matrix_norm(x, ord=1, keepdims=True), dtype)
    if dtype == "bool":
        return
    same(T.matrix_rank(x), L.matrix_rank(x), dtype)
    same(T.matrix_rank(x, rtol=0.3), L.matrix_rank(x, rtol=0.3), dtype)
    same(T.matrix_rank(x, 1.0), L.matrix_rank(x, 1.0), dtype)
    if x.size:
        same(T.pinv(x), L.pinv(x), "float32")
        same(T.pinv(x, rtol=0.2), L.pinv(x, rtol=0.2), "float32")
    if dtype != "int32":
        same(T.pinv(x, rtol=None), L.pinv(x, rtol=None), "float32")


@pytest.mark.parametrize("ord", ORDERS, ids=str)
@pytest.mark.parametrize("dtype", ["int32", "float32", "float64", "complex128"])
def test_norms_and_conditions(rng, ord, dtype):
    x = sample(rng, (3, 4, 3), dtype, True)
    for axis in ((0, 1), (2, 0), (-1, -2)):
        for keepdims in (False, True):
            same(T.norm(x, ord, axis, keepdims), L.norm(x, ord, axis, keepdims), dtype)
    same(T.norm(x[0], ord), L.norm(x[0], ord), dtype)
    square = x[:, :3]
    same(T.cond(square, ord), L.cond(square, ord), dtype)
    if ord in (None, 2, -2):
        same(T.cond(x, ord), L.cond(x, ord), dtype)


@pytest.mark.parametrize("ord", [None, 0, 1, 2, 3, 0.5, -1, math.inf, -math.inf], ids=str)
def test_norms_of_vectors(rng, ord):
    x = rng.normal(size=(2, 3, 4))
    for axis in (0, -1, (1,)):
        same(T.norm(x, ord, axis, True), L.norm(x, ord, axis, True), "float64")
    same(T.norm(x[0, 0], ord), L.norm(x[0, 0], ord), "float64")
    for axis in (None, 1, (0, 2)):
        same(T.vector_norm(x, axis=axis, ord=2 if ord is None else ord),
             L.vector_norm(x, axis=axis, ord=2 if ord is None else ord), "float64")
    same(T.norm(x), L.norm(x), "float64")


@pytest.mark.parametrize("dtype", ["int32", "float32", "float64", "complex128"])
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (3, 0), (0, 3)], ids=str)
def test_least_squares(rng, shape, dtype):
    a = sample(rng, shape, dtype)
    for right in ((shape[0],), (shape[0], 2), (shape[0], 0)):
        b = sample(rng, right, dtype)
        found, expected = T.lstsq(a, b), L.lstsq(a, b)
        for one, other in zip(found, expected, strict=True):
            same(one, other, "float32", exact_dtype=one is not found.rank)
    assert T.lstsq(np.diag([1.0, 1e-3]), [1.0, 1.0], rcond=0.1).rank == 1


def test_products_and_diagonals_of_the_namespace(rng):
    x, y = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3))
    same(T.cross(x, y), L.cross(x, y), "float64")
    same(T.cross(x[0].T, y[0].T, axis=0), L.cross(x[0].T, y[0].T, axis=0), "float64")
    same(T.cross(x[0], y[0, 0]), L.cross(x[0], y[0, 0]), "float64")
    same(T.cross([1, 2, 3], [4, 5, 6]), L.cross(np.array([1, 2, 3]), np.array([4, 5, 6])), "int64")
    same(T.outer(x[0, 0], y[0, 1]), L.outer(x[0, 0], y[0, 1]), "float64")
    for offset in (-1, 0, 2):
        same(T.diagonal(x, offset=offset), L.diagonal(x, offset=offset), "float64")
        same(T.trace(x, offset=offset), L.trace(x, offset=offset), "float64")
    same(T.trace(x, dtype="f4"), L.trace(x, dtype="f4"), "float32")
    same(T.matmul(x, np.swapaxes(y, 1, 2)), L.matmul(x, np.swapaxes(y, 1, 2)), "float64")
    chain = [x[0], y[1].T, x[1]]
    same(T.multi_dot(chain), L.multi_dot(chain), "float64")
    same(T.vecdot(x, y), L.vecdot(x, y), "float64")
    same(T.tensordot(x, y, axes=3), L.tensordot(x, y, axes=3), "float64")
    same(T.matrix_transpose(x), L.matrix_transpose(x), "float64")


def test_hermitian_matrices_go_by_their_eigenvalues(rng):
    x = hermitian(sample(rng, (2, 5, 5), "complex128"))
    u, s, vh = map(as_numpy, T.svd(x, hermitian=True))
    np.testing.assert_allclose(u * s[..., None, :] @ vh, x, atol=1e-9)
    same(T.svd(x, compute_uv=False, hermitian=True), L.svd(x, compute_uv=False, hermitian=True), "float64")
    same(T.pinv(x, hermitian=True), L.pinv(x, hermitian=True), "float64")
    same(T.matrix_rank(x, hermitian=True), L.matrix_rank(x, hermitian=True), "float64")


def test_strides_and_memory_of_others(rng):
    x = rng.normal(size=(9, 8))[::-2, ::2][:4]
    same(T.inv(x), L.inv(x), "float64")
    same(T.det(ts.asarray(x).T), L.det(x.T), "float64")
    same(T.solve(np.asfortranarray(x), x[:, ::-1]), L.solve(x, x[:, ::-1]), "float64")
    before = x.copy()
    T.qr(x), T.svd(x), T.eig(x), T.eigh(x), T.inv(x), T.lstsq(x, x)
    np.testing.assert_array_equal(x, before)


def test_results_have_names():
    x = np.eye(2)
    assert T.svd(x)._fields == ("U", "S", "Vh") and T.qr(x)._fields == ("Q", "R")
    assert T.eig(x)._fields == T.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert T.slogdet(x)._fields == ("sign", "logabsdet")
    assert T.lstsq(x, x)._fields == ("x", "residuals", "rank", "singular_values")
    assert all(hasattr(T, name) for name in T.__all__) and ts.linalg is T


ERRORS = [
    (lambda: T.inv([[1.0, 2.0], [2.0, 4.0]]), T.LinAlgError, "inv: the matrix of shape (2, 2) is singular"),
    (lambda: T.solve(np.zeros((2, 3, 3)), np.ones(3)), T.LinAlgError,
     "solve: matrix (0,) of a batch of shape (2,) of (3, 3) is singular"),
    (lambda: T.matrix_power(np.zeros((2, 2)), -1), T.LinAlgError,
     "matrix_power: the matrix of shape (2, 2) is singular"),
    (lambda: T.cholesky(-np.eye(2)), T.LinAlgError, "cholesky: the matrix of shape (2, 2) is not positive definite"),
    (lambda: T.eig([[math.inf]]), T.LinAlgError, "eig: the matrix of shape (1, 1) has an infinity or a NaN"),
    (lambda: T.det(np.ones((2, 3))), ValueError, "det: x has shape (2, 3); expected square matrices"),
    (lambda: T.svd(1.0), ValueError, "svd: x has shape (); expected at least two axes"),
    (lambda: T.inv(np.eye(2, dtype="f2")), TypeError,
     "inv: float16 is not supported; expected float32, float64, complex64, complex128, an integer or bool"),
    (lambda: T.qr(np.eye(2), "full"), ValueError,
     "qr: mode: expected one of 'reduced', 'complete', 'r', 'raw', not 'full'"),
    (lambda: T.eigh(np.eye(2), "X"), ValueError, "eigh: UPLO: expected 'L' or 'U', not 'X'"),
    (lambda: T.pinv(np.eye(2), 0.1, rtol=0.1), ValueError, "pinv: expected rcond or rtol, not both"),
    (lambda: T.matrix_rank(np.eye(2), 0.1, rtol=0.1), ValueError, "matrix_rank: expected rtol or tol, not both"),
    (lambda: T.norm(np.eye(2), "euclid"), ValueError, "norm: there is no order 'euclid' of matrices"),
    (lambda: T.norm(np.ones((2, 2, 2)), 1), ValueError,
     "norm: an order of 3 axes of shape (2, 2, 2); expected one axis or two"),
    (lambda: T.cond(np.ones((0, 2))), ValueError, "cond: x has shape (0, 2); expected matrices with elements"),
    (lambda: T.outer(np.ones((2, 2)), np.ones(2)), ValueError, "outer: shapes (2, 2) and (2,); expected vectors"),
    (lambda: T.cross(np.ones((2, 3)), np.ones(2)), ValueError,
     "cross: shapes (2, 3) and (2,): expected extents of 3 on axis -1"),
]


@pytest.mark.parametrize("call, kind, text", ERRORS, ids=[f"{i}-{e[2].split(':')[0]}" for i, e in enumerate(ERRORS)])
def test_errors_word_for_word(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == text
    assert issubclass(T.LinAlgError, ValueError)
