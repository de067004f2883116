"""Every function of the namespace against NumPy: one line a call, run in both with equal arguments of every dtype."""
import os
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import tessera as ts
from conftest import DTYPES, as_numpy, values

# What NumPy calls otherwise, or has with other arguments.


def _sort(x, axis=-1, descending=False, stable=True):
    result = np.sort(x, axis=axis, kind="stable")
    return np.flip(result, axis=-1 if axis is None else axis) if descending else result


def _argsort(x, axis=-1, descending=False, stable=True):
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(np.argsort(np.flip(x, axis=axis), axis=axis, kind="stable"), axis=axis)


def _norm(x, ord=None, axis=None, keepdims=False):
    if axis is None or isinstance(axis, tuple):
        axes = tuple(range(x.ndim)) if axis is None else axis
        moved = np.moveaxis(x, axes, range(-len(axes), 0))
        flat = np.linalg.norm(moved.reshape(moved.shape[:-len(axes)] + (-1,)), ord=ord, axis=-1)
        return np.expand_dims(flat, axes) if keepdims else flat
    return np.linalg.norm(x, ord=ord, axis=axis, keepdims=keepdims)


def _float(x):
    """logsumexp's own precision: floating dtypes keep theirs."""
    return x if x.dtype.kind in "fc" else x.astype("f8")


def _logsumexp(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(_float(x)), axis=axis, keepdims=keepdims))


ORACLES = {
    "sort": _sort, "argsort": _argsort, "norm": _norm, "logsumexp": _logsumexp,
    "add_at": np.add.at, "subtract_at": np.subtract.at, "multiply_at": np.multiply.at,
    "maximum_at": np.maximum.at, "minimum_at": np.minimum.at,
    "as_strided": lambda x, shape, strides: np.lib.stride_tricks.as_strided(x, shape, strides),
    "sliding_window_view": np.lib.stride_tricks.sliding_window_view,
}

# Arguments: x (2, 3, 4), y (3, 4) and v (4,) of the dtype, mask (3, 4) and line (4,) bool, at (5,) int64, w a copy of x
# that may be written, s sorted (6,), square (3, 3). Equal to the last bit:
EXACT = """
add(x, y)
add(x, 2)
subtract(x, y)
floor_divide(x, y + 20)
remainder(x, y + 20)
fmod(x, y + 20)
negative(x)
positive(x)
abs(x.real)
fabs(x)
sign(x.real)
square(x.real)
heaviside(x, y)
gcd(x, y)
lcm(x, y)
maximum(x, y)
minimum(x, y)
fmax(x, y)
fmin(x, y)
clip(x, 1, 3)
clip(x, min=y)
clip(x, max=y)
rint(x)
floor(x)
ceil(x)
trunc(x)
round(x)
round(x.real, 1)
copysign(x, y)
nextafter(x, y)
spacing(x)
ldexp(x, at[0])
frexp(x)
modf(x)
divmod(x, y + 20)
isnan(x)
isinf(x)
isfinite(x)
signbit(x)
equal(x, y)
not_equal(x, y)
less(x, y)
less_equal(x, y)
greater(x, y)
greater_equal(x, y)
logical_and(x, y)
logical_or(x, y)
logical_xor(x, y)
logical_not(x)
bitwise_and(x, y)
bitwise_or(x, y)
bitwise_xor(x, y)
bitwise_invert(x)
bitwise_left_shift(x, abs(y) % 8)
bitwise_right_shift(x, abs(y) % 8)
bitwise_count(x)
conj(x)
real(x)
imag(x)
where(mask, x, y)
where(x, y, 0)
add(x, y, out=w)
add(x, y, out=w, where=mask)
(copyto(w, y), w)
(copyto(w, y, where=mask), w)
isclose(x, y)
allclose(x, x)
allclose(x, y)
array_equal(x, x)
array_equal(x, y)
max(x)
max(x, axis=1)
max(x, axis=(0, 2), keepdims=True)
max(x, axis=-4)
min(x, axis=1, initial=1, where=mask)
max(x, 1, out=w[:, 0])
nanmax(x, axis=0)
nanmin(x, axis=-1)
any(x, axis=0)
any(x, where=mask)
all(x, axis=(1, 2), keepdims=True)
all(x)
ptp(x, axis=1)
argmax(x)
argmax(x, axis=1)
argmin(x, axis=-1, keepdims=True)
nanargmax(x, axis=1)
nanargmin(x)
count_nonzero(x)
count_nonzero(x, axis=1, keepdims=True)
median(x)
median(x.real, axis=1, keepdims=True)
nanmedian(x.real, axis=0)
diff(x)
diff(x, n=2, axis=1)
diff(x, axis=0, prepend=y[None], append=y[None])
diff(v, prepend=0)
diff(x, n=-1)
zeros((2, 3), dtype=x.dtype)
ones(3, dtype=x.dtype)
ones((2, 3), dtype=x.dtype, order="F")
empty((2, 0), dtype=x.dtype)
full((2, 3), x[0, 0, 0])
full((2, 2), 3)
full(2, 1.5, dtype=x.dtype)
zeros_like(x)
ones_like(x, dtype="f4")
full_like(x, 3)
empty_like(x[:0])
arange(7)
arange(2, 9, 3, dtype=x.dtype)
arange(1.0, 2.0, 0.25)
arange(5, 0, -2)
identity(3, dtype=x.dtype)
eye(3, dtype=x.dtype)
eye(2, 4, k=1, dtype=x.dtype)
eye(2, 4, k=-(2**31), dtype=x.dtype)
eye(2, k=2**70)
tril(x)
tril(x, k=1)
triu(x, k=-1)
triu(v)
diag(v, k=1)
diag(y)
meshgrid(v, y[:, 0])
meshgrid(v, y[:, 0], indexing="ij")
astype(x, "f8")
astype(x, "c8", copy=False)
ascontiguousarray(x.T)
asfortranarray(x)
require(x, None, ["C", "A"])
reshape(x, (4, 6))
reshape(x, -1)
reshape(x, (2, -1), order="F")
reshape(x, (5, 5))
ravel(x.T)
ravel(x, "F")
permute_dims(x, (2, 0, 1))
transpose(x)
transpose(x, (1, 0, 2))
matrix_transpose(x)
swapaxes(x, 0, -1)
moveaxis(x, 0, -1)
moveaxis(x, (0, 1), (1, 2))
squeeze(x[:1])
squeeze(x[:1, :, :1], axis=(0, 2))
squeeze(x, axis=1)
expand_dims(x, 1)
expand_dims(x, (0, -1))
flip(x)
flip(x, axis=1)
flip(x, axis=(0, 2))
flip(x, axis=3)
fliplr(x)
flipud(x)
fliplr(v)
rot90(y)
rot90(x, 3, (0, 2))
diagonal(x)
diagonal(x, 1, 1, 2)
broadcast_to(v, (3, 4))
broadcast_to(v, (3, 5))
broadcast_arrays(x, v)
broadcast_shapes((3, 1), (4,), (2, 1, 1))
broadcast_shapes((3,), (4,))
as_strided(v, (2, 2), (v.itemsize, v.itemsize))
sliding_window_view(x, (2, 2), (1, 2))
sliding_window_view(v, 3)
atleast_1d(x[0, 0, 0])
atleast_2d(v)
atleast_3d(v, y)
shares_memory(x, x[0])
may_share_memory(x[0], x[1])
concat([x, x])
concat([x, x[:, :1]], axis=1)
concat((x, y), axis=None)
concat([x, y])
concat([v, [True, False]])
stack([x, x], axis=-1)
stack([v, y])
hstack([x, x])
vstack([v, y])
dstack([y, y])
column_stack([v, v])
split(x, 2)
split(v, [1, 3])
split(x, 3, axis=1)
split(v, 3)
array_split(v, 3)
unstack(x, axis=1)
tile(y, (2, 1))
tile(v, (2, 2, 1))
repeat(x, 2, axis=1)
repeat(v, [0, 1, 2, 3])
repeat(v, -1)
roll(x, 1)
roll(x, (1, 2), axis=(0, 1))
roll(v, -6, axis=0)
pad(v, 2)
pad(y, (1, 2))
pad(y, ((1, 2), (0, 1)), "edge")
pad(y, ((2,), (1,)), mode="reflect")
pad(v, (3, 1), mode="symmetric")
pad(v, (3, 1), mode="wrap")
pad(v, 2, mode="maximum")
pad(v, 2, mode="minimum")
pad(v, 1, constant_values=2)
pad(v, -1)
take(x, at)
take(x, at, axis=2, mode="wrap")
take(x, [[0, 1]], axis=1)
take(x, 99, axis=1)
take(x, at * 9, axis=1, mode="clip")
take_along_axis(x, argsort(x, axis=1), axis=1)
take_along_axis(y, at[None, :4] % 3, axis=0)
compress(line, x, axis=2)
compress([True, False], x)
extract(mask, y)
select([mask, y == y], [x, y], 7)
select([mask], [x], default=0)
nonzero(x)
nonzero(x[0, 0, 0])
argwhere(x)
flatnonzero(x)
(put(w, [0, -1], [1, 0]), w)
(put(w, at, v, mode="wrap"), w)
(put(w, [99], 1), w)
(put_along_axis(w, argsort(x, axis=1)[:, :1], 1, axis=1), w)
(add_at(w, at % 2, y), w)
(subtract_at(w, (at % 2, at % 3), 1), w)
(multiply_at(w, (slice(None), at % 3), 2), w)
(maximum_at(w, mask[:2, :3], v[0]), w)
(minimum_at(w, at % 2, v), w)
sort(x)
sort(x, axis=0)
sort(x, axis=1, descending=True)
sort(x, axis=None)
sort(x, axis=5)
argsort(x)
argsort(x, axis=1, descending=True)
searchsorted(s, x)
searchsorted(s, v, side="right")
searchsorted(s[::-1], v, sorter=argsort(s[::-1]))
searchsorted(x, v)
result_type(x, y, 1.0)
result_type(x.dtype, "i2", 1)
result_type(True, 1)
can_cast(x.dtype, "f4")
can_cast(x, "i4", casting="same_kind")
einsum("ijk->kij", x)
einsum("ii->i", square)
array2string(x.real, precision=2)
array_repr(x)
"""

# The same but for the last bits, where functions are approximated or sums taken in another order:
CLOSE = """
multiply(x, y)
divide(x, y + 20)
divide(x, 2)
pow(abs(x), abs(y) % 4)
pow(x, 2)
float_power(x, y)
reciprocal(x + 20)
square(x)
sign(x)
abs(x)
sqrt(x + 20)
cbrt(x)
exp(x)
exp2(x)
expm1(x)
log(x + 20)
log2(x + 20)
log10(x + 20)
log1p(x + 20)
logaddexp(x, y)
logaddexp2(x, y)
sin(x)
cos(x)
tan(x)
asin(x / 20)
acos(x / 20)
atan(x)
atan2(x, y)
sinh(x)
cosh(x)
tanh(x)
asinh(x)
acosh(x + 20)
atanh(x / 20)
hypot(x, y)
deg2rad(x)
rad2deg(x)
angle(x)
nan_to_num(x / 0)
nan_to_num(x / 0, nan=1.0, posinf=2.0, neginf=3.0)
sum(x)
sum(x, axis=1)
sum(x, axis=(0, 2), keepdims=True)
sum(x, axis=0, dtype="f8", initial=2, where=mask)
sum(x, axis=())
prod(x, axis=1)
prod(x, initial=2, where=mask)
mean(x)
mean(x, axis=1, keepdims=True)
mean(x, axis=0, where=mask | True)
var(x)
var(x, axis=1, correction=1)
var(x, axis=(0, 1), ddof=1, keepdims=True)
std(x, axis=2)
std(x, correction=0.5)
nansum(x, axis=1)
nanprod(x, axis=1)
nanmean(x, axis=1)
nanvar(x, axis=1)
nanstd(x, ddof=1)
norm(x)
norm(v, 1)
norm(x, axis=1)
norm(x, inf, axis=1, keepdims=True)
norm(x, 0, axis=2)
norm(x, 3.5, axis=(0, 1))
logsumexp(x)
logsumexp(x, axis=1, keepdims=True)
average(x, axis=1)
average(y, axis=1, weights=abs(v) + 1)
cumsum(x)
cumsum(x, axis=1)
cumsum(x, 0, "f8")
cumprod(x, axis=1)
nancumsum(x, axis=1)
nancumprod(x, axis=1)
cumulative_sum(v)
cumulative_sum(x, axis=1, include_initial=True)
cumulative_sum(x, axis=2, dtype="f8")
cumulative_sum(x)
cumulative_prod(x, axis=0, include_initial=True)
linspace(0, 1, 5)
linspace(1, 2, num=4, endpoint=False)
linspace(0, 10, 4, dtype="i4")
linspace(1j, 2, 3)
logspace(0, 2, 5)
logspace(0, 2, 5, base=2.0, endpoint=False)
geomspace(1, 100, 5)
geomspace(0, 1, 5)
pad(v, 2, mode="linear_ramp")
pad(v, 2, mode="mean")
matmul(x, y.T)
matmul(y, v)
matmul(v, y.T)
matmul(v, v)
matmul(x, y)
tensordot(x, y, axes=2)
tensordot(x, y, axes=((2,), (1,)))
tensordot(v, v, axes=0)
tensordot(x, y, axes=1)
vecdot(x, y)
vecdot(x, x, axis=1)
vecdot(x, v[:3])
matvec(x, v)
vecmat(y[:, 0], x.mT[:, :3])
dot(x, v)
dot(y, x.mT)
dot(v, 2)
inner(x, y)
inner(3, v)
vdot(x, x)
vdot(y, y.T)
outer(y, v)
kron(y, v)
kron(v, x)
trace(x)
trace(x, 1, axis1=2, axis2=0)
trace(y, offset=-1, dtype="f8")
convolve(v, y[0], "full")
convolve(v, at[:2])
convolve(y.reshape(12), v, mode="same")
correlate(v, y.reshape(12), "full")
correlate(y.reshape(12), v)
correlate(v, v, "same")
einsum("ijk,jk->i", x, y)
einsum("...k,k", x, v)
einsum("ij,jk,kl->il", square, square, square)
"""


# TESSERA_DEVICE=cuda runs every line on a GPU, where each dtype has kernels of its own, which are compiled first.
if "cuda" in os.environ.get("TESSERA_DEVICE", "") and not any(b["name"] == "cuda" and b["available"]
                                                             for b in ts.backends()):
    pytest.skip("there is no GPU", allow_module_level=True)
TESTED = DTYPES if ts.default_device() == ts.device("cpu") else ["int32", "float64"]


def arguments(rng, dtype: str) -> dict:
    x = values(rng, (2, 3, 4), dtype)
    return {"x": x, "y": values(rng, (3, 4), dtype), "v": values(rng, (4,), dtype), "w": x.copy(),
            "s": np.sort(values(rng, (6,), dtype)), "square": values(rng, (3, 3), dtype),
            "mask": rng.random((3, 4)) < 0.5, "line": rng.random(4) < 0.5, "at": rng.integers(0, 4, 5)}


def run(line: str, names: dict):
    """The line's value, or the kind of its error."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return eval(line, {"__builtins__": {"slice": slice, "__import__": __import__}}, names)
        except (TypeError, ValueError, IndexError, OverflowError) as error:
            return next(kind for kind in (TypeError, OverflowError, ValueError, IndexError) if isinstance(error, kind))


def both(line: str, dtype: str, rng) -> tuple:
    numpy_arguments = arguments(rng, dtype)
    own = {name: ts.asarray(value, copy=True, device=ts.default_device()) for name, value in numpy_arguments.items()}
    oracle = {name: getattr(np, name) for name in used_names(line) if hasattr(np, name)}
    return (run(line, {**vars(ts), **own}), run(line, {**oracle, **ORACLES, **numpy_arguments}))


def used_names(line: str) -> list[str]:
    return re.findall(r"[a-z_][a-z0-9_]*", line)


def assert_equal(result, expected, context, tolerance: float) -> None:
    if isinstance(expected, (tuple, list)):
        assert len(result) == len(expected), context
        for part, expected_part in zip(result, expected):
            assert_equal(part, expected_part, context, tolerance)
    elif isinstance(expected, type) or expected is None or isinstance(expected, (bool, str, int)):
        assert result == expected, (context, result)
    elif isinstance(expected, np.dtype):
        assert result == expected, (context, result)
    else:
        assert_arrays_equal(result, np.asarray(expected), context, tolerance)


def assert_arrays_equal(result, expected: np.ndarray, context, tolerance: float) -> None:
    if isinstance(result, bool):  # allclose and its kin: NumPy's bool, ours Python's
        assert result == bool(expected), context
        return
    assert isinstance(result, ts.array), (context, result)
    assert result.shape == expected.shape, context
    assert result.dtype == expected.dtype, (context, result.dtype, expected.dtype)
    found = as_numpy(result)
    eps = np.finfo(expected.dtype).eps * tolerance if expected.dtype.kind in "fc" else 0
    size = np.nanmax(np.abs(np.where(np.isfinite(expected), expected, 0)), initial=0) if eps else 0
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found, expected, rtol=eps, atol=float(eps * size), err_msg=str(context))


METHODS = """
x.all(axis=1)
x.any()
x.argmax(axis=-1)
x.argmin()
x.argsort(axis=0)
x.clip(1, 2)
x.compress(line, axis=2)
x.conj()
x.conjugate()
v.astype("i4").cumsum()
y.astype("i4").cumprod(axis=0)
x.diagonal(1)
x.max(axis=(0, 1), keepdims=True)
x.min(0)
x.astype("i4").mean()
x.nonzero()
x.astype("i8").prod(axis=1)
(w.put([1, 2], 0), w)
x.repeat(2, axis=0)
x.real.round(1)
s.searchsorted(v)
(v > 0).std()
x.astype("i4").sum(axis=1)
(v > 0).var(ddof=1)
x.take(at)
(w.sort(axis=1), w)
"""


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("line", lines(EXACT))
def test_equals_numpys_to_the_last_bit(line, rng):
    for dtype in TESTED:
        result, expected = both(line, dtype, rng)
        assert_equal(result, expected, (line, dtype), tolerance=0)


@pytest.mark.parametrize("line", lines(METHODS))
def test_methods_are_numpys(line, rng):
    for dtype in TESTED:
        result, expected = both(line, dtype, rng)
        assert_equal(result, expected, (line, dtype), tolerance=4)


@pytest.mark.parametrize("line", lines(CLOSE))
def test_equals_numpys_to_the_last_bits(line, rng):
    for dtype in TESTED:
        result, expected = both(line, dtype, rng)
        assert_equal(result, expected, (line, dtype), tolerance=16)


def test_every_public_name_is_run_by_a_line_above_or_named_by_a_test_beside():
    """A function without a test fails here."""
    run_here = set(used_names(EXACT + CLOSE)) | set(ts._NUMPY_NAMES)
    sources = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    named = set(re.findall(r"\bts\.([A-Za-z_][A-Za-z0-9_]*)", sources))
    assert [name for name in ts.__all__ if name not in run_here | named | set(DTYPES)] == []


def test_numpys_names_are_the_same_functions():
    for numpy_name, standard in ts._NUMPY_NAMES.items():
        assert getattr(ts, numpy_name) is getattr(ts, standard)
        assert hasattr(np, numpy_name)
