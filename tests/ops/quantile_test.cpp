// Quantiles: NumPy's for every method, lanes and zero sizes, what is refused.
#include <cmath>

#include "ops/quantile_cases.hpp"

using namespace tessera;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(quantile, equals_numpys) { EXPECT_GT(tessera_test::replay_quantiles(cpu(), 1), 600); }

TEST(quantile, of_many_equals_the_definition) {
  const std::int64_t n = 30001;
  const array x = floor(random::generator(3).uniform(0, 1000, {n}));
  std::vector<double> sorted = elements<double>(x);
  std::sort(sorted.begin(), sorted.end());
  for (double q : {0.0, 0.013, 0.5, 0.9, 1.0}) {
    const double place = double(n - 1) * q, below = std::floor(place);
    const double a = sorted[std::size_t(below)], b = sorted[std::size_t(std::ceil(place))];
    EXPECT_NEAR(double(quantile(x, q)), a + (b - a) * (place - below), 1e-9);
    EXPECT_EQ(double(quantile(x, q, {.method = quantile_method::lower})), a);
    EXPECT_EQ(double(nanquantile(x, q, {.method = quantile_method::higher})), b);
  }
}

TEST(quantile, of_lanes_with_different_counts_of_numbers) {
  const array x = {{nan, 4.0, 1.0, nan}, {nan, nan, nan, nan}, {1.0, 2.0, 3.0, 4.0}};
  const std::vector<double> found = elements<double>(nanquantile(x, 0.5, 1));
  EXPECT_EQ(found[0], 2.5);
  EXPECT_TRUE(std::isnan(found[1]));
  EXPECT_EQ(found[2], 2.5);
  EXPECT_EQ(elements<double>(nanmedian(x, 1).eval())[0], 2.5);
  EXPECT_EQ(double(nanmedian(array{nan, 1e308, nan})), 1e308);
  EXPECT_EQ(double(nanmedian(array{3.0, nan, -infinity, infinity})), 3.0);
}

TEST(quantile, takes_the_dtype_of_numpys) {
  const array x = array({1, 2, 3}, float32);
  EXPECT_EQ(quantile(x, 0.5).dtype(), float32);
  EXPECT_EQ(quantile(x, array{0.5}).dtype(), float64);
  EXPECT_EQ(quantile(array{1, 2, 3}, 1).dtype(), int64);
  EXPECT_EQ(quantile(array{1, 2, 3}, 0.5).dtype(), float64);
  EXPECT_EQ(quantile(array{true, false}, 0.5, {.method = quantile_method::lower}).dtype(), bool_);
  EXPECT_EQ(percentile(array{1, 2, 3}, 100).dtype(), float64);
}

// NumPy's nanmedian adds the middle one to itself. Its dtype of a result that is NaN is that of x, ours does not depend on values.
TEST(quantile, differs_from_numpys_where_that_is_better) {
  const double most = std::numeric_limits<double>::max(), nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(elements<double>(nanmedian(array{{most, most, most}, {-most, nan, nan}}, 1)), (std::vector{most, -most}));
  EXPECT_EQ(double(nanmedian(array{most, most, nan})), std::numeric_limits<double>::infinity());
  EXPECT_EQ(quantile(array({nan}, float32), array(0.5)).dtype(), quantile(array({1}, float32), array(0.5)).dtype());
}

TEST(quantile, of_no_lanes_and_no_fractions) {
  EXPECT_EQ(quantile(zeros({0, 3}), 0.5, 1).shape(), shape({0}));
  EXPECT_EQ(quantile(zeros({3, 0}, float32), {0.1, 0.2}, 0).shape(), shape({2, 0}));
  EXPECT_EQ(quantile(array{1.0, 2.0}, zeros({0})).shape(), shape({0}));
  EXPECT_EQ(quantile(zeros({2, 0}, int64), 0.5, 0, {.keepdims = true}).dtype(), float64);
  EXPECT_TRUE(std::isnan(double(nanquantile(zeros({0}), 0.5))));
  EXPECT_EQ(nanquantile(zeros({0, 3}, float32), {0.1, 0.2}, 0).shape(), shape({3}));
  EXPECT_EQ(nanquantile(zeros({0, 3}, float32), {0.1, 0.2}, 0).dtype(), float32);
  EXPECT_EQ(nanpercentile(zeros({0, 3}, int64), {1, 2}, 0, {.keepdims = true}).shape(), shape({1, 3}));
  EXPECT_EQ(nanpercentile(zeros({0, 3}, int64), {1, 2}, 0).dtype(), float64);
  EXPECT_EQ(nanpercentile(zeros({2, 0}), array({{1, 2}})).shape(), shape());
  EXPECT_EQ(nanquantile(zeros({2, 0}), {0.1, 0.2}, 0, {.keepdims = true}).shape(), shape({1, 0}));
  EXPECT_EQ(error_of([] {
              quantile(zeros({0, 3}), 0.5, 0);
            }),
            "index_error quantile: lanes without elements: shape (0, 3)");
  EXPECT_EQ(error_of([] {
              quantile(zeros({0, 3}), 0.5, {0, 1});
            }),
            "index_error quantile: lanes without elements: shape (0, 3)");
}

TEST(quantile, refuses_what_has_no_order_or_no_place) {
  const array x = {1.0, 2.0};
  EXPECT_EQ(error_of([&] { quantile(x, 1.1); }), "value_error quantile: q = 1.1 is not in [0, 1]");
  EXPECT_EQ(error_of([&] { percentile(x, {50, -1}); }), "value_error percentile: q = -1 is not in [0, 100]");
  EXPECT_EQ(error_of([&] { nanquantile(x, nan); }), "value_error nanquantile: q = nan is not in [0, 1]");
  EXPECT_EQ(error_of([&] { quantile(astype(x, complex64), 0.5); }),
            "dtype_error quantile: x has dtype complex64; expected real numbers");
  EXPECT_EQ(error_of([&] { quantile(x, astype(x, complex64)); }),
            "dtype_error quantile: q has dtype complex64; expected real numbers");
  EXPECT_EQ(error_of([&] { quantile(array{true}, 0.5); }),
            "dtype_error quantile: bool elements have no differences; lower, higher, nearest, inverted_cdf and "
            "closest_observation pick elements");
  EXPECT_EQ(error_of([&] { quantile(x, 0.5, 1); }),
            "axis_error quantile: axis 1 is out of bounds for an array with 1 axis");
}

TEST(quantile, refuses_weights_that_weigh_nothing) {
  const array x = {{1.0, 2.0}};
  const auto weighted = [&](const array& w, const axes& over = {}) {
    return [=] { nanpercentile(x, 50, over, {.method = quantile_method::inverted_cdf, .weights = {w}}); };
  };
  EXPECT_EQ(error_of([&] { quantile(x, 0.5, {.weights = {x}}); }),
            "value_error quantile: weights need the method inverted_cdf");
  EXPECT_EQ(error_of(weighted({{1.0, -1.0}})), "value_error nanpercentile: weights must not be negative");
  EXPECT_EQ(error_of(weighted(zeros({1, 2}))),
            "value_error nanpercentile: the weights of a lane add up to 0, to infinity or to NaN");
  EXPECT_EQ(error_of(weighted({1.0, 1.0})),
            "dtype_error nanpercentile: weights of shape (2,) differ from (1, 2); name the axis they belong to");
  EXPECT_EQ(error_of(weighted({1.0, 1.0}, 0)),
            "shape_error nanpercentile: weights of shape (2,) do not fit the axes of extents (1,)");
  EXPECT_EQ(error_of(weighted(ones({1, 2}, complex64))),
            "dtype_error nanpercentile: weights have dtype complex64; expected real numbers");
}

}  // namespace
