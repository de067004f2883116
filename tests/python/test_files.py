"""Files of records, archives and text: written and read beside NumPy, in both directions; damaged ones are errors."""
import gzip
import io
import json
import os
import zipfile

import numpy as np
import pytest

import tessera as ts

TRADES = np.array([("ACME", 10.5, 3, True), ("Bolt", 2.25, -4, False), ("", np.nan, 0, True)],
                  [("name", "U5"), ("price", "f8"), ("volume", "i8"), ("active", "?")])
ARRAYS = {"numbers": np.arange(6.0).reshape(2, 3), "texts": np.array(["a", "bcd"]), "trades": TRADES,
          "times": np.array(["2024-02-29", "NaT"], "M8[D]"), "none": np.zeros((0, 3), "i2"), "one": np.array(3)}


def same(found, expected):
    expected = np.asarray(expected)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    assert str(found.tolist()) == str(expected.tolist())


# ---- .npy and raw bytes


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_written_and_read(name, tmp_path):
    path, n = tmp_path / "array.npy", ARRAYS[name]
    ts.save(path, ts.asarray(n))
    same(ts.asarray(np.load(path)), n)
    np.save(path, n)
    same(ts.load(path), n)
    if n.size:
        same(ts.load(path, mmap_mode="r"), n)
    np.save(path, n.astype(n.dtype.newbyteorder(">")))
    same(ts.load(path), n)
    raw = tmp_path / "raw"
    ts.asarray(n).tofile(raw)
    assert raw.read_bytes() == n.tobytes() == ts.asarray(n).tobytes()
    same(ts.fromfile(raw, n.dtype), n.ravel())
    same(ts.frombuffer(n.tobytes(), n.dtype), n.ravel())


def test_buffers_of_other_orders_and_of_no_bytes():
    data = np.arange(4, dtype=">i4")
    same(ts.frombuffer(data.tobytes(), ">i4"), data.astype("i4"))
    for wrong in ("U", "S", "V"):
        with pytest.raises(ValueError, match="^frombuffer: elements of .* have no bytes$"):
            ts.frombuffer(b"abcd", wrong)
    records = ts.frombuffer(bytearray(TRADES.tobytes()), TRADES.dtype)
    records["price"] = 1
    assert records["price"].tolist() == [1, 1, 1] and records["name"].tolist() == TRADES["name"].tolist()


def test_maps_of_records_are_written(tmp_path):
    path = tmp_path / "map"
    x = ts.memmap(path, TRADES.dtype, "w+", shape=3)
    x[...] = ts.asarray(TRADES)
    x[1]["price"] = 9
    del x
    n = np.fromfile(path, TRADES.dtype)
    assert n["price"].tolist()[1] == 9 and n["name"].tolist() == TRADES["name"].tolist()


# ---- archives


@pytest.mark.parametrize("name", ["savez", "savez_compressed"])
def test_archives_are_numpys(name, tmp_path):
    path = tmp_path / "archive.npz"
    getattr(ts, name)(path, ts.asarray(ARRAYS["numbers"]), [1, 2], **{k: ts.asarray(v) for k, v in ARRAYS.items()})
    with np.load(path) as theirs:
        assert theirs.files == [*ARRAYS, "arr_0", "arr_1"]
        for key, value in ARRAYS.items():
            same(ts.asarray(theirs[key]), value)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        kind = zipfile.ZIP_DEFLATED if name == "savez_compressed" else zipfile.ZIP_STORED
        assert {info.compress_type for info in archive.infolist()} == {kind}
    getattr(np, name)(path, ARRAYS["one"], **ARRAYS)
    found = ts.load(path)
    assert found.files == [*ARRAYS, "arr_0"] == list(found) == list(found.keys()) and len(found) == len(ARRAYS) + 1
    for key, value in found.items():
        same(value, ARRAYS.get(key, ARRAYS["one"]))
    assert "texts" in found and "texts.npy" in found and "text" not in found and 3 not in found
    same(found["texts.npy"], ARRAYS["texts"])
    assert found["texts"] is not found["texts"]
    with pytest.raises(KeyError, match="nothing is not a file in the archive"):
        found["nothing"]
    assert found.get("nothing", 5) == 5
    assert isinstance(found, ts.NpzFile) and repr(found).startswith(f"NpzFile {str(path)!r} with keys: numbers, ")
    with found as entered:
        kept = entered["times"]
    same(kept, ARRAYS["times"])
    with pytest.raises(ValueError, match="was closed$"):
        found["times"]
    assert repr(found).endswith("closed")


def test_empty_archives(tmp_path):
    path = tmp_path / "none.npz"
    ts.savez(path)
    assert np.load(path).files == [] and len(ts.load(path)) == 0 and "a" not in ts.load(path)
    with pytest.raises(ValueError, match="^savez: arr_0 is the name of an array without one, too$"):
        ts.savez(path, [1], arr_0=[2])


def test_damaged_archives(tmp_path):
    path = tmp_path / "damaged.npz"
    ts.savez_compressed(path, a=ts.arange(1000), b=ts.zeros(3))
    whole = path.read_bytes()
    for length in (4, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(OSError, match="damaged.npz"):
            ts.load(path)["a"]
    for position in range(30, len(whole), 7):
        broken = bytearray(whole)
        broken[position] ^= 0x55
        path.write_bytes(broken)
        try:
            found = ts.load(path)
            for name in list(found):
                found[name]
        except (OSError, KeyError, UnicodeDecodeError):
            pass
    path.write_bytes(whole)
    same(ts.load(path)["a"], np.arange(1000))


# ---- safetensors


TENSORS = {"a": np.arange(6, dtype="f4").reshape(2, 3), "b": np.array([True, False]), "c": np.array(3, "i8"),
           "d": np.zeros((0, 2), "f8"), "e": np.array([1, 2, 3], "f2"), "f": np.array([1 + 2j], "c8")}


KINDS = {"F16": "f2", "F32": "f4", "F64": "f8", "I64": "i8", "BOOL": "?", "C64": "c8"}


def read_safetensors(path):
    """By the format's description: the header's length, JSON, the elements."""
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    texts = header.pop("__metadata__", {})
    return texts, {name: np.frombuffer(data[begin + said["data_offsets"][0]:begin + said["data_offsets"][1]],
                                       KINDS[said["dtype"]]).reshape(said["shape"]) for name, said in header.items()}


def write_safetensors(path, arrays, texts):
    header, data = {"__metadata__": texts}, b""
    for name, n in arrays.items():
        kind = next(key for key, code in KINDS.items() if n.dtype == code)
        header[name] = {"dtype": kind, "shape": n.shape, "data_offsets": [len(data), len(data) + n.nbytes]}
        data += n.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def test_safetensors_are_as_described(tmp_path):
    path = tmp_path / "model.safetensors"
    ts.save_safetensors(path, {name: ts.asarray(n) for name, n in TENSORS.items()}, {"format": "np", "ä": "ö"})
    texts, theirs = read_safetensors(path)
    assert texts == {"format": "np", "ä": "ö"}
    assert {name: n.tolist() for name, n in theirs.items()} == {name: n.tolist() for name, n in TENSORS.items()}
    write_safetensors(path, TENSORS, {"key": "text"})
    for mode in (None, "r", "c"):
        found = ts.load_safetensors(path, mode)
        assert isinstance(found, ts.SafetensorsFile) and found.metadata == {"key": "text"}
        assert set(found) == set(TENSORS)
        for name, n in TENSORS.items():
            same(found[name], n)
            assert found[name].flags.writeable == (mode != "r")
        with pytest.raises(KeyError):
            found["none"]
    found.close()
    with pytest.raises(ValueError, match="was closed$"):
        found.metadata


def test_safetensors_that_are_none(tmp_path):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(b"kept")
    for arrays, metadata, error in (({"t": TRADES}, None, TypeError), ({"": [1]}, None, ValueError),
    ({3: [1]}, None, TypeError),
                                    ({"a": [1]}, {"k": 1}, TypeError), ({"__metadata__": [1]}, None, ValueError),
                                    ({"a": ["text"]}, None, TypeError), ({"a": object()}, None, TypeError)):
        with pytest.raises(error):
            ts.save_safetensors(path, arrays, metadata)
        assert path.read_bytes() == b"kept"
    for data in (b"", b"kept", b"\xff" * 16, (2**62).to_bytes(8, "little"), (2).to_bytes(8, "little") + b"{}x",
                 (40).to_bytes(8, "little") + b'{"a":{"dtype":"F32","shape":[9],"data_of'):
        path.write_bytes(data)
        with pytest.raises(OSError, match="broken.safetensors"):
            ts.load_safetensors(path)
    with pytest.raises(ValueError, match="^load_safetensors: mmap_mode: expected one of 'r', 'c', 'r\\+', not 'w'$"):
        ts.load_safetensors(path, "w")


# ---- text

TABLES = [
    ("1 2 3\n4 5 6\n", {}), ("1,2\n3,4\n", {"delimiter": ","}), ("# one\n1 2 # two\n\n3 4", {}),
    ("1 2\n3 4\n", {"dtype": "i4"}),
    ("1 2\n3 4\n", {"unpack": True}), ("1 2 3\n4 5 6\n", {"usecols": (0, -1)}), ("1 2 3\n4 5 6\n", {"usecols": 1}),
    ("a b\n1 2\n3 4\n", {"skiprows": 1}), ("1\n2\n3\n", {"max_rows": 2}), ("1 2\n", {"ndmin": 2}), ("5\n", {}),
    ("5\n", {"ndmin": 1}),
    ("% x\n1 2\n", {"comments": "%"}), ("% x\n; y\n1 2\n", {"comments": ["%", ";"]}), ("1 2\n", {"comments": None}),
    ("a,b\nccc,d\n", {"delimiter": ",", "dtype": "U"}), ("a b\nccc d\n", {"dtype": "S2"}), ("1 nan\ninf -0.0\n", {}),
    ("1+2j 3\n", {"dtype": "c16"}), ('"a b",1\n"c,d",2\n', {"delimiter": ",", "quotechar": '"', "dtype": "U5,i4"}),
    ("ACME 1.5 3\nBolt 2 4\n", {"dtype": [("name", "U4"), ("price", "f8"), ("volume", "i8")]}),
    ("ACME 1.5 3\nBolt 2 4\n", {"dtype": [("name", "U4"), ("price", "f8"), ("volume", "i8")], "unpack": True}),
    ("1 2 3 4 5\n", {"dtype": [("a", "i4"), ("m", "f8", (2, 2))]}), ("1\r\n2\r\n", {}), ("0x10 1e3\n", {"dtype": "U"}),
]


@pytest.mark.parametrize("text, options", TABLES, ids=range(len(TABLES)))
def test_tables_are_numpys(text, options, tmp_path):
    path = tmp_path / "table.txt"
    path.write_bytes(text.encode())
    expected = np.loadtxt(path, **options)
    packed = tmp_path / "table.txt.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    with open(path) as opened, open(path, "rb") as opened_bytes:
        lines = text.splitlines()
        for source in (path, str(path), packed, opened, opened_bytes, io.StringIO(text), lines, iter(lines)):
            found = ts.loadtxt(source, **options)
            if isinstance(expected, list):
                for one, other in zip(found, expected, strict=True):
                    same(one, other)
            else:
                same(found, expected)


def test_tables_of_other_encodings(tmp_path):
    path = tmp_path / "latin"
    path.write_bytes("Äpfel 1\nÖl 2\n".encode("latin-1"))
    expected = np.loadtxt(path, dtype="U5,i4", encoding="latin-1")
    same(ts.loadtxt(path, dtype="U5,i4", encoding="latin-1"), expected)
    with pytest.raises(OSError, match="latin"):
        ts.loadtxt(path, dtype="U5,i4")


@pytest.mark.parametrize("text, options, error", [
    ("1 2\n3\n", {}, ValueError), ("1 x\n", {}, ValueError), ("300\n", {"dtype": "i1"}, ValueError),
    ("1 2\n", {"usecols": 5}, ValueError),
    ("1 2\n", {"usecols": "a"}, TypeError), ("1 2\n", {"delimiter": ",,"}, ValueError),
    ("1\n", {"ndmin": 3}, ValueError),
    ("1\n", {"skiprows": -1}, ValueError), ("1\n", {"dtype": "O"}, TypeError), ("1\n", {"max_rows": 1.5}, TypeError),
    ("1\n", {"quotechar": "ab"}, ValueError), ("1\n", {"converters": {0: float}}, TypeError),
])
def test_what_is_no_table(text, options, error):
    with pytest.raises(error):
        ts.loadtxt(io.StringIO(text), **options)


MISSING = [
    ("1,2\n3,\n", {"delimiter": ","}), ("a b\n1 2\n3 4\n", {"names": True}), ("#a b\n1 2\n3 x\n", {"names": True}),
    ("1,a,2.5\n2,bcd,nan\n", {"delimiter": ",", "dtype": None, "encoding": "utf-8"}),
    ("n,v,t\n1,True,x y\n-2,False,z\n", {"delimiter": ",", "dtype": None, "names": True, "encoding": "utf-8"}),
    ("1,2\n3,4\n", {"delimiter": ",", "names": "x, y"}),
    ("1,2\n3,4\n", {"delimiter": ",", "names": ["x", "y"], "usecols": ["y"]}),
    ("1,2,3\n3,4,5\n", {"delimiter": ",", "usecols": (0, -1)}), ("1,2,3\n3,4,5\n", {"delimiter": ",", "usecols": 1}),
    ("1,N/A\n-,4\n", {"delimiter": ",", "missing_values": "N/A,-", "filling_values": 9}),
    ("1,N/A\n-,4\n", {"delimiter": ",", "missing_values": {0: "-", 1: "N/A"}, "filling_values": {0: 7, 1: -7},
                      "dtype": "i4"}),
    ("1,N/A\n-,4\n", {"delimiter": ",", "missing_values": ["-", "N/A"], "filling_values": [7, 8]}),
    ("  1 23\n456 7\n", {"delimiter": 3}), ("12345\n67890\n", {"delimiter": [2, 3]}),
    ("x\n1 2\n3 4\nend end\n", {"skip_header": 1, "skip_footer": 1}),
    ("1 2\n3 4\n5 6\n", {"max_rows": 2, "unpack": True}),
    ("a A\n1 2\n", {"names": True, "case_sensitive": "upper", "dtype": None}),
    ("p q!\n1 2\n", {"names": True, "deletechars": "!", "dtype": None}),
    ("1 2\n3\n4 5\n", {"invalid_raise": False}), ("1,2\n", {"delimiter": ",", "ndmin": 2}),
    ("1 2 % no\n", {"comments": "%"}),
    ("1 2\n3 4\n", {"dtype": "i4,f8", "unpack": True}), ("1 2\n3 4\n", {"dtype": [("a", "i4"), ("b", "U3")]}),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text, options", MISSING, ids=range(len(MISSING)))
def test_tables_with_missing_values_are_numpys(text, options, tmp_path):
    path = tmp_path / "table.txt"
    path.write_text(text)
    expected = np.genfromtxt(path, **options)
    for source in (path, io.StringIO(text), text.splitlines()):
        found = ts.genfromtxt(source, **options)
        if isinstance(expected, list):
            for one, other in zip(found, expected, strict=True):
                same(one, other)
        else:
            same(found, expected)


@pytest.mark.parametrize("text, options, error", [
    ("1 2\n3\n", {}, ValueError), ("1 2\n", {"usecols": "x"}, ValueError),
    ("1 2\n", {"delimiter": [1, "a"]}, TypeError),
    ("1 2\n", {"names": [1]}, TypeError), ("1 2\n", {"case_sensitive": "title"}, ValueError),
    ("1 x\n", {"loose": False}, ValueError),
    ("1\n", {"filling_values": object()}, TypeError), ("1\n", {"converters": {}}, TypeError),
    ("1\n", {"usemask": True}, TypeError),
])
def test_what_is_no_table_with_missing_values(text, options, error):
    with pytest.raises(error):
        ts.genfromtxt(io.StringIO(text), **options)


def test_no_file_is_no_table(tmp_path):
    with pytest.raises(OSError, match="none"):
        ts.loadtxt(tmp_path / "none")


def test_progress_of_tables_is_told_and_ends_them(tmp_path):
    path = tmp_path / "long"
    np.savetxt(path, np.arange(200000.0))
    told = []
    found = ts.loadtxt(path, progress=lambda done, of: told.append((done, of)))
    assert found.shape == (200000,) and told[0][0] == 0 and told[-1][0] == told[-1][1]
    with pytest.raises(ts.Cancelled):
        ts.loadtxt(path, progress=lambda done, of: False)
    with pytest.raises(ZeroDivisionError):
        ts.loadtxt(path, progress=lambda done, of: 1 / 0)


@pytest.mark.parametrize("n, options", [
    (np.arange(6.0).reshape(2, 3), {}), (np.arange(3), {}), (np.arange(3), {"fmt": "%d"}),
    (np.arange(6.0).reshape(2, 3), {"fmt": "%.3f", "delimiter": ",", "newline": "\r\n"}),
    (np.arange(4.0).reshape(2, 2), {"fmt": ["%d", "%.1e"], "header": "a b\nc", "footer": "end", "comments": "% "}),
    (np.arange(4.0).reshape(2, 2), {"fmt": "%d and %g"}), (np.array(["a", "é"]), {"fmt": "%s"}),
    (TRADES[["price", "volume"]], {"fmt": "%g"}), (np.array([1 + 2j, 3]), {}),
], ids=range(9))
def test_tables_are_written_as_numpys(n, options, tmp_path):
    path, expected = tmp_path / "ours", tmp_path / "theirs"
    encoding = "utf-8" if n.dtype.kind == "U" else None
    ts.savetxt(path, ts.asarray(n), **options)
    np.savetxt(expected, n, encoding=encoding, **options)
    assert path.read_bytes() == expected.read_bytes()
    ts.savetxt(tmp_path / "ours.gz", n, **options)
    assert gzip.decompress((tmp_path / "ours.gz").read_bytes()) == expected.read_bytes()
    text, raw = io.StringIO(newline=""), io.BytesIO()
    ts.savetxt(text, n, **options)
    ts.savetxt(raw, n, encoding="utf-8", **options)
    assert text.getvalue().encode() == raw.getvalue() == expected.read_bytes()


def test_tables_that_cannot_be_written(tmp_path):
    path = tmp_path / "kept"
    path.write_text("before")
    for x, options, error in ((np.zeros((2, 2, 2)), {}, ValueError), (np.zeros(2), {"fmt": ["%d", "%d"]}, ValueError),
                              (np.zeros(2), {"fmt": 3}, TypeError), (np.array(["a"]), {"fmt": "%d"}, TypeError)):
        with pytest.raises(error):
            ts.savetxt(path, x, **options)
        assert path.read_text() == "before" and os.listdir(tmp_path) == ["kept"]
    with pytest.raises(OSError, match="nowhere"):
        ts.savetxt(tmp_path / "nowhere" / "table", [1])
