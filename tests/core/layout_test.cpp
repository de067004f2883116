// shape and layout: tuples, contiguity, broadcasting, axes, reshaping without a copy.
#include <gtest/gtest.h>

#include <random>

#include "array_values.hpp"
#include "core/layout.hpp"

using namespace tessera;
using namespace tessera::detail;
using tessera_test::message_of;

namespace {

TEST(shape, grows_past_its_inline_entries) {
  shape s;
  for (int i = 0; i < 20; ++i) s.push_back(i);
  s.insert(3, 100);
  s.erase(0);
  EXPECT_EQ(s.size(), 20);
  EXPECT_EQ(s[2], 100);
  EXPECT_EQ(s[19], 19);
  shape copy = s, moved = std::move(s);
  EXPECT_EQ(copy, moved);
  EXPECT_TRUE(s.empty());
  s = copy;
  copy = {1, 2};
  EXPECT_EQ(s, moved);
  EXPECT_EQ(copy, shape({1, 2}));
}

TEST(shape, prints_as_a_tuple) {
  EXPECT_EQ(to_string(shape()), "()");
  EXPECT_EQ(to_string(shape(3)), "(3,)");
  EXPECT_EQ(to_string(shape({2, 3})), "(2, 3)");
}

TEST(shape, has_at_most_64_axes) {
  const shape most = shape::filled(64, 1);
  EXPECT_EQ(message_of<shape_error>([&] { shape(most).push_back(1); }), "shape: an array has at most 64 axes");
  EXPECT_EQ(message_of<shape_error>([] { (void)shape(std::vector<std::int64_t>(65, 1)); }),
            "shape: an array has at most 64 axes");
}

TEST(element_count, reports_overflow_and_negative_extents) {
  EXPECT_EQ(element_count({3, 0, 4}, "zeros", caller()), 0);
  EXPECT_EQ(element_count({}, "zeros", caller()), 1);
  EXPECT_EQ(message_of<value_error>([] {
              (void)element_count({1LL << 40, 1LL << 40}, "zeros", caller());
            }),
            "zeros: shape (1099511627776, 1099511627776) has more elements than fit in 64 bits");
  EXPECT_EQ(message_of<value_error>([] {
              (void)element_count({0, 1LL << 31, 1LL << 30}, "zeros", caller(), 8);
            }),
            "zeros: shape (0, 2147483648, 1073741824) has more bytes than fit in 64 bits");
  EXPECT_EQ(message_of<value_error>([] {
              (void)element_count({2, -1}, "zeros", caller());
            }),
            "zeros: shape (2, -1) has a negative extent");
}

TEST(contiguity, ignores_strides_that_are_never_walked) {
  EXPECT_TRUE(is_c_contiguous({2, 1, 3}, {24, 999, 8}, 8));
  EXPECT_FALSE(is_f_contiguous({2, 1, 3}, {24, 999, 8}, 8));
  EXPECT_TRUE(is_c_contiguous({2, 0, 3}, {-7, 1, 1}, 8));
  EXPECT_TRUE(is_f_contiguous({2, 0, 3}, {-7, 1, 1}, 8));
  EXPECT_TRUE(is_c_contiguous({}, {}, 8));
  EXPECT_FALSE(is_c_contiguous({3}, {-8}, 8));
}

TEST(strides, of_fresh_arrays_are_numpys) {
  EXPECT_EQ(contiguous_strides({2, 3, 4}, 8, order::C), shape({96, 32, 8}));
  EXPECT_EQ(contiguous_strides({2, 3, 4}, 8, order::F), shape({8, 16, 48}));
  EXPECT_EQ(contiguous_strides({4, 0, 2}, 8, order::C), shape({16, 16, 8}));
  EXPECT_EQ(contiguous_strides({4, 0, 2}, 8, order::F), shape({8, 32, 32}));
  // numpy.broadcast_to(zeros((3, 1, 2)), (4, 3, 5, 2)).copy("K").strides
  EXPECT_EQ(keep_order_strides({4, 3, 5, 2}, {0, 16, 0, 8}, 8), shape({40, 320, 8, 160}));
  // zeros((2, 3, 4)).transpose(1, 2, 0)[::-1].copy("K").strides
  EXPECT_EQ(keep_order_strides({3, 4, 2}, {-32, 8, 96}, 8), shape({32, 8, 96}));
}

TEST(broadcast, names_both_shapes_and_the_axis_at_fault) {
  EXPECT_EQ(broadcast({3, 1}, {4}, "add", caller()), shape({3, 4}));
  EXPECT_EQ(broadcast({0, 1}, {1, 5}, "add", caller()), shape({0, 5}));
  EXPECT_EQ(broadcast({}, {2, 1, 3}, "add", caller()), shape({2, 1, 3}));
  EXPECT_EQ(message_of<shape_error>([] {
              (void)broadcast({3, 4}, {3, 5}, "add", caller());
            }),
            "add: shapes (3, 4) and (3, 5) do not broadcast: axis 1 has extents 4 and 5");
  EXPECT_EQ(message_of<shape_error>([] {
              (void)broadcast({3}, {2, 2}, "add", caller());
            }),
            "add: shapes (3,) and (2, 2) do not broadcast: axis 1 has extents 3 and 2");
  EXPECT_EQ(broadcast_strides({3, 1}, {8, 24}, {2, 3, 4}), shape({0, 8, 0}));
}

TEST(axis, is_normalized_or_named_in_the_error) {
  EXPECT_EQ(normalize_axis(-1, 3, "sum", caller()), 2);
  EXPECT_EQ(normalize_axes({-1, 0}, 3, "sum", caller()), (axis_list{0, 2}));
  EXPECT_EQ(normalize_axes({}, 2, "sum", caller()), (axis_list{0, 1}));
  EXPECT_EQ(normalize_axes(std::vector<int>{}, 2, "sum", caller()), axis_list{});
  EXPECT_EQ(message_of<axis_error>([] { (void)normalize_axis(3, 2, "sum", caller()); }),
            "sum: axis 3 is out of bounds for an array with 2 axes");
  EXPECT_EQ(message_of<axis_error>([] { (void)normalize_axis(-2, 1, "sum", caller()); }),
            "sum: axis -2 is out of bounds for an array with 1 axis");
  EXPECT_EQ(message_of<value_error>([] {
              (void)normalize_axes({0, -2}, 2, "sum", caller());
            }),
            "sum: axis 0 is named twice");
}

TEST(reshape, resolves_one_unknown_extent) {
  EXPECT_EQ(resolve_reshape({2, 6}, {3, -1}, "reshape", caller()), shape({3, 4}));
  EXPECT_EQ(resolve_reshape({2, 6}, {-2, 3}, "reshape", caller()), shape({4, 3}));
  EXPECT_EQ(resolve_reshape({0, 3}, {3, -1}, "reshape", caller()), shape({3, 0}));
  EXPECT_EQ(message_of<shape_error>([] {
              (void)resolve_reshape({2, 3}, {4}, "reshape", caller());
            }),
            "reshape: cannot reshape (2, 3) (6 elements) into (4,)");
  EXPECT_EQ(message_of<shape_error>([] {
              (void)resolve_reshape({0, 3}, {-1, 0}, "reshape", caller());
            }),
            "reshape: cannot reshape (0, 3) (0 elements) into (-1, 0)");
  EXPECT_EQ(message_of<shape_error>([] {
              (void)resolve_reshape({1}, {-1, -1}, "reshape", caller());
            }),
            "reshape: shape (-1, -1) has more than one unknown extent");
  EXPECT_EQ(message_of<shape_error>([] {
              (void)resolve_reshape({1}, {1LL << 40, 1LL << 40}, "reshape", caller());
            }),
            "reshape: cannot reshape (1,) (1 element) into (1099511627776, 1099511627776)");
}

// Byte offsets of all elements in C or F order.
std::vector<std::int64_t> offsets(const shape& extents, const shape& strides, order layout) {
  std::vector<std::int64_t> result{0};
  for (int i = 0; i < extents.size(); ++i) {  // from the fastest axis to the slowest
    const int axis = layout == order::F ? i : extents.size() - 1 - i;
    std::vector<std::int64_t> longer;
    for (std::int64_t k = 0; k < extents[axis]; ++k) {
      for (const std::int64_t offset : result) longer.push_back(offset + k * strides[axis]);
    }
    result = longer;
  }
  return result;
}

// The only strides that can do it follow from the second element along each axis; they do if all offsets agree.
bool has_view(const shape& from, const shape& strides, const shape& to, order layout) {
  const auto wanted = offsets(from, strides, layout);
  shape candidate = to;
  std::size_t ahead = 1;
  for (int i = 0; i < to.size(); ++i) {
    const int axis = layout == order::F ? i : to.size() - 1 - i;
    candidate[axis] = to[axis] > 1 ? wanted[ahead] : 0;
    ahead *= static_cast<std::size_t>(to[axis]);
  }
  return offsets(to, candidate, layout) == wanted;
}

shape random_factors(std::mt19937& random, std::int64_t count) {
  shape result;
  while (count > 1) {
    std::int64_t factor = 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(count));
    while (count % factor != 0) --factor;
    result.push_back(factor);
    count /= factor;
    if (random() % 4 == 0) result.insert(static_cast<int>(random() % static_cast<unsigned>(result.size() + 1)), 1);
  }
  return result;
}

TEST(reshape, is_a_view_exactly_when_strides_allow_it) {
  std::mt19937 random(20);
  int views = 0, copies = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::int64_t counts[] = {1, 6, 8, 12, 24, 36};
    const std::int64_t count = counts[random() % 6];
    const shape from = random_factors(random, count), to = random_factors(random, count);
    const order layout = random() % 2 ? order::C : order::F;
    shape strides = contiguous_strides(from, 8, random() % 2 ? order::C : order::F);
    for (std::int64_t& s : strides) {
      if (random() % 4 == 0) s = -s;
      if (random() % 6 == 0) s *= 2;
      if (random() % 8 == 0) s = 0;
    }
    const auto result = reshape_strides(from, strides, to, 8, layout);
    ASSERT_EQ(result.has_value(), has_view(from, strides, to, layout))
        << to_string(from) << to_string(strides) << to_string(to) << (layout == order::C ? "C" : "F");
    if (result) {
      EXPECT_EQ(offsets(to, *result, layout), offsets(from, strides, layout));
    }
    ++(result ? views : copies);
  }
  EXPECT_GT(views, 1000);
  EXPECT_GT(copies, 1000);
}

}  // namespace
