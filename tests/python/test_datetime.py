"""Times: Python's and NumPy's as elements and operands, arithmetic, units, text."""
import datetime

import numpy as np
import pytest

import tessera as ts

D = datetime.date(2024, 2, 29)
T = datetime.datetime(2024, 2, 29, 12, 30, 45, 123456)
P = datetime.timedelta(days=-3, seconds=5, microseconds=7)
UNITS = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"]
NAMES = {
    "d": np.array(["2024-02-29", "1969-12-31", "NaT", "2000-01-01"], "M8[D]"),
    "s": np.array(["2024-02-29T12:30:45", "NaT", "1900-01-01", "2024-02-29"], "M8[s]"),
    "p": np.array([1, -5, 0, "NaT"], "m8[h]"),
    "q": np.array([7, 2, 3, 5], "m8[s]"), "n": np.arange(4), "T": T, "D": D, "P": P,
    "dt": datetime, "np": np, "m": np.array([True, False, True, False]),
}
LINES = """
d + n
d - n
d - d[::-1]
d + p
s - d
d < xp.asarray("2001-01-01", dtype="M8[D]")
d == D
d != d[::-1]
d <= s
p < q
p == P
p + q
p * 2
p / 2
p // q
p % q
p / q
-p
abs(p)
xp.isnat(d)
xp.where(m, d, s)
xp.sort(d)
xp.argsort(s)
xp.unique(d)
xp.isin(d, [D])
xp.searchsorted(xp.sort(d[:2]), D)
xp.maximum(d, s)
xp.minimum(p, q)
xp.min(d[:2])
xp.max(q)
xp.sum(q)
xp.mean(q)
xp.diff(d[:2])
xp.concatenate([d, s])
d[m]
d.astype("M8[s]")
s.astype("M8[M]")
s.astype("i8")
n.astype("M8[D]")
q.astype("m8[ms]")
d.astype("U")
xp.asarray(["2024-02", "NaT"]).astype("M8[D]")
xp.datetime_as_string(s)
xp.datetime_as_string(d, unit="M")
xp.datetime_as_string(s, timezone="UTC")
xp.array([T, None], dtype="M8")
xp.array([D, D], dtype="M8")
xp.array([D, T], dtype="M8")
xp.array(["2024", "2024-02-29"], dtype="M8")
xp.array([D, T], dtype="M8[h]")
xp.array([P, 5, None], dtype="m8[us]")
xp.array([1, P], dtype="m8")
xp.array([1, None], dtype="M8[25s]")
xp.array([np.int64(3), np.timedelta64(2, "s"), None], dtype="m8[ms]")
xp.array([np.int8(3)], dtype="m8")
xp.array(D, dtype="M8")
xp.array(["2024-02-29T00"], dtype="M8[s]")
xp.array([[D], [D]], dtype="M8[D]")
xp.array([(1, D, P)], dtype=[("a", "i4"), ("t", "M8[s]"), ("p", "m8[s]")])
xp.zeros(2, "M8[s]")
xp.full(2, xp.asarray(D, dtype="M8[D]"))
xp.arange("2024-02", "2024-03", dtype="M8[D]")
xp.arange(xp.datetime64("2024-01-01"), xp.datetime64("2024-01-03"), xp.timedelta64(12, "h"))
xp.datetime64("2024-02-29T12")
xp.datetime64("2024-02-29", "s")
xp.datetime64(5, "25s")
xp.datetime64()
xp.datetime64(D)
xp.datetime64(T)
xp.timedelta64(5)
xp.timedelta64(5, "D")
xp.timedelta64(P)
xp.timedelta64()
""".strip().splitlines()


def run(line, module):
    names = NAMES if module is np else {name: ts.asarray(value) if isinstance(value, np.ndarray) else value
                                        for name, value in NAMES.items()}
    return eval(line, {"xp": module} | names)  # noqa: S307


@pytest.mark.parametrize("line", LINES)
def test_times_are_numpys(line):
    found, expected = run(line, ts), np.asarray(run(line, np))
    assert found.dtype == expected.dtype and found.shape == expected.shape, (found.dtype, expected.dtype)
    assert str(found.tolist()) == str(expected.tolist())


@pytest.mark.parametrize("unit", UNITS + ["25s", "7D", "3M"])
@pytest.mark.parametrize("kind", "Mm")
def test_elements_are_pythons(kind, unit):
    limits = [2**63 - 1, -2**63 + 1, -2**63, 0, 1, -1, 10**6,
              -10**6, 10**10, 8029, -719162, 2932896, 2932897, -1970, 1 - 1970 * 12]
    n = np.array(limits, "i8").view(f"{kind}8" + ("" if unit == "generic" else f"[{unit}]"))
    x = ts.asarray(n)
    assert x.tolist() == n.tolist()
    assert [type(one) for one in x.tolist()] == [type(one) for one in n.tolist()]
    assert [one.item() for one in x] == [one.item() for one in n]
    assert ts.datetime_data(x.dtype) == np.datetime_data(n.dtype)


def test_pythons_times_are_operands():
    d, s = ts.asarray(NAMES["d"]), ts.asarray(NAMES["s"])
    one = datetime.timedelta(days=1)
    assert (d - D).tolist()[0] == datetime.timedelta(0) and (s + one).tolist() == (one + s).tolist()
    assert (s + one).tolist()[2] == datetime.datetime(1900, 1, 2)
    assert (s > T).tolist() == [False] * 4 and (T - s).tolist()[0] == datetime.timedelta(microseconds=123456)


def test_lists_of_times_need_no_dtype():
    assert ts.array([T, T]).dtype == "M8[us]" and ts.array([T, T]).tolist() == [T, T]
    assert ts.array([D]).dtype == "M8[D]" and ts.array([D, T]).dtype == "M8[us]"
    assert ts.array(P).dtype == "m8[us]" and ts.array(P).item() == P
    aware = T.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    assert ts.array(aware).item() == T - datetime.timedelta(hours=2)
    assert ts.asarray([np.datetime64("2024-01-01"), np.datetime64("2024-01-01T01")]).dtype == "M8[h]"
    assert ts.asarray([np.timedelta64(1, "D"), np.timedelta64(2, "h")]).tolist() == \
        [datetime.timedelta(1), datetime.timedelta(hours=2)]
    for time in (D, T, P, datetime.date.min, datetime.date.max, datetime.datetime.min, datetime.datetime.max):
        assert ts.array(time).item() == time


def test_times_are_written():
    x = ts.zeros(4, "M8[s]")
    x[0] = T
    x[1] = "2024-02-29T01"
    x[2:] = [D, None]
    assert x.tolist() == [
        T.replace(microsecond=0), datetime.datetime(2024, 2, 29, 1), datetime.datetime(2024, 2, 29), None]
    records = ts.zeros(2, [("t", "M8[D]"), ("p", "m8[h]")])
    records["t"] = D
    records[1] = (None, P)
    assert records.tolist() == [(D, datetime.timedelta(0)), (None, datetime.timedelta(hours=-72))]


@pytest.mark.parametrize("call, error", [
    (lambda d: d + d, TypeError), (lambda d: d * 2, TypeError), (lambda d: d + 1.5, TypeError),
    (lambda d: ts.array(["x"], "M8[s]"), ValueError),
    (lambda d: ts.array([1], "M8"), ValueError), (lambda d: ts.array([1.5], "M8[s]"), ValueError),
    (lambda d: ts.sin(d), TypeError),
    (lambda d: ts.array([datetime.timedelta.max]), OverflowError), (lambda d: ts.isnat([1.0]), TypeError),
    (lambda d: ts.datetime_data("f8"), TypeError), (lambda d: ts.datetime_as_string(d, timezone="CET"), ValueError),
    (lambda d: ts.datetime_as_string(d, unit="what"), TypeError), (lambda d: ts.datetime64("2024", "s", 3), TypeError),
    (lambda d: ts.float64(1, "s"), TypeError), (lambda d: ts.array([object()], "M8[s]"), TypeError),
    (lambda d: ts.dtype("M8[0s]"), TypeError), (lambda d: ts.dtype("M8[x]"), TypeError),
    (lambda d: ts.array([D, 1]), TypeError),
    (lambda d: ts.array([datetime.time(1)]), TypeError), (lambda d: ts.array([np.int64(1)], "M8"), ValueError),
    (lambda d: ts.array([D], "m8"), ValueError), (lambda d: ts.array([np.datetime64(1, "s")], "m8"), ValueError),
    (lambda d: ts.array([P], "M8[s]"), ValueError),
])
def test_what_times_do_not_do(call, error):
    with pytest.raises(error):
        call(ts.asarray(NAMES["d"]))


def test_a_timezone_that_lies():
    class Zone(datetime.tzinfo):
        def utcoffset(self, when):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ts.array(T.replace(tzinfo=Zone()))
