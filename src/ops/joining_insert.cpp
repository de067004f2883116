// insert, delete_ and append: slices of an axis put in, taken out and put behind.
//
// Ranges are copied as whole slices. Positions in a list become a mask over the longer axis: the values go to their
// positions, x to what the mask leaves, or what it leaves is the result.
#include <algorithm>
#include <optional>
#include <span>

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/joining.hpp"
#include "ops/marks.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/joining.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"
#include "tessera/select.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

expr axis_places::of_list(std::initializer_list<literal> list) {
  return list.size() == 0 ? expr(zeros({0}, {.dtype = int64, .device = cpu()})) : expr(list);
}

namespace {

/// One call: x, flattened where no axis was named, and the axis.
struct edit : array_along {
  edit(const operand& of, const axes& given, const char* n)
      : array_along(detail::along(materialize(of.recipe(), of.where()), given, n, of.where())),
        name(n),
        where(of.where()),
        extent(x.shape()[axis]) {}

  array part(const array& of, std::int64_t begin, std::int64_t end) const {
    return slice_along(of, axis, slice(begin, end), where);
  }
  /// x's memory order, with another extent along the axis.
  array resized(std::int64_t count) const {
    shape extents = x.shape();
    extents[axis] = count;
    element_count(extents, name, where, x.itemsize());
    return access::make(extents, x.dtype(), is_fortran(x) ? order::F : order::C, x.device(), where);
  }
  /// The places of a list that lie along the axis.
  std::vector<any_index> along(const array& list) const {
    std::vector<any_index> indices(static_cast<std::size_t>(axis), any_index(all));
    indices.emplace_back(list);
    return indices;
  }

  const char* name;
  caller where;
  std::int64_t extent;
};

/// The places of a call: int64 positions not looked at yet (0-d: one integer), a range, or a mask.
struct found_places {
  std::optional<resolved_slice> range;
  array list;  // int64 or bool
  bool is_integer = false;
};

[[noreturn]] void throw_beyond(const std::string& position, const edit& e) {
  throw index_error(std::string(e.name) + ": " + position + " is out of bounds for axis " + std::to_string(e.axis) +
                        " with extent " + std::to_string(e.extent),
                    e.where);
}
[[noreturn]] void throw_beyond(std::int64_t position, const edit& e) { throw_beyond(std::to_string(position), e); }

found_places find(const axis_places& given, const edit& e) {
  found_places found;
  if (given.is_basic) {
    if (given.basic.which() == subscript::kind::integer) {
      found.is_integer = true;
      found.list = array(given.basic.position());
    } else if (given.basic.which() == subscript::kind::slice) {
      found.range = resolve(given.basic.range(), e.extent, e.where);
    } else {
      throw index_error(std::string(e.name) + ": places are integers, a slice, a list or a mask", e.where);
    }
    return found;
  }
  found.list = materialize(given.array, e.where);
  if (is_inexact(found.list.dtype()) || !found.list.dtype().is_number()) {
    throw index_error(std::string(e.name) + ": positions must be integers or bool, not " + found.list.dtype().name(),
                      e.where);
  }
  if (found.list.dtype() == bool_) return found;
  if (found.list.dtype() == uint64 && found.list.size() > 0) {  // int64 would make some negative
    const std::uint64_t most = max(operand(found.list, e.where)).item<std::uint64_t>();
    if (most >> 63 != 0) throw_beyond(std::to_string(most), e);
  }
  found.list = found.list.astype(int64, order::C);
  found.is_integer = found.list.ndim() == 0;
  return found;
}

// ---- insert

/// All values before one position. Those of an integer have their count along their first axis.
array insert_at(std::int64_t position, bool is_integer, const operand& given, const edit& e) {
  if (position < -e.extent || position > e.extent) throw_beyond(position, e);
  if (position < 0) position += e.extent;
  expr values = given.recipe();
  std::int64_t count = 1;
  if (values.ndim() > 0) {
    array list = materialize(values, e.where);
    if (list.ndim() > e.x.ndim()) {
      throw shape_error(std::string(e.name) + ": values of shape " + to_string(list.shape()) +
                            " have more axes than x of shape " + to_string(e.x.shape()),
                        e.where);
    }
    while (list.ndim() < e.x.ndim()) list = list(newaxis);
    if (is_integer) list = moveaxis(list, 0, e.axis, e.where);
    count = list.shape()[e.axis];
    values = list;
  }
  const array result = e.resized(e.extent + count);
  evaluate_into(e.part(result, position, position + count), values, assign_rule::unsafe, e.name, e.where);
  copy_elements(e.part(e.x, 0, position), e.part(result, 0, position));
  copy_elements(e.part(e.x, position, e.extent), e.part(result, position + count, e.extent + count));
  return result;
}

/// One slice of values before each position.
array insert_before_each(array list, const operand& values, const edit& e) {
  list = array(where(list < 0, list + e.extent, list), e.where);  // still negative: before all of them
  if (const auto bad = first_outside(list, e.extent + 1, e.where)) throw_beyond(*bad < 0 ? *bad - e.extent : *bad, e);
  const std::int64_t count = list.size();
  const array order = argsort(list, 0);
  array positions = empty({count}, {.dtype = int64, .device = list.device()}, e.where);
  positions[order] = list[order] + arange(count, {.device = list.device()}, e.where);
  const array result = e.resized(e.extent + count);
  array is_old = ones({e.extent + count}, {.dtype = bool_, .device = list.device()}, e.where);
  is_old[positions] = false;
  shape written = result.shape();
  written[e.axis] = count;
  const array cast = broadcast_values(values_for(values.recipe(), result, result.dtype(), e.name, e.where), written,
                                      e.name, e.where, true);
  result.select_at(e.along(positions), e.where) = operand(cast, e.where);
  result.select_at(e.along(is_old), e.where) = operand(e.x, e.where);
  return result;
}

array whole_range(const resolved_slice& range, const device& on, caller where) {
  const expr steps = arange(range.count, {.device = on}, where) * range.step;
  return array(steps + range.begin, where);
}

}  // namespace

array insert(const operand& x, const axis_places& where, const operand& values, const axes& axis) {
  const edit e(x, axis, "insert");
  found_places found = find(where, e);
  if (found.range) found.list = whole_range(*found.range, e.x.device(), e.where);
  if (found.list.ndim() > 1 || (found.list.ndim() == 0 && !found.is_integer)) {
    throw value_error("insert: places of shape " + to_string(found.list.shape()) + "; expected one axis", e.where);
  }
  if (found.list.dtype() == bool_) found.list = flatnonzero(found.list);
  if (found.list.size() == 1) return insert_at(item_of(found.list), found.is_integer, values, e);
  return insert_before_each(found.list.to(e.x.device(), e.where), values, e);
}

// ---- delete

namespace {

/// x without [begin, end).
array without_range(std::int64_t begin, std::int64_t end, const edit& e) {
  const array result = e.resized(e.extent - (end - begin));
  copy_elements(e.part(e.x, 0, begin), e.part(result, 0, begin));
  copy_elements(e.part(e.x, end, e.extent), e.part(result, begin, e.extent - (end - begin)));
  return result;
}

array without_mask(const array& mask, const edit& e) {
  return compress(operand(logical_not(operand(mask, e.where)), e.where), e.x, e.axis);
}

/// Fewer positions than this share of the axis, on the host: what lies between them is copied as ranges. 1000 of 10^6
/// float64 take less than half of the time that a mask does (1.2 ms, 2.6; Zen 3).
constexpr std::int64_t elements_a_range = 256;

/// x without checked positions of the host.
array without_few(const array& positions, const edit& e) {
  const std::span<const std::int64_t> given = positions.span<const std::int64_t>();
  std::vector<std::int64_t> gone(given.begin(), given.end());
  std::sort(gone.begin(), gone.end());
  gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
  const array result = e.resized(e.extent - static_cast<std::int64_t>(gone.size()));
  std::int64_t from = 0, to = 0;
  gone.push_back(e.extent);
  for (std::int64_t position : gone) {
    const std::int64_t count = position - from;
    copy_elements(e.part(e.x, from, position), e.part(result, to, to + count));
    from = position + 1;
    to += count;
  }
  return result;
}

array none_of(const edit& e) { return zeros({e.extent}, {.dtype = bool_, .device = e.x.device()}, e.where); }

}  // namespace

array delete_(const operand& x, const axis_places& where, const axes& axis) {
  const edit e(x, axis, "delete_");
  found_places found = find(where, e);
  if (found.range) {
    const auto [begin, step, count] = *found.range;
    if (count == 0) return without_range(0, 0, e);
    if (step == 1 || count == 1) return without_range(begin, begin + count, e);
    array mask = none_of(e);
    mask(slice(begin, step < 0 && begin + count * step < 0 ? bound(none) : bound(begin + count * step), step)) = true;
    return without_mask(mask, e);
  }
  if (found.list.dtype() == bool_) {
    if (!(found.list.shape() == shape(e.extent))) {
      throw value_error("delete_: a mask of shape " + to_string(found.list.shape()) + " for axis " +
                            std::to_string(e.axis) + " with extent " + std::to_string(e.extent),
                        e.where);
    }
    return without_mask(found.list.to(e.x.device(), e.where), e);
  }
  if (found.list.size() == 1) {
    const std::int64_t position = item_of(found.list);
    if (position < -e.extent || position >= e.extent) throw_beyond(position, e);
    const std::int64_t at = position < 0 ? position + e.extent : position;
    return without_range(at, at + 1, e);
  }
  array positions = ravel(found.list).copy().to(e.x.device(), e.where);
  check_positions(positions, e.extent, e.axis, e.name, e.where);
  if (positions.device() == cpu() && positions.size() < e.extent / elements_a_range) return without_few(positions, e);
  array mask = none_of(e);
  mask[positions] = true;
  return without_mask(mask, e);
}

array append(const operand& x, const operand& values, const axes& axis) {
  const caller where = x.where();
  const array first = materialize(x.recipe(), where);
  const device_scope beside(first.device());  // for numbers
  const array second = materialize(values.recipe(), where);
  if (axis.every()) return join({ravel(first), ravel(second)}, 0, "append", where);
  return join({first, second}, only_axis(axis, "append", where), "append", where);
}

// ---- other numbers of elements

array resize(const operand& x, const shape& extents) {
  const caller where = x.where();
  for (std::int64_t extent : extents) {
    if (extent < 0) throw value_error("resize: extents " + to_string(extents) + " are negative", where);
  }
  const array flat = ravel(materialize(x.recipe(), where), order::C, where);
  const std::int64_t count = element_count(extents, "resize", where, flat.itemsize()), given = flat.size();
  if (count == 0 || given == 0) return zeros(extents, {.dtype = flat.dtype(), .device = flat.device()}, where);
  const array result = access::make(extents, flat.dtype(), order::C, flat.device(), where);
  const array to = reshape(result, {count}, order::C, where);
  const std::int64_t whole = count / given;
  const shape rows{whole, given};
  copy_elements(broadcast_to(flat, rows, where),
                reshape(slice_along(to, 0, slice(whole * given), where), rows, order::C, where));
  copy_elements(slice_along(flat, 0, slice(count - whole * given), where),
                slice_along(to, 0, slice(whole * given, none), where));
  return result;
}

array trim_zeros(const array& x, trim ends, const axes& over, caller where) {
  const axis_list which = normalize_axes(over, x.ndim(), "trim_zeros", where);
  if (which.empty()) return x;
  const std::vector<array> positions = nonzero({x, where});
  array result = x;
  for (int axis : which) {
    const array& found = positions[static_cast<std::size_t>(axis)];
    std::int64_t begin = 0, end = 0;
    if (found.size() > 0) {
      const auto [first, last] = bounds_of(found, where);
      begin = ends == trim::back ? 0 : first;
      end = ends == trim::front ? x.shape()[axis] : last + 1;
    }
    result = slice_along(result, axis, slice(begin, end), where);
  }
  return result;
}

}  // namespace tessera
