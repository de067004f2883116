// Positions in sorted data.
#include <optional>

#include "backend.hpp"
#include "core/access.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "core/dtype_parts.hpp"
#include "ops/convert.hpp"
#include "ops/index.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "ops/sort_keys.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// `sorted` in the order of the sorter.
array ordered(const array& sorted, const expr& sorter, caller where) {
  const std::string size = std::to_string(sorted.size());
  if (!is_integer(sorter.dtype())) {
    throw dtype_error(std::string("searchsorted: the sorter must contain integers, not ") + sorter.dtype().name(),
                      where);
  }
  if (sorter.ndim() != 1 || sorter.size() != sorted.size()) {
    throw value_error("searchsorted: the sorter has shape " + to_string(sorter.shape()) + "; expected (" + size + ",)",
                      where);
  }
  array positions = positions_of(sorter, casting::safe, "searchsorted", where);
  try {
    check_positions(positions, sorted.size(), 0, "searchsorted: the sorter's position", where);
  } catch (const index_error& e) {
    throw value_error(e.what(), where);  // NumPy's ValueError: "Sorter index out of range."
  }
  return take_slices(sorted, positions, 0, where);
}

/// Texts: a binary search of all values at once.
array search_texts(const array& sorted, const array& values, side on, caller where) {
  array low = zeros(values.shape(), {.dtype = int64, .device = values.device()}, where);
  array high = full(values.shape(), operand(sorted.size(), where), {.dtype = int64, .device = values.device()});
  const operand wanted(values, where);
  for (std::int64_t left = sorted.size(); left > 0; left /= 2) {
    const operand from(low, where), to(high, where);
    const array middle(floor_divide(operand(add(from, to), where), 2), where);
    const array there(minimum(operand(middle, where), operand(sorted.size() - 1, where)), where);
    const operand element(take_slices(sorted, there, 0, where), where);
    const expr before = on == side::left ? less(element, wanted) : less_equal(element, wanted);
    const operand behind(logical_and(operand(before, where), operand(less(from, to), where)), where);
    const array next(tessera::where(behind, operand(add(operand(middle, where), 1), where), from), where);
    high = array(tessera::where(behind, to, operand(middle, where)), where);
    low = next;
  }
  return low;
}

/// What is no number: times and records by numbers that compare like them.
array search_others(const array& sorted, const array& values, side on, caller where) {
  if (values.size() == 0 || sorted.size() == 0)
    return zeros(values.shape(), {.dtype = int64, .device = values.device()}, where);
  if (is_text(sorted.dtype())) return search_texts(sorted, values, on, where);
  if (is_time(sorted.dtype())) {
    return searchsorted(operand(numbers_of_times(sorted, where), where),
                        operand(numbers_of_times(values, where), where), {.side = on});
  }
  const ranked both = rank(sorted, reshape(values, values.size(), order::C, where), true, where);
  const array places = searchsorted(operand(both.x, where), operand(both.y, where), {.side = on});
  return reshape(places, values.shape(), order::C, where);
}

}  // namespace

array searchsorted(const operand& sorted, const operand& values, const search_options& options) {
  const caller where = sorted.where();
  if (sorted->ndim() != 1) {
    throw value_error("searchsorted: sorted has shape " + to_string(sorted->shape()) + "; expected one axis", where);
  }
  const dtype type = result_type(sorted->dtype(), values->dtype());
  if (options.sorter.size() > 1)
    throw value_error("searchsorted: takes one sorter, not " + std::to_string(options.sorter.size()), where);
  if (!type.is_number()) {
    const array all = materialize(sorted.recipe(), where);
    const array in_order = options.sorter.empty() ? all : ordered(all, options.sorter[0], where);
    const array in = materialize_on(values, in_order.device(), where);
    if (in_order.device() != in.device()) throw_devices(in_order.device(), in.device(), "searchsorted", where);
    return search_others(convert(in_order, type, "searchsorted", where), convert(in, type, "searchsorted", where),
                         options.side, where);
  }
  const array keys =
      options.sorter.empty()
          ? ascontiguousarray(sorted, type)
          : ascontiguousarray(operand(ordered(materialize(sorted.recipe(), where), options.sorter[0], where), where),
                              type);
  std::optional<device_scope> beside;
  if (weak_kind_of(values.recipe()) != weak_kind::none) beside.emplace(keys.device());  // a number goes anywhere
  const array in = materialize(values->astype(type, where), where);
  if (keys.device() != in.device()) throw_devices(keys.device(), in.device(), "searchsorted", where);
  array out = zeros(in.shape(), {.dtype = int64, .device = in.device()}, where);
  if (in.size() == 0 || keys.size() == 0) return out;
  search_plan plan;
  plan.right = options.side == side::right;
  plan.count = keys.size();
  plan.sorted = access::data(keys);
  plan.extents = in.shape();
  plan.values = {access::data(in), type, in.strides()};
  plan.out = {access::data(out), int64, out.strides()};
  backend_of(in.device()).search(plan);
  return out;
}

}  // namespace tessera
