// Distances between all rows, and the nearest rows.
#include "tessera/distances.hpp"

#include "backend.hpp"
#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/contract.hpp"
#include "ops/metric_rows.hpp"

namespace tessera {

using namespace detail;

namespace {

shape leading(const shape& x, int kept) {
  shape result;
  for (int i = 0; i < x.size() - kept; ++i) result.push_back(x[i]);
  return result;
}

/// The extent of the last axis, or of the second from the end.
std::int64_t last(const array& x, int from_end = 1) { return x.shape()[x.ndim() - from_end]; }

/// x's elements walked over `batch` and its last `kept` axes.
strided over(const array& x, const shape& batch, int kept) {
  shape walked = batch;
  for (int i = x.ndim() - kept; i < x.ndim(); ++i) walked.push_back(x.shape()[i]);
  return {access::data(x), x.dtype(), broadcast_strides(x.shape(), x.strides(), walked)};
}

/// Two operands checked, their rows prepared, and the plan as far as it does not depend on what is made of the distances.
struct distance_call {
  distance_call(const char* name, const operand& x_operand, const operand& y_operand, const metric& by,
                const distance_method& method, dtype wanted) {
    const caller where = x_operand.where();
    const array x = materialize(x_operand.recipe(), where), y = materialize(y_operand.recipe(), where);
    check_devices(x, y, name, where);
    if (x.ndim() < 2 || y.ndim() < 2 || last(x) != last(y)) {
      throw shape_error(std::string(name) + ": rows of shapes " + to_string(x.shape()) + " and " +
                            to_string(y.shape()) + "; expected (..., n, d) and (..., m, d)",
                        where);
    }
    batch = broadcast(leading(x.shape(), 2), leading(y.shape(), 2), name, where);
    rows = rows_of(name, x, y, by, method, wanted, where);
    plan.what = rows.what;
    plan.type = rows.type;
    plan.result = rows.result;
    plan.batch = batch;
    plan.n = last(x, 2);
    plan.m = last(y, 2);
    plan.d = last(rows.x[0]);
    for (const array& field : rows.x) plan.x.push_back(over(field, batch, 2));
    for (const array& field : rows.y) plan.y.push_back(over(field, batch, 2));
    if (access::storage_of(rows.x_row)) plan.x_row = over(rows.x_row, batch, 1);
    if (access::storage_of(rows.y_row)) plan.y_row = over(rows.y_row, batch, 1);
    if (access::storage_of(rows.w)) plan.w = over(rows.w, {}, 1);
    plan.order = rows.order;
    plan.total = rows.total;
    device = x.device();
  }

  array make(const shape& last, dtype type, const caller& where) const {
    shape extents = batch;
    for (const std::int64_t extent : last) extents.push_back(extent);
    return access::make(extents, type, order::C, device, where);
  }

  metric_rows rows;
  shape batch;
  tessera::device device;
  distance_plan plan;
};

}  // namespace

array cdist(const operand& x, const operand& y, const metric& by, const distance_options& options) {
  distance_call call("cdist", x, y, by, options.method, options.dtype);
  const array out = call.make({call.plan.n, call.plan.m}, call.plan.result, x.where());
  if (out.size() == 0) return out;
  call.plan.to = over(out, call.batch, 2);
  backend_of(call.device).distances(call.plan);
  return out;
}

array pdist(const operand& x, const metric& by, const distance_options& options) {
  distance_call call("pdist", x, x, by, options.method, options.dtype);
  const std::int64_t n = call.plan.n;
  const array out = call.make({n * (n - 1) / 2}, call.plan.result, x.where());
  if (out.size() == 0) return out;
  call.plan.to = over(out, call.batch, 1);
  call.plan.condensed = true;
  backend_of(call.device).distances(call.plan);
  return out;
}

nearest_result nearest(const operand& queries, const operand& points, std::int64_t k, const nearest_options& options) {
  distance_call call("nearest", queries, points, options.metric, options.method, options.dtype);
  nearest_plan plan;
  const nearest_result result = {call.make({call.plan.n, k}, call.plan.result, queries.where()),
                                 call.make({call.plan.n, k}, int64, queries.where())};
  if (result.indices.size() == 0) return result;
  plan.distances = over(result.distances, call.batch, 2);
  plan.indices = over(result.indices, call.batch, 2);
  plan.of = call.plan;
  plan.k = k;
  plan.exclude_self = options.exclude_self;
  plan.largest_first = call.rows.largest_first;
  backend_of(call.device).nearest(plan);
  return result;
}

}  // namespace tessera
