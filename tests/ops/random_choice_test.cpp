// Samples of a population, lanes in random order, vectors of multinomial, Dirichlet's and normal distribution: against enumerations and
// moments. Also built for the CUDA device. Every seed is fixed.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "distribution_oracles.hpp"
#include "ops/default_device.hpp"
#include "ops/elements.hpp"

using namespace tessera;
using namespace distribution_oracles;
using tessera::random::generator;

namespace {

class choice : public on_test_device {};
class permuted : public on_test_device {};
class multinomial : public on_test_device {};
class dirichlet : public on_test_device {};
class multivariate_normal : public on_test_device {};
class choice_errors : public on_test_device {};

const int draws = on_device ? 150 : 20'000;
const std::int64_t sample_size = on_device ? 3'000 : 100'000;

list on_host(const array& x) {
  EXPECT_EQ(x.device(), here);
  return ints(x);
}
std::vector<double> doubles(const array& x) {
  EXPECT_EQ(x.device(), here);
  return tessera_test::doubles(x);
}

/// Sum of squared differences from the expected counts, in deviations from its mean.
double misfit_of(const std::map<list, double>& times, const std::map<list, double>& probabilities, double n) {
  double chi2 = 0;
  for (const auto& [outcome, p] : probabilities) {
    const auto found = times.find(outcome);
    const double seen = found == times.end() ? 0 : found->second;
    chi2 += (seen - n * p) * (seen - n * p) / (n * p);
  }
  for (const auto& [outcome, seen] : times) EXPECT_TRUE(probabilities.contains(outcome)) << seen;
  const double freedom = static_cast<double>(probabilities.size()) - 1;
  return (chi2 - freedom) / std::sqrt(2 * freedom);
}

TEST_F(choice, with_replacement_takes_every_member_as_often) {
  generator g(3);
  const std::vector<double> x = doubles(g.choice(10, {sample_size}, {.device = here}));
  EXPECT_LT(misfit(x, [](double k) { return (k + 1) / 10; }), 4);
  EXPECT_EQ(on_host(generator(3).choice(10, {5}, {.device = here})),
            ints(generator(3).integers(0, 10, {5}, {.device = cpu()})));
  EXPECT_EQ(g.choice(3).shape(), shape());
  EXPECT_EQ(g.choice(3, {2, 4}).shape(), (shape{2, 4}));
}

TEST_F(choice, with_weights_is_looked_up_in_their_cumulative_sum) {
  const std::vector<double> p = {0.1, 0, 0.25, 0.5, 0.15, 0};
  generator g(4);
  const std::vector<double> x = doubles(g.choice(6, {sample_size}, {.p = {on(from_range(p))}, .device = here}));
  EXPECT_LT(misfit(x,
                   [&](double k) {
                     double sum = 0;
                     for (std::size_t i = 0; i <= static_cast<std::size_t>(k); ++i) sum += p[i];
                     return sum;
                   }),
            4);
  const std::vector<double> u = tessera_test::values<double>(generator(4).uniform({sample_size}, {.device = cpu()}));
  for (std::size_t i = 0; i < u.size(); ++i) {
    double sum = 0;
    std::size_t k = 0;
    while (!(u[i] < (sum += p[k]))) ++k;
    ASSERT_EQ(x[i], static_cast<double>(k));
  }
}

TEST_F(choice, without_replacement_is_the_start_of_a_permutation) {
  for (const std::int64_t n : {1, 7, 1000}) {
    for (const std::int64_t k : {n / 4 + 1, n / 2 + 1, n}) {
      generator g(8), same(8);
      const list got = on_host(g.choice(n, {k}, {.replace = false, .device = here}));
      const device_scope beside(here);
      list want = on_host(same.permutation(n));
      want.resize(static_cast<std::size_t>(k));
      EXPECT_EQ(got, want) << n << ' ' << k;
      EXPECT_TRUE(g == same);
    }
  }
  EXPECT_EQ(generator(1).choice(9, {2, 3}, {.replace = false}).shape(), (shape{2, 3}));
}

TEST_F(choice, of_few_without_replacement_is_the_first_different_ones_of_numbers_drawn) {
  int again = 0;  // runs of numbers that were not enough
  std::vector<std::array<std::int64_t, 2>> sizes(on_device ? 40 : 400, {12, 3});
  sizes.insert(sizes.end(), {{1, 0}, {0, 0}, {4, 1}, {1000, 250}, {32'000, 2'000}, {std::int64_t{1} << 40, 500}});
  sizes.insert(sizes.end(), {{std::numeric_limits<std::int64_t>::max(), 100}, {1'000'000'000'000, 1}});
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto [n, k] = sizes[i];
    generator g(i), same(i);
    const list got = on_host(g.choice(n, {k}, {.replace = false, .device = here}));
    list want;
    for (int runs = 0; static_cast<std::int64_t>(want.size()) < k; ++runs) {
      const std::int64_t missing = k - static_cast<std::int64_t>(want.size());
      again += runs > 0;
      for (const std::int64_t each : ints(same.integers(0, n, {missing + missing / (n / k) + 2}, {.device = cpu()}))) {
        if (std::find(want.begin(), want.end(), each) == want.end()) want.push_back(each);
      }
    }
    want.resize(static_cast<std::size_t>(k));
    ASSERT_EQ(got, want) << i;
    ASSERT_TRUE(g == same) << i;
  }
  EXPECT_TRUE(on_device || again > 0);
}

TEST_F(choice, of_few_without_replacement_takes_every_pair_as_often) {
  std::map<list, double> probabilities, times;
  for (std::int64_t i = 0; i < 8; ++i)
    for (std::int64_t j = 0; j < 8; ++j)
      if (i != j) probabilities[{i, j}] = 1.0 / (8 * 7);
  generator g(7);
  for (int draw = 0; draw < draws; ++draw) times[on_host(g.choice(8, {2}, {.replace = false, .device = here}))] += 1;
  EXPECT_LT(misfit_of(times, probabilities, draws), 4);
}

TEST_F(choice, without_replacement_by_weights_is_as_if_drawn_one_after_the_other) {
  const std::vector<double> p = {0.5, 0.2, 0, 0.3};
  std::map<list, double> probabilities, times;  // of the first two, in order
  for (std::int64_t i : {0, 1, 3})
    for (std::int64_t j : {0, 1, 3})
      if (i != j) {
        const double first = p[static_cast<std::size_t>(i)], second = p[static_cast<std::size_t>(j)];
        probabilities[{i, j}] = first * second / (1 - first);
      }
  generator g(6);
  const array weights = on(from_range(p));
  for (int draw = 0; draw < draws; ++draw)
    times[on_host(g.choice(4, {2}, {.replace = false, .p = {weights}, .device = here}))] += 1;
  EXPECT_LT(misfit_of(times, probabilities, draws), 4);
  list three = on_host(g.choice(4, {3}, {.replace = false, .p = {weights}, .device = here}));
  std::sort(three.begin(), three.end());
  EXPECT_EQ(three, (list{0, 1, 3}));
}

TEST_F(choice, of_an_array_takes_what_lies_along_the_axis) {
  const array x = on(reshape(arange(12), {3, 4}));
  const list rows = on_host(generator(5).choice(3, {2}, {.device = here})),
             columns = on_host(generator(5).choice(4, {2, 2}, {.device = here}));
  const list got_rows = on_host(generator(5).choice(x, {2})),
             got_columns = on_host(generator(5).choice(x, {2, 2}, {.axis = 1}));
  list want_rows, want_columns;
  for (const std::int64_t row : rows)
    for (std::int64_t k = 0; k < 4; ++k) want_rows.push_back(row * 4 + k);
  for (std::int64_t row = 0; row < 3; ++row)
    for (const std::int64_t column : columns) want_columns.push_back(row * 4 + column);
  EXPECT_EQ(got_rows, want_rows);
  EXPECT_EQ(got_columns, want_columns);
  EXPECT_EQ(generator(5).choice(x, {}, {.axis = 1}).shape(), shape{3});
  EXPECT_EQ(generator(5).choice(zeros({0, 3}), {0}).shape(), (shape{0, 3}));
}

TEST_F(permuted, gives_each_lane_an_order_of_its_own) {
  const array x = on(reshape(arange(600), {100, 6}));
  const list got = on_host(generator(5).permuted(x, 1));
  std::set<list> orders;
  for (std::size_t row = 0; row < 100; ++row) {
    list lane(got.begin() + static_cast<std::ptrdiff_t>(row * 6),
              got.begin() + static_cast<std::ptrdiff_t>(row * 6 + 6));
    for (std::int64_t& each : lane) each -= static_cast<std::int64_t>(row * 6);
    orders.insert(lane);
    std::sort(lane.begin(), lane.end());
    EXPECT_EQ(lane, (list{0, 1, 2, 3, 4, 5}));
  }
  EXPECT_GT(orders.size(), 80u);
  list all = on_host(generator(5).permuted(x));
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, ints(arange(600)));
  EXPECT_EQ(generator(5).permuted(x).shape(), (shape{100, 6}));
}

// ---- vectors
TEST_F(multinomial, has_its_probabilities) {
  // 3 trials of 3 kinds: every outcome.
  const std::vector<double> p = {0.2, 0.5, 0.3};
  std::map<list, double> probabilities, times;
  for (std::int64_t a = 0; a <= 3; ++a)
    for (std::int64_t b = 0; a + b <= 3; ++b) {
      const auto c = 3 - a - b;
      probabilities[{a, b, c}] = 6 / std::tgamma(a + 1) / std::tgamma(b + 1) / std::tgamma(c + 1) * std::pow(p[0], a) *
                                 std::pow(p[1], b) * std::pow(p[2], c);
    }
  generator g(9);
  const array x = g.multinomial(3, on(from_range(p)), {sample_size});
  EXPECT_EQ(x.shape(), (shape{sample_size, 3}));
  const list got = on_host(x);
  for (std::size_t i = 0; i < got.size(); i += 3) times[{got[i], got[i + 1], got[i + 2]}] += 1;
  EXPECT_LT(misfit_of(times, probabilities, static_cast<double>(sample_size)), 4);
}

TEST_F(multinomial, of_arrays_broadcasts_what_is_before_the_kinds) {
  generator g(9);
  const array p = on(array({{0.0, 1.0, 0.0}, {0.5, 0.25, 0.25}})), n = on(array({{10}, {1000}, {0}}));
  const array x = g.multinomial(n, p);
  EXPECT_EQ(x.shape(), (shape{3, 2, 3}));
  const list got = on_host(x);
  EXPECT_EQ((list{got[0], got[1], got[2]}), (list{0, 10, 0}));
  EXPECT_EQ(got[9] + got[10] + got[11], 1000);
  EXPECT_NEAR(static_cast<double>(got[9]), 500, 80);
  EXPECT_EQ(std::accumulate(got.begin() + 12, got.end(), std::int64_t{0}), 0);
  EXPECT_EQ(g.multinomial(5, array({1.0}), {4}).shape(), (shape{4, 1}));
  EXPECT_EQ(g.multinomial(5, array({0.5, 0.5}), {0}).shape(), (shape{0, 2}));
}

TEST_F(dirichlet, has_beta_numbers_that_sum_to_one) {
  for (const std::vector<double>& alpha : {std::vector{0.3, 2.0, 5.0}, std::vector{0.001, 0.002, 0.003}}) {
    generator g(12);
    const array x = g.dirichlet(on(from_range(alpha)), {sample_size});
    EXPECT_EQ(x.shape(), (shape{sample_size, 3}));
    const std::vector<double> got = doubles(x);
    const double total = alpha[0] + alpha[1] + alpha[2];
    std::vector<double> parts[3];
    for (std::size_t i = 0; i < got.size(); i += 3) {
      ASSERT_NEAR(got[i] + got[i + 1] + got[i + 2], 1, 1e-15);
      for (std::size_t k = 0; k < 3; ++k) parts[k].push_back(got[i + k]);
    }
    for (std::size_t k = 0; k < 3; ++k) {
      if (total > 1) {  // else most are 0 or 1 to the last digit
        EXPECT_LT(distance(parts[k], [&](double v) { return incomplete_beta(alpha[k], total - alpha[k], v); }), 1.95);
      }
      const double mean = alpha[k] / total, variance = mean * (1 - mean) / (total + 1);
      const double sum = std::accumulate(parts[k].begin(), parts[k].end(), 0.0) / static_cast<double>(sample_size);
      EXPECT_NEAR(sum, mean, 4 * std::sqrt(variance / static_cast<double>(sample_size)));
    }
  }
}

TEST_F(multivariate_normal, has_its_mean_and_covariance) {
  const array mean = on(array({1.0, -2.0, 0.5})),
              covariance = on(array({{2.0, 1.2, 0.0}, {1.2, 1.0, 0.0}, {0.0, 0.0, 0.0}}));
  generator g(13);
  const std::vector<double> x = doubles(g.multivariate_normal(mean, covariance, {sample_size}));
  const auto n = static_cast<double>(sample_size);
  double sums[3] = {}, products[2][2] = {};
  for (std::size_t i = 0; i < x.size(); i += 3) {
    const double d[] = {x[i] - 1, x[i + 1] + 2};
    for (std::size_t a = 0; a < 2; ++a)
      for (std::size_t b = 0; b < 2; ++b) products[a][b] += d[a] * d[b] / n;
    for (std::size_t k = 0; k < 3; ++k) sums[k] += x[i + k] / n;
    ASSERT_NEAR(x[i + 2], 0.5, 1e-7);  // of variance 0
  }
  EXPECT_NEAR(sums[0], 1, 4 * std::sqrt(2 / n));
  EXPECT_NEAR(sums[1], -2, 4 * std::sqrt(1 / n));
  EXPECT_NEAR(products[0][0], 2, 4 * 2 * std::sqrt(2 / n));
  EXPECT_NEAR(products[1][1], 1, 4 * std::sqrt(2 / n));
  EXPECT_NEAR(products[0][1], 1.2, 4 * std::sqrt((2 + 1.44) / n));
  EXPECT_EQ(g.multivariate_normal(mean, covariance).shape(), shape{3});
  EXPECT_EQ(g.multivariate_normal(mean, covariance, {2, 4}, {.dtype = float32}).dtype(), float32);
}

// ---- errors
struct failing_call {
  const char* text;
  std::function<void(generator&)> call;
};

TEST_F(choice_errors, say_what_is_wrong_and_leave_the_generator_as_it_was) {
  const failing_call calls[] = {
      {"value_error choice: the population is empty", [](generator& g) { (void)g.choice(0, {3}); }},
      {"value_error choice: the population is empty", [](generator& g) { (void)g.choice(zeros({0}), {3}); }},
      {"value_error choice: a population of -1", [](generator& g) { (void)g.choice(-1, {3}); }},
      {"value_error choice: 4 of a population of 3 without replacement",
       [](generator& g) {
         (void)g.choice(3, {2, 2}, {.replace = false});
       }},
      {"value_error choice: 2 without replacement of 1 with a weight above 0",
       [](generator& g) {
         (void)g.choice(2, {2}, {.replace = false, .p = {array({1.0, 0.0})}});
       }},
      {"value_error choice: p sums to 0.9, not 1",
       [](generator& g) {
         (void)g.choice(2, {2}, {.p = {on(array({0.5, 0.4}))}});
       }},
      {"value_error choice: p -0.5 is not in [0.0, 1.0]",
       [](generator& g) {
         (void)g.choice(2, {2}, {.p = {array({1.0, -0.5})}});
       }},
      {"shape_error choice: p of shape (3,) for a population of 2",
       [](generator& g) { (void)g.choice(2, {2}, {.p = {ones({3})}}); }},
      {"dtype_error choice: a population of dtype float64 is neither an array nor an integer",
       [](generator& g) { (void)g.choice(2.0, {2}); }},
      {"axis_error choice: axis 1 is out of bounds for an array with 1 axis",
       [](generator& g) { (void)g.choice(ones({3}), {2}, {.axis = 1}); }},
      {"value_error choice: shape (-1,) has a negative extent", [](generator& g) { (void)g.choice(3, {-1}); }},
      {"axis_error permuted: axis 1 is out of bounds for an array with 1 axis",
       [](generator& g) { (void)g.permuted(ones({3}), 1); }},
      {"axis_error permuted: axis 4294967296 is out of bounds for an array with 1 axis",
       [](generator& g) { (void)g.permuted(ones({3}), std::int64_t{1} << 32); }},
      {"value_error multinomial: pvals but the last sum to 1.5, above 1",
       [](generator& g) {
         (void)g.multinomial(3, on(array({0.75, 0.75, 0.0})));
       }},
      {"value_error multinomial: pvals 1.5 is not in [0.0, 1.0]",
       [](generator& g) {
         (void)g.multinomial(3, array({0.0, 1.5}));
       }},
      {"shape_error multinomial: pvals of shape () has no probabilities",
       [](generator& g) { (void)g.multinomial(3, 1.0); }},
      {"dtype_error multinomial: n of dtype float64 is not an integer",
       [](generator& g) {
         (void)g.multinomial(3.0, array({0.5, 0.5}));
       }},
      {"value_error dirichlet: alpha 0.0 is not in (0.0, inf)",
       [](generator& g) {
         (void)g.dirichlet(array({1.0, 0.0}));
       }},
      {"shape_error dirichlet: alpha of shape (1, 2) is not a vector",
       [](generator& g) {
         (void)g.dirichlet(ones({1, 2}));
       }},
      {"shape_error multivariate_normal: mean of shape (2,) and a covariance of shape (3, 3) are not (d,) and (d, d)",
       [](generator& g) {
         (void)g.multivariate_normal(ones({2}), ones({3, 3}));
       }},
      {"value_error multivariate_normal: the covariance is not symmetric",
       [](generator& g) {
         (void)g.multivariate_normal(ones({2}), array({{1.0, 2.0}, {3.0, 4.0}}));
       }},
      {"value_error multivariate_normal: the covariance has the eigenvalue -1.0: it is not positive semidefinite",
       [](generator& g) {
         (void)g.multivariate_normal(ones({2}), array({{0.0, 1.0}, {1.0, 0.0}}));
       }},
  };
  for (const failing_call& c : calls) {
    generator g(1);
    EXPECT_EQ(error_of([&] { c.call(g); }), c.text);
    EXPECT_TRUE(g == generator(1)) << c.text;
  }
}

}  // namespace
