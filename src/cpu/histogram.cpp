// Histograms: counts or sums of weights of what lies in each bin.
#include <algorithm>

#include "cpu/kernels/element.hpp"
#include "cpu/lanes.hpp"
#include "cpu/sort.hpp"

namespace tessera::detail::cpu {
namespace {

/// The bin of x, or -1.
template <class T> std::int64_t bin_of(const histogram_plan& plan, T x) {
  if constexpr (std::floating_point<T>) {
    const T* const edges = reinterpret_cast<const T*>(plan.edges);
    if (!(x >= edges[0] && x <= edges[plan.bins])) return -1;
    return std::min<std::int64_t>(std::upper_bound(edges, edges + plan.bins + 1, x) - edges, plan.bins) - 1;
  } else {
    return x;
  }
}

template <class T, class Weight> void add_up(const histogram_plan& plan) {
  Weight* const out = reinterpret_cast<Weight*>(plan.out);
  for (std::int64_t i = 0; i < count_of(plan.extents); ++i) {
    const std::int64_t bin =
        bin_of(plan, load<T>(plan.values.data + offset_at(plan.extents, plan.values.strides, i), 0));
    if (bin < 0) continue;
    if constexpr (std::integral<Weight>) {
      ++out[bin];
    } else {
      const auto weight = load<Weight>(plan.weights.data + offset_at(plan.extents, plan.weights.strides, i), 0);
      if constexpr (std::floating_point<Weight>) out[bin] += weight;
      else out[bin] = {out[bin].re + weight.re, out[bin].im + weight.im};
    }
  }
}

}  // namespace

void histogram(const histogram_plan& plan) {
  const auto with = [&]<class T>() {
    if (!plan.weights.data) add_up<T, std::int64_t>(plan);
    else if (plan.weights.type == float64) add_up<T, double>(plan);
    else add_up<T, complex_value<double>>(plan);
  };
  if (!plan.edges) with.template operator()<std::int64_t>();
  else if (plan.values.type == float32) with.template operator()<float>();
  else with.template operator()<double>();
}

}  // namespace tessera::detail::cpu
