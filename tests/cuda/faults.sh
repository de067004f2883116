#!/usr/bin/env bash
# Makes what the CUDA module needs fail, one thing after the other:   faults.sh RUN EMULATOR WORKLOAD MODULE FAKE_NVRTC FAKE_CUBLAS [--all]
# The workload must see the library's own exceptions, end by itself, and leave no memory in use. Without --all a few calls of
# each function of the runtime fail, with it every call that the workload makes.
set -uo pipefail
runner=$1 emulator=$2 workload=$3 module=$4 nvrtc=$5 cublas=$6
if [[ ! -x $emulator/run ]]; then
  echo "SKIPPED: faults are injected under the emulator, which is not at $emulator"
  exit 0
fi
bad=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# TEXT [OPTION…] VARIABLE=VALUE…: a line in the workload's output, its options, and what to set
expect() {
  local text=$1 output status options=() settings=(); shift
  for word in "$@"; do if [[ $word == *=* ]]; then settings+=("$word"); else options+=("$word"); fi; done
  output=$(env "${settings[@]}" timeout 1800 "$runner" "$emulator" "$workload" "${options[@]}" 2>&1)
  status=$?
  if ((status != 0)) || ! grep -qE -- "$text" <<<"$output"; then
    bad=$((bad + 1))
    printf '== %s: exit %d, expected a line with: %s\n%s\n' "$*" "$status" "$text" "$output"
  fi
}

# ---- each call of each function; the list is that of the module
missing=$(comm -23 <(nm -D --undefined-only "$module" | grep -oE ' (__cudaLaunchKernel|cuda[A-Za-z]+)' | tr -d ' ' | sort -u) \
  <({ "$workload" --functions; printf 'cudaGetErrorName\ncudaGetErrorString\ncudaGetLastError\ncudaPeekAtLastError\n'; } | sort -u))
if [[ -n $missing ]]; then
  bad=$((bad + 1))
  echo "== used by the module, but not among what tests/cuda/failing_runtime.cpp can make fail:" $missing
fi
missing=$(comm -23 <(grep -oE '"cublas[A-Za-z0-9_]+"' "$(dirname "$0")/../../src/cuda/cublas.cpp" | tr -d '"' | sort -u) \
  <(nm -D --defined-only "$cublas/libcublas.so.13" | grep -oE 'cublas[A-Za-z0-9_]+' | sort -u))
if [[ -n $missing ]]; then
  bad=$((bad + 1))
  echo "== used by the module, but not among what tests/cuda/fake_cublas.cpp can make fail:" $missing
fi
expect '^failures: 0, wrong: 0$' CUDAEMU_DEVICES=2
expect '^failures: 0, wrong: 0$' --without-pools CUDAEMU_DEVICES=2
# Group by group: a failure costs no more time than its neighbours take.
groups=$("$workload" --groups)
if [[ ${7:-} == --all ]]; then
  for group in $groups; do
    for mode in '' --without-pools --fault '--without-pools --fault'; do
      expect '^cases: [0-9]+, wrong: 0$' --only $group --each $mode CUDAEMU_DEVICES=2
    done
  done
  echo "wrong: $bad"
  ((bad == 0))
  exit
fi
for group in $groups; do
  expect '^cases: [0-9]+, wrong: 0$' --only $group --each --samples CUDAEMU_DEVICES=2
  expect '^cases: [0-9]+, wrong: 0$' --only $group --each --samples --fault
done

# ---- no device, no driver, no memory
expect '^failures: 0, wrong: 0$' CUDAEMU_ASYNC=1 CUDAEMU_DEVICES=2
expect 'device: cuda:0 is not there: .*no CUDA-capable device' CUDAEMU_NO_DEVICE=1
expect 'cuda:0 is not there: .*none.so' TESSERA_CUDA_MODULE=/none.so
expect 'cuda:0 is not there: .*cudaErrorInsufficientDriver' --fail cudaGetDeviceCount:0:35
expect 'cudaErrorUnsupportedPtxVersion' --fail cudaLibraryLoadData:0:222
expect '^large copy: out_of_memory .* not available on cuda:0: .* reserved, .* free' CUDAEMU_MEM_LIMIT=6m
for limit in 100 3k 20k 100k 1m 2m 13m; do expect '^failures: [0-9]+, wrong: 0$' CUDAEMU_MEM_LIMIT=$limit; done
expect 'not available on cuda:0' --fail cudaMallocFromPoolAsync:0:2
expect 'not available on cuda:0' --fail cudaMalloc:0:2 --without-pools
expect '^failures: 0, wrong: 0$' --fail cudaHostAlloc:0:2

# ---- NVRTC: missing, and one that fails in each way; with kernels on disk it is not needed to compile
expect 'libnvrtc.so.13 cannot be opened' TESSERA_CUDA_LIBRARIES=/none TESSERA_CUDA_CACHE=0
for way in version architectures create compile size code garbage; do
  expect 'device_error .*(NVRTC|tessera_|cudaLibraryLoadData)' TESSERA_CUDA_LIBRARIES="$nvrtc" TESSERA_CUDA_CACHE=0 FAKE_NVRTC=$way
done
expect '^as it was told' TESSERA_CUDA_LIBRARIES="$nvrtc" TESSERA_CUDA_CACHE=0 FAKE_NVRTC=compile

# ---- cuBLAS: missing, and one that fails in each way, beside a working NVRTC
mkdir "$work/without_cublas"
ln -s "$(readlink -f "$cublas/libnvrtc.so.13")" "$work/without_cublas/libnvrtc.so.13"
expect '^matrix product: device_error cuda: libcublas.so.13 cannot be opened: .*without_cublas/libcublas.so.13' \
  TESSERA_CUDA_LIBRARIES="$work/without_cublas"
fake_blas() { expect "$2" TESSERA_CUDA_LIBRARIES="$cublas" FAKE_CUBLAS="$1"; }
fake_blas create:1 '^matrix product: device_error cuda:0: cublasCreate_v2: CUBLAS_STATUS_OTHER \(1\)$'
fake_blas create:3 '^matrix product: out_of_memory cuda:0: cublasCreate_v2: CUBLAS_STATUS_ALLOC_FAILED \(3\)$'
fake_blas stream:7 '^matrix product: device_error cuda:0: cublasSetStream_v2: CUBLAS_STATUS_OTHER \(7\)$'
fake_blas math:7 '^matrix product: device_error cuda:0: cublasSetMathMode: CUBLAS_STATUS_OTHER \(7\)$'
fake_blas workspace:7 '^matrix product: device_error cuda:0: cublasSetWorkspace_v2: CUBLAS_STATUS_OTHER \(7\)$'
fake_blas multiply:13 '^matrix product: device_error cuda:0: cublasGemmEx_64: CUBLAS_STATUS_OTHER \(13\)$'
fake_blas multiply:3 '^matrix products: out_of_memory cuda:0: cublasGemmStridedBatchedEx_64: CUBLAS_STATUS_ALLOC_FAILED'
fake_blas multiply:15 '^many matrix products: device_error cuda:0: cublasGemmBatchedEx_64: CUBLAS_STATUS_OTHER \(15\)$'

# ---- the cache on disk: nowhere, a file in its place, open to others, corrupted, cut short, empty
expect '^failures: 0, wrong: 0$' TESSERA_CACHE_DIR=/proc/none
touch "$work/file"
expect '^failures: 0, wrong: 0$' TESSERA_CACHE_DIR="$work/file"
mkdir -m 0777 "$work/open"
expect '^failures: 0, wrong: 0$' TESSERA_CACHE_DIR="$work/open"
if [[ -n $(ls "$work/open") ]]; then
  bad=$((bad + 1))
  echo "== kernels are kept in a folder where others may write"
fi
expect '^failures: 0, wrong: 0$' TESSERA_CACHE_DIR="$work/kept"
[[ -n $(ls "$work/kept") ]] || { bad=$((bad + 1)); echo "== no kernels are kept"; }
i=0
for file in "$work"/kept/*; do
  case $((i++ % 4)) in
    0) head -c 5000 /dev/urandom >"$file" ;;
    1) truncate -s -1 "$file" ;;
    2) : >"$file" ;;
    3) printf 'x' | dd of="$file" bs=1 seek=200 conv=notrunc 2>/dev/null ;;
  esac
done
expect '^failures: 0, wrong: 0$' TESSERA_CACHE_DIR="$work/kept"
echo "wrong: $bad"
((bad == 0))
