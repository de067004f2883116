// Kernels that move elements of one size between strides: rows, transposes, repetitions. They look at bytes only.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tessera::detail::cpu {

/// Copies n elements between any byte strides; neither side need be aligned.
using row_copy = void (*)(std::byte* to, std::int64_t to_stride, const std::byte* from, std::int64_t from_stride,
                          std::int64_t n);

/// Elements `along` bytes apart in a row, `across` bytes from row to row.
struct columns {
  const std::byte* data;
  std::int64_t along, across;
};

/// An element of 16 bytes.
struct sixteen_bytes {
  std::uint64_t low, high;
};

struct move_kernels {
  row_copy row;
  /// Copies `rows` rows of `count` elements: each contiguous, `pitch` bytes apart. Reads what lies across together.
  void (*transpose)(std::byte* to, std::int64_t pitch, columns from, std::int64_t count, std::int64_t rows);
  /// Writes each of n elements `times` times in a row, contiguous.
  void (*repeat)(std::byte* to, const std::byte* from, std::int64_t from_stride, std::int64_t n, std::int64_t times);
  /// Copies n contiguous elements past the caches, for targets that are too large to stay there. Others may read them
  /// after finish_streaming().
  void (*stream)(std::byte* to, const std::byte* from, std::int64_t n);
};

/// For elements of 1, 2, 4, 8 or 16 bytes.
const move_kernels& find_moves(int itemsize) noexcept;
void finish_streaming() noexcept;
inline row_copy find_row_copy(int itemsize) noexcept { return find_moves(itemsize).row; }

}  // namespace tessera::detail::cpu
