// Operands of contractions: one array's walk along groups of axes, and packing it for the kernels.
#pragma once
#include <algorithm>

#include "core/inline_vector.hpp"
#include "cpu/kernels/contraction.hpp"
#include "cpu/kernels/table.hpp"
#include "ops/contraction_plan.hpp"

namespace tessera::detail::cpu {

/// The points of a group of axes, in C order, as one array has them.
class walk {
 public:
  struct axis {
    std::int64_t extent, stride;
  };
  /// Equally spaced points.
  struct run {
    std::int64_t offset, stride, length;
  };

  walk() = default;
  walk(const contraction_axes& group, std::int64_t contraction_axis::*stride);

  std::int64_t points() const noexcept { return points_; }
  /// Whether all points are one run.
  bool regular() const noexcept { return axes_.size() <= 1; }
  /// Between neighbours along the last axis, and how many those are.
  std::int64_t stride() const noexcept { return axes_.empty() ? 0 : axes_.back().stride; }
  std::int64_t inner() const noexcept { return axes_.empty() ? 1 : axes_.back().extent; }
  std::int64_t offset(std::int64_t point) const noexcept { return run_at(point, 1).offset; }
  /// From `point` on, `most` at most.
  run run_at(std::int64_t point, std::int64_t most) const noexcept;

 private:
  inline_vector<axis, 4> axes_;  // slowest first, merged
  std::int64_t points_ = 1;
};

/// What sums are kept in, and how elements get there and back.
struct contraction_type {
  explicit contraction_type(dtype type);
  dtype element, sum;  // of a complex dtype: of its parts
  int parts = 1;       // real numbers that an element, and steps that a product become: 2 if it is complex
  const contraction_kernels* tiles;
  kernel widen = nullptr, narrow = nullptr;  // null where there is nothing to do
};

/// One operand of a batch's contraction: `lanes` are the rows of x or the columns of y.
struct contraction_operand {
  const std::byte* data;
  walk lanes, steps, batch;
  bool conjugate = false;

  /// Lanes [lane, lane + count) of steps [step, step + steps) as a panel of `width` lanes a step, absent ones zeros.
  struct part {
    std::int64_t lane, count, width, step, steps;
  };
  void pack_x(const contraction_type& type, std::int64_t offset, const part& which, std::byte* to) const;
  void pack_y(const contraction_type& type, std::int64_t offset, const part& which, std::byte* to) const;
  /// Whether the lanes of a step lie side by side, as they are packed.
  bool in_rows(const contraction_type& type) const;
  /// `count` lanes of such an operand as panels of which.width lanes one after the other, a multiple of it.
  void pack_panels(const contraction_type& type, std::int64_t offset, const part& which, std::byte* to) const;

 private:
  template <class Convert>
  void pack_converted(int itemsize, std::int64_t offset, const part& which, Convert&& convert) const;
  void pack_elements(int itemsize, std::int64_t offset, const part& which, std::byte* to) const;
};

}  // namespace tessera::detail::cpu
