// The order of elements that are no numbers.
//
//     by(column)      its numbers, one after the other: a field of a record, some characters of a text, a time
//     refine          all elements are sorted by the first number; by the next ones only those that are still equal to a
//                     neighbour, gathered, within their groups
#include "ops/sort_keys.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>

#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/words.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/marks.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "ops/sets_parts.hpp"
#include "ops/time_steps.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/joining.hpp"
#include "tessera/reduce.hpp"
#include "tessera/scan.hpp"
#include "tessera/sets.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

/// Whether neighbours in a sorted vector differ; NaN, complex ones as none are here, do not.
expr neighbours_differ(const array& sorted, caller where) {
  const operand later(slice_along(sorted, 0, slice(1, none), where), where),
      earlier(slice_along(sorted, 0, slice(-1), where), where);
  const expr differs = not_equal(later, earlier);
  if (!is_inexact(sorted.dtype())) return differs;
  const operand both(logical_and(operand(isnan(later), where), operand(isnan(earlier), where)), where);
  return logical_and(operand(differs, where), operand(logical_not(both), where));
}

/// The elements that are to be sorted, and what is known of their order.
class refinement {
 public:
  refinement(std::int64_t count, tessera::device on, const order_request& request, caller where)
      : count_(count), on_(on), request_(request), where_(where) {
    done_ = count == 0 || count == request.lanes;
    if (request.lanes > 1) begin_with_lanes();
  }

  /// Decides where all before has not.
  void by(const array& column) {
    if (done_) return;
    const dtype type = column.dtype();
    if (column.ndim() > 1) {  // a sub-array, element by element
      for (std::int64_t i = 0; i < column.shape()[1] && !done_; ++i) by(column(all, i));
    } else if (type.has_fields()) {
      for (const field& f : type.fields()) {
        if (!done_) by(column[f.name]);
      }
    } else if (type.kind() == 'c') {
      by_complex(column);
    } else if (type.is_number()) {
      refine(grouped_ ? current(column) : ascontiguousarray(operand(column, where_)), false);
    } else if (is_time(type)) {
      refine(numbers_of_times(current(column), where_), false);
    } else {
      by_text(column, type.code() == dtype_code::str_ ? uint32 : uint8);
    }
  }

  ordering finish() {
    if (!(order_.dtype() == int64)) order_ = arange(count_, {.dtype = int64, .device = on_}, where_);
    if (request_.starts && !(starts_.dtype() == bool_)) {
      starts_ = zeros(count_, {.dtype = bool_, .device = on_}, where_);
      if (count_ > 0) set_first(starts_);
    }
    return {std::move(order_), std::move(starts_)};
  }

 private:
  void set_first(const array& starts) const {
    evaluate_into(slice_along(starts, 0, slice(1), where_), true, assign_rule::unsafe, "sort", where_);
  }

  void begin_with_lanes() {
    order_ = arange(count_, {.dtype = int64, .device = on_}, where_);
    places_ = elements_ = order_.copy();
    grouped_ = true;
    group_count_ = request_.lanes;
    if (count_ == 0) return;
    groups_ = evaluate(floor_divide(operand(order_, where_), operand(count_ / request_.lanes, where_)), where_);
    if (request_.starts) {
      starts_ = access::make(count_, bool_, order::C, on_, where_);
      evaluate_into(slice_along(starts_, 0, slice(1, none), where_), neighbours_differ(groups_, where_),
                    assign_rule::unsafe, "sort", where_);
      set_first(starts_);
    }
  }

  /// The elements that are still to be told apart, in their order so far.
  array current(const array& x) const { return grouped_ ? take_slices(x, elements_, 0, where_) : x; }

  /// NumPy's order: no NaN, NaN as imaginary part, as real part, as both; then by real, then by imaginary part.
  void by_complex(const array& column) {
    const dtype part = column.dtype() == complex64 ? float32 : float64;
    for (int key = 0; key < 3 && !done_; ++key) {
      const array x = evaluate(current(parts_of(column, part, 0, 2, where_)), where_);
      const operand real(x(all, 0), where_), imaginary(x(all, 1), where_);
      if (key > 0) {
        refine(evaluate(x(all, key - 1), where_), false);
        continue;
      }
      const operand twice(multiply(operand(astype(operand(isnan(real), where_), uint8), where_), 2), where_);
      refine(evaluate(add(twice, operand(isnan(imaginary), where_)), where_), true);
    }
  }

  /// Characters or bytes, as many at a time as fit into 64 bits beside the number of the group.
  void by_text(const array& column, dtype part) {
    const std::int64_t count = column.dtype().itemsize() / part.itemsize();
    int bits = 8;
    if (part == uint32) {
      const operand characters(current(parts_of(column, uint32, 0, count, where_)), where_);
      bits = std::max(1, static_cast<int>(std::bit_width(max(characters).item<std::uint32_t>(where_))));
    }
    for (std::int64_t at = 0; at < count && !done_;) {
      const int room = 64 - (grouped_ ? static_cast<int>(std::bit_width(static_cast<std::uint64_t>(group_count_))) : 0);
      const std::int64_t together = std::min<std::int64_t>(count - at, std::max(1, room / bits));
      refine(joined(current(parts_of(column, part, at, together, where_)), bits), true);
      at += together;
    }
  }

  /// Some characters as one number, the first one highest.
  array joined(const array& parts, int bits) const {
    const std::int64_t count = parts.shape()[1];
    if (count == 1) return evaluate(parts(all, 0), where_);
    const dtype type = bits * count > 32 ? uint64 : uint32;
    expr key = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const expr part = astype(operand(parts(all, i), where_), type);
      const auto shift = static_cast<int>(bits * (count - 1 - i));
      const expr shifted = shift == 0 ? part : bitwise_left_shift(operand(part, where_), operand(shift, where_));
      key = i == 0 ? shifted : bitwise_or(operand(key, where_), operand(shifted, where_));
    }
    return evaluate(key, where_);
  }

  /// The order within groups by `key`, a number for each of the current elements. Often equal: one look at all of them.
  void refine(array key, bool often_equal) {
    const bool whole = !is_inexact(key.dtype());
    std::optional<integer_bounds> bounds;
    if (whole && (often_equal || grouped_)) {
      bounds = bounds_of(key, where_);
      if (bounds->low == bounds->high) return;
    }
    const array place = grouped_ ? order_in_groups(key, bounds)
                                 : argsort(operand(key, where_), -1, {.descending = request_.descending});
    elements_ = grouped_ ? take_slices(elements_, place, 0, where_) : place;
    key = take_slices(key, place, 0, where_);
    settle(key);
  }

  array order_in_groups(const array& key, const std::optional<integer_bounds>& bounds) const {
    if (bounds) {  // group and key as one number
      const std::uint64_t range =
          static_cast<std::uint64_t>(bounds->high) - static_cast<std::uint64_t>(bounds->low) + 1;
      const auto groups = static_cast<std::uint64_t>(group_count_);
      if (range != 0 && range <= std::numeric_limits<std::uint64_t>::max() / groups) {
        const operand number(key.astype(uint64), where_);
        const auto low = static_cast<std::uint64_t>(bounds->low), high = static_cast<std::uint64_t>(bounds->high);
        const expr from_zero =
            request_.descending ? subtract(operand(high, where_), number) : subtract(number, operand(low, where_));
        const expr first = multiply(operand(groups_.astype(uint64), where_), operand(range, where_));
        return argsort(operand(evaluate(add(operand(first, where_), operand(from_zero, where_)), where_), where_));
      }
    }
    const array by_key = argsort(operand(key, where_), -1, {.descending = request_.descending});
    const array by_group = argsort(operand(take_slices(groups_, by_key, 0, where_), where_));
    return take_slices(by_key, by_group, 0, where_);
  }

  /// Writes the order of the current elements down and keeps those that are still equal to a neighbour.
  void settle(const array& sorted) {
    if (grouped_) scatter_distinct(order_, places_, elements_, where_);
    else order_ = elements_;
    expr differs = neighbours_differ(sorted, where_);
    if (grouped_) differs = logical_or(operand(differs, where_), operand(neighbours_differ(groups_, where_), where_));
    if (!request_.starts && mark(logical_not(operand(differs, where_)), where_).count == 0) {
      done_ = true;
      return;
    }
    const array starts = access::make(sorted.size(), bool_, order::C, on_, where_);
    evaluate_into(slice_along(starts, 0, slice(1, none), where_), differs, assign_rule::unsafe, "sort", where_);
    set_first(starts);
    if (!grouped_) starts_ = starts;
    else if (request_.starts) scatter_distinct(starts_, places_, starts, where_);
    keep_equal(starts);
  }

  void keep_equal(const array& starts) {
    const array tied = evaluate(logical_not(operand(starts, where_)), where_);
    evaluate_in_place(op::logical_or, slice_along(tied, 0, slice(-1), where_),
                      operand(logical_not(operand(slice_along(starts, 0, slice(1, none), where_), where_)), where_));
    const marks equal = mark(tied, where_);
    done_ = equal.count == 0;
    if (done_) return;
    places_ = grouped_ ? compress(equal, places_, where_) : flat_positions(equal, where_);
    elements_ = compress(equal, elements_, where_);
    groups_ = cumsum(operand(compress(equal, starts, where_), where_));
    group_count_ = equal.count / 2 + 1;
    grouped_ = true;
  }

  const std::int64_t count_;
  const tessera::device on_;
  const order_request request_;
  const caller where_;
  bool done_ = false, grouped_ = false;
  array order_, starts_;  // of all elements; nothing as long as no number has told any apart
  // Once grouped, the elements that equal a neighbour: where in the order they stand, which they are, the number of their
  // group, below group_count.
  array places_, elements_, groups_;
  std::int64_t group_count_ = 1;
};

/// Where x or a field of it is NaN or NaT: a recipe of x's shape, or nothing where it cannot be.
std::optional<expr> nan_in(const array& x, caller where) {
  if (is_inexact(x.dtype())) return isnan(operand(x, where));
  if (is_time(x.dtype())) return steps_of(x, where).is_nat().recipe();
  std::optional<expr> result;
  for (const field& f : x.dtype().fields()) {
    std::optional<expr> here = nan_in(x[f.name], where);
    if (!here) continue;
    for (int i = 0; i < f.extents.size(); ++i) here = any(operand(*here, where), -1);
    result = result ? logical_or(operand(*result, where), operand(*here, where)) : *here;
  }
  return result;
}

}  // namespace

ordering order_of(const std::vector<array>& columns, const order_request& request, caller where) {
  refinement all(columns[0].shape()[0], columns[0].device(), request, where);
  for (const array& column : columns) all.by(column);
  return all.finish();
}

ordering order_of(const array& x, const order_request& request, caller where) {
  return order_of(std::vector<array>{x}, request, where);
}

std::vector<array> order_columns(const array& x, const names& first, const char* name, caller where) {
  if (first.empty()) return {x};
  const dtype type = x.dtype();
  if (!type.has_fields()) {
    throw value_error(std::string(name) + ": order names fields, but x has dtype " + type.name(), where);
  }
  std::vector<array> columns;
  const std::vector<std::string>& named = first.list();
  for (auto at = named.begin(); at != named.end(); ++at) {
    (void)find_field(type, *at, name, where);
    if (std::find(named.begin(), at, *at) != at)
      throw value_error(std::string(name) + ": order names the field '" + *at + "' twice", where);
    columns.push_back(x[*at]);
  }
  for (const field& f : type.fields()) {
    if (std::find(named.begin(), named.end(), f.name) == named.end()) columns.push_back(x[f.name]);
  }
  return columns;
}

array numbers_of_times(const array& x, caller where) {
  return evaluate((steps_of(x, where) - 1).recipe(), where);  // NaT, the lowest number, wraps
}

array times_of_numbers(const array& numbers, dtype type, caller where) {
  return times_of(steps(numbers, where) + 1, type);
}

std::optional<array> unequal_to_themselves(const array& x, caller where) {
  const std::optional<expr> found = nan_in(x, where);
  if (!found) return {};
  return evaluate(*found, where);
}

ordering runs_of(const array& x, bool equal_nan, caller where) {
  ordering runs = order_of(x, {.starts = true}, where);
  if (equal_nan && is_time(x.dtype()) && x.ndim() == 1) return runs;
  if (std::optional<array> alone = unequal_to_themselves(x, where)) {
    for (int axis = x.ndim(); axis > 1; --axis) alone = array(any(operand(*alone, where), -1), where);
    evaluate_in_place(op::logical_or, runs.starts, operand(take_slices(*alone, runs.order, 0, where), where));
  }
  return runs;
}

array places_in_order(const array& x, caller where) {
  const ordering runs = order_of(reshape(x, x.size(), order::C, where), {.starts = true}, where);
  return reshape(run_numbers(runs.starts, runs.order, where), x.shape(), order::C, where);
}

ranked rank(const array& x, const array& y, bool by_order, caller where) {
  const array all = concatenate({x, y}, 0, where);
  const bool times = is_time(x.dtype());
  const ordering runs = by_order ? order_of(all, {.starts = true}, where) : runs_of(all, times, where);
  array distinct = take_slices(all, compress(mark(runs.starts, where), runs.order, where), 0, where);
  array numbers = run_numbers(runs.starts, runs.order, where);
  if (times && !by_order) {
    const operand nat(*nan_in(all, where), where);
    const operand none(std::numeric_limits<double>::quiet_NaN(), where);
    numbers = evaluate(tessera::where(nat, none, operand(numbers, where)), where);
  }
  return {slice_along(numbers, 0, slice(x.size()), where), slice_along(numbers, 0, slice(x.size(), none), where),
          std::move(distinct)};
}

array elements_at(const array& distinct, const array& numbers, caller where) {
  array positions = numbers;
  if (!(numbers.dtype() == int64)) {
    const operand n(numbers, where);
    const expr known = tessera::where(operand(isnan(n), where), operand(distinct.size() - 1, where), n);
    positions = evaluate(astype(operand(known, where), int64), where);
  }
  return take_slices(distinct, positions, 0, where);
}

void scatter_distinct(const array& target, const array& positions, const array& values, caller where) {
  picked places = picked_by(target, positions.shape(), shape::filled(1, 0));
  add_positions(places, positions, positions.strides(), target.strides()[0], where);
  places.plan.distinct = true;
  scatter(places, values);
}

}  // namespace tessera::detail
