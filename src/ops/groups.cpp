// Folds of pieces of an axis and of groups of equal keys: one backend call over where the pieces begin.
#include "tessera/groups.hpp"

#include "backend.hpp"
#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/marks.hpp"
#include "ops/lanes.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "ops/sets_parts.hpp"
#include "ops/sort_keys.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// x in the dtype that the fold computes in.
expr in_fold_dtype(op code, const expr& x, caller where) {
  const bool is_logical = code == op::logical_and || code == op::logical_or;
  const bool accumulates = code == op::add || code == op::multiply;
  return is_logical ? x.astype(bool_, where) : accumulates ? x.astype(accumulator(x.dtype(), {}), where) : x;
}

/// The pieces of an axis that begin at checked positions, each folded to one element.
array fold_pieces(op code, const array& x, const array& begins, int axis, caller where) {
  shape extents = x.shape();
  extents[axis] = begins.size();
  array out = access::make(extents, x.dtype(), is_fortran(x) ? order::F : order::C, x.device(), where);
  const lanes_of from(x, axis), to(out, axis);
  if (from.empty() || to.empty()) return out;
  segment_plan plan;
  plan.code = code;
  plan.lanes = from.extents;
  plan.count = from.count;
  plan.segments = begins.size();
  plan.starts = reinterpret_cast<const std::int64_t*>(access::data(begins));
  plan.in = from.lanes;
  plan.out = to.lanes;
  plan.in_stride = from.stride;
  plan.out_stride = to.stride;
  backend_of(x.device()).reduce_segments(plan);
  return out;
}

/// Positions where pieces begin: throws unless they are integers along one axis, in [0, extent).
array begins_of(const operand& indices, std::int64_t extent, int axis, const char* name, caller where) {
  if (indices->ndim() != 1) {
    throw shape_error(std::string(name) + ": indices have one axis, not shape " + to_string(indices->shape()), where);
  }
  const array begins = positions_of(indices.recipe(), casting::safe, name, where);
  if (const auto bad = first_outside(begins, extent, where)) throw_out_of_bounds(*bad, extent, axis, name, where);
  return begins;
}

array reduceat(op code, const char* name, const operand& x, const operand& indices, int axis) {
  const caller where = x.where();
  check_numbers({x->dtype()}, name, where);
  if (x->ndim() == 0) throw dtype_error(std::string(name) + ": x has no axis", where);
  const int along = normalize_axis(axis, x->ndim(), name, where);
  const array elements = materialize(in_fold_dtype(code, x.recipe(), where), where);
  const array begins = begins_of(indices, elements.shape()[along], along, name, where);
  return fold_pieces(code, elements, beside(elements, begins, name, where), along, where);
}

op code_of(group_fold by) {
  switch (by) {
    case group_fold::prod: return op::multiply;
    case group_fold::min: return op::minimum;
    case group_fold::max: return op::maximum;
    case group_fold::any: return op::logical_or;
    case group_fold::all: return op::logical_and;
    default: return op::add;
  }
}

/// NaN are one key.
ordering runs_of_keys(const array& keys, caller where) {
  if (!keys.dtype().is_number()) return order_of(keys, {.starts = true}, where);
  array order = argsort(operand(keys, where));
  array starts = run_starts(take_slices(keys, order, 0, where), true, where);
  return {std::move(order), std::move(starts)};
}

/// Sums over how many were summed, in the dtype that mean has; of 16-bit floats in float32.
expr mean_of(const array& sums, array counts, caller where) {
  shape extents = shape::filled(sums.ndim(), 1);
  extents[0] = counts.shape()[0];
  counts = reshape(counts, extents, order::C, where);
  const dtype real = sums.dtype() == float32 || sums.dtype() == complex64 ? float32 : float64;
  return divide(operand(sums, where), operand(counts.astype(real), where));
}

}  // namespace

array add_reduceat(const operand& x, const operand& indices, int axis) {
  return reduceat(op::add, "add_reduceat", x, indices, axis);
}
array multiply_reduceat(const operand& x, const operand& indices, int axis) {
  return reduceat(op::multiply, "multiply_reduceat", x, indices, axis);
}
array maximum_reduceat(const operand& x, const operand& indices, int axis) {
  return reduceat(op::maximum, "maximum_reduceat", x, indices, axis);
}
array minimum_reduceat(const operand& x, const operand& indices, int axis) {
  return reduceat(op::minimum, "minimum_reduceat", x, indices, axis);
}
array logical_and_reduceat(const operand& x, const operand& indices, int axis) {
  return reduceat(op::logical_and, "logical_and_reduceat", x, indices, axis);
}
array logical_or_reduceat(const operand& x, const operand& indices, int axis) {
  return reduceat(op::logical_or, "logical_or_reduceat", x, indices, axis);
}

group_result group_reduce(const operand& keys, const operand& values, group_fold by) {
  const caller where = keys.where();
  if (keys->ndim() != 1 || values->ndim() == 0 || values->shape()[0] != keys->shape()[0]) {
    throw shape_error("group_reduce: keys of shape " + to_string(keys->shape()) + " and values of shape " +
                          to_string(values->shape()) + "; expected one key for each position of values' first axis",
                      where);
  }
  const array unsorted = materialize(keys.recipe(), where);
  const device on = device_of(values.recipe(), where);
  if (unsorted.device() != on) throw_devices(unsorted.device(), on, "group_reduce", where);
  const dtype type = values->dtype();
  if (by != group_fold::count) check_numbers({type}, "group_reduce", where);
  const auto [order, starts] = runs_of_keys(unsorted, where);
  const array begins = flat_positions(mark(starts, where), where);
  array distinct = take_slices(unsorted, take_slices(order, begins, 0, where), 0, where), counts;
  if (by == group_fold::count || by == group_fold::mean) counts = run_lengths(begins, order.size(), where);
  if (by == group_fold::count) return {std::move(distinct), std::move(counts)};

  const bool is_half = type == float16 || type == bfloat16;
  expr folded = values.recipe();
  if (by == group_fold::mean) folded = folded.astype(is_half ? float32 : mean_accumulator(type, {}), where);
  const op code = code_of(by);
  const array elements = materialize(in_fold_dtype(code, folded, where), where);
  array result = fold_pieces(code, take_slices(elements, order, 0, where), begins, 0, where);
  if (by == group_fold::mean)
    result = array(mean_of(result, counts, where).astype(is_half ? type : result.dtype(), where), where);
  return {std::move(distinct), std::move(result)};
}

}  // namespace tessera
