// Distances as nested loops in double, by SciPy's definitions (cuVS's where SciPy has none), and rows to try them on.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tessera/tessera.hpp"

namespace tessera {

using coordinates = std::vector<double>;

/// What a metric's coordinates may be.
enum class domain { numbers, positive, sets, angles, bits };

inline std::vector<double> values_of(const array& x) {
  const array wide = array(x.to(cpu()).astype(float64)).copy();
  return {wide.span<const double>().begin(), wide.span<const double>().end()};
}

template <class F> double sum_over(const coordinates& x, F term) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += term(k);
  return sum;
}

/// How often (by weight) x and y have these truth values.
inline double count(const coordinates& x, const coordinates& y, const coordinates& w, bool in_x, bool in_y) {
  return sum_over(x, [&](std::size_t k) { return (x[k] != 0) == in_x && (y[k] != 0) == in_y ? w[k] : 0; });
}

struct distance_oracle {
  std::string name;
  tessera::domain domain;
  bool weighs;
  std::function<double(const coordinates&, const coordinates&, const coordinates&)> of;  // x, y, weights

  /// Mostly multiples of 1/64, or their share of the row; some coordinates are the same, some are 0.
  array rows(const shape& extents, unsigned seed, dtype type) const {
    std::mt19937 random(seed);
    std::size_t size = 1;
    for (const std::int64_t extent : extents) size *= static_cast<std::size_t>(extent);
    if (domain == tessera::domain::bits) {
      std::vector<std::uint64_t> words(size);
      for (std::uint64_t& word : words) word = random() % (1u << 20);
      return array(reshape(from_range(words), extents));
    }
    std::vector<double> values(size);
    for (double& value : values) {
      const auto any = [&](int most) { return static_cast<double>(random() % static_cast<unsigned>(most)); };
      if (domain == tessera::domain::sets) value = any(2);
      else if (random() % 5 == 0) value = 1;
      else if (domain == tessera::domain::positive) value = any(129) / 64;
      else value = any(129) / 64 - 1;
    }
    const array all = array(reshape(from_range(values), extents));
    if (domain != tessera::domain::positive) return array(all.astype(type));
    return array((all / sum(all, -1, {.keepdims = true})).astype(type));
  }

  metric metric_with(const coordinates& w, std::int64_t d, const device& on = cpu()) const {
    metric_options options;
    if (name == "minkowski") options.p = 3.5;
    if (name == "mahalanobis") options.VI = {array(eye(d) * 2.0 + eye(d, d, 1) * 0.5 + eye(d, d, -1) * 0.5).to(on)};
    if (!w.empty()) options.w = {from_range(w).to(on)};
    return metric(name, options);
  }

  /// Of each pair of rows of (..., n, d) and (..., m, d) with equal leading extents, or of each row with later ones.
  std::vector<double> expected(const array& x, const array& y, const coordinates& w, bool later = false) const {
    const std::int64_t n = x.shape()[x.ndim() - 2], m = y.shape()[y.ndim() - 2], d = x.shape()[x.ndim() - 1];
    const std::vector<double> all_x = values_of(x), all_y = values_of(y);
    std::int64_t batches = 1;
    for (int axis = 0; axis + 2 < x.ndim(); ++axis) batches *= x.shape()[axis];
    const auto part = [&](const std::vector<double>& all, std::int64_t number) {
      return coordinates(all.begin() + number * d, all.begin() + (number + 1) * d);
    };
    std::vector<double> result;
    for (std::int64_t b = 0; b < batches; ++b) {
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = later ? i + 1 : 0; j < m; ++j) {
          result.push_back(of(part(all_x, b * n + i), part(all_y, b * m + j), w));
        }
      }
    }
    return result;
  }
};

namespace oracle_formulas {

inline double squares(const coordinates& x, const coordinates& y, const coordinates& w) {
  return sum_over(x, [&](std::size_t k) { return w[k] * (x[k] - y[k]) * (x[k] - y[k]); });
}
inline double product(const coordinates& x, const coordinates& y, const coordinates& w) {
  return sum_over(x, [&](std::size_t k) { return w[k] * x[k] * y[k]; });
}
inline double braycurtis(const coordinates& x, const coordinates& y, const coordinates& w) {
  return sum_over(x, [&](std::size_t k) { return w[k] * std::fabs(x[k] - y[k]); }) /
         sum_over(x, [&](std::size_t k) { return w[k] * std::fabs(x[k] + y[k]); });
}
inline double canberra(const coordinates& x, const coordinates& y, const coordinates& w) {
  return sum_over(x, [&](std::size_t k) {
    const double size = std::fabs(x[k]) + std::fabs(y[k]);
    return size == 0 ? 0 : w[k] * std::fabs(x[k] - y[k]) / size;
  });
}
inline double chebyshev(const coordinates& x, const coordinates& y, const coordinates& w) {
  double most = 0;
  for (std::size_t k = 0; k < x.size(); ++k) most = w[k] > 0 ? std::max(most, std::fabs(x[k] - y[k])) : most;
  return most;
}
inline double minkowski(const coordinates& x, const coordinates& y, const coordinates& w) {
  return std::pow(sum_over(x, [&](std::size_t k) { return w[k] * std::pow(std::fabs(x[k] - y[k]), 3.5); }), 1 / 3.5);
}
inline double mahalanobis(const coordinates& x, const coordinates& y, const coordinates&) {
  return std::sqrt(sum_over(x, [&](std::size_t k) {
    const double here = x[k] - y[k], next = k + 1 < x.size() ? x[k + 1] - y[k + 1] : 0;
    return 2 * here * here + here * next;  // 0.5 above the diagonal and 0.5 below
  }));
}
inline double hamming(const coordinates& x, const coordinates& y, const coordinates& w) {
  return sum_over(x, [&](std::size_t k) { return w[k] * (x[k] != y[k]); }) /
         sum_over(x, [&](std::size_t k) { return w[k]; });
}
/// x log(x / y), 0 for x = 0.
inline double entropy(double x, double y) { return x == 0 ? 0 : x * std::log(x / y); }
inline double jensenshannon(const coordinates& x, const coordinates& y, const coordinates&) {
  const double of_x = sum_over(x, [&](std::size_t k) { return x[k]; }),
               of_y = sum_over(y, [&](std::size_t k) { return y[k]; });
  return std::sqrt(std::max(0.0, sum_over(x,
                                          [&](std::size_t k) {
                                            const double p = x[k] / of_x, q = y[k] / of_y, middle = (p + q) / 2;
                                            return entropy(p, middle) + entropy(q, middle);
                                          })) /
                   2);
}
inline double hellinger(const coordinates& x, const coordinates& y, const coordinates&) {
  return std::sqrt(std::max(0.0, 1 - sum_over(x, [&](std::size_t k) { return std::sqrt(x[k] * y[k]); })));
}
inline double haversine(const coordinates& x, const coordinates& y, const coordinates&) {
  const double north = std::sin((x[0] - y[0]) / 2), east = std::sin((x[1] - y[1]) / 2);
  return 2 * std::asin(std::sqrt(north * north + std::cos(x[0]) * std::cos(y[0]) * east * east));
}
inline double yule(const coordinates& x, const coordinates& y, const coordinates& w) {
  const double a = count(x, y, w, true, false), b = count(x, y, w, false, true);
  return a * b == 0 ? 0 : 2 * a * b / (count(x, y, w, true, true) * count(x, y, w, false, false) + a * b);
}

}  // namespace oracle_formulas

inline const std::vector<distance_oracle>& distance_oracles() {
  using namespace oracle_formulas;
  const auto differ = [](const coordinates& x, const coordinates& y, const coordinates& w) {
    return count(x, y, w, true, false) + count(x, y, w, false, true);
  };
  const auto both = [](const coordinates& x, const coordinates& y, const coordinates& w) {
    return count(x, y, w, true, true);
  };
  const auto total = [](const coordinates& w) { return sum_over(w, [&](std::size_t k) { return w[k]; }); };
  static const std::vector<distance_oracle> all = {
      {"euclidean", domain::numbers, true,
       [](const coordinates& x, const coordinates& y, const coordinates& w) { return std::sqrt(squares(x, y, w)); }},
      {"sqeuclidean", domain::numbers, true, squares},
      {"cityblock", domain::numbers, true,
       [](const coordinates& x, const coordinates& y, const coordinates& w) {
         return sum_over(x, [&](std::size_t k) { return w[k] * std::fabs(x[k] - y[k]); });
       }},
      {"chebyshev", domain::numbers, true, chebyshev},
      {"minkowski", domain::numbers, true, minkowski},
      {"mahalanobis", domain::numbers, false, mahalanobis},
      {"cosine", domain::numbers, true,
       [](const coordinates& x, const coordinates& y, const coordinates& w) {
         return 1 - product(x, y, w) / std::sqrt(product(x, x, w) * product(y, y, w));
       }},
      {"inner_product", domain::numbers, true, product},
      {"hamming", domain::numbers, true, hamming},
      {"canberra", domain::numbers, true, canberra},
      {"braycurtis", domain::numbers, true, braycurtis},
      {"jensenshannon", domain::positive, false, jensenshannon},
      {"kl_divergence", domain::positive, false,
       [](const coordinates& x, const coordinates& y, const coordinates&) {
         return sum_over(x, [&](std::size_t k) { return entropy(x[k], y[k]); });
       }},
      {"hellinger", domain::positive, false, hellinger},
      {"haversine", domain::angles, false, haversine},
      {"jaccard", domain::sets, true,
       [=](const coordinates& x, const coordinates& y, const coordinates& w) {
         const double any = differ(x, y, w) + both(x, y, w);
         return any == 0 ? 0 : differ(x, y, w) / any;
       }},
      {"dice", domain::sets, true,
       [=](const coordinates& x, const coordinates& y, const coordinates& w) {
         return differ(x, y, w) / (2 * both(x, y, w) + differ(x, y, w));
       }},
      {"russellrao", domain::sets, true,
       [=](const coordinates& x, const coordinates& y, const coordinates& w) {
         return (total(w) - both(x, y, w)) / total(w);
       }},
      {"rogerstanimoto", domain::sets, true,
       [=](const coordinates& x, const coordinates& y, const coordinates& w) {
         return 2 * differ(x, y, w) / (total(w) + differ(x, y, w));
       }},
      {"sokalsneath", domain::sets, true,
       [=](const coordinates& x, const coordinates& y, const coordinates& w) {
         return 2 * differ(x, y, w) / (both(x, y, w) + 2 * differ(x, y, w));
       }},
      {"yule", domain::sets, true, yule},
      {"bitwise_hamming", domain::bits, false,
       [](const coordinates& x, const coordinates& y, const coordinates&) {
         return sum_over(x, [&](std::size_t k) {
           return std::popcount(static_cast<std::uint64_t>(x[k]) ^ static_cast<std::uint64_t>(y[k]));
         });
       }},
  };
  return all;
}

}  // namespace tessera
