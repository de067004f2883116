// Reductions: dtypes, axes, masks, initial values and their errors, against sums and extremes worked out by hand.
#include "tessera/reduce.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>

#include "array_values.hpp"
#include "tessera/tessera.hpp"

namespace tessera {
namespace {

using tessera_test::message_of;

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

using tessera_test::doubles;
using list = std::vector<double>;

// ---- axes and dtypes

TEST(reduction, folds_no_one_several_or_all_axes) {
  const array x = reshape(arange(24), {2, 3, 4});
  EXPECT_EQ(doubles(sum(x)), (list{276}));
  EXPECT_EQ(doubles(sum(x, {0, 2})), (list{60, 92, 124}));
  EXPECT_EQ(sum(x, {0, -1}).shape(), shape({3}));
  EXPECT_EQ(sum(x, 1, {.keepdims = true}).shape(), shape({2, 1, 4}));
  EXPECT_TRUE(array_equal(sum(x, std::vector<int>()), x));
  EXPECT_EQ(doubles(any(x, std::vector<int>())(0, 0)), (list{0, 1, 1, 1}));
}

TEST(reduction, accumulates_small_integers_in_64_bits) {
  EXPECT_EQ(sum(ones({3}, int8)).dtype(), int64);
  EXPECT_EQ(sum(ones({3}, bool_)).dtype(), int64);
  EXPECT_EQ(prod(ones({3}, uint8)).dtype(), uint64);
  EXPECT_EQ(sum(ones({3}, float16)).dtype(), float16);
  EXPECT_EQ(sum(ones({3}, float32), {}, {.dtype = float64}).dtype(), float64);
  EXPECT_EQ(doubles(sum(full({1000}, 100, int8))), (list{100000}));
}

TEST(reduction, adds_bools_as_or_when_bool_is_asked_for) {
  EXPECT_EQ(doubles(sum(array{1, 2}, {}, {.dtype = bool_})), (list{1}));
  EXPECT_EQ(sum(array{1, 2}, {}, {.dtype = bool_}).dtype(), bool_);
}

TEST(reduction, starts_from_the_initial_value) {
  EXPECT_EQ(doubles(sum(array{1, 2}, {}, {.initial = {10}})), (list{13}));
  EXPECT_EQ(doubles(prod(array{2, 3}, {}, {.initial = {10}})), (list{60}));
  EXPECT_EQ(doubles(max(array{1, 2}, {}, {.initial = {10}})), (list{10}));
  EXPECT_EQ(doubles(max(zeros({0, 2}), 0, {.initial = {5}})), (list{5, 5}));
}

TEST(reduction, counts_only_where_the_mask_is_true) {
  const array x = {{1.0, nan}, {3.0, 4.0}}, mask = {{true, false}, {true, true}};
  EXPECT_EQ(doubles(sum(x, 0, {.where = {mask}})), (list{4, 4}));
  EXPECT_EQ(doubles(mean(x, 1, {.where = {mask}})), (list{1, 3.5}));
  EXPECT_EQ(doubles(max(x, {}, {.initial = {0}, .where = {mask}})), (list{4}));
  EXPECT_EQ(doubles(sum(x, {}, {.where = {array{true, false}}})), (list{4}));
  EXPECT_EQ(doubles(any(array{true, false}, {}, {.where = {array{false, true}}})), (list{0}));
  EXPECT_EQ(doubles(all(array{true, false}, {}, {.where = {array{true, false}}})), (list{1}));
}

TEST(reduction, of_negative_zeros_is_positive_zero) {
  EXPECT_FALSE(std::signbit(sum(array{-0.0, -0.0}).item<double>()));
}

TEST(reduction, takes_options_in_place_of_axes) {
  // g++ 12 would take the 1 and the 0 for axes if it found a way
  const array x = {1.0, 2.0, 6.0};
  EXPECT_EQ(var(x, {.ddof = 1}).item<double>(), 7);
  EXPECT_EQ(sum(x, {.initial = {1}}).item<double>(), 10);
  EXPECT_EQ(sum(x, {.keepdims = true}).shape(), shape({1}));
  EXPECT_EQ(sum(x, {}).shape(), shape());
  EXPECT_EQ(sum(x, {0}).shape(), shape());
  EXPECT_TRUE(bool(all(x, {.keepdims = true})));
}

// ---- extremes and positions

TEST(extremes, let_nan_win_or_pass_over_it) {
  const array x = {1.0, nan, 3.0};
  EXPECT_TRUE(std::isnan(max(x).item<double>()));
  EXPECT_EQ(nanmax(x).item<double>(), 3);
  EXPECT_EQ(nanmin(x).item<double>(), 1);
  EXPECT_TRUE(std::isnan(nanmax(array{nan, nan}).item<double>()));
}

TEST(extremes, of_nothing_are_an_error) {
  EXPECT_EQ(message_of<value_error>([] {
              (void)max(zeros({0, 3}), 0);
            }),
            "max: reduction over 0 elements has no value: shape (0, 3), axis 0 has extent 0");
  EXPECT_EQ(max(zeros({0, 3}), 1).shape(), shape({0}));
  EXPECT_THROW((void)argmax(zeros({0})), value_error);
  EXPECT_THROW((void)max(array{1, 2}, {}, {.where = {array{true, false}}}), value_error);
}

TEST(ptp, is_the_largest_less_the_smallest) {
  EXPECT_EQ(doubles(ptp(array{{1, 5}, {7, 2}}, 0)), (list{6, 3}));
  EXPECT_THROW((void)ptp(array{true, false}), dtype_error);
}

TEST(positions, are_those_of_the_first_in_c_order) {
  const array x = array({{1, 5, 3}, {5, 2, 5}}, order::F);
  EXPECT_EQ(argmax(x).item<int>(), 1);
  EXPECT_EQ(doubles(argmax(x, 0)), (list{1, 0, 1}));
  EXPECT_EQ(doubles(argmin(x(all, slice(none, none, -1)), 1)), (list{2, 1}));
  EXPECT_EQ(argmax(x, {.keepdims = true}).shape(), shape({1, 1}));
  EXPECT_EQ(argmax(array{1.0, nan, 3.0, nan}).item<int>(), 1);
  EXPECT_EQ(argmax(x).dtype(), int64);
  EXPECT_EQ(argmax(array(5)).item<int>(), 0);
}

TEST(positions, take_one_axis) {
  EXPECT_EQ(message_of<dtype_error>([] {
              (void)argmax(zeros({2, 3}), {0, 1});
            }),
            "argmax: takes one axis or none, not (0, 1)");
  EXPECT_THROW((void)argmax(zeros({2}), 1), axis_error);
}

TEST(positions, without_nan_need_a_number_in_every_lane) {
  EXPECT_EQ(doubles(nanargmax(array{{nan, 2.0}, {1.0, nan}}, 1)), (list{1, 0}));
  EXPECT_EQ(message_of<value_error>([] {
              (void)nanargmax(array{{nan, nan}, {1.0, nan}}, 1);
            }),
            "nanargmax: every element of a lane is NaN");
}

// ---- moments

TEST(mean, of_integers_is_float64_and_of_float16_is_float16) {
  EXPECT_EQ(mean(array{1, 2}).dtype(), float64);
  EXPECT_EQ(mean(ones({4}, float16)).dtype(), float16);
  EXPECT_EQ(mean(full({4000}, 60000.0, float16)).item<double>(), 60000.0);  // no overflow on the way
  EXPECT_TRUE(std::isnan(mean(zeros({0})).item<double>()));
}

TEST(variance, divides_by_n_less_ddof) {
  const array x = {{1.0, 2.0, 6.0}, {4.0, 4.0, 4.0}};
  EXPECT_EQ(doubles(var(x, 1)), (list{14.0 / 3, 0}));
  EXPECT_EQ(doubles(var(x, 1, {.ddof = 1})), (list{7, 0}));
  EXPECT_EQ(doubles(stddev(x, 1, {.ddof = 1})), (list{std::sqrt(7.0), 0}));
  EXPECT_EQ(doubles(var(array{std::complex<double>(1, 1), std::complex<double>(3, -1)})), (list{2}));
  EXPECT_EQ(var(ones({3}, complex64)).dtype(), float32);
}

TEST(variance, of_float32_far_from_zero_stays_accurate) {
  array x = empty({100000}, float64);
  unsigned state = 12345;
  for (double& v : x.span<double>()) {
    state = state * 1664525u + 1013904223u;
    v = std::round(1e6 * 16 + (state >> 16) % 64) / 16;  // multiples of 1/16 are exact in float32
  }
  const double exact = var(x).item<double>(), close = var(x.astype(float32)).item<double>();
  EXPECT_NEAR(close, exact, 0.01 * exact);
}

TEST(average, weighs_elements_or_slices) {
  const array x = {{1.0, 2.0}, {3.0, 5.0}};
  EXPECT_EQ(doubles(average(x)), (list{2.75}));
  EXPECT_EQ(doubles(average(x, 1, {.weights = {array{1, 3}}})), (list{1.75, 4.5}));
  EXPECT_EQ(doubles(average(x, {}, {.weights = {array{{1, 0}, {0, 1}}}})), (list{3}));
  EXPECT_EQ(message_of<value_error>([&] {
              (void)average(x, 1, {.weights = {array{1, -1}}});
            }),
            "average: weights sum to zero");
  EXPECT_THROW((void)average(x, {}, {.weights = {array{1, 2}}}), dtype_error);
  EXPECT_THROW((void)average(x, 0, {.weights = {array{1, 2, 3}}}), shape_error);
}

TEST(nan_variants, are_as_if_nan_were_not_there) {
  const array x = {{1.0, nan, 3.0}, {nan, nan, 5.0}};
  EXPECT_EQ(doubles(nansum(x, 1)), (list{4, 5}));
  EXPECT_EQ(doubles(nanprod(x, 1)), (list{3, 5}));
  EXPECT_EQ(doubles(nanmean(x, 1)), (list{2, 5}));
  EXPECT_EQ(doubles(nanvar(x, 1)), (list{1, 0}));
  EXPECT_TRUE(std::isnan(array(nanvar(x, 1, {.ddof = 1}))(1).item<double>()));
  EXPECT_TRUE(std::isnan(array(nanmean(x, 0))(1).item<double>()));
  EXPECT_EQ(nanmean(array{1, 2}).item<double>(), 1.5);
}

// ---- medians, norms

TEST(median, of_any_number_of_elements_is_that_of_sorted_ones) {
  random::generator g(4);
  for (std::int64_t n = 1; n < 40; ++n) {
    const array few = g.integers(0, 6, {20, n}).astype(float64), many = g.uniform({20, n});
    for (const array& x : {few, many}) {
      const array found = median(x, 1), sorted = sort(x, 1);
      for (std::int64_t row = 0; row < 20; ++row) {
        const double low = sorted(row, (n - 1) / 2).item<double>(), high = sorted(row, n / 2).item<double>();
        ASSERT_EQ(found(row).item<double>(), (low + high) / 2) << n << ": " << x(row);
      }
      array holes = x.copy();
      holes(slice(none, none, 3), n / 3) = nan;
      const array with_nan = median(holes, 1);
      for (std::int64_t row = 0; row < 20; ++row) {
        if (row % 3 == 0) EXPECT_TRUE(std::isnan(with_nan(row).item<double>())) << n;
        else EXPECT_EQ(with_nan(row).item<double>(), found(row).item<double>());
      }
    }
  }
}

TEST(median, is_the_middle_or_the_mean_of_the_middle_two) {
  EXPECT_EQ(doubles(median(array{{3, 1, 2}, {9, 7, 8}}, 1)), (list{2, 8}));
  EXPECT_EQ(median(array{4, 1, 3, 2}).item<double>(), 2.5);
  EXPECT_EQ(median(array{{4, 1}, {3, 2}}, {0, 1}, {.keepdims = true}).shape(), shape({1, 1}));
  EXPECT_TRUE(std::isnan(median(array{1.0, nan, 3.0}).item<double>()));
  EXPECT_EQ(nanmedian(array{1.0, nan, 3.0, 7.0, 9.0}).item<double>(), 5);
  EXPECT_TRUE(std::isnan(median(zeros({0})).item<double>()));
}

TEST(norm, follows_its_order) {
  const array x = {3.0, -4.0, 0.0};
  EXPECT_EQ(norm(x).item<double>(), 5);
  EXPECT_EQ(norm(x, {.ord = 1}).item<double>(), 7);
  EXPECT_EQ(norm(x, {.ord = 0}).item<double>(), 2);
  EXPECT_EQ(norm(x, {.ord = infinity}).item<double>(), 4);
  EXPECT_EQ(norm(x, {.ord = -infinity}).item<double>(), 0);
  EXPECT_NEAR(norm(x, {.ord = 3}).item<double>(), std::cbrt(91.0), 1e-14);
  EXPECT_EQ(doubles(norm(array{{3, 4}, {6, 8}}, 1)), (list{5, 10}));
  EXPECT_EQ(norm(array{std::complex<double>(3, 4)}).item<double>(), 5);
  EXPECT_EQ(norm(ones({2}, float32)).dtype(), float32);
}

TEST(logsumexp, does_not_overflow) {
  EXPECT_NEAR(logsumexp(array{1000.0, 1000.0}).item<double>(), 1000 + std::log(2.0), 1e-12);
  EXPECT_EQ(logsumexp(array{-infinity, -infinity}).item<double>(), -infinity);
  EXPECT_EQ(logsumexp(array{infinity, 0.0}).item<double>(), infinity);
  EXPECT_TRUE(std::isnan(logsumexp(array{nan, 0.0}).item<double>()));
  EXPECT_EQ(logsumexp(zeros({0})).item<double>(), -infinity);
}

TEST(reduction_errors, name_the_reduction_and_the_axis) {
  EXPECT_EQ(message_of<axis_error>([] {
              (void)sum(zeros({2, 3}), 2);
            }),
            "sum: axis 2 is out of bounds for an array with 2 axes");
  EXPECT_THROW((void)sum(zeros({2, 3}), {0, -2}), value_error);
  EXPECT_EQ(message_of<dtype_error>([] {
              (void)sum(array{1, 2}, {}, {.where = {array{1, 0}}});
            }),
            "sum: where has dtype int64; expected bool");
}

}  // namespace
}  // namespace tessera
