// The 16-bit floats against their definition: every number, every midpoint between two.
#include "core/half.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace {

using tessera::detail::bfloat16_t;
using tessera::detail::float16_t;

/// What the bits mean: sign, `exponent_bits` biased by half their range, fraction.
double meaning(int bits, int exponent_bits) {
  const int fraction_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const int fraction = bits & ((1 << fraction_bits) - 1), exponent = (bits & 0x7fff) >> fraction_bits;
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) return fraction == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - fraction_bits);
  return sign * std::ldexp((1 << fraction_bits) + fraction, exponent - bias - fraction_bits);
}

template <class Half> class half_conversion : public testing::Test {
 protected:
  static constexpr int exponent_bits = std::is_same_v<Half, float16_t> ? 5 : 8;
  static constexpr int infinity = ((1 << exponent_bits) - 1) << (15 - exponent_bits);
  static double value(int bits) { return meaning(bits, exponent_bits); }
};
using both = testing::Types<float16_t, bfloat16_t>;
TYPED_TEST_SUITE(half_conversion, both);

TYPED_TEST(half_conversion, of_every_number_is_exact_and_comes_back) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const auto x = TypeParam::from_bits(static_cast<std::uint16_t>(bits));
    const double expected = this->value(bits);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(static_cast<float>(x)));
      EXPECT_TRUE(std::isnan(static_cast<float>(TypeParam(static_cast<float>(x)))));
      EXPECT_TRUE(std::isnan(static_cast<float>(TypeParam(static_cast<double>(x)))));
      continue;
    }
    ASSERT_EQ(static_cast<float>(x), expected) << bits;
    ASSERT_EQ(std::signbit(static_cast<float>(x)), std::signbit(expected)) << bits;
    ASSERT_EQ(TypeParam(static_cast<float>(expected)).bits, bits);
    ASSERT_EQ(TypeParam(expected).bits, bits);
  }
}

/// The midpoint of two neighbours goes to the even one, everything else to the nearer one; also beyond the largest, whose
/// next neighbour would be the power of two that infinity stands for.
TYPED_TEST(half_conversion, rounds_once_and_ties_to_even) {
  for (int bits = 0; bits < this->infinity; ++bits) {
    const double low = this->value(bits);
    const double high = bits + 1 < this->infinity ? this->value(bits + 1) : 2 * low - this->value(bits - 1);
    const double middle = (low + high) / 2;
    const int even = bits % 2 == 0 ? bits : bits + 1;
    for (const int sign : {0, 0x8000}) {
      const double s = sign == 0 ? 1 : -1;
      ASSERT_EQ(TypeParam(s * middle).bits, even | sign) << middle;
      ASSERT_EQ(TypeParam(s * std::nextafter(middle, high)).bits, (bits + 1) | sign) << middle;
      ASSERT_EQ(TypeParam(s * std::nextafter(middle, low)).bits, bits | sign) << middle;
      const float f = static_cast<float>(middle);
      ASSERT_EQ(TypeParam(static_cast<float>(s) * f).bits, even | sign) << middle;
      ASSERT_EQ(TypeParam(static_cast<float>(s) * std::nextafter(f, INFINITY)).bits, (bits + 1) | sign) << middle;
      ASSERT_EQ(TypeParam(static_cast<float>(s) * std::nextafter(f, -INFINITY)).bits, bits | sign) << middle;
    }
  }
}

TYPED_TEST(half_conversion, overflows_to_infinity_and_keeps_the_sign_of_nan) {
  for (const double x : {1e300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::max()}) {
    EXPECT_EQ(TypeParam(x).bits, this->infinity);
    EXPECT_EQ(TypeParam(-x).bits, this->infinity | 0x8000);
  }
  EXPECT_EQ(TypeParam(std::copysign(NAN, -1.0)).bits & 0x8000, 0x8000);
  EXPECT_EQ(TypeParam(std::copysign(NAN, 1.0F)).bits & 0x8000, 0);
}

TEST(half_conversion_of_integers, keeps_what_the_last_bit_of_a_double_decides) {
  using tessera::detail::odd_double;
  const std::int64_t tie = (std::int64_t{1} << 62) + (std::int64_t{1} << 54);
  EXPECT_EQ(bfloat16_t(odd_double(tie)).bits, 0x5e80);
  EXPECT_EQ(bfloat16_t(odd_double(tie + 1)).bits, 0x5e81);
  EXPECT_EQ(bfloat16_t(odd_double(-tie - 1)).bits, 0xde81);
  EXPECT_EQ(bfloat16_t(odd_double(static_cast<std::uint64_t>(tie) + 1)).bits, 0x5e81);
  EXPECT_EQ(bfloat16_t(odd_double(~std::uint64_t{0})).bits, 0x5f80);
  EXPECT_EQ(odd_double(std::int64_t{-123456789}), -123456789.0);
}

}  // namespace
