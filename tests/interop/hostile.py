"""Structs no producer should send, and odd ones that are allowed, given to from_dlpack; each says what must come of it.

    hostile.py FIRST     runs the cells from number FIRST on; see isolated.py
"""
from __future__ import annotations

import gc
import itertools
import sys
from typing import NamedTuple

import isolated
from raw_dlpack import Producer, capsule_name

HUGE = 2**63 - 1
NUMBERS = "[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]"


class Cell(NamedTuple):
    name: str
    versioned: bool
    fields: dict
    expected: str  # the elements, or the message of the BufferError


# What is changed in a good struct, and what comes of it in both forms.
BOTH = {
    # allowed
    "a good struct": ({}, NUMBERS),
    "no deleter": ({"deleter": False}, NUMBERS),
    "no strides": ({"strides": None}, NUMBERS),
    "byte_offset": ({"byte_offset": 4, "shape": (1, 5), "strides": (5, 1)}, "[[1.0, 2.0, 3.0, 4.0, 5.0]]"),
    "misaligned": ({"code": "uint", "bits": 16, "byte_offset": 5, "shape": (1,), "strides": (1,)}, "[32768]"),
    "negative strides": ({"byte_offset": 20, "strides": (-3, -1)}, "[[5.0, 4.0, 3.0], [2.0, 1.0, 0.0]]"),
    "stride 0": ({"strides": (0, 1)}, "[[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]]"),
    "0-d without shape": ({"ndim": 0, "shape": None, "strides": None}, "0.0"),
    "no elements": ({"shape": (0, 3), "data": None, "strides": (3, 1)}, "[]"),
    "no elements, absurd strides": ({"shape": (3, 0), "data": None, "strides": (HUGE, -HUGE)}, "[[], [], []]"),
    "an absurd stride that is never walked": ({"shape": (1, 2), "strides": (HUGE, 1)}, "[[0.0, 1.0]]"),
    "pinned host memory": ({"device": (3, 0)}, NUMBERS),
    # refused
    "lanes 0": ({"lanes": 0}, "elements of 0 lanes of float32 are not supported; expected 1 lane"),
    "lanes 4": ({"lanes": 4}, "elements of 4 lanes of float32 are not supported; expected 1 lane"),
    "float8": ({"code": 10, "bits": 8}, "elements of float8_e4m3fn are not supported; expected bool, …"),
    "4-bit integers": ({"code": "int", "bits": 4}, "elements of int4 are not supported; expected bool, …"),
    "1-bit bool": ({"code": "bool", "bits": 1}, "elements of bool with 1 bits are not supported; expected bool, …"),
    "opaque handles": ({"code": 3, "bits": 64},
                       "elements of opaque handle with 64 bits are not supported; expected bool, …"),
    "unknown dtype": ({"code": 200, "bits": 7}, "elements of code 200 with 7 bits are not supported; expected bool, …"),
    "ROCm": ({"device": (10, 0)},
             "device kDLROCM is not supported; expected kDLCPU, kDLCUDA, kDLCUDAHost or kDLCUDAManaged"),
    "unknown device": ({"device": (-7, 3)},
                       "device of type -7 is not supported; expected kDLCPU, kDLCUDA, kDLCUDAHost or kDLCUDAManaged"),
    "ndim -1": ({"ndim": -1}, "-1 axes are not supported; expected 0 to 64"),
    "ndim 65": ({"ndim": 65}, "65 axes are not supported; expected 0 to 64"),
    "ndim 2147483647": ({"ndim": 2147483647}, "2147483647 axes are not supported; expected 0 to 64"),
    "no shape": ({"shape": None, "strides": None, "ndim": 2}, "the shape is null, but there are 2 axes"),
    "no data": ({"data": None}, "the data is null for shape (2, 3)"),
    "a negative extent": ({"shape": (2, -3)}, "shape (2, -3) has a negative extent"),
    "too many elements": ({"shape": (HUGE, HUGE)}, f"shape ({HUGE}, {HUGE}) has more bytes than fit in 64 bits"),
    "too many bytes": ({"shape": (2**62, 1), "strides": None},
                       f"shape ({2**62}, 1) has more bytes than fit in 64 bits"),
    "strides out of the address space": (
        {"strides": (HUGE, HUGE)},
        f"shape (2, 3) with strides of ({HUGE}, {HUGE}) elements and byte_offset 0 reaches outside the address space"),
    "strides below the address space": (
        {"strides": (-HUGE, 1)},
        f"shape (2, 3) with strides of (-{HUGE}, 1) elements and byte_offset 0 reaches outside the address space"),
    "a byte_offset out of the address space": (
        {"byte_offset": 2**64 - 8},
        f"shape (2, 3) with strides of (3, 1) elements and byte_offset {2**64 - 8} reaches outside the address space"),
}
VERSIONED = {
    "a newer minor version": ({"version": (1, 99)}, NUMBERS),
    "unknown flags": ({"flags": 0xFFFF0000}, NUMBERS),
    "version 0.8": ({"version": (0, 8)}, "the tensor is of DLPack 0.8; expected 1.x"),
    "version 2.0": ({"version": (2, 0)}, "the tensor is of DLPack 2.0; expected 1.x"),
}
CELLS = [Cell(name, versioned, fields, expected)
         for (name, (fields, expected)), versioned in itertools.product(BOTH.items(), (True, False))]
CELLS += [Cell(name, True, fields, expected) for name, (fields, expected) in VERSIONED.items()]


def as_expected(message: str) -> str:
    """Without the function's name and the list of dtypes."""
    if not message.startswith("from_dlpack: "):
        return f"wrong: {message}"
    head, expected_dtypes, _ = message.removeprefix("from_dlpack: ").partition("; expected bool, ")
    return head + (expected_dtypes and expected_dtypes + "…")


def outcome(cell: Cell) -> str:
    """The elements or the error; `wrong: …` if the deleter was not called just when it must be."""
    import tessera
    producer = Producer(versioned=cell.versioned, **cell.fields)
    capsule = producer.capsule()
    name = capsule_name(capsule)
    try:
        x = tessera.from_dlpack(capsule)
    except BufferError as error:
        if capsule_name(capsule) != name or producer.deleted:
            return f"wrong: after the error the capsule is a {capsule_name(capsule)}, {producer.deleted} deleter calls"
        return as_expected(str(error))
    elements = str(x.tolist())
    if capsule_name(capsule) != "used_" + name or producer.deleted:
        return f"wrong: {capsule_name(capsule)}, {producer.deleted} deleter calls before the array went"
    del x
    gc.collect()
    if producer.deleted != (1 if cell.fields.get("deleter", True) else 0):
        return f"wrong: {producer.deleted} deleter calls"
    return elements


if __name__ == "__main__":
    isolated.report(CELLS, outcome, int(sys.argv[1]))
