"""repr and str, character for character as NumPy's."""
import numpy as np
import pytest

import tessera as ts
from conftest import DTYPES, values

SHAPES = [(), (0,), (1,), (5,), (3, 4), (0, 3), (2, 0), (2, 3, 4), (1, 1, 1), (2, 2, 2, 2), (30,), (40, 40),
          (1001,), (3, 400, 2)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_is_numpys_for_every_dtype_and_shape(dtype, shape, rng):
    for scale in (1, 1e-7, 1e7):
        n = np.asarray(values(rng, shape, dtype))
        if n.dtype.kind in "fc":
            with np.errstate(all="ignore"):
                n = np.asarray((n * scale).astype(dtype))
        x = ts.asarray(n)
        assert repr(x) == repr(n)
        assert str(x) == str(n)


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf, -0.0, 1e300, 5e-324, 0.1, 1e16, 123456789.123])
def test_is_numpys_for_special_values(special):
    for n in (np.array([1.0, special]), np.array(special), np.array([special * 1j, 2])):
        assert repr(ts.asarray(n)) == repr(n)
        assert str(ts.asarray(n)) == str(n)


@pytest.mark.parametrize("index", [np.s_[::-1], np.s_[:, ::2], np.s_[1], np.s_[:, None]])
def test_is_numpys_for_views(index, rng):
    n = values(rng, (4, 5), "float64")[index]
    assert repr(ts.asarray(n)) == repr(n)
