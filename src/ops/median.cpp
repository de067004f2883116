// Medians: of each lane the middle one or the mean of the middle two, found by selecting; lanes for quantiles too.
#include <algorithm>

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/lanes.hpp"
#include "ops/operands.hpp"
#include "ops/quantile_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

array detail::folded_last(const operand& x, const axis_list& folded, const folding& f) {
  const array elements = materialize(x.recipe(), f.where);
  shape kept, order_of_axes;
  for (int axis = 0; axis < elements.ndim(); ++axis) {
    if (std::binary_search(folded.begin(), folded.end(), axis)) continue;
    kept.push_back(elements.shape()[axis]);
    order_of_axes.push_back(axis);
  }
  std::int64_t count = 1;
  for (int axis : folded) {
    count *= elements.shape()[axis];
    order_of_axes.push_back(axis);
  }
  if (folded.size() != 1 && !f.over.every() && element_count(kept) == 0) {
    throw value_error(
        std::string(f.name) + ": several axes of an array without elements: shape " + to_string(elements.shape()),
        f.where);
  }
  shape extents = kept, moved_extents, moved_strides;
  extents.push_back(count);
  for (std::int64_t axis : order_of_axes) {
    moved_extents.push_back(elements.shape()[static_cast<int>(axis)]);
    moved_strides.push_back(elements.strides()[static_cast<int>(axis)]);
  }
  const array moved = access::view(elements, access::data(elements), elements.dtype(), moved_extents, moved_strides);
  return reshape(moved, extents, order::C, f.where);
}

array detail::last_part(const array& lanes, std::int64_t begin, std::int64_t end, const folding& f) {
  return slice_along(lanes, lanes.ndim() - 1, slice(begin, end), f.where);
}

array detail::count_numbers(const array& lanes, const folding& f) {
  return ascontiguousarray(f(sum(f(not_nan(lanes, f)), -1, {.keepdims = true})));
}

array detail::at_places(const array& lanes, const array& places, const folding& f) {
  const int last = lanes.ndim() - 1;
  shape strides = lanes.strides();
  strides[last] = 0;
  picked p = picked_by(lanes, places.shape(), strides);
  add_positions(p, places, places.strides(), lanes.strides()[last], f.where);
  return gather(p, f.where);
}

namespace {

/// The distinct places, ascending, if they are few and the host has them: more are found faster by sorting.
std::vector<std::int64_t> few_places(const array& places) {
  constexpr std::size_t limit = 8;
  std::vector<std::int64_t> few;
  if (places.device() != cpu()) return few;
  for (std::int64_t place : places.span<const std::int64_t>()) {
    const auto at = std::lower_bound(few.begin(), few.end(), place);
    if (at != few.end() && *at == place) continue;
    if (few.size() == limit) return {};
    few.insert(at, place);
  }
  return few;
}

}  // namespace

array detail::at_places_in_order(const array& lanes, const array& places, const folding& f) {
  const std::vector<std::int64_t> few = few_places(places);
  const operand x = f(expr(lanes));
  return at_places(few.empty() ? sort(x, -1) : selected(x, few, f.name), places, f);
}

namespace {

/// The result with the folded axes back, of extent 1, if asked for.
expr with_axes(const expr& result, const shape& extents, const axis_list& folded, const folding& f) {
  if (!f.keepdims) return result;
  shape kept = extents;
  for (int axis : folded) kept[axis] = 1;
  return reshape(result, kept, order::C, f.where);
}

/// The mean of the middle one or two of each lane; NaN where the largest is NaN.
expr middle(const array& lanes, const folding& f) {
  const std::int64_t n = lanes.shape()[lanes.ndim() - 1];
  const array sorted = selected(f(expr(lanes)), {std::max<std::int64_t>(0, n / 2 - 1), n / 2, n - 1}, f.name);
  const std::int64_t begin = n == 0 ? 0 : (n - 1) / 2, end = n == 0 ? 0 : n / 2 + 1;
  const expr mid = mean(f(expr(last_part(sorted, begin, end, f))), -1);
  if (!is_inexact(sorted.dtype()) || n == 0) return mid;
  const operand largest = f(sum(f(expr(last_part(sorted, n - 1, n, f))), -1));
  return where(f(isnan(largest)), largest, f(mid));
}

/// The same of the numbers in each lane: two places, of which an odd count needs the first and no number none.
expr middle_of_numbers(const array& lanes, const folding& f) {
  const operand counts = f(expr(count_numbers(lanes, f)));
  const operand which = f(expr(arange(2, {.dtype = int64, .device = lanes.device()}, f.where)));
  const operand one = constant_of(1, int64, f.where), two = constant_of(2, int64, f.where);
  const operand first = f(floor_divide(f(subtract(counts, one)), two)), last = f(floor_divide(counts, two));
  const operand place = f(add(first, which));
  const std::int64_t n = lanes.shape()[lanes.ndim() - 1];
  const array places = clip(place, constant_of(0, int64, f.where), constant_of(n - 1, int64, f.where)).eval(f.where);
  const array two_of_each = at_places_in_order(lanes, places, f);
  const operand is_there = f(greater(counts, constant_of(0, int64, f.where)));
  return mean(f(expr(two_of_each)), -1, {.where = {logical_and(is_there, f(less_equal(place, last)))}});
}

}  // namespace

expr median(const operand& x, const axes& over, const keepdims_options& options) {
  const folding f("median", x, over, options.keepdims);
  const shape extents = x->shape();
  const axis_list folded = normalize_axes(over, extents.size(), f.name, f.where);
  return with_axes(middle(folded_last(x, folded, f), f), extents, folded, f);
}

expr nanmedian(const operand& x, const axes& over, const keepdims_options& options) {
  if (x->size() == 0) return nanmean(x, over, {.keepdims = options.keepdims});
  if (!is_inexact(x->dtype())) return median(x, over, options);
  const folding f("nanmedian", x, over, options.keepdims);
  const shape extents = x->shape();
  const axis_list folded = normalize_axes(over, extents.size(), f.name, f.where);
  return with_axes(middle_of_numbers(folded_last(x, folded, f), f), extents, folded, f);
}

}  // namespace tessera
