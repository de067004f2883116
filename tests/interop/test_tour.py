"""The tour of examples/python prints what its .txt says."""
import importlib.util
import pathlib
import subprocess
import sys

TOUR = pathlib.Path(__file__).parents[2] / "examples" / "python" / "tour.py"


def sections(text: str) -> dict[str, str]:
    """Of the tour's text, by module."""
    return dict(part.split("\n", 1) for part in text.split("-- ")[1:])


def test_python_tour():
    printed = subprocess.run([sys.executable, TOUR], stdout=subprocess.PIPE, text=True, check=True)
    expected = sections(TOUR.with_suffix(".txt").read_text())
    for module in expected:
        if importlib.util.find_spec(module) is None:
            expected[module] = "not installed\n"
    assert sections(printed.stdout) == expected
