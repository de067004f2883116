// Kernels of parallel sorts: a block of words split in two by a pivot.
#pragma once
#include <cstdint>

#include "cpu/kernels/sort.hpp"

namespace tessera::detail::cpu {

/// W: float, double, without NaN, std::int32_t or std::int64_t.
template <class W> struct split_kernels {
  static constexpr std::int64_t room = word_block + 8;

  /// How many of up to word_block words are greater than the pivot.
  std::int64_t (*count)(const W* words, std::int64_t n, W pivot);
  /// Writes those of as many words that are greater to `high`, the others to `low`, each with `room`. Returns how many are greater.
  std::int64_t (*split)(W* low, W* high, const W* words, std::int64_t n, W pivot);
};

template <class W> const split_kernels<W>& find_split_kernels();

}  // namespace tessera::detail::cpu
