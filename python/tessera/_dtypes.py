"""What dtypes are: limits of numbers, and their kinds as the Array API standard names them."""
from __future__ import annotations

from ._tessera import array, complex64, complex128, dtype, float32

# name: bits of the exponent, of the mantissa
_FLOATING = {"float16": (5, 10), "bfloat16": (8, 7), "float32": (8, 23), "float64": (11, 52)}

_SIGNED = ("int8", "int16", "int32", "int64")
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
_COMPLEX = ("complex64", "complex128")
_KINDS = {
    "bool": ("bool",),
    "signed integer": _SIGNED,
    "unsigned integer": _UNSIGNED,
    "integral": _SIGNED + _UNSIGNED,
    "real floating": tuple(_FLOATING),
    "complex floating": _COMPLEX,
    "numeric": _SIGNED + _UNSIGNED + tuple(_FLOATING) + _COMPLEX,
}


def _dtype_of(x) -> dtype:
    return x.dtype if isinstance(x, array) else dtype(x)


class _Limits:
    """What iinfo and finfo share: numbers as attributes."""

    def __repr__(self) -> str:
        named = ", ".join(f"{name}={getattr(self, name)!r}" for name in ("min", "max"))
        return f"{type(self).__name__}({named}, dtype={self.dtype.name})"


class iinfo(_Limits):
    """The limits of an integer dtype: bits, min, max (as numpy.iinfo)."""

    def __init__(self, type, /) -> None:
        self.dtype = _dtype_of(type)
        if self.dtype.kind not in "iu":
            raise ValueError(f"iinfo: expected an integer dtype, not {self.dtype.name}")
        self.bits = 8 * self.dtype.itemsize
        signed = self.dtype.kind == "i"
        self.min = -(2 ** (self.bits - 1)) if signed else 0
        self.max = 2 ** (self.bits - signed) - 1


class finfo(_Limits):
    """The limits of a floating dtype, or of a complex dtype's parts (as numpy.finfo; all numbers are Python's)."""

    def __init__(self, type, /) -> None:
        self.dtype = _dtype_of(type)
        if self.dtype.kind == "c":
            self.dtype = float32 if self.dtype == complex64 else dtype("float64")
        if self.dtype.name not in _FLOATING:
            raise ValueError(f"finfo: expected a floating dtype, not {self.dtype.name}")
        exponent, mantissa = _FLOATING[self.dtype.name]
        bias = 2 ** (exponent - 1) - 1
        self.bits = 8 * self.dtype.itemsize
        self.nexp = self.iexp = exponent
        self.nmant = mantissa
        self.machep, self.negep = -mantissa, -mantissa - 1
        self.eps, self.epsneg = 2.0**self.machep, 2.0**self.negep
        self.minexp, self.maxexp = 1 - bias, bias + 1
        self.max = (2.0 - self.eps) * 2.0**bias
        self.min = -self.max
        self.smallest_normal = self.tiny = 2.0**self.minexp
        self.smallest_subnormal = 2.0 ** (self.minexp - mantissa)
        self.precision = int(mantissa * 0.30102999566398120)
        self.resolution = float(f"1e-{self.precision}")


def isdtype(dtype, kind) -> bool:
    """Whether a dtype is another one, of a kind ('bool', 'integral', 'numeric' …), or of one of a tuple of these."""
    if isinstance(kind, tuple):
        return any([isdtype(dtype, one) for one in kind])
    name = _dtype_of(dtype).name
    if isinstance(kind, str):
        if kind not in _KINDS:
            raise ValueError(f"isdtype: expected one of {', '.join(map(repr, _KINDS))}, not {kind!r}")
        return name in _KINDS[kind]
    return name == _dtype_of(kind).name


def standard_dtypes(kind=None) -> dict[str, dtype]:
    """The dtypes of the Array API standard, of a kind or of a tuple of kinds."""
    names = ("bool",) + tuple(name for name in _KINDS["numeric"] if name not in ("float16", "bfloat16"))
    found = {name: dtype(name) for name in names}
    return found if kind is None else {name: d for name, d in found.items() if isdtype(d, kind)}


DEFAULTS = {"real floating": dtype("float64"), "complex floating": complex128, "integral": dtype("int64"),
            "indexing": dtype("int64")}
