"""Operators against NumPy: dtypes × dtypes × Python scalars, reflected, in place, errors."""
import operator
import warnings

import numpy as np
import pytest

import tessera as ts
from conftest import DTYPES, as_numpy, assert_same, values

ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow]
BITS = [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
IN_PLACE = [operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ifloordiv, operator.imod,
            operator.ipow, operator.iand, operator.ior, operator.ixor, operator.ilshift, operator.irshift]
SCALARS = [True, 0, 2, -3, 300, 2**40, 2**63, 2.5, 1j]


def name(f):
    return f.__name__


def outcome(f):
    """f's result, or the type of its exception."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return f()
    except (TypeError, ValueError, OverflowError) as error:
        return next(base for base in (TypeError, OverflowError, ValueError) if isinstance(error, base))


def assert_close(x, expected, context):
    """Equal, or within the few last bits in which transcendental functions differ."""
    expected = np.asarray(expected)
    assert x.dtype.name == expected.dtype.name, context
    assert x.shape == expected.shape, context
    eps = np.finfo(expected.dtype).eps * 8 if expected.dtype.kind in "fc" else 0
    np.testing.assert_allclose(as_numpy(x), expected, rtol=eps, atol=0, err_msg=str(context))


def compare(f, x, y, expected_x, expected_y, context):
    expected = outcome(lambda: f(expected_x, expected_y))
    result = outcome(lambda: f(x, y))
    if isinstance(expected, type):
        assert result is expected, context
        return
    assert not isinstance(result, type), (context, result)
    assert_close(result, expected, context)


@pytest.mark.parametrize("f", ARITHMETIC + BITS + COMPARISONS, ids=name)
@pytest.mark.parametrize("left", DTYPES)
def test_of_two_arrays_is_numpys(f, left, rng):
    for right in DTYPES:
        a, b = values(rng, (3, 4), left), values(rng, (4,), right)
        if f is operator.pow and np.dtype(right).kind in "iu":
            b = abs(b)
        if f in (operator.lshift, operator.rshift):
            b = b & True if right == "bool" else abs(b).astype(right) % 8 if b.dtype.kind in "iu" else b
        compare(f, ts.asarray(a), ts.asarray(b), a, b, (left, right))


@pytest.mark.parametrize("f", ARITHMETIC + COMPARISONS, ids=name)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scalar", SCALARS, ids=repr)
def test_of_an_array_and_a_python_number_is_numpys_both_ways(f, dtype, scalar, rng):
    a = values(rng, (5,), dtype)
    if f is operator.pow and dtype == "complex64" and scalar in (300, 2**40, 2**63):
        pytest.skip("large powers of complex64 lose all digits in NumPy's single precision")
    if f is operator.pow and dtype == "bool" and scalar == 2 and scalar is not True:
        assert (ts.asarray(a) ** 2).dtype == np.power(a, 2).dtype  # NumPy's operator takes square here, in int8
        return
    compare(f, ts.asarray(a), scalar, a, scalar, "array first")
    compare(f, scalar, ts.asarray(a), scalar, a, "number first")


@pytest.mark.parametrize("scalar", [np.float32(1.5), np.int8(3), np.float64(2), np.bool_(True), np.complex64(1j)],
                         ids=repr)
@pytest.mark.parametrize("dtype", ["int16", "float32", "uint8"])
def test_numpys_scalars_bring_their_dtype_and_give_our_arrays(dtype, scalar, rng):
    a = values(rng, (3,), dtype)
    for result, expected in [(ts.asarray(a) + scalar, a + scalar), (scalar + ts.asarray(a), scalar + a),
                             (scalar * ts.asarray(a), scalar * a)]:
        assert type(result) is ts.array
        assert_same(result, expected)


def test_numpys_arrays_and_lists_on_either_side_give_our_arrays():
    x, n = ts.asarray([1, 2, 3]), np.array([1.0, 2.0, 3.0])
    for result in (x + n, n + x, x + [1.0, 2.0, 3.0], [1.0, 2.0, 3.0] + x, x + (1.0, 2.0, 3.0)):
        assert type(result) is ts.array
        assert_same(result, [2.0, 4.0, 6.0])
    assert type(n == x) is ts.array and (n == x).tolist() == [True] * 3


@pytest.mark.parametrize("f", IN_PLACE, ids=name)
@pytest.mark.parametrize("dtype", DTYPES)
def test_in_place_is_numpys_and_keeps_the_array(f, dtype, rng):
    for right in (*DTYPES, 2):
        a = values(rng, (3, 4), dtype)
        b = right if right == 2 else values(rng, (4,), right)
        if f is operator.ipow and np.asarray(b).dtype.kind in "iu" and right != 2:
            b = abs(b)
        if f in (operator.ilshift, operator.irshift) and np.asarray(b).dtype.kind in "iu" and right != 2:
            b = abs(b).astype(right) % 8
        x = ts.asarray(a.copy())
        expected = outcome(lambda: f(a, b))
        result = outcome(lambda: f(x, ts.asarray(b) if isinstance(b, np.ndarray) else b))
        if isinstance(expected, type):
            assert result is expected, (dtype, right)
        else:
            assert result is x, (dtype, right, result)
        assert_close(x, a, (dtype, right))


@pytest.mark.parametrize("f", [operator.neg, operator.pos, operator.invert, abs], ids=name)
@pytest.mark.parametrize("dtype", DTYPES)
def test_of_one_array_is_numpys(f, dtype, rng):
    a = values(rng, (7,), dtype)
    expected, result = outcome(lambda: f(a)), outcome(lambda: f(ts.asarray(a)))
    if isinstance(expected, type):
        assert result is expected
    else:
        assert_close(result, expected, dtype)


def test_divmod_gives_both():
    a = np.array([7, -7, 5])
    for mine, theirs in zip(divmod(ts.asarray(a), 3), divmod(a, 3)):
        assert_same(mine, theirs)
    for mine, theirs in zip(divmod(22, ts.asarray(a)), divmod(22, a)):
        assert_same(mine, theirs)


@pytest.mark.parametrize("left, right", [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)),
                                         ((5, 2, 3), (3, 4)), ((5, 1, 2, 3), (6, 3, 2)), ((0, 3), (3, 2)),
                                         ((2, 0), (0, 3))])
@pytest.mark.parametrize("dtype", ["int64", "float32", "complex128", "bool"])
def test_matrix_product_is_numpys(left, right, dtype, rng):
    a, b = values(rng, left, dtype), values(rng, right, dtype)
    result, expected = ts.asarray(a) @ ts.asarray(b), np.asarray(a @ b)
    assert result.dtype.name == expected.dtype.name and result.shape == expected.shape
    np.testing.assert_allclose(as_numpy(result), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("f, text", [
    (lambda x: x + ts.zeros((3, 5)), "add: shapes (3, 4) and (3, 5) do not broadcast: axis 1 has extents 4 and 5"),
    (lambda x: x @ ts.zeros(5), "matmul: inner extents differ: (3, 4) and (5,): 4 against 5"),
    (lambda x: x @ 2, "matmul: operands need at least one axis; shapes are (3, 4) and ()"),
])
def test_shapes_that_do_not_fit_are_named(f, text):
    with pytest.raises(ValueError) as caught:
        f(ts.zeros((3, 4)))
    assert str(caught.value) == text


def test_other_objects_are_no_operands():
    x = ts.zeros(3)
    for f in (lambda: x + "a", lambda: "a" + x, lambda: x + None, lambda: x < object(), lambda: pow(x, 2, 3)):
        with pytest.raises(TypeError):
            f()
    assert (x == None) is False and (x != None) is True  # noqa: E711
    for other in ("a", b"a"):
        assert (x == other).tolist() == (np.zeros(3) == other).tolist() == [False] * 3
        assert (other != x).tolist() == [True] * 3

    class Other:
        def __radd__(self, other):
            return "theirs"

    assert x + Other() == "theirs"


def test_python_integers_beyond_64_bits():
    x = ts.asarray([1.0, 2.0])
    assert (x + 2**70).tolist() == [1.0 + 2**70, 2.0 + 2**70]
    with pytest.raises(OverflowError, match="^Python integer 1180591620717411303424 does not fit into 64 bits$"):
        ts.asarray([1, 2]) + 2**70


def test_numbers_of_0d_arrays():
    assert bool(ts.asarray(3)) is True and bool(ts.zeros((1, 1))) is False
    assert int(ts.asarray(3.7)) == 3 and float(ts.asarray(2)) == 2.0 and complex(ts.asarray(2.5)) == 2.5
    assert [10, 20, 30][ts.asarray(1)] == 20
    assert int(ts.asarray(2**63, dtype="uint64")) == 2**63
    for f, error in [(lambda: bool(ts.zeros(2)), ValueError), (lambda: float(ts.zeros(2)), TypeError),
                     (lambda: int(ts.zeros((2, 2))), TypeError), (lambda: complex(ts.zeros(3)), TypeError),
                     (lambda: [1, 2][ts.asarray(1.0)], TypeError), (lambda: [1, 2][ts.asarray(True)], TypeError),
                     (lambda: float(ts.asarray(1j)), TypeError), (lambda: bool(ts.zeros(0)), ValueError),
                     (lambda: int(ts.asarray(float("nan"))), ValueError), (lambda: len(ts.asarray(1)), TypeError),
                     (lambda: hash(ts.zeros(2)), TypeError)]:
        with pytest.raises(error):
            f()


def test_sum_of_a_list_of_arrays():
    assert sum([ts.asarray([1, 2]), ts.asarray([3, 4])]).tolist() == [4, 6]
