// Sorted copies and sorting permutations.
#include "tessera/sort.hpp"

#include "backend.hpp"
#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/lanes.hpp"
#include "tessera/creation.hpp"

namespace tessera {

using namespace detail;

namespace {

array sorted_by(sort_plan::kind what, const operand& x, int axis, const sort_options& options, const char* name,
                const std::vector<std::int64_t>& nth = {}) {
  const caller where = x.where();
  const array in = materialize(x.recipe(), where);
  const int along = normalize_axis(axis, in.ndim(), name, where);
  const bool indices = what == sort_plan::kind::indices;
  array out = indices ? access::make(in.shape(), int64, order::C, in.device(), where) : like(in, in.dtype(), where);
  const lanes_of from(in, along), to(out, along);
  if (from.empty()) return out;
  sort_plan plan;
  plan.what = what;
  plan.descending = options.descending;
  plan.lanes = from.extents;
  plan.count = plan.keep = from.count;
  plan.nth = nth;
  plan.in = from.lanes;
  plan.out = to.lanes;
  plan.in_stride = from.stride;
  plan.out_stride = to.stride;
  backend_of(in.device()).sort(plan);
  return out;
}

}  // namespace

array detail::selected(const operand& x, const std::vector<std::int64_t>& nth, const char* name) {
  return sorted_by(sort_plan::kind::values, x, -1, {}, name, nth);
}

array sort(const operand& x, int axis, const sort_options& options) {
  return sorted_by(sort_plan::kind::values, x, axis, options, "sort");
}

array argsort(const operand& x, int axis, const sort_options& options) {
  if (x->ndim() == 0 && (axis == 0 || axis == -1))
    return zeros({1}, {.dtype = int64, .device = device_of(x.recipe(), x.where())}, x.where());  // as NumPy
  return sorted_by(sort_plan::kind::indices, x, axis, options, "argsort");
}

}  // namespace tessera
