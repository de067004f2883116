// Small blocks of host memory: recipes, handles and the elements of small arrays, from lists that each thread has for itself.
//
//   small_allocate --> list of the thread (no lock) --> shared chains (a lock) --> the C library
//   small_free     <-/
//
// An allocation and its free take 2-4 ns here, 20 (malloc) to 47 (aligned_alloc) in the C library: as much as all the rest
// of a small operation. Lists are bounded; what a list has too much of goes to the shared chains, where other threads find
// it, and from there back to the C library. A thread that ends leaves its blocks to the others.
#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tessera::detail {

/// Any size; 64-byte aligned from 64 bytes on, 16 below; not initialised. Null when there is no memory left. May be called
/// at any time: by destructors of thread_local and static objects too, when the thread's own lists are gone already.
void* small_allocate(std::size_t bytes) noexcept;
/// `bytes` as they were asked for. Any thread may free what another one allocated; null is let pass.
void small_free(void* block, std::size_t bytes) noexcept;

/// Larger ones come from the C library.
inline constexpr std::size_t largest_small_block = 64 * 1024;

/// Bytes in lists and chains; host_memory counts them with those handed out.
std::int64_t small_bytes_cached() noexcept;
/// Gives the calling thread's lists and the shared chains back to the C library. What other threads have stays.
void release_small_blocks() noexcept;

// ---- What the inline paths need

struct small_block {
  small_block* next;        // in its list
  small_block* next_chain;  // of the first block of a chain: the next chain, and how many blocks this one has
  std::uint32_t length;
};

// Four classes to a doubling: at most a quarter is lost to rounding. 32 bytes hold the links above.
constexpr int small_class(std::size_t bytes) {
  const std::size_t last = (bytes - (bytes != 0)) | 31;
  const int width = std::bit_width(last);
  return 4 * (width - 5) + static_cast<int>(last >> (width - 3) & 3);
}
inline constexpr int small_classes = small_class(largest_small_block) + 1;

// The same up to 1 KiB: a load is faster than the computation.
inline constexpr std::size_t tabulated_bytes = 1024;
inline constexpr auto small_class_table = [] {
  std::array<std::uint8_t, tabulated_bytes / 32 + 1> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<std::uint8_t>(small_class(32 * i));
  return table;
}();
constexpr std::size_t small_class_of(std::size_t bytes) {
  return bytes <= tabulated_bytes ? small_class_table[(bytes + 31) / 32] : static_cast<std::size_t>(small_class(bytes));
}

struct small_cache {
  struct list {
    small_block* head = nullptr;
    std::atomic<std::uint32_t> count{0};  // written by its thread only; others read it for statistics
    std::uint32_t limit = 0;
  };
  std::array<list, small_classes> lists;
};

// Initial-exec: one load instead of a call (__tls_get_addr, 2-4 ns). These 8 bytes fit what glibc keeps free for libraries
// that are loaded while the program runs. Never null: a thread without lists has one where each is empty and full at once.
extern thread_local constinit small_cache* this_thread_blocks __attribute__((tls_model("initial-exec")));

void* small_allocate_slowly(std::size_t bytes) noexcept;
void small_free_slowly(void* block, std::size_t bytes) noexcept;

#if defined(__SANITIZE_ADDRESS__)
#define TESSERA_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TESSERA_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef TESSERA_ADDRESS_SANITIZER
inline constexpr bool address_sanitizer = true;  // each block comes from the C library, so that misuse is found
#else
inline constexpr bool address_sanitizer = false;
#endif

inline void* small_allocate(std::size_t bytes) noexcept {
  if (address_sanitizer || bytes > largest_small_block) return small_allocate_slowly(bytes);
  small_cache::list& list = this_thread_blocks->lists[small_class_of(bytes)];
  small_block* const block = list.head;
  if (!block) [[unlikely]]
    return small_allocate_slowly(bytes);
  list.head = block->next;
  list.count.store(list.count.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  return block;
}

inline void small_free(void* data, std::size_t bytes) noexcept {
  if (!data) return;
  if (address_sanitizer || bytes > largest_small_block) return small_free_slowly(data, bytes);
  small_cache::list& list = this_thread_blocks->lists[small_class_of(bytes)];
  const std::uint32_t count = list.count.load(std::memory_order_relaxed);
  if (count == list.limit) [[unlikely]]
    return small_free_slowly(data, bytes);
  auto* const block = static_cast<small_block*>(data);
  block->next = list.head;
  list.head = block;
  list.count.store(count + 1, std::memory_order_relaxed);
}

}  // namespace tessera::detail
