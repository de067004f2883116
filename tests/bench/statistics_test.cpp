// Statistics of reports: values of scipy.stats 1.17 and of NumPy 2.4.
#include "statistics.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace {

using testing::DoubleNear;
using testing::Pointwise;
using samples = std::vector<double>;

struct known_test {
  samples first, second;
  double u, p;  // scipy.stats.mannwhitneyu(first, second, alternative="two-sided")
};

const known_test known_tests[] = {
    {{1.1, 2.2, 3.3, 4.4}, {2.5, 3.5, 5.5}, 3, 0.4},                  // exact
    {{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}, 0, 0.007936507936507936},     // exact, apart
    {{0.3, 0.1, 0.2}, {0.25}, 1, 1},                                  // exact, one value
    {{1, 2, 2, 3, 3, 3}, {2, 3, 4, 4, 5}, 5.5, 0.08871369199677616},  // ties
    {{5, 5, 5, 5}, {5, 5, 5}, 6, 1},                                  // all tied
    {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},                         // both above 8, no ties: normal
     {4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5, 13.5},
     36,
     0.12125097588073802},
    {{1.0, 1.5, 1.5, 2.0, 2.0, 2.5, 3.0, 3.0, 3.5, 4.0},  // both above 8, ties
     {2.0, 2.5, 2.5, 3.0, 3.5, 3.5, 4.0, 4.5, 5.0, 5.0, 5.5, 6.0},
     21.5,
     0.011762325767302607},
    {{10.2, 10.4, 10.1, 10.3, 10.5, 10.6, 10.7, 10.8},  // exact, 8 and 20
     {10.15, 10.25, 10.35, 10.45, 10.55, 10.65, 10.75, 10.85, 10.95, 11.05,
      11.15, 11.25, 11.35, 11.45, 11.55, 11.65, 11.75, 11.85, 11.95, 12.05},
     28,
     0.006782267651832869},
};

TEST(mann_whitney, is_scipys) {
  for (const known_test& each : known_tests) {
    const auto found = bench::mann_whitney(each.first, each.second);
    EXPECT_EQ(found.u, each.u);
    EXPECT_NEAR(found.p, each.p, 1e-12);
  }
}

TEST(mann_whitney, is_the_same_with_the_samples_exchanged) {
  for (const known_test& each : known_tests) {
    const auto found = bench::mann_whitney(each.second, each.first);
    EXPECT_EQ(found.u, static_cast<double>(each.first.size() * each.second.size()) - each.u);
    EXPECT_NEAR(found.p, each.p, 1e-12);
  }
}

TEST(mann_whitney, says_nothing_of_an_empty_sample) {
  EXPECT_EQ(bench::mann_whitney({}, samples{1, 2}).p, 1);
  EXPECT_EQ(bench::mann_whitney(samples{1, 2}, {}).p, 1);
}

TEST(least_p, is_of_samples_that_lie_wholly_apart) {
  EXPECT_NEAR(bench::least_p(3, 3), 2.0 / 20, 1e-12);  // of 20 orders the first and the last
  EXPECT_NEAR(bench::least_p(5, 4), 2.0 / 126, 1e-12);
  EXPECT_NEAR(bench::least_p(2, 30), 2.0 / 496, 1e-12);
  EXPECT_EQ(bench::least_p(0, 5), 1);
}

TEST(false_discovery_adjusted, is_scipys) {
  const samples p = {0.01, 0.04, 0.03, 0.005, 0.5, 0.04};
  EXPECT_THAT(bench::false_discovery_adjusted(p),
              Pointwise(DoubleNear(1e-15), samples{0.03, 0.048, 0.048, 0.03, 0.5, 0.048}));
  EXPECT_TRUE(bench::false_discovery_adjusted({}).empty());
}

TEST(sample_quantile, is_numpys) {
  const samples x = {3, 1, 2, 10};
  const double places[] = {0, 0.25, 0.5, 0.75, 1}, expected[] = {1, 1.75, 2.5, 4.75, 10};
  for (int k = 0; k < 5; ++k) EXPECT_EQ(bench::quantile(x, places[k]), expected[k]);
  EXPECT_EQ(bench::quantile({}, 0.5), 0);
}

TEST(geometric_mean, leaves_out_what_is_not_known) {
  EXPECT_NEAR(bench::geometric_mean(samples{1, 4, 16}), 4, 1e-14);
  EXPECT_NEAR(bench::geometric_mean(samples{0, 2, std::nan(""), 8, -1, INFINITY}), 4, 1e-14);
  EXPECT_EQ(bench::geometric_mean({}), 0);
  EXPECT_EQ(bench::geometric_mean(samples{0}), 0);
}

}  // namespace
