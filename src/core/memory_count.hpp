// Counts the bytes that the library holds of the host's memory.
#pragma once
#include <atomic>
#include <cstdint>

namespace tessera::detail {

struct memory_count {
  std::atomic<std::int64_t> now{0}, peak{0};

  void add(std::int64_t bytes) noexcept {
    reserve(bytes);
    hold();
  }
  /// Counts bytes before they are there; they are not in the peak until hold() says that they are.
  void reserve(std::int64_t bytes) noexcept { now.fetch_add(bytes, std::memory_order_relaxed); }
  void hold() noexcept {
    const std::int64_t total = now.load(std::memory_order_relaxed);
    std::int64_t seen = peak.load(std::memory_order_relaxed);
    while (seen < total && !peak.compare_exchange_weak(seen, total, std::memory_order_relaxed)) {}
  }
  void subtract(std::int64_t bytes) noexcept { now.fetch_sub(bytes, std::memory_order_relaxed); }
  void reset_peak() noexcept {
    peak.store(0, std::memory_order_relaxed);
    hold();  // not a plain store: what others add meanwhile counts
  }
};

/// All that is handed out, and the small blocks that threads keep for reuse.
inline constinit memory_count host_memory;

}  // namespace tessera::detail
