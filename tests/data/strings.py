#!/usr/bin/env python3
"""Writes strings.json: numpy.strings, comparisons and casts of texts.

    python3 strings.py [--output FOLDER]          needs numpy 2.4

One case a line: call, x, arguments (arrays), the result (an array, or three). An array is [dtype, shape, elements],
bytes as Latin-1; what NumPy makes wider than needed (expandtabs, partition) is written as wide as needed.
"""
import argparse
import pathlib

import numpy as np

import case_text

TEXTS = ["", "a", "abc", "ABC abc", "  pad \t", "Hello World", "xxabcxx", "a-b-c", "aaa", "they're", "-12", "+3",
         "0042", "1.5", "tab\tand\ttab", "line\nab\tc", "\r\n\x0b", "ß", "Straße", "ŉa", "İstanbul", "ΑΣ", "ΟΔΟΣ ΣΑΣ.",
         "ǆungla ǅ", "ﬁx ﬃ", "日本語", "٣٤", "²", "½", "一二", "Ⅷ", "e\u0301a\u0308", "\u2003wide\u00a0", "😀 smile 😀", "𝔘𝔫𝔦",
         "𐐀𐐨", "a\0b", "ªº", "ʰx", "Ω", "ά", "ᾳ", "ꭰᏸ", "x\u0345", "ON\u00adΣ", "\x1c", "\x85", "Title Case Here",
         "Not title", "123abc", "_"]
BYTES = [t.encode() for t in TEXTS if t.isascii()] + [b"a\xe9", b"\xff\x80", b"\xc3\xa9"]
PLAIN = ["upper", "lower", "swapcase", "capitalize", "title", "isalpha", "isdigit", "isalnum", "isspace", "islower",
         "isupper", "istitle", "isdecimal", "isnumeric", "str_len", "strip", "lstrip", "rstrip"]
SEARCHES = ["find", "rfind", "count", "startswith", "endswith"]
COMPARISONS = ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]


def array(x, fit=False):
    x = np.asarray(x)
    if x.dtype.kind not in "US":
        return case_text.array(x)
    flat = [v if x.dtype.kind == "U" else v.decode("latin-1") for v in x.reshape(-1).tolist()]
    width = max(1, max(map(len, flat), default=1)) if fit else int(x.dtype.str[2:])
    return [f"{x.dtype.str[:2]}{width}", x.shape, flat]


def pick(rng, texts, n):
    return np.array([texts[i] for i in rng.integers(0, len(texts), n)])


def parts(rng, x):
    """Pieces of texts, and others."""
    found = []
    for t in x.reshape(-1).tolist():
        i, n = rng.integers(0, len(t) + 1), rng.integers(0, 3)
        found.append(t[i:i + n])
    return np.array(found).reshape(x.shape)


def cases(rng):
    for texts in (TEXTS, BYTES):
        whole = np.array(texts)
        for call in PLAIN:
            if texts is TEXTS or call not in ("isdecimal", "isnumeric"):
                yield call, whole, []
        for call in COMPARISONS:
            for _ in range(3):
                x, y = pick(rng, texts, 12), pick(rng, texts, 12)
                y = np.where(rng.random(12) < 0.4, x, y)
                yield call, x.reshape(3, 4), [y.reshape(3, 4)[:1 + 2 * int(rng.integers(0, 2))]]
        for _ in range(12):
            x = pick(rng, texts, 8)
            for call in SEARCHES:
                yield call, x, [parts(rng, x)]
                yield call, x, [parts(rng, x), rng.integers(-9, 9, 8), rng.integers(-9, 9, 8)]
            for call in ("strip", "lstrip", "rstrip"):
                yield call, x, [parts(rng, x)]
            yield "replace", x, [parts(rng, x), parts(rng, x), rng.integers(-1, 3, 8)]
            yield "add", x, [pick(rng, texts, 8)]
            yield "multiply", x, [rng.integers(-1, 4, 8)]
            for call in ("center", "ljust", "rjust", "zfill"):
                yield call, x, [rng.integers(-2, 12, 8)]
            fill = np.array([b"*", b"-"] if texts is BYTES else ["*", "é"])[rng.integers(0, 2, 8)]
            for call in ("center", "ljust", "rjust"):
                yield call, x, [rng.integers(0, 12, 8), fill]
            yield "expandtabs", x, [rng.integers(-1, 9, 8)]
            separator = parts(rng, x)
            separator = np.where(np.strings.str_len(separator) > 0, separator, "-" if texts is TEXTS else b"-")
            for call in ("partition", "rpartition"):
                yield call, x, [separator]
            yield "slice", x, [rng.integers(-9, 9, 8), rng.integers(-9, 9, 8), rng.choice([-3, -2, -1, 1, 2, 3], 8)]
            yield "slice", x, [rng.integers(-9, 9, 8), rng.integers(-9, 9, 8)]
    yield "encode", np.array(TEXTS), []
    yield "decode", np.array([t.encode() for t in TEXTS]), []


def casts():
    for dtype in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        x = np.array([0, 1, 9, 120, 1]).astype(dtype)
        for to in ("U", "S", "U1", "S2", "U30"):
            yield x, to
    yield np.array([-1, -2**63, 2**63 - 1]), "U"
    floats = np.array([0.0, -0.0, 1.5, 0.1, 1e16, 1e-5, 123456.789, 1 / 3, np.inf, -np.inf, np.nan, 5e-324,
                       1.7976931348623157e308])
    for dtype in ("float32", "float64"):
        with np.errstate(all="ignore"):
            x = floats.astype(dtype)
        for to in ("U", "S", "U4"):
            yield x, to
    yield np.array([1 + 2j, 0.5j, -1.25 - 0j, 1e20 + 1e-7j]), "U"
    yield np.array(TEXTS), "U2"
    yield np.array(TEXTS), "U40"
    yield np.array(TEXTS), "bool"
    yield np.array(BYTES), "S3"
    yield np.array(BYTES), "S40"
    yield np.array(BYTES), "bool"
    ascii_texts = np.array([t for t in TEXTS if t.isascii()])
    for to in ("S", "S2", "S40"):
        yield ascii_texts, to
    for to in ("U", "U2", "U40"):
        yield ascii_texts.astype("S"), to
    integers = np.array(["0", "1", " 12 ", "+7", "-0", "1_0", "\t3\n", "٣٤", "0012"])
    for to in ("int8", "int64", "uint8", "float64", "float32", "complex128", "bool"):
        yield integers, to
    yield np.array(["-9223372036854775808", "9223372036854775807"]), "int64"
    yield np.array([b"12", b" -3 "]), "int32"
    numbers = ["1.5", " .5 ", "5.", "1e3", "1E-3", "-1.25e+2", "inf", "-Infinity", "+nan", "1_0.2_5", "1e400",
               "-1e-400", "4.9e-324", "0.1", "123456789012345678901234567890", "2.2250738585072011e-308", "1e23",
               "0e999999999999999999999", "0" * 400 + "1"]
    for to in ("float64", "float32", "complex128", "complex64"):
        with np.errstate(all="ignore"):
            yield np.array(numbers), to
    yield np.array([n.encode() for n in numbers]), "float64"
    units = ["1+2j", "(3j)", " ( -1.5e2-4J ) ", "j", "-j", "1+j", "infj", "nan-infj", "1e3j", "+1-.5j"]
    yield np.array(units), "complex128"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    args = parser.parse_args()
    rng = np.random.default_rng(10)
    written = []
    for call, x, arguments in cases(rng):
        result = getattr(np.strings, call)(x, *arguments)
        fit = call in ("expandtabs", "partition", "rpartition")
        if isinstance(result, tuple):
            result = [array(r, fit) for r in result]
        else:
            result = array(result, fit)
        written.append({"call": call, "x": array(x), "arguments": [array(a) for a in arguments], "result": result})
    for x, to in casts():
        with np.errstate(all="ignore"):
            written.append({"call": "astype", "x": array(x), "to": to, "arguments": [], "result": array(x.astype(to))})
    case_text.write(args.output / "strings.json", written)


if __name__ == "__main__":
    main()
