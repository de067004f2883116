// Distances in tiles: every metric, layout and edge of tiles, against loops in double; the same bits however they are cut.
#include "cpu/distances.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cpu/kernels/distances.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

// ---- the oracle: formulas as SciPy's documentation has them ---------------------------------------------------------
using row = std::vector<double>;

double sum_of(const row& x, const row& y, const row& w, double (*term)(double, double)) {
  long double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += w[k] * term(x[k], y[k]);
  return static_cast<double>(sum);
}

double expected(metric_code what, const row& x, const row& y, const row& w, double x_row, double y_row, double p,
                double total) {
  const auto sum = [&](double (*term)(double, double)) { return sum_of(x, y, w, term); };
  double result = 0;
  long double powers = 0;
  switch (what) {
    case metric_code::euclidean: return std::sqrt(sum([](double a, double b) { return (a - b) * (a - b); }));
    case metric_code::sqeuclidean: return sum([](double a, double b) { return (a - b) * (a - b); });
    case metric_code::cityblock: return sum([](double a, double b) { return std::abs(a - b); });
    case metric_code::chebyshev:
      for (std::size_t k = 0; k < x.size(); ++k) result = std::max(result, w[k] * std::abs(x[k] - y[k]));
      return result;
    case metric_code::minkowski:
      for (std::size_t k = 0; k < x.size(); ++k) powers += w[k] * std::pow(std::abs(x[k] - y[k]), p);
      return static_cast<double>(std::pow(powers, 1.0L / p));
    case metric_code::inner_product: return sum([](double a, double b) { return a * b; });
    case metric_code::cosine:
      return 1 - std::clamp(sum([](double a, double b) { return a * b; }) / (x_row * y_row), -1.0, 1.0);
    case metric_code::hamming: return sum([](double a, double b) { return a != b ? 1.0 : 0.0; }) / total;
    case metric_code::canberra:
      return sum(
          [](double a, double b) { return a == 0 && b == 0 ? 0 : std::abs(a - b) / (std::abs(a) + std::abs(b)); });
    case metric_code::braycurtis:
      return sum([](double a, double b) { return std::abs(a - b); }) /
             sum([](double a, double b) { return std::abs(a + b); });
    default: return std::numeric_limits<double>::quiet_NaN();
  }
}

// ---- problems -------------------------------------------------------------------------------------------------------
struct problem {
  metric_code what = metric_code::euclidean;
  std::int64_t n = 1, m = 1, d = 1;
  bool weighted = false, condensed = false;
  layout x = layout::contiguous, y = layout::contiguous, to = layout::contiguous;
  std::int64_t batches = 1;
  double order = 3;
};

template <class T> T element(std::int64_t number) {
  const std::int64_t value = number * 2654435761 % 211;
  return static_cast<T>(value % 7 == 0 ? 0 : static_cast<double>(value - 100) / 16);
}

template <class T> dtype type_of() { return sizeof(T) == 4 ? float32 : float64; }

template <class T> struct case_of {
  explicit case_of(const problem& problem)
      : p(problem),
        x({p.batches, p.n, p.d}, p.x, type_of<T>()),
        y({p.batches, p.m, p.d}, p.y, type_of<T>()),
        x_row({p.batches, p.n}, p.x, type_of<T>()),
        y_row({p.batches, p.m}, p.y, type_of<T>()),
        w({p.d}, layout::strided, type_of<T>()),
        to(p.condensed ? shape{p.batches, p.n * (p.n - 1) / 2} : shape{p.batches, p.n, p.m}, p.to, type_of<T>()) {
    x.fill([](std::int64_t i) { return element<T>(i); });
    y.fill([](std::int64_t i) { return element<T>(3 * i + 1); });
    x_row.fill([](std::int64_t i) { return static_cast<T>(1000 + i); });
    y_row.fill([](std::int64_t i) { return static_cast<T>(2000 - i % 100); });
    w.fill([](std::int64_t k) { return static_cast<T>(k % 5) / 4; });
    to.fill([](std::int64_t) { return T(-77); });
  }

  distance_plan plan() const {
    distance_plan plan;
    plan.what = p.what;
    plan.type = plan.result = type_of<T>();
    plan.batch = {p.batches};
    plan.n = p.n;
    plan.m = p.condensed ? p.n : p.m;
    plan.d = p.d;
    plan.x = {x.view()};
    plan.y = {p.condensed ? x.view() : y.view()};
    if (p.what == metric_code::cosine) {
      plan.x_row = x_row.view();
      plan.y_row = p.condensed ? x_row.view() : y_row.view();
    }
    if (p.weighted) plan.w = w.view();
    plan.order = p.order;
    plan.total = 12.5;
    plan.to = to.view();
    plan.condensed = p.condensed;
    return plan;
  }

  row row_of(const operand_of<T>& of, std::int64_t count, std::int64_t b, std::int64_t i) const {
    row values;
    for (std::int64_t k = 0; k < p.d; ++k) values.push_back(of.get((b * count + i) * p.d + k));
    return values;
  }

  void expect_right() const {
    const operand_of<T>&y_of = p.condensed ? x : y, &y_row_of = p.condensed ? x_row : y_row;
    const std::int64_t m = p.condensed ? p.n : p.m;
    row weights;
    for (std::int64_t k = 0; k < p.d; ++k) weights.push_back(p.weighted ? w.get(k) : 1);
    std::int64_t place = 0;
    for (std::int64_t b = 0; b < p.batches; ++b) {
      for (std::int64_t i = 0; i < p.n; ++i) {
        for (std::int64_t j = p.condensed ? i + 1 : 0; j < m; ++j, ++place) {
          const double want = expected(p.what, row_of(x, p.n, b, i), row_of(y_of, m, b, j), weights,
                                       x_row.get(b * p.n + i), y_row_of.get(b * m + j), p.order, 12.5);
          const double got = to.get(place), tolerance = 16 * std::numeric_limits<T>::epsilon() * scale(want);
          if (std::isnan(want)) ASSERT_TRUE(std::isnan(got)) << text(b, i, j) << ": " << got;
          else ASSERT_NEAR(got, want, tolerance) << text(b, i, j);
        }
      }
    }
  }

  /// What errors are relative to: of sums that cancel, the terms' sizes.
  double scale(double want) const {
    if (p.what == metric_code::inner_product) return 40.0 * static_cast<double>(p.d) + 1;
    return p.what == metric_code::cosine ? 1 + static_cast<double>(p.d) / 1000 : std::abs(want);
  }
  std::string text(std::int64_t b, std::int64_t i, std::int64_t j) const {
    return std::string(name_of(p.what)) + " " + std::to_string(p.n) + " x " + std::to_string(p.m) + " x " +
           std::to_string(p.d) + " at " + std::to_string(b) + ", " + std::to_string(i) + ", " + std::to_string(j);
  }

  problem p;
  operand_of<T> x, y, x_row, y_row, w, to;
};

template <class T> void expect_right(const problem& p) {
  const case_of<T> c(p);
  cpu::distances(c.plan());
  c.expect_right();
}
void expect_right(const problem& p) {
  expect_right<float>(p);
  expect_right<double>(p);
}

template <class T> std::vector<T> results(const problem& p) {
  const case_of<T> c(p);
  cpu::distances(c.plan());
  std::vector<T> all;
  for (std::int64_t i = 0; i < c.to.size(); ++i) all.push_back(c.to.get(i));
  return all;
}

constexpr metric_code all_metrics[] = {metric_code::braycurtis, metric_code::canberra,      metric_code::chebyshev,
                                       metric_code::cityblock,  metric_code::cosine,        metric_code::euclidean,
                                       metric_code::hamming,    metric_code::inner_product, metric_code::minkowski,
                                       metric_code::sqeuclidean};

bool takes_weights(metric_code what) { return cpu::find_distance(what, float32, true) != nullptr; }

template <class F> void each_metric(F&& f) {
  for (const metric_code what : all_metrics) {
    for (const bool weighted : {false, true}) {
      if (!weighted || takes_weights(what)) f(problem{.what = what, .weighted = weighted});
    }
  }
}

class distances : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { use_simd_target(GetParam()); }
  void TearDown() override { use_simd_target(simd_targets().front()); }
};

TEST_P(distances, of_every_metric_and_number_of_coordinates) {
  each_metric([](problem p) {
    p.n = 9, p.m = 27;
    for (const std::int64_t d : {0, 1, 2, 7, 127, 128, 129, 300}) {
      p.d = d;
      expect_right(p);
    }
  });
}

TEST_P(distances, of_every_number_of_rows_around_tiles) {
  each_metric([](problem p) {
    p.d = 5;
    for (const std::int64_t n : {1, 2, 3, 4, 5, 8, 9, 33}) {
      for (const std::int64_t m : {1, 7, 8, 23, 24, 25, 31, 47, 48, 49, 97}) {
        p.n = n, p.m = m;
        expect_right(p);
      }
    }
  });
}

// More than tile_walk packs at once.
TEST_P(distances, of_very_many_coordinates) {
  each_metric([](problem p) {
    p.n = 5, p.m = 26;
    for (const std::int64_t d : {4096, 4097, 5120, 20000}) {
      p.d = d;
      expect_right(p);
    }
  });
}

INSTANTIATE_TEST_SUITE_P(every_target, distances, testing::ValuesIn(simd_targets()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace tessera::detail
