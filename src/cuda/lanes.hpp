// Lanes of a plan as a stage, so that geometry and the text of addresses serve them too.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "expr/program.hpp"

namespace tessera::detail::cuda {

/// A scan_plan or sort_plan as a stage that copies: lanes with their closest neighbours last, then the axis, marked as folded.
template <class Plan> stage stage_of_lanes(const Plan& plan) {
  std::vector<int> order(static_cast<std::size_t>(plan.lanes.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return std::llabs(plan.out.strides[a]) > std::llabs(plan.out.strides[b]); });
  stage s;
  strided in = plan.in, out = plan.out;
  in.strides = out.strides = shape();
  for (const int axis : order) {
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
