// Medians: of each lane the middle one or the mean of the middle two, found by selecting (nanmedian: by sorting).
#include <algorithm>

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/lanes.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// x with its folded axes as one last axis; every lane is contiguous only as far as x allows.
array folded_last(const operand& x, const axis_list& folded, const folding& f) {
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

/// Elements [begin, end) of the last axis.
array last_part(const array& lanes, std::int64_t begin, std::int64_t end, const folding& f) {
  return slice_along(lanes, lanes.ndim() - 1, slice(begin, end), f.where);
}

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

/// Sorted lanes of which the first `counts` (int64, one per lane) are numbers and the rest NaN.
expr middle_of_numbers(const array& sorted, const folding& f) {
  const std::int64_t n = sorted.shape()[sorted.ndim() - 1];
  const operand lanes = f(expr(sorted));
  const operand counts = f(sum(f(not_nan(lanes.recipe(), f)), -1, {.keepdims = true}));
  const operand one = constant_of(1, int64, f.where), two = constant_of(2, int64, f.where);
  const operand first = f(floor_divide(f(subtract(counts, one)), two)), last = f(floor_divide(counts, two));
  const operand place = f(expr(arange(n, {.dtype = int64, .device = sorted.device()}, f.where)));
  const operand chosen = f(logical_and(f(greater_equal(place, first)), f(less_equal(place, last))));
  const expr numbers = logical_and(chosen, f(not_nan(lanes.recipe(), f)));
  return mean(lanes, -1, {.where = {numbers}});
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
  const array sorted = sort(f(expr(folded_last(x, folded, f))), -1);
  return with_axes(middle_of_numbers(sorted, f), extents, folded, f);
}

}  // namespace tessera
