// Vector norms and logsumexp.
#include <cmath>

#include "ops/numbers_only.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

expr sum_of_powers(const operand& magnitude, double ord, const folding& f) {
  const dtype type = magnitude->dtype();
  const operand power = f(pow(magnitude, constant_of(ord, type, f.where)));
  const operand total = f(f(fold::sum, power.recipe()));
  return pow(total, constant_of(1.0 / ord, type, f.where));
}

expr euclidean(const operand& x, const folding& f) {
  if (x->dtype().kind() != 'c') return sqrt(f(f(fold::sum, square(x))));
  const operand re = f(square(f(real(x.recipe(), f.where)))), im = f(square(f(imag(x.recipe(), f.where))));
  return sqrt(f(f(fold::sum, add(re, im))));
}

}  // namespace

expr norm(const operand& x, const axes& over, const norm_options& options) {
  const folding f("norm", x, over, options.keepdims);
  check_numbers({x->dtype()}, f.name, f.where);
  const operand floating = is_inexact(x->dtype()) ? x : f(x->astype(float64, f.where));
  if (options.ord == 2) return euclidean(floating, f);
  const operand magnitude = f(abs(floating));
  const dtype type = magnitude->dtype();
  if (std::isinf(options.ord)) {
    if (options.ord < 0) return f(fold::min, magnitude.recipe());
    return max(magnitude, over, {.keepdims = options.keepdims, .initial = {0}});
  }
  if (options.ord == 0)
    return f(fold::sum, not_equal(floating, constant_of(0, floating->dtype(), f.where)).astype(type, f.where));
  if (options.ord == 1) return f(fold::sum, magnitude.recipe());
  return sum_of_powers(magnitude, options.ord, f);
}

/// log(sum(exp(x - m))) + m with m the largest element: no overflow; lanes of -infinity alone give -infinity.
expr logsumexp(const operand& x, const axes& over, const keepdims_options& options) {
  const folding f("logsumexp", x, over, options.keepdims);
  check_numbers({x->dtype()}, f.name, f.where);
  const operand floating = is_inexact(x->dtype()) ? x : f(x->astype(float64, f.where));
  if (f.count(x->shape()) == 0) return log(f(f(fold::sum, exp(floating))));
  const operand magnitude = floating->dtype().kind() == 'c' ? f(real(floating.recipe(), f.where)) : floating;
  const operand zero = constant_of(0, magnitude->dtype(), f.where);
  const operand largest = f(f.keeping_axes()(fold::max, magnitude.recipe()));
  const operand shift = f(where(f(isfinite(largest)), largest, zero));
  const expr total = f(fold::sum, exp(f(subtract(floating, shift))));
  return add(f(log(f(total))), f.keepdims ? shift : f(squeeze(shift.recipe(), f.over, f.where)));
}

}  // namespace tessera
