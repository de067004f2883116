// Kernels by key: compiled when first asked for, kept for the life of the process.
#pragma once
#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <string>

namespace tessera::detail::cuda {

/// A generated kernel: its whole text, and the name of its entry; `second` is that of the kernel that takes up its partial
/// results, if there is one.
struct kernel_text {
  std::string name = {}, source = {}, second = {};
};

struct kernel {
  cudaKernel_t entry = nullptr, second = nullptr;
  std::string name;
  std::string image;  // PTX; empty for machine code
};

/// The kernel of this key for devices of this capability; `write` is called if there is none yet. The key carries all that
/// the text depends on. Throws device_error, and then nothing is kept.
const kernel& find_kernel(const std::string& key, int capability, const std::function<kernel_text()>& write);

/// For tests: how often something was compiled, and read from disk; forgetting all kernels makes the next use look on disk.
struct cache_statistics {
  std::int64_t compiled = 0, read = 0;
  double compile_seconds = 0;  // processor time
};
cache_statistics kernel_cache_statistics();
void forget_kernels();

}  // namespace tessera::detail::cuda
