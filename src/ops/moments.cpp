// Means, variances and weighted averages: sums divided by counts, in NumPy's dtypes.
//
// var is one pass, a fold of squared deviations / (n - ddof); with a mask or complex numbers two passes, a chain of stages:
// m = sum(x) / n,  sum(|x - m|²) / (n - ddof).
#include <algorithm>

#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "expr/fold.hpp"
#include "ops/numbers_only.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// float16 sums in float32 and rounds the mean once.
dtype wide(dtype type) noexcept { return type == float16 || type == bfloat16 ? float32 : type; }

/// A mean's axes: sums of a 0-d array take axis 0, its mean (if no mask is given) does not, as in NumPy.
folding mean_folding(const char* name, const operand& x, const axes& over, bool keepdims, bool masked) {
  if (x->ndim() == 0 && !masked) {
    for (std::int64_t axis : over.list()) normalize_axis(axis, 0, name, x.where());
  }
  return {name, x, over, keepdims};
}

expr mean_of(const expr& x, const expr* mask, const operand& count, dtype asked, const folding& f) {
  if (!is_time(x.dtype())) check_numbers({x.dtype()}, f.name, f.where);
  const dtype type = mean_accumulator(x.dtype(), asked);
  const expr total = sum_of(x, asked.is_set() ? type : wide(type), mask, f);
  return divide_by_count(total, count, f).astype(type, f.where);
}

/// |deviation|², real.
expr squared(const operand& deviation, const folding& f) {
  if (deviation->dtype().kind() != 'c') return multiply(deviation, deviation);
  const operand re = f(real(deviation.recipe(), f.where)), im = f(imag(deviation.recipe(), f.where));
  return add(f(square(re)), f(square(im)));
}

/// The mean that deviations are taken from, folded axes kept. float32 is summed in float64: the error of the mean enters
/// the variance squared, and a float32 sum near 1e6 is off by tenths.
expr centre(const expr& x, const expr* mask, dtype asked, const folding& f) {
  const folding kept = f.keeping_axes();
  const dtype type = mean_accumulator(x.dtype(), asked);
  const dtype summed = type == float32 ? float64 : type == complex64 ? complex128 : wide(type);
  const operand count = count_of(x, mask, kept);
  return divide_by_count(sum_of(x, summed, mask, kept), count, kept).astype(type, f.where);
}

/// count - ddof, not below 0.
expr degrees_of_freedom(const operand& count, double ddof, const folding& f) {
  const node* known = access::node_of(count.recipe());
  if (known->kind == node_kind::constant) {
    const double n = static_cast<double>(static_cast<const constant_node*>(known)->value.integer);
    return constant_of(std::max(n - ddof, 0.0), float64, f.where).recipe();
  }
  return maximum(f(subtract(count, constant_of(ddof, float64, f.where))), constant_of(0, float64, f.where));
}

/// In the wider of the dtype that is asked for and x's own, rounded once.
expr variance_of_all(const operand& x, const var_options& options, dtype type, const folding& f) {
  const dtype own = is_inexact(x->dtype()) ? wide(x->dtype()) : type;
  const expr total = f(deviations_fold, x->astype(result_type(own, wide(type)), f.where));
  const operand freedom = f(degrees_of_freedom(count_of(x.recipe(), nullptr, f), options.ddof, f));
  return divide_by_count(total, freedom, f).astype(type, f.where);
}

expr variance(const operand& x, const var_options& options, const folding& f) {
  check_numbers({x->dtype()}, f.name, f.where);
  const expr* mask = mask_of(options.where, x.recipe(), f);
  const dtype type = mean_accumulator(x->dtype(), options.dtype);
  if (mask == nullptr && x->dtype().kind() != 'c' && type.kind() == 'f') return variance_of_all(x, options, type, f);
  const expr mean = centre(x.recipe(), mask, options.dtype, f);
  const expr squares = squared(f(subtract(x, f(mean))), f);
  const expr total = sum_of(squares, mean_accumulator(squares.dtype(), options.dtype), mask, f);
  return divide_by_count(total, f(degrees_of_freedom(count_of(x.recipe(), mask, f), options.ddof, f)), f);
}

}  // namespace

expr mean(const operand& x, const axes& over, const reduce_options& options) {
  const folding f = mean_folding("mean", x, over, options.keepdims, !options.where.empty());
  const expr* mask = mask_of(options.where, x.recipe(), f);
  return mean_of(x.recipe(), mask, count_of(x.recipe(), mask, f), options.dtype, f);
}

expr var(const operand& x, const axes& over, const var_options& options) {
  return variance(x, options, mean_folding("var", x, over, options.keepdims, !options.where.empty()));
}

expr stddev(const operand& x, const axes& over, const var_options& options) {
  const folding f = mean_folding("stddev", x, over, options.keepdims, !options.where.empty());
  const expr v = variance(x, options, f);
  return sqrt(f(v)).astype(v.dtype(), f.where);
}

// ---- as if NaN were not there

namespace {

/// The mask of elements that count: those asked for that are no NaN.
expr present(const operand& x, const expr* mask, const folding& f) {
  const expr valid = not_nan(x.recipe(), f);
  return mask == nullptr ? valid : logical_and(f(valid), f(*mask));
}

void check_inexact(dtype asked, const folding& f) {
  if (asked.is_set() && !is_inexact(asked)) {
    throw dtype_error(std::string(f.name) + ": the dtype of a floating x must be floating, not " + asked.name(),
                      f.where);
  }
}

expr nan_variance(const char* name, const operand& x, const axes& over, const var_options& options) {
  if (!is_inexact(x->dtype()))
    return variance(x, options, mean_folding(name, x, over, options.keepdims, !options.where.empty()));
  const folding f(name, x, over, options.keepdims);
  check_inexact(options.dtype, f);
  const expr mask = present(x, mask_of(options.where, x.recipe(), f), f);
  var_options counted = options;
  counted.where = {mask};
  const expr v = variance(x, counted, f);
  const operand freedom = f(subtract(count_of(x.recipe(), &mask, f), constant_of(options.ddof, float64, f.where)));
  const operand bad = f(less_equal(freedom, constant_of(0, float64, f.where)));
  return where(bad, constant_of(std::numeric_limits<double>::quiet_NaN(), v.dtype(), f.where), f(v));
}

}  // namespace

expr nanmean(const operand& x, const axes& over, const reduce_options& options) {
  const folding f("nanmean", x, over, options.keepdims);
  if (!is_inexact(x->dtype())) return mean(x, over, options);
  check_inexact(options.dtype, f);
  const expr mask = present(x, mask_of(options.where, x.recipe(), f), f);
  return mean_of(x.recipe(), &mask, count_of(x.recipe(), &mask, f), options.dtype, f);
}

expr nanvar(const operand& x, const axes& over, const var_options& options) {
  return nan_variance("nanvar", x, over, options);
}

expr nanstddev(const operand& x, const axes& over, const var_options& options) {
  return sqrt(operand(nan_variance("nanstddev", x, over, options), x.where()));
}

// ---- weights

namespace {

/// Weights walked along x: of x's shape as they are, else along the folded axes, which their shape must match.
expr weights_along(const expr& weights, const operand& x, const folding& f) {
  const shape extents = x->shape(), given = weights.shape();
  if (given == extents) return weights;
  if (f.over.every()) {
    throw dtype_error("average: weights of shape " + to_string(given) + " differ from " + to_string(extents) +
                          "; name the axis they belong to",
                      f.where);
  }
  const axis_list folded = normalize_axes(f.over, extents.size(), f.name, f.where);
  shape expected, spread = shape::filled(extents.size(), 1);
  for (int axis : folded) {
    expected.push_back(extents[axis]);
    spread[axis] = extents[axis];
  }
  if (!(given == expected)) {
    throw shape_error(
        "average: weights of shape " + to_string(given) + " do not fit the axes of extents " + to_string(expected),
        f.where);
  }
  return broadcast_to(reshape(weights, spread, order::C, f.where), extents, f.where);
}

}  // namespace

expr average(const operand& x, const axes& over, const average_options& options) {
  const folding f("average", x, over, options.keepdims);
  if (options.weights.empty()) {
    const operand count = count_of(x.recipe(), nullptr, f);
    return mean_of(x.recipe(), nullptr, count, {}, f);
  }
  const expr weights = weights_along(options.weights.front(), x, f);
  check_numbers({x->dtype(), weights.dtype()}, f.name, f.where);
  dtype type = result_type(x->dtype(), weights.dtype());
  if (!is_inexact(x->dtype())) type = result_type(type, float64);
  const operand total = f(f(fold::sum, weights.astype(type, f.where)));
  const operand zero = f(equal(total, constant_of(0, type, f.where)));
  if (reduction(fold::any, zero.recipe(), axes(), false, f.name, f.where).item<bool>(f.where)) {
    throw value_error("average: weights sum to zero", f.where);
  }
  const expr products = multiply(f(x->astype(type, f.where)), f(weights.astype(type, f.where)));
  return divide(f(f(fold::sum, products)), total);
}

}  // namespace tessera
