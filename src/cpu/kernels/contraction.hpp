// Kernels of contractions: a tile of sums of products kept in registers, and what lays out its operands.
#pragma once
#include <cstddef>
#include <cstdint>

#include "cpu/kernels/move.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail::cpu {

/// to[r, v] = sum over steps of x[step, r] * y[step, v], or that added to what is there. Addresses may be misaligned.
struct contraction_tile {
  const std::byte* x;
  const std::byte* y;
  std::int64_t steps;
  std::byte* to;
  std::int64_t pitch;  // bytes from row to row of the result
  std::int64_t last;   // lanes of the last vector that are written, 1 to all
  bool add;
  std::int64_t x_row, x_step, y_step;  // bytes; only strided tiles read them
};
using contraction_function = void (*)(const contraction_tile&);

inline constexpr int most_tile_rows = 8, most_tile_vectors = 3;

/// The kernels of one type of sums. A tile of fewer rows or vectors has its own; the order in which products
/// are added is the same in all of them, and in all lanes.
struct contraction_kernels {
  int rows, vectors;  // of the largest tile
  int lanes;          // of a vector
  /// Rows of x and vectors of y lie one after the other within a step, steps follow each other. [rows - 1][vectors - 1]
  contraction_function packed[most_tile_rows][most_tile_vectors];
  /// Elements of x lie anywhere, whole vectors of y one after the other within a step.
  contraction_function strided[most_tile_rows][most_tile_vectors];
};

/// float32, float64, int32 and int64, which wrap, and bool: bytes 0 and 1, any of all. Null for other dtypes.
const contraction_kernels* find_contraction(dtype type);

/// Lays out elements of one size: `count` in a row of the target, `steps` rows that are `pitch` bytes apart.
struct packing_kernels {
  /// From `along` bytes apart in a row and `across` from row to row.
  void (*regular)(std::byte* to, std::int64_t pitch, const columns& from, std::int64_t count, std::int64_t steps);
  /// From the sum of two offsets.
  void (*scattered)(std::byte* to, std::int64_t pitch, const std::byte* from, const std::int64_t* along,
                    const std::int64_t* across, std::int64_t count, std::int64_t steps);
  /// From long rows of elements side by side, `across` bytes apart, to `count` panels of `width` lanes, `panel`
  /// bytes apart.
  void (*panels)(std::byte* to, std::int64_t panel, const std::byte* from, std::int64_t across, std::int64_t width,
                 std::int64_t count, std::int64_t steps);
};

/// For elements of 1, 2, 4, 8 or 16 bytes.
const packing_kernels& find_packing(int itemsize) noexcept;

/// A product of complex numbers is two steps of products of real ones, the result's parts side by side:
///     step 1   x.re * (y.re, y.im)        step 2   x.im * (-y.im, y.re)
/// From `count` numbers to the two rows of each step.
struct complex_packing_kernels {
  using function = void (*)(void* to, const void* from, bool conjugate, std::int64_t count, std::int64_t steps);
  function x, y;
};
/// Of float32 or float64.
const complex_packing_kernels& find_complex_packing(dtype part) noexcept;

}  // namespace tessera::detail::cpu
