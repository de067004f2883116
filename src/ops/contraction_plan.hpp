// contraction_plan: one contraction of two operands, all that a backend reads.
#pragma once
#include <cstddef>
#include <cstdint>

#include "core/inline_vector.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail {

/// Byte strides in x, y and the result, 0 in the one or two that the axis is not of. Any strides; data may be misaligned.
struct contraction_axis {
  std::int64_t extent, x, y, to;
};
using contraction_axes = inline_vector<contraction_axis, 4>;

/// to[b, m, n] = sum over k of x[b, m, k] * y[b, k, n], where each of b, m, n and k stands for any number of axes. The result
/// overlaps no operand, no two of its elements overlap, and nothing in it has been written yet.
///
/// Axes are merged where the strides of both that have them allow it, and ordered, slowest first: those of the result by its
/// strides, summed ones by y's. Extents are above 1, so that a group without axes stands for one point. Integers are exact
/// modulo 2**bits, bool is any of all, float16 and bfloat16 are summed in float32.
struct contraction_plan {
  dtype type;  // of x, y and the result
  const std::byte* x;
  const std::byte* y;
  std::byte* to;
  contraction_axes batch, rows, columns, summed;  // b, m (of x), n (of y), k
  bool conjugate_x = false;                       // complex dtypes only
  bool tf32 = false;  // products of float32 may be rounded to TF32 first, where a device has it
};

inline std::int64_t points(const contraction_axes& group) noexcept {
  std::int64_t count = 1;
  for (const contraction_axis& axis : group) count *= axis.extent;
  return count;
}

}  // namespace tessera::detail
