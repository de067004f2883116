// Kernels of shortlists: distances of rows rounded to 16-bit integers, at twice the speed of float32.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tessera::detail::cpu {

/// Integers lie in pairs of neighbouring coordinates, of which the second is 0 where there is none: the lower half of
/// an int32 and the upper one. A panel holds, for each pair, one of each of `lanes` rows.
struct shortlist_kernel {
  int rows, lanes;  // of a tile
  /// low[i] = min(low[i], x[i]), high[i] = max(high[i], x[i]); whether all x are finite. `count` is whole vectors.
  bool (*widen)(float* low, float* high, const float* x, std::int64_t count);
  /// Packs a panel of floats (`lanes` for each of `steps` coordinates) as integers: (x - centre) * inverse, to nearest
  /// and in [-most, most], and the sums of their squares.
  void (*round)(std::int32_t* to, std::int32_t* squares, const float* panel, std::int64_t steps, const float* centre,
                float inverse, float most);
  /// to[i, j] = y_squares[j] - 2 sum of x[i] y[j]; bit j of below[i] says whether it is at most bounds[i]. Rows of x
  /// lie one after the other. Returns whether one is; where none is nothing is written.
  bool (*tile)(std::int32_t* to, std::uint64_t* below, const std::int32_t* x, const std::int32_t* y,
               const std::int32_t* y_squares, std::int64_t pairs, const std::int32_t* bounds);
};
inline constexpr int shortlist_rows = 6;

/// Null where the instruction set has no vectors for it.
const shortlist_kernel* find_shortlist();

}  // namespace tessera::detail::cpu
