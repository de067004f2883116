"""What the tests of the Python module share: dtypes, arrays of many layouts, comparison with NumPy."""
import numpy as np
import pytest

import tessera as ts

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
DTYPES = ["bool", *INTEGERS, *FLOATS, *COMPLEX]


def values(rng: np.random.Generator, shape, dtype: str) -> np.ndarray:
    """Random elements of a dtype, small enough for arithmetic."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return rng.random(shape) < 0.5
    if kind in "iu":
        return rng.integers(0 if kind == "u" else -9, 10, shape).astype(dtype)
    if kind == "f":
        return rng.normal(size=shape).astype(dtype)
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(dtype)


def as_numpy(x) -> np.ndarray:
    """The array's elements for comparison, by way of Python's own numbers where NumPy shares nothing."""
    return np.array(x.tolist(), dtype=x.dtype.name).reshape(x.shape)


def assert_same(x, expected, context="") -> None:
    """x has NumPy's dtype, shape and elements, NaN included."""
    expected = np.asarray(expected)
    assert x.dtype.name == expected.dtype.name, context
    assert x.shape == expected.shape, context
    np.testing.assert_array_equal(as_numpy(x), expected, err_msg=str(context))


@pytest.fixture
def rng(request) -> np.random.Generator:
    """Seeded by the test's name, so that a failure repeats."""
    return np.random.default_rng(list(request.node.name.encode()))
