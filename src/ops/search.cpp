// Positions in sorted data.
#include <optional>

#include "backend.hpp"
#include "core/access.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/sort.hpp"

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

}  // namespace

array searchsorted(const operand& sorted, const operand& values, const search_options& options) {
  const caller where = sorted.where();
  if (sorted->ndim() != 1) {
    throw value_error("searchsorted: sorted has shape " + to_string(sorted->shape()) + "; expected one axis", where);
  }
  const dtype type = result_type(sorted->dtype(), values->dtype());
  if (options.sorter.size() > 1)
    throw value_error("searchsorted: takes one sorter, not " + std::to_string(options.sorter.size()), where);
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
