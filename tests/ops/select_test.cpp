// take, put and their kin, nonzero, accumulation at indices, select.
#include <limits>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

TEST(take, replaces_an_axis_by_those_of_the_indices) {
  array m = reshape(arange(12), {3, 4});
  const array picked = take(m, array{{0, 3}, {-1, 1}}, 1);
  EXPECT_EQ(picked.shape(), shape({3, 2, 2}));
  EXPECT_EQ(ints(picked), (list{0, 3, 3, 1, 4, 7, 7, 5, 8, 11, 11, 9}));
  EXPECT_EQ(ints(take(m.T(), array{1}, 0)), (list{1, 5, 9}));
}

TEST(take, without_an_axis_picks_from_the_flattened_array) {
  array m = reshape(arange(6), {2, 3});
  EXPECT_EQ(ints(take(m.T(), array{1, 2})), (list{3, 1}));
  EXPECT_EQ(take(m, 4).shape(), shape());
  EXPECT_EQ(ints(take(m + 1, array{0, 5})), (list{1, 6}));
}

TEST(take, wraps_or_clips_positions_out_of_bounds) {
  array a = {10, 20, 30};
  const array far = {-4, -1, 0, 3, 100};
  EXPECT_EQ(ints(take(a, far, {}, take_mode::wrap)), (list{30, 30, 10, 10, 20}));
  EXPECT_EQ(ints(take(a, far, {}, take_mode::clip)), (list{10, 10, 10, 30, 30}));
  const array extreme = {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(ints(take(a, extreme, 0, take_mode::clip)), (list{10, 30}));
  EXPECT_EQ(ints(take(a, extreme, 0, take_mode::wrap)), (list{20, 20}));
}

TEST(take, of_many_positions_leaves_them_as_they_are) {
  array a = arange(10'000);
  array positions = remainder(arange(5000) * 7919, 10'000);
  EXPECT_EQ(ints(take(a, positions)), ints(positions));
  positions(4321) = -1;
  EXPECT_EQ(take(a, positions)(4321).item<int>(), 9999);
  EXPECT_EQ(array(a[positions])(4321).item<int>(), 9999);
  EXPECT_EQ(positions(4321).item<int>(), -1);
  EXPECT_EQ(take(a, positions, 0, take_mode::wrap)(4321).item<int>(), 9999);
  EXPECT_EQ(take(a, positions, 0, take_mode::clip)(4321).item<int>(), 0);
  EXPECT_EQ(positions(4321).item<int>(), -1);
  positions(17) = 10'000;
  EXPECT_EQ(error_of([&] { take(a, positions); }),
            "index_error take: 10000 is out of bounds for axis 0 with extent 10000");
  positions(17) = -10'001;
  EXPECT_EQ(error_of([&] { (void)array(a[positions]); }),
            "index_error index: -10001 is out of bounds for axis 0 with extent 10000");
}

TEST(take, of_rows_copies_each) {
  array m = reshape(arange(3000), {1000, 3});
  const array rows = remainder(arange(700) * 37, 1000);
  const auto found = ints(take(m, rows, 0));
  for (std::int64_t k = 0; k < 2100; ++k) EXPECT_EQ(found[k], k / 3 * 37 % 1000 * 3 + k % 3);
  EXPECT_EQ(ints(take(m(slice(none, none, -1)), array{0, 0, 999}, 0)),
            (list{2997, 2998, 2999, 2997, 2998, 2999, 0, 1, 2}));
}

TEST(put, may_be_told_where_by_its_target) {
  array a = {3, 0, 1, 2};
  a[a] = array{10, 20, 30, 40};
  EXPECT_EQ(ints(a), (list{20, 30, 40, 10}));
  array b = {1, 1, 0};
  add_at(b, b, 5);
  EXPECT_EQ(ints(b), (list{6, 11, 0}));
  array c = {2, 0, 1};
  put(c, c, array{7, 8, 9});
  EXPECT_EQ(ints(c), (list{8, 9, 7}));
}

TEST(take, refuses_what_numpy_refuses) {
  array a = {10, 20, 30};
  EXPECT_EQ(error_of([&] { take(a, array{0, 3}); }), "index_error take: 3 is out of bounds for axis 0 with extent 3");
  EXPECT_EQ(error_of([&] {
              take(zeros({2, 2}), -3, 1);
            }),
            "index_error take: -3 is out of bounds for axis 1 with extent 2");
  EXPECT_EQ(error_of([&] { take(a, array{0.0}); }), "dtype_error take: integers expected, not float64");
  EXPECT_EQ(error_of([&] { put(a, array({1}).astype(uint64), 0); }), "dtype_error put: integers expected, not uint64");
  EXPECT_EQ(ints(take(a, array({1}).astype(uint64))), list{20});
  EXPECT_EQ(error_of([&] { take(a, 0, 1); }), "axis_error take: axis 1 is out of bounds for an array with 1 axis");
  EXPECT_EQ(error_of([&] { take(a, 0, {0, 0}); }), "value_error take: takes one axis, not 2");
  EXPECT_EQ(error_of([&] {
              take(zeros({0, 2}), 0, 0, take_mode::clip);
            }),
            "index_error take: axis 0 with extent 0 has no elements to pick");
  EXPECT_EQ(take(zeros({0, 2}), zeros({0}, int64), 0).shape(), shape({0, 2}));
  EXPECT_EQ(take(zeros({0, 2}), 9, 1).shape(), shape({0}));
  EXPECT_EQ(error_of([&] {
              take(zeros({2, 0}), 9, 0);
            }),
            "index_error take: 9 is out of bounds for axis 0 with extent 2");
}

TEST(put, repeats_values_and_takes_any_layout) {
  array m = reshape(arange(6), {2, 3});
  put(m.T(), array{0, 1, 2, -1}, array{10, 20});  // the transposed array's C order
  EXPECT_EQ(ints(m), (list{10, 10, 2, 20, 4, 20}));
  array window =
      reshape(arange(16), {4, 4})(slice(none, none, 2), slice(none, none, -1));  // cannot be walked as one axis
  put(window, array{0, 5, 5}, array{-1, -2, -3});
  EXPECT_EQ(ints(window), (list{-1, 2, 1, 0, 11, -3, 9, 8}));
  put(m, array{0, 9}, 1, take_mode::clip);
  put(m, array{7}, array{3, 4}, take_mode::wrap);
  EXPECT_EQ(ints(m), (list{1, 3, 2, 20, 4, 1}));
  put(m, array{0}, zeros({0}));  // nothing to put
  EXPECT_EQ(error_of([&] { put(m, array{0, 6}, 5); }), "index_error put: 6 is out of bounds for axis 0 with extent 6");
  EXPECT_EQ(error_of([&] { put(m.readonly(), array{0}, 5); }).substr(0, 16), "value_error put:");
  EXPECT_EQ(ints(m), (list{1, 3, 2, 20, 4, 1}));
}

// Lists are those of numpy.logical_and.at and its kin.
template <class T> void expect_logic() {
  const auto start = [] { return array{0, 5, 2, 0, 7}.astype(detail::dtype_of<T>()); };
  const array at = {0, 1, 1, 3, 0}, values = array{1, 0, 1, 2, 3}.astype(detail::dtype_of<T>());
  array both = start(), one = start(), either = start();
  logical_and_at(both, at, values);
  logical_or_at(one, at, values);
  logical_xor_at(either, at, values);
  EXPECT_EQ(ints(both.astype(int64)), ints(array{0, 0, 2, 0, 7}.astype(detail::dtype_of<T>()).astype(int64)));
  EXPECT_EQ(ints(one.astype(int64)), ints(array{1, 1, 2, 1, 7}.astype(detail::dtype_of<T>()).astype(int64)));
  EXPECT_EQ(ints(either.astype(int64)), ints(array{0, 0, 2, 1, 7}.astype(detail::dtype_of<T>()).astype(int64)));
}

TEST(logical_at, asks_for_the_truth_of_elements_of_any_dtype) {
  expect_logic<bool>();
  expect_logic<std::int8_t>();
  expect_logic<std::int64_t>();
  expect_logic<float>();
  expect_logic<double>();
  array a = {3, 0};
  logical_or_at(a, array{0, 1}, array{2.5, 0.5});  // fractions are true
  EXPECT_EQ(ints(a), (list{1, 1}));
  array m = {{2, 0}, {0, 3}};
  logical_and_at(m, {array{1, 0}, all}, 3000);
  EXPECT_EQ(ints(m), (list{1, 0, 0, 1}));
  EXPECT_EQ(error_of([&] { logical_or_at(a, array{2}, 1); }),
            "index_error index: 2 is out of bounds for axis 0 with extent 2");
}

TEST(put, reads_overlapping_values_first) {
  array a = arange(4);
  put(a, array{1, 2, 3}, a);
  EXPECT_EQ(ints(a), (list{0, 0, 1, 2}));
}

TEST(take_along_axis, takes_one_position_for_each_lane) {
  array m = {{3, 1, 2}, {9, 7, 8}};
  const array order = argsort(m, 1);
  EXPECT_EQ(ints(take_along_axis(m, order, 1)), (list{1, 2, 3, 7, 8, 9}));
  EXPECT_EQ(ints(take_along_axis(m, array{{0}, {-1}}, 1)), (list{3, 8}));
  EXPECT_EQ(ints(take_along_axis(m, array{{1}}, 1)), (list{1, 7}));  // indices broadcast over lanes
  EXPECT_EQ(ints(take_along_axis(m, array{5, 0}, axes())), (list{8, 3}));
  EXPECT_EQ(error_of([&] { take_along_axis(m, array{{true}}, 1); }),
            "index_error take_along_axis: indices must be integers, not bool");
  EXPECT_EQ(error_of([&] { take_along_axis(m, array{0}, 1); }),
            "shape_error take_along_axis: indices of shape (1,) and x of shape (2, 3) must have as many axes");
  EXPECT_EQ(error_of([&] { take_along_axis(m, array{{3}}, 1); }),
            "index_error take_along_axis: 3 is out of bounds for axis 1 with extent 3");
  EXPECT_EQ(error_of([&] {
              take_along_axis(m, zeros({3, 1}, int64), 1);
            }),
            "shape_error take_along_axis: shapes (2, 1) and (3, 1) do not broadcast: axis 0 has extents 2 and 3");
}

TEST(put_along_axis, writes_one_position_for_each_lane) {
  array m = zeros({2, 3}, int64);
  put_along_axis(m, array{{2}, {0}}, array{{5}, {6}}, 1);
  EXPECT_EQ(ints(m), (list{0, 0, 5, 6, 0, 0}));
  put_along_axis(m, array{1, -1}, 7, axes());
  EXPECT_EQ(ints(m), (list{0, 7, 5, 6, 0, 7}));
  EXPECT_EQ(error_of([&] {
              put_along_axis(m, array{{3}, {0}}, 1, 1);
            }),
            "index_error put_along_axis: 3 is out of bounds for axis 1 with extent 3");
}

TEST(compress, keeps_slices_where_the_condition_is_true) {
  array m = reshape(arange(6), {3, 2});
  EXPECT_EQ(ints(compress(array{true, false, true}, m, 0)), (list{0, 1, 4, 5}));
  EXPECT_EQ(ints(compress(array{false, true}, m, 1)), (list{1, 3, 5}));
  EXPECT_EQ(ints(compress(array{0, 2, 0, 1}, m)), (list{1, 3}));  // shorter than the flattened array; numbers as truth
  EXPECT_EQ(compress(array{false}, m, 0).shape(), shape({0, 2}));
  EXPECT_EQ(error_of([&] {
              compress(array{false, false, true}, m, 1);
            }),
            "index_error compress: 2 is out of bounds for axis 1 with extent 2");
  EXPECT_EQ(error_of([&] { compress(array{{true}}, m, 1); }),
            "value_error compress: the condition has one axis, not shape (1, 1)");
}

TEST(extract, picks_from_the_flattened_array) {
  array m = reshape(arange(6), {3, 2});
  EXPECT_EQ(ints(extract(m % 2 == 0, m)), (list{0, 2, 4}));
  EXPECT_EQ(ints(extract(m.T() > 2, m.T())), (list{4, 3, 5}));
}

TEST(nonzero, lists_positions_in_c_order) {
  array m = {{0.0, 2.0, -0.0}, {std::numeric_limits<double>::quiet_NaN(), 0.0, -1.0}};
  const std::vector<array> found = nonzero(m);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(ints(found[0]), (list{0, 1, 1}));
  EXPECT_EQ(ints(found[1]), (list{1, 0, 2}));
  EXPECT_EQ(ints(argwhere(m)), (list{0, 1, 1, 0, 1, 2}));
  EXPECT_EQ(ints(flatnonzero(m)), (list{1, 3, 5}));
  EXPECT_EQ(ints(nonzero(m.T())[0]), (list{0, 1, 2}));
  EXPECT_EQ(nonzero(zeros({0, 3})).size(), 2u);
  EXPECT_EQ(error_of([] { nonzero(5); }), "value_error nonzero: a 0-d array has no axis; use atleast_1d");
  EXPECT_EQ(argwhere(5).shape(), shape({1, 0}));
  EXPECT_EQ(argwhere(0).shape(), shape({0, 0}));
}

TEST(nonzero, knows_every_dtype) {
  for (const dtype& type : {bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16, float32,
                            float64, complex64, complex128}) {
    EXPECT_EQ(ints(flatnonzero(array({0, 1, 0, 1, 1}).astype(type))), (list{1, 3, 4})) << type.name();
  }
  array z = zeros({3}, complex64);
  imag(z)(1) = 1;
  real(z)(2) = -0.0;
  EXPECT_EQ(ints(flatnonzero(z)), list{1});
}

TEST(nonzero, agrees_with_a_plain_loop_over_a_large_strided_array) {
  const array base = arange(700000) % 7;
  const array x = reshape(base, {700, 1000})(slice(none, none, -2), slice(3, none, 3));
  list rows, columns, expected_rows, expected_columns;
  const list values = ints(x);
  for (std::int64_t i = 0; i < x.shape()[0]; ++i) {
    for (std::int64_t j = 0; j < x.shape()[1]; ++j) {
      if (values[i * x.shape()[1] + j] != 0) {
        expected_rows.push_back(i);
        expected_columns.push_back(j);
      }
    }
  }
  const std::vector<array> found = nonzero(x);
  EXPECT_EQ(ints(found[0]), expected_rows);
  EXPECT_EQ(ints(found[1]), expected_columns);
  EXPECT_EQ(ints(x[x != 0]).size(), expected_rows.size());
}

TEST(accumulation, counts_duplicates_each_time) {
  array counts = zeros({4}, int64);
  add_at(counts, array{3, 0, 0, -1}, 1);
  EXPECT_EQ(ints(counts), (list{2, 0, 0, 2}));
  subtract_at(counts, array{0, 0}, array{5, 1});
  EXPECT_EQ(ints(counts), (list{-4, 0, 0, 2}));
  multiply_at(counts, array{0, 0, 3}, array{2, 3, 4});
  EXPECT_EQ(ints(counts), (list{-24, 0, 0, 8}));
  maximum_at(counts, array{1, 1, 3}, array{7, 5, 1});
  minimum_at(counts, array{2, 2}, array{-7, -5});
  EXPECT_EQ(ints(counts), (list{-24, 7, -7, 8}));
}

TEST(accumulation, takes_index_lists_and_broadcasts_values) {
  array m = zeros({3, 2}, int64);
  add_at(m, {array{0, 2, 0}, all}, array{1, 10});
  EXPECT_EQ(ints(m), (list{2, 20, 0, 0, 1, 10}));
  add_at(m(1), {all}, 5);
  add_at(m, m(all, 0) > 1, 100);
  EXPECT_EQ(ints(m), (list{102, 120, 105, 105, 1, 10}));
}

TEST(accumulation, rounds_to_the_targets_dtype_each_time) {
  array sum = zeros({1}, float32);
  add_at(sum, array{0, 0, 0}, array{16777216.0, 1.0, 1.0});
  float expected = 0;
  for (double v : {16777216.0, 1.0, 1.0}) expected = static_cast<float>(static_cast<double>(expected) + v);
  EXPECT_EQ(elements<float>(sum), std::vector<float>{expected});
  array small = zeros({2}, int8);
  add_at(small, array{1, 1}, array{100, 100});  // wraps
  EXPECT_EQ(elements<std::int8_t>(small), (std::vector<std::int8_t>{0, -56}));
  array whole = zeros({2}, int64);
  add_at(whole, array{0, 0}, array{1.5, 1.75});  // fractions are cut off each time, as numpy.add.at does
  EXPECT_EQ(ints(whole), (list{2, 0}));
}

TEST(accumulation, refuses_before_anything_is_written) {
  array a = zeros({3}, int64);
  EXPECT_EQ(error_of([&] {
              add_at(a, array{0, 3}, 1);
            }),
            "index_error index: 3 is out of bounds for axis 0 with extent 3");
  EXPECT_EQ(error_of([&] {
              add_at(a, array{0, 1}, array{1, 2, 3});
            }),
            "shape_error add_at: values of shape (3,) do not broadcast to (2,)");
  EXPECT_EQ(error_of([&] {
              add_at(a, array{0, 1}, array{{1, 2}});
            }),
            "shape_error add_at: values of shape (1, 2) do not broadcast to (2,)");
  EXPECT_EQ(error_of([&] { add_at(a.readonly(), array{0}, 1); }).substr(0, 19), "value_error add_at:");
  EXPECT_EQ(ints(a), (list{0, 0, 0}));
}

TEST(select, takes_the_first_choice_whose_condition_holds) {
  array x = arange(6);
  EXPECT_EQ(ints(select({x < 2, x < 4}, {x * 10, -x}, 99)), (list{0, 10, -2, -3, 99, 99}));
  EXPECT_EQ(select({x < 2}, {x.astype(int8)}, 0).dtype(), int8);
  EXPECT_EQ(select({x < 2}, {x.astype(float32)}, 0.5).dtype(), float32);
  EXPECT_EQ(select({x < 2}, {1}, 2.5).dtype(), float64);
  EXPECT_EQ(error_of([&] { select({x}, {x}); }), "dtype_error select: condition 0 must be bool, not int64");
  EXPECT_EQ(error_of([&] {
              select({x < 1}, {x, x});
            }),
            "value_error select: takes one choice for each of at least one condition, not 1 conditions and 2 choices");
}

}  // namespace
