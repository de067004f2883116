// Elementwise functions that are composed of several operations, and what apply() writes. Single operations: kernels_test.
#include "tessera/elementwise.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>

#include "array_values.hpp"
#include "tessera/tessera.hpp"

namespace tessera {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

using tessera_test::doubles;
using list = std::vector<double>;

TEST(clip, keeps_the_dtype_of_the_array) {
  const array x({-5, 0, 5, 100}, int8);
  EXPECT_EQ(clip(x, 0, 9).dtype(), int8);
  EXPECT_EQ(doubles(clip(x, 0, 9)), (list{0, 0, 5, 9}));
}

TEST(clip, leaves_out_bounds_beyond_the_dtype) {
  const array x({-5, 0, 100}, int8);
  EXPECT_EQ(doubles(clip(x, -1000, 1000)), (list{-5, 0, 100}));
  EXPECT_EQ(doubles(clip(x, 0, 1000)), (list{0, 0, 100}));
  EXPECT_EQ(clip(x, -1000, 1000).dtype(), int8);
  EXPECT_THROW((void)clip(x, 300, 400), overflow_error);
  EXPECT_EQ(doubles(clip(array({1, 9}, uint64), 0, 18446744073709551615u)), (list{1, 9}));
}

TEST(clip, takes_arrays_as_bounds) {
  EXPECT_EQ(doubles(clip(array{1.0, 5.0, 9.0}, array{2, 2, 2}, array{3, 6, 8})), (list{2, 5, 8}));
}

TEST(round, scales_and_rounds_half_to_even) {
  EXPECT_EQ(doubles(round(array{0.5, 1.5, -2.5, 2.675})), (list{0, 2, -2, 3}));
  EXPECT_EQ(doubles(round(array{1.25, 1.35, -1.25}, 1)), (list{1.2, 1.4, -1.2}));
  EXPECT_EQ(doubles(round(array{1250.0, 1350.0}, -2)), (list{1200, 1400}));
}

TEST(round, leaves_integers_unless_decimals_are_negative) {
  const array x({15, 25, 149}, int16);
  EXPECT_EQ(round(x, 3).dtype(), int16);
  EXPECT_EQ(round(x, -1).dtype(), int16);
  EXPECT_EQ(doubles(round(x, -1)), (list{20, 20, 150}));
}

TEST(round, rounds_both_parts_of_complex_numbers) {
  const array x = {std::complex<double>(1.25, -0.35)};
  const auto z = array(round(x, 1))(0).item<std::complex<double>>();
  EXPECT_EQ(z, std::complex<double>(1.2, -0.4));
}

TEST(divmod, gives_python_s_signs) {
  const auto [quotient, rest] = divmod(array{7, -7, 7, -7}, array{3, 3, -3, -3});
  EXPECT_EQ(doubles(quotient), (list{2, -3, -3, 2}));
  EXPECT_EQ(doubles(rest), (list{1, 2, -2, -1}));
}

TEST(frexp, splits_into_mantissa_and_exponent) {
  const auto [mantissa, exponent] = frexp(array{8.0, -0.75, 0.0});
  EXPECT_EQ(doubles(mantissa), (list{0.5, -0.75, 0}));
  EXPECT_EQ(doubles(exponent), (list{4, 0, 0}));
  EXPECT_EQ(exponent.dtype(), int32);
  EXPECT_EQ(doubles(ldexp(mantissa, exponent)), (list{8, -0.75, 0}));
}

TEST(modf, splits_into_fractional_and_integral_part) {
  const auto [fractional, integral] = modf(array{2.5, -2.5});
  EXPECT_EQ(doubles(fractional), (list{0.5, -0.5}));
  EXPECT_EQ(doubles(integral), (list{2, -2}));
}

TEST(float_power, computes_in_float64_or_complex128) {
  EXPECT_EQ(float_power(array({2, 3}, int8), 2).dtype(), float64);
  EXPECT_EQ(float_power(array({2, 3}, complex64), 2).dtype(), complex128);
  EXPECT_EQ(doubles(float_power(array{2, 4}, -1)), (list{0.5, 0.25}));
}

TEST(nan_to_num, replaces_what_is_not_finite) {
  const double largest = std::numeric_limits<double>::max();
  EXPECT_EQ(doubles(nan_to_num(array{nan, infinity, -infinity, 2.0})), (list{0, largest, -largest, 2}));
  EXPECT_EQ(doubles(nan_to_num(array{nan, infinity, -infinity},
                               {.nan = 7, .posinf = 8, .neginf = 9, .replace_infinities = true})),
            (list{7, 8, 9}));
  EXPECT_EQ(nan_to_num(array({1.0}, bfloat16)).dtype(), bfloat16);
  EXPECT_EQ(doubles(nan_to_num(array{1, 2})), (list{1, 2}));
}

TEST(isclose, compares_with_relative_and_absolute_tolerance) {
  const array a = {1.0, 1.0, nan, infinity, infinity}, b = {1.0 + 1e-6, 1.1, nan, infinity, -infinity};
  EXPECT_EQ(doubles(isclose(a, b)), (list{1, 0, 0, 1, 0}));
  EXPECT_EQ(doubles(isclose(a, b, {.equal_nan = true})), (list{1, 0, 1, 1, 0}));
  EXPECT_FALSE(allclose(a, b));
  EXPECT_TRUE(allclose(array{1, 2}, array{1.0, 2.0}));
}

TEST(array_equal, needs_equal_shapes) {
  EXPECT_TRUE(array_equal(array{1, 2}, array{1.0, 2.0}));
  EXPECT_FALSE(array_equal(array{1, 2}, array{{1, 2}}));
  EXPECT_FALSE(array_equal(array{nan}, array{nan}));
  EXPECT_TRUE(array_equal(array{nan}, array{nan}, true));
}

TEST(where, promotes_both_choices) {
  const array condition = {true, false};
  EXPECT_EQ(where(condition, array({1, 2}, int8), array({3, 4}, uint8)).dtype(), int16);
  EXPECT_EQ(where(condition, array({1, 2}, int8), 7).dtype(), int8);
  EXPECT_EQ(doubles(where(array{2.5, 0.0}, 1, -1)), (list{1, -1}));
}

TEST(angle, of_a_negative_number_is_pi) { EXPECT_EQ(doubles(angle(array{-1.0, 1.0})), (list{std::acos(-1.0), 0})); }

TEST(apply, writes_through_a_view_where_the_mask_is_true) {
  array m = zeros({2, 3});
  apply(m(1), array{1, 2, 3}, {.where = array{true, false, true}});
  EXPECT_EQ(doubles(m), (list{0, 0, 0, 1, 0, 3}));
}

TEST(apply, refuses_a_lower_kind_and_a_mask_that_is_no_bool) {
  array m = {1, 2};
  EXPECT_THROW(apply(m, array{1.5, 2.5}), dtype_error);
  EXPECT_THROW(apply(m, 3, {.where = array{1, 0}}), dtype_error);
  EXPECT_THROW(apply(m, array{1, 2, 3}), shape_error);
  EXPECT_EQ(doubles(m), (list{1, 2}));
}

}  // namespace
}  // namespace tessera
