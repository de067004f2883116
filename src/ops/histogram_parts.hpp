// What histograms are made of: elements and weights as vectors, edges, places among them, the backend's verb.
#pragma once
#include "ops/reduce_parts.hpp"
#include "tessera/histogram.hpp"

namespace tessera::detail {

/// Who is working, for messages, and where.
struct histogram_call {
  const char* name;
  caller where;
  /// Recipes as operands of this line.
  operand operator()(const expr& x) const { return {x, where}; }
};

/// Throws dtype_error for complex numbers, which have no order.
void check_order(dtype type, const histogram_call& call);
/// Throws dtype_error unless weights, if there are any, cast to float64 safely.
void check_real_weights(const std::vector<expr>& weights, const histogram_call& call);
/// x flattened in C order, bool as uint8. Throws as check_order.
array flat_elements(const expr& x, const histogram_call& call);
/// The only weights, flattened, or none. Throws shape_error unless they have the shape of x, device_error unless they
/// lie beside it.
std::optional<array> flat_weights(const std::vector<expr>& weights, const shape& extents, tessera::device on,
                                  const histogram_call& call);

/// Edges where `elements` (flat) are; the given ones as they are, and whether NaN is among them.
struct edge_list {
  array edges;
  bool has_nan = false, equal = false;  // equal bins
};
/// Throws as histogram does. `axis` says which binning of several is meant, in messages; -1: the only one.
edge_list edges_for(const array& elements, const binning& bins, const bin_range& range, bool weighted, dtype equal_type,
                    int axis, const histogram_call& call);
/// The dtype of equal bins over these elements: theirs where they are floating, else float64.
dtype edge_dtype(dtype elements);

/// The bin of each element, -1 where it is in none; at least two edges. NaN is above all numbers.
expr places_among(const array& elements, const array& edges, const histogram_call& call);

/// How many places of [0, bins) there are of each kind, or the sum of their weights: int64, float64 or complex128.
array count_places(const array& places, const std::optional<array>& weights, std::int64_t bins,
                   const histogram_call& call);
/// The same of elements between edges.
array count_between(const array& elements, const edge_list& by, const std::optional<array>& weights,
                    const histogram_call& call);

}  // namespace tessera::detail
