"""Strided n-dimensional arrays with NumPy's semantics, on the host and on GPUs."""
from . import _tessera
from ._tessera import *  # noqa: F401,F403
from ._tessera import _from_bytes  # noqa: F401  what pickles name

newaxis = None
globals()["bool"] = _tessera.bool
bool_ = _tessera.bool
