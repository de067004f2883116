// Histograms: bincount, digitize, histogram; their edges are histogram_edges.cpp's.
#include "tessera/histogram.hpp"

#include <algorithm>

#include "backend.hpp"
#include "core/access.hpp"
#include "expr/evaluate.hpp"
#include "ops/histogram_parts.hpp"
#include "ops/index.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/evaluate.hpp"
#include "tessera/reduce.hpp"
#include "tessera/scan.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace detail {

namespace {

array run_histogram(histogram_plan plan, const array& values, const std::optional<array>& weights,
                    const histogram_call& call) {
  dtype type = int64;
  std::optional<array> addends;
  if (weights) {
    type = weights->dtype().kind() == 'c' ? complex128 : float64;
    addends = materialize(astype(call(*weights), type), call.where);
    plan.weights = {access::data(*addends), type, addends->strides()};
  }
  array out = zeros({plan.bins}, {.dtype = type, .device = values.device()}, call.where);
  if (plan.bins == 0 || values.size() == 0) return out;
  plan.extents = values.shape();
  plan.values = {access::data(values), values.dtype(), values.strides()};
  plan.out = access::data(out);
  backend_of(values.device()).histogram(plan);
  return out;
}

}  // namespace

void check_order(dtype type, const histogram_call& call) {
  check_numbers({type}, call.name, call.where);
  if (type.kind() != 'c') return;
  throw dtype_error(std::string(call.name) + ": " + type.name() + " has no order that bins could follow", call.where);
}

void check_real_weights(const std::vector<expr>& weights, const histogram_call& call) {
  if (weights.empty() || can_cast(weights[0].dtype(), float64, casting::safe)) return;
  throw dtype_error(std::string(call.name) + ": weights must cast to float64 safely, not " + weights[0].dtype().name(),
                    call.where);
}

array flat_elements(const expr& x, const histogram_call& call) {
  check_order(x.dtype(), call);
  const array elements = ravel(materialize(x, call.where), order::C, call.where);
  return elements.dtype() == bool_ ? elements.astype(uint8) : elements;
}

std::optional<array> flat_weights(const std::vector<expr>& weights, const shape& extents, tessera::device on,
                                  const histogram_call& call) {
  if (weights.empty()) return {};
  check_numbers({weights[0].dtype()}, call.name, call.where);
  if (!(weights[0].shape() == extents)) {
    throw shape_error(std::string(call.name) + ": weights of shape " + to_string(weights[0].shape()) +
                          " for x of shape " + to_string(extents) + "; expected one for each element",
                      call.where);
  }
  array flat = ravel(materialize(weights[0], call.where), order::C, call.where);
  if (flat.device() != on) throw_devices(on, flat.device(), call.name, call.where);
  return flat;
}

expr places_among(const array& elements, const array& edges, const histogram_call& call) {
  const std::int64_t bins = edges.size() - 1;
  const array first = edges(slice(none, bins)), last = edges(slice(bins, none));
  const array from_left = searchsorted(call(first), call(elements), {.side = side::right});
  const array beyond = searchsorted(call(last), call(elements));
  return where(call(beyond == 0), call(from_left - 1), -1);
}

array count_places(const array& places, const std::optional<array>& weights, std::int64_t bins,
                   const histogram_call& call) {
  histogram_plan plan;
  plan.bins = bins;
  return run_histogram(plan, places, weights, call);
}

array count_between(const array& elements, const edge_list& by, const std::optional<array>& weights,
                    const histogram_call& call) {
  const std::int64_t bins = std::max<std::int64_t>(0, by.edges.size() - 1);
  dtype type = result_type(elements.dtype(), by.edges.dtype());
  if (!is_inexact(type) && type.itemsize() < 8) type = float64;
  if (type == float16 || type == bfloat16) type = float32;
  if (bins > 0 && (by.has_nan || (type != float32 && type != float64))) {
    return count_places(array(places_among(elements, by.edges, call), call.where), weights, bins, call);
  }
  histogram_plan plan;
  plan.bins = bins;
  plan.uniform = by.equal;
  const array edges = by.edges.astype(type, order::C), values = materialize(astype(call(elements), type), call.where);
  plan.edges = access::data(edges);
  return run_histogram(plan, values, weights, call);
}

}  // namespace detail

namespace {

/// Counts of x up to its largest element.
array count_all(const array& x, const std::optional<array>& weights, std::int64_t least, dtype given,
                const histogram_call& call) {
  if (!weights && least > 0) {  // most often minlength is enough: then one pass is, too
    array counts = count_places(x, {}, least, call);
    if (sum(call(counts)).item<std::int64_t>() == x.size()) return counts;
  }
  const auto [smallest, largest] = bounds_of(x, call.where);
  if (smallest < 0) {
    if (given == uint64) throw value_error("bincount: x has elements that int64 cannot hold", call.where);
    throw value_error("bincount: x has negative elements, the smallest is " + std::to_string(smallest), call.where);
  }
  if (largest == std::numeric_limits<std::int64_t>::max()) {
    throw value_error(
        "bincount: the largest element, " + std::to_string(largest) + ", needs more bins than 64 bits count",
        call.where);
  }
  return count_places(x, weights, std::max(largest + 1, least), call);
}

}  // namespace

array bincount(const operand& x, const bincount_options& options) {
  const histogram_call call{"bincount", x.where()};
  check_numbers({x->dtype()}, call.name, call.where);
  if (x->ndim() != 1) {
    throw value_error("bincount: x has shape " + to_string(x->shape()) + "; expected one axis", call.where);
  }
  if (is_inexact(x->dtype())) {
    throw dtype_error(std::string("bincount: integers expected, not ") + x->dtype().name(), call.where);
  }
  if (options.minlength < 0) {
    throw value_error("bincount: minlength must not be negative, not " + std::to_string(options.minlength), call.where);
  }
  const array values = materialize(astype(x, int64), call.where);
  check_real_weights(options.weights, call);
  const std::optional<array> weights = flat_weights(options.weights, values.shape(), values.device(), call);
  if (values.size() == 0) return zeros({options.minlength}, {.dtype = int64, .device = values.device()}, call.where);
  return count_all(values, weights, options.minlength, x->dtype(), call);
}

array digitize(const operand& x, const operand& bins, const digitize_options& options) {
  const histogram_call call{"digitize", x.where()};
  check_numbers({x->dtype(), bins->dtype()}, call.name, call.where);
  if (bins->ndim() != 1) {
    throw value_error("digitize: bins has shape " + to_string(bins->shape()) + "; expected one axis", call.where);
  }
  check_order(x->dtype(), call);
  check_order(bins->dtype(), call);
  const array elements = materialize(x.recipe(), call.where);
  const array edges = beside(elements, materialize(bins.recipe(), call.where), call.name, call.where);
  const std::int64_t count = edges.size();
  const search_options how{.side = options.right ? side::left : side::right};
  if (count < 2) return searchsorted(call(edges), call(elements), how);
  const array before = edges(slice(none, -1)), after = edges(slice(1, none));
  const auto [rises, falls] = eval(any(call(before < after)), any(call(before > after)));
  if (!falls.item<bool>()) return searchsorted(call(edges), call(elements), how);
  if (rises.item<bool>()) {
    throw value_error("digitize: bins neither ascend nor descend; sort() puts them in order", call.where);
  }
  const array reversed = edges(slice(none, none, -1));
  return array(subtract(call(expr(count)), call(searchsorted(call(reversed), call(elements), how))), call.where);
}

histogram_result histogram(const operand& x, const binning& bins, const histogram_options& options) {
  const histogram_call call{"histogram", x.where()};
  const array elements = flat_elements(x.recipe(), call);
  const std::optional<array> weights = flat_weights(options.weights, x->shape(), elements.device(), call);
  const edge_list by =
      edges_for(elements, bins, options.range, weights.has_value(), edge_dtype(elements.dtype()), -1, call);
  array counts = count_between(elements, by, weights, call);
  if (weights && counts.dtype() != weights->dtype()) counts = counts.astype(weights->dtype());
  if (options.density) {
    const expr widths = astype(call(diff(call(by.edges))), float64);
    counts = array(divide(call(divide(call(counts), call(widths))), call(sum(call(counts)))), call.where);
  }
  return {counts, by.edges};
}

array histogram_bin_edges(const operand& x, const binning& bins, const bin_edges_options& options) {
  const histogram_call call{"histogram_bin_edges", x.where()};
  const array elements = flat_elements(x.recipe(), call);
  return edges_for(elements, bins, options.range, false, edge_dtype(elements.dtype()), -1, call).edges;
}

}  // namespace tessera
