// A tile: results of some rows of x with some rows of y, their sums kept in registers over all coordinates.
//
// What a result is does not depend on the tile, on its place in it or on the instruction set's width: sums are made in
// leaves of `tile_leaf` coordinates, leaves in pairs, pairs in pairs.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tessera::detail::cpu {

inline constexpr std::int64_t tile_leaf = 64;
/// Coordinates that one call takes. More are given by several calls, one part after the other.
inline constexpr std::int64_t most_tile_steps = 16384;

struct tile_operands {
  /// Panels (pair_tiles.hpp packs them), misaligned if need be. For each coordinate, of each of the fields, one element
  /// of each row: tile_kernel::rows of them in x, tile_kernel::lanes in y.
  const void *x = nullptr, *y = nullptr;
  std::int64_t steps = 0;   // coordinates in them
  const void* w = nullptr;  // an element of each coordinate, where the kernel is a weighted one
  /// A number of each row of the panels, in the operands' dtype; null: zeros, for kernels that do not look at them.
  const void *x_row = nullptr, *y_row = nullptr;
  double order = 0, total = 0;  // as in distance_plan

  // Of a call that is not the only one for its tile:
  std::int64_t before = 0;  // coordinates that the calls before it had, a multiple of tile_leaf
  bool last = true;         // whether this is the last part; if not, `steps` is a multiple of tile_leaf
  void* stack = nullptr;    // sums from call to call, tile_kernel::stack_bytes() of all coordinates; 64-byte aligned
};

struct tile_kernel {
  int rows, lanes;         // of a tile
  int x_fields, y_fields;  // elements that are read of a coordinate
  int itemsize;            // of an element of x and y, and of a result
  int sums;                // kept of a pair
  /// Writes all results of a tile, its rows `pitch` bytes apart, misaligned if need be; nothing unless it is the last
  /// part.
  void (*tile)(std::byte* out, std::int64_t pitch, const tile_operands& of);

  std::int64_t x_panel_bytes(std::int64_t steps) const { return steps * x_fields * rows * itemsize; }
  std::int64_t y_panel_bytes(std::int64_t steps) const { return steps * y_fields * lanes * itemsize; }
  std::int64_t tile_bytes() const { return std::int64_t{rows} * lanes * itemsize; }
  std::int64_t stack_bytes(std::int64_t steps) const {
    std::int64_t levels = 1;
    for (std::int64_t leaves = steps / tile_leaf; leaves > 0; leaves /= 2) ++levels;
    return levels * sums * rows * lanes * itemsize;
  }
};

}  // namespace tessera::detail::cpu
