#!/usr/bin/env bash
# Runs the public suite data-apis/array-api-tests, checked out with its submodule, against the tessera that $PYTHON imports.
set -euo pipefail

if (($# < 1 || $# > 2)); then
  echo "usage: run_array_api_tests.sh SUITE_FOLDER [MAX_EXAMPLES]     (PYTHON: an interpreter with tessera and the suite's requirements)" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$1"
export ARRAY_API_TESTS_MODULE=tessera ARRAY_API_TESTS_VERSION=2025.12
exec "${PYTHON:-python3}" -m pytest -q -p no:cacheprovider --max-examples "${2:-20}" --disable-deadline \
  --skips-file "$here/array_api_skips.txt" --xfails-file "$here/array_api_xfails.txt" array_api_tests
