"""docs/python.md tells the truth: its program prints what it says, and its table names what the module has."""
import re
import subprocess
import sys
from pathlib import Path

import tessera as ts

ROOT = Path(__file__).resolve().parents[2]


def test_the_program_prints_what_is_shown():
    printed = subprocess.run([sys.executable, ROOT / "examples/python.py"], capture_output=True, text=True, check=True)
    assert printed.stdout == (ROOT / "examples/python.txt").read_text()


def test_the_table_names_what_the_module_has():
    text = (ROOT / "docs/python.md").read_text()
    table = re.search(r"^\| making arrays.*?(?=^$)", text, re.S | re.M)[0]
    named = re.findall(r"`([A-Za-z_][A-Za-z0-9_]*)`", table)
    assert sorted(named) == sorted(ts.__all__)
