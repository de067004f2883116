// Lanes of a plan as a stage, so that geometry and the text of addresses serve them too.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "expr/program.hpp"

namespace tessera::detail::cuda {

/// Axes with these strides in order, closest neighbours last.
inline std::vector<int> closest_last(const shape& strides) {
  std::vector<int> order(static_cast<std::size_t>(strides.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return std::llabs(strides[a]) > std::llabs(strides[b]); });
  return order;
}

/// A scan_plan or sort_plan as a stage that copies: lanes with their closest neighbours last, then the axis, marked as folded.
template <class Plan> stage stage_of_lanes(const Plan& plan) {
  stage s;
  strided in = plan.in, out = plan.out;
  in.strides = out.strides = shape();
  for (const int axis : closest_last(plan.out.strides)) {
    s.extents.push_back(plan.lanes[axis]);
    in.strides.push_back(plan.in.strides[axis]);
    out.strides.push_back(plan.out.strides[axis]);
    s.folded.push_back(false);
  }
  s.extents.push_back(plan.count);
  in.strides.push_back(plan.in_stride);
  out.strides.push_back(plan.out_stride);
  s.folded.push_back(true);
  s.inputs.push_back(in);
  s.register_types.push_back(in.type);
  s.results.push_back({0, fold::none, out, no_reg});
  return s;
}

}  // namespace tessera::detail::cuda
