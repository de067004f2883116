// mark_plan: which points of a space a condition picks, one bit each, the host values that mark, compress, expand and positions read.
#pragma once
#include "expr/program.hpp"

namespace tessera::detail {

/// Points in C order: point k is picked if bit k % 64 of words[k / 64] is set.
struct mark_bits {
  static constexpr std::int64_t tile = 4096;  // points
  std::int64_t points = 0;                    // at least one
  std::uint64_t* words = nullptr;             // word_count() of them, the last one for those who read two at once
  std::int64_t* before = nullptr;  // tile_count() + 1: how many points before each tile are picked; the last: in all

  std::int64_t tile_count() const noexcept { return (points + tile - 1) / tile; }
  std::int64_t word_count() const noexcept { return tile_count() * (tile / 64) + 1; }
};

/// Elements at the points of some bits, and a list of as many elements as there are bits set, in order.
struct compress_plan {
  mark_bits bits;
  shape extents;   // their product is bits.points
  strided source;  // over `extents`
  strided values;  // one axis
};

}  // namespace tessera::detail
