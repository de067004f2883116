// Quantiles: places in the order of each lane (quantile_points), the elements there by selecting, the way between two.
//
//     lanes (..., n)  ->  previous, next (..., k)  ->  result (k, ...)          k: the elements of q
//
// The host knows the places where every lane has as many elements; where NaN do not count they are computed where x is.
#include "tessera/quantile.hpp"

#include <algorithm>

#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "ops/lanes.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "ops/quantile_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/joining.hpp"
#include "tessera/printing.hpp"
#include "tessera/scan.hpp"
#include "tessera/select.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// One call: what was asked for, checked.
struct quantile_call {
  folding f;
  const quantile_options& options;
  axis_list folded;
  shape extents;  // of x
  array q;        // (k,), on the host, in [0, 1]
  shape q_shape;
  bool weak = false;  // q is a C++ number
  bool skips_nan = false;
};

// ---- between two elements

/// a + (b - a) t, from the nearer end: NumPy's order of operations. `rest` is 1 - t.
expr between(const operand& a, const operand& b, const operand& t, const operand& rest, bool from_b, caller line) {
  const operand distance(subtract(b, a), line);
  const expr forward = add(a, {multiply(distance, t), line});
  if (!from_b) return forward;
  return subtract({b->astype(forward.dtype(), line), line}, {multiply(distance, rest), line});
}

expr interpolated(const array& previous, const array& next, const array& gamma, const quantile_call& c) {
  const operand a = c.f(expr(previous)), b = c.f(expr(next));
  if (c.weak && gamma.size() == 1 && gamma.device() == cpu()) {
    const double t = gamma.item<double>();
    return between(a, b, t, 1 - t, t >= 0.5, c.f.where);
  }
  const array on_device = gamma.to(previous.device(), c.f.where);
  expr t = on_device, rest = 1 - on_device;
  if (c.weak && is_inexact(previous.dtype())) {
    t = t.astype(previous.dtype(), c.f.where);
    rest = rest.astype(previous.dtype(), c.f.where);
  }
  const auto from = [&](bool b_end) { return between(a, b, c.f(t), c.f(rest), b_end, c.f.where); };
  return where(c.f(on_device >= 0.5), c.f(from(true)), c.f(from(false)));
}

/// The elements at places (k,) of every lane: a view where it is one place.
array at_place(const array& lanes, const array& places, const folding& f) {
  if (places.size() == 1) {
    const std::int64_t place = item_of(places);
    return last_part(lanes, place, place + 1, f);
  }
  return take_slices(lanes, places, lanes.ndim() - 1, f.where);
}

expr nan_where(const expr& bad, const expr& x, const folding& f) {
  if (!is_inexact(x.dtype())) return x;
  return where(f(bad), constant_of(std::numeric_limits<double>::quiet_NaN(), x.dtype(), f.where), f(x));
}

void check_differences(dtype type, const quantile_points& points, const folding& f) {
  if (type == bool_ && points.is_between) {
    throw dtype_error(std::string(f.name) +
                          ": bool elements have no differences; lower, higher, nearest, inverted_cdf " +
                          "and closest_observation pick elements",
                      f.where);
  }
}

// ---- the three roads, all (..., n) -> (..., k)

expr of_all(const array& lanes, const quantile_call& c) {
  const std::int64_t n = lanes.shape()[lanes.ndim() - 1];
  const quantile_points points = points_of(c.options.method, n, c.q, c.f.where);
  check_differences(lanes.dtype(), points, c.f);
  std::vector<std::int64_t> nth{n - 1};  // there a NaN would be
  for (const array* places : {&points.previous, &points.next}) {
    if (places->dtype() != int64) continue;  // not between
    for (std::int64_t place : places->span<const std::int64_t>()) nth.push_back(place);
  }
  std::sort(nth.begin(), nth.end());
  nth.erase(std::unique(nth.begin(), nth.end()), nth.end());
  const array sorted = selected(c.f(expr(lanes)), nth, c.f.name);
  const array previous = at_place(sorted, points.previous, c.f);
  const expr result =
      points.is_between ? interpolated(previous, at_place(sorted, points.next, c.f), points.gamma, c) : expr(previous);
  return nan_where(isnan(last_part(sorted, n - 1, n, c.f)), result, c.f);
}

expr of_numbers(const array& lanes, const quantile_call& c) {
  const array counts = count_numbers(lanes, c.f);
  const quantile_points points =
      points_of(c.options.method, c.f(expr(counts)), c.q.to(lanes.device(), c.f.where), c.f.where);
  if (!points.is_between) {
    return nan_where(counts == 0, at_places_in_order(lanes, points.previous, c.f), c.f);
  }
  const int last = lanes.ndim() - 1;
  const std::int64_t k = points.previous.shape()[last];
  const array both = at_places_in_order(lanes, concatenate({points.previous, points.next}, last, c.f.where), c.f);
  const expr result = interpolated(last_part(both, 0, k, c.f), last_part(both, k, 2 * k, c.f), points.gamma, c);
  return nan_where(counts == 0, result, c.f);
}

/// inverted_cdf of elements that weigh differently: the first one at which the running sum of weights reaches q of all.
expr of_weighted(const array& lanes, const array& weights, const quantile_call& c) {
  const folding& f = c.f;
  const int last = lanes.ndim() - 1;
  const std::int64_t n = lanes.shape()[last];
  const array order = argsort(f(expr(lanes)), -1), sorted = at_places(lanes, order, f);
  expr each = expr(at_places(weights, order, f)).astype(float64, f.where);
  if (c.skips_nan) each = where(f(isnan(sorted)), 0.0, f(each));
  const array sums = cumsum(f(each), -1), total = last_part(sums, n - 1, n, f);
  const expr is_nan = c.skips_nan ? isnan(last_part(sorted, 0, 1, f)) : isnan(last_part(sorted, n - 1, n, f));
  expr bad = isnan(f(total / total));
  if (c.skips_nan) bad = logical_and(f(bad), f(logical_not(f(is_nan))));
  if (bool(any(f(bad)))) {
    throw value_error(std::string(f.name) + ": the weights of a lane add up to 0, to infinity or to NaN", f.where);
  }
  expr reached = sums / total;
  if (is_inexact(c.q.dtype())) reached = reached.astype(c.q.dtype(), f.where);
  const array cdf = where(f(reached == 0), -1.0, f(reached)).eval(f.where);  // q = 0 is the first that weighs anything
  const array q = expand_dims(c.q.to(lanes.device(), f.where), 1);
  const expr below = sum(f(expand_dims(cdf, last) < q), -1);
  expr end = constant_of(n - 1, int64, f.where).recipe();
  if (c.skips_nan) end = maximum(count_numbers(lanes, f) - 1, 0);
  return nan_where(is_nan, at_places(sorted, minimum(f(below), f(end)).eval(f.where), f), f);
}

// ---- what is asked for

void check_fractions(quantile_call& c, const operand& given, double whole) {
  check_numbers({given->dtype()}, c.f.name, c.f.where);
  const array q = materialize(given.recipe(), given.where()).to(cpu());
  if (q.dtype().kind() == 'c') {
    throw dtype_error(std::string(c.f.name) + ": q has dtype " + q.dtype().name() + "; expected real numbers",
                      c.f.where);
  }
  const array flat = ravel(q), bad = flatnonzero(logical_not(logical_and(flat >= 0, flat <= whole)));
  if (bad.size() > 0) {
    throw value_error(
        std::string(c.f.name) + ": q = " + str(flat[item_of(bad)]) + " is not in [0, " + (whole == 1 ? "1]" : "100]"),
        c.f.where);
  }
  c.q_shape = q.shape();
  c.weak = weak_kind_of(given.recipe()) != weak_kind::none;
  c.q = whole == 1 ? flat : array(flat / whole);
  if (!is_inexact(c.q.dtype())) c.q = c.q.astype(int64);
  c.q = ascontiguousarray(c.q);
}

/// Weights along x: of its shape as they are, else those of the folded axes in the order in which these were named.
array weights_along(const operand& x, const axes& over, const quantile_call& c) {
  const caller line = c.f.where;
  if (c.options.method != quantile_method::inverted_cdf) {
    throw value_error(std::string(c.f.name) + ": weights need the method inverted_cdf", line);
  }
  array weights = materialize(c.options.weights.front(), line);
  check_numbers({weights.dtype()}, c.f.name, line);
  if (weights.dtype().kind() == 'c') {
    throw dtype_error(
        std::string(c.f.name) + ": weights have dtype " + weights.dtype().name() + "; expected real numbers", line);
  }
  if (!(weights.shape() == c.extents)) {
    if (over.every()) {
      throw dtype_error(std::string(c.f.name) + ": weights of shape " + to_string(weights.shape()) + " differ from " +
                            to_string(c.extents) + "; name the axis they belong to",
                        line);
    }
    shape expected, strides = shape::filled(c.extents.size(), 0);
    for (std::int64_t axis : over.list())
      expected.push_back(c.extents[normalize_axis(axis, x->ndim(), c.f.name, line)]);
    if (!(weights.shape() == expected)) {
      throw shape_error(std::string(c.f.name) + ": weights of shape " + to_string(weights.shape()) +
                            " do not fit the axes of extents " + to_string(expected),
                        line);
    }
    for (int i = 0; i < expected.size(); ++i) {
      strides[normalize_axis(over.list()[i], x->ndim(), c.f.name, line)] = weights.strides()[i];
    }
    weights = access::view(weights, access::data(weights), weights.dtype(), c.extents, strides);
  }
  if (bool(any(weights < 0))) throw value_error(std::string(c.f.name) + ": weights must not be negative", line);
  return weights;
}

/// The kept axes, or all with the folded ones of extent 1.
shape result_axes(const quantile_call& c, bool keepdims) {
  shape extents;
  for (int axis = 0; axis < c.extents.size(); ++axis) {
    const bool is_folded = std::binary_search(c.folded.begin(), c.folded.end(), axis);
    if (!is_folded || keepdims) extents.push_back(is_folded ? 1 : c.extents[axis]);
  }
  return extents;
}

/// (..., k), or what broadcasts to it, in a new array of q's shape and the other axes.
array placed(const expr& found, const quantile_call& c) {
  shape extents = result_axes(c, false), whole = c.q_shape;
  extents.insert(0, c.q.size());
  for (std::int64_t extent : result_axes(c, c.f.keepdims)) whole.push_back(extent);
  element_count(extents, c.f.name, c.f.where, found.dtype().itemsize());
  const array result = access::make(extents, found.dtype(), order::C, device_of(found, c.f.where), c.f.where);
  if (result.size() > 0) {
    evaluate_into(moveaxis(result, 0, -1, c.f.where), found, assign_rule::unsafe, c.f.name, c.f.where);
  }
  return reshape(result, whole, order::C, c.f.where);
}

/// Without lanes, or without elements in them: the dtype is that of a lane of one element.
expr of_nothing(const array& lanes, const quantile_call& c) {
  if (element_count(result_axes(c, false)) > 0 && c.q.size() > 0) {
    throw index_error(std::string(c.f.name) + ": lanes without elements: shape " + to_string(c.extents), c.f.where);
  }
  if (!c.options.weights.empty()) return lanes;
  return of_all(zeros({1}, {.dtype = lanes.dtype(), .device = lanes.device()}, c.f.where), c);
}

array quantiles(const char* name, const operand& x, const operand& q, const axes& over, const quantile_options& options,
                double whole, bool skips_nan) {
  quantile_call c{{name, x, over, options.keepdims}, options, {}, x->shape(), {}, {}, false, false};
  if (x->dtype().kind() == 'c') {
    throw dtype_error(std::string(name) + ": x has dtype " + x->dtype().name() + "; expected real numbers", c.f.where);
  }
  check_fractions(c, q, whole);
  c.folded = normalize_axes(over, c.extents.size(), name, c.f.where);
  c.skips_nan = skips_nan && is_inexact(x->dtype());
  const bool is_weighted = !options.weights.empty();
  const array weights = is_weighted ? weights_along(x, over, c) : array();
  if (skips_nan && x->size() == 0) {  // NumPy's has no axes of q
    const dtype type = is_inexact(x->dtype()) ? x->dtype() : dtype(float64);
    const device on = device_of(x.recipe(), c.f.where);
    return full(result_axes(c, options.keepdims), operand(std::numeric_limits<double>::quiet_NaN(), c.f.where),
                {type, order::C, on});
  }
  const array lanes = folded_last(x, c.folded, c.f);
  if (lanes.size() == 0) return placed(of_nothing(lanes, c), c);
  if (is_weighted) return placed(of_weighted(lanes, folded_last(c.f(expr(weights)), c.folded, c.f), c), c);
  return placed(c.skips_nan ? of_numbers(lanes, c) : of_all(lanes, c), c);
}

}  // namespace

#define TESSERA_QUANTILE(name, whole, skips_nan)                                                      \
  array name(const operand& x, const operand& q, const axes& over, const quantile_options& options) { \
    return quantiles(#name, x, q, over, options, whole, skips_nan);                                   \
  }
TESSERA_QUANTILE(quantile, 1, false)
TESSERA_QUANTILE(percentile, 100, false)
TESSERA_QUANTILE(nanquantile, 1, true)
TESSERA_QUANTILE(nanpercentile, 100, true)
#undef TESSERA_QUANTILE

}  // namespace tessera
