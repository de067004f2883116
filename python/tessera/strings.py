"""Functions of texts, element by element, under the names and with the arguments of numpy.strings."""
from __future__ import annotations

import builtins as _builtins

from . import _tessera

_core = _tessera._strings

__all__ = [
    "add", "capitalize", "center", "count", "decode", "encode", "endswith", "equal", "expandtabs", "find", "greater",
    "greater_equal", "index", "isalnum", "isalpha", "isdecimal", "isdigit", "islower", "isnumeric", "isspace",
    "istitle", "isupper", "less", "less_equal", "ljust", "lower", "lstrip", "mod", "multiply", "not_equal", "partition",
    "replace", "rfind", "rindex", "rjust", "rpartition", "rstrip", "slice", "startswith", "str_len", "strip", "swapcase", "title",
    "translate", "upper", "zfill",
]

for _name in __all__:
    if hasattr(_core, _name):
        globals()[_name] = getattr(_core, _name)

_NOT_GIVEN = object()
_END = 2**63 - 1


def slice(a, start=None, stop=_NOT_GIVEN, step=None, /):
    """a[start:stop:step] of each text; slice(a, n) is its first n characters."""
    if stop is _NOT_GIVEN:
        start, stop = None, start
    if all([part is None or isinstance(part, int) for part in (start, stop, step)]):
        return _core._slice(a, _builtins.slice(start, stop, step))
    step = 1 if step is None else step
    back = isinstance(step, int) and step < 0
    if start is None:
        start = _END if back else 0
    return _core._slice_each(a, start, (-_END if back else _END) if stop is None else stop, step)


def _each(function, a, *others):
    """function(text, …) by Python, of each element of arrays that are broadcast."""
    arrays = _tessera.broadcast_arrays(_tessera.asarray(a), *[_tessera.asarray(other) for other in others])
    rows = zip(*[array.ravel().tolist() for array in arrays])
    return [function(*row) for row in rows], arrays[0].shape


def mod(a, values):
    """a % values of each text, as Python formats it."""
    texts, shape = _each(lambda text, value: text % value, a, values)
    return _tessera.reshape(_tessera.asarray(texts, dtype=_tessera.asarray(a).dtype.kind), shape)


def translate(a, table, deletechars=None):
    """Each character as a table of Python's str.translate (of bytes: bytes.translate) says, in the dtype of a."""
    a = _tessera.asarray(a)
    if a.dtype.kind == "S":
        texts, shape = _each(lambda text: text.translate(table, deletechars or b""), a)
    else:
        texts, shape = _each(lambda text: text.translate(table), a)
    return _tessera.reshape(_tessera.asarray(texts, dtype=a.dtype), shape)
