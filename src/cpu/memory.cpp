// Where the CPU's bytes come from: lists of small blocks, a cache of the others.
#include "cpu/memory.hpp"

#include <cstring>
#include <limits>

#include "core/memory_count.hpp"
#include "core/small_blocks.hpp"
#include "cpu/block_cache.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

// Never destroyed: arrays with static lifetime are freed while the process exits.
block_cache& cache() noexcept {
  alignas(block_cache) static std::byte place[sizeof(block_cache)];
  static block_cache& instance = *new (place) block_cache;
  return instance;
}

// A whole line at least: elements of different arrays do not share one.
constexpr std::size_t small_bytes(std::size_t bytes) { return bytes < alignment ? alignment : bytes; }

}  // namespace

void* allocate(std::int64_t nbytes) noexcept {
  if (nbytes < 0 || nbytes > std::numeric_limits<std::int64_t>::max() / 2) return nullptr;
  const auto bytes = static_cast<std::size_t>(nbytes);
  if (bytes > largest_small_block) return cache().allocate(bytes);
  void* const data = small_allocate(small_bytes(bytes));
  if (data) [[likely]]
    return data;
  release_cached();
  return small_allocate(small_bytes(bytes));
}

void free(void* data, std::int64_t nbytes) noexcept {
  if (!data) return;
  const auto bytes = static_cast<std::size_t>(nbytes);
  if (bytes > largest_small_block) return cache().free(data, bytes);
  small_free(data, small_bytes(bytes));
}

void fill_zero(void* data, std::int64_t nbytes) {
  if (nbytes <= 0) return;
  constexpr std::int64_t piece = 256 * 1024;
  auto* bytes = static_cast<std::byte*>(data);
  parallel_for((nbytes + piece - 1) / piece, piece / 8, [&](std::int64_t first, std::int64_t last, int) {
    const std::int64_t end = last * piece < nbytes ? last * piece : nbytes;
    std::memset(bytes + first * piece, 0, static_cast<std::size_t>(end - first * piece));
  });
}

memory_statistics memory_stats() noexcept {
  const block_cache::statistics blocks = cache().stats();
  const std::int64_t held = host_memory.now, peak = host_memory.peak, small = small_bytes_cached();
  return {.bytes_in_use = held - small,
          .peak_bytes_in_use = peak,
          .bytes_cached = blocks.cached + small,
          .memory_limit = blocks.memory_limit,
          .cache_limit = blocks.cache_limit,
          .allocations = blocks.allocations,
          .cache_hits = blocks.hits};
}

void reset_peak_memory() noexcept { host_memory.reset_peak(); }
std::int64_t set_memory_limit(std::int64_t bytes) noexcept { return cache().set_memory_limit(bytes); }
std::int64_t set_cache_limit(std::int64_t bytes) noexcept { return cache().set_cache_limit(bytes); }

void release_cached() noexcept {
  cache().release();
  release_small_blocks();
}

}  // namespace tessera::detail::cpu
