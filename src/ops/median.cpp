// Medians: of each lane the middle one or the mean of the middle two, found by selecting.
#include <algorithm>

#include "core/layout.hpp"
#include "ops/lanes.hpp"
#include "ops/quantile_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

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
