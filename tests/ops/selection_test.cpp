// Index arrays and masks: what they pick, where the picked axes go, writing through them.
#include <random>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

array cube() { return reshape(arange(24), {2, 3, 4}); }

TEST(index_arrays, pick_rows) {
  array m = reshape(arange(12), {3, 4});
  const array picked = m[array{2, 0, -1}];
  EXPECT_EQ(picked.shape(), shape({3, 4}));
  EXPECT_EQ(ints(picked), (list{8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11}));
  EXPECT_FALSE(shares_memory(picked, m));
}

TEST(index_arrays, broadcast_with_each_other) {
  array m = reshape(arange(12), {3, 4});
  array rows = {0, 2}, columns = {1, 2, 3};
  const array grid = m(rows(all, newaxis), columns);
  EXPECT_EQ(grid.shape(), shape({2, 3}));
  EXPECT_EQ(ints(grid), (list{1, 2, 3, 9, 10, 11}));
  EXPECT_EQ(ints(m(rows, array{1, 3})), (list{1, 11}));
}

// One index array per axis, all elements of the result by the definition of NumPy's indexing.
TEST(index_arrays, put_the_picked_axes_where_neighbouring_arrays_stand_else_first) {
  const array x = cube();
  array i = {1, 0}, k = {3, 3};
  const array neighbours = x(all, array{2, 0}, k);
  ASSERT_EQ(neighbours.shape(), shape({2, 2}));
  EXPECT_EQ(ints(neighbours), (list{11, 3, 23, 15}));
  const array apart = x(i, all, k);
  ASSERT_EQ(apart.shape(), shape({2, 3}));
  EXPECT_EQ(ints(apart), (list{15, 19, 23, 3, 7, 11}));
  EXPECT_EQ(array(x(all, array{{0, 1, 2}, {2, 1, 0}})).shape(), shape({2, 2, 3, 4}));
  EXPECT_EQ(array(x(all, array{0, 1}, newaxis, 0)).shape(),
            shape({2, 2, 1}));  // newaxis stands between array and integer
  EXPECT_EQ(array(x(all, array{0, 1}, 0)).shape(), shape({2, 2}));
  EXPECT_EQ(array(x(0, all, array{1, 2})).shape(), shape({2, 3}));  // the integer counts as an array
  EXPECT_EQ(array(x(all, newaxis, array{0, 1, 2}, 0)).shape(), shape({2, 1, 3}));
}

TEST(index_arrays, an_ellipsis_separates_even_when_it_stands_for_no_axis) {
  const array x = cube();
  const array apart = x(all, array{0, 1}, ellipsis, array{3, 2});
  EXPECT_EQ(apart.shape(), shape({2, 2}));
  EXPECT_EQ(ints(apart), (list{3, 15, 6, 18}));
}

TEST(index_arrays, of_zero_axes_are_integers_that_copy) {
  array m = reshape(arange(6), {2, 3});
  array one = 1;
  const array row = m[one];
  EXPECT_EQ(ints(row), (list{3, 4, 5}));
  EXPECT_FALSE(shares_memory(row, m));
  EXPECT_EQ(array(m(one, array(2))).shape(), shape());
  m(one, array(2)) = 9;
  EXPECT_EQ(ints(m), (list{0, 1, 2, 3, 4, 9}));
  EXPECT_EQ(error_of([&] { m(one, array(2)) = array{9}; }),
            "shape_error index: one element does not take values of shape (1,)");
}

TEST(index_arrays, may_be_empty) {
  array m = reshape(arange(6), {2, 3});
  array nothing = zeros({0}, int64);
  EXPECT_EQ(array(m[nothing]).shape(), shape({0, 3}));
  EXPECT_EQ(array(m(nothing, array{5})).shape(), shape({0}));  // NumPy does not look at positions that broadcast away
  EXPECT_EQ(error_of([&] { m(nothing, 5).eval(); }), "index_error index: 5 is out of bounds for axis 1 with extent 3");
  m[nothing] = 1;
  EXPECT_EQ(ints(m), (list{0, 1, 2, 3, 4, 5}));
}

TEST(index_arrays, take_every_integer_dtype) {
  array m = arange(10);
  for (const dtype& type : {int8, int16, int32, int64, uint8, uint16, uint32, uint64}) {
    EXPECT_EQ(ints(m[array({3, 1}).astype(type)]), (list{3, 1})) << type.name();
  }
  EXPECT_EQ(ints(m[array({-1, -10}).astype(int8)]), (list{9, 0}));
}

TEST(index_arrays, are_read_before_the_array_they_index_is_written) {
  array a = {3, 2, 1, 0};
  a[a] = array{10, 11, 12, 13};
  EXPECT_EQ(ints(a), (list{13, 12, 11, 10}));
}

TEST(masks, pick_in_c_order) {
  array m = reshape(arange(6), {2, 3});
  EXPECT_EQ(ints(m[m % 2 == 1]), (list{1, 3, 5}));
  EXPECT_EQ(ints(m.T()[m.T() > 2]), (list{3, 4, 5}));
  EXPECT_EQ(ints(m[m > 100]), list());
}

TEST(masks, stand_for_as_many_index_arrays_as_they_have_axes) {
  const array x = cube();
  array rows = {true, false, true}, plane = x(all, all, 0) > 7;
  EXPECT_EQ(array(x(all, rows)).shape(), shape({2, 2, 4}));
  EXPECT_EQ(ints(x(0, rows, 1)), (list{1, 9}));
  EXPECT_EQ(array(x[plane]).shape(), shape({4, 4}));
  EXPECT_EQ(ints(x(plane, 0)), (list{8, 12, 16, 20}));
  EXPECT_EQ(ints(x(plane, array{0, 1, 2, 3})), (list{8, 13, 18, 23}));
}

TEST(masks, of_zero_axes_add_an_axis_of_one_or_none) {
  array m = reshape(arange(6), {2, 3});
  array yes = true, no = false;
  EXPECT_EQ(array(m[yes]).shape(), shape({1, 2, 3}));
  EXPECT_EQ(array(m[no]).shape(), shape({0, 2, 3}));
  EXPECT_EQ(array(m(all, yes, 0)).shape(), shape({2, 1}));
  EXPECT_EQ(array(m(yes, array{0, 1})).shape(), shape({2, 3}));
  EXPECT_EQ(error_of([&] {
              m(no, array{0, 1}).eval();
            }),
            "index_error index: shapes (0,) and (2,) do not broadcast: axis 0 has extents 0 and 2");
}

TEST(masks, of_no_elements_pick_none_of_axes_of_any_extent) {
  const array one = ones({1, 1}), six = reshape(arange(6), {2, 3});
  EXPECT_EQ(array(one[zeros({0, 0}, bool_)]).shape(), shape(0));
  EXPECT_EQ(array(one[zeros({0, 1}, bool_)]).shape(), shape(0));
  EXPECT_EQ(array(six[zeros({0, 3}, bool_)]).shape(), shape(0));
  EXPECT_EQ(array(six[zeros({2, 0}, bool_)]).shape(), shape(0));
  EXPECT_EQ(array(six[zeros({0}, bool_)]).shape(), (shape{0, 3}));
}

TEST(masks, write_one_value_or_one_for_each) {
  array m = reshape(arange(6), {2, 3});
  m[m > 3] = -1;
  EXPECT_EQ(ints(m), (list{0, 1, 2, 3, -1, -1}));
  m[m < 0] = array{7, 8};
  EXPECT_EQ(ints(m), (list{0, 1, 2, 3, 7, 8}));
  m[m >= 7] = array{9};
  EXPECT_EQ(ints(m), (list{0, 1, 2, 3, 9, 9}));
  m.T()[m.T() == 9] = array{4, 5};
  EXPECT_EQ(ints(m), (list{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(error_of([&] {
              m[m > 3] = array{1, 2, 3};
            }),
            "shape_error index: values of shape (3,) do not broadcast to (2,)");
  EXPECT_EQ(error_of([&] {
              m[m > 3] = array{{1, 2}};
            }),
            "dtype_error index: assigning to a mask takes values with 0 or 1 axes, not of shape (1, 2)");
  EXPECT_EQ(ints(m), (list{0, 1, 2, 3, 4, 5}));
}

TEST(selections, write_values_broadcast_to_what_is_picked) {
  array m = zeros({3, 4}, int64);
  m[array{0, 2}] = array{1, 2, 3, 4};
  m(all, array{0, 1}) = array{{-1}, {-2}, {-3}};
  EXPECT_EQ(ints(m), (list{-1, -1, 3, 4, -2, -2, 0, 0, -3, -3, 3, 4}));
  m[array{1}] = ones({1, 1, 1, 4});  // leading axes of extent 1 too many are dropped
  EXPECT_EQ(ints(m(1)), (list{1, 1, 1, 1}));
  m[zeros({0}, int64)] = ones({7, 0, 1});  // of values without elements any leading axes
  EXPECT_EQ(error_of([&] {
              m[array{0, 2}] = array{1, 2};
            }),
            "shape_error index: values of shape (2,) do not broadcast to (2, 4)");
  EXPECT_EQ(error_of([&] {
              m[array{0, 9}] = array{1, 2};
            }),
            "shape_error index: values of shape (2,) do not broadcast to (2, 4)");
}

TEST(selections, last_of_duplicate_positions_wins) {
  array a = zeros({3}, int64);
  a[array{1, 1, 1}] = array{5, 6, 7};
  EXPECT_EQ(ints(a), (list{0, 7, 0}));
}

TEST(selections, cast_written_values_as_assignment_does) {
  array a = zeros({3}, int8);
  a[array{0, 1}] = array{1.9, -1.9};
  EXPECT_EQ(elements<std::int8_t>(a), (std::vector<std::int8_t>{1, -1, 0}));
  EXPECT_EQ(error_of([&] { a[array{0}] = 300; }), "overflow_error index: 300 is out of bounds for int8");
  EXPECT_EQ(error_of([&] { a[a == 0] = 300; }), "overflow_error index: 300 is out of bounds for int8");
}

TEST(selections, write_values_that_overlap_as_if_copied_first) {
  array a = arange(5);
  a[array{1, 2, 3, 4}] = a(slice(0, 4));
  EXPECT_EQ(ints(a), (list{0, 0, 1, 2, 3}));
  array b = arange(5);
  b[array{4, 3, 2, 1, 0}] = b;
  EXPECT_EQ(ints(b), (list{4, 3, 2, 1, 0}));
  array c = {1, -2, 3, -4};
  c[c < 0] = c[c > 0];
  EXPECT_EQ(ints(c), (list{1, 1, 3, 3}));
  array d = {1, 2, 3};
  d[d > 1] = sum(d);
  EXPECT_EQ(ints(d), (list{1, 6, 6}));
}

TEST(selections, in_place_operators_gather_compute_and_scatter) {
  array a = arange(5);
  a[array{1, 1, 3}] += 10;  // not add_at: once each
  EXPECT_EQ(ints(a), (list{0, 11, 2, 13, 4}));
  a[a > 10] -= 10;
  a[a % 2 == 0] *= array{2, 3, 4};
  EXPECT_EQ(ints(a), (list{0, 1, 6, 3, 16}));
  a(slice(3, none))[a(slice(3, none)) > 3] %= 7;
  a[array{0}] |= 8;
  a[array{0}] &= 12;
  a[array{0}] ^= 1;
  a[array{1, 2}] <<= 2;
  a[array{2}] >>= 1;
  EXPECT_EQ(ints(a), (list{9, 4, 12, 3, 2}));
  array f = {1.0, 2.0};
  f[array{true, false}] /= 4;
  EXPECT_EQ(elements<double>(f), (std::vector<double>{0.25, 2.0}));
}

TEST(selections, in_place_operators_keep_the_dtype_or_refuse) {
  array a = arange(3);
  EXPECT_EQ(error_of([&] { a[array{0}] += 1.5; }).substr(0, 11), "dtype_error");
  EXPECT_EQ(error_of([&] { a[a > 0] += 1.5; }).substr(0, 11), "dtype_error");
  EXPECT_EQ(error_of([&] { a[a > 0] /= 2; }).substr(0, 11), "dtype_error");
  EXPECT_EQ(ints(a), (list{0, 1, 2}));
}

TEST(selections, refuse_to_write_a_read_only_array) {
  array a = arange(3).readonly();
  EXPECT_EQ(error_of([&] { a[array{0}] = 1; }).substr(0, 18), "value_error index:");
  EXPECT_EQ(error_of([&] { a[a > 0] = 1; }).substr(0, 18), "value_error index:");
  EXPECT_EQ(error_of([&] { a[array{0}] += 1; }).substr(0, 16), "value_error add:");
}

TEST(selections, check_every_position_before_anything_is_written) {
  array m = zeros({3, 2}, int64);
  EXPECT_EQ(error_of([&] { m[array{0, 1, 9}] = 5; }), "index_error index: 9 is out of bounds for axis 0 with extent 3");
  EXPECT_EQ(error_of([&] {
              m(array{0, 1}, array{0, -3}) = 5;
            }),
            "index_error index: -3 is out of bounds for axis 1 with extent 2");
  EXPECT_EQ(error_of([&] { m[array{0, 3}] += 5; }), "index_error index: 3 is out of bounds for axis 0 with extent 3");
  EXPECT_EQ(ints(m), list(6, 0));
}

TEST(selections, name_what_does_not_fit) {
  array m = zeros({3, 2}, int64);
  EXPECT_EQ(error_of([&] { m[array{0.5}].eval(); }),
            "index_error index: arrays used as indices must be integers or bool, not float64");
  EXPECT_EQ(
      error_of([&] {
        m[array{true, false}].eval();
      }),
      "index_error index: mask of shape (2,) does not match an array of shape (3, 2): axis 0 has extents 2 and 3");
  EXPECT_EQ(
      error_of([&] {
        m(5, array{true, false, true}).eval();
      }),
      "index_error index: mask of shape (3,) does not match an array of shape (3, 2): axis 1 has extents 3 and 2");
  EXPECT_EQ(error_of([&] { m(array{0}, 0, 0).eval(); }),
            "index_error index: too many indices for an array of shape (3, 2): 3");
  EXPECT_EQ(error_of([&] {
              m(array{0, 1}, array{0, 1, 0}).eval();
            }),
            "index_error index: shapes (2,) and (3,) do not broadcast: axis 0 has extents 2 and 3");
  EXPECT_EQ(error_of([&] { m(ellipsis, array{0}, ellipsis).eval(); }), "index_error index: more than one ellipsis");
}

TEST(selections, are_recipes) {
  array a = {1.5, -2.0, 3.0};
  EXPECT_EQ(elements<double>(a[a > 0] + 1), (std::vector<double>{2.5, 4.0}));
  EXPECT_EQ(double(sum(a[array{0, 2}])), 4.5);
  auto stored = a[a > 0];
  EXPECT_EQ(elements<double>(stored), (std::vector<double>{1.5, 3.0}));
  EXPECT_EQ(elements<double>(a.select_at({array{2, 0}})), (std::vector<double>{3.0, 1.5}));
}

TEST(selections, stored_ones_notice_that_their_array_was_written) {
  array a = {1, 2, 3}, i = {0, 2};
  auto stored = a[i];
  EXPECT_EQ(ints(stored), (list{1, 3}));
  a(0) = 9;
  EXPECT_EQ(error_of([&] { stored.eval(); }),
            "error eval: operand 0 of shape (3,) was written after the recipe was built");
  auto other = a(i);
  i(0) = 1;
  EXPECT_EQ(error_of([&] { other.eval(); }).substr(0, 5), "error");
}

// Every combination of index kinds on three axes, values and shapes from NumPy's definition: with the index arrays broadcast
// to B, element (b…, k…) of the picked-first result is x at the arrays' b and the slices' k.
TEST(selections, agree_with_plain_loops_for_random_layouts) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    array x = transpose(reshape(arange(3 * 4 * 5), {3, 4, 5}),
                        {static_cast<int>(round % 3), (round + 1) % 3, (round + 2) % 3});
    if (round % 2) x = x(all, slice(none, none, -1));
    const std::int64_t count = random() % 4;
    std::vector<list> positions(3);
    std::vector<any_index> indices;
    std::vector<bool> is_array;
    for (int axis = 0; axis < 3; ++axis) {
      is_array.push_back(random() % 2);
      for (std::int64_t i = 0; i < (is_array[axis] ? count : x.shape()[axis]); ++i) {
        positions[axis].push_back(is_array[axis] ? static_cast<std::int64_t>(random() % x.shape()[axis]) : i);
      }
      if (is_array[axis]) {
        indices.push_back(any_index(from_range(positions[axis])));
      } else {
        indices.push_back(any_index(all));
      }
    }
    if (!is_array[0] && !is_array[1] && !is_array[2]) continue;
    const bool apart = is_array[0] && !is_array[1] && is_array[2];
    list expected;
    const auto extent = [&](int axis) { return is_array[axis] ? 1 : x.shape()[axis]; };
    const auto at = [&](std::int64_t b, std::int64_t i, std::int64_t j, std::int64_t k) {
      return std::int64_t(
          x(positions[0][is_array[0] ? b : i], positions[1][is_array[1] ? b : j], positions[2][is_array[2] ? b : k]));
    };
    const int place = apart ? 0 : is_array[0] ? 0 : is_array[1] ? 1 : 2;  // kept axes before the picked one
    const std::int64_t outer = place >= 1 ? extent(0) : 1, middle = place >= 2 ? extent(1) : 1;
    for (std::int64_t i = 0; i < outer; ++i)
      for (std::int64_t j = 0; j < middle; ++j)
        for (std::int64_t b = 0; b < count; ++b)
          for (std::int64_t i2 = place >= 1 ? i : 0; i2 < (place >= 1 ? i + 1 : extent(0)); ++i2)
            for (std::int64_t j2 = place >= 2 ? j : 0; j2 < (place >= 2 ? j + 1 : extent(1)); ++j2)
              for (std::int64_t k = 0; k < extent(2); ++k) expected.push_back(at(b, i2, j2, k));
    ASSERT_EQ(ints(x.select_at(indices)), expected) << "round " << round;
  }
}

}  // namespace
