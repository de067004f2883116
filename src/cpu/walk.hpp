// A walk over points of several strided operands: axes merged, the runs along the innermost one, loops by itemsize.
#pragma once
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

#include "tessera/shape.hpp"

namespace tessera::detail::cpu {

/// Strides of several operands over common axes, outermost first; at least one axis.
struct walk {
  std::vector<std::int64_t> extents;
  std::vector<std::vector<std::int64_t>> strides;  // [operand][axis]

  /// Axes of extent 1 dropped, neighbours merged where every operand allows.
  walk(const shape& shape, const std::vector<const tessera::shape*>& operands) : strides(operands.size()) {
    for (int axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] == 1) continue;
      if (!extents.empty() && merges(operands, axis, shape[axis])) {
        extents.back() *= shape[axis];
        for (std::size_t k = 0; k < operands.size(); ++k) strides[k].back() = (*operands[k])[axis];
      } else {
        extents.push_back(shape[axis]);
        for (std::size_t k = 0; k < operands.size(); ++k) strides[k].push_back((*operands[k])[axis]);
      }
    }
    if (extents.empty()) {
      extents.push_back(1);
      for (auto& s : strides) s.push_back(0);
    }
  }

  /// One operand over the axes as they are, at least one.
  walk(const shape& shape, const tessera::shape& stride)
      : extents(shape.begin(), shape.end()), strides{std::vector<std::int64_t>(stride.begin(), stride.end())} {
    if (extents.empty()) {
      extents.push_back(1);
      strides[0].push_back(0);
    }
  }

  std::int64_t size() const noexcept {
    std::int64_t n = 1;
    for (std::int64_t e : extents) n *= e;
    return n;
  }
  std::int64_t inner() const noexcept { return extents.back(); }
  std::int64_t inner_stride(std::size_t operand) const noexcept { return strides[operand].back(); }

 private:
  bool merges(const std::vector<const tessera::shape*>& operands, int axis, std::int64_t extent) const {
    for (std::size_t k = 0; k < operands.size(); ++k) {
      if (strides[k].back() != (*operands[k])[axis] * extent) return false;
    }
    return true;
  }
};

/// Calls run(offsets, n) for each piece of an innermost row that lies in the points [begin, end).
template <class Run> void for_each_run(const walk& w, std::int64_t begin, std::int64_t end, const Run& run) {
  if (begin >= end) return;
  const int last = static_cast<int>(w.extents.size()) - 1;
  const std::size_t operands = w.strides.size();
  std::vector<std::int64_t> point(w.extents.size()), offsets(operands, 0);
  std::int64_t rest = begin;
  for (int axis = last; axis >= 0; --axis) {
    point[axis] = rest % w.extents[axis];
    rest /= w.extents[axis];
    for (std::size_t k = 0; k < operands; ++k) offsets[k] += point[axis] * w.strides[k][axis];
  }
  while (true) {
    const std::int64_t n = std::min(w.inner() - point[last], end - begin);
    run(offsets.data(), n);
    begin += n;
    if (begin >= end) return;
    for (std::size_t k = 0; k < operands; ++k) offsets[k] -= point[last] * w.strides[k][last];
    point[last] = 0;
    for (int axis = last - 1; axis >= 0; --axis) {
      ++point[axis];
      for (std::size_t k = 0; k < operands; ++k) offsets[k] += w.strides[k][axis];
      if (point[axis] < w.extents[axis]) break;
      for (std::size_t k = 0; k < operands; ++k) offsets[k] -= point[axis] * w.strides[k][axis];
      point[axis] = 0;
    }
  }
}

/// Calls f.operator()<itemsize>().
template <class F> decltype(auto) with_itemsize(int itemsize, const F& f) {
  switch (itemsize) {
    case 1: return f.template operator()<1>();
    case 2: return f.template operator()<2>();
    case 4: return f.template operator()<4>();
    case 8: return f.template operator()<8>();
    default: assert(itemsize == 16); return f.template operator()<16>();
  }
}

}  // namespace tessera::detail::cpu
