#!/usr/bin/env python3
"""Writes the files in safetensors/ with the format's reference implementation.

    python3 safetensors.py [--output FOLDER]

Needs numpy 2.4 and safetensors 0.8.
"""
import argparse
import pathlib
import sys

sys.path.pop(0)  # this file has the package's name

import numpy as np
from safetensors import TensorSpec, serialize_file
from safetensors.numpy import save_file


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent / "safetensors")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)

    arrays = {name: np.arange(6).astype(name).reshape(2, 3) for name in
              ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
               "float64", "complex64"]}
    arrays |= {"no axes": np.array(7.0), "empty": np.zeros((0, 3), "f4"), "Größe \"\\\n": np.arange(3)}
    save_file(arrays, folder / "every_dtype.safetensors", {"format": "a \"text\" with\ttabs and ü"})
    save_file({}, folder / "none.safetensors")
    half = (np.arange(6, dtype="f4").view("u4") >> 16).astype("u2")
    tiny = np.arange(4, dtype="u1")
    serialize_file({"b": TensorSpec(dtype="bfloat16", shape=[2, 3], data_ptr=half.ctypes.data, data_len=half.nbytes),
                    "f8": TensorSpec(dtype="float8_e4m3fn", shape=[4], data_ptr=tiny.ctypes.data, data_len=4)},
                   str(folder / "bfloat16.safetensors"))


if __name__ == "__main__":
    main()
