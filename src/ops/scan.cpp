// Running sums and products along an axis; differences of neighbours.
#include "tessera/scan.hpp"

#include "backend.hpp"
#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/joining.hpp"
#include "ops/lanes.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "ops/time_steps.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// The axis to scan: of x, or of x flattened when none is given.
struct scanned {
  expr x;
  int axis;
};

scanned scan_axis(const operand& x, const axes& axis, const char* name) {
  const caller where = x.where();
  if (axis.every()) return {ravel(x.recipe(), order::C, where), 0};
  if (axis.list().size() != 1) {
    throw dtype_error(std::string(name) + ": takes one axis or none, not " + to_string(axis.list()), where);
  }
  if (x->ndim() == 0 && (axis.list()[0] == 0 || axis.list()[0] == -1))
    return {ravel(x.recipe(), order::C, where), 0};  // as NumPy
  return {x.recipe(), normalize_axis(axis.list()[0], x->ndim(), name, where)};
}

array scan(fold by, const operand& x, const axes& axis, dtype type, const char* name);

/// Of timedeltas: NaT from the first one on.
array scan_durations(fold by, const operand& x, const axes& axis, const char* name) {
  const caller where = x.where();
  if (by != fold::sum || !is_timedelta(x->dtype())) {
    throw dtype_error(std::string(name) + ": not supported for dtype " + x->dtype().name(), where);
  }
  const steps own = steps_of(materialize(x.recipe(), where), where);
  const steps sums(operand(scan(by, own.as_operand(), axis, {}, name), where).recipe(), where),
      missing(operand(scan(by, own.is_nat().as_operand(), axis, {}, name), where).recipe(), where);
  return times_of(sums.nat_where(steps::apply(op::not_equal, missing, missing.number(0))), x->dtype());
}

array scan(fold by, const operand& x, const axes& axis, dtype type, const char* name) {
  if (is_time(type.is_set() ? type : x->dtype())) {
    return scan_durations(by, type.is_set() ? operand(x->astype(type, x.where()), x.where()) : x, axis, name);
  }
  check_numbers({x->dtype()}, name, x.where());
  const scanned s = scan_axis(x, axis, name);
  const array in = materialize(s.x.astype(accumulator(x->dtype(), type), x.where()), x.where());
  array out = like(in, in.dtype(), x.where());
  const lanes_of from(in, s.axis), to(out, s.axis);
  if (!from.empty())
    backend_of(in.device()).scan({by, from.extents, from.count, from.lanes, to.lanes, from.stride, to.stride});
  return out;
}

operand nan_as(const operand& x, int number, const char* name) {
  check_numbers({x->dtype()}, name, x.where());
  const folding f(name, x, axes(), false);
  return f(without_nan(x.recipe(), number, f));
}

}  // namespace

array cumsum(const operand& x, const axes& axis, const dtype& type) { return scan(fold::sum, x, axis, type, "cumsum"); }

array cumprod(const operand& x, const axes& axis, const dtype& type) {
  return scan(fold::prod, x, axis, type, "cumprod");
}

array nancumsum(const operand& x, const axes& axis, const dtype& type) {
  return scan(fold::sum, nan_as(x, 0, "nancumsum"), axis, type, "nancumsum");
}

array nancumprod(const operand& x, const axes& axis, const dtype& type) {
  return scan(fold::prod, nan_as(x, 1, "nancumprod"), axis, type, "nancumprod");
}

namespace {

/// Which part of an axis a view takes.
struct axis_range {
  int axis;
  slice range;
};

expr part(const expr& x, const axis_range& range, caller where) {
  const auto taken = [](const array& a, const void* arguments, caller line) {
    const axis_range& r = *static_cast<const axis_range*>(arguments);
    return slice_along(a, r.axis, r.range, line);
  };
  return view_of(x, taken, &range, where);
}

}  // namespace

expr diff(const operand& x, int n, int axis) {
  const caller where = x.where();
  if (n < 0) throw value_error("diff: order " + std::to_string(n) + " is negative", where);
  if (n == 0) return x.recipe();
  if (x->ndim() == 0) throw value_error("diff: x has no axis", where);
  const int along = normalize_axis(axis, x->ndim(), "diff", where);
  expr result = x.recipe();
  for (; n > 0; --n) {
    const operand later(part(result, {along, slice(1, none)}, where), where),
        earlier(part(result, {along, slice(-1)}, where), where);
    result = result.dtype() == bool_ ? not_equal(later, earlier) : subtract(later, earlier);
  }
  return result;
}

expr diff(const operand& x, int n, int axis, const diff_options& options) {
  const caller where = x.where();
  if (n <= 0 || x->ndim() == 0) return diff(x, n, axis);
  const int along = normalize_axis(axis, x->ndim(), "diff", where);
  shape one = x->shape();
  one[along] = 1;
  const device_scope beside(device_of(x.recipe(), where));  // for numbers
  std::vector<array> parts;
  const auto add = [&](const std::vector<expr>& end) {
    if (end.size() > 1) throw value_error("diff: takes one array for each end", where);
    if (end.empty()) return;
    const array part = materialize(end.front(), where);
    parts.push_back(part.ndim() == 0 ? broadcast_to(part, one, where) : part);
  };
  add(options.prepend);
  parts.push_back(materialize(x.recipe(), where));
  add(options.append);
  return diff({expr(join(parts, along, "diff", where)), where}, n, along);
}

array ediff1d(const operand& x) {
  const array flat = ravel(materialize(x.recipe(), x.where()), order::C, x.where());
  return array(diff({flat, x.where()}), x.where());
}

}  // namespace tessera
