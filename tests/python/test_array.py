"""tessera.array: construction, attributes, methods, copies, pickling."""
import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import tessera as ts
from conftest import DTYPES, as_numpy, assert_same, values


@pytest.mark.parametrize("source", [
    1, 2.5, True, 1j, 2**63, [], [[]], [[], []], [1, 2], [1, 2.5], [True, 2], [1, 2j], [[1, 2], [3, 4]], (1, 2),
    [(1, 2), [3, 4]], [2**63, 1], [-1, 2**63], range(4), [range(2), range(2)], [True, False], [np.float32(1), 2],
    [np.int8(1), np.int16(2)],
    [np.array([1, 2]), [3, 4]], [[np.zeros((2, 0))]],
], ids=repr)
def test_is_made_of_what_numpy_makes_one(source):
    expected = np.array(source)
    assert_same(ts.asarray(source), expected)
    assert_same(ts.array(source), expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("source", [[0, 1, 2], [1.7, 2.2], [True, False], 3])
def test_is_made_with_a_dtype(source, dtype):
    assert_same(ts.array(source, dtype=dtype), np.array(source, dtype=dtype))


@pytest.mark.parametrize("source, error, text", [
    ([[1, 2], [3]], ValueError, "array: ragged list: at depth 1 there are parts of 2 and of 1 entries"),
    ([1, [2]], ValueError, "array: ragged list: at depth 1 there are lists and numbers"),
    ([[1], 2], ValueError, "array: ragged list: at depth 1 there are lists and numbers"),
    ([1, None], TypeError, "array: None has no dtype; expected one for the list"),
    (["a", object()], TypeError, "asarray: a object is no array"),
    (object(), TypeError, "asarray: a object is no array"),
    ({1: 2}, TypeError, "asarray: a dict is no array"),
    ([2**64], OverflowError, "array: 18446744073709551616 is out of bounds for uint64"),
    ([-2**63 - 1], OverflowError, "array: -9223372036854775809 is out of bounds for int64"),
])
def test_is_not_made_of_other_things(source, error, text):
    with pytest.raises(error) as caught:
        ts.asarray(source)
    assert str(caught.value) == text


@pytest.mark.parametrize("source, dtype, error", [
    ([300], "int8", OverflowError), ([-1], "uint8", OverflowError), ([1j], "float64", TypeError),
    ([float("nan")], "int32", ValueError), ([float("inf")], "int32", OverflowError), (300, "int8", OverflowError),
])
def test_numbers_must_fit_their_dtype(source, dtype, error):
    with pytest.raises(error):
        ts.asarray(source, dtype=dtype)


def test_a_list_that_is_its_own_element_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(ValueError, match="^array: a list nested deeper than 64$"):
        ts.asarray(endless)


def test_array_copies_and_asarray_shares():
    n = np.zeros(3)
    shared, copied = ts.asarray(n), ts.array(n)
    n[0] = 5
    assert shared.tolist() == [5, 0, 0] and copied.tolist() == [0, 0, 0]
    ts.asarray(shared, copy=False)[1] = 6
    assert n[1] == 6
    with pytest.raises(ValueError, match="^asarray: another dtype needs a copy, which copy=False forbids$"):
        ts.asarray(n, dtype="int8", copy=False)
    with pytest.raises(ValueError, match="^asarray: a sequence needs a copy, which copy=False forbids$"):
        ts.asarray([1], copy=False)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("index", [np.s_[...], np.s_[::-1], np.s_[:, ::2], np.s_[1], np.s_[0:0]], ids=repr)
def test_attributes_are_numpys(dtype, index, rng):
    n = values(rng, (4, 5), dtype)[index]
    x = ts.asarray(n)
    for attribute in ("shape", "strides", "ndim", "size", "nbytes", "itemsize"):
        assert getattr(x, attribute) == getattr(n, attribute), attribute
    assert x.dtype == n.dtype and x.dtype == dtype and x.dtype is getattr(ts, dtype)
    assert np.dtype(x.dtype) == n.dtype
    if n.size:
        for flag in ("c_contiguous", "f_contiguous", "writeable", "aligned"):
            assert getattr(x.flags, flag) == getattr(n.flags, flag), flag
    assert_same(x.T, n.T)
    assert_same(x.real, n.real)
    assert_same(x.imag, n.imag)
    assert x.tolist() == n.tolist()


def test_type_and_device_have_names():
    x = ts.zeros((2, 3))
    assert repr(type(x)) == "<class 'tessera.array'>"
    assert x.device == "cpu" and str(x.device) == "cpu" and repr(x.device) == "device('cpu')"
    assert repr(x.dtype) == "dtype('float64')" and str(x.dtype) == "float64"
    assert x.mT.shape == (3, 2)
    assert x.dtype != "float32" and x.dtype != None and x.dtype != "no dtype"  # noqa: E711
    with pytest.raises(ValueError, match='^device: "gpu" is no device; expected cpu, cuda or cuda:1$'):
        ts.zeros(3, device="gpu")


def test_methods_are_numpys(rng):
    n = values(rng, (2, 3, 4), "float32")
    x = ts.asarray(n)
    for result, expected in [
        (x.reshape(6, 4), n.reshape(6, 4)), (x.reshape((4, -1)), n.reshape((4, -1))), (x.reshape(-1), n.reshape(-1)),
        (x.reshape(4, 6, order="F"), n.reshape(4, 6, order="F")), (x.ravel(), n.ravel()), (x.flatten(), n.flatten()),
        (x.transpose(), n.transpose()), (x.transpose(2, 0, 1), n.transpose(2, 0, 1)),
        (x.transpose((1, 0, 2)), n.transpose((1, 0, 2))), (x.swapaxes(0, 2), n.swapaxes(0, 2)),
        (x[:1].squeeze(), n[:1].squeeze()), (x[:1].squeeze(0), n[:1].squeeze(0)), (x.astype("int8"), n.astype("int8")),
        (x.astype(float), n.astype(float)), (x.view("int32"), n.view("int32")), (x.copy(), n.copy()),
    ]:
        assert_same(result, expected)
    assert x.item(3) == n.item(3) and x.item(1, 2, 3) == n.item(1, 2, 3) and x[0, 0, 0].item() == n[0, 0, 0].item()
    assert x.astype("float32", copy=False) is not None
    x.fill(3)
    assert (as_numpy(x) == 3).all()
    with pytest.raises(ts.AxisError):
        x.swapaxes(0, 5)
    assert issubclass(ts.AxisError, ValueError) and issubclass(ts.AxisError, IndexError)


def test_views_know_their_base():
    x = ts.zeros((2, 3))
    assert x.base is None and x.copy().base is None
    x.T.base[0, 0] = 7
    assert x[0, 0] == 7
    assert x.T.base.shape == (2, 3)


def test_copies_are_apart():
    x = ts.asarray([[1, 2], [3, 4]])
    for other in (copy.copy(x), copy.deepcopy(x), x.copy()):
        other[0, 0] = 9
        assert x[0, 0] == 1


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles(dtype, protocol, rng):
    x = ts.asarray(values(rng, (3, 4), "float32")).astype(dtype).T
    y = pickle.loads(pickle.dumps(x, protocol))
    assert y.dtype == x.dtype and y.shape == x.shape and y.tolist() == x.tolist()
    assert pickle.loads(pickle.dumps(ts.zeros((0, 2)))).shape == (0, 2)
    assert pickle.loads(pickle.dumps(x.dtype)) == x.dtype and pickle.loads(pickle.dumps(x.device)) == x.device


def test_dies_when_the_last_reference_goes():
    x = ts.zeros(3)
    seen = weakref.ref(x)
    view = x[1:]
    del x
    gc.collect()
    assert seen() is None
    assert view.tolist() == [0, 0]


def test_is_a_namespace_of_the_array_api():
    assert ts.zeros(1).__array_namespace__() is ts
    assert ts.zeros(1).__array_namespace__(api_version="2024.12") is ts
    with pytest.raises(ValueError, match="^__array_namespace__: version 2050.12 is not supported$"):
        ts.zeros(1).__array_namespace__(api_version="2050.12")


def test_default_device_is_scoped():
    with ts.device_scope("cpu"):
        assert ts.zeros(2).device == ts.device("cpu") == ts.default_device()
    assert ts.set_default_device("cpu") == "cpu"


def test_without_axes_is_formatted_as_a_number():
    assert f"{ts.asarray(1.5):.3f} {ts.asarray(7):03d} {ts.asarray([1, 2])}" == "1.500 007 [1 2]"
    with pytest.raises(TypeError, match=r"^format: only arrays without axes take a format, not one of shape \(2,\)$"):
        f"{ts.asarray([1, 2]):.3f}"
    with pytest.raises(ValueError):
        f"{ts.asarray(1.5):d}"


def test_whose_constructor_never_ran_has_no_elements():
    x = ts.array.__new__(ts.array)
    assert len(x) == 0 and (x + 1).shape == (0,) and memoryview(x).shape == (0,)
    for f in (lambda: x[0], lambda: bool(x), lambda: x.__setitem__(0, 1)):
        with pytest.raises((IndexError, ValueError)):
            f()


def test_constructor_runs_once():
    x = ts.asarray([1, 2])
    with pytest.warns(RuntimeWarning), pytest.raises(TypeError):
        x.__init__([1, 2, 3])
    assert x.tolist() == [1, 2]


def test_of_a_subclass_keeps_its_type_and_computes_plain_arrays():
    class Special(ts.array):
        pass

    x = Special([1, 2])
    assert type(x) is Special and type(x + 1) is ts.array and (x + 1).tolist() == [2, 3]


@pytest.mark.parametrize("interface, error", [
    (dict(shape=(1,), typestr="<f8", data=None), TypeError), (dict(shape=(1,), typestr="<f8"), KeyError),
    (dict(shape=(-1,), typestr="<f8", data=(8, False)), ValueError),
    (dict(shape=1.5, typestr="<f8", data=(8, False)), TypeError),
    (dict(shape=(1, 2), typestr="<f8", data=(8, False), strides=(8,)), ValueError), (5, TypeError),
    (dict(shape=(1,), typestr=5, data=(8, False)), TypeError),
])
def test_malformed_interfaces_are_errors(interface, error):
    class Broken:
        __array_interface__ = interface

    with pytest.raises(error):
        ts.asarray(Broken())
