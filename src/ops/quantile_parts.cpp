// What medians and quantiles share: folded axes as lanes, elements by their place in a lane's order.
#include "ops/numbers_only.hpp"
#include "ops/quantile_parts.hpp"

#include <algorithm>

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/lanes.hpp"
#include "ops/operands.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {

array folded_last(const operand& x, const axis_list& folded, const folding& f) {
  const array elements = materialize(x.recipe(), f.where);
  check_numbers({elements.dtype()}, f.name, f.where);
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

array last_part(const array& lanes, std::int64_t begin, std::int64_t end, const folding& f) {
  return slice_along(lanes, lanes.ndim() - 1, slice(begin, end), f.where);
}

array count_numbers(const array& lanes, const folding& f) {
  return ascontiguousarray(f(sum(f(not_nan(lanes, f)), -1, {.keepdims = true})));
}

array at_places(const array& lanes, const array& places, const folding& f) {
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

array at_places_in_order(const array& lanes, const array& places, const folding& f) {
  const std::vector<std::int64_t> few = few_places(places);
  const operand x = f(expr(lanes));
  return at_places(few.empty() ? sort(x, -1) : selected(x, few, f.name), places, f);
}

}  // namespace tessera::detail
