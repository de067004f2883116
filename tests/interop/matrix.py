"""Hands arrays of every dtype and layout from one framework to another, and says of each whether memory is shared.

    matrix.py PRODUCER CONSUMER FIRST     runs the cells from number FIRST on; see isolated.py
"""
from __future__ import annotations

import functools
import itertools
import sys
from typing import NamedTuple

import frameworks
import isolated
from frameworks import DTYPES, FRAMEWORKS, LAYOUTS, encode

PAIRS = (("tessera", "numpy"), ("tessera", "torch"), ("tessera", "jax"), ("tessera", "tensorflow"),
         ("tessera", "tessera"), ("numpy", "tessera"), ("torch", "tessera"), ("jax", "tessera"),
         ("tensorflow", "tessera"))


class Cell(NamedTuple):
    route: str
    dtype: str
    layout: str
    flag: str


def routes(producer: str, consumer: str) -> list[str]:
    """The ways in which the consumer takes arrays."""
    return [route for route in FRAMEWORKS[consumer].routes
            if route != "asarray" or {producer, consumer} == {"numpy", "tessera"}]


def cells(producer: str, consumer: str) -> list[Cell]:
    flags = ("writable", "read-only")
    return [Cell(*cell) for cell in itertools.product(routes(producer, consumer), DTYPES, LAYOUTS, flags)]


def outcome(producer, consumer, cell: Cell) -> str:
    """What comes of one hand-over: `shares`, `copies`, an error, `-` where there is no such array, or what is wrong."""
    source = frameworks.make(producer, cell.dtype, cell.layout, cell.flag == "read-only")
    if source is None:
        return "-"
    try:
        taken = consumer.take(source, cell.route)
    except Exception as error:  # whatever a framework throws is what is recorded
        return f"{type(error).__name__}: {error}"
    there = consumer.memory(taken)
    shape, elements = frameworks.expected_elements(cell.dtype, cell.layout)
    if (there.dtype, there.shape, there.elements()) != (cell.dtype, shape, elements):
        return f"wrong: {there}, elements {there.elements()} instead of {elements}"
    kind = "" if consumer.writable(taken) else ", read-only"
    if not elements:
        return "empty" + kind
    here = producer.memory(source)
    shared = here.pointer == there.pointer
    one = encode(cell.dtype, 1)
    for writer, x, reader in ((consumer, taken, here), (producer, source, there)):
        if not hasattr(writer, "write") or not writer.writable(x):
            continue
        before = reader.elements()
        writer.write(x)
        if reader.elements() != ([one] * len(elements) if shared else before):
            return f"wrong: {writer.name} wrote, and the other sees {reader.elements()}"
        if not shared:
            break
    return ("shares" if shared else "copies") + kind


def run(producer: str, consumer: str) -> dict[Cell, str]:
    """All cells of a pair."""
    wanted = cells(producer, consumer)
    return dict(zip(wanted, isolated.run([__file__, producer, consumer], len(wanted))))


def main() -> None:
    producer, consumer, first = sys.argv[1:]
    hand_over = functools.partial(outcome, FRAMEWORKS[producer](), FRAMEWORKS[consumer]())
    isolated.report(cells(producer, consumer), hand_over, int(first))


if __name__ == "__main__":
    main()
