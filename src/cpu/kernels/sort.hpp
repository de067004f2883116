// Kernels of sorting: elements as words, that is signed integers of the same order, and back.
//
// A word has 32 bits, of elements of 8 bytes 64. Inverted words have the reverse order. Elements may lie at any address,
// words are aligned.
#pragma once
#include <cstdint>

#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

inline constexpr std::int64_t word_block = 1024;  // the most words that sorts read, compare or split at a time

struct word_range {
  std::int64_t low, high;
  std::uint64_t width() const noexcept { return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low); }
};

/// What packs words with their places: ((word - low) >> dropped) << place_bits | place, with the sign bit inverted.
struct packing {
  std::int64_t low;
  int place_bits, dropped;
};

struct sort_kernels {
  int word_size;
  /// Words from which elements() makes the same bits again; those of NaN lie beyond both infinities'. Returns whether
  /// there was one.
  bool (*words)(void* to, const void* from, std::int64_t n, bool inverted);
  void (*elements)(void* to, const void* from, std::int64_t n, bool inverted);  // `to` may be `from`, of the same size
  /// Copies floats as they are; returns whether all are normal numbers or 0.0, for which comparing means what words say
  /// even where denormal numbers are flushed. Null of what is not float32 or float64.
  bool (*copy_plain)(void* to, const void* from, std::int64_t n);
  /// Words of which equal elements have one: both zeros, and all NaN the greatest before they are inverted.
  void (*order)(void* to, const void* from, std::int64_t n, bool inverted);
  /// Whether one of those words is less than `bound`.
  bool (*any_below)(const void* from, std::int64_t n, bool inverted, std::int64_t bound);
  /// below[i], above[i] = whether that word of element i, not inverted, is less than `low`, greater than `high`.
  void (*beyond)(std::byte* below, std::byte* above, const void* from, std::int64_t n, const word_range& between);
  word_range (*range)(const void* words, std::int64_t n);
  /// n > 0 words whose places begin with `first`, packed to 32 or 64 bits.
  void (*pack32)(std::int32_t* to, const void* words, std::int64_t n, std::int64_t first, const packing& how);
  void (*pack64)(std::int64_t* to, const void* words, std::int64_t n, std::int64_t first, const packing& how);
};

/// For dtypes that are not complex.
const sort_kernels& find_sort_kernels(dtype type);

}  // namespace tessera::detail::cpu
