// Checks of operands, and work cut into blocks.
#include "ops/distance_call.hpp"

#include <algorithm>

#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/contract.hpp"
#include "ops/distance_parts.hpp"
#include "ops/numbers_only.hpp"

namespace tessera::detail {
namespace {

shape without_last(const shape& x, int count) {
  shape result;
  for (int i = 0; i < x.size() - count; ++i) result.push_back(x[i]);
  return result;
}

/// The extent of the last axis, or of the second from the end.
std::int64_t last(const array& x, int from_end = 1) { return x.shape()[x.ndim() - from_end]; }

/// About how long a term takes in units of a difference and a product: logarithms and powers some 30.
double cost_of(metric_code what) {
  switch (what) {
    case metric_code::minkowski:
    case metric_code::jensenshannon:
    case metric_code::haversine: return 30;
    case metric_code::canberra: return 4;
    default: return 1;
  }
}

/// Blocks that take some 20 to 100 ms, a thousand of them at most (up to the rounding of their sizes); longer where y is so
/// large that packing it again for each block would count.
row_blocks blocks_of(const distance_call& call, const distance_plan& plan) {
  const double terms = static_cast<double>(plan.m) * static_cast<double>(plan.d + 4), work = terms * cost_of(plan.what);
  double rows = static_cast<double>(plan.n);
  for (const std::int64_t extent : plan.batch) rows *= static_cast<double>(extent);
  // Terms: 10 a nanosecond and thread on the CPU, a few thousand on a GPU.
  const double target = call.on == cpu() ? 4e8 : 4e10;
  // 3000 rows' nearest of 300 000 x 128 took 4 times as long in blocks of ten rows, 1.2 times in blocks of 1024.
  constexpr double least_rows = 1024;  // of terms that cost 1
  return {plan, work, std::max({target, work * rows / 1000, terms * least_rows})};
}

template <class Plan, class Run>
void run_blocks(const distance_call& call, const distance_plan& all, const Plan& plan, const progress_function& f,
                const Run& run) {
  if (!f) return run(plan);
  const row_blocks blocks = blocks_of(call, all);
  progress_steps progress(call, f, blocks.count());
  for (std::int64_t block = 0; block < blocks.count(); ++block) {
    run(blocks.cut(plan, block));
    progress.step();
  }
}

}  // namespace

distance_call::distance_call(const char* name, const operand& x_operand, const operand& y_operand, const metric& by,
                             const distance_method& method, dtype wanted, bool of_one)
    : name(name), where(x_operand.where()) {
  const array x = materialize(x_operand.recipe(), where);
  const array y = of_one ? x : materialize(y_operand.recipe(), where);
  check_numbers({x.dtype(), y.dtype()}, name, where);
  if (x.device() != y.device()) check_devices(x, y, name, where);
  if (of_one && x.ndim() < 2) {
    throw shape_error(std::string(name) + ": rows of shape " + to_string(x.shape()) + "; expected (..., n, d)", where);
  }
  if (x.ndim() < 2 || y.ndim() < 2 || last(x) != last(y)) {
    throw shape_error(std::string(name) + ": rows of shapes " + to_string(x.shape()) + " and " + to_string(y.shape()) +
                          "; expected (..., n, d) and (..., m, d)",
                      where);
  }
  const std::string text = std::string(name) + ": the axes before the rows";
  batch = broadcast(without_last(x.shape(), 2), without_last(y.shape(), 2), text.c_str(), where);
  on = x.device();
  rows = rows_of({name, x, y, of_one, by, method, wanted, where});
  plan.what = rows.what;
  plan.type = rows.type;
  plan.result = rows.result;
  plan.batch = batch;
  plan.n = last(x, 2);
  plan.m = last(y, 2);
  plan.d = last(rows.x[0]);
  for (const array& field : rows.x) plan.x.push_back(over(field, 2));
  for (const array& field : rows.y) plan.y.push_back(over(field, 2));
  if (access::storage_of(rows.x_row)) plan.x_row = over(rows.x_row, 1);
  if (access::storage_of(rows.y_row)) plan.y_row = over(rows.y_row, 1);
  if (access::storage_of(rows.w)) plan.w = {access::data(rows.w), rows.w.dtype(), rows.w.strides()};
  plan.order = rows.order;
  plan.total = rows.total;
}

strided distance_call::over(const array& x, int kept) const {
  shape walked = batch;
  for (int i = x.ndim() - kept; i < x.ndim(); ++i) walked.push_back(x.shape()[i]);
  return {access::data(x), x.dtype(), broadcast_strides(x.shape(), x.strides(), walked)};
}

array distance_call::make(const shape& last, dtype type) const {
  shape extents = batch;
  for (const std::int64_t extent : last) extents.push_back(extent);
  element_count(extents, name, where, type.itemsize());
  return access::make(extents, type, order::C, on, where);
}

array distance_call::finished(const array& distances) const {
  return rows.wanted == rows.result ? distances : materialize(distances.astype(rows.wanted), where);
}

backend& distance_call::device() const { return backend_of(on, where); }

row_blocks::row_blocks(const distance_plan& plan, double work, double target) : extents_(plan.batch) {
  extents_.push_back(plan.n);
  double behind = work;  // of one position of the axis
  axis_ = extents_.size() - 1;
  while (axis_ > 0 && behind * static_cast<double>(extents_[axis_]) <= target) {
    behind *= static_cast<double>(extents_[axis_]);
    --axis_;
  }
  const double most = static_cast<double>(extents_[axis_]);
  length_ = static_cast<std::int64_t>(std::clamp(target / behind, 1.0, std::max(most, 1.0)));
  pieces_ = extents_[axis_] / length_ + (extents_[axis_] % length_ != 0);
  count_ = pieces_;
  for (int i = 0; i < axis_; ++i) count_ *= extents_[i];
}

std::int64_t row_blocks::most_rows() const noexcept {
  std::int64_t rows = length_;
  for (int i = axis_ + 1; i < extents_.size(); ++i) rows *= extents_[i];
  return rows;
}

template <class Plan> Plan row_blocks::cut(Plan plan, std::int64_t number) const {
  const std::int64_t first = number % pieces_ * length_;
  narrow(plan, axis_, first, std::min(length_, extents_[axis_] - first));
  number /= pieces_;
  for (int i = axis_ - 1; i >= 0; --i) {
    narrow(plan, i, number % extents_[i], 1);
    number /= extents_[i];
  }
  return plan;
}
template distance_plan row_blocks::cut(distance_plan, std::int64_t) const;
template nearest_plan row_blocks::cut(nearest_plan, std::int64_t) const;

progress_steps::progress_steps(const distance_call& call, const progress_function& f, std::int64_t of)
    : call_(call), f_(f), of_(of) {
  tell();
}

void progress_steps::step() {
  ++done_;
  if (!f_) return;
  call_.device().synchronize(nullptr);  // done, not only on its way
  tell();
}

void progress_steps::tell() const {
  if (f_(done_, of_)) return;
  throw cancelled(
      std::string(call_.name) + ": cancelled after " + std::to_string(done_) + " of " + std::to_string(of_) + " blocks",
      call_.where);
}

void run_distances(const distance_call& call, const distance_plan& plan, const progress_function& f) {
  run_blocks(call, plan, plan, f, [&](const distance_plan& part) { call.device().distances(part); });
}

void run_nearest(const distance_call& call, const nearest_plan& plan, const progress_function& f) {
  run_blocks(call, plan.of, plan, f, [&](const nearest_plan& part) { call.device().nearest(part); });
}

}  // namespace tessera::detail
