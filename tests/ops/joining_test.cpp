// Joining, splitting, repeating, rolling and padding.
#include "ops/elements.hpp"

using namespace tessera;

namespace {

TEST(concatenate, joins_along_an_axis_and_promotes) {
  array a = {{1, 2}, {3, 4}};
  EXPECT_EQ(ints(concatenate({a, a + 10})), (list{1, 2, 3, 4, 11, 12, 13, 14}));
  EXPECT_EQ(ints(concatenate({a, a + 10}, 1)), (list{1, 2, 11, 12, 3, 4, 13, 14}));
  EXPECT_EQ(concatenate({a, zeros({0, 2}, float32)}).dtype(), float64);
  EXPECT_EQ(ints(concatenate({a, a}, -1)), ints(concatenate({a, a}, 1)));
  EXPECT_EQ(ints(concatenate({a[a > 2], a[a < 2]})), (list{3, 4, 1}));
}

TEST(concatenate, keeps_the_memory_order_its_inputs_share) {
  array c = reshape(arange(6), {2, 3}), f = c.copy(order::F);
  EXPECT_EQ(concatenate({f, f}).strides(), shape({8, 32}));
  EXPECT_EQ(concatenate({f, c}).strides(), shape({24, 8}));
  EXPECT_EQ(ints(concatenate({f, f}, 1)), (list{0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5}));
}

TEST(concatenate, flattens_without_an_axis) {
  EXPECT_EQ(ints(concatenate_flat({array{{1, 2}, {3, 4}}, 5})), (list{1, 2, 3, 4, 5}));
  EXPECT_EQ(concatenate_flat({array({1}, float32), 2}).dtype(), float32);
}

TEST(concatenate, names_the_shapes_that_do_not_join) {
  array a = zeros({2, 3});
  EXPECT_EQ(error_of([&] {
              concatenate({a, zeros({2, 4})});
            }),
            "shape_error concatenate: shapes (2, 3) and (2, 4) do not join on axis 0: axis 1 has extents 3 and 4");
  EXPECT_EQ(error_of([&] {
              concatenate({a, zeros({2})});
            }),
            "shape_error concatenate: shapes (2, 3) and (2,) have different numbers of axes");
  EXPECT_EQ(error_of([&] {
              concatenate({a, a}, 2);
            }),
            "axis_error concatenate: axis 2 is out of bounds for an array with 2 axes");
  EXPECT_EQ(error_of([&] {
              concatenate({1, 2});
            }),
            "value_error concatenate: 0-d arrays have no axis to join on; stack makes one");
  EXPECT_EQ(error_of([&] { concatenate(std::vector<array>()); }), "value_error concatenate: needs at least one array");
}

TEST(stack, makes_a_new_axis) {
  array a = {1, 2, 3}, b = {4, 5, 6};
  EXPECT_EQ(ints(stack({a, b})), (list{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(ints(stack({a, b}, 1)), (list{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(ints(stack({a, b}, -1)), (list{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(ints(stack({1, 2})), (list{1, 2}));
  EXPECT_EQ(error_of([&] { stack({a, array{1}}); }), "shape_error stack: shapes (3,) and (1,) differ");
  EXPECT_EQ(error_of([&] { stack({a, b}, 2); }), "axis_error stack: axis 2 is out of bounds for an array with 2 axes");
}

TEST(stacking, h_v_d_and_columns) {
  array a = {1, 2}, b = {3, 4};
  EXPECT_EQ(hstack({a, b}).shape(), shape({4}));
  EXPECT_EQ(hstack({reshape(a, {2, 1}), reshape(b, {2, 1})}).shape(), shape({2, 2}));
  EXPECT_EQ(ints(vstack({a, b})), (list{1, 2, 3, 4}));
  EXPECT_EQ(vstack({a, b}).shape(), shape({2, 2}));
  EXPECT_EQ(dstack({a, b}).shape(), shape({1, 2, 2}));
  EXPECT_EQ(ints(dstack({a, b})), (list{1, 3, 2, 4}));
  EXPECT_EQ(ints(column_stack({a, b})), (list{1, 3, 2, 4}));
  EXPECT_EQ(column_stack({a, ones({2, 3})}).shape(), shape({2, 4}));
  EXPECT_EQ(hstack({1, 2}).shape(), shape({2}));
}

TEST(split, makes_views_of_equal_sections) {
  array a = arange(6);
  const std::vector<array> parts = split(a, 3);
  ASSERT_EQ(parts.size(), 3u);
  array middle = parts[1];
  middle() = 0;
  EXPECT_EQ(ints(a), (list{0, 1, 0, 0, 4, 5}));
  EXPECT_EQ(
      error_of([&] { split(a, 4); }),
      "shape_error split: axis 0 with extent 6 does not divide into 4 equal sections; array_split takes unequal ones");
  EXPECT_EQ(error_of([&] { split(a, 0); }), "value_error split: needs at least one section, not 0");
  EXPECT_EQ(error_of([&] { split(array(1), 1); }), "value_error split: a 0-d array has no axis to split");
}

TEST(split, cuts_at_positions_as_slices_do) {
  const std::vector<array> parts = split(arange(5), std::vector<std::int64_t>{2, 1, -1, 9});
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(ints(parts[0]), (list{0, 1}));
  EXPECT_EQ(ints(parts[1]), list());
  EXPECT_EQ(ints(parts[2]), (list{1, 2, 3}));
  EXPECT_EQ(ints(parts[3]), list{4});
  EXPECT_EQ(ints(parts[4]), list());
}

TEST(array_split, gives_the_first_sections_one_more) {
  const std::vector<array> parts = array_split(reshape(arange(14), {2, 7}), 3, 1);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].shape(), shape({2, 3}));
  EXPECT_EQ(parts[1].shape(), shape({2, 2}));
  EXPECT_EQ(ints(parts[2]), (list{5, 6, 12, 13}));
  EXPECT_EQ(array_split(arange(1), 3)[2].shape(), shape({0}));
}

TEST(unstack, takes_an_axis_away) {
  array m = reshape(arange(6), {2, 3});
  const std::vector<array> columns = unstack(m, 1);
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_EQ(ints(columns[2]), (list{2, 5}));
  EXPECT_TRUE(shares_memory(columns[2], m));
}

TEST(tile, repeats_whole_arrays) {
  array m = {{1, 2}, {3, 4}};
  EXPECT_EQ(ints(tile(m, {2})), (list{1, 2, 1, 2, 3, 4, 3, 4}));
  EXPECT_EQ(tile(m, {2, 1, 1}).shape(), shape({2, 2, 2}));
  EXPECT_EQ(ints(tile(m.T(), {2, 1})), (list{1, 3, 2, 4, 1, 3, 2, 4}));
  EXPECT_EQ(tile(5, {2, 3}).shape(), shape({2, 3}));
  EXPECT_EQ(tile(m, {0, 2}).shape(), shape({0, 4}));
  EXPECT_FALSE(shares_memory(tile(m, {1}), m));
  EXPECT_EQ(error_of([&] { tile(m, {-1}); }), "value_error tile: repetitions (-1,) are negative");
}

TEST(repeat, repeats_elements) {
  array m = {{1, 2}, {3, 4}};
  EXPECT_EQ(ints(repeat(m, 2)), (list{1, 1, 2, 2, 3, 3, 4, 4}));
  EXPECT_EQ(ints(repeat(m, 2, 1)), (list{1, 1, 2, 2, 3, 3, 4, 4}));
  EXPECT_EQ(ints(repeat(m, 2, 0)), (list{1, 2, 1, 2, 3, 4, 3, 4}));
  EXPECT_EQ(ints(repeat(m, array{1, 2}, 0)), (list{1, 2, 3, 4, 3, 4}));
  EXPECT_EQ(ints(repeat(m, array{2, 0}, 1)), (list{1, 1, 3, 3}));
  EXPECT_EQ(ints(repeat(m, array{0, 0, 3, 0})), (list{3, 3, 3}));
  EXPECT_EQ(ints(repeat(m, array{2}, 1)), ints(repeat(m, 2, 1)));
  EXPECT_EQ(repeat(5, 3).shape(), shape({3}));
  EXPECT_EQ(repeat(zeros({0, 2}), zeros({0}, int64), 0).shape(), shape({0, 2}));
  EXPECT_EQ(error_of([&] { repeat(m, array{1, -1}, 0); }), "value_error repeat: counts must not be negative");
  EXPECT_EQ(error_of([&] { repeat(m, array{1, 2, 3}, 0); }), "shape_error repeat: 3 counts for axis 0 with extent 2");
  EXPECT_EQ(error_of([&] { repeat(m, 1.5); }), "dtype_error repeat: integers expected, not float64");
  EXPECT_EQ(error_of([&] {
              repeat(m, array{1LL << 62, 1LL << 62}, 0);
            }),
            "value_error repeat: the counts add up to more than fit in 64 bits");
  EXPECT_EQ(error_of([&] { repeat(m, 1LL << 62, 0); }),
            "value_error repeat: extent 2 times 4611686018427387904 does not fit in 64 bits");
}

TEST(roll, moves_elements_round) {
  array m = reshape(arange(6), {2, 3});
  EXPECT_EQ(ints(roll(m, 1)), (list{5, 0, 1, 2, 3, 4}));
  EXPECT_EQ(ints(roll(m, -1, 1)), (list{1, 2, 0, 4, 5, 3}));
  EXPECT_EQ(ints(roll(m, {1, 1}, {0, 1})), (list{5, 3, 4, 2, 0, 1}));
  EXPECT_EQ(ints(roll(m, 1, {1, 1})), ints(roll(m, 2, 1)));
  EXPECT_EQ(ints(roll(m, {1, 1}, 1)), ints(roll(m, 2, 1)));
  EXPECT_EQ(ints(roll(m, {9223372036854775807LL, 9223372036854775807LL}, 1)), ints(roll(m, 2, 1)));
  EXPECT_EQ(roll(zeros({0, 3}), 5, 0).shape(), shape({0, 3}));
  EXPECT_EQ(error_of([&] { roll(m, {1, 2, 3}, {0, 1}); }), "value_error roll: 3 shifts for 2 axes");
  EXPECT_EQ(error_of([&] { roll(m, 1, 2); }), "axis_error roll: axis 2 is out of bounds for an array with 2 axes");
}

// The definitions of NumPy's documentation, position by position.
std::int64_t edge(std::int64_t i, std::int64_t n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }
std::int64_t wrapped(std::int64_t i, std::int64_t n) { return ((i % n) + n) % n; }
std::int64_t reflected(std::int64_t i, std::int64_t n) {
  if (n == 1) return 0;
  while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
  return i;
}
std::int64_t symmetric(std::int64_t i, std::int64_t n) {
  while (i < 0 || i >= n) i = i < 0 ? -1 - i : 2 * n - 1 - i;
  return i;
}

TEST(pad, repeats_elements_beyond_the_edges) {
  const std::pair<pad_mode, std::int64_t (*)(std::int64_t, std::int64_t)> modes[] = {{pad_mode::edge, edge},
                                                                                     {pad_mode::wrap, wrapped},
                                                                                     {pad_mode::reflect, reflected},
                                                                                     {pad_mode::symmetric, symmetric}};
  for (const auto& [mode, position] : modes) {
    for (std::int64_t n : {1, 2, 3, 5}) {
      for (std::int64_t before : {0, 1, 4, 11}) {
        array x = arange(2 * n);
        x = reshape(x, {2, n});
        list expected;
        for (std::int64_t i = -1; i < 2; ++i)
          for (std::int64_t j = -before; j < n + 7; ++j) expected.push_back(position(i, 2) * n + position(j, n));
        ASSERT_EQ(ints(pad(x, {{1, 0}, {before, 7}}, {.mode = mode})), expected) << n << ' ' << before;
      }
    }
  }
}

TEST(pad, fills_borders_with_a_constant) {
  array m = {{1, 2}};
  EXPECT_EQ(ints(pad(m, 1)), (list{0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0}));
  EXPECT_EQ(ints(pad(m, {{0, 0}, {1, 2}}, {.constant_values = {7}})), (list{7, 1, 2, 7, 7}));
  EXPECT_EQ(pad(zeros({0, 2}), 1).shape(), shape({2, 4}));
  EXPECT_EQ(int(pad(array(5), 1)), 5);
  EXPECT_EQ(pad(m, 1, {.mode = pad_mode::empty}).shape(), shape({3, 4}));
  EXPECT_EQ(pad(reshape(arange(6), {2, 3}).copy(order::F), 1).strides(), shape({8, 32}));
}

TEST(pad, computes_borders_from_the_axis) {
  array m = reshape(arange(6), {2, 3});
  EXPECT_EQ(ints(pad(m, {{1, 0}, {2, 1}}, {.mode = pad_mode::maximum})),
            (list{5, 5, 3, 4, 5, 5, 2, 2, 0, 1, 2, 2, 5, 5, 3, 4, 5, 5}));
  EXPECT_EQ(ints(pad(m, {{0, 0}, {1, 1}}, {.mode = pad_mode::minimum})), (list{0, 0, 1, 2, 0, 3, 3, 4, 5, 3}));
  EXPECT_EQ(ints(pad(m, {{0, 1}, {0, 0}}, {.mode = pad_mode::mean})),
            (list{0, 1, 2, 3, 4, 5, 2, 2, 4}));  // rounded half to even
  EXPECT_EQ(ints(pad(array{4, 8}, {{2, 4}}, {.mode = pad_mode::linear_ramp})), (list{0, 2, 4, 8, 6, 4, 2, 0}));
  EXPECT_EQ(ints(pad(array{0, 5}, {{2, 3}}, {.mode = pad_mode::linear_ramp})), (list{0, 0, 0, 5, 3, 1, 0}));
}

TEST(pad, refuses_what_it_cannot_do) {
  array m = zeros({2, 0});
  EXPECT_EQ(error_of([&] { pad(m, 1, {.mode = pad_mode::edge}); }),
            "value_error pad: axis 1 with extent 0 has nothing to repeat");
  EXPECT_EQ(error_of([&] { pad(m, {{1, 1}, {-1, 0}}); }), "value_error pad: widths must not be negative: -1, 0");
  EXPECT_EQ(error_of([&] {
              pad(m, {{1, 1}, {1, 1}, {1, 1}});
            }),
            "value_error pad: 3 pairs of widths for an array of shape (2, 0)");
  EXPECT_EQ(pad(m, {{1, 1}, {0, 0}}, {.mode = pad_mode::edge}).shape(), shape({4, 0}));
}

}  // namespace
