// block_cache: blocks from the system, and the lists of those that are kept.
#include "cpu/block_cache.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "core/memory_count.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t page = 4096;

constexpr std::size_t round_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

// Neighbouring blocks begin at different places in a page. Else the same elements of all operands fall into one set of the
// first-level cache (8 fit), and what is stored less than a few vectors ahead of a load, modulo 4 KiB, makes the load wait:
// a sum took 20-50 % longer where malloc had put the result 64 bytes further on than an operand.
constexpr std::size_t colours = 4, colour_bytes = 1024;

std::byte* map_huge(std::size_t capacity) noexcept {
  static std::atomic<std::size_t> turn{0};
  const std::size_t wanted = capacity + page, asked = wanted + huge_page;
  void* const place = ::mmap(nullptr, asked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return nullptr;
  // The system gives page-aligned addresses: cut off what lies before the first huge page and after the block.
  auto* const begin = static_cast<std::byte*>(place);
  const std::size_t head =
      round_up(reinterpret_cast<std::uintptr_t>(begin), huge_page) - reinterpret_cast<std::uintptr_t>(begin);
  if (head != 0) ::munmap(begin, head);
  if (head != huge_page) ::munmap(begin + head + wanted, huge_page - head);
  ::madvise(begin + head, wanted, MADV_HUGEPAGE);  // a hint: without huge pages it is only slower
  return begin + head + turn.fetch_add(1, std::memory_order_relaxed) % colours * colour_bytes;
}

void* from_system(std::size_t capacity) noexcept {
  if (capacity >= huge_page && !address_sanitizer) return map_huge(capacity);
  // Nearly always a multiple of 4 KiB, see colours.
  const std::size_t asked = address_sanitizer ? capacity : capacity + colour_bytes;
  void* data = nullptr;
  return ::posix_memalign(&data, 64, asked) == 0 ? data : nullptr;
}

void to_system(void* data, std::size_t capacity) noexcept {
  if (capacity >= huge_page && !address_sanitizer) {
    auto* const begin = reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(data) / huge_page * huge_page);
    ::munmap(begin, capacity + page);
  } else {
    std::free(data);
  }
}

// Bytes of memory that this process may use: the machine's, or what its control group (a container's, say) allows.
std::int64_t usable_memory() {
  constexpr std::int64_t unknown = std::int64_t{8} << 30;
  const std::int64_t pages = ::sysconf(_SC_PHYS_PAGES), bytes_each = ::sysconf(_SC_PAGESIZE);
  std::int64_t bytes = pages > 0 && bytes_each > 0 ? pages * bytes_each : unknown;
  const auto bound_by = [&](const std::string& file) {
    std::int64_t limit = 0;
    if (std::ifstream(file) >> limit && limit > 0) bytes = std::min(bytes, limit);  // "max" is not a number
  };
  bound_by("/sys/fs/cgroup/memory.max");
  bound_by("/sys/fs/cgroup/memory/memory.limit_in_bytes");
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with("0::")) bound_by("/sys/fs/cgroup" + line.substr(3) + "/memory.max");
    const std::size_t old = line.find(":memory:");
    if (old != line.npos) bound_by("/sys/fs/cgroup/memory" + line.substr(old + 8) + "/memory.limit_in_bytes");
  }
  return bytes;
}

std::int64_t default_cache_limit() noexcept {
  constexpr std::int64_t most = std::int64_t{4} << 30;
  try {
    return std::min(usable_memory() / 8, most);
  } catch (...) {
    return 0;
  }
}

}  // namespace

block_cache::block_cache()
    : cache_limit_(default_cache_limit()), memory_limit_(std::numeric_limits<std::int64_t>::max()) {}

void* block_cache::allocate(std::size_t nbytes) noexcept {
  const std::size_t capacity = capacity_of(nbytes);
  const auto bytes = static_cast<std::int64_t>(capacity);
  {
    const std::lock_guard lock(mutex_);
    ++allocations_;
    if (kept* const block = newest_alike_[class_of(nbytes)]) {
      remove(block);
      ++hits_;
      host_memory.add(bytes);
      return block;
    }
    const std::int64_t room = memory_limit_ - bytes;
    if (host_memory.now + cached_ > room) {
      trim(room - host_memory.now);
      if (host_memory.now > room) release_small_blocks();
      if (host_memory.now > room) return nullptr;
    }
    host_memory.reserve(bytes);  // before it is there: of several threads not all may pass the limit
  }
  void* data = from_system(capacity);
  if (!data) {
    release();
    release_small_blocks();
    data = from_system(capacity);
  }
  if (data) host_memory.hold();
  else host_memory.subtract(bytes);
  return data;
}

void block_cache::free(void* data, std::size_t nbytes) noexcept {
  const std::size_t capacity = capacity_of(nbytes);
  const auto bytes = static_cast<std::int64_t>(capacity);
  {
    const std::lock_guard lock(mutex_);
    host_memory.subtract(bytes);
    if (bytes <= cache_limit_ && !address_sanitizer) {  // kept, it would hide that it is used after it was freed
      trim(cache_limit_ - bytes);
      keep(new (data) kept{nbytes, nullptr, nullptr, nullptr, nullptr});
      return;
    }
  }
  to_system(data, capacity);
}

// ---- The lists

void block_cache::keep(kept* block) noexcept {
  kept*& alike = newest_alike_[class_of(block->nbytes)];
  block->older = newest_;
  block->older_alike = alike;
  (newest_ ? newest_->newer : oldest_) = block;
  if (alike) alike->newer_alike = block;
  newest_ = alike = block;
  cached_ += static_cast<std::int64_t>(capacity_of(block->nbytes));
}

void block_cache::remove(kept* block) noexcept {
  (block->newer ? block->newer->older : newest_) = block->older;
  (block->older ? block->older->newer : oldest_) = block->newer;
  (block->newer_alike ? block->newer_alike->older_alike : newest_alike_[class_of(block->nbytes)]) = block->older_alike;
  if (block->older_alike) block->older_alike->newer_alike = block->newer_alike;
  cached_ -= static_cast<std::int64_t>(capacity_of(block->nbytes));
}

void block_cache::trim(std::int64_t limit) noexcept {
  while (oldest_ && cached_ > limit) {
    kept* const block = oldest_;
    remove(block);
    to_system(block, capacity_of(block->nbytes));
  }
}

// ---- Limits and figures

void block_cache::release() noexcept {
  const std::lock_guard lock(mutex_);
  trim(0);
}

std::int64_t block_cache::set_cache_limit(std::int64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  trim(bytes);
  return std::exchange(cache_limit_, bytes);
}

std::int64_t block_cache::set_memory_limit(std::int64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  trim(std::max<std::int64_t>(bytes - host_memory.now, 0));
  return std::exchange(memory_limit_, bytes);
}

block_cache::statistics block_cache::stats() noexcept {
  const std::lock_guard lock(mutex_);
  return {cached_, allocations_, hits_, memory_limit_, cache_limit_};
}

}  // namespace tessera::detail::cpu
