"""Random numbers from a counter: the same bits on every machine and device. docs/random.md defines them."""
from __future__ import annotations

from ._tessera import Generator

__all__ = ["Generator", "default_rng"]


def default_rng(seed: int | Generator | None = None) -> Generator:
    """A generator of a seed, or of one from the operating system; a generator is returned as it is."""
    return seed if isinstance(seed, Generator) else Generator(seed)
