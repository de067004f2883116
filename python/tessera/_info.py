"""What the namespace says about itself to code written for the Array API standard."""
from __future__ import annotations

from . import _tessera
from ._dtypes import DEFAULTS, standard_dtypes


def _checked(device) -> None:
    if device is not None:
        _tessera.device(device)  # raises for what names no device


class __array_namespace_info__:
    """The standard's inspection functions."""

    def capabilities(self) -> dict:
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self):
        return _tessera.default_device()

    def devices(self) -> tuple:
        return tuple(_tessera.devices())

    def default_dtypes(self, *, device=None) -> dict:
        """The dtypes that functions choose; the same on every device."""
        _checked(device)
        return dict(DEFAULTS)

    def dtypes(self, *, device=None, kind=None) -> dict:
        """The standard's dtypes (of a kind), by name; the same on every device."""
        _checked(device)
        return standard_dtypes(kind)
