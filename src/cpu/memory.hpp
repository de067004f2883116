// Memory of the CPU backend: blocks for arrays, and scratch that frees itself.
#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "tessera/memory.hpp"

namespace tessera::detail::cpu {

inline constexpr std::size_t alignment = 64;

constexpr std::int64_t round_up(std::int64_t x, std::int64_t to = alignment) { return (x + to - 1) / to * to; }

/// 64-byte aligned, not initialised; null when there is none left, it would pass the memory limit or the size is absurd.
void* allocate(std::int64_t nbytes) noexcept;
/// `nbytes` as it was allocated.
void free(void* data, std::int64_t nbytes) noexcept;
void fill_zero(void* data, std::int64_t nbytes);

// What tessera/memory.hpp says of this device.
memory_statistics memory_stats() noexcept;
void reset_peak_memory() noexcept;
std::int64_t set_memory_limit(std::int64_t bytes) noexcept;
std::int64_t set_cache_limit(std::int64_t bytes) noexcept;
void release_cached() noexcept;

/// Scratch bytes, 64-byte aligned, not initialised. Throws std::bad_alloc. Made anew for each call it costs a few
/// nanoseconds up to 64 KiB, a lock (20 ns) above: nothing that is worth keeping by hand.
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

/// Hands out pieces of memory, each aligned; without memory it only counts them.
class workspace {
 public:
  explicit workspace(std::byte* data = nullptr) : data_(data) {}
  template <class T> T* take(std::int64_t count) {
    std::byte* const piece = data_ ? data_ + used_ : nullptr;
    used_ += round_up(count * static_cast<std::int64_t>(sizeof(T)));
    return reinterpret_cast<T*>(piece);
  }
  std::int64_t used() const noexcept { return used_; }

 private:
  std::byte* data_;
  std::int64_t used_ = 0;
};

}  // namespace tessera::detail::cpu
