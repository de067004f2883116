#!/usr/bin/env bash
# The wheel: made by ./dev wheel, installed into a virtual environment that has nothing else, and used without the build tree.
#
#   tests/packaging/wheel_test.sh WORK_FOLDER    ends with 77 where pip cannot install what makes it
set -euo pipefail
work=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rm -rf "$work"
mkdir -p "$work"
./dev wheel --no-setup
wheel=$PWD/$(ls -t build/wheels/tessera-*-manylinux_*.whl | head -n 1)
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index "$wheel"
cd "$work"
env -u LD_LIBRARY_PATH venv/bin/python - <<'END'
import pathlib

import tessera as ts

x = ts.reshape(ts.arange(6.0), (2, 3))
assert float(ts.sum(x * x + 1)) == 61
assert str(ts.linalg.svd(ts.asarray([[2.0, 0.0], [0.0, 3.0]]))[1]) == "[3. 2.]"  # LAPACK
assert str(ts.sort(ts.asarray([3, 1, 2]))) == "[1 2 3]"

# Every library that is no part of glibc or the compiler's comes from the wheel.
folder = pathlib.Path(ts.__file__).resolve().parent
loaded = {line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}
ours = {pathlib.Path(path).name.split("-")[0].split(".")[0] for path in loaded if path.startswith(str(folder.parent))}
assert {"libtessera", "libtbb", "libfmt", "libhwy", "libsleef"} <= ours, ours
assert any(name.startswith(("liblapack", "libopenblas")) for name in ours), ours
strangers = [path for path in loaded if not path.startswith(str(folder.parent)) and
             pathlib.Path(path).name.startswith(("libtbb", "libfmt", "libhwy", "libsleef", "liblapack", "libblas", "libopenblas", "libtessera"))]
assert not strangers, strangers
licences = {path.name for path in folder.parent.glob("tessera-*.dist-info/licenses/*")}
assert {"LICENSE", "libtbb12.txt"} <= licences, licences

# The CUDA module lies beside the library: it is found, whether or not there is a GPU.
cuda = next(one for one in ts.backends() if one["name"] == "cuda")
if (folder / "libtessera_cuda.so").exists():
    assert str(folder / "libtessera_cuda.so") in cuda["detail"] or "libcudart" in cuda["detail"], cuda
print("the wheel works:", sorted(ours))
END
