// Where the CPU's bytes come from: the C library for small blocks, huge pages for large ones.
#include "cpu/memory.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <limits>

#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t page = 4096;

constexpr std::size_t round_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

// Bytes of the mapping behind a large block.
constexpr std::size_t mapped(std::int64_t nbytes) { return round_up(static_cast<std::size_t>(nbytes), page); }

void* map_huge(std::int64_t nbytes) noexcept {
  const std::size_t wanted = mapped(nbytes), asked = wanted + huge_page;
  void* base = ::mmap(nullptr, asked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return nullptr;
  // The kernel gives page-aligned addresses: cut off what lies before the first huge page and after the block.
  auto* begin = static_cast<std::byte*>(base);
  const std::size_t head =
      round_up(reinterpret_cast<std::uintptr_t>(begin), huge_page) - reinterpret_cast<std::uintptr_t>(begin);
  const std::size_t tail = asked - head - wanted;
  if (head != 0) ::munmap(begin, head);
  if (tail != 0) ::munmap(begin + head + wanted, tail);
  ::madvise(begin + head, wanted, MADV_HUGEPAGE);  // a hint: without huge pages it is only slower
  return begin + head;
}

}  // namespace

void* allocate(std::int64_t nbytes) noexcept {
  if (nbytes < 0 || nbytes > std::numeric_limits<std::int64_t>::max() / 2) return nullptr;
  if (static_cast<std::size_t>(nbytes) >= huge_page) return map_huge(nbytes);
  return std::aligned_alloc(alignment, round_up(nbytes == 0 ? 1 : static_cast<std::size_t>(nbytes), alignment));
}

void free(void* data, std::int64_t nbytes) noexcept {
  if (!data) return;
  if (static_cast<std::size_t>(nbytes) >= huge_page) {
    ::munmap(data, mapped(nbytes));
  } else {
    std::free(data);
  }
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

}  // namespace tessera::detail::cpu
