"""What an array costs to cross between tessera, NumPy and PyTorch: python python/bench/crossings.py prints a table.

Each figure is the best of several repetitions, at a small and at a large array: nothing is copied, so they are the same.
"""
import timeit

import numpy as np

import tessera as ts

try:
    import torch
except ImportError:
    torch = None

CROSSINGS = [
    ("out", "x.__dlpack__(max_version=(1, 3))"),
    ("out", "x.__dlpack__()"),
    ("out", "np.asarray(x)"),
    ("out", "np.from_dlpack(x)"),
    ("out", "memoryview(x)"),
    ("out", "torch.from_dlpack(x)"),
    ("in", "ts.asarray(n)"),
    ("in", "ts.from_dlpack(n)"),
    ("in", "ts.from_dlpack(t)"),
    ("in", "ts.from_dlpack(x)"),
    ("among others", "torch.from_dlpack(n)"),
    ("among others", "np.from_dlpack(t)"),
    ("none", "x + 1"),
    ("none", "n + 1"),
    ("none", "x[1:]"),
    ("none", "n[1:]"),
]


def nanoseconds(statement: str, size: int) -> float:
    """The shortest time of one run of the statement, its operands of `size` elements."""
    names = {"ts": ts, "np": np, "torch": torch, "x": ts.zeros(size), "n": np.zeros(size)}
    if torch is not None:
        names["t"] = torch.zeros(size, dtype=torch.float64)
    timer = timeit.Timer(statement, globals=names)
    number = 2000
    return min(timer.repeat(repeat=15, number=number)) / number * 1e9


def main() -> None:
    print(f"numpy {np.__version__}, torch {torch.__version__ if torch else '-'}\n")
    print("| direction | statement | 10 elements | 10⁷ elements |\n|--|--|--|--|")
    for direction, statement in CROSSINGS:
        if torch is None and ("torch" in statement or "(t)" in statement):
            continue
        large = "" if statement.endswith("+ 1") else f"{nanoseconds(statement, 10**7):.0f} ns"
        print(f"| {direction} | `{statement}` | {nanoseconds(statement, 10):.0f} ns | {large} |")


if __name__ == "__main__":
    main()
