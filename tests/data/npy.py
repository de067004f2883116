#!/usr/bin/env python3
"""Writes npy/: files as numpy.save writes them, each holding 0, 1, 2 … in C order. Needs numpy 2.4 and ml_dtypes."""
import pathlib

import ml_dtypes
import numpy as np

FOLDER = pathlib.Path(__file__).with_name("npy")


def count(dtype, *shape):
    return np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)


def records():
    """Elements that are no numbers; not counted."""
    mixed = np.dtype([("name", "<U5"), ("price", "<f8"), ("volume", "<i4"), ("active", "?")])
    rows = [("né", 1.5, 7, True), ("b'\"c", -2.0, 8, False)]
    nested = np.array([(1.5, ([1, 2], "né"), b"abc"), (2.5, ([3, 4], "x"), b"")],
                      [("x", "<f8"), ("n", [("i", "<i2", (2,)), ("u", "<U2")]), ("s", "S3")])
    titled = np.zeros(2, [(("a title", "x"), "<f8")])
    return {
        "texts": np.array([["buy", "né"], ["", "日本語"]]),
        "bytes": np.array([b"ab", b"c\xff\x00d"]),
        "raw_bytes": np.array([b"ab", b"c\x00"], "V2"),
        "times": np.array(["2024-02-29T12", "NaT"], "M8[ns]"),
        "records": np.array(rows, mixed),
        "aligned": np.array(rows, np.dtype(mixed.descr, align=True)),
        "nested": nested,
        "sub_arrays": np.array([([[1, 2], [3, 4]], 5)], [("m", "<f4", (2, 2)), ("k", ">u4")]).astype(
            [("m", "<f4", (2, 2)), ("k", "<u4")]),
        "titles": titled,
        "no_titles": titled.astype([("x", "<f8")]),
        "quotes": np.zeros(1, [("it's", "<f8"), ('"', "<i4"), ("a\\b\n\x7f", "<i4"), ("é", "?")]),
        "unicode_names": np.zeros(2, [("prix_é", "<f8"), ("名", "<i4")]),
        "long_header": np.zeros(1, [(f"field_{i:04}", "<f4") for i in range(3000)]),
        "fortran_records": np.asfortranarray(np.zeros((2, 3), mixed)),
        "one_record": np.array(rows[0], mixed),
        "big_endian_records": nested.astype([("x", ">f8"), ("n", [("i", ">i2", (2,)), ("u", ">U2")]), ("s", "S3")]),
    }


def main():
    FOLDER.mkdir(exist_ok=True)
    arrays = {name: count(name, 2, 3) for name in
              ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
               "complex64", "complex128"]}
    arrays |= {
        "bfloat16": count(ml_dtypes.bfloat16, 2, 3),
        "fortran": np.asfortranarray(count("f8", 2, 3)),
        "fortran_5d": np.asfortranarray(count("i2", 1, 2, 3, 1, 2)),
        "no_axes": count("f8"),
        "one_axis": count("i4", 5),
        "row": count("f4", 1, 4),
        "no_elements": count("i4", 0, 3),
        "many_axes": count("u1", *[1] * 64),
        "long_shape": np.zeros((0, 2**40, 10**6), "u1"),
        "big_endian_int16": count(">i2", 2, 3),
        "big_endian_uint32": count(">u4", 2, 3),
        "big_endian_float64": np.asfortranarray(count(">f8", 2, 3)),
        "big_endian_complex64": count(">c8", 2, 3),
    }
    arrays |= records()
    for name, a in arrays.items():
        np.save(FOLDER / f"{name}.npy", a)
    for version in (2, 3):
        with open(FOLDER / f"version_{version}.npy", "wb") as file:
            np.lib.format.write_array(file, count("f4", 2, 3), version=(version, 0))


if __name__ == "__main__":
    main()
