// Sorted and partitioned copies, sorting permutations, the largest elements, sorting by several keys.
#include "tessera/sort.hpp"

#include <algorithm>

#include "backend.hpp"
#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/lanes.hpp"
#include "ops/operands.hpp"
#include "ops/sort_keys.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/select.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// What is to be sorted: x along one of its axes, or x flattened.
struct sorting : array_along {
  const char* name;
  caller where;
};

/// Throws value_error for an order of fields where there are none.
void check_order(const sorting& s, const names& order) {
  if (!s.x.dtype().has_fields()) (void)order_columns(s.x, order, s.name, s.where);
}

/// `positions`: NumPy's functions that return positions take a 0-d array for a vector.
sorting sorting_along(const operand& x, const axes& axis, bool positions, const char* name) {
  const caller where = x.where();
  const array in = materialize(x.recipe(), where);
  if (!axis.every() && axis.list().size() != 1) {
    throw value_error(std::string(name) + ": takes one axis or none, not " + to_string(axis.list()), where);
  }
  return {detail::along(positions ? atleast_1d(in) : in, axis, name, where), name, where};
}

struct order_options {
  bool descending = false;
  std::int64_t keep = -1;  // -1: all
  std::vector<std::int64_t> nth = {};
  names order = {};
};

array sorted_by(sort_plan::kind what, const sorting& s, const order_options& options);

/// Times by the numbers that they compare as.
array sorted_times(sort_plan::kind what, const sorting& s, const order_options& options) {
  sorting numbers = s;
  numbers.x = numbers_of_times(s.x, s.where);
  array result = sorted_by(what, numbers, options);
  return what == sort_plan::kind::indices ? result : times_of_numbers(result, s.x.dtype(), s.where);
}

/// Texts, records and raw bytes: all lanes together, one behind the other.
array sorted_together(sort_plan::kind what, const sorting& s, const order_options& options) {
  const array last = moveaxis(s.x, s.axis, -1);
  const std::int64_t size = last.size(), count = s.x.shape()[s.axis], lanes = count == 0 ? 1 : size / count;
  const array flat = reshape(last, size, order::C, s.where);
  array placed = order_of(order_columns(flat, options.order, s.name, s.where),
                          {.descending = options.descending, .lanes = std::max<std::int64_t>(1, lanes)}, s.where)
                     .order;
  shape extents = last.shape();
  if (options.keep >= 0) {
    extents[last.ndim() - 1] = options.keep;
    placed = reshape(slice_along(reshape(placed, {lanes, count}, order::C, s.where), 1, slice(options.keep), s.where),
                     lanes * options.keep, order::C, s.where);
  }
  if (what == sort_plan::kind::values) {
    placed = take_slices(flat, placed, 0, s.where);
  } else if (lanes > 1) {
    placed = array(remainder(operand(placed, s.where), operand(count, s.where)), s.where);
  }
  if (s.x.ndim() == 1) return placed;
  const array moved = moveaxis(reshape(placed, extents, order::C, s.where), -1, s.axis);
  array out = access::make(moved.shape(), moved.dtype(), order::C, moved.device(), s.where);
  copy_elements(moved, out);
  return out;
}

array sorted_by(sort_plan::kind what, const sorting& s, const order_options& options) {
  if (is_time(s.x.dtype())) return sorted_times(what, s, options);
  if (!s.x.dtype().is_number()) return sorted_together(what, s, options);
  const bool indices = what == sort_plan::kind::indices, all = options.keep < 0;
  shape extents = s.x.shape();
  if (!all) extents[s.axis] = options.keep;
  array out = indices || !all ? access::make(extents, indices ? int64 : s.x.dtype(), order::C, s.x.device(), s.where)
                              : like(s.x, s.x.dtype(), s.where);
  const lanes_of from(s.x, s.axis), to(out, s.axis);
  if (to.empty()) return out;
  sort_plan plan;
  plan.what = what;
  plan.descending = options.descending;
  plan.lanes = from.extents;
  plan.count = from.count;
  plan.keep = all ? from.count : options.keep;
  plan.nth = options.nth;
  plan.in = from.lanes;
  plan.out = to.lanes;
  plan.in_stride = from.stride;
  plan.out_stride = to.stride;
  backend_of(s.x.device()).sort(plan);
  return out;
}

array partitioned(sort_plan::kind what, const sorting& s, const places& kth) {
  const std::int64_t count = s.x.shape()[s.axis];
  std::vector<std::int64_t> nth = kth.list;
  for (std::int64_t& place : nth) {
    if (s.x.size() > 0 && (place >= count || place < -count)) {
      throw value_error(std::string(s.name) + ": place " + std::to_string(place) + " is out of bounds for axis " +
                            std::to_string(s.axis) + " with extent " + std::to_string(count),
                        s.where);
    }
    if (place < 0) place += count;
  }
  std::sort(nth.begin(), nth.end());
  return sorted_by(what, s, {.nth = std::move(nth)});
}

}  // namespace

array detail::selected(const operand& x, const std::vector<std::int64_t>& nth, const char* name) {
  return sorted_by(sort_plan::kind::values, sorting_along(x, -1, false, name), {.nth = nth});
}

array sort(const operand& x, const sort_axis& axis, const sort_options& options) {
  const sorting s = sorting_along(x, axis.list, false, "sort");
  check_order(s, options.order);
  return sorted_by(sort_plan::kind::values, s, {.descending = options.descending, .order = options.order});
}

array argsort(const operand& x, const sort_axis& axis, const sort_options& options) {
  const sorting s = sorting_along(x, axis.list, true, "argsort");
  check_order(s, options.order);
  return sorted_by(sort_plan::kind::indices, s, {.descending = options.descending, .order = options.order});
}

array partition(const operand& x, const places& kth, const axes& axis) {
  return partitioned(sort_plan::kind::values, sorting_along(x, axis, false, "partition"), kth);
}

array argpartition(const operand& x, const places& kth, const axes& axis) {
  return partitioned(sort_plan::kind::indices, sorting_along(x, axis, true, "argpartition"), kth);
}

topk_result topk(const operand& x, std::int64_t k, const axes& axis, const topk_options& options) {
  const sorting s = sorting_along(x, axis, false, "topk");
  const std::int64_t count = s.x.shape()[s.axis];
  if (k < 0 || k > count) {
    throw value_error("topk: k is " + std::to_string(k) + ", but axis " + std::to_string(s.axis) + " has extent " +
                          std::to_string(count) + "; expected 0 <= k <= " + std::to_string(count),
                      s.where);
  }
  const array indices = sorted_by(sort_plan::kind::indices, s, {.descending = options.largest, .keep = k});
  return {take_along_axis(operand(s.x, s.where), operand(indices, s.where), s.axis), indices};
}

namespace {

/// Keys of any dtypes, the last one first: all lanes together.
array order_by(const std::vector<array>& keys, int axis, caller where) {
  const array like = atleast_1d(keys[0]);
  const std::int64_t size = like.size(), count = like.shape()[axis];
  std::vector<array> columns;
  for (auto key = keys.rbegin(); key != keys.rend(); ++key)
    columns.push_back(reshape(moveaxis(atleast_1d(*key), axis, -1), size, order::C, where));
  const array placed =
      order_of(columns, {.lanes = std::max<std::int64_t>(1, size / std::max<std::int64_t>(1, count))}, where).order;
  const array within(remainder(operand(placed, where), operand(std::max<std::int64_t>(1, count), where)), where);
  return moveaxis(reshape(within, moveaxis(like, axis, -1).shape(), order::C, where), -1, axis).copy();
}

}  // namespace

array lexsort(const expr_list& keys, int axis, caller where) {
  if (keys.size() == 0) throw value_error("lexsort: takes at least one key", where);
  std::vector<array> all;
  for (const expr& key : keys.list()) all.push_back(materialize(key, where));
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (!(all[i].shape() == all[0].shape())) {
      throw shape_error("lexsort: key " + std::to_string(i) + " has shape " + to_string(all[i].shape()) +
                            ", key 0 has shape " + to_string(all[0].shape()) + "; expected equal shapes",
                        where);
    }
    if (all[i].device() != all[0].device()) {
      throw device_error("lexsort: keys on " + all[0].device().name() + " and " + all[i].device().name() +
                             "; to() copies from one device to another",
                         where);
    }
  }
  const bool scalars = all[0].ndim() == 0;
  if (scalars) (void)normalize_axis(axis, 1, "lexsort", where);  // NumPy takes them for vectors, but gives one position
  const int along = scalars ? 0 : normalize_axis(axis, all[0].ndim(), "lexsort", where);
  array order;
  if (std::any_of(all.begin(), all.end(), [](const array& key) { return !key.dtype().is_number(); })) {
    order = order_by(all, along, where);
    return scalars ? reshape(order, {}, order::C, where) : order;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const operand key(scalars ? atleast_1d(all[i]) : all[i], where);
    if (i == 0) {
      order = argsort(key, along);
      continue;
    }
    const array placed = take_along_axis(key, operand(order, where), along);
    order = take_along_axis(operand(order, where), operand(argsort(operand(placed, where), along), where), along);
  }
  return scalars ? reshape(order, {}, order::C, where) : order;
}

}  // namespace tessera
