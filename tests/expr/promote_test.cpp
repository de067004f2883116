// Which dtype an operation computes in and gives.
#include <gtest/gtest.h>

#include <complex>

#include "expr/build.hpp"
#include "tessera/tessera.hpp"

namespace tessera::detail {
namespace {

array one(dtype type) { return ones({1}, type); }

TEST(weak_scalars, keep_the_dtype_of_the_array) {
  EXPECT_EQ((one(int8) + 1).dtype(), int8);
  EXPECT_EQ((one(uint64) * 2u).dtype(), uint64);
  EXPECT_EQ((one(float16) + 1.5).dtype(), float16);
  EXPECT_EQ((one(float32) * std::complex<double>(0, 1)).dtype(), complex64);
}

TEST(weak_scalars, of_a_higher_kind_bring_the_default_of_that_kind) {
  EXPECT_EQ((one(bool_) + 1).dtype(), int64);
  EXPECT_EQ((one(int8) + 1.5).dtype(), float64);
  EXPECT_EQ((one(int8) * std::complex<double>(0, 1)).dtype(), complex128);
  EXPECT_EQ((one(bfloat16) + 1.5).dtype(), float32);  // as ml_dtypes registers bfloat16 with NumPy
}

TEST(weak_scalars, are_bool_as_strong_as_an_array_s) {
  EXPECT_EQ((one(int8) + true).dtype(), int8);
  EXPECT_EQ((one(bool_) + true).dtype(), bool_);
}

TEST(weak_scalars, alone_bring_their_own_dtype) {
  EXPECT_EQ((expr(1) + expr(2)).dtype(), int64);
  EXPECT_EQ((expr(1) + expr(2.5f)).dtype(), float64);
  EXPECT_EQ(where(one(bool_), 1, 0).dtype(), int64);
}

TEST(weak_scalars, that_do_not_fit_are_an_error) {
  try {
    (void)(one(uint8) + 300);
    FAIL();
  } catch (const overflow_error& e) {
    EXPECT_STREQ(e.what(), "add: 300 is out of bounds for uint8");
  }
}

TEST(weak_scalars, out_of_range_compare_by_value) {
  EXPECT_TRUE(bool(all(one(uint8) < 300)));
  EXPECT_TRUE(bool(all(one(uint8) > -1)));
  EXPECT_FALSE(bool(any(one(uint8) == 256)));
  EXPECT_TRUE(bool(all(300 > one(uint8))));
  EXPECT_TRUE(bool(all(one(int64) != 18446744073709551615u)));
}

TEST(loops, are_the_first_that_every_operand_casts_to) {
  EXPECT_EQ(hypot(one(int8), one(uint16)).dtype(), float32);  // not float64, the dtype of their common integer
  EXPECT_EQ(add(one(int8), one(uint16)).dtype(), int32);
  EXPECT_EQ(sqrt(one(bool_)).dtype(), float16);
  EXPECT_EQ(sqrt(one(int16)).dtype(), float32);
  EXPECT_EQ(divide(one(int8), one(int8)).dtype(), float64);
  EXPECT_EQ(divide(one(int8), one(float16)).dtype(), float16);
  EXPECT_EQ(floor_divide(one(bool_), one(bool_)).dtype(), int8);
  EXPECT_EQ(abs(one(complex64)).dtype(), float32);
  EXPECT_EQ(bitwise_count(one(int64)).dtype(), uint8);
}

TEST(loops, that_do_not_exist_name_the_operation_and_the_dtypes) {
  try {
    (void)(one(float16) & one(int8));
    FAIL();
  } catch (const dtype_error& e) {
    EXPECT_STREQ(e.what(), "bitwise_and: not supported for dtypes float16 and int8");
  }
  try {
    (void)(one(bool_) - one(bool_));
    FAIL();
  } catch (const dtype_error& e) {
    EXPECT_STREQ(e.what(), "subtract: not supported for dtypes bool and bool; use bitwise_xor or logical_xor");
  }
}

TEST(comparisons, of_int64_with_uint64_are_exact) {
  const array a({-1, 9007199254740993}, int64), b = full({2}, 9007199254740992u, uint64);
  EXPECT_TRUE(array_equal(a < b, array{true, false}));
  EXPECT_TRUE(array_equal(b <= a, array{false, true}));
  EXPECT_TRUE(array_equal(a == b, array{false, false}));
  EXPECT_TRUE(array_equal(b != a, array{true, true}));
}

}  // namespace
}  // namespace tessera::detail
