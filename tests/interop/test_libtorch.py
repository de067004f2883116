"""The hand-off between libtorch and the library in C++ prints what its .txt says."""
import os
import pathlib
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(__file__).parents[2] / "examples" / "libtorch_handoff"


def test_libtorch_handoff():
    """Built against PyTorch's wheel and the library installed in TESSERA_INTEROP_PREFIX."""
    pytest.importorskip("torch")
    prefix = os.environ.get("TESSERA_INTEROP_PREFIX")
    if prefix is None:
        pytest.skip("TESSERA_INTEROP_PREFIX names no installed library; ./dev interop installs one")
    build = pathlib.Path(prefix).with_name("libtorch_handoff")  # kept: libtorch's headers take long to compile
    for command in (["cmake", "-S", SOURCE, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
                     f"-DPython_EXECUTABLE={sys.executable}"], ["cmake", "--build", build]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout
    printed = subprocess.run([build / "libtorch_handoff"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert printed == (SOURCE / "main.txt").read_text()
