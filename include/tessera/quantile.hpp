// Quantiles: elements at fractions of the order of each lane, and between two of them by any of NumPy's methods.
#pragma once
#include "array.hpp"
#include "reduce.hpp"

namespace tessera {

/// What stands at a fraction q of n sorted elements (as numpy.quantile). Of the first group the last two average or move
/// between neighbours, its others pick an element; the second group interpolates; the third goes from linear's place to a neighbour.
enum class quantile_method {
  inverted_cdf,
  closest_observation,
  averaged_inverted_cdf,
  interpolated_inverted_cdf,
  hazen,
  weibull,
  linear,
  median_unbiased,
  normal_unbiased,
  lower,
  higher,
  midpoint,
  nearest
};
struct quantile_options {
  quantile_method method = quantile_method::linear;
  std::vector<expr> weights = {};  // none or one, x's shape or that of the axes; inverted_cdf only
  detail::flag keepdims = false;
};

// The templates lose to the options, as in reduce.hpp.
#define TESSERA_QUANTILE(name)                                                                                   \
  TESSERA_API array name(const operand& x, const operand& q, const axes& over, const quantile_options& options); \
  inline array name(const operand& x, const operand& q, const quantile_options& options) {                       \
    return name(x, q, axes(), options);                                                                          \
  }                                                                                                              \
  template <int = 0> array name(const operand& x, const operand& q, const axes& over = {}) {                     \
    return name(x, q, over, quantile_options());                                                                 \
  }

/// The q-quantiles over the axes, all by default: q's shape, then the axes that are left. q is read on the host. A C++ number
/// leaves float32 float32, an array of q promotes; methods that pick elements keep x's dtype. A lane with a NaN gives NaN.
/// Throws value_error for q outside [0, 1], negative weights and such that add up to 0, NaN or infinity, or with another
/// method; index_error for lanes without elements, dtype_error for complex numbers, and for bool between elements.
TESSERA_QUANTILE(quantile)
/// quantile(x, q / 100).
TESSERA_QUANTILE(percentile)
/// As if NaN were not there; NaN where nothing else is.
TESSERA_QUANTILE(nanquantile)
TESSERA_QUANTILE(nanpercentile)

#undef TESSERA_QUANTILE

}  // namespace tessera
