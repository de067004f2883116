"""Every struct of hostile.py, run apart, comes out as its table says, and docs/interop.md shows what came out."""
import pytest

import hostile
import isolated
import table


@pytest.fixture(scope="module")
def outcomes():
    return isolated.run([hostile.__file__], len(hostile.CELLS))


@pytest.mark.parametrize("number", range(len(hostile.CELLS)), ids=[
    f"{cell.name}-{'versioned' if cell.versioned else 'legacy'}" for cell in hostile.CELLS])
def test_struct(outcomes, number):
    assert outcomes[number] == hostile.CELLS[number].expected


def test_page_shows_the_outcomes(outcomes):
    assert table.shown("hostile") == table.hostile_table(outcomes)
