// box: a few axes walked by two strided sides at once. How executors move a block between memory and a register.
#pragma once
#include <cstddef>
#include <cstdint>

#include "cpu/kernels/move.hpp"
#include "tessera/shape.hpp"

namespace tessera::detail::cpu {

/// The axes of a block, outermost first, merged where both sides allow it. The extent of one of them may be set for
/// each use (the last tile along an axis is shorter).
class box {
 public:
  /// A block of at most 4096 points has at most 12 axes longer than 1; the one that is cut comes on top.
  static constexpr int capacity = 16;

  /// Adds the next inner axis. `tiled` marks the first one added as the axis whose extent varies.
  void push(std::int64_t extent, std::int64_t from_stride, std::int64_t to_stride, bool tiled = false) noexcept;
  /// Puts the longest axis innermost when the present one is too short for a loop of its own; sees repeated elements.
  /// Call once, after the last push.
  void finish() noexcept;

  /// Copies the box; the tiled axis has `count` entries.
  void copy(int itemsize, std::byte* to, const std::byte* from, std::int64_t count) const noexcept;
  /// As copy, where mask is true. `from` is contiguous in the order of the pushes and so is `mask`.
  void copy_where(int itemsize, std::byte* to, const std::byte* from, const std::byte* mask,
                  std::int64_t count) const noexcept;

 private:
  struct axis {
    std::int64_t extent, from, to;
  };
  template <class Row> void walk(std::int64_t count, const Row& row) const noexcept;

  axis axes_[capacity] = {};
  int ndim_ = 0;
  std::int64_t repeat_ = 0;    // not 0: each element of the innermost axis is written so often
  int tiled_ = -1;             // place of the tiled axis
  std::int64_t per_tile_ = 1;  // entries of that (merged) axis for each entry of the tiled one
};

}  // namespace tessera::detail::cpu
