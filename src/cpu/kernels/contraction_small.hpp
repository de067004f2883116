// Kernels of small matrix products, many of them one after the other: to = x * y without packing.
#pragma once
#include <cstddef>
#include <cstdint>

#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

/// to[i, j] = sum over k of x[i, k] * y[k, j]. Strides in bytes; along columns y and `to` have none between elements.
/// Nothing need be aligned.
struct small_matrices {
  std::int64_t rows, columns, steps;  // i, j, k
  std::int64_t x_row, x_step, y_step, to_row;
  std::int64_t x_next, y_next, to_next;  // from one matrix to the next
  /// Bytes from a matrix on that are fetched `ahead` matrices before they are used; 0 where it does not lie in one piece.
  std::int64_t x_bytes = 0, y_bytes = 0, to_bytes = 0;
  /// Whether the result may go past the caches, where its rows are whole lines. Others see it after finish_streaming().
  bool stream = false;
};

using multiply_small = void (*)(const small_matrices& p, const std::byte* x, const std::byte* y, std::byte* to,
                                std::int64_t count);

/// float32 and float64, two columns and more. The kernel is for all matrices of these rows, columns and steps; null where
/// there is none.
multiply_small find_multiply_small(dtype type, const small_matrices& p);

}  // namespace tessera::detail::cpu
