"""Texts: operators, picking, sorting, sets and tessera.strings, compared with NumPy."""
import numpy as np
import pytest

import tessera as ts

WORDS = np.array([["hold", "", "buy it"], [" sell\t", "ÄPFEL", "3"], ["Straße", "x,y,z", "naïve 日本"]])
BYTES = np.array([b"hold", b"", b" sell\t", b"Buy It", b"42", b"a,b,c"])
NAMES = {"w": WORDS, "b": BYTES, "s": WORDS.ravel(), "n": np.arange(9), "m": WORDS.ravel() > "b",
         "t": np.array(["buy", "hold", "y"]), "k": np.array([0, 2, -1])}


def same(found, expected):
    """Dtype, shape and every element."""
    if isinstance(expected, (tuple, list)):
        assert len(found) == len(expected)
        for one, other in zip(found, expected):
            same(one, other)
        return
    expected = np.asarray(expected)
    assert found.dtype == expected.dtype, (found.dtype, expected.dtype)
    assert found.shape == expected.shape
    assert str(found.tolist()) == str(expected.tolist())  # NaN, too


def run(line, module):
    names = dict(NAMES) if module is np else {name: ts.asarray(value) for name, value in NAMES.items()}
    return eval(line, {"xp": module, "strings": module.strings} | names)  # noqa: S307


LINES = """
w == "hold"
"hold" == w
w != w[0]
s < "hold"
s >= s[::-1]
b == b"hold"
b > b[::-1]
w + "!"
"<" + w
xp.where(n > 4, "buy", "hold")
xp.where(m, s, "no")
xp.where(m, "", s)
xp.where(n > 4, b"buy", b"hold")
s[m]
s[[0, -1]]
w[:, ::-2]
w.T
xp.take(s, [3, 1, 1])
xp.concatenate([s, t])
xp.concatenate([t, ["something longer"]])
xp.stack([t, t])
xp.repeat(t, 2)
xp.sort(s)
xp.sort(w, axis=0)
xp.argsort(s)
xp.argsort(b)
xp.searchsorted(xp.sort(s), ["hold", "z"])
xp.searchsorted(xp.sort(s), "hold")
xp.unique(s)
xp.unique(s, return_index=True, return_inverse=True, return_counts=True)
xp.isin(s, ["hold", "3", "none"])
xp.isin(s, ["hold"], invert=True)
xp.union1d(s, t)
xp.intersect1d(s, t)
xp.setdiff1d(s, t)
s.astype("U3")
s.astype("U30")
b.astype("U")
b.astype("S2")
n.astype("U")
xp.asarray(["1", "-2", "30"]).astype("i4")
xp.asarray(["1.5", "1e3", "nan"]).astype("f8")
xp.zeros(2, "U3")
xp.full(3, "ab")
xp.full((2, 2), "abc", dtype="U2")
xp.zeros_like(s)
xp.array(["a", 1, 2.5, True])
xp.array([["a"], ["b"]])
xp.array([b"a", "b"])
xp.array(["a", "b"], dtype="S")
xp.array([1, 22], dtype="U")
xp.array([None, 2], dtype="U")
xp.array(["1", b"2", 3], dtype="i4")
xp.array(["1", None, 2.5], dtype="f8")
xp.array([b"1.5", "2"], dtype="c8")
xp.array(["", "a"], dtype="?")
xp.array([], dtype="U")
xp.array("abc")
xp.array(b"abc")
xp.array("3.5", dtype="f8")
xp.array(7, dtype="U")
xp.array([t, ["abcdef", "b", "c"]])
xp.array([b"ab", b"cd"], dtype="V2")
strings.str_len(w)
strings.isalpha(w)
strings.isdigit(s)
strings.isalnum(s)
strings.isspace(s)
strings.isdecimal(s)
strings.isnumeric(s)
strings.islower(s)
strings.isupper(s)
strings.istitle(s)
strings.upper(s)
strings.lower(s)
strings.swapcase(b)
strings.capitalize(s)
strings.title(s)
strings.equal(s, "hold")
strings.not_equal(s, s[::-1])
strings.less(s, "hold")
strings.less_equal(b, b[0])
strings.greater(s, "hold")
strings.greater_equal(s, "hold")
strings.find(w, "l")
strings.find(s, "l", 1, 3)
strings.find(s, "y", n % 3)
strings.rfind(s, "l", end=-1)
strings.count(b, b",")
strings.count(s, "")
strings.index(["abc", "cab"], "a")
strings.rindex(["abca", "cab"], "a")
strings.startswith(s, "h")
strings.startswith(s, "o", 1)
strings.endswith(w, w[:, :1])
strings.endswith(s, "d", 0, 4)
strings.strip(s)
strings.lstrip(b)
strings.rstrip(s, "dlt\\t")
strings.strip(s, s)
strings.replace(s, "l", "LL")
strings.replace(s, "l", "LL", 1)
strings.replace(b, b",", b"")
strings.add(s, "!")
strings.add(b, b[::-1])
strings.multiply(s, 2)
strings.multiply(t, k)
strings.center(t, 7)
strings.ljust(t, 5, "*")
strings.rjust(b, 9, b"-")
strings.zfill(["-3", "+1.5", "7"], 5)
strings.expandtabs(["a\\tb", "\\t"]).astype("U20")
strings.expandtabs(["a\\tb", "\\t"], 3).astype("U20")
strings.partition(s, ",")
strings.rpartition(b, b",")
strings.slice(s, 2)
strings.slice(s, 1, None)
strings.slice(s, 1, -1)
strings.slice(s, None, None, 2)
strings.slice(s, -3, None)
strings.slice(t, k % 2, k + 2)
strings.encode(t)
strings.encode(s, "utf-8")
strings.decode(b)
strings.decode(b, "ascii")
strings.mod(["%d pieces", "%3d"], [1, 22])
strings.mod("%.1f", [1.0, 2.5])
strings.translate(t, {ord("u"): "U", ord("h"): None})
strings.translate(b, bytes(range(256)), b"lh")
""".strip().splitlines()


@pytest.mark.parametrize("line", LINES)
def test_texts_are_numpys(line):
    same(run(line, ts), run(line, np))


def test_every_name_of_numpys_strings_is_there():
    assert sorted(ts.strings.__all__) == sorted(np.strings.__all__)
    assert all([callable(getattr(ts.strings, name)) for name in ts.strings.__all__])
    tried = " ".join(LINES)
    assert [name for name in ts.strings.__all__ if f"strings.{name}(" not in tried] == []


def test_elements_are_pythons():
    x = ts.asarray(WORDS)
    assert x[0, 0].item() == "hold" and type(x[0, 0].item()) is str and x.item(2, 2) == "naïve 日本"
    assert x.tolist() == WORDS.tolist()
    assert ts.asarray(BYTES).tolist() == BYTES.tolist() and ts.asarray(BYTES)[0].item() == b"hold"
    assert ts.array("a\0b\0").item() == "a\0b" and ts.array(b"a\0").item() == b"a"
    assert "hold" in x and "none" not in x and b"hold" not in x
    assert [str(word) for word in x[0]] == WORDS[0].tolist()
    assert ts.array("\U0001f600").item() == "\U0001f600"


def test_elements_are_written():
    n = WORDS.copy()
    x = ts.asarray(n)
    x[0, 0], n[0, 0] = "longer than all of the others", "longer than all of the others"
    x[1], n[1] = ["a", "b", "c"], ["a", "b", "c"]
    x[2, 1:], n[2, 1:] = 7, 7
    x[x == "a"] = "zz"
    assert x.tolist() == n.tolist() and n[1, 0] == "zz"
    x.fill("f")
    assert (n == "f").all()
    b = ts.asarray(BYTES.copy())
    b[0] = b"bytes"
    b[1] = "ascii"
    assert b.tolist()[:2] == [b"bytes", b"ascii"]


@pytest.mark.parametrize("call, error", [
    (lambda x: x + 1, TypeError), (lambda x: x < 3, TypeError), (lambda x: -x, TypeError),
    (lambda x: ts.sum(x), TypeError),
    (lambda x: float(ts.array("a")), ValueError), (lambda x: x.astype("f8"), ValueError),
    (lambda x: ts.array(["a"], "i4"), ValueError),
    (lambda x: ts.array(["é"], "S"), UnicodeEncodeError), (lambda x: ts.array([b"\xff"], "U"), UnicodeDecodeError),
    (lambda x: x == "\ud800", UnicodeEncodeError),
    (lambda x: ts.strings.index(x, "q"), ValueError), (lambda x: ts.strings.upper([1]), TypeError),
    (lambda x: ts.strings.partition(x, ""), ValueError), (lambda x: ts.strings.center(x, 5, "ab"),
    (ValueError, TypeError)),
    (lambda x: ts.strings.encode(x, "utf-7"), ValueError),
    (lambda x: ts.strings.encode(x, errors="ignore"), ValueError),
    (lambda x: ts.array(["a", object()]), TypeError), (lambda x: ts.array([1, "a", None]), TypeError),
    (lambda x: x["a"], IndexError),
    (lambda x: x.__setitem__("a", 1), IndexError), (lambda x: ts.array(["a"], "V1"), TypeError),
    (lambda x: ts.array([b"a", b"bc"], "V"), TypeError), (lambda x: ts.sort(x, order="a"), (ValueError, TypeError)),
    (lambda x: ts.asarray("a", copy=False), ValueError), (lambda x: x.astype("U").view("f8"), (ValueError, TypeError)),
])
def test_what_texts_do_not_do(call, error):
    x = ts.asarray(["one", "two", "three"])
    with pytest.raises(error):
        call(x)
    assert x.tolist() == ["one", "two", "three"]


def test_code_points_that_do_not_exist():
    n = np.array([0x110000, 65], "u4").view("U1")
    x = ts.asarray(n)
    for use in (lambda: x[0].item(), lambda: x.tolist()):
        with pytest.raises(ValueError, match="^item: 1114112 is no code point of a text$"):
            use()
    assert x[1].item() == "A"
