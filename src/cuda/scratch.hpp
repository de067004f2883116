// Device memory for the length of a scope.
#pragma once
#include <utility>

#include "cuda/runtime.hpp"

namespace tessera::detail::cuda {

/// Comes and goes in the order of the current stream; null of 0 bytes. Throws out_of_memory "NAME: 1.00 MiB for intermediate results …".
class scratch {
 public:
  scratch(context& on, std::int64_t nbytes, const char* name);
  scratch(scratch&& other) noexcept
      : on_(other.on_), nbytes_(other.nbytes_), data_(std::exchange(other.data_, nullptr)) {}
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() {
    if (data_ != nullptr) on_.free(data_, nbytes_);
  }
  std::byte* data() const noexcept { return static_cast<std::byte*>(data_); }

 private:
  context& on_;
  const std::int64_t nbytes_;
  void* data_;
};

}  // namespace tessera::detail::cuda
