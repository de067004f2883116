#!/usr/bin/env python3
"""Writes records.json: dtypes as NumPy reads and prints them, and random arrays of texts, raw bytes and records with the text
NumPy gives them. Needs numpy 2.4.

    python3 records.py [--count N] [--seed N] [--output FILE]

"dtypes": the text of a list, dictionary or comma form, what str(dtype) is, itemsize, alignment, names and offsets.
"arrays": dtype (as str writes it), shape, data (hexadecimal, C order), options as numpy.printoptions takes them, str, repr,
and for arrays without axes the repr of the scalar.
"""
import argparse
import ast
import json
import pathlib

import numpy as np

LEAVES = ["?", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16", "<U1", "<U5", "S1", "S4",
          "V3"]
NAMES = ["x", "price", "name", "it's", 'say "hi"', "both'\"", "é", "名前", "a b", "back\\slash", "tab\t", "f0", "\u200b", "z"]
ALPHABET = list("abcXYZ 0129'\"\\\t\n\r") + ["\x00", "\x7f", "\x85", "é", "ß", "日", "本", "\u200b", "\u2028", "\ufffe", "😀",
                                              "\U000e0001", "\ud800"]


def sound_dtype(rng):
    """One that NumPy reads from its own text; not where that does not say which records inside are aligned."""
    while True:
        dtype = np.dtype(random_dtype(rng))
        try:
            same = np.dtype(ast.literal_eval(str(dtype)))
        except (ValueError, SyntaxError):
            continue
        if same == dtype and same.alignment == dtype.alignment:
            return dtype


def random_dtype(rng, depth=0):
    kind = rng.integers(10)
    if depth > 0 and (depth > 2 or kind < 7):
        return str(rng.choice(LEAVES))
    names = [str(n) for n in rng.permutation(NAMES)[:rng.integers(1, 5)]]
    fields = []
    for name in names:
        field = [name, random_dtype(rng, depth + 1)]
        if rng.random() < 0.25:
            field.append(tuple(int(n) for n in rng.integers(1, 4, size=rng.integers(1, 3))))
        fields.append(tuple(field))
    form = rng.integers(5)
    if form == 0 and depth == 0:  # of nested ones NumPy's text does not say that they are aligned
        return np.dtype(fields, align=True)
    if form == 1:
        packed = np.dtype(fields)
        gap = int(rng.integers(0, 3))
        return np.dtype({"names": names, "formats": [packed.fields[n][0] for n in names],
                         "offsets": [packed.fields[n][1] + gap for n in names], "itemsize": packed.itemsize + 2 * gap})
    return np.dtype(fields)


def written_dtypes():
    lists = ["[('name', '<U20'), ('price', '<f8'), ('volume', '<i8'), ('active', '?')]",
             "[('p', '<f8', (2, 3)), ('n', [('x', '<i4')])]", "[('p', '>f8', 3), ('q', '>U2')]",
             "[ (\"a\" , 'int16',) , ('b', 'float32', (2,)) , ]", "[('', 'i4'), ('', 'f8')]",
             "[('a', '<M8[ns]'), ('b', '<m8[25s]'), ('c', 'datetime64[D]')]",
             "{'names': ['a', 'b'], 'formats': ['i4', 'f8']}",
             "{'names': ['a', 'b'], 'formats': ['i4', 'f8'], 'offsets': [8, 0]}",
             "{'names': ['a', 'b'], 'formats': ['i4', ('f8', (2,))], 'offsets': [4, 16], 'itemsize': 40}",
             "{'names': ['a', 'b'], 'formats': ['i1', 'f8'], 'aligned': True}",
             "{'names': ['a', 'b'], 'formats': ['i1', [('c', 'f8')]], 'offsets': [0, 8], 'itemsize': 24, 'aligned': True}"]
    commas = ["f8,i4", "3i4,(2,3)f8", "U5, S3, V2", "i4,", "<3i4, >f8", "3<i4,f8", "?,M8[ns]", "()i4,0i4,1i4", "i4, 3f8"]
    for text in lists:
        dtype = ast.literal_eval(text)
        aligned = isinstance(dtype, dict) and dtype.get("aligned", False)
        yield text, np.dtype(dtype, align=True) if aligned else np.dtype(dtype)
    for text in commas:
        yield text, np.dtype(text)


def dtype_case(text, dtype):
    return {"text": text, "name": str(dtype), "itemsize": dtype.itemsize, "alignment": dtype.alignment,
            "names": list(dtype.names), "offsets": [dtype.fields[n][1] for n in dtype.names]}


def fill(rng, a):
    """Random elements, field by field."""
    if a.dtype.names is not None:
        for name in a.dtype.names:
            fill(rng, a[name])
    elif a.dtype.kind == "U":
        width = a.dtype.itemsize // 4
        a[...] = np.array(["".join(rng.choice(ALPHABET, size=rng.integers(0, width + 1))) for _ in range(a.size)] or [""],
                          a.dtype)[:a.size].reshape(a.shape)
    elif a.dtype.kind in "SV":
        data = rng.choice(list(b"ab'\"\\\n\t\x00\x7f\x80\xff"), size=a.size * a.dtype.itemsize).astype("u1")
        a[...] = np.frombuffer(data.tobytes(), a.dtype).reshape(a.shape)
    elif a.dtype.kind == "b":
        a[...] = rng.integers(0, 2, size=a.shape)
    else:
        with np.errstate(all="ignore"):
            values = np.round(rng.normal(size=a.shape) * 10.0 ** rng.integers(0, 4), rng.integers(0, 3))
            a[...] = values.astype(a.dtype) if a.dtype.kind != "u" else np.abs(values).astype(a.dtype)


def random_options(rng):
    choices = {"precision": [0, 2, 5], "threshold": [0, 2, 5], "edgeitems": [0, 1, 2], "linewidth": [10, 30, 60, 100],
               "suppress": [True], "sign": ["+", " "], "floatmode": ["fixed", "unique", "maxprec_equal"]}
    return {k: v[rng.integers(len(v))] for k, v in choices.items() if rng.random() < 0.15}


def array_case(rng):
    kind = rng.integers(4)
    dtype = np.dtype(["<U6", "S4", "V3", None][kind] or sound_dtype(rng))
    shape = tuple(int(n) for n in rng.integers(0 if rng.random() < 0.1 else 1, 5, size=rng.integers(0, 3)))
    a = np.zeros(shape, dtype)
    fill(rng, a)
    options = random_options(rng)
    with np.printoptions(**options):
        case = {"dtype": str(dtype), "shape": shape, "data": a.tobytes().hex(), "options": options, "str": str(a),
                "repr": repr(a)}
        if shape == ():
            case["scalar"] = repr(a[()])
    return array_case(rng) if "\ud800" in case["str"] else case  # no JSON


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=250)
    parser.add_argument("--seed", type=int, default=10)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).with_suffix(".json"))
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    dtypes = [dtype_case(text, dtype) for text, dtype in written_dtypes()]
    dtypes += [dtype_case(str(d), d) for d in (sound_dtype(rng) for _ in range(arguments.count))]
    arrays = [array_case(rng) for _ in range(arguments.count)]
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write('{"dtypes": [\n' + ",\n".join(json.dumps(c) for c in dtypes) + '\n], "arrays": [\n' +
                   ",\n".join(json.dumps(c) for c in arrays) + "\n]}\n")


if __name__ == "__main__":
    main()
