#!/usr/bin/env bash
# Runs a test program on a GPU, or under an emulated CUDA runtime where one is at hand:   run.sh EMULATOR COMMAND [ARGS…]
# EMULATOR is a folder with a program `run` that puts the emulated runtime in front. With neither, tests that need a device say
# so and are skipped; with an emulator they fail.
set -euo pipefail
emulator=$1
shift
if [[ " $* " == *" --gtest_list_tests "* ]]; then exec "$@"; fi   # needs no device
if [[ -x $emulator/run ]] && ! command -v nvidia-smi >/dev/null; then
  export TESSERA_TEST_NEEDS_CUDA=1 TESSERA_CUDA_JIT=ptx TESSERA_CACHE_DIR=${TESSERA_CACHE_DIR:-$PWD/kernel-cache}
  exec "$emulator/run" "$@"
fi
exec "$@"
