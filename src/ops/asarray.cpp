// Arrays as they are wanted: dtype, memory order, ownership; copied only where needed.
#include "core/access.hpp"
#include "expr/evaluate.hpp"
#include "tessera/creation.hpp"

namespace tessera {
namespace {

bool lies_in(const array& x, order layout) {
  const flags_t flags = x.flags();
  return layout == order::C ? flags.c_contiguous : layout == order::F ? flags.f_contiguous : true;
}

array arranged(const operand& x, const dtype& type, order layout) {
  array result = detail::materialize(x.recipe(), x.where());
  if (type.is_set() && type != result.dtype()) return result.astype(type, layout);
  return lies_in(result, layout) ? result : result.copy(layout);
}

array at_least_1d(const array& x) {
  if (x.ndim() > 0) return x;
  return detail::access::view(x, detail::access::data(x), x.dtype(), {1}, {x.itemsize()});
}

}  // namespace

array asarray(const operand& x, const like_options& options) {
  const array result = arranged(x, options.dtype, options.layout);
  return options.device ? result.to(*options.device, x.where()) : result;
}

array asarray(const operand& x, const dtype& type) { return asarray(x, {.dtype = type}); }

array ascontiguousarray(const operand& x, const dtype& type) { return at_least_1d(arranged(x, type, order::C)); }

array asfortranarray(const operand& x, const dtype& type) { return at_least_1d(arranged(x, type, order::F)); }

array require(const operand& x, const require_options& options) {
  if (options.c_contiguous && options.f_contiguous) {
    throw value_error("require: c_contiguous and f_contiguous exclude each other", x.where());
  }
  const order layout = options.c_contiguous ? order::C : options.f_contiguous ? order::F : order::A;
  array result = arranged(x, options.dtype, layout);
  const flags_t flags = result.flags();
  const bool lacking = (options.aligned && !flags.aligned) || (options.writeable && !flags.writeable) ||
                       (options.owndata && !flags.owndata);
  return lacking ? result.copy(layout) : result;
}

}  // namespace tessera
