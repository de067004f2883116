// A contraction as calls of cuBLAS: which axes are the matrices' own, which number products, what has to be copied. A pure
// function of the plan, so that explain prints what is called, and tests hold it to the rules of docs/gpu.md without a GPU.
#pragma once
#include <array>
#include <string>

#include "ops/contraction_plan.hpp"
#include "tessera/shape.hpp"

namespace tessera::detail::cuda {

/// What a call does to a matrix as it lies, columns first.
enum class matrix_op : char { none = 'N', transposed = 'T', conjugated = 'C' };

/// A matrix of every product of a call, in elements: from one column to the next, from one product to the next.
struct mapped_matrix {
  matrix_op op = matrix_op::none;
  std::int64_t leading = 1, step = 0;
};

/// x and y are copied before the products, the result from where they leave it after them. The copy has no gaps, in the
/// order of these axes.
struct mapped_copy {
  bool made = false, conjugated = false;
  shape extents = {}, strides = {};  // of the array, in bytes
  std::int64_t bytes = 0;
};

enum class product_batches { one, strided, pointers };  // GemmEx, GemmStridedBatchedEx, GemmBatchedEx

/// result (rows x columns) = first (rows x summed) * second (summed x columns), columns first, as cuBLAS has it.
struct contraction_mapping {
  dtype type;
  bool tf32 = false;
  const std::byte *x = nullptr,
                  *y = nullptr;  // the elements at index 0 of every axis, some of which may be turned around
  std::byte* to = nullptr;
  mapped_copy copy_of_x, copy_of_y, copy_of_to;
  bool y_first = false;  // the result lies row by row: it is computed as its transpose, from y and x
  std::int64_t rows = 1, columns = 1, summed = 1;
  mapped_matrix first, second, result;
  product_batches batches = product_batches::one;
  std::int64_t products = 1;  // of a strided call
  /// Byte strides of what numbers further products: of one call each, or of the pointers of a call.
  contraction_axes outer;
};

/// Any plan of float16, bfloat16, float32, float64 or complex numbers; `to` may be null.
contraction_mapping map_contraction(const contraction_plan& plan);

/// More products than these are several calls: with more than 65535, some versions fail.
inline constexpr std::int64_t most_products = 63 * 1024;

/// How often cuBLAS is called.
std::int64_t calls_of(const contraction_mapping& m);

/// "copy of x (1.00 MiB), cublasGemmStridedBatchedEx NT 64 x 32 x 128, 10 products"
std::string text_of(const contraction_mapping& m);

}  // namespace tessera::detail::cuda
