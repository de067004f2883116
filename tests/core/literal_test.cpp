// Nested lists: shape, common dtype, order, and what is wrong with a list.
#include <gtest/gtest.h>

#include <cstring>

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
  EXPECT_EQ(message_of<shape_error>([] { array({{1}, 2}); }), "array: ragged list: [1] is no list where [0] is a list");
  EXPECT_EQ(message_of<shape_error>([] {
              array({1, {2, 3}});
            }),
            "array: ragged list: [1] is a list where [0] is no list");
}

std::vector<std::string> texts_of(const array& x) {
  std::vector<std::string> result;
  for (const array& each : x) result.push_back(each.item<std::string>());
  return result;
}

TEST(list, of_texts_has_as_many_code_points_as_the_longest) {
  const array x = {"a", "", "h\u00e9\U0001f600"};
  EXPECT_EQ(x.dtype(), str_(3));
  EXPECT_EQ(x.shape(), shape{3});
  EXPECT_EQ(std::memcmp(x.data(),
                        U"a\0\0"
                        U"\0\0\0"
                        U"h\u00e9\U0001f600",
                        36),
            0);
  EXPECT_EQ(array({""}).dtype(), str_(1));
  EXPECT_EQ(array({{"a", "bc"}, {"d", "e"}}).shape(), (shape{2, 2}));
  EXPECT_EQ(array("word").dtype(), str_(4));
  EXPECT_EQ(array("word").ndim(), 0);
}

TEST(list, of_texts_is_cut_off_where_the_dtype_ends) {
  EXPECT_EQ(std::memcmp(array({"abc", "d"}, str_(2)).data(), U"abd", 16), 0);
  EXPECT_EQ(std::memcmp(array({"abc", "d"}, "S2").data(), "abd", 4), 0);
  EXPECT_EQ(array({1.5, 2.0}, "U4")(0).item<std::string>(), "1.5");
}

TEST(list, of_texts_is_valid_utf8) {
  EXPECT_EQ(message_of<value_error>([] { array({"ok", "a\xff"}); }), "array: byte 1 of the text is not UTF-8");
  for (const char* text : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
    EXPECT_EQ(message_of<value_error>([&] { array x(text); }), "expr: byte 0 of the text is not UTF-8");
  }
  EXPECT_EQ(message_of<value_error>([] { array({"\u00e9"}, "S2"); }),
            "array: byte 0 of the text is not ASCII, which bytes take only");
  EXPECT_EQ(message_of<dtype_error>([] {
              array({1, "a"});
            }),
            "array: numbers and texts in one list; a dtype says what they are");
}

const dtype trade = record({{"name", "U4"}, {"price", "f8"}, {"pair", "i2", {2}}});

TEST(list, of_rows_fills_records) {
  const array one(trade, {"ab", 1.5, {1, 2}});
  EXPECT_EQ(one.ndim(), 0);
  const array two(trade, {{"ab", 1.5, {1, 2}}, {"cdefg", 2, 7}});
  EXPECT_EQ(two.shape(), shape{2});
  EXPECT_EQ(double(sum(two["price"])), 3.5);
  EXPECT_EQ(int(sum(two["pair"])), 17);
  EXPECT_EQ(texts_of(two["name"]), (std::vector<std::string>{"ab", "cdef"}));
  EXPECT_EQ(array(trade, {{{"a", 1, {1, 2}}, {"b", 2, {3, 4}}}}).shape(), (shape{1, 2}));
  EXPECT_EQ(array(trade, {}).shape(), shape{0});
}

TEST(list, of_rows_that_do_not_fit_says_what_is_expected) {
  const std::string row = trade.name();
  EXPECT_EQ(message_of<value_error>([] {
              array(trade, {{"a", 1.0}});
            }),
            "array: a list of 2 entries where a row of " + row + " is expected");
  EXPECT_EQ(message_of<value_error>([] {
              array(trade, {{"a", 1.0, {1, 2}}, {"b"}});
            }),
            "array: a list of 1 entries where a row of " + row + " is expected");
  EXPECT_EQ(message_of<value_error>([] {
              array(trade, {{"a", 1.0, {1, 2, 3}}});
            }),
            "array: a list of 3 entries for a field of shape (2,) where a row of " + row + " is expected");
  EXPECT_EQ(message_of<overflow_error>([] {
              array(trade, {{"a", 1.0, 70000}});
            }),
            "array: 70000 is out of bounds for int16");
}

}  // namespace
