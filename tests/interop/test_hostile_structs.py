"""Every struct of hostile.py, run apart, comes out as its table says."""
import pytest

import hostile
import isolated


@pytest.fixture(scope="module")
def outcomes():
    return isolated.run([hostile.__file__], len(hostile.CELLS))


@pytest.mark.parametrize("number", range(len(hostile.CELLS)), ids=[
    f"{cell.name}-{'versioned' if cell.versioned else 'legacy'}" for cell in hostile.CELLS])
def test_struct(outcomes, number):
    assert outcomes[number] == hostile.CELLS[number].expected
