// Stages made by hand for tests of the CPU backend: operands in many layouts, and their elements as plain vectors.
#pragma once
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "backend.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail {

/// How an operand lies in memory.
enum class layout { contiguous, reversed, strided, transposed, repeated, misaligned };
inline constexpr layout all_layouts[] = {layout::contiguous, layout::reversed, layout::strided,
                                         layout::transposed, layout::repeated, layout::misaligned};

inline std::int64_t points_of(const shape& extents) {
  return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
}

/// Elements of type T over a space, in bytes of their own. `repeated`: the first axis has stride 0.
template <class T> class operand_of {
 public:
  operand_of(const shape& extents, layout how, dtype type) : extents_(extents) {
    const int ndim = extents.size();
    std::int64_t step = sizeof(T) * (how == layout::strided ? 3 : 1);
    view_.type = type;
    view_.strides = shape::filled(ndim, 0);
    for (int k = 0; k < ndim; ++k) {
      const int axis = how == layout::transposed ? k : ndim - 1 - k;
      if (how == layout::repeated && axis == 0) continue;
      view_.strides[axis] = step;
      step *= extents[axis];
    }
    const int shift = how == layout::misaligned ? 1 : 0;
    bytes_.resize(static_cast<std::size_t>(step) + sizeof(T) + 1);
    view_.data = bytes_.data() + shift;
    if (how != layout::reversed) return;
    for (int axis = 0; axis < ndim; ++axis) {
      view_.data += (extents[axis] - 1) * view_.strides[axis];
      view_.strides[axis] = -view_.strides[axis];
    }
  }

  const strided& view() const { return view_; }
  const shape& extents() const { return extents_; }
  std::int64_t size() const { return points_of(extents_); }

  T get(std::int64_t point) const {
    T value;
    std::memcpy(&value, place(point), sizeof(T));
    return value;
  }
  void set(std::int64_t point, T value) { std::memcpy(place(point), &value, sizeof(T)); }
  template <class F> void fill(F&& value) {
    for (std::int64_t i = 0; i < size(); ++i) set(i, value(i));
  }

 private:
  std::byte* place(std::int64_t point) const {
    std::int64_t offset = 0;
    for (int axis = extents_.size() - 1; axis >= 0; --axis) {
      offset += point % extents_[axis] * view_.strides[axis];
      point /= extents_[axis];
    }
    return view_.data + offset;
  }

  shape extents_;
  strided view_;
  std::vector<std::byte> bytes_;
};

/// A stage without instructions that folds one input over the axes marked.
inline stage fold_stage(fold by, const shape& extents, const std::vector<bool>& folded, const strided& x,
                        const strided& target) {
  stage s;
  s.extents = extents;
  s.folded = axis_flags(folded.begin(), folded.end());
  s.inputs = {x};
  s.register_types = {x.type};
  s.results = {{0, by, target, no_reg}};
  return s;
}

/// A target for a fold: contiguous over the kept axes, stride 0 along the folded ones.
template <class T> class fold_target {
 public:
  fold_target(const shape& extents, const std::vector<bool>& folded, dtype type) {
    std::int64_t step = sizeof(T);
    view_.type = type;
    view_.strides = shape::filled(extents.size(), 0);
    for (int axis = extents.size() - 1; axis >= 0; --axis) {
      if (folded[static_cast<std::size_t>(axis)]) continue;
      view_.strides[axis] = step;
      step *= extents[axis];
    }
    values_.resize(static_cast<std::size_t>(step) / sizeof(T));
    view_.data = reinterpret_cast<std::byte*>(values_.data());
  }
  const strided& view() const { return view_; }
  std::vector<T>& values() { return values_; }
  /// Which value point number `point` of the space belongs to.
  std::size_t place(const shape& extents, std::int64_t point) const {
    std::int64_t offset = 0;
    for (int axis = extents.size() - 1; axis >= 0; --axis) {
      offset += point % extents[axis] * view_.strides[axis];
      point /= extents[axis];
    }
    return static_cast<std::size_t>(offset) / sizeof(T);
  }

 private:
  strided view_;
  std::vector<T> values_;
};

/// Runs f with 1, 2 and 3 threads.
template <class F> void with_thread_counts(F&& f) {
  const int before = cpu::thread_count();
  for (const int count : {1, 2, 3}) {
    cpu::set_thread_count(count);
    f(count);
  }
  cpu::set_thread_count(before);
}

}  // namespace tessera::detail
