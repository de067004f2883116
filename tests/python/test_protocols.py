"""Arrays to and from other libraries by buffers, array interfaces and DLPack: no byte copied, nothing leaked."""
import array as array_module
import ctypes
import gc
import sys
import threading
import weakref

import numpy as np
import pytest

import tessera as ts
from conftest import DTYPES, as_numpy, assert_same, values

LAYOUTS = {"plain": np.s_[...], "reversed": np.s_[::-1], "strided": np.s_[:, ::2], "row": np.s_[1], "none": np.s_[0:0],
           "new axis": np.s_[:, None], "element": np.s_[1, 2, ...]}


def address(x) -> int:
    return x.__array_interface__["data"][0]


# ---- buffer protocol

@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_takes_the_memory_of_an_array(dtype, layout, rng):
    source = values(rng, (4, 5), dtype)
    x = ts.array(source)[LAYOUTS[layout]]
    n = np.asarray(x)
    expected = source[LAYOUTS[layout]]
    assert n.dtype == expected.dtype and n.shape == expected.shape
    np.testing.assert_array_equal(n, expected)
    if x.size:
        assert n.ctypes.data == address(x) and np.shares_memory(n, np.asarray(x))
        assert n.strides == x.strides
        n[...] = n.dtype.type(1)
        assert as_numpy(x).ravel().tolist() == [1] * x.size


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_an_array_takes_the_memory_of_numpy(dtype, layout, rng):
    n = values(rng, (4, 5), dtype)[LAYOUTS[layout]]
    x = ts.asarray(n)
    assert_same(x, n)
    if n.size:  # an axis of extent 1 has any stride
        assert [s for s, extent in zip(x.strides, n.shape) if extent > 1] == \
               [s for s, extent in zip(n.strides, n.shape) if extent > 1]
        assert address(x) == n.ctypes.data


@pytest.mark.parametrize("source", [bytearray(b"abcd"), memoryview(b"abcd"), array_module.array("i", [1, 2, 3]),
                                    (ctypes.c_double * 3)(1, 2, 3), np.float32(2.5), np.bool_(True)], ids=repr)
def test_an_array_takes_the_memory_of_other_buffers(source):
    assert_same(ts.asarray(source), np.asarray(source))


def test_a_buffer_has_the_format_and_layout_of_the_array():
    x = ts.asarray(np.arange(6.0).reshape(2, 3))
    view = memoryview(x)
    assert (view.format, view.itemsize, view.shape, view.strides, view.readonly) == ("d", 8, (2, 3), (24, 8), False)
    assert view.tolist() == x.tolist()
    assert memoryview(x.T).strides == (8, 24) and memoryview(x.T).f_contiguous
    assert memoryview(ts.asarray(1)).shape == ()
    assert bytes(ts.asarray([1, 2], dtype="uint8")) == b"\x01\x02"


PyBUF_SIMPLE, PyBUF_WRITABLE, PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES = 0, 1, 4, 8, 0x18
PyBUF_C, PyBUF_F, PyBUF_ANY = 0x38, 0x58, 0x98


class Py_buffer(ctypes.Structure):
    _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.py_object), ("len", ctypes.c_ssize_t),
                ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
                ("format", ctypes.c_char_p), ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
                ("strides", ctypes.POINTER(ctypes.c_ssize_t)), ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
                ("internal", ctypes.c_void_p)]


def request(x, flags):
    """What of (format, shape, strides) is filled in when a buffer is asked for with these flags."""
    view = Py_buffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(x), ctypes.byref(view), ctypes.c_int(flags))
    filled = (view.format is not None, bool(view.shape), bool(view.strides))
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(view))
    return filled


@pytest.mark.parametrize("flags, filled", [
    (PyBUF_SIMPLE, (False, False, False)), (PyBUF_FORMAT, (True, False, False)), (PyBUF_ND, (False, True, False)),
    (PyBUF_STRIDES, (False, True, True)), (PyBUF_C | PyBUF_FORMAT, (True, True, True)), (PyBUF_WRITABLE, (False,) * 3),
])
def test_a_buffer_has_what_was_asked_for_and_no_more(flags, filled):
    assert request(ts.zeros((2, 3)), flags) == filled


@pytest.mark.parametrize("make, flags", [
    (lambda x: x.T, PyBUF_SIMPLE), (lambda x: x.T, PyBUF_ND), (lambda x: x.T, PyBUF_C), (lambda x: x, PyBUF_F),
    (lambda x: x[:, ::2], PyBUF_ANY), (lambda x: x[::-1], PyBUF_C),
])
def test_a_buffer_that_is_not_contiguous_as_asked_is_refused(make, flags):
    with pytest.raises(BufferError, match="^buffer: the array is not contiguous as the consumer asks$"):
        request(make(ts.zeros((2, 3))), flags)


def test_read_only_is_kept_both_ways():
    r = ts.zeros(3).readonly()
    assert not np.asarray(r).flags.writeable and memoryview(r).readonly
    with pytest.raises(BufferError, match="^buffer: the array is read-only$"):
        request(r, PyBUF_WRITABLE)
    n = np.zeros(3)
    n.flags.writeable = False
    assert not ts.asarray(n).flags.writeable and not ts.from_dlpack(n).flags.writeable
    assert not ts.asarray(memoryview(b"abc")).flags.writeable


def test_bfloat16_has_no_buffer_but_an_array_interface():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    n = np.array([1, 2, 3], dtype=ml_dtypes.bfloat16)
    x = ts.asarray(n)
    assert x.dtype == "bfloat16" and address(x) == n.ctypes.data
    with pytest.raises(BufferError, match="^buffer: elements of bfloat16 are not shared with a format; __array_interface__"):
        memoryview(x)
    assert x.__array_interface__["typestr"] == "<V2"
    back = np.asarray(x).view(ml_dtypes.bfloat16)
    assert back.ctypes.data == n.ctypes.data and back.tolist() == [1, 2, 3]
    assert x.__array__().dtype == ml_dtypes.bfloat16


def test_array_interface_says_what_numpys_says(rng):
    n = values(rng, (3, 4), "float32")
    for index in (np.s_[...], np.s_[::-1], np.s_[:, ::2]):
        mine, theirs = ts.asarray(n[index]).__array_interface__, n[index].__array_interface__
        assert {k: mine[k] for k in ("shape", "typestr", "data", "strides", "version")} == \
               {k: theirs[k] for k in ("shape", "typestr", "data", "strides", "version")}


class Interface:
    """An object with nothing but an array interface."""

    def __init__(self, owner, **changes):
        self.owner, self.__array_interface__ = owner, {**owner.__array_interface__, **changes}


def test_an_array_takes_the_memory_of_an_array_interface():
    n = np.arange(6.0).reshape(2, 3)
    source = Interface(n)
    x = ts.asarray(source)
    assert_same(x, n)
    seen = weakref.ref(source)
    del source
    assert seen() is not None
    del x
    gc.collect()
    assert seen() is None
    swapped = Interface(n.astype(">f8"))
    assert_same(ts.asarray(swapped), n)
    with pytest.raises(ValueError, match="^asarray: the other byte order needs a copy, which copy=False forbids$"):
        ts.asarray(swapped, copy=False)
    with pytest.raises(TypeError):
        ts.asarray(Interface(n, typestr="|O8"))


def test_array_method_follows_numpys_rules():
    x = ts.asarray([1.0, 2.0])
    assert np.shares_memory(x.__array__(), np.asarray(x))
    assert not np.shares_memory(x.__array__(copy=True), np.asarray(x))
    assert x.__array__("int8").dtype == np.int8
    with pytest.raises(ValueError):
        x.__array__("int8", copy=False)
    assert np.array(x).tolist() == [1, 2] and not np.shares_memory(np.array(x), np.asarray(x))
    assert not hasattr(x, "__cuda_array_interface__")


@pytest.mark.parametrize("unsuitable", [np.array([object()]), np.zeros(2, np.longdouble), np.array(["a"], "T"),
                                        np.zeros(2, [("a", "O")])], ids=repr)
def test_elements_that_do_not_exist_here_are_refused(unsuitable):
    with pytest.raises((TypeError, BufferError)):
        ts.asarray(unsuitable)


# ---- DLPack

def capsule_name(capsule) -> str:
    get = ctypes.pythonapi.PyCapsule_GetName
    get.restype, get.argtypes = ctypes.c_char_p, [ctypes.py_object]
    return get(capsule).decode()


def test_the_version_of_the_capsule_is_the_consumers_choice():
    x = ts.zeros(3)
    assert capsule_name(x.__dlpack__()) == "dltensor"
    assert capsule_name(x.__dlpack__(max_version=(0, 8))) == "dltensor"
    assert capsule_name(x.__dlpack__(max_version=(1, 0))) == "dltensor_versioned"
    assert capsule_name(x.__dlpack__(max_version=(2, 0))) == "dltensor_versioned"
    assert x.__dlpack_device__() == (1, 0)


@pytest.mark.parametrize("layout", ["plain", "strided", "row", "none", "new axis", "element"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("versioned", [False, True])
def test_dlpack_there_and_back_shares_the_memory(dtype, layout, versioned, rng):
    n = values(rng, (4, 5), dtype)[LAYOUTS[layout]]
    x = ts.array(n)
    y = ts.from_dlpack(x.__dlpack__(max_version=(1, 3)) if versioned else x.__dlpack__())
    assert_same(y, n)
    assert_same(ts.from_dlpack(n), n)
    assert_same(ts.asarray(np.from_dlpack(x)), n)
    if n.size:
        assert address(y) == address(x) == np.from_dlpack(x).ctypes.data
        assert address(ts.from_dlpack(n)) == n.ctypes.data


def test_arguments_of_dlpack():
    x = ts.zeros((2, 3))
    for same in (x.__dlpack__(dl_device=(1, 0)), x.__dlpack__(copy=False), x.__dlpack__(stream=None)):
        assert address(ts.from_dlpack(same)) == address(x)
    assert address(ts.from_dlpack(x.__dlpack__(copy=True))) != address(x)
    for wrong, error in [(dict(stream=1), BufferError), (dict(dl_device=(9, 0)), BufferError),
                         (dict(dl_device=1), TypeError), (dict(max_version=1), TypeError)]:
        with pytest.raises(error):
            x.__dlpack__(**wrong)
    with pytest.raises(BufferError, match=r"^__dlpack__: no array can be made on DLPack's device \(9, 0\); expected 1 "):
        x.__dlpack__(dl_device=(9, 0))
    with pytest.raises(BufferError, match="^to_dlpack_legacy: axis 0 has a stride of -24 bytes, which is negative: "):
        x[::-1].__dlpack__(copy=False)
    assert ts.from_dlpack(x[::-1].__dlpack__()).shape == (2, 3)
    with pytest.raises(BufferError, match="read-only"):
        x.readonly().__dlpack__()
    assert not ts.from_dlpack(x.readonly()).flags.writeable


def test_arguments_of_from_dlpack():
    n = np.arange(3)
    assert address(ts.from_dlpack(n, copy=False)) == n.ctypes.data
    assert address(ts.from_dlpack(n, copy=True)) != n.ctypes.data
    assert address(ts.from_dlpack(n, device="cpu")) == n.ctypes.data
    with pytest.raises((RuntimeError, BufferError)):
        ts.from_dlpack(n, device="cuda:99")
    with pytest.raises(AttributeError):
        ts.from_dlpack([1, 2])


class Producer:
    """Exports an array of NumPy, the way `export` says."""

    def __init__(self, n, export):
        self.n, self.export = n, export

    def __dlpack_device__(self):
        return 1, 0

    def __dlpack__(self, **arguments):
        return self.export(self.n, **arguments)


def only_without_arguments(n, **arguments):
    if arguments:
        raise TypeError("unexpected keyword argument")
    return n.__dlpack__()


def test_producers_older_than_dlpack_1_are_asked_again():
    assert ts.from_dlpack(Producer(np.arange(3), only_without_arguments)).tolist() == [0, 1, 2]


def test_a_capsule_is_used_once():
    capsule = np.arange(3).__dlpack__()
    x = ts.from_dlpack(capsule)
    assert capsule_name(capsule) == "used_dltensor"
    with pytest.raises(BufferError, match='^from_dlpack: the capsule is named "used_dltensor"; expected "dltensor" '):
        ts.from_dlpack(capsule)
    assert x.tolist() == [0, 1, 2]
    with pytest.raises(TypeError, match="^from_dlpack: __dlpack__ returned a int, not a capsule$"):
        ts.from_dlpack(Producer(np.arange(3), lambda n, **_: 1))


def test_a_failed_import_leaves_the_capsule_as_it_was():
    for version, name in [(None, "dltensor"), ((1, 0), "dltensor_versioned")]:
        capsule = np.zeros(3).__dlpack__(max_version=version)
        with pytest.raises((RuntimeError, BufferError)):
            ts.from_dlpack(capsule, device="cuda:99", copy=False)
        assert capsule_name(capsule) == name
        assert ts.from_dlpack(capsule).tolist() == [0, 0, 0]


# ---- lifetimes

@pytest.mark.parametrize("hand_over", [np.asarray, memoryview, np.from_dlpack, lambda x: x.__dlpack__(), lambda x: x.T,
                                       lambda x: ts.from_dlpack(x)],
                         ids=["asarray", "memoryview", "from_dlpack", "capsule", "view", "ours"])
def test_memory_lives_as_long_as_somebody_uses_it(hand_over):
    before = ts.memory_stats()["bytes_in_use"]
    x = ts.zeros((1000, 1000))
    taken = hand_over(x)
    del x
    gc.collect()
    assert ts.memory_stats()["bytes_in_use"] >= before + 8_000_000
    if not isinstance(taken, (memoryview, type(ts.zeros(1).__dlpack__()))):
        assert float(taken[3, 4]) == 0
    del taken
    gc.collect()
    assert ts.memory_stats()["bytes_in_use"] < before + 8_000_000


@pytest.mark.parametrize("take", [ts.asarray, ts.from_dlpack, lambda n: ts.from_dlpack(n)[1:],
                                  lambda n: ts.asarray(n).T],
                         ids=["asarray", "from_dlpack", "view", "transposed"])
def test_foreign_memory_is_let_go_of_once(take):
    n = np.arange(6.0)
    before = sys.getrefcount(n)
    for _ in range(100):
        x = take(n)
        assert sys.getrefcount(n) > before or x.base is not None
    seen = weakref.ref(n)
    del n, x
    gc.collect()
    assert seen() is None


def test_calls_leak_no_references():
    x, n = ts.zeros(3), np.zeros(3)
    objects = [x, n, x.dtype, x.device, None, ts.array]
    before = [sys.getrefcount(o) for o in objects]
    for _ in range(1000):
        np.asarray(x), memoryview(x), x.__dlpack__(), ts.from_dlpack(n), ts.asarray(n), x.T, x[0], x + 1, x + n
        for wrong in (lambda: x + "a", lambda: x[5], lambda: x["a"], lambda: ts.from_dlpack(1), lambda: x[[5]],
                      lambda: x.__dlpack__(stream=1), lambda: ts.asarray(object()), lambda: ts.asarray([[1], 2])):
            with pytest.raises((TypeError, IndexError, AttributeError, BufferError, ValueError)):
                wrong()
    gc.collect()
    after = [sys.getrefcount(o) for o in objects]
    assert all(a - b < 100 for a, b in zip(after, before)), (before, after)


def test_threads_hand_over_at_once():
    n = np.arange(1000.0)
    expected, failures = n.sum(), []

    def work():
        try:
            for _ in range(300):
                x = ts.from_dlpack(n)
                y = np.asarray(x + 0)
                if y.sum() != expected or np.from_dlpack(x).sum() != expected:
                    failures.append("wrong sum")
        except BaseException as error:  # noqa: BLE001  reported below
            failures.append(error)

    before = sys.getrefcount(n)
    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures
    gc.collect()
    assert sys.getrefcount(n) == before
