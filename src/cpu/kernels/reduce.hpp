// Kernels of the folds: rows folded to one element each, rows folded lane by lane, positions of least and greatest
// elements, squared deviations from the mean.
//
// The order in which elements are combined depends on the shape only, not on the instruction set: every machine gives
// the same bits. Elements of a row are contiguous and may be misaligned.
#pragma once
#include <cstddef>
#include <cstdint>

#include "expr/op_table.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

/// What is folded: the elements x[i] of a row, or a map of them, or of them and those of another row y.
enum class fold_map : std::uint8_t {
  none,
  square,              // x x
  magnitude,           // |x|
  product,             // x y
  difference_squared,  // (x - y)²
  exp_difference       // exp(x - y), y one element a row
};

/// out[r] = z[r * n] by … by z[r * n + n - 1] for r in [0, rows), where z are the elements of x or a map of x and y; n > 0.
/// Where y is one element a row, that is y[r].
using row_fold = void (*)(void* out, const void* x, const void* y, std::size_t rows, std::size_t n);

/// acc[i] = acc[i] by x_0[i] by x_1[i] …, i in [0, n), for rows x_0, x_1, … of n elements, `stride` bytes apart. With
/// `fresh` acc holds nothing yet.
using lane_fold = void (*)(void* acc, const void* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n,
                           bool fresh);

/// Where elements stand that are looked at together: row r's element i at first + r * row + i / lanes * step.
struct placing {
  std::int64_t first, step, row;
  std::size_t lanes;
};

/// Positions of the best elements: `best` holds the elements found so far and `where` their positions.
struct position_fold {
  /// As row_fold; each row's elements stand at first, first + step, …. With `fresh` nothing was found before; else equal
  /// elements are taken if they stand before.
  void (*rows)(void* best, std::int64_t* where, const void* x, std::size_t rows, std::size_t n, const placing& at,
               bool fresh);
  /// As lane_fold. Of equal elements those found before are kept.
  void (*lanes)(void* best, std::int64_t* where, const void* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n,
                const placing& at, bool fresh);
  /// Takes another's find where it is better, or as good and earlier.
  void (*combine)(void* best, std::int64_t* where, const void* other, const std::int64_t* other_where, std::size_t n);
};

/// Elements seen, their mean (centre + offset), and the sum of their squared deviations from it: four rows of float64.
struct deviations {
  double *count, *centre, *offset, *squares;
};

/// Folds to deviations; as the members of position_fold.
struct deviation_fold {
  void (*rows)(const deviations& out, const void* x, std::size_t rows, std::size_t n, bool fresh);
  void (*lanes)(const deviations& out, const void* x, std::ptrdiff_t stride, std::size_t rows, std::size_t n,
                bool fresh);
  void (*combine)(const deviations& out, const deviations& other, std::size_t n);
};

/// sum, prod, min, max, fmin, fmax, any, all of a dtype that is its own accumulator (no 16-bit float); null otherwise.
/// NaN in either part of a complex number makes it NaN; of equal ones min and max of a complex row give the first.
row_fold find_row_fold(fold by, dtype type);
lane_fold find_lane_fold(fold by, dtype type);
/// The sum of a map, of float32 and float64. Null: not for the instruction set in use.
row_fold find_mapped_sum(fold_map map, dtype type);
/// argmin, argmax of the same dtypes. The first of equals; the first NaN beats everything.
const position_fold* find_position_fold(fold by, dtype type);
/// float32 and float64.
const deviation_fold* find_deviation_fold(dtype type);

}  // namespace tessera::detail::cpu
