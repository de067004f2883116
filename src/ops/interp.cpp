// Linear interpolation between given points, with NumPy's bits and its ways with NaN and infinities.
#include <complex>
#include <cstring>

#include "backend.hpp"
#include "core/access.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/histogram.hpp"
#include "tessera/joining.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// The points, ascending, and where between them each x lies.
struct located {
  array x, xp;       // float64
  array place;       // the last point not above x, at most the last but one; of two points or more
  array before, at;  // xp there and at the next one, per x
  caller where;

  operand operator()(const expr& e) const { return {e, where}; }
};

located locate(const array& x, const array& xp, caller where) {
  located l{x, xp, {}, {}, {}, where};
  const array found = searchsorted(l(xp), l(x), {.side = side::right});
  l.place = array(clip(l(subtract(l(found), 1)), 0, l(expr(xp.size() - 2))), where);
  l.before = take_slices(xp, l.place, 0, where);
  l.at = take_slices(xp, array(add(l(l.place), 1), where), 0, where);
  return l;
}

/// A real fp, or a part of a complex one, of which NumPy computes slopes by a reciprocal; where x is NaN only the real
/// part is.
enum class part { all, real, imag };

/// `left` and `right` are 0-d.
expr values_between(const located& l, const array& fp, const array& left, const array& right, part of) {
  const auto w = [&](const expr& condition, const expr& yes, const expr& no) {
    return where(l(condition), l(yes), l(no));
  };
  const expr x = l.x, x0 = l.before, x1 = l.at;
  const expr f0 = take_slices(fp, l.place, 0, l.where);
  const expr f1 = take_slices(fp, array(add(l(l.place), 1), l.where), 0, l.where);
  const expr rise = subtract(l(f1), l(f0)), width = subtract(l(x1), l(x0));
  const expr slope = of == part::all ? divide(l(rise), l(width)) : multiply(l(rise), l(divide(1.0, l(width))));
  const auto from = [&](const expr& p, const expr& f) {
    return add(l(multiply(l(slope), l(subtract(l(x), l(p))))), l(f));
  };
  expr value = from(x0, f0);
  value = w(isnan(l(value)), from(x1, f1), value);
  value = w(logical_and(l(isnan(l(value))), l(equal(l(f0), l(f1)))), f0, value);
  value = w(greater_equal(l(x), l(x1)), f1, w(equal(l(x), l(x0)), f0, value));  // the former at the last point only
  value = w(less(l(x), l(l.xp(0))), left, w(greater(l(x), l(l.xp(-1))), right, value));
  return w(isnan(l(x)), of == part::imag ? expr(0.0) : x, value);
}

/// Of one point.
expr values_beside(const array& x, const array& xp, const array& fp, const array& left, const array& right,
                   caller where) {
  const auto o = [&](const expr& e) -> operand { return {e, where}; };
  const operand inner = o(tessera::where(o(greater(o(x), o(xp(0)))), o(right), o(fp(0))));
  return tessera::where(o(less(o(x), o(xp(0)))), o(left), inner);
}

void check_points(const operand& xp, const operand& fp, caller where) {
  if (xp->ndim() != 1 || !(xp->shape() == fp->shape())) {
    throw shape_error("interp: xp of shape " + to_string(xp->shape()) + " and fp of shape " + to_string(fp->shape()) +
                          "; expected vectors of one length",
                      where);
  }
  if (xp->size() == 0) throw value_error("interp: no points to go between", where);
}

array as_real(const operand& x, const char* name, caller where) {
  if (x->dtype().kind() == 'c') {
    throw dtype_error(std::string("interp: ") + name + " must be real, not " + x->dtype().name(), where);
  }
  return materialize(astype(x, float64), where);
}

/// What stands for x outside: the number given, else fp's own.
array outside(const std::optional<number>& given, const array& own, dtype type, const char* name, caller where) {
  if (!given) return own;
  const scalar_value value = given->value;
  if (type != complex128 && value.imag != 0) {
    throw dtype_error(std::string("interp: ") + name + " is complex and fp is real", where);
  }
  const array single = empty({}, {.dtype = type, .device = cpu()}, where);
  const auto z = scalar_cast<std::complex<double>>(value, where);
  std::memcpy(access::data(single), &z, static_cast<std::size_t>(type.itemsize()));
  return single.to(own.device(), where);
}

struct point_list {
  array x, xp, fp;
};

/// Everything into one period; a point of the neighbours on either side.
point_list in_one_period(const point_list& p, double period, caller where) {
  const auto o = [&](const expr& e) -> operand { return {e, where}; };
  if (period == 0) throw value_error("interp: period must not be 0", where);
  period = std::abs(period);
  const array x(remainder(o(p.x), period), where), xp(remainder(o(p.xp), period), where);
  const array order_of_points = argsort(o(xp));
  const array sorted = take_slices(xp, order_of_points, 0, where), f = take_slices(p.fp, order_of_points, 0, where);
  const array first = sorted(slice(none, 1)), last = sorted(slice(-1, none));
  return {x, concatenate({subtract(o(last), period), sorted, add(o(first), period)}, 0, where),
          concatenate({f(slice(-1, none)), f, f(slice(none, 1))}, 0, where)};
}

}  // namespace

array interp(const operand& x, const operand& xp, const operand& fp, const interp_options& options) {
  const caller where = x.where();
  check_numbers({x->dtype(), xp->dtype(), fp->dtype()}, "interp", where);
  check_points(xp, fp, where);
  const dtype type = fp->dtype().kind() == 'c' ? complex128 : float64;
  point_list p;
  p.x = as_real(x, "x", where);
  p.xp = beside(p.x, as_real(xp, "xp", where), "interp", where);
  p.fp = beside(p.x, materialize(astype(fp, type), where), "interp", where);
  if (options.period) p = in_one_period(p, *options.period, where);
  const std::optional<number> none_given;
  const array left = outside(options.period ? none_given : options.left, p.fp(0), type, "left", where);
  const array right = outside(options.period ? none_given : options.right, p.fp(-1), type, "right", where);
  if (p.x.size() == 0) return zeros(p.x.shape(), {.dtype = type, .device = p.x.device()}, where);
  const bool alone = p.xp.size() == 1;
  const located l = alone ? located{} : locate(p.x, p.xp, where);
  const auto values = [&](const array& f, const array& a, const array& b, part of) {
    return alone ? values_beside(p.x, p.xp, f, a, b, where) : values_between(l, f, a, b, of);
  };
  if (type == float64) return array(values(p.fp, left, right, part::all), where);
  array result = empty(p.x.shape(), {.dtype = complex128, .device = p.x.device()}, where);
  evaluate_into(real(result), values(real(p.fp), real(left), real(right), part::real), assign_rule::unsafe, "interp",
                where);
  evaluate_into(imag(result), values(imag(p.fp), imag(left), imag(right), part::imag), assign_rule::unsafe, "interp",
                where);
  return result;
}

}  // namespace tessera
