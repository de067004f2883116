"""Writes what came out of the matrix and of the hostile structs into docs/interop.md.

    table.py     runs all of them and rewrites the page's tables
"""
from __future__ import annotations

import pathlib
import re

import hostile
import isolated
import matrix

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "interop.md"
NAMES = {"numpy": "NumPy", "torch": "PyTorch", "jax": "JAX", "tensorflow": "TensorFlow", "tessera": "Tessera"}
SIGNS = {"shares": "shared", "shares, read-only": "shared, r", "copies": "copied", "copies, read-only": "copied, r",
         "empty": "empty", "empty, read-only": "empty, r", "-": "–"}

Outcomes = dict[tuple[str, str], dict[matrix.Cell, str]]


class Refusals:
    """The messages of refused hand-overs, numbered as they come."""

    def __init__(self):
        self.messages: list[str] = []

    def sign(self, message: str) -> str:
        text = message.split("; i.e.")[0].split("; use ")[0]
        if text not in self.messages:
            self.messages.append(text)
        return f"[{self.messages.index(text) + 1}]"


def cell_text(outcomes: dict[str, str], refusals: Refusals) -> str:
    """One entry for the outcomes of all dtypes: that of most, then the dtypes that differ."""
    signs = {dtype: SIGNS.get(outcome) or refusals.sign(outcome) for dtype, outcome in outcomes.items()}
    there = [sign for sign in signs.values() if sign != "–"]
    usual = max(there, key=there.count, default="–")
    others: dict[str, list[str]] = {}
    for dtype, sign in signs.items():
        if sign not in (usual, "–"):
            others.setdefault(sign, []).append(dtype)
    return "; ".join([usual] + [f"{', '.join(dtypes)}: {sign}" for sign, dtypes in others.items()])


def table_of(pairs, outcomes: Outcomes, refusals: Refusals) -> list[str]:
    columns = [(pair, route) for pair in pairs for route in matrix.routes(*pair)]
    other = [NAMES[pair[1] if pair[0] == "tessera" else pair[0]] for pair, _ in columns]
    lines = ["| layout | | " + " | ".join(f"{name}, {route}" for name, (_, route) in zip(other, columns)) + " |",
             "|--|--|" + "--|" * len(columns)]
    for layout in matrix.LAYOUTS:
        for flag in ("writable", "read-only"):
            entries = [cell_text({cell.dtype: outcome for cell, outcome in outcomes[pair].items()
                                  if (cell.route, cell.layout, cell.flag) == (route, layout, flag)}, refusals)
                       for pair, route in columns]
            if any(entry != "–" for entry in entries):
                lines.append(f"| {layout} | {flag} | " + " | ".join(entries) + " |")
    return lines


def table(outcomes: Outcomes) -> str:
    refusals = Refusals()
    there = sum(outcome != "-" for of_pair in outcomes.values() for outcome in of_pair.values())
    lines = [f"{there} hand-overs, {len(matrix.DTYPES)} dtypes each. From Tessera:", ""]
    lines += table_of([pair for pair in outcomes if pair[0] == "tessera"], outcomes, refusals)
    lines += ["", "To Tessera:", ""]
    lines += table_of([pair for pair in outcomes if pair[0] != "tessera"], outcomes, refusals)
    lines += ["", *(f"{number}. `{message}`" for number, message in enumerate(refusals.messages, 1)), ""]
    return "\n".join(lines)


def hostile_table(outcomes: list[str]) -> str:
    """One row a struct: what came of it in the forms that have it."""
    rows: dict[str, dict[str, list[str]]] = {}
    for cell, outcome in zip(hostile.CELLS, outcomes, strict=True):
        rows.setdefault(cell.name, {}).setdefault(outcome, []).append("versioned" if cell.versioned else "legacy")
    lines = ["| struct | form | what comes of it |", "|--|--|--|"]
    for name, of_forms in rows.items():
        for outcome, forms in of_forms.items():
            lines.append(f"| {name} | {', '.join(forms)} | `{outcome}` |")
    return "\n".join(lines) + "\n"


def region(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.S)


def shown(name: str) -> str:
    return region(name).search(PAGE.read_text())[0]


def write(name: str, text: str) -> None:
    PAGE.write_text(region(name).sub(lambda _: text, PAGE.read_text()))


def main() -> None:
    write("matrix", table({pair: matrix.run(*pair) for pair in matrix.PAIRS}))
    write("hostile", hostile_table(isolated.run([hostile.__file__], len(hostile.CELLS))))


if __name__ == "__main__":
    main()
