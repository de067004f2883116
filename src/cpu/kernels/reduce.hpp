// Kernels of the folds: rows folded to one element each, and positions of least and greatest elements.
//
// The order in which elements are combined depends on the length of a row only, not on the instruction set: every
// machine gives the same bits. Elements are contiguous and may be misaligned.
#pragma once
#include <cstddef>
#include <cstdint>

#include "expr/op_table.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

/// out[r] = x[r * n] by … by x[r * n + n - 1] for r in [0, rows); n > 0.
using row_fold = void (*)(void* out, const void* x, std::size_t rows, std::size_t n);

/// Positions of the best elements: `best` holds the elements found so far and `where` their positions.
struct position_fold {
  /// As row_fold; row r's elements have positions first, first + 1 …. With `fresh` nothing was found before.
  void (*rows)(void* best, std::int64_t* where, const void* x, std::size_t rows, std::size_t n, std::int64_t first,
               bool fresh);
  /// Lane by lane: x[i] has position first + i / lanes. Positions only grow from call to call.
  void (*lanes)(void* best, std::int64_t* where, const void* x, std::size_t n, std::size_t lanes, std::int64_t first,
                bool fresh);
  /// Takes another's find where it is better, or as good and earlier.
  void (*combine)(void* best, std::int64_t* where, const void* other, const std::int64_t* other_where, std::size_t n);
};

/// sum, prod, min, max, fmin, fmax, any, all of a dtype that is its own accumulator (no 16-bit float); null otherwise.
/// NaN in either part of a complex number makes it NaN; of equal ones min and max of a complex row give the first.
row_fold find_row_fold(fold by, dtype type);
/// argmin, argmax of the same dtypes. The first of equals; the first NaN beats everything.
const position_fold* find_position_fold(fold by, dtype type);

}  // namespace tessera::detail::cpu
