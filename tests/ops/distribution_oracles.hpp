// What random numbers are compared with: distribution functions by textbook series and continued fractions, and two tests of fit.
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace distribution_oracles {

/// P(a, x), the regularised lower incomplete gamma function: its power series below the mean, else Lentz's continued fraction.
inline double lower_gamma(double a, double x) {
  if (x <= 0) return 0;
  const double front = std::exp(-x + a * std::log(x) - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (double k = a + 1; term > sum * 1e-17; k += 1) sum += term *= x / k;
    return sum * front;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (double k = 1; k < 1e7; k += 1) {
    const double an = -k * (k - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (std::abs(d * c - 1) < 1e-16) break;
  }
  return 1 - front * h;
}

/// I_x(a, b), the regularised incomplete beta function, by Lentz's continued fraction.
inline double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(b, a, 1 - x);
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x)) / a;
  double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), h = d;
  for (double m = 1; m < 1e6; m += 1) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    h *= d * c;
    if (std::abs(d * c - 1) < 1e-16) break;
  }
  return front * h;
}

inline double normal(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

/// Kolmogorov and Smirnov's distance between sample and distribution, times sqrt(n): above 1.95 once in a thousand.
inline double distance(std::vector<double> sample, const std::function<double(double)>& below) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double worst = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double p = below(sample[i]);
    worst = std::max({worst, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  return worst * std::sqrt(n);
}

/// Pearson's sum over some 50 ranges of whole numbers that are as likely, in deviations from its mean: above 4 is once in thousands.
/// `up_to` is the probability of at most k.
inline double misfit(std::vector<double> sample, const std::function<double(double)>& up_to) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double chi2 = 0, freedom = -1, last = 0;
  auto from = sample.begin();
  for (std::size_t part = 1; part <= 50; ++part) {  // cut at sample quantiles' values: any cut will do that few share
    const bool rest = part == 50;
    const double k = sample[std::min(sample.size() - 1, part * sample.size() / 50)];
    const auto to = rest ? sample.end() : std::upper_bound(from, sample.end(), k);
    const double p = (rest ? 1 : up_to(k)) - last;
    if (n * p < 8 && !rest) continue;
    if (n * p > 0) {
      const double difference = static_cast<double>(to - from) - n * p;
      chi2 += difference * difference / (n * p);
      freedom += 1;
    }
    last += p;
    from = to;
  }
  return freedom < 1 ? std::abs(chi2) : (chi2 - freedom) / std::sqrt(2 * freedom);
}

}  // namespace distribution_oracles
