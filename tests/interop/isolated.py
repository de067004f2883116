"""Runs numbered cells of a script in another process: a cell that ends the process is recorded as such, the rest runs.

The script takes the number of the first cell as its last argument and calls `report` with its cells.
"""
from __future__ import annotations

import json
import subprocess
import sys
from typing import Callable, Sequence


def report(cells: Sequence, outcome: Callable[..., str], first: int) -> None:
    """One line of JSON before and one after each cell."""
    for number in range(first, len(cells)):
        print(json.dumps([number]), flush=True)
        print(json.dumps([number, outcome(cells[number])]), flush=True)


def run(command: Sequence[str], count: int) -> list[str]:
    """The outcomes of `count` cells of the script `command`."""
    outcomes: list[str] = []
    while len(outcomes) < count:
        process = subprocess.run([sys.executable, *command, str(len(outcomes))], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, timeout=900)
        lines = [json.loads(line) for line in process.stdout.splitlines() if line.startswith("[")]
        outcomes += [line[1] for line in lines if len(line) == 2]
        if len(outcomes) == count:
            break
        if not lines or len(lines[-1]) == 2:
            raise RuntimeError(f"{' '.join(command)} stopped before a cell ({process.returncode}):\n{process.stderr}")
        outcomes.append(f"the process ended: {process.returncode}")
    return outcomes
