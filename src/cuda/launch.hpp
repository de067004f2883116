// Parameters of generated kernels, and starting them.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "cuda/kernel_cache.hpp"
#include "cuda/runtime.hpp"

namespace tessera::detail::cuda {

/// The bytes of a kernel's parameter struct, written member by member in the order of its text.
class parameters {
 public:
  template <class T> void add(const T& value) { add_bytes(&value, sizeof value, alignof(T)); }
  void add_bytes(const void* from, std::size_t size, std::size_t align) {
    const std::size_t at = (bytes_.size() + align - 1) / align * align;
    bytes_.resize(at + size);
    std::memcpy(bytes_.data() + at, from, size);
  }
  /// Division by an extent, as device/types.cuh's divisor.
  void add_divisor(std::int64_t extent);
  void add_offset(std::int64_t offset, bool wide) {
    if (wide) add(offset);
    else add(static_cast<std::int32_t>(offset));
  }
  std::size_t size() const { return bytes_.size(); }
  /// Padded as the struct is, whose alignment is 16.
  const std::vector<std::byte>& finished() {
    bytes_.resize((bytes_.size() + 15) / 16 * 16);
    return bytes_;
  }

 private:
  std::vector<std::byte> bytes_;
};

/// More bytes of parameters than this lie in device memory, and the kernel gets their address.
inline constexpr std::size_t most_direct_bytes = 4000;

struct grid {
  std::int64_t x, y = 1;
};

/// Starts a kernel, or its second one, of blocks of 256 threads on the calling thread's stream. With TESSERA_CUDA_SYNC=1 waits for it, so that a
/// fault is reported here. Throws device_error naming the kernel.
void launch(context& on, const kernel& k, grid blocks, parameters& values, bool indirect, bool second = false);

/// After every start of kernels that are not generated: with TESSERA_CUDA_SYNC=1 waits for them. The name must stay.
void after_launch(context& on, const std::string& kernel);

/// Kernels started by launch() so far in this process.
std::int64_t launch_count();

}  // namespace tessera::detail::cuda
