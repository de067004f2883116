"""Dtypes of texts, times and records, and arrays of them: made, shared, indexed and read as NumPy does."""
import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import tessera as ts

TRADE = [("name", "U5"), ("price", "f8"), ("volume", "i8"), ("active", "?")]
NESTED = [("id", "i2"), ("at", [("x", "f4"), ("y", "f4")]), ("tag", "S3"), ("grid", "i1", (2, 3))]
RECORDS = {
    "packed": np.dtype(TRADE),
    "nested": np.dtype(NESTED),
    "aligned": np.dtype([("a", "i1"), ("b", "f8"), ("c", "U1")], align=True),
    "aligned within": np.dtype([("a", "i1"), ("b", [("x", "i1"), ("y", "f8")], 2)], align=True),
    "gaps": np.dtype({"names": ["a", "b"], "formats": ["i1", "<f4"], "offsets": [3, 8], "itemsize": 16}),
    "overlapping": np.dtype({"names": ["all", "low"], "formats": ["<u4", "u1"], "offsets": [0, 0]}),
    "out of order": np.dtype({"names": ["b", "a"], "formats": ["<i4", "i1"], "offsets": [4, 0], "itemsize": 8}),
    "times": np.dtype([("t", "M8[us]"), ("d", "m8[7D]"), ("v", "f2")]),
    "raw": np.dtype([("h", "V5"), ("z", "c8")]),
    "big-endian": np.dtype([("a", ">i4"), ("b", [("c", ">U2"), ("d", ">M8[s]")]), ("e", ">c16", 2)]),
}
PLAIN = [np.dtype(code) for code in ("U20", "S3", "V8", "M8[ns]", "m8[25s]", "M8", "m8", "f8", "?", "i1", "c8", ">f8",
                                     ">U3", ">M8[D]", "U", "S")]
BOTH = [pytest.param(d, id=str(d)) for d in PLAIN] + [pytest.param(d, id=name) for name, d in RECORDS.items()]
NATIVE = {name: d for name, d in RECORDS.items() if name != "big-endian"}


def filled(dtype, shape=(4,)):
    """Elements of whatever bytes make sense in every field."""
    n = np.zeros(shape, dtype)
    for i in np.ndindex(n.shape):
        position = sum(i) + 1

        def value(d):
            if d.names:
                return tuple(value(d.fields[name][0]) for name in d.names)
            if d.subdtype:
                return np.full(d.shape, value(d.base), d.base)
            return {"U": "tx" * position, "S": b"y" * position, "V": b"z" * d.itemsize, "b": position % 2 == 0}.get(
                d.kind, np.array(position, d.newbyteorder("=")) if d.kind in "Mm" else position)

        n[i] = value(n.dtype)
    return n


def plain(value):
    """Python's objects with sub-arrays as lists."""
    if isinstance(value, (list, tuple)):
        return type(value)(plain(part) for part in value)
    return plain(value.tolist()) if isinstance(value, (ts.array, np.ndarray)) else value


# ---- dtypes


@pytest.mark.parametrize("dtype", BOTH)
def test_dtypes_go_to_numpy_and_back(dtype):
    ours = ts.dtype(dtype)
    assert ours == dtype and dtype == np.dtype(ours) and ours == ts.dtype(ours)
    assert np.dtype(ours).isalignedstruct == dtype.isalignedstruct
    for attribute in ("name", "itemsize", "alignment", "kind", "str", "isalignedstruct", "names", "byteorder",
                      "isnative", "hasobject", "shape", "ndim", "subdtype"):
        assert getattr(ours, attribute) == getattr(dtype, attribute), attribute
    try:
        expected = dtype.descr
    except ValueError:
        with pytest.raises(ValueError, match="^dtype: descr says nothing of fields that overlap or are out of order$"):
            ours.descr
    else:
        assert ours.descr == expected
    for other in (pickle.loads(pickle.dumps(ours)), copy.copy(ours), copy.deepcopy(ours)):
        assert other == ours and hash(other) == hash(ours) and other.isalignedstruct == ours.isalignedstruct


@pytest.mark.parametrize("dtype", [pytest.param(d, id=name) for name, d in RECORDS.items()])
def test_fields_are_numpys(dtype):
    ours = ts.dtype(dtype)
    assert list(ours.fields) == list(dtype.names) and len(ours) == len(dtype)
    for i, name in enumerate(dtype.names):
        field, offset = dtype.fields[name][:2]
        assert ours.fields[name] == (field, offset)
        assert ours[name] == ours[i] == ours[i - len(dtype)] == field and np.dtype(ours[name]) == field
        assert (ours[name].shape, ours[name].base, ours[name].itemsize) == (field.shape, field.base, field.itemsize)
    assert ours[list(dtype.names[:1])] == dtype[list(dtype.names[:1])]
    with pytest.raises(TypeError):
        ours.fields["new"] = 1
    for wrong, error in (("none", KeyError), (9, IndexError), (1.5, TypeError), (None, TypeError)):
        with pytest.raises(error):
            ours[wrong]
    with pytest.raises(KeyError):
        ts.float64["a"]


@pytest.mark.parametrize("source", [
    TRADE, NESTED, [("", "f8"), ("", "i4")], [(("title", "name"), "f8")], [("a", "f8", 3)], [("a", "f8", ())],
    [("a", ("f8", (2,)), 3)], {"names": ["a", "b"], "formats": ["i1", "f8"]},
    {"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 4], "itemsize": 16},
    {"names": ("a", "b"), "formats": ("i1", "f8"), "aligned": True}, {"b": ("f8", 8), "a": ("i4", 0)},
    (str, 20), ("S", 3),
    ("V", 2), str, bytes, np.str_, np.bytes_, np.void, np.datetime64, np.timedelta64, np.float32, None,
    [("a", "M8[ns]"), ("b", str, 4)], [("t", (str, 3))],
], ids=repr)
@pytest.mark.parametrize("align", [False, True])
def test_dtypes_are_made_as_numpys(source, align):
    try:
        expected = np.dtype(source, align)
    except ValueError:  # offsets that are not aligned
        with pytest.raises(ValueError):
            ts.dtype(source, align)
        return
    ours = ts.dtype(source, align)
    assert ours == expected and ours.isalignedstruct == expected.isalignedstruct and ours.itemsize == expected.itemsize


class Lying:
    """Says what a dtype says, falsely."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


endless = []
endless.append(("a", endless))


@pytest.mark.parametrize("source, error", [
    ("what", TypeError), ("f9", TypeError), ("U-1", TypeError), ("U3000000000", TypeError), (["f8"], TypeError),
    ([("a",)], TypeError), ([("a", "f8", 1, 2)], TypeError), ([(1, "f8")], TypeError), ([("a", "f8"),
    ("a", "i4")], ValueError),
    ([("a", "f8", -1)], ValueError), ([("a", "f8", 2.0)], TypeError), ([("a", "zz")], TypeError),
    ([("a", "f8", 2**62)], ValueError),
    ([("a", "f8", (2**40, 2**40))], ValueError), ({"names": ["a"]}, ValueError),
    ({"names": ["a"], "formats": []}, ValueError),
    ({"names": ["a"], "formats": ["f8"], "offsets": [-1]}, ValueError), ({"names": 1, "formats": 2}, TypeError),
    ({"names": ["a"], "formats": ["f8"], "itemsize": 4}, ValueError), ({"a": 1}, ValueError),
    ({"names": ["a"], "formats": ["f8"], "offsets": [2**40]}, ValueError), (("f8", 1, 2), TypeError),
    (("f8", (2, 3)), TypeError),
    (endless, RecursionError), (3, TypeError), (object, TypeError), (Lying(name=3), TypeError), (object(), TypeError),
    (Lying(name="x", names=("a",), fields={}, itemsize=8), KeyError), (Lying(name="x", names=7, fields={}), TypeError),
    (Lying(name="x", names=("a",), fields={"a": ("f8", 0)}, itemsize=4), ValueError),
    (Lying(name="x", names=("a",), fields={"a": ("f8", 2**70)}, itemsize=8), OverflowError),
    (Lying(name="x", names=None, subdtype=(1, 2)), TypeError), ([("\ud800", "f8")], TypeError),
], ids=lambda value: getattr(value, "__name__", None) or type(value).__name__)
def test_what_is_no_dtype_is_refused(source, error):
    with pytest.raises(error):
        ts.dtype(source)


def test_the_namespace_names_kinds():
    assert (ts.str_, ts.bytes_, ts.void) == (np.dtype("U"), np.dtype("S"), np.dtype("V"))
    assert (ts.datetime64, ts.timedelta64) == (np.dtype("M8"), np.dtype("m8"))
    assert ts.float32(2).dtype == "f4" and ts.int64("12").item() == 12
    assert ts.str_("abc").dtype == "U3" and ts.bytes_(b"ab").dtype == "S2"
    assert ts.isdtype(ts.dtype("U3"), ts.dtype("U3")) and not ts.isdtype(ts.dtype("U3"), "numeric")


# ---- memory shared with NumPy


@pytest.mark.parametrize("layout", [np.s_[...], np.s_[::-2], np.s_[1:3], np.s_[0:0], np.s_[1, ...]], ids=repr)
@pytest.mark.parametrize("dtype", [pytest.param(np.dtype(c), id=c) for c in ("U7", "S3", "V8", "M8[ns]", "m8[25s]")] +
                         [pytest.param(d, id=name) for name, d in NATIVE.items()])
def test_elements_are_shared_with_numpy(dtype, layout):
    n = filled(dtype, (5, 2))[layout]
    x = ts.asarray(n)
    assert x.dtype == n.dtype and x.dtype.isalignedstruct == n.dtype.isalignedstruct and x.shape == n.shape
    back = np.asarray(x)
    assert back.dtype == n.dtype and back.shape == n.shape and plain(back.tolist()) == plain(n.tolist())
    if n.size:
        assert np.shares_memory(back, n) and back.strides == n.strides
    assert plain(x.tolist()) == plain(n.tolist())
    assert ts.asarray(back, copy=True).base is None and plain(np.array(x).tolist()) == plain(n.tolist())
    n.flags.writeable = False
    frozen = ts.asarray(n)
    assert not frozen.flags.writeable and not np.asarray(frozen).flags.writeable


def test_misaligned_elements_are_shared():
    raw = np.zeros(1 + 3 * RECORDS["aligned"].itemsize, "u1")
    for dtype in (RECORDS["aligned"], np.dtype("U4"), np.dtype("M8[s]")):
        n = raw[1:1 + 3 * dtype.itemsize].view(dtype)
        n[...] = filled(dtype, 3)
        x = ts.asarray(n)
        assert not x.flags.aligned and np.shares_memory(np.asarray(x), n) and x.tolist() == n.tolist()


@pytest.mark.parametrize("dtype", [">i4", ">f2", ">c16", ">U3", ">M8[s]", RECORDS["big-endian"]], ids=str)
def test_the_other_byte_order_becomes_native(dtype):
    n = filled(np.dtype(dtype), (3, 2)).T[::-1]
    x = ts.asarray(n)
    assert x.dtype == n.dtype.newbyteorder("=") and x.dtype.isnative
    assert plain(x.tolist()) == plain(n.tolist())
    assert np.asarray(x).tobytes() == n.astype(n.dtype.newbyteorder("=")).tobytes()
    with pytest.raises(ValueError, match="^asarray: the other byte order needs a copy, which copy=False forbids$"):
        ts.asarray(n, copy=False)


class Interface:
    """Another library's array: NumPy's interface, with anything in it said otherwise."""

    def __init__(self, n, **said):
        self.n = n
        self.__array_interface__ = n.__array_interface__ | said


def test_interfaces_describe_records():
    n = filled(RECORDS["packed"])
    source = Interface(n)
    x = ts.asarray(source)
    assert x.dtype == n.dtype and np.shares_memory(np.asarray(x), n)
    seen = weakref.ref(source)
    del source
    field = x["price"]
    del x
    gc.collect()
    assert seen() is not None and field.tolist() == n["price"].tolist()
    del field
    gc.collect()
    assert seen() is None
    aligned = filled(RECORDS["aligned"])  # descr says fields without a name
    assert ts.asarray(Interface(aligned)).tolist() == aligned.tolist()
    assert ts.asarray(ts.asarray(n)).dtype == n.dtype


@pytest.mark.parametrize("said, error", [
    ({"typestr": "|V5"}, ValueError), ({"typestr": "<f9"}, TypeError), ({"typestr": 3}, TypeError),
    ({"descr": [("a", "<f8")]}, ValueError), ({"descr": [("a",)]}, TypeError),
    ({"descr": [("a", "<f8", (2**62,))]}, ValueError),
    ({"descr": [("a", "<f8", (-1,))]}, ValueError), ({"descr": [(1, "<f8")]}, TypeError),
    ({"descr": [("a", "|O")]}, TypeError),
    ({"descr": endless}, RecursionError), ({"shape": (2**62,)}, ValueError), ({"shape": (-1,)}, ValueError), ({"shape": None}, TypeError),
    ({"strides": (2**62,)}, ValueError), ({"strides": (8, 8)}, ValueError), ({"strides": (-2**63,)}, ValueError),
    ({"data": None}, TypeError), ({"data": ("0", False)}, TypeError), ({"data": (1,)}, IndexError),
], ids=repr)
def test_interfaces_that_lie_are_refused(said, error):
    with pytest.raises(error):
        ts.asarray(Interface(filled(RECORDS["packed"]), **said))


@pytest.mark.parametrize("descr", [[], None, "<f8", [("", "|V38")]], ids=repr)
def test_records_of_no_description_are_bytes(descr):
    n = filled(RECORDS["packed"])
    assert ts.asarray(Interface(n, descr=descr)).dtype == f"V{n.itemsize}"


def test_buffers_have_no_format_of_records():
    x = ts.asarray(filled(RECORDS["packed"]))
    with pytest.raises(BufferError, match="^buffer: elements of .* are not shared with a format; __array_interface__"):
        memoryview(x)
    assert not hasattr(ts.asarray(filled(RECORDS["aligned"])), "__array_interface__")
    assert x.__array_interface__["descr"] == RECORDS["packed"].descr


# ---- fields, rows, assignment


def trades():
    return np.array([("ACME", 10.5, 3, True), ("Bolt", 2.25, -4, False), ("ACME", -1.0, 7, True),
    ("", 2.25, 3, False)], TRADE)


def both():
    n = trades()
    return n, ts.array(n)


def test_fields_are_views():
    n, x = both()
    for name in n.dtype.names:
        assert x[name].tolist() == n[name].tolist()
        assert x[name].dtype == n[name].dtype and x[name].strides == n[name].strides
        assert ts.shares_memory(x[name], x)
    x["price"] += 1
    n["price"] += 1
    x["name"] = "all"
    n["name"] = "all"
    x["volume"][1:] = [1, 2, 3]
    n["volume"][1:] = [1, 2, 3]
    x["active"][x["price"] > 3] = False
    n["active"][n["price"] > 3] = False
    assert x.tolist() == n.tolist()
    nested = filled(RECORDS["nested"])
    y = ts.asarray(nested)
    assert y["at"]["x"].tolist() == nested["at"]["x"].tolist() and y["grid"].shape == (4, 2, 3)
    y["grid"] = [[1, 2, 3], [4, 5, 6]]
    y["at"]["y"] = 9
    y["at"][0] = (5, 6)
    assert nested["grid"][3].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert nested["at"].tolist() == [(5, 6)] + [(i, 9) for i in (2, 3, 4)]


def test_several_fields_are_views():
    n, x = both()
    for names in (["price"], ["volume", "name"], list(n.dtype.names)):
        assert x[names].dtype == n[names].dtype and x[names].tolist() == n[names].tolist()
        assert ts.shares_memory(x[names], x)
    x[["price", "active"]] = (7, True)
    n[["price", "active"]] = (7, True)
    x[["volume"]] = 3
    n[["volume"]] = 3
    assert x.tolist() == n.tolist()


def test_rows_are_views_and_tuples():
    n, x = both()
    row = x[1]
    assert row.shape == () and row.item() == n[1].item() == x.tolist()[1] and type(row.item()) is tuple
    row["price"] = 99
    assert x["price"].tolist()[1] == 99 and row["name"].item() == "Bolt"
    x[0] = ("new", 1, 2, False)
    n[0] = ("new", 1, 2, False)
    n[1]["price"] = 99
    x[2:] = [("a", 1, 2, True), ("b", 3, 4, False)]
    n[2:] = [("a", 1, 2, True), ("b", 3, 4, False)]
    assert x.tolist() == n.tolist()
    x[:2] = x[2:]
    x[[0, 2]] = [("i", 1, 1, 1), ("j", 2, 2, 0)]
    x[x["name"] == "j"] = ("k", 0, 0, 0)
    assert [one["name"].item() for one in x] == ["i", "b", "k", "b"]
    x[3] = x[0]
    assert x[3].item() == x[0].item() == ("i", 1.0, 1, True)
    x[...] = 0
    assert x.tolist() == [("0", 0.0, 0, False)] * 4


RECORD_LINES = """
x[x["volume"] > 0]
x[[2, 0, -1]]
x[::-2]
xp.sort(x, order="volume")
xp.sort(x, order=["price", "name"])
xp.sort(x)
xp.argsort(x, order="name")
xp.argsort(x, order=("active", "volume"))
xp.take(x, [1, 1])
xp.concatenate([x, x[:1]])
xp.stack([x, x])
xp.where(x["active"], x, x[::-1])
xp.where(x["price"] > 2, "buy", "hold")
xp.unique(x)
xp.unique(x["name"])
xp.unique(x[["volume"]])
xp.isin(x["name"], ["ACME", "none"])
xp.searchsorted(xp.sort(x["volume"]), [3, 4])
x == x[::-1]
x != x[0]
x["name"] == "ACME"
xp.sum(x["price"])
x["price"].mean()
xp.zeros(2, x.dtype)
xp.zeros_like(x)
xp.empty_like(x).dtype == x.dtype
x.astype([("name", "U2"), ("price", "f4"), ("volume", "i4"), ("active", "i1")])
x.reshape(2, 2).T
x["volume"].astype("U")
x.copy()
x.view("V22") if x.itemsize == 22 else x.view("u1").shape
xp.array([(1, 2.5), (3, 4)], dtype="i4,f8")
xp.array([[1, 2], [3, 4]], dtype="i4,f8")
xp.array((5, 6), dtype="i4,f8")
xp.array(5, dtype="i4,f8")
xp.array([5, 6], dtype="i4,f8")
xp.array([], dtype="i4,f8")
xp.array([[("a", 1)], [("b", 2)]], dtype="U1,i4")
xp.array([((1, 2), 3)], dtype=[("p", "i4,i4"), ("q", "i4")])
xp.array([(1, 2)], dtype=[("p", "i4,i4"), ("q", "i4")])
xp.array([("1", None)], dtype=[("p", "i4"), ("q", "f8")])
xp.array([(x[0]["name"], 2)], dtype=[("p", "U4"), ("q", "f8")])
""".strip().splitlines()


@pytest.mark.parametrize("line", RECORD_LINES)
def test_records_are_numpys(line):
    n, x = both()
    found = eval(line, {"xp": ts, "x": x})  # noqa: S307
    expected = eval(line, {"xp": np, "x": n})  # noqa: S307
    if not isinstance(found, ts.array):
        assert found == expected
        return
    expected = np.asarray(expected)
    assert found.dtype == expected.dtype and found.shape == expected.shape, (found.dtype, expected.dtype)
    assert str(plain(found.tolist())) == str(plain(expected.tolist()))  # NaN, too


def test_sub_arrays_of_lists():
    dtype = [("a", "i4"), ("m", "f8", (2, 2)), ("r", [("x", "i2"), ("t", "U3")], 2)]
    rows = [(1, [[1, 2], [3, 4]], [(1, "a"), (2, "b")]), (2, 5, (3, "c")), (3, [[1, 2]], [(4, "d")]),
    (4, np.eye(2), [(5, "e")] * 2)]
    assert plain(ts.array(rows[:1] + rows[2:], dtype).tolist()) == plain(np.array(rows[:1] + rows[2:], dtype).tolist())
    assert type(ts.array(rows[:1], dtype)[0].item()[1]) is ts.array


def test_records_sort_in_place():
    n, x = both()
    x.sort(order="price")
    n.sort(order="price", kind="stable")
    assert x.tolist() == n.tolist()
    assert x.argsort(order=["volume"]).tolist() == n.argsort(order=["volume"], kind="stable").tolist()


def test_records_are_copied_and_pickled():
    for dtype in NATIVE.values():
        x = ts.asarray(filled(dtype))
        for other in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x), x.copy(), ts.asarray(x, copy=True)):
            assert other.dtype == x.dtype and other.dtype.isalignedstruct == x.dtype.isalignedstruct
            assert plain(other.tolist()) == plain(x.tolist()) and not ts.shares_memory(other, x)


@pytest.mark.parametrize("call, error", [
    (lambda x: x["none"], ValueError), (lambda x: x[["name", "none"]], ValueError),
    (lambda x: x[["name", 1]], IndexError),
    (lambda x: x["name"]["a"], IndexError), (lambda x: x.__setitem__("none", 1), ValueError),
    (lambda x: x[["name", "name"]], ValueError),
    (lambda x: x.__setitem__(0, (1, 2)), ValueError), (lambda x: x.__setitem__(0, ("a", "x", 1, 1)), ValueError),
    (lambda x: x.__setitem__(0, [("a", 1, 1, 1)] * 2), ValueError), (lambda x: ts.sort(x, order="none"),
    (ValueError, IndexError)),
    (lambda x: ts.sort(x, order=3), TypeError), (lambda x: ts.sort(x["price"], order="price"), (ValueError, TypeError)),
    (lambda x: x + 1, TypeError), (lambda x: ts.sum(x), TypeError), (lambda x: x < x, TypeError),
    (lambda x: float(x[0]), TypeError),
    (lambda x: ts.array([(1, 2, 3)], "i4,i4"), ValueError),
    (lambda x: ts.array([(1, [2])], "i4,i4"), TypeError), (lambda x: ts.array([(1, [2, 3]),
    (2, [])], "i4,U3"), TypeError),
    (lambda x: ts.array([(1, np.arange(2))], "i4,i4"), ValueError),
    (lambda x: ts.array([object()], "i4,i4"), TypeError),
    (lambda x: ts.array([(2**40, 1)], "i4,i4"), OverflowError), (lambda x: ts.array([(1, [1, 2, 3])], [("a", "i4"),
    ("b", "i4", 2)]), ValueError),
    (lambda x: memoryview(x), BufferError), (lambda x: x.__dlpack__(), BufferError),
    (lambda x: ts.linalg.norm(x), TypeError),
])
def test_what_records_do_not_do(call, error):
    n, x = both()
    with pytest.raises(error):
        call(x)
    assert x.tolist() == n.tolist()


def test_rows_that_change_while_they_are_read():
    class Spoiler:
        def __init__(self, change):
            self.change = change

        def __float__(self):
            self.change()
            return 1.0

        __array__ = None

        def __str__(self):
            self.change()
            return "text"

    wrong = []
    wrong.extend([(Spoiler(wrong.clear), "a")] * 3)
    with pytest.raises((TypeError, ValueError)):
        ts.array(wrong, "f8,U3")
    endless = []
    endless.append(endless)
    for dtype in ("U3", "i4,f8", "M8[s]"):
        with pytest.raises(ValueError):
            ts.array(endless, dtype)
