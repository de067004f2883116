// Where the quantiles of n sorted elements lie, by the formulas of Hyndman and Fan and NumPy's own, in q's dtype.
//
//     v = n q + (alpha + q (1 - alpha - beta)) - 1     previous = floor(v), next = previous + 1, gamma = v - previous
//
// Source   R. J. Hyndman, Y. Fan, Sample Quantiles in Statistical Packages, The American Statistician 50, 1996.
#include "ops/quantile_parts.hpp"

namespace tessera::detail {

namespace {

/// n elements, the last of which has the place `last`: operands of q's dtype, or C++ numbers, which are weak.
struct lane_size {
  operand n, last;
};

expr interpolated(const lane_size& lane, const array& q, double alpha, double beta) {
  return lane.n * q + (alpha + q * (1 - alpha - beta)) - 1;
}

/// Where elements are picked: place `index` rounded down where `at_place`, up elsewhere.
expr rounded(const expr& index, const expr& at_place) { return where(at_place, floor(index), floor(index) + 1); }

expr picked_place(quantile_method method, const lane_size& lane, const array& q) {
  switch (method) {
    case quantile_method::inverted_cdf: {
      const expr index = lane.n * q - 1;
      return rounded(index, index - floor(index) == 0);
    }
    case quantile_method::closest_observation: {
      const expr index = lane.n * q - 1 - 0.5;
      return rounded(index, logical_and(index - floor(index) == 0, floor(index) % 2 == 1));
    }
    case quantile_method::lower: return floor(lane.last * q);
    case quantile_method::higher: return ceil(lane.last * q);
    case quantile_method::nearest: return rint(lane.last * q);
    default: return lane.last * q;  // linear of integers
  }
}

expr place_between(quantile_method method, const lane_size& lane, const array& q) {
  switch (method) {
    case quantile_method::averaged_inverted_cdf: return lane.n * q - 1;
    case quantile_method::interpolated_inverted_cdf: return interpolated(lane, q, 0, 1);
    case quantile_method::hazen: return interpolated(lane, q, 0.5, 0.5);
    case quantile_method::weibull: return interpolated(lane, q, 0, 0);
    case quantile_method::median_unbiased: return interpolated(lane, q, 1 / 3.0, 1 / 3.0);
    case quantile_method::normal_unbiased: return interpolated(lane, q, 3 / 8.0, 3 / 8.0);
    case quantile_method::midpoint: return 0.5 * (floor(lane.last * q) + ceil(lane.last * q));
    default: return lane.last * q;
  }
}

bool picks_elements(quantile_method method, dtype q) {
  switch (method) {
    case quantile_method::inverted_cdf:
    case quantile_method::closest_observation:
    case quantile_method::lower:
    case quantile_method::higher:
    case quantile_method::nearest: return true;
    case quantile_method::linear: return !is_inexact(q);
    default: return false;
  }
}

/// Beyond an end, gamma is the distance to a place that means that end, -1 or 0: NumPy's; the sign of a zero shows it.
expr gamma_of(quantile_method method, const expr& v, const expr& previous) {
  const expr gamma = v - previous;
  if (method == quantile_method::averaged_inverted_cdf) return where(gamma == 0, 0.5, 1.0);
  if (method == quantile_method::midpoint) return where(v % 1 == 0, 0.0, 0.5);
  return gamma;
}

}  // namespace

quantile_points points_of(quantile_method method, const operand& count, const array& q, caller line) {
  const bool is_number = count->ndim() == 0;
  const auto as_q = [&](const expr& n) { return is_number ? n : n.astype(q.dtype(), line); };
  const expr last_place = is_number ? expr(count->item<std::int64_t>() - 1) : expr(count.recipe() - 1);
  const lane_size lane{as_q(count.recipe()), as_q(last_place)};
  const auto in_bounds = [&](const expr& place) {
    return maximum(minimum(place.astype(int64, line), last_place), 0).eval(line);
  };
  if (picks_elements(method, q.dtype())) return {in_bounds(picked_place(method, lane, q)), {}, {}, false};
  const array v = place_between(method, lane, q).eval(line);
  const expr is_above = v >= lane.last, is_below = v < 0;
  const expr previous = where(is_below, 0, where(is_above, -1, floor(v).astype(int64, line)));
  quantile_points points;
  points.is_between = true;
  points.gamma = gamma_of(method, v, previous).astype(v.dtype(), line).eval(line);
  points.previous = in_bounds(where(is_above, last_place, previous));
  points.next = in_bounds(where(is_below, 0, where(is_above, last_place, previous + 1)));
  return points;
}

}  // namespace tessera::detail
