// Kernels of two-dimensional folds: one tile of fold_k map(x[i,k], y[j,k]).
#pragma once
#include "cpu/kernels/pair_tile.hpp"
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

/// out[i, j] = fold over k of map(x[k, i], y[k, j]), of float32 and float64. The tile is of the same dtype; counts are
/// int32 and int64. Null where there is none.
const tile_kernel* find_pairwise(pair_map map, fold by, dtype type);

}  // namespace tessera::detail::cpu
