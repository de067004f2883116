// Distinct elements: a sort, a comparison of neighbours, and what follows from where runs of equal elements begin.
#include "tessera/sets.hpp"

#include <optional>

#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/histogram_parts.hpp"
#include "ops/index.hpp"
#include "ops/marks.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "ops/sets_parts.hpp"
#include "ops/sort_keys.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"
#include "tessera/scan.hpp"
#include "tessera/select.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

array detail::run_starts(const array& sorted, bool equal_nan, caller where) {
  const std::int64_t count = sorted.shape()[0];
  array starts = access::make(count, bool_, order::C, sorted.device(), where);
  if (count == 0) return starts;
  evaluate_into(slice_along(starts, 0, slice(1), where), true, assign_rule::unsafe, "unique", where);
  if (count == 1) return starts;
  const operand later(slice_along(sorted, 0, slice(1, none), where), where),
      earlier(slice_along(sorted, 0, slice(-1), where), where);
  expr differs = not_equal(later, earlier);
  if (sorted.ndim() == 2) {
    differs = any(operand(differs, where), 1);
  } else if (equal_nan && is_inexact(sorted.dtype())) {  // behind a NaN there are only others
    differs = logical_and(operand(differs, where), operand(logical_not(operand(isnan(earlier), where)), where));
  }
  evaluate_into(slice_along(starts, 0, slice(1, none), where), differs, assign_rule::unsafe, "unique", where);
  return starts;
}

array detail::run_lengths(const array& begins, std::int64_t count, caller where) {
  array lengths = access::make(begins.shape(), int64, order::C, begins.device(), where);
  if (begins.size() == 0) return lengths;
  const operand last(slice_along(begins, 0, slice(-1, none), where), where);
  evaluate_into(slice_along(lengths, 0, slice(-1, none), where), subtract(operand(count, where), last),
                assign_rule::unsafe, "unique", where);
  const operand later(slice_along(begins, 0, slice(1, none), where), where),
      earlier(slice_along(begins, 0, slice(-1), where), where);
  evaluate_into(slice_along(lengths, 0, slice(-1), where), subtract(later, earlier), assign_rule::unsafe, "unique",
                where);
  return lengths;
}

array detail::run_numbers(array starts, const array& order, caller where) {
  if (starts.size() == 0) return access::make(starts.shape(), int64, order::C, starts.device(), where);
  evaluate_into(slice_along(starts, 0, slice(1), where), false, assign_rule::unsafe, "unique", where);
  const array numbers = cumsum(operand(starts, where));
  array result = access::make(starts.shape(), int64, order::C, starts.device(), where);
  scatter_distinct(result, order, numbers, where);
  return result;
}

namespace {

struct wanted {
  bool indices = false, inverse = false, counts = false;
};

/// Which axis of x holds the elements; none where all of x do, and for a vector, whose slices are its elements.
std::optional<int> axis_of(const array& x, const axes& axis, const char* name, caller where) {
  if (axis.every()) return {};
  const int found = normalize_axis(only_axis(axis, name, where), x.ndim(), name, where);
  return x.ndim() == 1 ? std::nullopt : std::optional(found);
}

/// The stable order of the rows of a matrix by their first columns.
array order_of_rows(const array& rows, caller where) {
  std::vector<expr> columns;  // the last key decides first
  for (std::int64_t i = rows.shape()[1]; i-- > 0;) columns.push_back(rows(all, i));
  if (columns.empty()) return arange(rows.shape()[0], {.dtype = int64, .device = rows.device()}, where);
  return lexsort(columns, -1, where);
}

/// The elements in order: a vector, or the rows of a matrix; where they came from, when that is wanted, and where they differ
/// from the one before. Elements that are no numbers are not moved: they are wide.
struct sorted_keys {
  array keys, order, starts;
};
sorted_keys sorted_by_value(const array& keys, bool with_order, bool equal_nan, caller where) {
  if (!keys.dtype().is_number()) {
    ordering runs = runs_of(keys, equal_nan, where);
    return {{}, std::move(runs.order), std::move(runs.starts)};
  }
  sorted_keys result;
  if (keys.ndim() == 1 && !with_order) {
    result.keys = sort(operand(keys, where));
  } else {
    result.order = keys.ndim() == 1 ? argsort(operand(keys, where)) : order_of_rows(keys, where);
    result.keys = take_slices(keys, result.order, 0, where);
  }
  result.starts = run_starts(result.keys, equal_nan, where);
  return result;
}

/// Integers that lie close together, counted: a table with an entry for each value from the lowest on.
struct value_table {
  std::int64_t lowest;
  array offsets, counts;  // of each element from the lowest; how often each value occurs
};
/// A table that is no longer than the vector (else nothing): a pass beside those of a sort.
std::optional<value_table> counted(const array& keys, caller where) {
  constexpr std::int64_t least = 1024;
  if (!keys.dtype().is_number() || is_inexact(keys.dtype()) || keys.size() < least) return {};
  const auto [low, high] = bounds_of(keys, where);
  const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);  // of uint64 too
  if (range >= static_cast<std::uint64_t>(keys.size())) return {};
  const operand numbers(keys.astype(int64), where);
  const array offsets(subtract(numbers, operand(low, where)), where);
  return value_table{low, offsets, count_places(offsets, {}, static_cast<std::int64_t>(range) + 1, {"unique", where})};
}

unique_all_result parts_of(const value_table& table, const dtype& type, const wanted& w, caller where) {
  const array present = flat_positions(mark(table.counts, where), where);
  unique_all_result result;
  result.values = array(add(operand(present, where), operand(table.lowest, where)).astype(type, where), where);
  if (w.counts) result.counts = take_slices(table.counts, present, 0, where);
  if (w.inverse) {
    const array numbers = cumsum(not_equal(operand(table.counts, where), 0));
    evaluate_in_place(op::subtract, numbers, operand(1, where));
    result.inverse_indices = take_slices(numbers, table.offsets, 0, where);
  }
  return result;
}

unique_all_result parts_of(const operand& x, const axes& over, bool equal_nan, const wanted& w, const char* name) {
  const caller where = x.where();
  const array elements = materialize(x.recipe(), where);
  const std::optional<int> axis = axis_of(elements, over, name, where);
  const array moved = axis ? moveaxis(elements, *axis, 0, where) : elements;
  const std::int64_t count = axis ? moved.shape()[0] : elements.size();
  const array keys = axis ? reshape(moved, {count, count == 0 ? 0 : moved.size() / count}, order::C, where)
                          : ravel(elements, order::C, where);

  if (!axis && !w.indices) {
    if (const std::optional<value_table> table = counted(keys, where)) {
      unique_all_result result = parts_of(*table, keys.dtype(), w, where);
      if (w.inverse && over.every())
        result.inverse_indices = reshape(result.inverse_indices, elements.shape(), order::C, where);
      return result;
    }
  }
  const sorted_keys in_order = sorted_by_value(keys, w.indices || w.inverse, equal_nan, where);
  const array& starts = in_order.starts;
  unique_all_result result;
  if (w.indices || w.counts || !keys.dtype().is_number()) {
    const array begins = flat_positions(mark(starts, where), where);
    result.values = keys.dtype().is_number()
                        ? take_slices(in_order.keys, begins, 0, where)
                        : take_slices(keys, take_slices(in_order.order, begins, 0, where), 0, where);
    if (w.indices) result.indices = take_slices(in_order.order, begins, 0, where);
    if (w.counts) result.counts = run_lengths(begins, count, where);
  } else {
    result.values = compress(operand(starts, where), operand(in_order.keys, where), 0);
  }
  if (w.inverse) {
    result.inverse_indices = run_numbers(starts, in_order.order, where);
    if (over.every()) result.inverse_indices = reshape(result.inverse_indices, elements.shape(), order::C, where);
  }
  if (axis) {
    shape extents = moved.shape();
    extents[0] = result.values.shape()[0];
    result.values = moveaxis(reshape(result.values, extents, order::C, where), 0, *axis, where);
  }
  return result;
}

}  // namespace

array unique(const operand& x, const unique_options& options) {
  return parts_of(x, options.axis, options.equal_nan, {}, "unique").values;
}

array unique_values(const operand& x, const unique_parts_options& options) {
  return parts_of(x, options.axis, options.equal_nan, {}, "unique_values").values;
}

unique_all_result unique_all(const operand& x, const unique_parts_options& options) {
  return parts_of(x, options.axis, options.equal_nan, {.indices = true, .inverse = true, .counts = true}, "unique_all");
}

unique_counts_result unique_counts(const operand& x, const unique_parts_options& options) {
  unique_all_result all = parts_of(x, options.axis, options.equal_nan, {.counts = true}, "unique_counts");
  return {std::move(all.values), std::move(all.counts)};
}

unique_inverse_result unique_inverse(const operand& x, const unique_parts_options& options) {
  unique_all_result all = parts_of(x, options.axis, options.equal_nan, {.inverse = true}, "unique_inverse");
  return {std::move(all.values), std::move(all.inverse_indices)};
}

}  // namespace tessera
