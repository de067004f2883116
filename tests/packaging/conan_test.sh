#!/usr/bin/env bash
# Conan's package: made with the distribution's libraries in the place of ConanCenter's, and its test_package built and run.
#
#   tests/packaging/conan_test.sh WORK_FOLDER [CONAN ARGS…]    its folder is kept for Conan; ends with 77 where pip cannot install Conan
set -euo pipefail
work=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mkdir -p "$work"
[[ -x $work/venv/bin/python ]] || python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'conan>=2.8,<3' || exit 77
export CONAN_HOME=$work/home PATH="$work/venv/bin:$PATH"
profile=tests/packaging/conan/test.profile
rm -rf "$CONAN_HOME"
for library in cli11/2.3.2 fmt/9.1.0 highway/1.0.3 nlohmann_json/3.11.2 onetbb/2021.8.0 openblas/0.3.21 sleef/3.5.1 zlib/1.2.13; do
  conan create tests/packaging/conan/system_library.py --name="${library%/*}" --version="${library#*/}" --profile:all=$profile --no-remote \
    >"$work/$(basename "$library").log" 2>&1 || { cat "$work/$(basename "$library").log"; exit 1; }
done
conan create packaging/conan --profile:all=$profile --options='tessera/*:tools=True' --no-remote "${@:2}"
