// Sums, products, extremes and their positions: folds with NumPy's dtypes, masks and initial values.
#include "tessera/reduce.hpp"

#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/reduce_parts.hpp"

namespace tessera {

using namespace detail;

// ---- sum, prod

namespace {

expr total(fold by, const operand& x, const reduce_options& options, const folding& f) {
  const dtype type = accumulator(x->dtype(), options.dtype);
  const expr* mask = mask_of(options.where, x.recipe(), f);
  const int neutral = by == fold::sum ? 0 : 1;
  expr values = masked(x->astype(type, f.where), mask, neutral, f);
  // A fold of one element is that element; a product starts from 1, which shows where a complex number is infinite.
  const bool times_one = by == fold::prod && type.kind() == 'c' && f.count(values.shape()) == 1;
  const bool logical = type == bool_;  // adding bools is or, multiplying is and
  expr folded = f(!logical ? by : by == fold::sum ? fold::any : fold::all, std::move(values));
  if (times_one) folded = multiply(f(folded), constant_of(1, type, f.where));
  const auto initial = initial_of(options.initial, type, f);
  if (!initial) return folded;
  return by == fold::sum ? add(*initial, f(folded)) : multiply(*initial, f(folded));
}

}  // namespace

expr sum(const operand& x, const axes& over, const reduce_options& options) {
  return total(fold::sum, x, options, {"sum", x, over, options.keepdims});
}

expr prod(const operand& x, const axes& over, const reduce_options& options) {
  return total(fold::prod, x, options, {"prod", x, over, options.keepdims});
}

expr nansum(const operand& x, const axes& over, const reduce_options& options) {
  const folding f("nansum", x, over, options.keepdims);
  return total(fold::sum, f(without_nan(x.recipe(), 0, f)), options, f);
}

expr nanprod(const operand& x, const axes& over, const reduce_options& options) {
  const folding f("nanprod", x, over, options.keepdims);
  return total(fold::prod, f(without_nan(x.recipe(), 1, f)), options, f);
}

// ---- min, max

namespace {

/// `number` in the shape that the fold of x has.
expr filled_like_fold(const operand& number, const operand& x, const folding& f) {
  return where(f(f(fold::any, x.recipe())), number, number);
}

/// minimum and maximum, or fmin and fmax, which pass over NaN.
expr extreme(fold by, op combine, const operand& x, const minmax_options& options, const folding& f) {
  const dtype type = x->dtype();
  const expr* mask = mask_of(options.where, x.recipe(), f);
  const std::int64_t count = f.count(x->shape());  // tells a wrong axis before a wrong initial value
  const auto initial = initial_of(options.initial, type, f);
  if (mask != nullptr && !initial)
    throw value_error(std::string(f.name) + ": where needs an initial value, since no number is neutral", f.where);
  if (!initial) return f(by, x.recipe());
  if (count == 0) return filled_like_fold(*initial, x, f).astype(type, f.where);
  const expr values = mask == nullptr ? x.recipe() : where(f(*mask), x, *initial);
  const operand folded = f(f(by, values));
  return elementwise(combine, {&*initial, &folded});
}

}  // namespace

expr max(const operand& x, const axes& over, const minmax_options& options) {
  return extreme(fold::max, op::maximum, x, options, {"max", x, over, options.keepdims});
}

expr min(const operand& x, const axes& over, const minmax_options& options) {
  return extreme(fold::min, op::minimum, x, options, {"min", x, over, options.keepdims});
}

expr nanmax(const operand& x, const axes& over, const minmax_options& options) {
  return extreme(fold::fmax, op::fmax, x, options, {"nanmax", x, over, options.keepdims});
}

expr nanmin(const operand& x, const axes& over, const minmax_options& options) {
  return extreme(fold::fmin, op::fmin, x, options, {"nanmin", x, over, options.keepdims});
}

expr ptp(const operand& x, const axes& over, const keepdims_options& options) {
  const folding f("ptp", x, over, options.keepdims);
  const operand largest = f(f(fold::max, x.recipe())), smallest = f(f(fold::min, x.recipe()));
  if (x->dtype() == bool_) throw dtype_error("ptp: not supported for dtype bool; use any and all", f.where);
  return subtract(largest, smallest);
}

// ---- positions

namespace {

expr position(fold by, const expr& x, const folding& f) {
  if (!f.over.every() && f.over.list().size() != 1 && x.ndim() != 0) {
    throw dtype_error(std::string(f.name) + ": takes one axis or none, not " + to_string(f.over.list()), f.where);
  }
  return f(by, x);
}

/// NaN never wins; a lane of nothing else has no position, which only its elements tell: they are looked at here.
expr nan_position(fold by, const operand& x, const folding& f) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const expr found = position(by, without_nan(x.recipe(), by == fold::argmax ? -infinity : infinity, f), f);
  if (!is_inexact(x->dtype())) return found;
  const operand empty_lane = f(f(fold::all, isnan(x)));
  if (reduction(fold::any, empty_lane.recipe(), axes(), false, f.name, f.where).item<bool>(f.where)) {
    throw value_error(std::string(f.name) + ": every element of a lane is NaN", f.where);
  }
  return found;
}

}  // namespace

expr argmax(const operand& x, const axes& over, const keepdims_options& options) {
  return position(fold::argmax, x.recipe(), {"argmax", x, over, options.keepdims});
}

expr argmin(const operand& x, const axes& over, const keepdims_options& options) {
  return position(fold::argmin, x.recipe(), {"argmin", x, over, options.keepdims});
}

expr nanargmax(const operand& x, const axes& over, const keepdims_options& options) {
  return nan_position(fold::argmax, x, {"nanargmax", x, over, options.keepdims});
}

expr nanargmin(const operand& x, const axes& over, const keepdims_options& options) {
  return nan_position(fold::argmin, x, {"nanargmin", x, over, options.keepdims});
}

// ---- truth

expr any(const operand& x, const axes& over, const any_options& options) {
  const folding f("any", x, over, options.keepdims);
  const expr* mask = mask_of(options.where, x.recipe(), f);
  return f(fold::any, mask == nullptr ? x.recipe() : logical_and(x, f(*mask)));
}

expr all_t::operator()(const operand& x, const axes& over, const any_options& options) const {
  const folding f("all", x, over, options.keepdims);
  const expr* mask = mask_of(options.where, x.recipe(), f);
  return f(fold::all, mask == nullptr ? x.recipe() : logical_or(x, f(logical_not(f(*mask)))));
}

expr all_t::operator()(const operand& x, const any_options& options) const { return (*this)(x, axes(), options); }

expr count_nonzero(const operand& x, const axes& over, const keepdims_options& options) {
  const folding f("count_nonzero", x, over, options.keepdims);
  return f(fold::sum, x->astype(bool_, f.where).astype(int64, f.where));
}

}  // namespace tessera
