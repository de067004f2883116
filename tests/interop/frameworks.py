"""What the matrix needs of each framework: arrays of every dtype and layout, and a look at where their elements lie."""
from __future__ import annotations

import ctypes
import itertools
import struct
from dataclasses import dataclass

import raw_dlpack
from raw_dlpack import LegacyOnly

DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "bfloat16",
          "float32", "float64", "complex64", "complex128")
FORMATS = {"bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "q", "uint8": "B", "uint16": "H",
           "uint32": "I", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d"}

COMPACT = ("C order", "extent of 1", "no elements", "0-d")
# Name: the shape of a compact array, and how an array of that layout is cut from it.
LAYOUTS = {
    "C order": ((2, 3), None),
    "transposed": ((3, 2), lambda framework, x: framework.permute(x, (1, 0))),
    "axes permuted": ((2, 3, 4), lambda framework, x: framework.permute(x, (2, 0, 1))),
    "gaps": ((4, 6), lambda framework, x: x[::2, 1::2]),
    "extent of 1": ((2, 3), lambda framework, x: x[::2]),
    "stride 0": ((1, 3), lambda framework, x: framework.broadcast(x, (2, 3))),
    "negative strides": ((2, 3), lambda framework, x: x[::-1, ::-1]),
    "misaligned": ((2, 3), None),
    "odd byte strides": ((2, 3), None),
    "no elements": ((0, 3), None),
    "0-d": ((), None),
}


def encode(dtype: str, value: int) -> bytes:
    """The bytes of one element."""
    if dtype == "bfloat16":
        return struct.pack("<f", value)[2:]
    if dtype.startswith("complex"):
        return struct.pack("<ff" if dtype == "complex64" else "<dd", value, 0)
    return struct.pack("<" + FORMATS[dtype], value)


def itemsize(dtype: str) -> int:
    return len(encode(dtype, 0))


def start_value(dtype: str, index: int) -> int:
    """Of the element `index` of a compact array."""
    return index % 2 if dtype == "bool" else index + 2


def nested(dtype: str, shape: tuple[int, ...]):
    """A compact array's values as lists of lists."""
    values = [start_value(dtype, i) for i in range(_count(shape))]
    values = [bool(v) for v in values] if dtype == "bool" else values
    for extent in reversed(shape[1:]):
        values = [values[i:i + extent] for i in range(0, len(values), extent)]
    return values if shape else values[0]


def _count(shape) -> int:
    count = 1
    for extent in shape:
        count *= extent
    return count


@dataclass(frozen=True)
class Memory:
    """Where the elements of an array lie: strides in bytes."""
    pointer: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: str

    def elements(self) -> list[bytes]:
        size = itemsize(self.dtype)
        return [ctypes.string_at(self.pointer + sum(i * s for i, s in zip(index, self.strides)), size)
                for index in itertools.product(*map(range, self.shape))]


def memory_of_capsule(capsule) -> Memory:
    seen = raw_dlpack.read(capsule)
    code, bits, _ = seen.dtype
    kind = {number: name for name, number in raw_dlpack.CODES.items()}[code]
    dtype = "bool" if kind == "bool" else f"{'bfloat' if kind == 'bfloat' else kind}{bits}"
    strides = seen.strides
    if strides is None:
        strides = tuple(_count(seen.shape[axis + 1:]) for axis in range(len(seen.shape)))
    return Memory(seen.pointer, seen.shape, tuple(s * itemsize(dtype) for s in strides), dtype)


def record_field(numpy, dtype: str, shape):
    """A NumPy array whose strides are no multiples of its itemsize."""
    return numpy.zeros(shape, [("gap", "u1"), ("field", dtype)])["field"]


class NumPy:
    """NumPy; also the base of `Tessera`, whose arrays have the same attributes."""
    name = "numpy"
    routes = ("versioned", "legacy", "asarray")
    compact_only = False

    def __init__(self):
        import numpy
        self.module = numpy

    def compact(self, dtype, shape):
        if dtype == "bfloat16":
            import ml_dtypes
            return self.module.asarray(nested(dtype, shape), dtype=ml_dtypes.bfloat16).reshape(shape)
        return self.module.asarray(nested(dtype, shape), dtype=dtype).reshape(shape)

    def misaligned(self, dtype, shape):
        compact = self.compact(dtype, shape)
        data = bytearray(b"\0" + compact.tobytes())
        return self.module.frombuffer(data, compact.dtype, offset=1).reshape(shape)

    def odd_byte_strides(self, dtype, shape):
        compact = self.compact(dtype, shape)
        odd = record_field(self.module, compact.dtype, shape)
        odd[...] = compact
        return odd

    def permute(self, x, axes):
        return x.transpose(axes)

    def broadcast(self, x, shape):
        return self.module.broadcast_to(x, shape)

    def make_readonly(self, x):
        x.flags.writeable = False
        return x

    def writable(self, x) -> bool:
        return x.flags.writeable

    def write(self, x):
        if x.dtype.name == "void16":  # a bfloat16 of somebody else
            x.view("u2")[...] = int.from_bytes(encode("bfloat16", 1), "little")
        else:
            x[...] = 1

    def memory(self, x) -> Memory:
        return Memory(x.ctypes.data, x.shape, x.strides, x.dtype.name.replace("void16", "bfloat16"))

    def take(self, x, route):
        if route == "asarray":
            return self.module.asarray(x)
        return self.module.from_dlpack(x if route == "versioned" else LegacyOnly(x))


class Torch:
    name = "torch"
    routes = ("versioned", "legacy")
    compact_only = False

    def __init__(self):
        import torch
        self.module = torch

    def compact(self, dtype, shape):
        return self.module.tensor(nested(dtype, shape), dtype=getattr(self.module, dtype)).reshape(shape)

    def misaligned(self, dtype, shape):
        torch = self.module
        count = _count(shape)
        data = bytearray(b"\0" + b"".join(encode(dtype, start_value(dtype, i)) for i in range(count)))
        return torch.frombuffer(data, dtype=getattr(torch, dtype), count=count, offset=1).reshape(shape)

    odd_byte_strides = None

    def permute(self, x, axes):
        return x.permute(axes)

    def broadcast(self, x, shape):
        return x.expand(shape)

    make_readonly = None

    def writable(self, x) -> bool:
        return True

    def write(self, x):
        if x.dtype == self.module.complex128:
            # filled as it is, it must be aligned to 16 bytes: its vector instructions fault otherwise
            x = self.module.view_as_real(x)
            x[..., 1].fill_(0)
            x = x[..., 0]
        x.fill_(1)

    def memory(self, x) -> Memory:
        size = x.element_size()
        strides = tuple(s * size for s in x.stride())
        return Memory(x.data_ptr(), tuple(x.shape), strides, str(x.dtype).removeprefix("torch."))

    def take(self, x, route):
        return self.module.from_dlpack(x if route == "versioned" else LegacyOnly(x))


class Jax:
    """JAX: its arrays have no gaps and never change."""
    name = "jax"
    routes = ("legacy",)

    def __init__(self):
        import jax
        jax.config.update("jax_enable_x64", True)
        self.module = jax

    def compact(self, dtype, shape):
        return self.module.numpy.asarray(nested(dtype, shape), dtype=dtype).reshape(shape)

    compact_only = True
    make_readonly = None

    def writable(self, x) -> bool:
        return False

    def memory(self, x) -> Memory:
        strides, step = [0] * x.ndim, x.dtype.itemsize
        for axis in reversed(x.format.layout.major_to_minor):
            strides[axis] = step
            step *= x.shape[axis]
        return Memory(x.unsafe_buffer_pointer(), x.shape, tuple(strides), x.dtype.name)

    def take(self, x, route):
        return self.module.dlpack.from_dlpack(x)


class TensorFlow:
    """TensorFlow: its tensors are compact and never change."""
    name = "tensorflow"
    routes = ("legacy",)

    def __init__(self):
        import os
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import tensorflow
        self.module = tensorflow

    def compact(self, dtype, shape):
        # TensorFlow keeps one tensor for all equal scalars; one made of a list is its own.
        return self.module.reshape(self.module.constant(nested(dtype, shape or (1,)), dtype=dtype), shape)

    compact_only = True
    make_readonly = None

    def writable(self, x) -> bool:
        return False

    def memory(self, x) -> Memory:
        return memory_of_capsule(self.module.experimental.dlpack.to_dlpack(x))

    def take(self, x, route):
        return self.module.experimental.dlpack.from_dlpack(x.__dlpack__())


class Tessera(NumPy):
    name = "tessera"

    def __init__(self):
        import tessera
        self.module = tessera
        self.kept = []

    def compact(self, dtype, shape):
        return self.module.asarray(nested(dtype, shape), dtype=dtype).reshape(shape)

    def misaligned(self, dtype, shape):
        count = _count(shape)
        data = ctypes.create_string_buffer(b"\0" + b"".join(encode(dtype, start_value(dtype, i)) for i in range(count)))
        kind = dtype.rstrip("0123456789")
        pointer = ctypes.addressof(data) + 1
        producer = raw_dlpack.Producer(code=kind, bits=8 * itemsize(dtype), shape=shape, data=pointer)
        self.kept += [data, producer]
        return self.module.from_dlpack(producer)

    def odd_byte_strides(self, dtype, shape):
        return None if dtype == "bfloat16" else self.module.asarray(NumPy().odd_byte_strides(dtype, shape))

    def memory(self, x) -> Memory:
        return Memory(x.__array_interface__["data"][0], x.shape, x.strides, x.dtype.name)

    def make_readonly(self, x):
        return x.readonly()

    def write(self, x):
        x[...] = 1

    def permute(self, x, axes):
        return self.module.permute_dims(x, axes)


def make(framework, dtype: str, layout: str, readonly: bool):
    """An array to hand over, or None where the framework has no such array."""
    shape, cut = LAYOUTS[layout]
    if framework.compact_only and layout not in COMPACT or readonly and framework.make_readonly is None:
        return None
    if layout == "misaligned":
        x = framework.misaligned(dtype, shape) if itemsize(dtype) > 1 else None
    elif layout == "odd byte strides":
        x = framework.odd_byte_strides(dtype, shape) if framework.odd_byte_strides and itemsize(dtype) > 1 else None
    elif layout == "negative strides" and isinstance(framework, Torch):
        return None
    else:
        x = framework.compact(dtype, shape)
        x = x if cut is None else cut(framework, x)
    if x is None or not readonly and not framework.compact_only and not framework.writable(x):
        return None
    return framework.make_readonly(x) if readonly else x


def expected_elements(dtype: str, layout: str) -> tuple[tuple[int, ...], list[bytes]]:
    """The shape and the elements in C order of what `make` gives, computed by NumPy."""
    framework = NumPy()
    x = framework.module.arange(_count(LAYOUTS[layout][0])).reshape(LAYOUTS[layout][0])
    cut = LAYOUTS[layout][1]
    x = x if cut is None else cut(framework, x)
    return x.shape, [encode(dtype, start_value(dtype, i)) for i in x.ravel().tolist()]


FRAMEWORKS = {framework.name: framework for framework in (NumPy, Torch, Jax, TensorFlow, Tessera)}
