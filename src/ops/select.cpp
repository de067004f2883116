// Picking and placing elements: take, put and their kin along an axis, nonzero, accumulation at indices.
#include "tessera/select.hpp"

#include <algorithm>

#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/marks.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// Where a verb with an optional axis works; NumPy lets axis 0 of a 0-d array pass.
array_along vector_along(const operand& x, const axes& axis, const char* name) {
  return along(atleast_1d(materialize(x.recipe(), x.where())), axis, name, x.where());
}

/// Brings positions into [0, extent) by the mode; extent > 0 unless nothing is going to be picked.
void settle(array& positions, std::int64_t extent, int axis, take_mode mode, const char* name, caller where) {
  if (mode == take_mode::raise) check_positions(positions, extent, axis, name, where);
  if (positions.size() == 0 || extent == 0) return;
  positions = folded_positions(positions, extent, mode, where);
}

[[noreturn]] void throw_nothing_to_pick(int axis, const char* name, caller where) {
  throw index_error(std::string(name) + ": axis " + std::to_string(axis) + " with extent 0 has no elements to pick",
                    where);
}

/// Elements of x at checked positions of its C order.
picked pick_flat(const array& x, const array& positions, caller where) {
  picked p = picked_by(x, positions.shape(), shape::filled(positions.ndim(), 0));
  if (const auto flat = reshape_strides(x.shape(), x.strides(), x.size(), x.itemsize(), order::C)) {
    add_positions(p, positions, positions.strides(), (*flat)[0], where);
    return p;
  }
  std::int64_t inner = x.size();
  for (int axis = 0; axis < x.ndim(); ++axis) {
    inner /= x.shape()[axis];
    const array coordinate = array(remainder(floor_divide(positions, inner), x.shape()[axis]), where);
    add_positions(p, coordinate, coordinate.strides(), x.strides()[axis], where);
  }
  return p;
}

/// One position along `axis` for each point of the broadcast of x (without that axis) and the positions.
picked pick_along(const array& x, const operand& indices, int axis, const char* name) {
  const caller where = indices.where();
  if (indices->ndim() != x.ndim()) {
    throw shape_error(std::string(name) + ": indices of shape " + to_string(indices->shape()) + " and x of shape " +
                          to_string(x.shape()) + " must have as many axes",
                      where);
  }
  if (!is_integer(indices->dtype())) {
    throw index_error(std::string(name) + ": indices must be integers, not " + indices->dtype().name(), where);
  }
  array positions = positions_of(indices.recipe(), casting::same_kind, name, where);
  shape others = x.shape(), strides = x.strides();
  others[axis] = 1;
  strides[axis] = 0;
  const shape extents = broadcast(others, positions.shape(), name, where);
  if (element_count(extents) > 0) check_positions(positions, x.shape()[axis], axis, name, where);
  picked p = picked_by(x, extents, broadcast_strides(others, strides, extents));
  const shape position_strides = broadcast_strides(positions.shape(), positions.strides(), extents);
  add_positions(p, std::move(positions), position_strides, x.strides()[axis], where);
  return p;
}

/// The elements of x, counted in C order, where the condition, counted so too, is not zero.
array compress_flat(const operand& condition, const array& x, const char* name, caller where) {
  const expr bits = without_selection(condition.recipe(), condition.where());
  if (bits.size() == x.size() && device_of(bits, where) == x.device()) return compress(bits, x, where);
  const marks m = mark(bits, condition.where());
  const std::int64_t size = element_count(m.extents);
  const array flat = ravel(x, order::C, where);
  if (m.on == x.device() && size < x.size()) return compress(m, flat(slice(size)), where);
  array positions = flat_positions(m, condition.where());
  if (size > x.size()) check_positions(positions, x.size(), 0, name, condition.where());
  return take_slices(flat, positions, 0, where);
}

}  // namespace

array take(const operand& x, const operand& indices, const axes& axis, take_mode mode) {
  const array_along source = vector_along(x, axis, "take");
  array positions = positions_of(indices.recipe(), casting::same_kind, "take", indices.where());
  // As in NumPy positions do not matter where the axes before leave no lane to pick from.
  const std::int64_t extent = source.x.shape()[source.axis];
  std::int64_t lanes = 1, slice = 1;
  for (int i = 0; i < source.axis; ++i) lanes *= source.x.shape()[i];
  for (int i = source.axis + 1; i < source.x.ndim(); ++i) slice *= source.x.shape()[i];
  if (extent == 0 && lanes * positions.size() * slice > 0) throw_nothing_to_pick(source.axis, "take", indices.where());
  if (lanes > 0) settle(positions, extent, source.axis, mode, "take", indices.where());
  return take_slices(source.x, positions, source.axis, x.where());
}

void put(array target, const operand& indices, const operand& values, take_mode mode) {
  check_writable(target, "put", indices.where());
  array positions = ravel(positions_of(indices.recipe(), casting::safe, "put", indices.where()));
  array list = ravel(values_for(values.recipe(), target, target.dtype(), "put", values.where()));
  if (target.size() == 0 && positions.size() > 0) throw_nothing_to_pick(0, "put", indices.where());
  const std::int64_t count = positions.size(), given = list.size();
  if (count == 0 || given == 0) return;
  settle(positions, target.size(), 0, mode, "put", indices.where());
  if (given > count) list = list(slice(count));
  if (given > 1 && given < count) list = take(list, remainder(arange(count, {.device = list.device()}), given));
  scatter(pick_flat(target, positions, indices.where()), broadcast_values(list, count, "put", values.where()));
}

array take_along_axis(const operand& x, const operand& indices, const axes& axis) {
  const array_along source = along(materialize(x.recipe(), x.where()), axis, "take_along_axis", x.where());
  return gather(pick_along(source.x, indices, source.axis, "take_along_axis"), x.where());
}

void put_along_axis(array target, const operand& indices, const operand& values, const axes& axis) {
  check_writable(target, "put_along_axis", indices.where());
  const int along = axis.every() ? 0
                                 : normalize_axis(only_axis(axis, "put_along_axis", indices.where()), target.ndim(),
                                                  "put_along_axis", indices.where());
  const array list = values_for(values.recipe(), target, target.dtype(), "put_along_axis", values.where());
  picked p;
  if (axis.every()) {
    array positions = positions_of(indices.recipe(), casting::safe, "put_along_axis", indices.where());
    if (positions.ndim() != 1) {
      throw shape_error(
          "put_along_axis: without an axis indices have one axis, not shape " + to_string(positions.shape()),
          indices.where());
    }
    check_positions(positions, target.size(), 0, "put_along_axis", indices.where());
    p = pick_flat(target, positions, indices.where());
  } else {
    p = pick_along(target, indices, along, "put_along_axis");
  }
  scatter(p, broadcast_values(list, p.extents, "put_along_axis", values.where()));
}

array compress(const operand& condition, const operand& x, const axes& axis) {
  if (condition->ndim() != 1) {
    throw value_error("compress: the condition has one axis, not shape " + to_string(condition->shape()),
                      condition.where());
  }
  if (axis.every()) return compress_flat(condition, materialize(x.recipe(), x.where()), "compress", x.where());
  const array_along source = vector_along(x, axis, "compress");
  if (source.x.ndim() == 1) return compress_flat(condition, source.x, "compress", x.where());
  array positions = flat_positions(mark(condition.recipe(), condition.where()), condition.where());
  // As in NumPy positions do not matter where the axes before leave no lane to pick from.
  const shape extents = source.x.shape();
  const bool has_lanes = std::find(extents.begin(), extents.begin() + source.axis, 0) == extents.begin() + source.axis;
  if (has_lanes && condition->size() > extents[source.axis])
    check_positions(positions, extents[source.axis], source.axis, "compress", condition.where());
  return take_slices(source.x, positions, source.axis, x.where());
}

array extract(const operand& condition, const operand& x) {
  return compress_flat(condition, materialize(x.recipe(), x.where()), "extract", x.where());
}

namespace {

std::vector<array> coordinates(const operand& x, const char* name) {
  const marks m = mark(x.recipe(), x.where());
  if (m.extents.size() == 0) {
    throw value_error(std::string(name) + ": a 0-d array has no axis; use atleast_1d", x.where());
  }
  return positions(m, x.where());
}

}  // namespace

std::vector<array> nonzero(const operand& x) { return coordinates(x, "nonzero"); }
std::vector<array> where(const operand& condition) { return coordinates(condition, "where"); }

array argwhere(const operand& x) {
  const marks m = mark(x.recipe(), x.where());
  array result = access::make({m.count, m.extents.size()}, int64, order::C, m.on, x.where());
  if (m.extents.size() == 0) return result;
  const std::vector<array> found = positions(m, x.where());
  for (int axis = 0; axis < m.extents.size(); ++axis) {
    evaluate_into(result(all, axis), found[axis], assign_rule::unsafe, "argwhere", x.where());
  }
  return result;
}

array flatnonzero(const operand& x) { return flat_positions(mark(x.recipe(), x.where()), x.where()); }

namespace {

using indices_t = std::vector<any_index>;

void accumulate_at(op code, const char* name, const array& target, const indices_t& indices, const operand& values) {
  check_writable(target, name, values.where());
  check_numbers({target.dtype(), values->dtype()}, name, values.where());
  const picked p = pick(target, indices, values.where());
  const expr resolved = weak_kind_of(values.recipe()) == weak_kind::none
                            ? expr(materialize(values.recipe(), values.where()))
                            : values.recipe();
  const bool logical = result_dtype(code, bool_) == bool_ && result_dtype(code, int64) == bool_;
  const dtype loop =
      logical ? target.dtype()
              : loop_dtype(code, {{target.dtype()}, {resolved.dtype(), weak_kind_of(resolved)}}, values.where());
  // Of the values of a logical operation only their truth counts, whatever their dtype.
  const array list =
      values_for(logical ? resolved.astype(bool_, values.where()) : resolved, target, loop, name, values.where());
  if (list.ndim() > p.extents.size()) {
    throw shape_error(std::string(name) + ": values of shape " + to_string(list.shape()) + " do not broadcast to " +
                          to_string(p.extents),
                      values.where());
  }
  accumulate(p, code, broadcast_values(list, p.extents, name, values.where()));
}

indices_t one(const operand& index) { return {any_index(index.recipe())}; }

}  // namespace

void add_at(array target, const indices_t& i, const operand& v) { accumulate_at(op::add, "add_at", target, i, v); }
void subtract_at(array target, const indices_t& i, const operand& v) {
  accumulate_at(op::subtract, "subtract_at", target, i, v);
}
void multiply_at(array target, const indices_t& i, const operand& v) {
  accumulate_at(op::multiply, "multiply_at", target, i, v);
}
void maximum_at(array target, const indices_t& i, const operand& v) {
  accumulate_at(op::maximum, "maximum_at", target, i, v);
}
void minimum_at(array target, const indices_t& i, const operand& v) {
  accumulate_at(op::minimum, "minimum_at", target, i, v);
}
void logical_and_at(array target, const indices_t& i, const operand& v) {
  accumulate_at(op::logical_and, "logical_and_at", target, i, v);
}
void logical_or_at(array target, const indices_t& i, const operand& v) {
  accumulate_at(op::logical_or, "logical_or_at", target, i, v);
}
void logical_xor_at(array target, const indices_t& i, const operand& v) {
  accumulate_at(op::logical_xor, "logical_xor_at", target, i, v);
}
void add_at(array target, const operand& i, const operand& v) { add_at(std::move(target), one(i), v); }
void subtract_at(array target, const operand& i, const operand& v) { subtract_at(std::move(target), one(i), v); }
void multiply_at(array target, const operand& i, const operand& v) { multiply_at(std::move(target), one(i), v); }
void maximum_at(array target, const operand& i, const operand& v) { maximum_at(std::move(target), one(i), v); }
void minimum_at(array target, const operand& i, const operand& v) { minimum_at(std::move(target), one(i), v); }
void logical_and_at(array target, const operand& i, const operand& v) { logical_and_at(std::move(target), one(i), v); }
void logical_or_at(array target, const operand& i, const operand& v) { logical_or_at(std::move(target), one(i), v); }
void logical_xor_at(array target, const operand& i, const operand& v) { logical_xor_at(std::move(target), one(i), v); }

}  // namespace tessera
