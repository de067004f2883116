// Joining and splitting arrays, repeating and moving elements. joining_blocks, joining_insert and pad have the rest.
#include "tessera/joining.hpp"

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/joining.hpp"
#include "ops/operands.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"
#include "tessera/scan.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

shape detail::joined_extents(const std::vector<shape>& parts, int axis, const char* name, caller where) {
  const shape& first = parts[0];
  shape extents = first;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const shape& other = parts[i];
    const std::string shapes = std::string(name) + ": shapes " + to_string(first) + " and " + to_string(other);
    if (other.size() != first.size()) throw shape_error(shapes + " have different numbers of axes", where);
    for (int k = 0; k < first.size(); ++k) {
      if (k == axis) {
        if (__builtin_add_overflow(extents[k], other[k], &extents[k]))
          throw value_error(shapes + " join to an extent beyond 64 bits", where);
      } else if (other[k] != first[k]) {
        throw shape_error(shapes + " do not join on axis " + std::to_string(axis) + ": axis " + std::to_string(k) +
                              " has extents " + std::to_string(first[k]) + " and " + std::to_string(other[k]),
                          where);
      }
    }
  }
  return extents;
}

array detail::join(const std::vector<array>& parts, std::int64_t axis_given, const char* name, caller where) {
  if (parts[0].ndim() == 0)
    throw value_error(std::string(name) + ": 0-d arrays have no axis to join on; stack makes one", where);
  const int axis = normalize_axis(axis_given, parts[0].ndim(), name, where);
  dtype type = parts[0].dtype();
  std::vector<shape> all;
  std::vector<layout_operand> layouts;
  for (const array& part : parts) {
    type = result_type(type, part.dtype());
    all.push_back(part.shape());
    layouts.push_back({part.shape(), part.strides()});
  }
  const shape extents = joined_extents(all, axis, name, where);
  element_count(extents, name, where);
  const shape strides = strides_in_order(extents, memory_order(layouts), type.itemsize());
  array result = access::make_strided(extents, strides, type, parts[0].device(), where);
  std::int64_t at = 0;
  for (const array& part : parts) {
    const std::int64_t next = at + part.shape()[axis];
    evaluate_into(slice_along(result, axis, slice(at, next), where), part, assign_rule::unsafe, name, where);
    at = next;
  }
  return result;
}

namespace {

std::vector<array> arrays_of(const expr_list& x, const char* name, caller where) {
  if (x.size() == 0) throw value_error(std::string(name) + ": needs at least one array", where);
  std::vector<array> result;
  for (const expr& item : x.list()) result.push_back(materialize(item, where));
  return result;
}

array column(const array& x) { return x.ndim() < 2 ? transpose(atleast_2d(x)) : x; }

}  // namespace

array concatenate(const expr_list& x, int axis, caller where) {
  return join(arrays_of(x, "concatenate", where), axis, "concatenate", where);
}

array concatenate_flat(const expr_list& x, caller where) {
  if (x.size() == 0) throw value_error("concatenate_flat: needs at least one array", where);
  const dtype type = common_dtype(x.list());  // here NumPy's Python scalars are weak
  std::vector<array> parts;
  for (const expr& item : x.list()) parts.push_back(ravel(array(astype(operand(item, where), type), where)));
  return join(parts, 0, "concatenate_flat", where);
}

array stack(const expr_list& x, int axis, caller where) {
  std::vector<array> parts = arrays_of(x, "stack", where);
  const int place = normalize_axis(axis, parts[0].ndim() + 1, "stack", where);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (!(parts[i].shape() == parts[0].shape())) {
      throw shape_error(
          "stack: shapes " + to_string(parts[0].shape()) + " and " + to_string(parts[i].shape()) + " differ", where);
    }
  }
  for (array& part : parts) part = expand_dims(part, place, where);
  return join(parts, place, "stack", where);
}

array hstack(const expr_list& x, caller where) {
  std::vector<array> parts = arrays_of(x, "hstack", where);
  for (array& part : parts) part = atleast_1d(part);
  return join(parts, parts[0].ndim() == 1 ? 0 : 1, "hstack", where);
}
array vstack(const expr_list& x, caller where) {
  std::vector<array> parts = arrays_of(x, "vstack", where);
  for (array& part : parts) part = atleast_2d(part);
  return join(parts, 0, "vstack", where);
}
array dstack(const expr_list& x, caller where) {
  std::vector<array> parts = arrays_of(x, "dstack", where);
  for (array& part : parts) part = atleast_3d(part);
  return join(parts, 2, "dstack", where);
}
array column_stack(const expr_list& x, caller where) {
  std::vector<array> parts = arrays_of(x, "column_stack", where);
  for (array& part : parts) part = column(part);
  return join(parts, 1, "column_stack", where);
}

// ---- splitting

namespace {

int splitting_axis(const array& x, int axis, const char* name, caller where) {
  if (x.ndim() == 0) throw value_error(std::string(name) + ": a 0-d array has no axis to split", where);
  return normalize_axis(axis, x.ndim(), name, where);
}

std::vector<array> sections_of(const array& x, std::int64_t sections, int axis, caller where) {
  const std::int64_t each = x.shape()[axis] / sections, longer = x.shape()[axis] % sections;
  std::vector<array> result;
  for (std::int64_t i = 0, at = 0; i < sections; ++i) {
    const std::int64_t next = at + each + (i < longer ? 1 : 0);
    result.push_back(slice_along(x, axis, slice(at, next), where));
    at = next;
  }
  return result;
}

}  // namespace

std::vector<array> split(const array& x, std::int64_t sections, int axis, caller where) {
  const int along = splitting_axis(x, axis, "split", where);
  if (sections <= 0) throw value_error("split: needs at least one section, not " + std::to_string(sections), where);
  if (x.shape()[along] % sections != 0) {
    throw shape_error("split: axis " + std::to_string(along) + " with extent " + std::to_string(x.shape()[along]) +
                          " does not divide into " + std::to_string(sections) +
                          " equal sections; array_split takes unequal ones",
                      where);
  }
  return sections_of(x, sections, along, where);
}

std::vector<array> split(const array& x, const std::vector<std::int64_t>& at, int axis, caller where) {
  const int along = splitting_axis(x, axis, "split", where);
  std::vector<array> result;
  bound begin = none;
  for (std::int64_t end : at) {
    result.push_back(slice_along(x, along, slice(begin, end), where));
    begin = end;
  }
  result.push_back(slice_along(x, along, slice(begin, none), where));
  return result;
}

std::vector<array> array_split(const array& x, std::int64_t sections, int axis, caller where) {
  const int along = splitting_axis(x, axis, "array_split", where);
  if (sections <= 0)
    throw value_error("array_split: needs at least one section, not " + std::to_string(sections), where);
  return sections_of(x, sections, along, where);
}

std::vector<array> unstack(const array& x, int axis, caller where) {
  const int along = splitting_axis(x, axis, "unstack", where);
  std::vector<array> result;
  for (std::int64_t i = 0; i < x.shape()[along]; ++i) {
    result.push_back(squeeze(slice_along(x, along, slice(i, i + 1), where), along, where));
  }
  return result;
}

// ---- repeating and moving

namespace {

std::int64_t times(std::int64_t extent, std::int64_t count, const char* name, caller where) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(extent, count, &product)) {
    throw value_error(std::string(name) + ": extent " + std::to_string(extent) + " times " + std::to_string(count) +
                          " does not fit in 64 bits",
                      where);
  }
  return product;
}

}  // namespace

array tile(const operand& x, const shape& repetitions) {
  array elements = materialize(x.recipe(), x.where());
  shape counts = repetitions;
  bool once = true;
  for (std::int64_t count : counts) {
    if (count < 0) throw value_error("tile: repetitions " + to_string(repetitions) + " are negative", x.where());
    once = once && count == 1;
  }
  while (counts.size() < elements.ndim()) counts.insert(0, 1);
  while (elements.ndim() < counts.size()) elements = elements(newaxis);
  if (once) return elements.copy(order::K);

  shape extents, split_extents, split_strides;  // each repeated axis as two: (count, extent)
  for (int axis = 0; axis < counts.size(); ++axis)
    extents.push_back(times(elements.shape()[axis], counts[axis], "tile", x.where()));
  array result = access::make(extents, elements.dtype(), order::C, elements.device(), x.where());
  if (result.size() == 0) return result;
  shape from_strides;
  for (int axis = 0; axis < counts.size(); ++axis) {
    if (counts[axis] != 1) {
      split_extents.push_back(counts[axis]);
      split_strides.push_back(result.strides()[axis] * elements.shape()[axis]);
      from_strides.push_back(0);
    }
    split_extents.push_back(elements.shape()[axis]);
    split_strides.push_back(result.strides()[axis]);
    from_strides.push_back(elements.strides()[axis]);
  }
  copy_elements(access::view(elements, access::data(elements), elements.dtype(), split_extents, from_strides),
                access::view(result, access::data(result), elements.dtype(), split_extents, split_strides));
  return result;
}

namespace {

/// Every element of an axis `count` times: the result's axis as two, (extent, count).
array repeat_evenly(const array& x, std::int64_t count, int axis, caller where) {
  shape extents = x.shape();
  extents[axis] = times(extents[axis], count, "repeat", where);
  array result = access::make(extents, x.dtype(), order::C, x.device(), where);
  if (result.size() == 0) return result;
  shape split_extents = x.shape(), from = x.strides(), to = result.strides();
  to[axis] *= count;
  split_extents.insert(axis + 1, count);
  from.insert(axis + 1, 0);
  to.insert(axis + 1, result.strides()[axis]);
  copy_elements(access::view(x, access::data(x), x.dtype(), split_extents, from),
                access::view(result, access::data(result), x.dtype(), split_extents, to));
  return result;
}

}  // namespace

array repeat(const operand& x, const operand& counts, const axes& axis) {
  const auto [elements, place] = along(atleast_1d(materialize(x.recipe(), x.where())), axis, "repeat", x.where());
  const array list = positions_of(counts.recipe(), casting::safe, "repeat", counts.where());
  if (list.ndim() > 1)
    throw value_error("repeat: counts have at most one axis, not shape " + to_string(list.shape()), counts.where());
  if (bool(any(list < 0))) throw value_error("repeat: counts must not be negative", counts.where());
  if (list.size() == 1) return repeat_evenly(elements, item_of(list), place, x.where());
  if (list.size() != elements.shape()[place]) {
    throw shape_error("repeat: " + std::to_string(list.size()) + " counts for axis " + std::to_string(place) +
                          " with extent " + std::to_string(elements.shape()[place]),
                      counts.where());
  }
  if (double(sum(list, {}, {.dtype = float64})) > 9e18)
    throw value_error("repeat: the counts add up to more than fit in 64 bits", counts.where());
  const array ends = cumsum(list);
  const std::int64_t total = list.size() > 0 ? item_of(ends[-1]) : 0;
  const array positions = searchsorted(ends, arange(total, {.device = list.device()}),
                                       {.side = side::right});  // element i fills [ends[i - 1], ends[i])
  return take_slices(elements, positions, place, x.where());
}

namespace {

/// to = from rolled by offsets[axis] in [0, extent) along the axes from `axis` on.
void roll_into(const array& to, const array& from, const std::vector<std::int64_t>& offsets, int axis, caller where) {
  while (axis < from.ndim() && offsets[axis] == 0) ++axis;
  if (axis == from.ndim()) {
    copy_elements(from, to);
    return;
  }
  const std::int64_t moved = offsets[axis], kept = from.shape()[axis] - moved;
  roll_into(slice_along(to, axis, slice(moved, none), where), slice_along(from, axis, slice(kept), where), offsets,
            axis + 1, where);
  roll_into(slice_along(to, axis, slice(moved), where), slice_along(from, axis, slice(kept, none), where), offsets,
            axis + 1, where);
}

array rolled(const array& x, const std::vector<std::int64_t>& offsets, caller where) {
  array result = access::make_strided(x.shape(), keep_order_strides(x.shape(), x.strides(), x.itemsize()), x.dtype(),
                                      x.device(), where);
  roll_into(result, x, offsets, 0, where);
  return result;
}

}  // namespace

array roll(const operand& x, const shape& shift, const axes& over) {
  array elements = materialize(x.recipe(), x.where());
  const shape whole = elements.shape();
  if (over.every()) elements = ravel(elements);
  const shape which = over.every() ? shape(0) : over.list();
  const int pairs = shift.size() == 1 ? which.size() : shift.size();
  if (which.size() != pairs && which.size() != 1) {
    throw value_error("roll: " + std::to_string(shift.size()) + " shifts for " + std::to_string(which.size()) + " axes",
                      x.where());
  }
  std::vector<std::int64_t> offsets(elements.ndim(), 0);
  for (int i = 0; i < pairs; ++i) {
    const int axis = normalize_axis(which[which.size() == 1 ? 0 : i], elements.ndim(), "roll", x.where());
    const std::int64_t extent = elements.shape()[axis];
    if (extent == 0) continue;
    std::int64_t step = shift[shift.size() == 1 ? 0 : i] % extent;
    if (step < 0) step += extent;
    offsets[axis] += step < extent - offsets[axis] ? step : step - extent;
  }
  const array result = rolled(elements, offsets, x.where());
  return over.every() ? reshape(result, whole, order::C, x.where()) : result;
}

}  // namespace tessera
