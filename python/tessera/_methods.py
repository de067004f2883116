"""NumPy's methods of arrays that are functions of the same name here."""
from __future__ import annotations

from . import _tessera
from ._tessera import array

_FUNCTIONS = (
    "all", "any", "argmax", "argmin", "argpartition", "argsort", "choose", "clip", "cumprod", "cumsum", "diagonal",
    "max", "mean", "min", "nonzero", "prod", "put", "repeat", "round", "searchsorted", "std", "sum", "take", "var",
)


def _method(name: str):
    function = getattr(_tessera, name)

    def method(self, *args, **kwargs):
        return function(self, *args, **kwargs)

    method.__name__ = name
    method.__qualname__ = f"array.{name}"
    method.__doc__ = f"tessera.{name}(x, …)"
    return method


def _sort(self, axis=-1, kind=None, order=None, *, descending=False, stable=True) -> None:
    """Sorts in place, along an axis."""
    _tessera.copyto(self, _tessera.sort(self, axis, kind, order, descending=descending, stable=stable))


def _partition(self, kth, axis=-1, kind="introselect") -> None:
    """Partitions in place, along an axis."""
    _tessera.copyto(self, _tessera.partition(self, kth, axis, kind))


def _compress(self, condition, axis=None) -> array:
    """tessera.compress(condition, x, axis)"""
    return _tessera.compress(condition, self, axis)


def _conj(self) -> array:
    """The complex conjugate; a real array itself."""
    return _tessera.conj(self) if self.dtype.kind == "c" else self


def add_to(cls: type) -> None:
    for name in _FUNCTIONS:
        setattr(cls, name, _method(name))
    cls.partition = _partition
    cls.compress, cls.sort, cls.conj, cls.conjugate = _compress, _sort, _conj, _conj
