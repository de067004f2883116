// blocking: how an iteration space is cut into blocks.
//
// The iteration space is cut along one axis; a block takes a tile of it with every axis further in, so that short inner
// rows fill a block over several rows:
//
//     axes    0 … cut-1     cut            cut+1 …
//             one point     `tile` points  all points        block number = (point of the outer axes) * tiles + tile
//
// Inputs that run faster along the axis before the cut than along the cut (b of a + b.T) are read in panels: several rows
// at once, so that each of their cache lines is read once. Blocks are numbered so that those of a panel follow each other.
#pragma once
#include <cstdint>

#include "tessera/shape.hpp"

namespace tessera::detail::cpu {

/// How a space is cut: blocks of about `points` points, the last axis by itself if it has `shortest_row` of them; its tiles
/// are multiples of `multiple`.
struct block_size {
  /// A row of a quarter of a block is long enough: blocks over several rows keep fewer inputs contiguous.
  static block_size of(std::int64_t points) noexcept { return {points, (points + 3) / 4, 64}; }
  std::int64_t points, shortest_row, multiple;
};

struct blocking {
  blocking() = default;
  /// Cuts no axis outside of `outermost`.
  blocking(const shape& extents, block_size size, int outermost = 0);
  shape extents;  // at least one axis
  int cut = 0;
  std::int64_t tile = 1;   // extent of a block along `cut`; the last along it may be shorter
  std::int64_t tiles = 1;  // along `cut`
  std::int64_t inner = 1;  // points of the axes after `cut`
  std::int64_t outer = 1;  // points of the axes before
  std::int64_t panel = 1;  // rows along the axis before `cut` that are numbered before the next tile

  std::int64_t count() const noexcept { return outer * tiles; }
  std::int64_t most() const noexcept { return tile * inner; }
  /// Whether elements with these strides lie one after the other in each block.
  bool contiguous(const shape& strides, int itemsize) const noexcept;
  /// Whether they are a single element in each block.
  bool uniform(const shape& strides) const noexcept;
};

/// Where a block lies.
struct block {
  block(const blocking& blocks, std::int64_t number);
  std::int64_t point[max_ndim];  // of the outer axes
  std::int64_t row, rows;        // its place in its panel, of so many
  std::int64_t first;            // along the cut axis
  std::int64_t count;            // along the cut axis
  std::int64_t points;
  std::int64_t offset(const blocking& blocks, const shape& strides) const noexcept;
};

}  // namespace tessera::detail::cpu
