// Kernels of products of a matrix and a vector: sums of products of rows, and rows with weights.
#pragma once
#include <cstddef>
#include <cstdint>

#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

/// Strides in bytes; the elements of x and y lie one after the other. Nothing need be aligned.
struct row_products {
  std::int64_t steps, x_next, y_next, to_next;
};

struct vector_kernels {
  /// to[i] = sum over k of x[i, k] * y[i, k], for `count` rows; y_next may be 0. In pieces of 4096 products, whose sums are
  /// added in double.
  void (*dots)(const row_products& p, const std::byte* x, const std::byte* y, std::byte* to, std::int64_t count);
  /// sums[j] += sum over the rows i of weights[i] * x[i, j], in order of the rows. `weights` is contiguous, `sums` too.
  void (*add_rows)(std::byte* sums, const std::byte* x, std::int64_t x_row, const std::byte* weights, std::int64_t rows,
                   std::int64_t columns);
  /// to[j] += sums[j]
  void (*add)(std::byte* to, const std::byte* sums, std::int64_t count);
};

/// float32 and float64; null for others.
const vector_kernels* find_vector_kernels(dtype type);

}  // namespace tessera::detail::cpu
