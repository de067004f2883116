"""Lines of code run with arrays of the module and with NumPy's, and compared: what the tests of functions share."""
import os
import re
import warnings

import numpy as np
import pytest

import tessera as ts
from conftest import DTYPES, as_numpy, values

# TESSERA_DEVICE=cuda runs every line on a GPU, where each dtype has kernels of its own, which are compiled first.
if "cuda" in os.environ.get("TESSERA_DEVICE", "") and not any(b["name"] == "cuda" and b["available"]
                                                             for b in ts.backends()):
    pytest.skip("there is no GPU", allow_module_level=True)
TESTED = DTYPES if ts.default_device() == ts.device("cpu") else ["int32", "float64"]


def arguments(rng, dtype: str) -> dict:
    """x (2, 3, 4), y (3, 4) and v (4,) of the dtype, mask (3, 4) and line (4,) bool, at (5,) int64, w a copy of x that
    may be written, s sorted (6,), square (3, 3), t (4, 3) with equal elements."""
    x = values(rng, (2, 3, 4), dtype)
    return {"x": x, "y": values(rng, (3, 4), dtype), "v": values(rng, (4,), dtype), "w": x.copy(),
            "s": np.sort(values(rng, (6,), dtype)), "square": values(rng, (3, 3), dtype),
            "mask": rng.random((3, 4)) < 0.5, "line": rng.random(4) < 0.5, "at": rng.integers(0, 4, 5),
            "t": np.clip(np.real(values(rng, (4, 3), dtype)), -2, 2).round().astype(dtype)}


def run(line: str, names: dict):
    """The line's value, or the kind of its error."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return eval(line, {"__builtins__": {"slice": slice, "__import__": __import__}}, names)
        except (TypeError, ValueError, IndexError, OverflowError) as error:
            return next(kind for kind in (TypeError, OverflowError, ValueError, IndexError) if isinstance(error, kind))


def both(line: str, dtype: str, rng, oracles: dict) -> tuple:
    """What the line gives here and in NumPy, where `oracles` stand for what NumPy calls otherwise."""
    numpy_arguments = arguments(rng, dtype)
    own = {name: ts.asarray(value, copy=True, device=ts.default_device()) for name, value in numpy_arguments.items()}
    oracle = {name: getattr(np, name) for name in used_names(line) if hasattr(np, name)}
    return (run(line, {**vars(ts), **own}), run(line, {**oracle, **oracles, **numpy_arguments}))


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


def compare(line: str, rng, oracles: dict, tolerance: float) -> None:
    for dtype in TESTED:
        result, expected = both(line, dtype, rng, oracles)
        assert_equal(result, expected, (line, dtype), tolerance)


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]
