// dtype: codes, names, sizes; promotion with bfloat16 (the rest is replayed from NumPy by the conformance test).
#include <gtest/gtest.h>

#include "array_values.hpp"
#include "core/dtype_parts.hpp"
#include "core/element.hpp"

using namespace tessera;
using tessera_test::message_of;

namespace {

const dtype every[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                       uint64, float16, bfloat16, float32, float64, complex64, complex128};

TEST(dtype, is_parsed_from_its_own_names_and_codes) {
  for (const dtype type : every) {
    EXPECT_EQ(dtype(type.name()), type);
    EXPECT_EQ(dtype(type.str()), type);
  }
}

TEST(dtype, takes_numpys_spellings) {
  const std::pair<const char*, dtype> spellings[] = {
      {"f8", float64},        {"<f8", float64},   {"=f8", float64},    {"|f8", float64}, {"d", float64},
      {"<d", float64},        {"float", float64}, {"double", float64}, {"?", bool_},     {"b1", bool_},
      {"|b1", bool_},         {"b", int8},        {"B", uint8},        {"i", int32},     {"l", int64},
      {"int", int64},         {"uint", uint64},   {"intp", int64},     {"e", float16},   {"half", float16},
      {"F", complex64},       {"D", complex128},  {"c16", complex128}, {"i4", int32},    {">i1", int8},
      {"complex", complex128}};
  for (const auto& [text, type] : spellings) EXPECT_EQ(dtype(text), type) << text;
}

TEST(dtype, refuses_what_is_no_element_type) {
  for (const char* text : {"", "<", "x9", "f3", "f16", "<float64", " f8", "f8 ", "U-1", "U2x", "S99999999999", "u",
                           "unset", "float_", "<>f8"}) {
    EXPECT_EQ(message_of<dtype_error>([&] { (void)dtype(text); }),
              "dtype: '" + std::string(text) + "' is not an element type");
  }
}

TEST(dtype, is_big_endian_in_files_only) {
  const dtype big(">u2");
  EXPECT_FALSE(big.is_native());
  EXPECT_FALSE(big == uint16);
  EXPECT_EQ(detail::native(big), uint16);
  EXPECT_EQ(detail::swapped(uint16), big);
  EXPECT_EQ(big.str(), ">u2");
  EXPECT_TRUE(dtype(">i1").is_native());
  EXPECT_TRUE(dtype(">S3").is_native());
  EXPECT_EQ(message_of<dtype_error>([&] { (void)zeros({2}, big); }),
            "array: >u2 is in the other byte order, which exists only in files");
  EXPECT_EQ(message_of<dtype_error>([&] {
              (void)array{1, 2}.view(dtype(">i8"));
            }),
            "view: >i8 is in the other byte order, which exists only in files");
}

TEST(dtype, has_size_kind_and_text) {
  EXPECT_EQ(complex128.itemsize(), 16);
  EXPECT_EQ(bfloat16.itemsize(), 2);
  EXPECT_EQ(bfloat16.kind(), 'f');
  EXPECT_EQ(bfloat16.str(), "bfloat16");
  EXPECT_EQ(int8.str(), "|i1");
  EXPECT_EQ(uint16.str(), "<u2");
  EXPECT_EQ(dtype().itemsize(), 0);
}

// numpy.promote_types(bfloat16, x) with ml_dtypes.bfloat16; those missing have no common dtype there.
TEST(promotion, of_bfloat16_is_that_of_ml_dtypes) {
  for (const dtype narrow : {bool_, int8, uint8, bfloat16}) {
    EXPECT_EQ(result_type(bfloat16, narrow), bfloat16);
    EXPECT_EQ(result_type(narrow, bfloat16), bfloat16);
  }
  for (const dtype wide : {float32, float64, complex64, complex128}) EXPECT_EQ(result_type(wide, bfloat16), wide);
  for (const dtype other : {int16, int32, int64, uint16, uint32, uint64, float16}) {
    EXPECT_EQ(message_of<dtype_error>([&] { (void)result_type(other, bfloat16); }),
              std::string("result_type: ") + other.name() + " and bfloat16 have no common dtype");
    EXPECT_FALSE(can_cast(other, bfloat16));
    EXPECT_TRUE(can_cast(other, bfloat16, casting::same_kind));
  }
}

TEST(promotion, is_commutative_and_an_unset_dtype_gives_way) {
  for (const dtype a : every) {
    EXPECT_EQ(result_type(a, a), a);
    EXPECT_EQ(result_type(a, {}), a);
    for (const dtype b : every) {
      if (a == bfloat16 || b == bfloat16) continue;
      EXPECT_EQ(result_type(a, b), result_type(b, a));
    }
  }
}

TEST(can_cast, follows_its_rule) {
  EXPECT_TRUE(can_cast(float64, float64, casting::no));
  EXPECT_FALSE(can_cast(float32, float64, casting::no));
  EXPECT_TRUE(can_cast(float32, float64));
  EXPECT_FALSE(can_cast(float64, float32));
  EXPECT_TRUE(can_cast(float64, float32, casting::same_kind));
  EXPECT_FALSE(can_cast(float64, int64, casting::same_kind));
  EXPECT_TRUE(can_cast(uint64, int8, casting::same_kind));
  EXPECT_FALSE(can_cast(int8, uint64, casting::same_kind));
  EXPECT_TRUE(can_cast(complex128, bool_, casting::unsafe));
  EXPECT_FALSE(can_cast(complex64, bfloat16, casting::same_kind));
  EXPECT_TRUE(can_cast(bfloat16, float16, casting::same_kind));
}

// ---- Elements as numbers

detail::scalar_value through(dtype type, const detail::scalar_value& value) {
  alignas(16) std::byte bytes[17];
  detail::write_element(bytes + 1, type, value);  // misaligned on purpose
  return detail::read_element(bytes + 1, type);
}

TEST(element, keeps_every_value_its_dtype_has) {
  for (const dtype type : every) {
    const auto one = through(type, 1);
    EXPECT_EQ(one.type, type);
    EXPECT_EQ(one.is_integral() ? static_cast<double>(one.integer) : one.real, 1.0) << type.name();
  }
  const auto largest = through(uint64, std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(largest.wide);
  EXPECT_EQ(detail::scalar_cast<std::uint64_t>(largest, caller()), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(through(int64, std::numeric_limits<std::int64_t>::min()).integer, std::numeric_limits<std::int64_t>::min());
}

TEST(element, is_cast_as_astype_casts) {
  EXPECT_EQ(through(uint8, 300).integer, 44);
  EXPECT_EQ(through(int8, -129).integer, 127);
  EXPECT_EQ(through(int32, -2.75).integer, -2);
  EXPECT_EQ(through(uint64, 0x1p63).integer, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(through(bool_, 0.5).integer, 1);
  EXPECT_EQ(through(bool_, std::complex<double>(0, 2)).integer, 1);
  EXPECT_EQ(through(float32, std::complex<double>(3, 4)).real, 3);
  EXPECT_EQ(through(complex64, std::complex<double>(3, 4)).imag, 4);
  EXPECT_EQ(through(float16, 65520.0).real, std::numeric_limits<double>::infinity());
  EXPECT_EQ(through(float16, 1.0 + 0x1p-11 + 0x1p-40).real, 1.0 + 0x1p-10);  // would round to even by way of float
  EXPECT_EQ(through(float32, (std::int64_t{1} << 54) + (std::int64_t{1} << 30) + 1).real, 0x1p54 + 0x1p31);
}

TEST(element, out_of_range_is_defined) {
  for (const double x : {1e300, -1e300, std::numeric_limits<double>::infinity(), std::nan("")}) {
    for (const dtype type : every) (void)through(type, x);
  }
}

TEST(item, says_what_cannot_be_converted) {
  EXPECT_EQ(message_of<overflow_error>([] { (void)detail::scalar_cast<std::uint8_t>(300, caller()); }),
            "conversion: 300 is out of bounds for uint8");
  EXPECT_EQ(message_of<overflow_error>([] { (void)detail::scalar_cast<int>(1e300, caller()); }),
            "conversion: 1e+300 is out of bounds for int32");
  EXPECT_EQ(message_of<value_error>([] { (void)detail::scalar_cast<int>(std::nan(""), caller()); }),
            "conversion: nan is not an integer");
  EXPECT_EQ(message_of<dtype_error>([] { (void)detail::scalar_cast<double>(std::complex<double>(1, -2), caller()); }),
            "conversion: 1-2j is not a real number");
  EXPECT_EQ(detail::scalar_cast<std::int64_t>(-2.9, caller()), -2);
  EXPECT_EQ(detail::scalar_cast<std::uint8_t>(-0.5, caller()), 0);
}

}  // namespace
