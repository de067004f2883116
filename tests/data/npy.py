#!/usr/bin/env python3
"""Writes npy/: files as numpy.save writes them, each holding 0, 1, 2 … in C order. Needs numpy 2.4 and ml_dtypes."""
import pathlib

import ml_dtypes
import numpy as np

FOLDER = pathlib.Path(__file__).with_name("npy")


def count(dtype, *shape):
    return np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)


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
    for name, a in arrays.items():
        np.save(FOLDER / f"{name}.npy", a)
    for version in (2, 3):
        with open(FOLDER / f"version_{version}.npy", "wb") as file:
            np.lib.format.write_array(file, count("f4", 2, 3), version=(version, 0))


if __name__ == "__main__":
    main()
