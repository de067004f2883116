// Distances in tiles: every metric, layout and edge of tiles, against loops in double; the same bits however they are cut.
#include "cpu/distances.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "cpu/kernels/distances.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

// ---- the oracle: the formulas of src/metrics, one term after the other ----------------------------------------------
using row = std::vector<double>;

struct pair_of_rows {
  std::vector<row> x, y;  // the fields
  row w;
  double x_row, y_row, order, total;
};
/// A distance, and what its error is relative to: where terms cancel, how large they are.
struct answer {
  double value, scale;
};

template <class F> answer sum_of(const pair_of_rows& p, F&& term) {
  long double sum = 0, scale = 0;
  for (std::size_t k = 0; k < p.w.size(); ++k) {
    const double value = term(k);
    sum += static_cast<long double>(p.w[k]) * value;
    scale += static_cast<long double>(p.w[k]) * std::abs(value);
  }
  return {static_cast<double>(sum), static_cast<double>(scale)};
}
answer exact(double value) { return {value, std::abs(value)}; }
answer root_of(answer a) {
  const double root = std::sqrt(a.value);
  return {root, root == 0 ? 0 : a.scale / root};
}
double positive(double x) { return x < 0 ? 0 : x; }

answer expected(metric_code what, const pair_of_rows& p) {
  const row &x = p.x[0], &y = p.y[0];
  const auto squares = [&] { return sum_of(p, [&](std::size_t k) { return (x[k] - y[k]) * (x[k] - y[k]); }); };
  const auto sizes = [&] { return sum_of(p, [&](std::size_t k) { return std::abs(x[k] - y[k]); }).value; };
  const auto product = [&](int i, int j) {
    return sum_of(p, [&, &a = p.x[i], &b = p.y[j]](std::size_t k) { return a[k] * b[k]; });
  };
  const double rows = p.x_row + p.y_row, s = squares().value;
  switch (what) {
    case metric_code::euclidean: return root_of(squares());
    case metric_code::sqeuclidean: return squares();
    case metric_code::cityblock: return exact(sizes());
    case metric_code::chebyshev: {
      double largest = 0;
      for (std::size_t k = 0; k < x.size(); ++k) largest = std::max(largest, std::abs(x[k] - y[k]));
      return exact(largest);
    }
    case metric_code::minkowski: {
      const answer powers = sum_of(p, [&](std::size_t k) { return std::pow(std::abs(x[k] - y[k]), p.order); });
      return exact(std::pow(powers.value, 1 / p.order));
    }
    case metric_code::inner_product: return product(0, 0);
    case metric_code::cosine: {
      const answer cosine = product(0, 0);
      return {1 - std::clamp(cosine.value / (p.x_row * p.y_row), -1.0, 1.0), 1 + cosine.scale / (p.x_row * p.y_row)};
    }
    case metric_code::hamming:
      return exact(sum_of(p, [&](std::size_t k) { return x[k] != y[k] ? 1.0 : 0.0; }).value / p.total);
    case metric_code::canberra:
      return sum_of(p, [&](std::size_t k) {
        const double size = std::abs(x[k]) + std::abs(y[k]);
        return size == 0 ? 0 : std::abs(x[k] - y[k]) / size;
      });
    case metric_code::braycurtis:
      return exact(sizes() / sum_of(p, [&](std::size_t k) { return std::abs(x[k] + y[k]); }).value);
    case metric_code::expanded_sqeuclidean:
    case metric_code::expanded_euclidean: {
      const answer products = product(0, 0);
      const answer square = {positive(rows - 2 * products.value), rows + 2 * products.scale};
      return what == metric_code::expanded_euclidean ? root_of(square) : square;
    }
    case metric_code::mahalanobis:
      return root_of(sum_of(p, [&](std::size_t k) { return (x[k] - y[k]) * (p.x[1][k] - p.y[1][k]); }));
    case metric_code::hellinger: return root_of(exact(positive(s / 2 + rows)));
    case metric_code::dice: return exact(s / rows);
    case metric_code::jaccard: return exact(rows + s == 0 ? 0 : 2 * s / (rows + s));
    case metric_code::rogerstanimoto: return exact(2 * s / (p.total + s));
    case metric_code::russellrao: return {(2 * p.total - rows + s) / (2 * p.total), (rows + s) / p.total};
    case metric_code::sokalsneath: return exact(4 * s / (rows + 3 * s));
    case metric_code::yule: {
      const double a = product(0, 1).value, b = product(1, 0).value;
      const double both = p.x_row - a, neither = p.total - p.x_row - b;
      return exact(a * b == 0 ? 0 : 2 * a * b / (both * neither + a * b));
    }
    case metric_code::kl_divergence: {
      const answer sum = sum_of(p, [&](std::size_t k) { return x[k] == 0 ? 0 : x[k] * (p.x[1][k] - y[k]); });
      return {sum.value + rows, sum.scale + rows};
    }
    case metric_code::haversine: {
      const answer sum = sum_of(p, [&](std::size_t k) {
        const double north = std::sin((x[k] - y[k]) / 2), east = std::sin((p.x[1][k] - p.y[1][k]) / 2);
        return north * north + p.x[2][k] * p.y[2][k] * east * east;
      });
      return exact(2 * std::asin(std::sqrt(std::min(1.0, sum.value))));
    }
    case metric_code::jensenshannon: {
      const answer sum = sum_of(p, [&](std::size_t k) {
        const double middle = (x[k] + y[k]) / 2;
        return (x[k] == 0 ? 0 : x[k] * std::log(x[k] / middle)) + (y[k] == 0 ? 0 : y[k] * std::log(y[k] / middle));
      });
      const double root = std::sqrt(positive(sum.value) / (2 * p.total));
      return {root + rows, root + rows};
    }
    case metric_code::bitwise_hamming: break;
  }
  return exact(std::numeric_limits<double>::quiet_NaN());
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

double base_element(std::int64_t number) {
  const std::int64_t value = number * 2654435761 % 211;
  return value % 7 == 0 ? 0 : static_cast<double>(value - 100) / 16;
}

/// Of a field of a row: what the metric is defined for.
double element(metric_code what, int field, std::int64_t number) {
  const double value = base_element(number);
  switch (what) {
    case metric_code::yule: return (value > 0) == (field == 0) ? 1 : 0;
    case metric_code::haversine: return std::abs(value) / 8;
    case metric_code::jensenshannon: return std::abs(value);
    case metric_code::mahalanobis: return value * (field + 1);
    default: return value + field;
  }
}

template <class T> dtype type_of() { return sizeof(T) == 4 ? float32 : float64; }

template <class T> struct case_of {
  explicit case_of(const problem& problem)
      : p(problem),
        x_row({p.batches, p.n}, p.x, type_of<T>()),
        y_row({p.batches, p.m}, p.y, type_of<T>()),
        w({p.d}, layout::strided, type_of<T>()),
        to(p.condensed ? shape{p.batches, p.n * (p.n - 1) / 2} : shape{p.batches, p.n, p.m}, p.to, type_of<T>()) {
    const cpu::tile_kernel& kernel = *cpu::find_distance(p.what, type_of<T>(), false);
    for (int f = 0; f < kernel.x_fields; ++f) {
      x.emplace_back(shape{p.batches, p.n, p.d}, p.x, type_of<T>());
      x.back().fill([&](std::int64_t i) { return static_cast<T>(element(p.what, f, i)); });
    }
    for (int f = 0; f < kernel.y_fields; ++f) {
      y.emplace_back(shape{p.batches, p.m, p.d}, p.y, type_of<T>());
      y.back().fill([&](std::int64_t i) { return static_cast<T>(element(p.what, f, 3 * i + 1)); });
    }
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
    for (const operand_of<T>& field : x) plan.x.push_back(field.view());
    for (const operand_of<T>& field : p.condensed ? x : y) plan.y.push_back(field.view());
    plan.x_row = x_row.view();
    plan.y_row = p.condensed ? x_row.view() : y_row.view();
    if (p.weighted) plan.w = w.view();
    plan.order = p.order;
    plan.total = total;
    plan.to = to.view();
    plan.condensed = p.condensed;
    return plan;
  }

  std::vector<row> row_of(const std::vector<operand_of<T>>& fields, std::int64_t count, std::int64_t b,
                          std::int64_t i) const {
    std::vector<row> values(fields.size());
    for (std::size_t f = 0; f < fields.size(); ++f)
      for (std::int64_t k = 0; k < p.d; ++k) values[f].push_back(fields[f].get((b * count + i) * p.d + k));
    return values;
  }

  void expect_right() const {
    const std::vector<operand_of<T>>& y_of = p.condensed ? x : y;
    const operand_of<T>& y_row_of = p.condensed ? x_row : y_row;
    const std::int64_t m = p.condensed ? p.n : p.m;
    row weights;
    for (std::int64_t k = 0; k < p.d; ++k) weights.push_back(p.weighted ? w.get(k) : 1);
    std::int64_t place = 0;
    for (std::int64_t b = 0; b < p.batches; ++b) {
      for (std::int64_t i = 0; i < p.n; ++i) {
        for (std::int64_t j = p.condensed ? i + 1 : 0; j < m; ++j, ++place) {
          const answer want = expected(p.what, {row_of(x, p.n, b, i), row_of(y_of, m, b, j), weights,
                                                x_row.get(b * p.n + i), y_row_of.get(b * m + j), p.order, total});
          const double got = to.get(place);
          if (std::isnan(want.value)) ASSERT_TRUE(std::isnan(got)) << text(b, i, j) << ": " << got;
          else ASSERT_NEAR(got, want.value, 16 * std::numeric_limits<T>::epsilon() * want.scale) << text(b, i, j);
        }
      }
    }
  }
  std::string text(std::int64_t b, std::int64_t i, std::int64_t j) const {
    return std::string(name_of(p.what)) + " " + std::to_string(p.n) + " x " + std::to_string(p.m) + " x " +
           std::to_string(p.d) + " at " + std::to_string(b) + ", " + std::to_string(i) + ", " + std::to_string(j);
  }

  static constexpr double total = 12.5;
  problem p;
  std::vector<operand_of<T>> x, y;
  operand_of<T> x_row, y_row, w, to;
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

constexpr metric_code all_metrics[] = {
#define X(name) metric_code::name,
    TESSERA_METRICS(X)
#undef X
};

bool takes_weights(metric_code what) { return cpu::find_distance(what, float32, true) != nullptr; }

template <class F> void each_metric(F&& f) {
  for (const metric_code what : all_metrics) {
    if (what == metric_code::bitwise_hamming) continue;  // of uint64: below
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
    p.n = 2, p.m = 26;
    for (const std::int64_t d : {4097, 20000}) {
      p.d = d;
      expect_right(p);
    }
  });
}

TEST_P(distances, in_every_layout) {
  each_metric([](problem p) {
    if (p.weighted) return;
    p.n = 6, p.m = 29, p.d = 3, p.batches = 2;
    for (const layout x : all_layouts) {
      for (const layout to : all_layouts) {
        if (to == layout::repeated) continue;
        p.x = x, p.y = x == layout::repeated ? layout::transposed : to, p.to = to;
        expect_right<float>(p);
      }
    }
  });
}

TEST_P(distances, of_minkowski_of_every_order) {
  for (const double order : {0.5, 0.7, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0}) {
    for (const bool weighted : {false, true})
      expect_right({.what = metric_code::minkowski, .n = 7, .m = 30, .d = 60, .weighted = weighted, .order = order});
  }
}

TEST_P(distances, of_pairs_condensed) {
  each_metric([](problem p) {
    if (p.weighted || p.what == metric_code::kl_divergence || p.what == metric_code::yule) return;
    p.condensed = true, p.d = 4, p.batches = 2;
    for (const std::int64_t n : {2, 3, 24, 25, 70}) {
      p.n = p.m = n;
      expect_right<float>(p);
    }
    p.to = layout::strided;
    expect_right<double>(p);
  });
}

// A block of rows of a condensed matrix: as those rows of the whole.
TEST_P(distances, of_some_rows_of_pairs_condensed) {
  const std::int64_t n = 60, d = 5;
  const problem all = {.what = metric_code::euclidean, .n = n, .m = n, .d = d, .condensed = true};
  const std::vector<float> want = results<float>(all);
  std::size_t before = 0;
  for (std::int64_t first = 0; first < n; first += 7) {
    const std::int64_t rows = std::min<std::int64_t>(7, n - first);
    const case_of<float> c(all);
    distance_plan plan = c.plan();
    plan.first_row = first, plan.n = rows;
    plan.x[0].data += first * plan.x[0].strides[1];
    plan.x_row.data += first * plan.x_row.strides[1];
    cpu::distances(plan);
    const std::int64_t count = rows * (2 * (n - first) - rows - 1) / 2;
    for (std::int64_t i = 0; i < count; ++i) ASSERT_EQ(c.to.get(i), want[before + static_cast<std::size_t>(i)]);
    before += static_cast<std::size_t>(count);
  }
  EXPECT_EQ(before, want.size());
}

TEST_P(distances, of_bits) {
  const std::int64_t n = 9, m = 31;
  for (const std::int64_t d : {0, 1, 5, 300}) {
    operand_of<std::uint64_t> x({n, d}, layout::misaligned, uint64), y({m, d}, layout::transposed, uint64);
    operand_of<double> to({n, m}, layout::contiguous, float64);
    std::mt19937_64 generator(7);
    x.fill([&](std::int64_t) { return generator(); });
    y.fill([&](std::int64_t i) { return i % 3 == 0 ? ~std::uint64_t{0} : generator(); });
    distance_plan plan;
    plan.what = metric_code::bitwise_hamming;
    plan.type = uint64, plan.result = float64;
    plan.n = n, plan.m = m, plan.d = d;
    plan.x = {x.view()}, plan.y = {y.view()}, plan.to = to.view();
    cpu::distances(plan);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < m; ++j) {
        int want = 0;
        for (std::int64_t k = 0; k < d; ++k) want += std::popcount(x.get(i * d + k) ^ y.get(j * d + k));
        ASSERT_EQ(to.get(i * m + j), want) << d << ": " << i << ", " << j;
      }
    }
  }
}

// Far from the origin, and 1e-3 apart: what an expanded square would lose. And exactly 0 from a row to itself.
TEST_P(distances, keep_their_digits) {
  const std::int64_t n = 40, d = 300;
  operand_of<float> x({n, d}, layout::contiguous, float32), to({n, n}, layout::contiguous, float32);
  std::mt19937 generator(5);
  std::normal_distribution<float> normal;
  for (const float apart : {1.0F, 1e-3F}) {
    x.fill([&](std::int64_t i) { return 1e4F + static_cast<float>(i % d) + apart * normal(generator); });
    distance_plan plan;
    plan.what = metric_code::euclidean;
    plan.type = plan.result = float32;
    plan.n = plan.m = n, plan.d = d;
    plan.x = plan.y = {x.view()}, plan.to = to.view();
    cpu::distances(plan);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (std::int64_t k = 0; k < d; ++k) {
          const double difference = static_cast<double>(x.get(i * d + k)) - x.get(j * d + k);
          sum += difference * difference;
        }
        ASSERT_NEAR(to.get(i * n + j), std::sqrt(sum), 8e-7 * std::sqrt(sum)) << i << ", " << j;
      }
    }
  }
}

template <class T> void expect_same_bits(const problem& p) {
  const std::vector<T> want = results<T>(p);
  const auto same = [&](const problem& other) {
    const std::vector<T> got = results<T>(other);
    return std::memcmp(got.data(), want.data(), want.size() * sizeof(T)) == 0;
  };
  with_thread_counts([&](int threads) { EXPECT_TRUE(same(p)) << name_of(p.what) << ", " << threads << " threads"; });
  problem other = p;
  other.x = other.to = layout::misaligned, other.y = layout::transposed;
  EXPECT_TRUE(same(other)) << name_of(p.what) << ", other layouts";
  other.n = p.n / 2 - 1;  // the first rows alone
  const std::vector<T> part = results<T>(other);
  EXPECT_EQ(std::memcmp(part.data(), want.data(), part.size() * sizeof(T)), 0) << name_of(p.what) << ", fewer rows";
}

TEST_P(distances, have_the_same_bits_however_they_are_cut) {
  each_metric([](problem p) {
    p.n = 67, p.m = 90, p.d = 700;
    if (p.what == metric_code::jensenshannon || p.what == metric_code::minkowski) p.d = 300;
    expect_same_bits<float>(p);
    p.n = 35;
    expect_same_bits<double>(p);
  });
  expect_same_bits<float>({.what = metric_code::euclidean, .n = 40, .m = 50, .d = 9000});
  expect_same_bits<float>({.what = metric_code::braycurtis, .n = 40, .m = 50, .d = 9000});
  expect_same_bits<double>({.what = metric_code::chebyshev, .n = 40, .m = 50, .d = 9000});
}

// Past the caches; small batches whole in parallel, large ones one after the other.
TEST_P(distances, of_large_results_and_many_batches) {
  expect_right<float>({.what = metric_code::cityblock, .n = 1500, .m = 1501, .d = 2});
  expect_right<float>({.what = metric_code::euclidean, .n = 11, .m = 13, .d = 9, .batches = 300});
  expect_right<double>({.what = metric_code::euclidean, .n = 90, .m = 110, .d = 60, .batches = 3});
  const problem p = {.what = metric_code::euclidean, .n = 11, .m = 13, .d = 9, .batches = 300};
  expect_same_bits<double>({.what = metric_code::euclidean, .n = 11, .m = 13, .d = 9});
  const std::vector<float> want = results<float>(p);
  with_thread_counts([&](int) { EXPECT_EQ(results<float>(p), want); });
}

TEST_P(distances, of_nan_and_infinity) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  const auto distance_of = [](metric_code what, float a, float b) {
    operand_of<float> x({1, 1}, layout::contiguous, float32), y({1, 1}, layout::contiguous, float32),
        to({1, 1}, layout::contiguous, float32);
    x.set(0, a), y.set(0, b);
    distance_plan plan;
    plan.what = what;
    plan.type = plan.result = float32;
    plan.n = plan.m = plan.d = 1;
    plan.order = 3, plan.total = 1;
    plan.x = {x.view()}, plan.y = {y.view()}, plan.to = to.view();
    cpu::distances(plan);
    return to.get(0);
  };
  for (const metric_code what : {metric_code::euclidean, metric_code::sqeuclidean, metric_code::cityblock,
                                 metric_code::minkowski, metric_code::canberra, metric_code::braycurtis}) {
    EXPECT_TRUE(std::isnan(distance_of(what, nan, 1))) << name_of(what);
    EXPECT_TRUE(std::isnan(distance_of(what, infinity, infinity))) << name_of(what);
  }
  for (const metric_code what : {metric_code::euclidean, metric_code::sqeuclidean, metric_code::cityblock,
                                 metric_code::minkowski, metric_code::chebyshev}) {
    EXPECT_EQ(distance_of(what, -infinity, 1), infinity) << name_of(what);
  }
  EXPECT_EQ(distance_of(metric_code::chebyshev, nan, 1), 0);
  EXPECT_EQ(distance_of(metric_code::hamming, nan, nan), 1);
  EXPECT_EQ(distance_of(metric_code::hamming, infinity, infinity), 0);
  EXPECT_EQ(distance_of(metric_code::canberra, 0.0F, -0.0F), 0);
  EXPECT_EQ(distance_of(metric_code::canberra, 1e-45F, 0), 1);
  EXPECT_EQ(distance_of(metric_code::canberra, 1e38F, -1e38F), 1);
}

INSTANTIATE_TEST_SUITE_P(every_target, distances, testing::ValuesIn(simd_targets()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace tessera::detail
