// Nested lists: shape, common dtype, order, and what is wrong with a list.
#include <gtest/gtest.h>

#include <complex>

#include "array_values.hpp"

using namespace tessera;
using tessera_test::message_of;
using tessera_test::values;

namespace {

TEST(list, has_the_shape_of_its_nesting) {
  EXPECT_EQ(array({}).shape(), shape(0));
  EXPECT_EQ(array({5}).shape(), shape(1));
  EXPECT_EQ(array({{1, 2, 3}, {4, 5, 6}}).shape(), shape({2, 3}));
  EXPECT_EQ(array({{{{1, 2}}, {{3, 4}}, {{5, 6}}}}).shape(), shape({1, 3, 1, 2}));
  EXPECT_EQ(values<std::int64_t>(array({{1, 2}, {3, 4}})), (std::vector<std::int64_t>{1, 2, 3, 4}));
}

TEST(list, takes_the_common_dtype_of_its_numbers) {
  EXPECT_EQ(array({1, 2}).dtype(), int64);
  EXPECT_EQ(array({true, false}).dtype(), bool_);
  EXPECT_EQ(array({true, 2}).dtype(), int64);
  EXPECT_EQ(array({1, 2.5, true}).dtype(), float64);
  EXPECT_EQ(array({1.5f, 2.5f}).dtype(), float32);
  EXPECT_EQ(array({1.5f, 2}).dtype(), float64);
  EXPECT_EQ(array({std::uint64_t{1}, std::uint64_t{2}}).dtype(), uint64);
  EXPECT_EQ(array({std::numeric_limits<std::uint64_t>::max(), -1}).dtype(), float64);
  EXPECT_EQ(values<double>(array({std::numeric_limits<std::uint64_t>::max(), -1})), (std::vector<double>{0x1p64, -1}));
  EXPECT_EQ(array({1, std::complex<double>(0, 1)}).dtype(), complex128);
  EXPECT_EQ(array({std::int8_t{1}, std::uint8_t{2}}).dtype(), int16);
}

TEST(list, fills_the_dtype_and_order_asked_for) {
  EXPECT_EQ(values<std::uint8_t>(array({1.9, -0.5, 255}, uint8)), (std::vector<std::uint8_t>{1, 0, 255}));
  EXPECT_EQ(array("f4", {1, 2}).dtype(), float32);
  const array f({{1, 2, 3}, {4, 5, 6}}, order::F);
  EXPECT_EQ(f.strides(), shape({8, 16}));
  EXPECT_EQ(values<std::int64_t>(f), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values<bool>(array({2, 0.5, 0}, bool_)), (std::vector<bool>{true, true, false}));
}

TEST(list, says_which_number_does_not_fit) {
  EXPECT_EQ(message_of<overflow_error>([] { array({1, 300}, uint8); }), "array: 300 is out of bounds for uint8");
  EXPECT_EQ(message_of<overflow_error>([] { array({-1}, uint64); }), "array: -1 is out of bounds for uint64");
  EXPECT_EQ(message_of<value_error>([] { array({std::nan("")}, int64); }), "array: NaN is no int64");
  EXPECT_EQ(message_of<dtype_error>([] { array({std::complex<double>(1, 2)}, float64); }),
            "array: a complex number does not fit into float64");
}

TEST(list, that_is_ragged_names_the_place) {
  EXPECT_EQ(message_of<shape_error>([] {
              array({{1, 2}, {3}});
            }),
            "array: ragged list: [1] has 1 entry where [0] has 2");
  EXPECT_EQ(message_of<shape_error>([] {
              array({{{1, 2}, {3, 4}}, {{5, 6}, {7, 8, 9}}});
            }),
            "array: ragged list: [1][1] has 3 entries where [0][0] has 2");
  EXPECT_EQ(message_of<shape_error>([] {
              array({{1}, 2});
            }),
            "array: ragged list: [1] is a number where [0] is a list");
  EXPECT_EQ(message_of<shape_error>([] {
              array({1, {2, 3}});
            }),
            "array: ragged list: [1] is a list where [0] is a number");
}

TEST(list, of_texts_does_not_exist_yet) {
  EXPECT_EQ(message_of<dtype_error>([] { array({"a", "b"}); }), "array: text arrays do not exist yet");
}

}  // namespace
