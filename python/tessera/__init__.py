"""Strided n-dimensional arrays with NumPy's semantics, on the host and on GPUs.

Names are those of the Array API standard; NumPy's stand beside them where both are usual.
"""
import contextlib as _contextlib

from . import _tessera, linalg, random, strings
from ._distances import cdist, for_each_row_block, nearest, pairwise_reduce, pdist, radius_neighbors, squareform
from ._dtypes import finfo, iinfo, isdtype
from ._files import *  # noqa: F401,F403
from ._info import __array_namespace_info__, show_config
from ._methods import add_to as _add_methods
from ._selection import *  # noqa: F401,F403
from ._tessera import *  # noqa: F401,F403

__version__ = _tessera._version()
__array_api_version__ = "2025.12"

del Generator  # noqa: F821  tessera.random's
_add_methods(_tessera.array)
newaxis = None
e, pi, inf, nan = 2.718281828459045, 3.141592653589793, float("inf"), float("nan")
globals()["bool"] = _tessera.bool
bool_ = _tessera.bool

# NumPy's names of functions that the standard calls otherwise.
_NUMPY_NAMES = {
    "absolute": "abs", "amax": "max", "amin": "min", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin",
    "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "around": "round",
    "bitwise_not": "bitwise_invert", "concatenate": "concat", "conjugate": "conj", "degrees": "rad2deg",
    "invert": "bitwise_invert", "left_shift": "bitwise_left_shift", "mod": "remainder", "power": "pow",
    "radians": "deg2rad", "right_shift": "bitwise_right_shift", "true_divide": "divide",
}
for _numpy, _standard in _NUMPY_NAMES.items():
    globals()[_numpy] = getattr(_tessera, _standard)


@_contextlib.contextmanager
def printoptions(**options):
    """`with printoptions(precision=3):`, for this thread."""
    before = _tessera.get_printoptions()
    _tessera.set_printoptions(**options)
    try:
        yield _tessera.get_printoptions()
    finally:
        _tessera.set_printoptions(**before)


def _rebuild(elements, shape, dtype, device):
    """What pickled arrays name: an extension's functions cannot be pickled."""
    return _tessera._from_bytes(elements, shape, dtype, device)


__all__ = [_name for _name in globals() if not _name.startswith("_")]
