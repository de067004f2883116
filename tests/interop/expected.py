"""What must come of every cell of the matrix: for each pair a list of rules, of which the first that fits holds."""
from __future__ import annotations

from matrix import Cell

COPIED = ("negative strides", "misaligned", "odd byte strides")  # what DLPack cannot say or its consumers cannot take
WITH_GAPS = ("gaps", "stride 0")
NOT_C_ORDER = ("transposed", "axes permuted") + WITH_GAPS
SINGLE_BYTES = ("bool", "int8", "uint8")

LEGACY_READ_ONLY = "BufferError: to_dlpack_legacy: the array is read-only, which a struct of DLPack before 1.0*"
NUMPY_READ_ONLY = "BufferError: Cannot export readonly array since signalling readonly is unsupported by DLPack*"
NUMPY_DTYPE = "BufferError: DLPack only supports signed/unsigned integers, float and complex dtypes."
NUMPY_STRIDES = "BufferError: DLPack only supports strides which are a multiple of itemsize."
NUMPY_TAKES_DTYPE = "RuntimeError: Unsupported dtype in DLTensor."
JAX_STRIDES = "JaxRuntimeError: UNIMPLEMENTED: Only DLPack tensors with trivial (compact) striding are supported*"
TENSORFLOW_STRIDES = "InvalidArgumentError: Invalid strides array from DLPack"


def rule(outcome: str, **fields) -> tuple[str, dict[str, tuple[str, ...]]]:
    """An outcome, or the beginning of one and `*`, for cells with these values, each one or a tuple of them."""
    return outcome, {name: value if isinstance(value, tuple) else (value,) for name, value in fields.items()}


# One-byte elements are never misaligned; broadcast arrays are read-only; torch has no negative strides; arrays of JAX
# and TensorFlow have no gaps. Nothing in torch, JAX and TensorFlow is made read-only.
NO_SUCH_ARRAY = {
    "tessera": [rule("-", layout=("misaligned", "odd byte strides"), dtype=SINGLE_BYTES),
                rule("-", layout="odd byte strides", dtype="bfloat16"),
                rule("-", layout="stride 0", flag="writable")],
    "numpy": [rule("-", layout=("misaligned", "odd byte strides"), dtype=SINGLE_BYTES),
              rule("-", layout="stride 0", flag="writable")],
    "torch": [rule("-", layout=("negative strides", "odd byte strides")), rule("-", flag="read-only"),
              rule("-", layout="misaligned", dtype=SINGLE_BYTES)],
    "jax": [rule("-", layout=NOT_C_ORDER + COPIED), rule("-", flag="read-only")],
    "tensorflow": [rule("-", layout=NOT_C_ORDER + COPIED), rule("-", flag="read-only")],
}

RULES = {
    ("tessera", "numpy"): [
        rule("shares", route="asarray", flag="writable"),
        rule("shares, read-only", route="asarray"),
        rule(NUMPY_TAKES_DTYPE, dtype="bfloat16", route="versioned"),
        rule("shares", layout="no elements", route="versioned"),  # NumPy makes an array of its own where data is NULL
        rule("copies", route="versioned", layout=COPIED),
        rule(NUMPY_TAKES_DTYPE, dtype="bfloat16", layout=COPIED),
        rule("copies, read-only", layout=COPIED),  # NumPy takes no legacy struct as writable
        rule(LEGACY_READ_ONLY, route="legacy", flag="read-only"),
        rule(NUMPY_TAKES_DTYPE, dtype="bfloat16"),
        rule("shares", layout="no elements", route="legacy"),
        rule("shares, read-only", route="legacy"),
        rule("shares", flag="writable"),
        rule("shares, read-only"),
    ],
    ("tessera", "torch"): [
        rule("copies", layout=COPIED),
        rule(LEGACY_READ_ONLY, route="legacy", flag="read-only"),
        rule("shares"),  # torch writes to what is read-only
    ],
    ("tessera", "jax"): [
        rule("copies, read-only", layout=COPIED),
        rule(LEGACY_READ_ONLY, flag="read-only"),
        rule(JAX_STRIDES, layout=WITH_GAPS),
        rule("shares, read-only"),
    ],
    ("tessera", "tensorflow"): [
        rule("copies, read-only", layout=COPIED),
        rule(LEGACY_READ_ONLY, flag="read-only"),
        rule(TENSORFLOW_STRIDES, layout=NOT_C_ORDER),
        rule("shares, read-only"),
    ],
    ("tessera", "tessera"): [
        rule("copies", layout=COPIED),
        rule(LEGACY_READ_ONLY, route="legacy", flag="read-only"),
        rule("shares", flag="writable"),
        rule("shares, read-only"),
    ],
    ("numpy", "tessera"): [
        rule(NUMPY_READ_ONLY, route="legacy", flag="read-only"),
        rule(NUMPY_STRIDES, route=("legacy", "versioned"), layout="odd byte strides"),
        rule(NUMPY_DTYPE, route=("legacy", "versioned"), dtype="bfloat16"),
        rule("shares", flag="writable"),
        rule("shares, read-only"),
    ],
    ("torch", "tessera"): [rule("shares")],
    ("jax", "tessera"): [rule("shares")],
    ("tensorflow", "tessera"): [rule("shares")],
}


def expected(producer: str, consumer: str, cell: Cell) -> str:
    for outcome, fields in NO_SUCH_ARRAY[producer] + RULES[producer, consumer]:
        if all(getattr(cell, name) in values for name, values in fields.items()):
            return outcome.replace("shares", "empty") if cell.layout == "no elements" else outcome
    raise LookupError(cell)


def fits(outcome: str, wanted: str) -> bool:
    return outcome.startswith(wanted[:-1]) if wanted.endswith("*") else outcome == wanted
