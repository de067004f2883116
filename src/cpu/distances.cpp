// Distances between all rows, as a problem of the walk of tiles.
#include "cpu/distances.hpp"

#include "cpu/kernels/distances.hpp"

namespace tessera::detail::cpu {
namespace {

pair_field field_of(const strided& x, int batch_axes, bool has_steps) {
  pair_field field = {x.data, {}, x.strides[batch_axes], {}};
  for (int i = 0; i < batch_axes; ++i) field.batch.push_back(x.strides[i]);
  if (has_steps) field.steps.push_back(x.strides[batch_axes + 1]);
  return field;
}

pair_rows rows_of(std::int64_t count, const inline_vector<strided, 3>& fields, const strided& number, int batch_axes) {
  pair_rows rows;
  rows.count = count;
  for (const strided& x : fields) rows.fields.push_back(field_of(x, batch_axes, true));
  if (number.data) rows.number = field_of(number, batch_axes, false);
  return rows;
}

}  // namespace

pair_problem problem_of(const distance_plan& plan) {
  const int axes = plan.batch.size();
  pair_problem p;
  p.kernel = find_distance(plan.what, plan.type, plan.w.data != nullptr);
  p.batch = plan.batch;
  p.steps = {plan.d};
  p.x = rows_of(plan.n, plan.x, plan.x_row, axes);
  p.y = rows_of(plan.m, plan.y, plan.y_row, axes);
  if (plan.w.data) {
    p.w = plan.w.data;
    p.w_stride = plan.w.strides[0];
  }
  p.order = plan.order;
  p.total = plan.total;
  return p;
}

void distances(const distance_plan& plan) {
  const int axes = plan.batch.size();
  pair_problem p = problem_of(plan);
  p.to.data = plan.to.data;
  for (int i = 0; i < axes; ++i) p.to.batch.push_back(plan.to.strides[i]);
  p.to.condensed = plan.condensed;
  p.to.first_row = plan.first_row;
  p.to.x = plan.condensed ? 0 : plan.to.strides[axes];
  p.to.y = plan.to.strides[plan.condensed ? axes : axes + 1];
  p.to.itemsize = plan.result.itemsize();
  run_tiles(p);
}

}  // namespace tessera::detail::cpu
