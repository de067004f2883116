"""The library's own definition of DLPack's structs against the official header of 1.3, which apache-tvm-ffi carries."""
import importlib.util
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def test_the_structs_are_those_of_the_official_header(tmp_path):
    package = importlib.util.find_spec("tvm_ffi")
    if package is None:
        pytest.skip("apache-tvm-ffi is not installed")
    folder = pathlib.Path(package.submodule_search_locations[0], "include")
    header = (folder / "dlpack" / "dlpack.h").read_text()
    assert re.findall(r"#define DLPACK_(?:MAJOR|MINOR)_VERSION (\d+)", header) == ["1", "3"]
    program = tmp_path / "dlpack_abi_test"
    sources = [ROOT / "tests/ops/dlpack_abi_test.cpp", ROOT / "tests/ops/dlpack_facts_official.cpp"]
    includes = [f"-I{ROOT / name}" for name in ("include", "src", "tests")]
    command = ["c++", "-std=c++20", *includes, "-isystem", folder, *sources, "-lgtest_main", "-lgtest", "-o", program]
    compiled = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    assert compiled.returncode == 0, compiled.stderr
    run = subprocess.run([program], stdout=subprocess.PIPE, text=True)
    assert run.returncode == 0 and "[  PASSED  ] 1 test" in run.stdout, run.stdout
