"""What the namespace says about itself to code written for the Array API standard."""
from __future__ import annotations

import json

from . import _tessera
from ._dtypes import DEFAULTS, standard_dtypes


def _checked(device) -> None:
    if device is not None:
        _tessera.device(device)  # raises for what names no device


def show_config(mode: str = "stdout"):
    """Prints what the library was built with and its instruction sets; mode="dicts" returns it as a dict.

    (as numpy.show_config)
    """
    if mode not in ("stdout", "dicts"):
        raise ValueError(f"show_config: mode must be 'stdout' or 'dicts', not {mode!r}")
    config = _tessera._built_with()
    if mode == "dicts":
        return config
    print(json.dumps(config, indent=2))


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
