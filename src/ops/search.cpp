// Positions in sorted data.
#include "backend.hpp"
#include "core/access.hpp"
#include "expr/evaluate.hpp"
#include "tessera/creation.hpp"
#include "tessera/sort.hpp"

namespace tessera {

using namespace detail;

array searchsorted(const operand& sorted, const operand& values, const search_options& options) {
  const caller where = sorted.where();
  if (sorted->ndim() != 1) {
    throw value_error("searchsorted: sorted has shape " + to_string(sorted->shape()) + "; expected one axis", where);
  }
  const dtype type = result_type(sorted->dtype(), values->dtype());
  const array keys = ascontiguousarray(sorted, type);
  const array in = materialize(values->astype(type, where), where);
  if (keys.device() != in.device()) {
    throw device_error("searchsorted: operands on " + keys.device().name() + " and " + in.device().name() +
                           "; to() copies from one device to another",
                       where);
  }
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
