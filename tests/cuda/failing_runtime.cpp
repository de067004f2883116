// See failing_runtime.hpp.
#include "cuda/failing_runtime.hpp"

#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

namespace failing_runtime {
namespace {

std::mutex mutex;  // guards what follows
failure wanted;
bool armed = false, failed = false, no_pools = false;
std::map<std::string, long>& counts() {
  static auto& all = *new std::map<std::string, long>;
  return all;
}
std::vector<std::string>& names() {
  static auto& all = *new std::vector<std::string>;
  return all;
}
struct listed {
  explicit listed(const char* name) { names().emplace_back(name); }
};
thread_local cudaError_t last = cudaSuccess;  // what the runtime would remember of the failure
std::atomic<long> device_blocks{0}, host_blocks{0}, events{0}, streams{0}, pools{0}, libraries{0};

/// The runtime's own function.
void* next(const char* name) {
  static void* const runtime = [] {
    void* const opened = dlopen("libcudart.so.13", RTLD_NOW | RTLD_LOCAL);
    return opened;
  }();
  void* const found = runtime == nullptr ? nullptr : dlsym(runtime, name);
  if (found != nullptr) return found;
  std::fprintf(stderr, "failing_runtime: %s\n", dlerror());
  std::abort();
}

/// What this call is to give in place of the runtime's status, or cudaSuccess.
cudaError_t injected(const char* name) {
  const std::lock_guard lock(mutex);
  ++counts()[name];
  if (!armed) return cudaSuccess;
  const auto status = static_cast<cudaError_t>(wanted.status);
  if (failed && wanted.for_good) return last = status;
  if (wanted.function != name || (failed && wanted.call != 0)) return cudaSuccess;
  if (wanted.call > 1) {
    --wanted.call;
    return cudaSuccess;
  }
  failed = true;
  return last = status;
}

/// Counts what a call that went well has made or given back.
cudaError_t counted(cudaError_t status, std::atomic<long>& of, long change) {
  if (status == cudaSuccess) of += change;
  return status;
}

}  // namespace

const std::vector<std::string>& functions() { return names(); }
long calls_of(const std::string& function) {
  const std::lock_guard lock(mutex);
  const auto found = counts().find(function);
  return found == counts().end() ? 0 : found->second;
}
void reset_counts() {
  const std::lock_guard lock(mutex);
  counts().clear();
}
void fail(const failure& f) {
  const std::lock_guard lock(mutex);
  wanted = f;
  armed = true;
  failed = false;
}
void fail_no_more() {
  const std::lock_guard lock(mutex);
  armed = false;
}
bool has_failed() {
  const std::lock_guard lock(mutex);
  return failed;
}
void hide_memory_pools() {
  const std::lock_guard lock(mutex);
  no_pools = true;
}
live_objects alive() { return {device_blocks, host_blocks, events, streams, pools, libraries}; }

}  // namespace failing_runtime

// ---- The runtime's functions
//
// PASS_ON goes on unless the call is to fail; MAKES counts too what is made; GIVES_BACK frees also when it is to fail.
#define CALL_NEXT(name, arguments) reinterpret_cast<decltype(&name)>(failing_runtime::next(#name)) arguments
#define LIST(name) const failing_runtime::listed name##_is_listed{#name};
#define PASS_ON(name, parameters, arguments)                                        \
  LIST(name)                                                                        \
  extern "C" cudaError_t name parameters {                                          \
    if (const cudaError_t status = failing_runtime::injected(#name)) return status; \
    return CALL_NEXT(name, arguments);                                              \
  }
#define MAKES(what, name, parameters, arguments)                                           \
  LIST(name)                                                                               \
  extern "C" cudaError_t name parameters {                                                 \
    if (const cudaError_t status = failing_runtime::injected(#name)) return status;        \
    return failing_runtime::counted(CALL_NEXT(name, arguments), failing_runtime::what, 1); \
  }
#define GIVES_BACK(what, name, parameters, arguments)                                                        \
  LIST(name)                                                                                                 \
  extern "C" cudaError_t name parameters {                                                                   \
    const cudaError_t status = failing_runtime::injected(#name);                                             \
    const cudaError_t own = failing_runtime::counted(CALL_NEXT(name, arguments), failing_runtime::what, -1); \
    return status != cudaSuccess ? status : own;                                                             \
  }

PASS_ON(cudaGetDeviceCount, (int* count), (count))
PASS_ON(cudaGetDevice, (int* device), (device))
PASS_ON(cudaSetDevice, (int device), (device))
PASS_ON(cudaGetDeviceProperties, (cudaDeviceProp * properties, int device), (properties, device))
PASS_ON(cudaDeviceSynchronize, (), ())
MAKES(streams, cudaStreamCreateWithFlags, (cudaStream_t * stream, unsigned flags), (stream, flags))
GIVES_BACK(streams, cudaStreamDestroy, (cudaStream_t stream), (stream))
PASS_ON(cudaStreamSynchronize, (cudaStream_t stream), (stream))
PASS_ON(cudaStreamQuery, (cudaStream_t stream), (stream))
PASS_ON(cudaStreamGetFlags, (cudaStream_t stream, unsigned* flags), (stream, flags))
PASS_ON(cudaPointerGetAttributes, (cudaPointerAttributes * attributes, const void* data), (attributes, data))
PASS_ON(cudaStreamWaitEvent, (cudaStream_t stream, cudaEvent_t event, unsigned flags), (stream, event, flags))
MAKES(events, cudaEventCreateWithFlags, (cudaEvent_t * event, unsigned flags), (event, flags))
GIVES_BACK(events, cudaEventDestroy, (cudaEvent_t event), (event))
PASS_ON(cudaEventRecord, (cudaEvent_t event, cudaStream_t stream), (event, stream))
PASS_ON(cudaEventQuery, (cudaEvent_t event), (event))
PASS_ON(cudaEventSynchronize, (cudaEvent_t event), (event))
MAKES(pools, cudaMemPoolCreate, (cudaMemPool_t * pool, const cudaMemPoolProps* how), (pool, how))
GIVES_BACK(pools, cudaMemPoolDestroy, (cudaMemPool_t pool), (pool))
PASS_ON(cudaMemPoolSetAttribute, (cudaMemPool_t pool, cudaMemPoolAttr which, void* value), (pool, which, value))
PASS_ON(cudaMemPoolGetAttribute, (cudaMemPool_t pool, cudaMemPoolAttr which, void* value), (pool, which, value))
PASS_ON(cudaMemPoolTrimTo, (cudaMemPool_t pool, size_t bytes), (pool, bytes))
MAKES(device_blocks, cudaMallocFromPoolAsync, (void** data, size_t bytes, cudaMemPool_t pool, cudaStream_t stream),
      (data, bytes, pool, stream))
GIVES_BACK(device_blocks, cudaFreeAsync, (void* data, cudaStream_t stream), (data, stream))
MAKES(device_blocks, cudaMalloc, (void** data, size_t bytes), (data, bytes))
GIVES_BACK(device_blocks, cudaFree, (void* data), (data))
MAKES(host_blocks, cudaHostAlloc, (void** data, size_t bytes, unsigned flags), (data, bytes, flags))
GIVES_BACK(host_blocks, cudaFreeHost, (void* data), (data))
PASS_ON(cudaMemGetInfo, (size_t * free, size_t* total), (free, total))
PASS_ON(cudaMemcpyAsync, (void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream),
        (to, from, bytes, kind, stream))
PASS_ON(cudaMemcpyPeerAsync,
        (void* to, int to_device, const void* from, int from_device, size_t bytes, cudaStream_t stream),
        (to, to_device, from, from_device, bytes, stream))
PASS_ON(cudaMemsetAsync, (void* data, int value, size_t bytes, cudaStream_t stream), (data, value, bytes, stream))
MAKES(libraries, cudaLibraryLoadData,
      (cudaLibrary_t * library, const void* code, cudaJitOption* jit, void** jit_values, unsigned jits,
       cudaLibraryOption* options, void** values, unsigned count),
      (library, code, jit, jit_values, jits, options, values, count))
GIVES_BACK(libraries, cudaLibraryUnload, (cudaLibrary_t library), (library))
PASS_ON(cudaLibraryGetKernel, (cudaKernel_t * kernel, cudaLibrary_t library, const char* name), (kernel, library, name))
PASS_ON(cudaLaunchKernelExC, (const cudaLaunchConfig_t* how, const void* kernel, void** arguments),
        (how, kernel, arguments))

LIST(cudaDeviceGetAttribute)
extern "C" cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int device) {
  if (const cudaError_t status = failing_runtime::injected("cudaDeviceGetAttribute")) return status;
  const cudaError_t status = CALL_NEXT(cudaDeviceGetAttribute, (value, which, device));
  if (which == cudaDevAttrMemoryPoolsSupported && failing_runtime::no_pools) *value = 0;
  return status;
}

// What nvcc's code and CUB use besides.
PASS_ON(cudaFuncGetAttributes, (cudaFuncAttributes * attributes, const void* function), (attributes, function))
PASS_ON(cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags,
        (int* blocks, const void* function, int threads, size_t shared, unsigned flags),
        (blocks, function, threads, shared, flags))
extern "C" cudaError_t __cudaLaunchKernel(cudaKernel_t, dim3, dim3, void**, size_t, cudaStream_t);
PASS_ON(__cudaLaunchKernel,
        (cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments, size_t shared, cudaStream_t stream),
        (kernel, grid, block, arguments, shared, stream))

// The error before is the runtime's, or that of the call that was made to fail.
extern "C" cudaError_t cudaGetLastError() {
  const cudaError_t own = CALL_NEXT(cudaGetLastError, ());
  const cudaError_t injected = std::exchange(failing_runtime::last, cudaSuccess);
  return injected != cudaSuccess ? injected : own;
}
extern "C" cudaError_t cudaPeekAtLastError() {
  const cudaError_t own = CALL_NEXT(cudaPeekAtLastError, ());
  return failing_runtime::last != cudaSuccess ? failing_runtime::last : own;
}
