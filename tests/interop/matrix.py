"""Hands arrays of every dtype and layout from one framework to another, and says of each whether memory is shared.

    matrix.py PRODUCER CONSUMER [FIRST]     one line of JSON before and one after each cell, from cell number FIRST on
"""
from __future__ import annotations

import itertools
import json
import subprocess
import sys
from typing import NamedTuple

import frameworks
from frameworks import DTYPES, FRAMEWORKS, LAYOUTS, encode

PAIRS = (("tessera", "numpy"), ("tessera", "torch"), ("tessera", "jax"), ("tessera", "tensorflow"),
         ("tessera", "tessera"), ("numpy", "tessera"), ("torch", "tessera"), ("jax", "tessera"), ("tensorflow", "tessera"))


class Cell(NamedTuple):
    route: str
    dtype: str
    layout: str
    flag: str


def cells(producer: str, consumer: str) -> list[Cell]:
    routes = FRAMEWORKS[consumer].routes
    if {producer, consumer} != {"numpy", "tessera"}:
        routes = [route for route in routes if route != "asarray"]
    return [Cell(*cell) for cell in itertools.product(routes, DTYPES, LAYOUTS, ("writable", "read-only"))]


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


def run_here(producer: str, consumer: str, first: int) -> None:
    producer_framework, consumer_framework = FRAMEWORKS[producer](), FRAMEWORKS[consumer]()
    for number, cell in list(enumerate(cells(producer, consumer)))[first:]:
        print(json.dumps([number]), flush=True)
        print(json.dumps([number, outcome(producer_framework, consumer_framework, cell)]), flush=True)


def run(producer: str, consumer: str) -> dict[Cell, str]:
    """All cells of a pair, in a process of its own; a cell that ends the process is recorded as such, the rest runs."""
    results: list[str] = []
    wanted = cells(producer, consumer)
    while len(results) < len(wanted):
        command = [sys.executable, __file__, producer, consumer, str(len(results))]
        process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)
        lines = [json.loads(line) for line in process.stdout.splitlines() if line.startswith("[")]
        results += [line[1] for line in lines if len(line) == 2]
        if process.returncode and (not lines or len(lines[-1]) == 2):
            raise RuntimeError(f"{producer} to {consumer} did not start:\n{process.stderr}")
        if process.returncode:
            results.append(f"the process ended: {process.returncode}")
    return dict(zip(wanted, results))


if __name__ == "__main__":
    run_here(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
