// Blocks of more than 64 KiB: from the system, large ones on huge pages, and kept after they are freed.
//
// Fresh memory is dear: the system clears each page when it is first touched, which takes 13-26 ms for 40 MB in pages of
// 4 KiB, 1.2-1.8 ms in huge ones and nothing when the block was in use before. To add arrays of that size takes 3 ms.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "core/small_blocks.hpp"

namespace tessera::detail::cpu {

class block_cache {
 public:
  block_cache();

  /// 64-byte aligned, not initialised; null when there is none left or it would pass the limit. nbytes > largest_small_block.
  void* allocate(std::size_t nbytes) noexcept;
  /// `nbytes` as it was allocated.
  void free(void* data, std::size_t nbytes) noexcept;

  /// Gives all that is kept back to the system.
  void release() noexcept;
  /// How much may be kept: the blocks freed longest ago go first. Returns what it was.
  std::int64_t set_cache_limit(std::int64_t bytes) noexcept;
  /// How much may be handed out (host_memory) and kept together. Returns what it was.
  std::int64_t set_memory_limit(std::int64_t bytes) noexcept;

  struct statistics {
    std::int64_t cached, allocations, hits, memory_limit, cache_limit;
  };
  statistics stats() noexcept;

 private:
  // Lies at the beginning of a block that is kept.
  struct kept {
    std::size_t nbytes;
    kept *newer, *older;              // among all
    kept *newer_alike, *older_alike;  // in its class
  };

  // Eight classes to a doubling: a block serves the sizes up to an eighth below its own.
  static constexpr int shift_of(std::size_t nbytes) { return std::bit_width(nbytes - 1) - 4; }
  static constexpr std::size_t class_of(std::size_t nbytes) {
    return static_cast<std::size_t>(8 * shift_of(nbytes)) + ((nbytes - 1) >> shift_of(nbytes) & 7);
  }
  static constexpr std::size_t capacity_of(std::size_t nbytes) {
    if (address_sanitizer) return nbytes;  // so that it sees what lies beyond
    return (((nbytes - 1) >> shift_of(nbytes)) + 1) << shift_of(nbytes);
  }

  void keep(kept* block) noexcept;
  void remove(kept* block) noexcept;
  void trim(std::int64_t limit) noexcept;

  std::mutex mutex_;  // guards what follows
  std::array<kept*, 8 * 64> newest_alike_{};
  kept *newest_ = nullptr, *oldest_ = nullptr;
  std::int64_t cached_ = 0, cache_limit_, memory_limit_, allocations_ = 0, hits_ = 0;
};

}  // namespace tessera::detail::cpu
