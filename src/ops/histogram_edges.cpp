// Where bins begin and end: NumPy's equal bins, rules for their width, and given edges.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/access.hpp"
#include "core/half.hpp"
#include "expr/evaluate.hpp"
#include "ops/histogram_parts.hpp"
#include "ops/index.hpp"
#include "ops/lanes.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/evaluate.hpp"
#include "tessera/joining.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

/// x as a number of a floating dtype.
double rounded_to(dtype type, double x) {
  if (type == float32) return static_cast<double>(static_cast<float>(x));
  if (type == float16) return static_cast<double>(float16_t(x));
  if (type == bfloat16) return static_cast<double>(bfloat16_t(x));
  return x;
}

/// From where to where, and the dtype that NumPy computes with these numbers in.
struct span_of_bins {
  double low, high;
  double distance;  // high - low, exact where both were integers
  dtype computed;
};

/// The smallest and largest of at least one element.
span_of_bins extremes(const array& elements, const histogram_call& call) {
  const dtype type = elements.dtype();
  if (!is_inexact(type)) {
    const auto [low, high] = bounds_of(elements, call.where);
    const auto from = static_cast<std::uint64_t>(low), to = static_cast<std::uint64_t>(high);
    const auto distance = static_cast<double>(to - from);
    if (type == uint64) return {static_cast<double>(from), static_cast<double>(to), distance, float64};
    return {static_cast<double>(low), static_cast<double>(high), distance, float64};
  }
  const auto [least, most] = eval(min(call(elements)), max(call(elements)));
  const double low = least.item<double>(), high = most.item<double>();
  return {low, high, rounded_to(type, high - low), type};
}

span_of_bins span_for(const array& elements, const bin_range& range, const histogram_call& call) {
  span_of_bins span{0, 1, 1, float64};
  if (range.is_given) {
    span = {range.low, range.high, range.high - range.low, float64};
    if (range.low > range.high) {
      throw value_error(fmt::format("{}: range ({}, {}) descends", call.name, range.low, range.high), call.where);
    }
  } else if (elements.size() > 0) {
    span = extremes(elements, call);
  }
  if (!std::isfinite(span.low) || !std::isfinite(span.high)) {
    throw value_error(
        range.is_given ? fmt::format("{}: range ({}, {}) is not finite", call.name, span.low, span.high)
                       : fmt::format("{}: x goes from {} to {}, which is not finite; a range leaves such elements out",
                                     call.name, span.low, span.high),
        call.where);
  }
  if (span.low == span.high && span.distance == 0) {
    const dtype type = span.computed;
    span.low = rounded_to(type, span.low - 0.5);
    span.high = rounded_to(type, span.high + 0.5);
    span.distance = rounded_to(type, span.high - span.low);
  }
  return span;
}

/// numpy.linspace(low, high, bins + 1) in span.computed, as `type`, on the host.
array equal_edges(const span_of_bins& span, std::int64_t bins, dtype type, const histogram_call& call) {
  const caller where = call.where;
  const auto number_of = [&](double x) { return full({}, call(expr(x)), {.dtype = span.computed, .device = cpu()}); };
  const array low = number_of(span.low), high = number_of(span.high);
  const array distance = array(subtract(call(high), call(low)), where);
  const array step = array(divide(call(distance), call(expr(bins))), where);
  const expr counted = arange(bins + 1, {.dtype = span.computed, .device = cpu()}, where);
  const expr scaled = step.item<double>() == 0 ? multiply(call(divide(call(counted), call(expr(bins)))), call(distance))
                                               : multiply(call(counted), call(step));
  array edges = array(add(call(scaled), call(low)), where);
  edges(-1) = high;
  edges = edges.astype(type);
  if (any(call(edges(slice(none, -1)) >= edges(slice(1, none)))).item<bool>()) {
    throw value_error(fmt::format("{}: {} bins between {} and {} are too narrow for {}", call.name, bins, span.low,
                                  span.high, type.name()),
                      where);
  }
  return edges;
}

// ---- rules for the width of bins; 0 stands for one bin

/// The distance of the quartiles.
double interquartile_range(const array& elements, const histogram_call& call) {
  const std::int64_t n = elements.size();
  double part[2];
  std::vector<std::int64_t> neighbours, places;
  for (int k = 0; k < 2; ++k) {
    const double place = (k == 0 ? 0.25 : 0.75) * static_cast<double>(n - 1);
    const auto below = static_cast<std::int64_t>(place);
    part[k] = place - static_cast<double>(below);
    for (const std::int64_t at : {below, std::min(below + 1, n - 1)}) {
      neighbours.push_back(at);
      if (places.empty() || places.back() < at) places.push_back(at);
    }
  }
  const array partly_sorted = selected(call(elements), places, call.name);
  const array wanted = from_range(neighbours, {.device = elements.device()}, call.where);
  const array picked = take_slices(partly_sorted, wanted, 0, call.where).astype(float64).to(cpu());
  const double* const at = static_cast<const double*>(picked.data());
  const auto quartile = [&](int k) {  // NumPy's lerp
    const double low = at[2 * k], high = at[2 * k + 1], t = part[k];
    const double step = rounded_to(elements.dtype(), high - low);
    return t < 0.5 ? low + step * t : high - step * (1 - t);
  };
  return quartile(1) - quartile(0);
}

double doane_width(const array& x, double distance, const histogram_call& call) {
  if (x.size() <= 2) return 0;
  const auto n = static_cast<double>(x.size());
  const double spread = std::sqrt(6.0 * (n - 2) / ((n + 1.0) * (n + 3)));
  const array sigma = array(stddev(call(x)), call.where);
  if (!(sigma.item<double>() > 0)) return 0;
  const expr scaled = divide(call(subtract(call(x), call(array(mean(call(x)), call.where)))), call(sigma));
  const double skew = mean(call(multiply(call(square(call(scaled))), call(scaled)))).item<double>();
  return distance / (1.0 + std::log2(n) + std::log2(1.0 + std::abs(skew) / spread));
}

/// Of 1, 2, … equal bins the number for which an estimate of the error, leaving one out, is the least.
double stone_width(const array& x, double distance, const span_of_bins& span, const histogram_call& call) {
  const std::int64_t n = x.size();
  if (n <= 1 || distance == 0) return 0;
  const dtype type = edge_dtype(x.dtype());
  const auto most = std::max<std::int64_t>(100, static_cast<std::int64_t>(std::sqrt(static_cast<double>(n))));
  std::vector<array> squares;
  for (std::int64_t bins = 1; bins <= most; ++bins) {
    const array edges = equal_edges(span, bins, type, call).to(x.device());
    const expr share = divide(call(count_between(x, {edges, false, true}, {}, call)), call(expr(n)));
    squares.push_back(array(sum(call(square(call(share)))), call.where));
  }
  const array on_host = stack(squares, 0, call.where).to(cpu());
  const double* const square_of = static_cast<const double*>(on_host.data());
  double best = 0, least = 0;
  for (std::int64_t bins = 1; bins <= most; ++bins) {
    const double width = rounded_to(type, distance / static_cast<double>(bins));
    const double error = (2 - static_cast<double>(n + 1) * square_of[bins - 1]) / width;
    if (bins > 1 && !(error < least)) continue;
    best = width;
    least = error;
  }
  return best;
}

/// Whether NumPy's width has x's dtype, not float64.
bool has_width_of_x(bin_rule rule) {
  return rule == bin_rule::rice || rule == bin_rule::scott || rule == bin_rule::stone;
}

double width_by(bin_rule rule, const array& x, const span_of_bins& span, const histogram_call& call) {
  const auto n = static_cast<double>(x.size());
  const double distance = extremes(x, call).distance;
  const auto root_width = [&] { return distance / std::sqrt(n); };
  const auto sturges_width = [&] { return distance / (std::log2(n) + 1.0); };
  const auto fd_width = [&] { return 2.0 * interquartile_range(x, call) * std::pow(n, -1.0 / 3.0); };
  switch (rule) {
    case bin_rule::sqrt: return root_width();
    case bin_rule::sturges: return sturges_width();
    case bin_rule::rice: return distance / (2.0 * std::pow(n, 1.0 / 3.0));
    case bin_rule::scott: {
      const double factor = std::pow(24.0 * std::sqrt(3.141592653589793) / n, 1.0 / 3.0);
      return factor * stddev(call(x)).item<double>();
    }
    case bin_rule::stone: return stone_width(x, distance, span, call);
    case bin_rule::doane: return doane_width(x, distance, call);
    case bin_rule::fd: return fd_width();
    case bin_rule::automatic: return std::min(std::max(fd_width(), root_width() / 2), sturges_width());
  }
  return 0;
}

std::int64_t bins_by(bin_rule rule, array x, const span_of_bins& span, const bin_range& range,
                     const histogram_call& call) {
  if (range.is_given) {
    const expr inside = logical_and(call(greater_equal(call(x), range.low)), call(less_equal(call(x), range.high)));
    x = array(x[call(inside)], call.where);
  }
  if (x.size() == 0) return 1;
  const dtype type = has_width_of_x(rule) ? edge_dtype(x.dtype()) : float64;
  double width = rounded_to(type, width_by(rule, x, span, call));
  if (!(width != 0)) return 1;
  if (!is_inexact(x.dtype())) width = std::max(width, 1.0);
  double bins = span.distance / width;
  if (span.computed == type) bins = rounded_to(type, bins);
  bins = std::ceil(bins);
  if (!(bins < 0x1p62)) {
    throw value_error(fmt::format("{}: the rule asks for {} bins", call.name, bins), call.where);
  }
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(bins));
}

// ---- given edges

edge_list given_edges(const expr& given, const array& elements, const std::string& name, const histogram_call& call) {
  check_numbers({given.dtype()}, name.c_str(), call.where);
  if (given.ndim() != 1) {
    throw value_error(fmt::format("{} has shape {}; expected one axis", name, to_string(given.shape())), call.where);
  }
  if (given.dtype().kind() == 'c') {
    throw dtype_error(fmt::format("{}: edges of {} have no order", name, given.dtype().name()), call.where);
  }
  const array edges = beside(elements, materialize(given, call.where), call.name, call.where);
  if (edges.size() == 0) return {edges, false, false};
  const array before = edges(slice(none, -1)), after = edges(slice(1, none));
  const auto [falls, nan] = eval(any(call(before > after)), any(call(isnan(call(edges)))));
  if (falls.item<bool>()) throw value_error(name + " descends; edges ascend", call.where);
  return {edges, nan.item<bool>(), false};
}

}  // namespace

dtype edge_dtype(dtype elements) { return is_inexact(elements) ? elements : float64; }

edge_list edges_for(const array& elements, const binning& bins, const bin_range& range, bool weighted, dtype type,
                    int axis, const histogram_call& call) {
  const std::string name = std::string(call.name) + (axis < 0 ? ": bins" : fmt::format(": bins {}", axis));
  if (!bins.edges.empty()) return given_edges(bins.edges[0], elements, name, call);
  std::int64_t count = bins.count;
  if (bins.rule && weighted) throw dtype_error(name + ": a rule takes no weights", call.where);
  if (!bins.rule && count < 1) {
    throw value_error(fmt::format("{}: {} of them; expected at least one", name, count), call.where);
  }
  const span_of_bins span = span_for(elements, range, call);
  if (bins.rule) count = bins_by(*bins.rule, elements, span, range, call);
  return {equal_edges(span, count, type, call).to(elements.device()), false, true};
}

}  // namespace tessera::detail

namespace tessera {

bin_rule binning::rule_of(std::string_view name, caller where) {
  constexpr std::pair<std::string_view, bin_rule> names[] = {
      {"auto", bin_rule::automatic}, {"fd", bin_rule::fd},     {"doane", bin_rule::doane},
      {"scott", bin_rule::scott},    {"rice", bin_rule::rice}, {"sturges", bin_rule::sturges},
      {"stone", bin_rule::stone},    {"sqrt", bin_rule::sqrt}};
  for (const auto& [known, rule] : names) {
    if (known == name) return rule;
  }
  throw value_error(
      fmt::format("histogram: '{}' is not a rule for bins: auto, fd, doane, scott, stone, rice, sturges, sqrt", name),
      where);
}

}  // namespace tessera
