"""DLPack in ctypes, from the specification: reads what a producer exported, and produces structs nobody should send."""
from __future__ import annotations

import ctypes
from ctypes import (CFUNCTYPE, POINTER, Structure, addressof, c_char_p, c_int32, c_int64, c_uint8, c_uint16, c_uint32,
                    c_uint64, c_void_p, py_object)
from dataclasses import dataclass

READ_ONLY, IS_COPIED = 1, 2
CPU = (1, 0)
CODES = {"int": 0, "uint": 1, "float": 2, "bfloat": 4, "complex": 5, "bool": 6}


class Device(Structure):
    _fields_ = [("type", c_int32), ("index", c_int32)]


class DataType(Structure):
    _fields_ = [("code", c_uint8), ("bits", c_uint8), ("lanes", c_uint16)]


class Tensor(Structure):
    _fields_ = [("data", c_void_p), ("device", Device), ("ndim", c_int32), ("dtype", DataType),
                ("shape", POINTER(c_int64)), ("strides", POINTER(c_int64)), ("byte_offset", c_uint64)]


Deleter = CFUNCTYPE(None, c_void_p)


class Legacy(Structure):
    _fields_ = [("tensor", Tensor), ("context", c_void_p), ("deleter", c_void_p)]


class Versioned(Structure):
    _fields_ = [("major", c_uint32), ("minor", c_uint32), ("context", c_void_p), ("deleter", c_void_p),
                ("flags", c_uint64), ("tensor", Tensor)]


assert (ctypes.sizeof(Tensor), ctypes.sizeof(Legacy), ctypes.sizeof(Versioned)) == (48, 64, 80)

_python = ctypes.pythonapi
_new = _python.PyCapsule_New
_new.restype, _new.argtypes = py_object, [c_void_p, c_char_p, c_void_p]
_name = _python.PyCapsule_GetName
_name.restype, _name.argtypes = c_char_p, [py_object]
_pointer = _python.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = c_void_p, [py_object, c_char_p]


def capsule_name(capsule) -> str:
    return _name(capsule).decode()


@dataclass(frozen=True)
class Seen:
    """What a capsule says. Strides are in elements, or None where the struct has none."""
    version: tuple[int, int] | None
    flags: int
    pointer: int
    device: tuple[int, int]
    dtype: tuple[int, int, int]
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None


def read(capsule) -> Seen:
    """Looks into a capsule without taking what it holds."""
    name = _name(capsule)
    kind = {b"dltensor": Legacy, b"dltensor_versioned": Versioned}[name]
    struct = kind.from_address(_pointer(capsule, name))
    tensor, versioned = struct.tensor, kind is Versioned
    return Seen(version=(struct.major, struct.minor) if versioned else None, flags=struct.flags if versioned else 0,
                pointer=(tensor.data or 0) + tensor.byte_offset, device=(tensor.device.type, tensor.device.index),
                dtype=(tensor.dtype.code, tensor.dtype.bits, tensor.dtype.lanes),
                shape=tuple(tensor.shape[:tensor.ndim]) if tensor.ndim else (),
                strides=tuple(tensor.strides[:tensor.ndim]) if tensor.strides else None if tensor.ndim else ())


class Producer:
    """A tensor made field by field: by default the six float32 numbers 0 to 5 in the shape (2, 3).

    It counts the calls of its deleter. The struct lives as long as this object, which has what consumers call.
    """

    def __init__(self, *, versioned=True, version=(1, 3), flags=0, code="float", bits=32, lanes=1, shape=(2, 3),
                 strides=(3, 1), ndim=None, data="numbers", byte_offset=0, device=CPU, deleter=True):
        self.numbers = (ctypes.c_float * 6)(*range(6))
        self.deleted = 0
        self.device = device
        self.versioned = versioned
        self.struct = Versioned() if versioned else Legacy()
        if versioned:
            self.struct.major, self.struct.minor = version
            self.struct.flags = flags
        self._deleter = Deleter(self._delete)
        self.struct.deleter = ctypes.cast(self._deleter, c_void_p) if deleter else None
        tensor = self.struct.tensor
        tensor.data = addressof(self.numbers) if data == "numbers" else data
        tensor.device = Device(*device)
        tensor.dtype = DataType(CODES.get(code, code), bits, lanes)
        tensor.ndim = len(shape or ()) if ndim is None else ndim
        self._shape = None if shape is None else (c_int64 * max(len(shape), 1))(*shape)
        self._strides = None if strides is None else (c_int64 * max(len(strides), 1))(*strides)
        tensor.shape = ctypes.cast(self._shape, POINTER(c_int64)) if self._shape is not None else None
        tensor.strides = ctypes.cast(self._strides, POINTER(c_int64)) if self._strides is not None else None
        tensor.byte_offset = byte_offset

    def _delete(self, _):
        self.deleted += 1

    def capsule(self):
        return _new(addressof(self.struct), b"dltensor_versioned" if self.versioned else b"dltensor", None)

    def __dlpack__(self, **_):
        return self.capsule()

    def __dlpack_device__(self):
        return self.device


class LegacyOnly:
    """Stands before an array whose `__dlpack__` it calls without a version, as consumers from before DLPack 1.0 do."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, *, stream=None):
        return self.array.__dlpack__() if stream is None else self.array.__dlpack__(stream=stream)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()
