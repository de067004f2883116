"""DLPack's C exchange API: the table behind the type, each function called as an extension calls it."""
import ctypes
import gc

import numpy as np
import pytest

import tessera as ts
from conftest import DTYPES, values


class DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8),
                ("lanes", ctypes.c_uint16), ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


class DLManagedTensorVersioned(ctypes.Structure):
    pass


DELETER = ctypes.CFUNCTYPE(None, ctypes.POINTER(DLManagedTensorVersioned))
DLManagedTensorVersioned._fields_ = [("major", ctypes.c_uint32), ("minor", ctypes.c_uint32),
                                     ("context", ctypes.c_void_p), ("deleter", DELETER), ("flags", ctypes.c_uint64),
                                     ("tensor", DLTensor)]
Managed = ctypes.POINTER(DLManagedTensorVersioned)
SET_ERROR = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)


class Table(ctypes.Structure):
    _fields_ = [("major", ctypes.c_uint32), ("minor", ctypes.c_uint32), ("previous", ctypes.c_void_p),
                ("allocate", ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.POINTER(DLTensor), ctypes.POINTER(Managed),
                                               ctypes.c_void_p, SET_ERROR)),
                ("from_object", ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.POINTER(Managed))),
                ("to_object", ctypes.PYFUNCTYPE(ctypes.c_int, Managed, ctypes.POINTER(ctypes.py_object))),
                ("view_object", ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.POINTER(DLTensor))),
                ("current_stream", ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_int32, ctypes.c_int32,
                                                     ctypes.POINTER(ctypes.c_void_p)))]


@pytest.fixture
def table() -> Table:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return Table.from_address(get(ts.array.__dlpack_c_exchange_api__, b"dlpack_exchange_api"))


def test_table_is_of_version_1_3(table):
    assert (table.major, table.minor, table.previous) == (1, 3, None)
    assert ctypes.sizeof(Table) == 56


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_become_tensors_and_tensors_arrays(table, dtype, rng):
    n = values(rng, (2, 3), dtype)
    x, out, back = ts.asarray(n), Managed(), ctypes.py_object()
    assert table.from_object(x, ctypes.byref(out)) == 0
    assert (out.contents.major, out.contents.flags, out.contents.tensor.data) == (1, 0, n.ctypes.data)
    assert table.to_object(out, ctypes.byref(back)) == 0
    assert type(back.value) is ts.array and back.value.tolist() == n.tolist()
    assert np.asarray(back.value).ctypes.data == n.ctypes.data


def test_arrays_are_lent_without_an_owner(table):
    x = ts.asarray(np.arange(12, dtype="int32").reshape(3, 4))
    for array, shape, strides in [(x, [3, 4], [4, 1]), (x.T, [4, 3], [1, 4]), (x[:, ::2], [3, 2], [4, 2])]:
        lent = DLTensor()
        for _ in range(2):
            assert table.view_object(array, ctypes.byref(lent)) == 0
            assert lent.shape[:2] == shape and lent.strides[:2] == strides
        assert (lent.data, lent.ndim, lent.code, lent.bits, lent.lanes) == (np.asarray(array).ctypes.data, 2, 0, 32, 1)
    others = [DLTensor() for _ in range(100)]
    arrays = [ts.zeros((2, i + 1)) for i in range(100)]
    for array, lent in zip(arrays, others):
        assert table.view_object(array, ctypes.byref(lent)) == 0
    assert [lent.strides[0] for lent in others] == list(range(1, 101))
    del arrays
    gc.collect()
    with pytest.raises(BufferError, match="a read-only array is not lent as a DLTensor, which cannot say so"):
        table.view_object(x.readonly(), ctypes.byref(lent))
    with pytest.raises(BufferError):
        table.view_object(x[::-1], ctypes.byref(lent))


def test_new_tensors_are_like_their_prototype(table):
    extents = (ctypes.c_int64 * 2)(2, 3)
    prototype = DLTensor(device_type=1, ndim=2, code=2, bits=32, lanes=1, shape=extents)
    out, back, errors = Managed(), ctypes.py_object(), []
    report = SET_ERROR(lambda context, kind, message: errors.append((kind.decode(), message.decode())))
    assert table.allocate(ctypes.byref(prototype), ctypes.byref(out), None, report) == 0
    assert table.to_object(out, ctypes.byref(back)) == 0
    assert back.value.shape == (2, 3) and back.value.dtype == "float32" and not errors
    prototype.code, prototype.bits = 10, 8
    assert table.allocate(ctypes.byref(prototype), ctypes.byref(out), None, report) == -1
    assert errors == [("BufferError", "dlpack: elements of code 10 with 8 bits and 1 lanes do not exist here")]
    prototype.code, prototype.bits, extents[0] = 2, 32, 2**50
    assert table.allocate(ctypes.byref(prototype), ctypes.byref(out), None, report) == -1
    assert errors[1][0] == "MemoryError"
    prototype.device_type, extents[0] = 10, 2
    assert table.allocate(ctypes.byref(prototype), ctypes.byref(out), None, report) == -1
    assert errors[2] == ("BufferError",
                         "dlpack: no array can be made on DLPack's device (10, 0); expected 1 (the host) or 2 (CUDA)")


def test_a_producers_copy_is_none_where_copies_are_ruled_out():
    x = ts.arange(6.0)[::-1]
    assert ts.from_dlpack(x).tolist() == [5, 4, 3, 2, 1, 0]
    with pytest.raises(BufferError, match="^from_dlpack: the producer copied the elements, which copy=False rules out$"):
        ts.from_dlpack(x, copy=False)


def test_the_host_has_no_stream(table):
    stream = ctypes.c_void_p(1)
    assert table.current_stream(1, 0, ctypes.byref(stream)) == 0 and stream.value is None


def test_a_tensor_of_another_major_version_stays_the_callers(table):
    x, out, back = ts.zeros(3), Managed(), ctypes.py_object()
    assert table.from_object(x, ctypes.byref(out)) == 0
    out.contents.major = 2
    with pytest.raises(BufferError):
        table.to_object(out, ctypes.byref(back))
    out.contents.deleter(out)


def test_pytorch_tensors_come_by_their_table():
    torch = pytest.importorskip("torch")
    tensor = torch.arange(6.0).reshape(2, 3)
    x = ts.from_dlpack(tensor)
    tensor[0, 0] = 9
    assert x[0, 0] == 9 and np.asarray(x).ctypes.data == tensor.data_ptr()
    assert ts.from_dlpack(tensor.T).strides == (4, 12)
    assert np.asarray(ts.from_dlpack(tensor, copy=True)).ctypes.data != tensor.data_ptr()
    for wrong in (torch.ones(2, requires_grad=True), torch.ones(2, dtype=torch.complex64).conj(),
                  torch.ones(2, dtype=torch.complex64).conj().imag):
        for arguments in ({}, {"device": "cpu"}, {"copy": False}):
            with pytest.raises(BufferError):
                ts.from_dlpack(wrong, **arguments)
