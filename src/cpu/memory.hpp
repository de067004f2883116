// Memory of the CPU backend: fresh blocks, and scratch that calls itself bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace tessera::detail::cpu {

inline constexpr std::size_t alignment = 64;

/// 64-byte aligned; null when there is none left or the size is absurd. Blocks of 2 MiB and more lie on huge pages
/// where the system has them: touching 40 MB of fresh small pages costs 13-26 ms, of huge ones 2.
void* allocate(std::int64_t nbytes) noexcept;
/// `nbytes` as it was allocated.
void free(void* data, std::int64_t nbytes) noexcept;
void fill_zero(void* data, std::int64_t nbytes);

/// Scratch bytes, 64-byte aligned, not initialised. Throws std::bad_alloc.
class scratch {
 public:
  scratch() = default;
  explicit scratch(std::int64_t nbytes) : data_(static_cast<std::byte*>(allocate(nbytes))), nbytes_(nbytes) {
    if (!data_) throw std::bad_alloc();
  }
  scratch(scratch&& other) noexcept : data_(other.data_), nbytes_(other.nbytes_) { other.data_ = nullptr; }
  scratch& operator=(scratch&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(nbytes_, other.nbytes_);
    return *this;
  }
  ~scratch() {
    if (data_) free(data_, nbytes_);
  }
  std::byte* data() const noexcept { return data_; }

 private:
  std::byte* data_ = nullptr;
  std::int64_t nbytes_ = 0;
};

}  // namespace tessera::detail::cpu
