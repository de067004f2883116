// Histograms of samples with several coordinates: each coordinate's places, joined to one place of a flat histogram.
#include "core/access.hpp"
#include "expr/evaluate.hpp"
#include "ops/histogram_parts.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/joining.hpp"
#include "tessera/reduce.hpp"
#include "tessera/scan.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// The dtype of numpy.linspace between elements or numbers.
dtype linspace_dtype(dtype elements, const bin_range& range) { return range.is_given ? float64 : edge_dtype(elements); }

const binning& binning_of(const binnings& bins, std::size_t axis) { return bins.list[bins.every ? 0 : axis]; }

histogramdd_result count_samples(const std::vector<array>& coordinates, const binnings& bins,
                                 const histogramdd_options& options, const histogram_call& call) {
  const std::size_t axes = coordinates.size();
  if (!bins.every && bins.list.size() != axes) {
    throw value_error(std::string(call.name) + ": " + std::to_string(bins.list.size()) + " binnings for samples of " +
                          std::to_string(axes) + " coordinates",
                      call.where);
  }
  if (!options.range.empty() && options.range.size() != axes) {
    throw value_error(std::string(call.name) + ": " + std::to_string(options.range.size()) + " ranges for samples of " +
                          std::to_string(axes) + " coordinates",
                      call.where);
  }
  const array& first = coordinates[0];
  const std::optional<array> weights = flat_weights(options.weights, first.shape(), first.device(), call);
  check_real_weights(options.weights, call);
  histogramdd_result result;
  shape extents;
  for (std::size_t k = 0; k < axes; ++k) {
    const binning& by = binning_of(bins, k);
    if (by.rule) throw value_error(std::string(call.name) + ": takes no rules for bins", call.where);
    const bin_range range = options.range.empty() ? bin_range() : options.range[k];
    const dtype type = linspace_dtype(coordinates[k].dtype(), range);
    result.edges.push_back(edges_for(coordinates[k], by, range, false, type, static_cast<int>(k), call).edges);
    extents.push_back(std::max<std::int64_t>(0, result.edges.back().size() - 1));
  }
  const array counts = [&] {
    const array none_counted = zeros(extents, {.dtype = float64, .device = first.device()}, call.where);
    if (none_counted.size() == 0 || first.size() == 0) return none_counted;
    expr place = 0, inside = true;
    for (std::size_t k = 0; k < axes; ++k) {
      const array along(places_among(coordinates[k], result.edges[k], call), call.where);
      inside = logical_and(call(inside), call(greater_equal(call(along), 0)));
      place = add(call(multiply(call(place), call(expr(extents[static_cast<int>(k)])))), call(along));
    }
    const array places(where(call(inside), call(place), -1), call.where);
    return reshape(count_places(places, weights, none_counted.size(), call).astype(float64), extents, order::C,
                   call.where);
  }();
  result.counts = counts;
  if (options.density) {
    expr density = counts;
    for (std::size_t k = 0; k < axes; ++k) {
      shape along = shape::filled(static_cast<int>(axes), 1);
      along[static_cast<int>(k)] = extents[static_cast<int>(k)];
      density = divide(call(density),
                       call(reshape(array(diff(call(result.edges[k])), call.where), along, order::C, call.where)));
    }
    result.counts = array(divide(call(density), call(array(sum(call(counts)), call.where))), call.where);
  }
  return result;
}

}  // namespace

histogramdd_result histogramdd(const operand& x, const binnings& bins, const histogramdd_options& options) {
  const histogram_call call{"histogramdd", x.where()};
  array samples = materialize(x.recipe(), call.where);
  if (samples.ndim() < 2) samples = reshape(samples, {samples.size(), 1}, order::C, call.where);
  if (samples.ndim() != 2 || samples.shape()[1] == 0) {
    throw value_error("histogramdd: samples of shape " + to_string(x->shape()) + "; expected (samples, coordinates)",
                      call.where);
  }
  std::vector<array> coordinates;
  for (std::int64_t k = 0; k < samples.shape()[1]; ++k) coordinates.push_back(flat_elements(samples(all, k), call));
  return count_samples(coordinates, bins, options, call);
}

histogram2d_result histogram2d(const operand& x, const operand& y, const binnings& bins,
                               const histogramdd_options& options) {
  const histogram_call call{"histogram2d", x.where()};
  if (x->ndim() != 1 || !(x->shape() == y->shape())) {
    throw shape_error("histogram2d: x of shape " + to_string(x->shape()) + " and y of shape " + to_string(y->shape()) +
                          "; expected vectors of one length",
                      call.where);
  }
  check_numbers({x->dtype(), y->dtype()}, call.name, call.where);
  const dtype type = result_type(x->dtype(), y->dtype());  // as numpy.histogramdd of both
  const std::vector<array> coordinates = {flat_elements(astype(x, type), call), flat_elements(astype(y, type), call)};
  if (coordinates[0].device() != coordinates[1].device()) {
    throw_devices(coordinates[0].device(), coordinates[1].device(), call.name, call.where);
  }
  histogramdd_result found = count_samples(coordinates, bins, options, call);
  return {found.counts, found.edges[0], found.edges[1]};
}

}  // namespace tessera
