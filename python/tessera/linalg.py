"""Linear algebra on the host: names of the Array API standard, and NumPy's arguments. docs/linalg.md has the rules."""
from __future__ import annotations

from collections import namedtuple as _namedtuple

from . import _tessera
from ._dtypes import finfo as _finfo
from ._tessera import _LinAlgError as LinAlgError
from ._tessera import matmul, matrix_transpose, tensordot, vecdot

_core = _tessera._linalg

__all__ = [
    "LinAlgError", "cholesky", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv", "lstsq",
    "matmul", "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose", "multi_dot", "norm", "outer",
    "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot", "trace", "vecdot", "vector_norm",
]

EigResult = _namedtuple("EigResult", ["eigenvalues", "eigenvectors"])
EighResult = _namedtuple("EighResult", ["eigenvalues", "eigenvectors"])
LstsqResult = _namedtuple("LstsqResult", ["x", "residuals", "rank", "singular_values"])
QRResult = _namedtuple("QRResult", ["Q", "R"])
SlogdetResult = _namedtuple("SlogdetResult", ["sign", "logabsdet"])
SVDResult = _namedtuple("SVDResult", ["U", "S", "Vh"])

_NOT_GIVEN = object()


def _is_upper(name: str, uplo: str) -> bool:
    if uplo not in ("L", "U", "l", "u"):
        raise ValueError(f"{name}: UPLO: expected 'L' or 'U', not {uplo!r}")
    return uplo in "Uu"


# ---- systems and determinants


def solve(x1, x2, /):
    """x with x1 @ x = x2; x2 has the shape (n,), or (..., n, k). LinAlgError where a matrix is singular."""
    return _core.solve(x1, x2)


def inv(x, /):
    """Inverses. LinAlgError where a matrix is singular."""
    return _core.inv(x)


def det(x, /):
    """Determinants, (..., n, n) -> (...)."""
    return _core.det(x)


def slogdet(x, /):
    """det(x) = sign * exp(logabsdet), also where det itself would overflow."""
    return SlogdetResult(*_core.slogdet(x))


def lstsq(x1, x2, /, rcond=None):
    """(x, residuals, rank, singular_values) of least squares; singular values below rcond * the largest count as 0."""
    return LstsqResult(*_core.lstsq(x1, x2, rcond))


# ---- factorisations


def cholesky(x, /, *, upper=False):
    """l with l @ l^H = x, or u with u^H @ u = x: triangular. LinAlgError where x is not positive definite."""
    return _core.cholesky(x, upper)


def qr(x, /, mode="reduced"):
    """x = Q @ R; mode 'reduced' or 'complete'. 'r': R alone; 'raw': LAPACK's reflectors and their factors."""
    q, r = _core.qr(x, mode)
    return r if mode == "r" else (q, r) if mode == "raw" else QRResult(q, r)


def svd(x, /, full_matrices=True, compute_uv=True, hermitian=False):
    """x = U @ diag(S) @ Vh; S is real and descending. Without compute_uv S alone."""
    if compute_uv:
        return SVDResult(*_core.svd(x, full_matrices, hermitian))
    return _core.svd(x, False, True)[1] if hermitian else _core.svdvals(x)


def svdvals(x, /):
    """Singular values, descending."""
    return _core.svdvals(x)


def eigh(x, /, UPLO="L"):
    """Eigenvalues, ascending, and eigenvectors of Hermitian matrices, of which the triangle UPLO is read."""
    return EighResult(*_core.eigh(x, _is_upper("eigh", UPLO)))


def eigvalsh(x, /, UPLO="L"):
    """Eigenvalues of Hermitian matrices, ascending."""
    return _core.eigvalsh(x, _is_upper("eigvalsh", UPLO))


def eig(x, /):
    """Eigenvalues and eigenvectors of square matrices, always complex."""
    return EigResult(*_core.eig(x))


def eigvals(x, /):
    """Eigenvalues of square matrices, always complex."""
    return _core.eigvals(x)


# ---- what singular values say


def pinv(x, /, rcond=None, hermitian=False, *, rtol=_NOT_GIVEN):
    """Pseudo-inverse; singular values below rtol (rcond, 1e-15) * the largest count as 0. None: max(m, n) epsilons."""
    if rtol is _NOT_GIVEN:
        return _core.pinv(x, rcond, hermitian)
    if rcond is not None:
        raise ValueError("pinv: expected rcond or rtol, not both")
    if rtol is None:
        x = _tessera.asarray(x)
        rtol = max(x.shape[-2:], default=0) * (_finfo(x.dtype).eps if x.dtype.kind in "fc" else 2.0 ** -52)
    return _core.pinv(x, rtol, hermitian)


def matrix_rank(x, /, tol=None, hermitian=False, *, rtol=None):
    """How many singular values are above tol, or rtol (max(m, n) epsilons) times the largest."""
    return _core.matrix_rank(x, rtol, tol, hermitian)


def cond(x, /, p=None):
    """norm(x, p) * norm(inv(x), p), infinite where x is singular."""
    return _core.cond(x, p)


# ---- norms


def norm(x, /, ord=None, axis=None, keepdims=False):
    """Over one axis the norm of vectors, over two of matrices; ord a number, 'fro' or 'nuc'."""
    return _core.norm(x, ord, axis, keepdims)


def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """The norm of matrices: of the last two axes."""
    return _core.matrix_norm(x, ord, keepdims)


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """The norm of vectors: of all named axes together."""
    return _tessera.norm(x, ord, axis, keepdims=keepdims)


# ---- products, diagonals


def matrix_power(x, n, /):
    """Square matrices multiplied n times; n < 0: powers of the inverse."""
    return _core.matrix_power(x, n)


def multi_dot(arrays, /):
    """The product of all matrices of a list, in the order that takes the fewest multiplications."""
    return _core.multi_dot(arrays)


def cross(x1, x2, /, *, axis=-1):
    """Vector products of vectors of three."""
    return _core.cross(x1, x2, axis)


def outer(x1, x2, /):
    """All products of two vectors, (n,), (m,) -> (n, m)."""
    x1, x2 = _tessera.asarray(x1), _tessera.asarray(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"outer: shapes {x1.shape} and {x2.shape}; expected vectors")
    return _tessera.multiply(x1[:, None], x2)


def diagonal(x, /, *, offset=0):
    """The offset-th diagonal of the last two axes: a view, and writable."""
    return _tessera.diagonal(x, offset, -2, -1)


def trace(x, /, *, offset=0, dtype=None):
    """The sum of the offset-th diagonal of the last two axes."""
    return _tessera.sum(_tessera.diagonal(x, offset, -2, -1), axis=-1, dtype=dtype)
