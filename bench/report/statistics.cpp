// Means, quantiles and the test that tells two sets of times apart.
#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "text.hpp"

namespace bench {
namespace {

/// Twice the sum of the first sample's ranks, and the sum of t³ - t over groups of t equal values.
struct ranks {
  std::int64_t twice_sum = 0;
  double ties = 0;
};

ranks ranked(std::span<const double> first, std::span<const double> second) {
  struct value {
    double value;
    bool is_first;
  };
  std::vector<value> all;
  for (const double x : first) all.push_back({x, true});
  for (const double x : second) all.push_back({x, false});
  std::sort(all.begin(), all.end(), [](const value& a, const value& b) { return a.value < b.value; });
  ranks result;
  for (std::size_t begin = 0, end; begin < all.size(); begin = end) {
    std::int64_t firsts = 0;
    for (end = begin; end < all.size() && all[end].value == all[begin].value; ++end) firsts += all[end].is_first;
    result.twice_sum +=
        firsts * static_cast<std::int64_t>(begin + 1 + end);  // equal values share the mean of their ranks
    const double t = static_cast<double>(end - begin);
    result.ties += t * t * t - t;
  }
  return result;
}

/// P(U >= u) for samples of n and m values drawn alike: counts of orders by U, n values taken in one at a time.
double exact_tail(std::size_t n, std::size_t m, double u) {
  if (n > m) std::swap(n, m);  // as likely with the samples exchanged, and fewer counts
  // ways[i][k]: orders of i values among j of the other sample, for growing j, in which U is k.
  std::vector<std::vector<double>> ways(n + 1, std::vector<double>(n * m + 1, 0));
  for (auto& row : ways) row[0] = 1;
  for (std::size_t j = 1; j <= m; ++j) {
    for (std::size_t i = 1; i <= n; ++i) {
      // The largest is of the first sample, above j others, or it is of the second.
      for (std::size_t k = n * m; k >= j; --k) ways[i][k] += ways[i - 1][k - j];
    }
  }
  const auto& counts = ways[n];
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  double tail = 0;
  for (std::size_t k = static_cast<std::size_t>(std::max(0.0, std::ceil(u))); k < counts.size(); ++k) tail += counts[k];
  return tail / all;
}

}  // namespace

double geometric_mean(std::span<const double> values) {
  double sum = 0;
  std::size_t count = 0;
  for (const double value : values) {
    if (!known(value)) continue;
    sum += std::log(value);
    ++count;
  }
  return count ? std::exp(sum / static_cast<double>(count)) : 0;
}

double quantile(std::vector<double> values, double at) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double place = at * static_cast<double>(values.size() - 1);
  const std::size_t below = static_cast<std::size_t>(place), above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
}

rank_test mann_whitney(std::span<const double> first, std::span<const double> second) {
  if (first.empty() || second.empty()) return {};
  const double n = static_cast<double>(first.size()), m = static_cast<double>(second.size());
  const ranks found = ranked(first, second);
  rank_test result;
  result.u = static_cast<double>(found.twice_sum) / 2 - n * (n + 1) / 2;
  const double larger = std::max(result.u, n * m - result.u);
  if (found.ties == 0 && std::min(first.size(), second.size()) <= 8) {
    result.p = std::min(1.0, 2 * exact_tail(first.size(), second.size(), larger));
    return result;
  }
  const double deviation = std::sqrt(n * m / 12 * (n + m + 1 - found.ties / ((n + m) * (n + m - 1))));
  const double z = (larger - n * m / 2 - 0.5) / deviation;
  if (deviation > 0) result.p = std::min(1.0, std::erfc(z / std::sqrt(2.0)));
  return result;
}

double least_p(std::size_t first, std::size_t second) {
  std::vector<double> all(first + second);
  std::iota(all.begin(), all.end(), 0.0);
  return mann_whitney(std::span(all).first(first), std::span(all).last(second)).p;
}

std::vector<double> false_discovery_adjusted(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  std::vector<double> adjusted(p.size());
  double least = 1;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double rank = static_cast<double>(p.size() - k);
    least = std::min(least, p[order[k]] * static_cast<double>(p.size()) / rank);
    adjusted[order[k]] = least;
  }
  return adjusted;
}

}  // namespace bench
