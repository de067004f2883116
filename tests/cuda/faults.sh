#!/usr/bin/env bash
# Makes each kind of runtime call fail in turn, under the emulated runtime:   faults.sh RUN EMULATOR WORKLOAD
# The workload must see the library's own exceptions, end by itself, and leave no memory in use.
set -uo pipefail
runner=$1 emulator=$2 workload=$3
if [[ ! -x $emulator/run ]]; then
  echo "SKIPPED: faults are injected by the emulator, which is not at $emulator"
  exit 0
fi
bad=0
# TEXT… VARIABLE=VALUE…: a line in the workload's output, and what to set
expect() {
  local text=$1 output status; shift
  output=$(env "$@" timeout 60 "$runner" "$emulator" "$workload" 2>&1)
  status=$?
  if ((status != 0)) || ! grep -qE -- "$text" <<<"$output"; then
    bad=$((bad + 1))
    printf '== %s: exit %d, expected a line with: %s\n%s\n' "$*" "$status" "$text" "$output"
  fi
}

expect '^failures: 0, wrong: 0$'
expect 'device: cuda:0 is not there: .*no CUDA-capable device' CUDAEMU_NO_DEVICE=1
expect 'cuda:0 is not there: .*none.so' TESSERA_CUDA_MODULE=/none.so
expect 'not available on cuda:0: .* reserved, .* free' CUDAEMU_MEM_LIMIT=6m
expect 'libnvrtc' TESSERA_CUDA_LIBRARIES=/none TESSERA_CACHE_DIR=/nonexistent
for call in cudaGetDeviceCount cudaGetDevice cudaDeviceGetAttribute cudaMemPoolCreate cudaMemPoolSetAttribute cudaStreamCreate \
  cudaEventCreate cudaMemcpyAsync cudaMemsetAsync cudaLaunchKernel cudaStreamSynchronize cudaLibraryLoadData \
  cudaLibraryGetKernel cudaGetDeviceProperties; do
  for n in 1 2; do expect '^failures: [0-9]+, wrong: 0$' CUDAEMU_FAIL_CALL=$call:$n; done
done
for call in cudaMallocFromPoolAsync cudaHostAlloc cudaMemPoolGetAttribute cudaFreeAsync cudaEventRecord cudaStreamWaitEvent \
  cudaEventSynchronize cudaMemGetInfo cudaEventDestroy cudaFreeHost cudaMemPoolTrimTo; do
  for n in 1 2 3 5 8; do expect '^failures: [0-9]+, wrong: 0$' CUDAEMU_FAIL_CALL=$call:$n; done
done
echo "wrong: $bad"
((bad == 0))
