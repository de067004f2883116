"""Every cell of the matrix, run apart, comes out as expected.py says, and docs/interop.md shows what came out."""
import importlib.util

import pytest

import matrix
import table
from expected import expected, fits

MODULES = {"torch": "torch", "jax": "jax", "tensorflow": "tensorflow", "numpy": "numpy", "tessera": "tessera"}


def skip_unless_there(*names):
    for name in names:
        if importlib.util.find_spec(MODULES[name]) is None:
            pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="module")
def outcomes():
    """Of a pair, which is run once."""
    known = {}

    def of(pair):
        skip_unless_there(*pair)
        if pair not in known:
            known[pair] = matrix.run(*pair)
        return known[pair]

    return of


@pytest.mark.parametrize("pair, route, layout", [(pair, route, layout) for pair in matrix.PAIRS
                                                 for route in matrix.routes(*pair) for layout in matrix.LAYOUTS],
                         ids=lambda value: "-".join(value) if isinstance(value, tuple) else value)
def test_cells(outcomes, pair, route, layout):
    wrong = {cell: (outcome, expected(*pair, cell)) for cell, outcome in outcomes(pair).items()
             if (cell.route, cell.layout) == (route, layout) and not fits(outcome, expected(*pair, cell))}
    assert not wrong


def test_page_shows_the_outcomes(outcomes):
    assert table.shown("matrix") == table.table({pair: outcomes(pair) for pair in matrix.PAIRS})
