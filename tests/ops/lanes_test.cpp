// Scans, differences, sorting and searching along an axis.
#include <gtest/gtest.h>

#include <limits>

#include "array_values.hpp"
#include "tessera/tessera.hpp"

namespace tessera {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using tessera_test::doubles;
using list = std::vector<double>;

TEST(scan, runs_along_an_axis_or_the_flattened_array) {
  const array x = {{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(doubles(cumsum(x)), (list{1, 3, 6, 10, 15, 21}));
  EXPECT_EQ(doubles(cumsum(x, 0)), (list{1, 2, 3, 5, 7, 9}));
  EXPECT_EQ(doubles(cumprod(x, -1)), (list{1, 2, 6, 4, 20, 120}));
  EXPECT_EQ(cumsum(array(7)).shape(), shape({1}));
}

TEST(scan, of_any_strides_keeps_their_order) {
  const array x = reshape(arange(6), {2, 3}).T()(slice(none, none, -1));
  EXPECT_EQ(doubles(cumsum(x, 0)), (list{2, 5, 3, 9, 3, 12}));
  EXPECT_EQ(cumsum(zeros({2, 3}, float64, order::F), 0).strides(), shape({8, 16}));
}

TEST(scan, accumulates_as_sum_does) {
  EXPECT_EQ(cumsum(ones({3}, int8)).dtype(), int64);
  EXPECT_EQ(cumsum(ones({3}, float32), {}, float64).dtype(), float64);
  EXPECT_EQ(doubles(nancumsum(array{1.0, nan, 2.0})), (list{1, 1, 3}));
  EXPECT_EQ(doubles(nancumprod(array{2.0, nan, 3.0})), (list{2, 2, 6}));
  EXPECT_EQ(cumsum(zeros({0, 2}), 0).shape(), shape({0, 2}));
}

TEST(diff, repeats_differences_of_neighbours) {
  const array x = {{1, 4, 9}, {2, 2, 5}};
  EXPECT_EQ(doubles(diff(x)), (list{3, 5, 0, 3}));
  EXPECT_EQ(doubles(diff(x, 2)), (list{2, 3}));
  EXPECT_EQ(doubles(diff(x, 1, 0)), (list{1, -2, -4}));
  EXPECT_EQ(diff(x, 5).shape(), shape({2, 0}));
  EXPECT_EQ(diff(array{true, false, false}).dtype(), bool_);
  EXPECT_THROW((void)diff(x, -1), value_error);
}

TEST(sort, orders_lanes_with_nan_last) {
  EXPECT_EQ(doubles(sort(array{{3, 1, 2}, {9, 7, 8}})), (list{1, 2, 3, 7, 8, 9}));
  EXPECT_EQ(doubles(sort(array{{3, 1}, {2, 7}}, 0)), (list{2, 1, 3, 7}));
  const array with_nan = sort(array{2.0, nan, 1.0});
  EXPECT_EQ(with_nan(1).item<double>(), 2);
  EXPECT_NE(with_nan(2).item<double>(), with_nan(2).item<double>());
  EXPECT_EQ(doubles(sort(array{3, 1, 2}, {.descending = true})), (list{3, 2, 1}));
}

TEST(argsort, is_stable) {
  EXPECT_EQ(doubles(argsort(array{2, 1, 2, 1})), (list{1, 3, 0, 2}));
  EXPECT_EQ(argsort(array{2, 1}).dtype(), int64);
}

TEST(sort_errors, name_the_axis) { EXPECT_THROW((void)sort(array(5)), axis_error); }

TEST(searchsorted, finds_the_place_on_either_side) {
  const array sorted = {1, 2, 2, 5};
  EXPECT_EQ(doubles(searchsorted(sorted, array{0, 2, 9})), (list{0, 1, 4}));
  EXPECT_EQ(doubles(searchsorted(sorted, array{0, 2, 9}, {.side = side::right})), (list{0, 3, 4}));
  EXPECT_EQ(searchsorted(sorted, 2.5).item<int>(), 3);
  EXPECT_EQ(searchsorted(sorted, array{{1, 2}, {3, 4}}).shape(), shape({2, 2}));
  EXPECT_EQ(doubles(searchsorted(zeros({0}), array{1.0})), (list{0}));
  EXPECT_THROW((void)searchsorted(zeros({2, 2}), 1), value_error);
}

}  // namespace
}  // namespace tessera
