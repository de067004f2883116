// Kernels of two-dimensional folds: one tile of fold_k map(x[i,k], y[j,k]), kept in registers over k.
//
// The order in which an element is folded depends on the number of steps only, not on the instruction set or the tile.
#pragma once
#include <cstddef>
#include <cstdint>

#include "expr/op_table.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

/// What is folded, of one x and one y. `differs` counts: 1 where they are not equal.
enum class pair_map : std::uint8_t {
  product,
  squared_difference,
  absolute_difference,
  difference,
  reversed_difference,
  sum,
  least,
  greatest,
  differs
};

struct pairwise_kernel {
  int rows, lanes;  // of a tile
  int itemsize;     // of an element of the tile: that of x and y
  /// out[i, j] = fold over k of map(x[k, i], y[k, j]): x holds `rows` elements a step, y `lanes`; rows of the tile lie
  /// `pitch` bytes apart, misaligned if need be. 0 < steps <= most_steps.
  void (*tile)(std::byte* out, std::int64_t pitch, const void* x, const void* y, std::int64_t steps);
};
inline constexpr std::int64_t most_pairwise_steps = 16384;

/// float32 and float64. The tile is of the same dtype; counts are int32 and int64. Null where there is none.
const pairwise_kernel* find_pairwise(pair_map map, fold by, dtype type);

}  // namespace tessera::detail::cpu
