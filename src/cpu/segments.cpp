// Folds of segments of lanes. The order in which elements are combined depends on shape and strides only: sums are pairwise.
//
//   side by side   neighbouring lanes are neighbours in memory: up to 128 of their rows are added up, those sums in pairs
//   contiguous     a segment goes to the kernel that folds rows
//   strided        its elements are collected in pieces first; 16-bit floats become float32 there
//   the rest       operations that are no fold: each element in turn, by the kernel of the binary operation
//
// A long segment is cut into pieces that threads fold on their own.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "cpu/kernels/move.hpp"
#include "cpu/kernels/reduce.hpp"
#include "cpu/kernels/table.hpp"
#include "cpu/lanes.hpp"
#include "cpu/memory.hpp"
#include "cpu/sort.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::int64_t long_segment = 64 * 1024, collected = 1024, rows_in_turn = 128, long_rows = 4096;
constexpr std::int64_t block_bytes = 2048;  // of neighbouring lanes
constexpr std::size_t largest = 16;         // bytes of an element

/// The fold that does what a binary operation does from element to element.
fold fold_of(op code, bool of_bool) {
  switch (code) {
    case op::add: return of_bool ? fold::max : fold::sum;
    case op::multiply: return of_bool ? fold::min : fold::prod;
    case op::maximum: return fold::max;
    case op::minimum: return fold::min;
    case op::fmax: return of_bool ? fold::max : fold::fmax;
    case op::fmin: return of_bool ? fold::min : fold::fmin;
    case op::logical_or: return of_bool ? fold::max : fold::none;
    case op::logical_and: return of_bool ? fold::min : fold::none;
    default: return fold::none;
  }
}

class segments {
 public:
  explicit segments(const segment_plan& plan) : plan_(plan), type_(plan.in.type) {
    const bool is_bool = type_ == bool_, is_half = type_ == float16 || type_ == bfloat16;
    const dtype computed = is_bool ? uint8 : is_half ? float32 : type_;  // bool: any byte that is not 0 is true
    const fold by = fold_of(plan.code, is_bool);
    if (by != fold::none) {
      rows_ = find_row_fold(by, computed);
      lanes_ = is_half ? nullptr : find_lane_fold(by, computed);
    }
    if (is_half) widen_ = find_cast(type_, float32), narrow_ = find_cast(float32, type_);
    apply_ = find_kernel(plan.code, type_);
    assert(apply_);
    itemsize_ = type_.itemsize();
    collect_ = find_row_copy(type_.itemsize());
    computed_size_ = computed.itemsize();
  }

  void run() const {
    if (const int axis = side_by_side(); axis >= 0) return run_side_by_side(axis);
    // Elements that are applied in turn cannot be cut.
    const std::int64_t most = rows_ ? long_segment : plan_.count, work = plan_.count / plan_.segments + 8;
    for_each_segment(count_of(plan_.lanes), most, work, [&](std::int64_t lane, std::int64_t segment) {
      const std::int64_t n = length(segment);
      const std::byte* in =
          plan_.in.data + offset_at(plan_.lanes, plan_.in.strides, lane) + plan_.starts[segment] * plan_.in_stride;
      std::byte* out = plan_.out.data + offset_at(plan_.lanes, plan_.out.strides, lane) + segment * plan_.out_stride;
      if (n > most) fold_long(out, in, n);
      else fold_one(out, in, n);
    });
  }

 private:
  std::int64_t length(std::int64_t segment) const {
    const std::int64_t end = segment + 1 < plan_.segments ? plan_.starts[segment + 1] : plan_.count;
    return std::max<std::int64_t>(end - plan_.starts[segment], 1);
  }

  /// each(lane, segment) on several threads, but for segments of more than `most` elements: they come behind, one after
  /// the other, and may use several threads themselves.
  template <class Each>
  void for_each_segment(std::int64_t lanes, std::int64_t most, std::int64_t work_each, const Each& each) const {
    parallel_for(lanes * plan_.segments, work_each, [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t i = first; i < last; ++i) {
        const std::int64_t lane = i / plan_.segments, segment = i % plan_.segments;
        if (length(segment) <= most) each(lane, segment);
      }
    });
    if (plan_.count <= most) return;
    for (std::int64_t segment = 0; segment < plan_.segments; ++segment) {
      if (length(segment) <= most) continue;
      for (std::int64_t lane = 0; lane < lanes; ++lane) each(lane, segment);
    }
  }

  void store(std::byte* out, const std::byte* value) const {
    if (narrow_) narrow_(out, value, nullptr, nullptr, 1);
    else std::memcpy(out, value, static_cast<std::size_t>(itemsize_));
    if (type_ == bool_) *out = static_cast<std::byte>(*out != std::byte{0});
  }

  void fold_one(std::byte* out, const std::byte* in, std::int64_t n) const {
    std::byte value[largest];
    if (n == 1) {
      std::memcpy(out, in, static_cast<std::size_t>(itemsize_));
    } else if (rows_) {
      fold_value(value, in, n);
      store(out, value);
    } else {
      std::memcpy(value, in, static_cast<std::size_t>(itemsize_));
      for (std::int64_t k = 1; k < n; ++k) apply_(value, value, in + k * plan_.in_stride, nullptr, 1);
      std::memcpy(out, value, static_cast<std::size_t>(itemsize_));
    }
  }

  void fold_long(std::byte* out, const std::byte* in, std::int64_t n) const {
    const std::int64_t pieces = (n + long_segment - 1) / long_segment;
    const scratch values(pieces * computed_size_);
    parallel_for(pieces, long_segment, [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t i = first; i < last; ++i)
        fold_value(values.data() + i * computed_size_, in + i * long_segment * plan_.in_stride,
                   std::min(long_segment, n - i * long_segment));
    });
    std::byte value[largest];
    rows_(value, values.data(), nullptr, 1, static_cast<std::size_t>(pieces));
    store(out, value);
  }

  /// The fold of n elements in the dtype it is computed in.
  void fold_value(std::byte* value, const std::byte* in, std::int64_t n) const {
    if (plan_.in_stride == itemsize_ && !widen_) return rows_(value, in, nullptr, 1, static_cast<std::size_t>(n));
    if (n > collected) {
      const std::int64_t half = round_up(n / 2, collected);
      std::byte both[2 * largest];
      fold_value(both, in, half);
      fold_value(both + computed_size_, in + half * plan_.in_stride, n - half);
      return rows_(value, both, nullptr, 1, 2);
    }
    alignas(64) std::byte elements[collected * largest], wide[collected * sizeof(float)];
    collect_(elements, itemsize_, in, plan_.in_stride, n);
    if (widen_) widen_(wide, elements, nullptr, nullptr, static_cast<std::size_t>(n));
    rows_(value, widen_ ? wide : elements, nullptr, 1, static_cast<std::size_t>(n));
  }

  /// The axis along which lanes are neighbours, where folding them together is better than one by one; else -1.
  int side_by_side() const {
    if (!lanes_ || plan_.in_stride == itemsize_) return -1;
    for (int axis = 0; axis < plan_.lanes.size(); ++axis) {
      if (plan_.in.strides[axis] == itemsize_ && plan_.out.strides[axis] == itemsize_ && plan_.lanes[axis] >= 4)
        return axis;
    }
    return -1;
  }

  void run_side_by_side(int axis) const {
    shape others = plan_.lanes, in_strides = plan_.in.strides, out_strides = plan_.out.strides;
    const std::int64_t columns = others[axis], block = block_bytes / itemsize_;
    const std::int64_t blocks = (columns + block - 1) / block;
    others[axis] = blocks;
    in_strides[axis] = out_strides[axis] = block * itemsize_;
    std::int64_t behind = 1;
    for (int k = others.size() - 1; k > axis; --k) behind *= others[k];
    const std::int64_t work = (plan_.count / plan_.segments + 1) * std::min(block, columns) / 4 + 8;
    for_each_segment(count_of(others), long_rows, work, [&](std::int64_t lane, std::int64_t segment) {
      const std::int64_t rows = length(segment), number = lane / behind % blocks,
                         n = std::min(block, columns - number * block);
      const std::byte* in =
          plan_.in.data + offset_at(others, in_strides, lane) + plan_.starts[segment] * plan_.in_stride;
      std::byte* out = plan_.out.data + offset_at(others, out_strides, lane) + segment * plan_.out_stride;
      if (rows > long_rows) fold_long_block(out, in, rows, n);
      else fold_block(out, in, plan_.in_stride, rows, n);
      if (type_ == bool_) std::transform(out, out + n, out, [](std::byte b) { return std::byte{b != std::byte{0}}; });
    });
  }

  void fold_block(std::byte* out, const std::byte* in, std::int64_t stride, std::int64_t rows, std::int64_t n) const {
    const auto width = static_cast<std::size_t>(n);
    if (rows <= rows_in_turn) return lanes_(out, in, stride, static_cast<std::size_t>(rows), width, true);
    const std::int64_t half = round_up(rows / 2, rows_in_turn);
    alignas(64) std::byte other[block_bytes];
    fold_block(out, in, stride, half, n);
    fold_block(other, in + half * stride, stride, rows - half, n);
    lanes_(out, other, block_bytes, 1, width, false);
  }

  void fold_long_block(std::byte* out, const std::byte* in, std::int64_t rows, std::int64_t n) const {
    const std::int64_t pieces = (rows + long_rows - 1) / long_rows;
    const scratch values(pieces * block_bytes);
    parallel_for(pieces, long_rows * n / 4, [&](std::int64_t first, std::int64_t last, int) {
      for (std::int64_t i = first; i < last; ++i)
        fold_block(values.data() + i * block_bytes, in + i * long_rows * plan_.in_stride, plan_.in_stride,
                   std::min(long_rows, rows - i * long_rows), n);
    });
    fold_block(out, values.data(), block_bytes, pieces, n);
  }

  const segment_plan& plan_;
  dtype type_;
  row_fold rows_ = nullptr;
  lane_fold lanes_ = nullptr;
  row_copy collect_ = nullptr;
  kernel apply_ = nullptr, widen_ = nullptr, narrow_ = nullptr;
  std::int64_t itemsize_ = 0, computed_size_ = 0;
};

}  // namespace

void reduce_segments(const segment_plan& plan) { segments(plan).run(); }

}  // namespace tessera::detail::cpu
