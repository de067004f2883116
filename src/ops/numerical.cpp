// Trapezoidal integrals and unwrapped phases. gradient is in numerical_gradient.cpp.
#include "tessera/numerical.hpp"

#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/scan.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

int axis_of(const operand& x, int axis, const char* name) {
  if (x->ndim() == 0) throw value_error(std::string(name) + ": x has no axis", x.where());
  return normalize_axis(axis, x->ndim(), name, x.where());
}

/// The distances of samples at x along an axis of y.
expr distances(const operand& x, int axis, int ndim) {
  if (x->ndim() != 1) return diff(x, 1, axis);
  const expr steps = diff(x);
  shape extents = shape::filled(ndim, 1);
  extents[axis] = steps.size();
  return reshape(steps, extents, order::C, x.where());
}

}  // namespace

expr trapezoid(const operand& y, const trapezoid_options& options) {
  const caller where = y.where();
  check_numbers({y->dtype()}, "trapezoid", where);
  const int axis = axis_of(y, options.axis, "trapezoid");
  if (options.x.size() > 1) throw value_error("trapezoid: takes one array of places", where);
  const array samples = materialize(y.recipe(), where);
  const expr step = options.x.empty() ? expr(options.dx) : distances({options.x.front(), where}, axis, samples.ndim());
  const operand pairs(add({slice_along(samples, axis, slice(1, none), where), where},
                          {slice_along(samples, axis, slice(-1), where), where}),
                      where);
  const operand areas(multiply({step, where}, pairs), where);
  return sum({divide(areas, {2.0, where}), where}, axis);
}

array unwrap(const operand& x, const unwrap_options& options) {
  const caller where = x.where();
  check_numbers({x->dtype()}, "unwrap", where);
  const int axis = axis_of(x, options.axis, "unwrap");
  if (options.discont.size() > 1 || options.period.size() != 1 || options.period.ndim() != 0) {
    throw value_error("unwrap: takes one period and one discontinuity", where);
  }
  const array phases = materialize(x.recipe(), where);
  const array steps = array(diff({phases, where}, 1, axis), where);
  const operand jump(steps, where), period(options.period, where);
  const dtype type = add(jump, period).dtype();
  if (type.kind() == 'c') throw dtype_error("unwrap: complex numbers have no phase to unwrap; angle has it", where);
  const bool is_integer = !is_inexact(type);
  const expr half =
      is_integer ? expr(options.period.item<std::int64_t>(where) / 2) : expr(options.period.item<double>(where) / 2);
  const bool is_ambiguous = !is_integer || options.period.item<std::int64_t>(where) % 2 == 0;
  const operand low(is_integer ? expr(-half.item<std::int64_t>()) : expr(-half.item<double>()), where);
  const auto of = [&](expr e) { return operand(std::move(e), where); };
  expr wrapped = add(of(remainder(of(subtract(jump, low)), period)), low);
  if (is_ambiguous) {  // half a period up is not half a period down
    const operand is_up = of(logical_and(of(equal(of(wrapped), low)), of(greater(jump, of(0)))));
    wrapped = tessera::where(is_up, of(half), of(wrapped));
  }
  const expr limit = options.discont.empty() ? expr(options.period.item<double>(where) / 2) : options.discont.front();
  const operand is_small = of(less(of(abs(jump)), of(limit)));
  const expr turns = subtract(of(wrapped), jump);
  const array correction = cumsum(of(tessera::where(is_small, of(0), of(turns))), axis);
  array result = access::make(phases.shape(), type, order::C, phases.device(), where);
  const auto assign = [&](const slice& range, const expr& values) {
    evaluate_into(slice_along(result, axis, range, where), values, assign_rule::unsafe, "unwrap", where);
  };
  assign(slice(1), slice_along(phases, axis, slice(1), where));
  assign(slice(1, none), add(of(slice_along(phases, axis, slice(1, none), where)), of(correction)));
  return result;
}

}  // namespace tessera
