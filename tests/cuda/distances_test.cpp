// Distances on a GPU against nested loops in double: every metric, ragged sizes, rows that lie anyhow, batches, halves of
// square matrices.
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "device.hpp"

namespace tessera {
namespace {

using row = std::vector<double>;

class cuda_distances : public on_gpu {};

std::int64_t size_of(const shape& extents) {
  std::int64_t size = 1;
  for (const std::int64_t extent : extents) size *= extent;
  return size;
}

/// Multiples of 1/64 around 0 or, of what needs it, above 0; some coordinates are equal, and some are 0.
array rows_of(const shape& extents, unsigned seed, dtype type, bool positive) {
  std::mt19937 random(seed);
  std::vector<double> values(static_cast<std::size_t>(size_of(extents)));
  for (double& value : values) {
    value = random() % 5 == 0 ? 1.0 : static_cast<double>(random() % 129) / 64 - (positive ? -1.0 / 64 : 1);
  }
  return array(reshape(from_range(values), extents).astype(type));
}

std::vector<double> values_of(const array& x) {
  const array wide = array(x.to(cpu()).astype(float64));
  const array packed = array(wide.copy());
  return {packed.span<const double>().begin(), packed.span<const double>().end()};
}

struct oracle {
  const char* name;
  std::function<double(const row&, const row&, const row&)> of;  // x, y, weights
  bool weighs = true;
};

double norm(const row& x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return std::sqrt(sum);
}

template <class F> double sum_of(const row& x, F term) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += term(k);
  return sum;
}

const std::vector<oracle>& oracles() {
  static const std::vector<oracle> all = {
      {"braycurtis",
       [](const row& x, const row& y, const row& w) {
         return sum_of(x, [&](std::size_t k) { return w[k] * std::fabs(x[k] - y[k]); }) /
                sum_of(x, [&](std::size_t k) { return w[k] * std::fabs(x[k] + y[k]); });
       }},
      {"canberra",
       [](const row& x, const row& y, const row& w) {
         return sum_of(x, [&](std::size_t k) {
           const double size = std::fabs(x[k]) + std::fabs(y[k]);
           return size == 0 ? 0 : w[k] * std::fabs(x[k] - y[k]) / size;
         });
       }},
      {"chebyshev",
       [](const row& x, const row& y, const row&) {
         double most = 0;
         for (std::size_t k = 0; k < x.size(); ++k) most = std::max(most, std::fabs(x[k] - y[k]));
         return most;
       },
       false},
      {"cityblock",
       [](const row& x, const row& y, const row& w) {
         return sum_of(x, [&](std::size_t k) { return w[k] * std::fabs(x[k] - y[k]); });
       }},
      {"cosine",
       [](const row& x, const row& y, const row&) {
         return 1 - sum_of(x, [&](std::size_t k) { return x[k] * y[k]; }) / (norm(x) * norm(y));
       },
       false},
      {"euclidean",
       [](const row& x, const row& y, const row& w) {
         return std::sqrt(sum_of(x, [&](std::size_t k) { return w[k] * (x[k] - y[k]) * (x[k] - y[k]); }));
       }},
      {"hamming",
       [](const row& x, const row& y, const row& w) {
         return sum_of(x, [&](std::size_t k) { return w[k] * (x[k] != y[k]); }) /
                sum_of(x, [&](std::size_t k) { return w[k]; });
       }},
      {"inner_product",
       [](const row& x, const row& y, const row&) { return sum_of(x, [&](std::size_t k) { return x[k] * y[k]; }); },
       false},
      {"minkowski",
       [](const row& x, const row& y, const row& w) {
         return std::pow(sum_of(x, [&](std::size_t k) { return w[k] * std::pow(std::fabs(x[k] - y[k]), 3.5); }),
                         1 / 3.5);
       }},
      {"sqeuclidean",
       [](const row& x, const row& y, const row& w) {
         return sum_of(x, [&](std::size_t k) { return w[k] * (x[k] - y[k]) * (x[k] - y[k]); });
       }},
  };
  return all;
}

/// Both all or nothing of NaN, or near each other: relative to the number, or to 1 below it.
void expect_near(const std::vector<double>& got, const std::vector<double>& want, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  int wrong = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool same = got[i] == want[i] || (std::isnan(got[i]) && std::isnan(want[i])) ||
                      std::fabs(got[i] - want[i]) <= tolerance * std::max(1.0, std::fabs(want[i]));
    if (same || ++wrong > 3) continue;
    ADD_FAILURE() << what << ": at " << i << " " << got[i] << " instead of " << want[i];
  }
  EXPECT_EQ(wrong, 0) << what;
}

/// Of each pair of rows of (..., n, d) and (..., m, d) with equal batches.
std::vector<double> expected(const oracle& by, const array& x, const array& y, const row& w, bool halves = false) {
  const std::int64_t n = x.shape()[x.ndim() - 2], m = y.shape()[y.ndim() - 2], d = x.shape()[x.ndim() - 1];
  const std::vector<double> all_x = values_of(x), all_y = values_of(y);
  std::int64_t batches = 1;
  for (int axis = 0; axis + 2 < x.ndim(); ++axis) batches *= x.shape()[axis];
  std::vector<double> result;
  const auto part = [&](const std::vector<double>& all, std::int64_t number) {
    return row(all.begin() + number * d, all.begin() + (number + 1) * d);
  };
  for (std::int64_t b = 0; b < batches; ++b) {
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = halves ? i + 1 : 0; j < m; ++j) {
        result.push_back(by.of(part(all_x, b * n + i), part(all_y, b * m + j), w));
      }
    }
  }
  return result;
}

double tolerance_of(dtype type) { return type == float32 ? 4e-6 : 1e-13; }

metric metric_of(const oracle& by, const row& w = {}) {
  metric_options options;
  if (std::string(by.name) == "minkowski") options.p = 3.5;
  if (!w.empty()) options.w = {from_range(w)};
  return metric(std::string(by.name), options);
}

TEST_F(cuda_distances, of_every_metric_and_size) {
  for (const oracle& by : oracles()) {
    for (const dtype type : {float32, float64}) {
      for (const shape& sizes : {shape{1, 1, 1}, shape{130, 65, 3}, shape{5, 70, 16}, shape{131, 3, 128},
                                 shape{66, 67, 129}, shape{3, 2, 300}, shape{2, 3, 0}}) {
        const array x = rows_of({sizes[0], sizes[2]}, 1, type, false),
                    y = rows_of({sizes[1], sizes[2]}, 2, type, false);
        const array got = cdist(x.to(cuda()), y.to(cuda()), metric_of(by));
        EXPECT_EQ(got.dtype(), type);
        expect_near(values_of(got), expected(by, x, y, row(static_cast<std::size_t>(sizes[2]), 1.0)),
                    tolerance_of(type), std::string(by.name) + " " + type.name() + " " + std::to_string(sizes[2]));
      }
    }
  }
}

}  // namespace
}  // namespace tessera
