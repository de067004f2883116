// Means, quantiles and the test that tells two sets of times apart.
#pragma once
#include <span>
#include <vector>

namespace bench {

/// Of those that are known (text.hpp); 0 without any.
double geometric_mean(std::span<const double> values);

/// The value below which the part `at` of the values lies, between neighbours in proportion (as numpy.quantile); 0 of
/// none.
double quantile(std::vector<double> values, double at);

struct rank_test {
  double u = 0;  ///< pairs in which the first sample's value is the larger one; ties count a half
  double p = 1;  ///< of a U at least as far from its middle, were both samples drawn alike
};

/// The two-sided test of Mann and Whitney, as scipy.stats.mannwhitneyu: exact without ties when a sample has at most 8
/// values, else by the normal approximation, corrected for ties and continuity. p is 1 when a sample is empty.
rank_test mann_whitney(std::span<const double> first, std::span<const double> second);

/// The p of samples of so many values without ties that lie wholly apart: less than that the test cannot give.
double least_p(std::size_t first, std::size_t second);

/// p-values as they are to be compared with the share of false discoveries that is allowed (Benjamini and Hochberg,
/// 1995), in the order given.
std::vector<double> false_discovery_adjusted(std::span<const double> p);

}  // namespace bench
