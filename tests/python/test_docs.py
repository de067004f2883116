"""README.md and docs/python.md tell the truth: their programs print what they say, and the table names what the module has."""
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tessera as ts

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["arrays", "readme", "records"])
def test_the_program_prints_what_is_shown(name):
    program = ROOT / "examples/python" / f"{name}.py"
    printed = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert printed.stdout == program.with_suffix(".txt").read_text()


def test_the_table_names_what_the_module_has():
    text = (ROOT / "docs/python.md").read_text()
    table = re.search(r"^\| making arrays.*?(?=^$)", text, re.S | re.M)[0]
    named = re.findall(r"`([A-Za-z_][A-Za-z0-9_]*)`", table)
    assert sorted(named) == sorted(ts.__all__)
