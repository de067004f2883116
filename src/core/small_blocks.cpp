// small_blocks: what happens when a thread's list is empty or full, and when the thread ends.
#include "core/small_blocks.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>

#include "core/memory_count.hpp"

namespace tessera::detail {
namespace {

constexpr std::size_t line = 64;

constexpr std::size_t round_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

// The bytes of a block of this class.
constexpr std::size_t class_bytes(int index) {
  const int width = index / 4 + 5;
  const std::size_t bytes = static_cast<std::size_t>(index % 4 + 5) << (width - 3);
  return bytes < line ? bytes : round_up(bytes, line);
}
static_assert(class_bytes(small_class(0)) == 32 && class_bytes(small_class(64)) == 64);
static_assert(class_bytes(small_class(65)) == 128 && class_bytes(small_class(257)) == 320);
static_assert(class_bytes(small_class(largest_small_block)) == largest_small_block);

constexpr std::size_t block_bytes(std::size_t bytes) {
  if (address_sanitizer) return bytes + (bytes == 0);  // so that it sees what lies beyond
  return bytes > largest_small_block ? round_up(bytes, line) : class_bytes(static_cast<int>(small_class_of(bytes)));
}

// A thread keeps up to 128 KiB of a class, but at least 4 blocks and at most 256; all threads together have 16 times that
// much in chains, so that one thread may allocate what another one frees.
constexpr std::uint32_t list_limit(int index) {
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(128 * 1024 / class_bytes(index), 4, 256));
}
constexpr std::uint32_t shared_limit(int index) { return 16 * list_limit(index); }

// Neighbouring blocks of whole pages would begin 64 bytes apart, modulo 4 KiB: a load from one then waits for a store to
// the other that is not in its way at all (adding arrays of 16 KB took 20-50 % longer).
constexpr std::size_t apart(std::size_t bytes) { return address_sanitizer || bytes % 4096 != 0 ? 0 : 1024; }

void* take(std::size_t bytes) noexcept {
  void* block = nullptr;
  if (bytes < line) {
    block = std::malloc(bytes);
  } else if (::posix_memalign(&block, line, bytes + apart(bytes)) != 0) {
    return nullptr;
  }
  if (block) host_memory.add(static_cast<std::int64_t>(bytes));
  return block;
}

void give_back(void* block, std::size_t bytes) noexcept {
  host_memory.subtract(static_cast<std::int64_t>(bytes));
  std::free(block);
}

// What the threads share. Never destroyed: arrays with static lifetime are freed while the program ends.
class shared_blocks {
 public:
  /// A chain of some length, null when there is none.
  small_block* pop(int index) noexcept {
    const std::lock_guard lock(mutex_);
    chains& c = chains_[static_cast<std::size_t>(index)];
    small_block* const chain = c.first;
    if (!chain) return nullptr;
    c.first = chain->next_chain;
    c.count -= chain->length;
    return chain;
  }

  /// False when it has enough of them.
  bool push(int index, small_block* chain, std::uint32_t length) noexcept {
    const std::lock_guard lock(mutex_);
    chains& c = chains_[static_cast<std::size_t>(index)];
    if (c.count + length > shared_limit(index)) return false;
    chain->next_chain = c.first;
    chain->length = length;
    c.first = chain;
    c.count += length;
    return true;
  }

  void enter(small_cache* cache) noexcept;
  void leave(small_cache* cache) noexcept;
  std::int64_t cached_bytes() noexcept;

 private:
  struct chains {
    small_block* first = nullptr;
    std::uint32_t count = 0;  // blocks
  };
  std::mutex mutex_;
  std::array<chains, small_classes> chains_{};
  struct thread_cache* threads_ = nullptr;
};

// A thread's lists, and its place among those of all threads.
struct thread_cache : small_cache {
  thread_cache *previous = nullptr, *next = nullptr;
};

shared_blocks& shared() noexcept {
  alignas(shared_blocks) static std::byte place[sizeof(shared_blocks)];
  static shared_blocks& instance = *new (place) shared_blocks;
  return instance;
}

void shared_blocks::enter(small_cache* cache) noexcept {
  auto* const entry = static_cast<thread_cache*>(cache);
  const std::lock_guard lock(mutex_);
  entry->next = threads_;
  if (threads_) threads_->previous = entry;
  threads_ = entry;
}

void shared_blocks::leave(small_cache* cache) noexcept {
  auto* const entry = static_cast<thread_cache*>(cache);
  const std::lock_guard lock(mutex_);
  if (entry->previous) entry->previous->next = entry->next;
  if (entry->next) entry->next->previous = entry->previous;
  if (threads_ == entry) threads_ = entry->next;
}

std::int64_t shared_blocks::cached_bytes() noexcept {
  const std::lock_guard lock(mutex_);
  std::int64_t bytes = 0;
  for (int i = 0; i < small_classes; ++i) {
    const auto index = static_cast<std::size_t>(i);
    std::int64_t count = chains_[index].count;
    for (const thread_cache* t = threads_; t; t = t->next) {
      count += t->lists[index].count.load(std::memory_order_relaxed);
    }
    bytes += count * static_cast<std::int64_t>(class_bytes(i));
  }
  return bytes;
}

void give_back_chain(int index, small_block* chain) noexcept {
  while (chain) {
    small_block* const next = chain->next;
    give_back(chain, class_bytes(index));
    chain = next;
  }
}

// Lists with room for nothing: of a thread that has not allocated yet, and of one that is ending.
small_cache before_first, after_last;

// Moves the first `count` blocks of a list to the others.
void share(int index, small_cache::list& list, std::uint32_t count) noexcept {
  if (count == 0) return;
  small_block* const chain = list.head;
  small_block* last = chain;
  for (std::uint32_t i = 1; i < count; ++i) last = last->next;
  list.head = last->next;
  last->next = nullptr;
  list.count.store(list.count.load(std::memory_order_relaxed) - count, std::memory_order_relaxed);
  if (!shared().push(index, chain, count)) give_back_chain(index, chain);
}

// Its destructor runs when the thread ends, among those of the thread's other objects: what these still free afterwards
// goes to the C library.
struct at_thread_end {
  thread_cache* cache = nullptr;
  ~at_thread_end() {
    if (!cache) return;
    this_thread_blocks = &after_last;
    for (int i = 0; i < small_classes; ++i) {
      small_cache::list& list = cache->lists[static_cast<std::size_t>(i)];
      share(i, list, list.count.load(std::memory_order_relaxed));
    }
    shared().leave(cache);
    delete cache;
  }
};
thread_local at_thread_end guard;

// False when there is no memory for lists, or the thread is ending.
bool make_lists() noexcept {
  if (this_thread_blocks == &after_last) return false;
  auto* const cache = new (std::nothrow) thread_cache;
  if (!cache) return false;
  for (int i = 0; i < small_classes; ++i) cache->lists[static_cast<std::size_t>(i)].limit = list_limit(i);
  shared().enter(cache);
  guard.cache = cache;
  this_thread_blocks = cache;
  return true;
}

bool has_lists() noexcept { return this_thread_blocks != &before_first && this_thread_blocks != &after_last; }

}  // namespace

thread_local constinit small_cache* this_thread_blocks = &before_first;

void* small_allocate_slowly(std::size_t bytes) noexcept {
  if (address_sanitizer || bytes > largest_small_block) {
    return bytes > SIZE_MAX / 2 ? nullptr : take(block_bytes(bytes));
  }
  const int index = static_cast<int>(small_class_of(bytes));
  if (has_lists() || make_lists()) {
    if (small_block* const chain = shared().pop(index)) {
      small_cache::list& list = this_thread_blocks->lists[static_cast<std::size_t>(index)];
      list.head = chain->next;
      list.count.store(chain->length - 1, std::memory_order_relaxed);
      return chain;
    }
  }
  return take(class_bytes(index));
}

void small_free_slowly(void* block, std::size_t bytes) noexcept {
  if (address_sanitizer || bytes > largest_small_block) return give_back(block, block_bytes(bytes));
  const int index = static_cast<int>(small_class_of(bytes));
  if (!has_lists() && !make_lists()) return give_back(block, class_bytes(index));
  small_cache::list& list = this_thread_blocks->lists[static_cast<std::size_t>(index)];
  if (list.count.load(std::memory_order_relaxed) == list.limit) share(index, list, list.limit / 2);
  small_free(block, bytes);
}

std::int64_t small_bytes_cached() noexcept { return shared().cached_bytes(); }

void release_small_blocks() noexcept {
  for (int i = 0; i < small_classes; ++i) {
    if (has_lists()) {
      small_cache::list& list = this_thread_blocks->lists[static_cast<std::size_t>(i)];
      give_back_chain(i, std::exchange(list.head, nullptr));
      list.count.store(0, std::memory_order_relaxed);
    }
    while (small_block* const chain = shared().pop(i)) give_back_chain(i, chain);
  }
}

}  // namespace tessera::detail
