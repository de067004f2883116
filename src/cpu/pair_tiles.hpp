// Results for all pairs of a row of x and a row of y, in tiles: folds of pairs and distances.
//
//                 y, packed           for blocks of j, in a cache:   pack y
//               j 0..23  24..47         for blocks of i, in a cache:   pack x
//              +-------+-------+          for panels of y, for panels of x:  one tile
//            k | panel | panel |
//     x      +-+-------+-------+      A panel holds the elements of one tile for every k, those of one k side by side.
//   i 0..3   | | tile  | tile  |      Memory is read once per block, not once per pair. Panels of very many k are
//   i 4..7   | | tile  | tile  |      packed and used in parts; a tile's sums wait on its stack from part to part.
#pragma once
#include "core/inline_vector.hpp"
#include "cpu/kernels/pair_tile.hpp"
#include "cpu/kernels/table.hpp"
#include "tessera/shape.hpp"

namespace tessera::detail::cpu {

/// Elements [row, k] of an operand, at any address and strides; k counts points of several axes in C order.
struct pair_field {
  const std::byte* data = nullptr;
  shape batch;           // strides along the batch's axes
  std::int64_t row = 0;  // the stride from row to row
  shape steps;           // strides along the axes of k
};

struct pair_rows {
  std::int64_t count = 0;
  inline_vector<pair_field, 3> fields;
  pair_field number;  // of each row, where data is not null; has no steps
};

/// Rows [first, first + width) of some fields, of which those below `count` exist, and steps [begin, end) of them.
struct panel_range {
  std::int64_t first, count;
  int width;
  std::int64_t begin, end;
};
/// Packs a panel as tile_operands wants it. Rows that do not exist are zeros. `offsets`: of each field, the batch
/// point's.
void pack_panel(std::byte* to, const pair_rows& rows, const shape& steps, const std::int64_t* offsets, int itemsize,
                const panel_range& range);
/// Packs elements from any stride, zeros behind them up to `width`.
void pack_numbers(std::byte* to, const std::byte* from, std::int64_t stride, std::int64_t count, std::int64_t width,
                  int itemsize);

/// Where results go.
struct pair_target {
  std::byte* data = nullptr;
  shape batch;                // strides along the batch's axes
  std::int64_t x = 0, y = 0;  // strides along i and j
  int itemsize = 0;           // of an element
  bool condensed = false;     // only j > first_row + i, one after the other, `y` bytes apart
  std::int64_t first_row = 0;
  tessera::detail::kernel convert = nullptr;  // of the kernel's results, where the target's elements are others
};

struct pair_problem {
  const tile_kernel* kernel = nullptr;
  shape batch, steps;  // extents; steps may be 0 in all, and has an axis at least
  pair_rows x, y;      // x's are the rows of a tile
  const std::byte* w = nullptr;
  std::int64_t w_stride = 0;
  double order = 0, total = 0;
  pair_target to;
};

/// The bits of a result depend on its rows only. Throws std::bad_alloc, then nothing was written.
void run_tiles(const pair_problem& problem);

}  // namespace tessera::detail::cpu
