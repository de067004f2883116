"""Products against NumPy: random shapes, dtypes and memory layouts; what one refuses, the other refuses."""
import numpy as np
import pytest

import tessera as ts
from conftest import DTYPES, as_numpy


def array(rng, shape):
    """Small integers, so that all sums are exact in every dtype, behind some strides: transposed, reversed, every other,
    repeated, misaligned, read-only."""
    dtype = np.dtype(str(rng.choice(DTYPES)))
    x = rng.integers(-3 if dtype.kind in "ifc" else 0, 4, shape)
    if dtype.kind == "c":
        x = x + 1j * rng.integers(-3, 4, shape)
    x = np.asarray(x).astype(dtype)
    layout = rng.integers(6)
    if layout == 0:
        return np.asarray(x.T.copy()).T
    if layout == 1 and x.ndim:
        axis = int(rng.integers(x.ndim))
        return np.flip(np.flip(x, axis).copy(), axis)
    if layout == 2 and x.ndim:
        return np.repeat(x, 2, axis=-1)[..., ::2]
    if layout == 3 and x.ndim and x.shape[0]:
        return np.broadcast_to(x[:1], x.shape)
    if layout == 4:
        bytes_behind = np.empty(x.nbytes + 1, "u1")
        shifted = bytes_behind[1:].view(dtype).reshape(x.shape)
        shifted[...] = x
        return shifted
    x.flags.writeable = False
    return x


def shape(rng, least, most, extents=(0, 1, 2, 3, 4)):
    return tuple(int(rng.choice(extents, p=[0.06, 0.2, 0.3, 0.3, 0.14])) for _ in range(rng.integers(least, most + 1)))


def with_stack(rng, stack, core):
    """Some of the stack's last axes, some with extent 1, then the core."""
    left = stack[rng.integers(len(stack) + 1):]
    return tuple(1 if rng.random() < 0.2 else n for n in left) + core


def matmul(rng):
    i, j, k = shape(rng, 3, 3)
    stack = shape(rng, 0, 2)
    one, two = with_stack(rng, stack, (i, j)), with_stack(rng, stack, (j, k))
    if rng.random() < 0.2:
        one = (j,)
    if rng.random() < 0.2:
        two = (j,)
    return (array(rng, one), array(rng, two)), {}


def matvec(rng):
    i, j = shape(rng, 2, 2)
    stack = shape(rng, 0, 2)
    return (array(rng, with_stack(rng, stack, (i, j))), array(rng, with_stack(rng, stack, (j,)))), {}


def vecmat(rng):
    i, j = shape(rng, 2, 2)
    stack = shape(rng, 0, 2)
    return (array(rng, with_stack(rng, stack, (i,))), array(rng, with_stack(rng, stack, (i, j)))), {}


def vecdot(rng):
    one = shape(rng, 1, 3)
    axis = -int(rng.integers(1, len(one) + 1))
    return (array(rng, one), array(rng, one)), {"axis": axis}


def dot(rng):
    one, two = shape(rng, 0, 3), shape(rng, 0, 3)
    if one and two:
        at = max(0, len(two) - 2)
        two = two[:at] + one[-1:] + two[at + 1:]
    return (array(rng, one), array(rng, two)), {}


def inner(rng):
    one, two = shape(rng, 0, 3), shape(rng, 0, 3)
    if one and two:
        two = two[:-1] + one[-1:]
    return (array(rng, one), array(rng, two)), {}


def vdot(rng):
    one = shape(rng, 0, 3)
    return (array(rng, one), array(rng, tuple(rng.permutation(one).tolist()))), {}


def two_arrays(rng):
    return (array(rng, shape(rng, 0, 3)), array(rng, shape(rng, 0, 3))), {}


def tensordot(rng):
    one, two = shape(rng, 0, 4), list(shape(rng, 0, 4))
    count = int(rng.integers(min(len(one), len(two)) + 1))
    if rng.random() < 0.4:
        for i in range(count):
            two[i] = one[len(one) - count + i]
        return (array(rng, one), array(rng, tuple(two))), {"axes": count}
    left, right = rng.permutation(len(one))[:count].tolist(), rng.permutation(len(two))[:count].tolist()
    for p, q in zip(left, right):
        two[q] = one[p]
    signs = rng.integers(2, size=count)
    left = [p - len(one) * int(s) for p, s in zip(left, signs)]
    return (array(rng, one), array(rng, tuple(two))), {"axes": (left, right)}


def trace(rng):
    x = array(rng, shape(rng, 2, 4))
    one, two = rng.permutation(x.ndim)[:2].tolist()
    return (x,), {"offset": int(rng.integers(-3, 4)), "axis1": one, "axis2": two - x.ndim}


def windows(rng):
    n, m = rng.integers(1, 9, 2)
    return (array(rng, (int(n),)), array(rng, (int(m),))), {"mode": str(rng.choice(["full", "same", "valid"]))}


CALLS = {"matmul": matmul, "matvec": matvec, "vecmat": vecmat, "vecdot": vecdot, "dot": dot, "inner": inner, "vdot": vdot,
         "outer": two_arrays, "kron": two_arrays, "tensordot": tensordot, "trace": trace, "convolve": windows,
         "correlate": windows}


def outcome(function, arguments, options):
    try:
        return np.asarray(as_numpy(function(*arguments, **options)))
    except (ValueError, IndexError) as error:
        return type(error)


@pytest.mark.parametrize("name", CALLS)
def test_random_operands(name):
    rng = np.random.default_rng(sum(map(ord, name)))
    for case in range(120):
        arguments, options = CALLS[name](rng)
        what = f"{name} case {case}: {[(x.dtype, x.shape, x.strides) for x in arguments]} {options}"
        expected = outcome(getattr(np, name), arguments, options)
        got = outcome(getattr(ts, name), [ts.asarray(x) for x in arguments], options)
        if isinstance(expected, type):
            assert isinstance(got, type), what
            continue
        assert not isinstance(got, type), what
        assert (got.dtype, got.shape) == (expected.dtype, expected.shape), what
        assert np.array_equal(got, expected), what


@pytest.mark.parametrize("name", CALLS)
def test_operands_that_do_not_fit(name):
    rng = np.random.default_rng(1)
    for case in range(60):
        x, options = CALLS[name](rng)
        arguments = [array(rng, shape(rng, 0, 3)) for _ in x]
        expected = outcome(getattr(np, name), arguments, options)
        got = outcome(getattr(ts, name), [ts.asarray(a) for a in arguments], options)
        what = f"{name} case {case}: {[a.shape for a in arguments]} {options}"
        assert isinstance(expected, type) == isinstance(got, type), f"{what}: {expected} {got}"


def test_out_dtype_and_lists():
    x = [[1, 2], [3, 4]]
    out = ts.zeros((2, 2), dtype="f4")
    assert ts.matmul(x, x, out=out) is out
    assert ts.matmul(x, x, dtype="f8").dtype == ts.float64
    assert as_numpy(out).tolist() == as_numpy(ts.dot(x, x)).tolist() == [[7, 10], [15, 22]]
    assert as_numpy(ts.outer([1, 2], 3, out=ts.zeros((2, 1)))).tolist() == [[3], [6]]
    y = ts.asarray(x)
    assert as_numpy(ts.matmul(y, y, out=y)).tolist() == [[7, 10], [15, 22]]
    assert as_numpy(ts.trace(x, out=ts.zeros(()))) == 5
    with pytest.raises(TypeError, match="^matmul: float64 is not cast to int64 by casting::same_kind$"):
        ts.matmul(ts.ones((2, 2)), x, dtype="i8")
    with pytest.raises(ValueError, match="^mode: expected one of 'full', 'same', 'valid', not 'round'$"):
        ts.convolve([1], [1], "round")
    with pytest.raises(ValueError, match="^tensordot: axes: expected a number or two lists of axes$"):
        ts.tensordot(x, x, axes=[1])
