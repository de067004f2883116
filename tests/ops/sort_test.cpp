// Sorting, partitioning, the largest elements, sorting by keys and searching through the public interface, on the CPU or, built
// with TESSERA_TEST_ON_DEVICE, on a GPU. Expected lists are NumPy's (of topk: torch's), or made by plain loops.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "array_values.hpp"
#include "ops/default_device.hpp"

namespace tessera {
namespace {

using tessera_test::doubles;
using tessera_test::message_of;
using list = std::vector<double>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

constexpr std::int64_t long_lane = on_device ? 3000 : 200'000;

class sorting_here : public on_test_device {};

/// Equal, NaN to NaN and zeros with their signs.
void expect_values(const array& got, const list& want) {
  const list found = doubles(got);
  ASSERT_EQ(found.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    ASSERT_TRUE((std::isnan(found[i]) && std::isnan(want[i])) ||
                (found[i] == want[i] && std::signbit(found[i]) == std::signbit(want[i])))
        << "at " << i << ": " << found[i] << " instead of " << want[i];
  }
}

bool precedes(double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

/// The positions that sort a list, by the standard library.
std::vector<std::int64_t> stable_order(const list& x, bool descending = false) {
  std::vector<std::int64_t> order(x.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const double p = x[static_cast<std::size_t>(a)], q = x[static_cast<std::size_t>(b)];
    return descending ? precedes(q, p) : precedes(p, q);
  });
  return order;
}

/// Numbers that repeat, with NaN, infinities and both zeros among them.
array numbers(std::int64_t n) {
  const array whole = arange(0, n, 1, {.dtype = float64, .device = cpu()});
  const array few = array(remainder(whole * 7919.0 + floor_divide(whole, 3.0) * 31.0, 997.0) - 400.0);
  return array(where(few == 7.0, nan, where(few == 8.0, infinity, where(few == 9.0, -0.0, few))));
}

TEST_F(sorting_here, sorts_flattened_arrays_without_an_axis) {
  expect_values(sort(on({{3, 1}, {2, 0}}), axes{}), {0, 1, 2, 3});
  expect_values(argsort(on({{3, 1}, {2, 0}}), axes{}), {3, 1, 2, 0});
  EXPECT_EQ(sort(on(array(5)), axes{}).shape(), shape({1}));
  EXPECT_EQ(argsort(on(array(5))).shape(), shape({1}));
}

TEST_F(sorting_here, keeps_zeros_of_both_signs_in_their_order) {
  expect_values(sort(on({0.0, 1.0, -0.0, nan, 0.0, -1.0, -0.0})), {-1, 0.0, -0.0, 0.0, -0.0, 1, nan});
  expect_values(sort(on({0.0, 1.0, -0.0, nan, 0.0}), {.descending = true}), {nan, 1, 0.0, -0.0, 0.0});
}

TEST_F(sorting_here, partition_puts_places_in_order_and_the_rest_on_their_sides) {
  const list x = doubles(numbers(long_lane)), sorted = doubles(sort(numbers(long_lane)));
  const std::vector<std::int64_t> kth = {long_lane / 2, 0, -1, long_lane / 3};
  const list parted = doubles(partition(on(numbers(long_lane)), kth));
  const list picked = doubles(take(numbers(long_lane), argpartition(on(numbers(long_lane)), kth).to(cpu())));
  const auto key = [](double v) { return std::isnan(v) ? infinity : std::min(v, 1e300) + 0.0; };
  for (const list* found : {&parted, &picked}) {
    list again = *found;
    std::sort(again.begin(), again.end(), precedes);
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(key(again[i]), key(sorted[i])) << i;
    for (std::int64_t place : kth) {
      const auto at = static_cast<std::size_t>(place < 0 ? place + long_lane : place);
      ASSERT_EQ(key((*found)[at]), key(sorted[at]));
      for (std::size_t i = 0; i < at; ++i) ASSERT_LE(key((*found)[i]), key(sorted[at]));
      for (std::size_t i = at; i < x.size(); ++i) ASSERT_GE(key((*found)[i]), key(sorted[at]));
    }
  }
}

TEST_F(sorting_here, partition_takes_any_axis_and_dtype) {
  expect_values(partition(on({{3, 9}, {1, 4}, {2, 7}}), {0, 1, 2}, 0), {1, 4, 2, 7, 3, 9});
  expect_values(argpartition(on({{3, 9}, {1, 4}, {2, 7}}), {0, 1, 2}, 0), {1, 1, 2, 2, 0, 0});
  expect_values(partition(on({{3, 1}, {2, 0}}), {0, 1, 2, 3}, axes{}), {0, 1, 2, 3});
  expect_values(partition(on({true, false}), 0), {0, 1});
  EXPECT_EQ(argpartition(on(array(5)), -1).shape(), shape({1}));
  EXPECT_EQ(partition(on({3, 1, 2}), std::vector<std::int64_t>{}).shape(), shape({3}));
}

TEST_F(sorting_here, partition_of_nothing_does_not_look_at_places) {
  EXPECT_EQ(partition(on(zeros({0, 3})), 4).shape(), shape({0, 3}));
  EXPECT_EQ(argpartition(on(zeros({0})), 0).shape(), shape({0}));
}

TEST_F(sorting_here, topk_gives_the_largest_in_order_and_where_they_are) {
  const topk_result two = topk(on({1.0, nan, 3.0}), 2);
  expect_values(two.values, {nan, 3});
  expect_values(two.indices, {1, 2});
  const topk_result least = topk(on({1.0, nan, 3.0}), 2, -1, {.largest = false});
  expect_values(least.values, {1, 3});
  expect_values(least.indices, {0, 2});
  const topk_result columns = topk(on({{1, 8}, {5, 2}, {5, 8}}), 2, 0);
  expect_values(columns.values, {5, 8, 5, 8});
  expect_values(columns.indices, {1, 0, 2, 2});
  EXPECT_EQ(columns.values.dtype(), int64);
  expect_values(topk(on({{1, 8}, {5, 2}}), 3, axes{}).indices, {1, 2, 3});
}

TEST_F(sorting_here, topk_equals_the_first_of_a_stable_sort) {
  for (const bool largest : {true, false}) {
    for (const std::int64_t k : {std::int64_t{0}, std::int64_t{1}, std::int64_t{100}, long_lane / 2, long_lane}) {
      const list x = doubles(numbers(long_lane));
      const topk_result found = topk(on(numbers(long_lane)), k, -1, {.largest = largest});
      const std::vector<std::int64_t> order = stable_order(x, largest);
      list indices, values;
      for (std::int64_t i = 0; i < k; ++i) {
        indices.push_back(static_cast<double>(order[static_cast<std::size_t>(i)]));
        values.push_back(x[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
      }
      expect_values(found.indices, indices);
      expect_values(found.values, values);
    }
  }
}

TEST_F(sorting_here, topk_of_nothing_is_nothing) {
  EXPECT_EQ(topk(on(zeros({2, 0})), 0).values.shape(), shape({2, 0}));
  EXPECT_EQ(topk(on(zeros({0, 3})), 2).indices.shape(), shape({0, 2}));
}

TEST_F(sorting_here, lexsort_goes_by_the_last_key_first) {
  expect_values(lexsort({on({1, 2, 1}), on({3, 1, 3})}), {1, 0, 2});
  expect_values(lexsort({on({9, 4, 0, 4, 0, 2, 1}), on({1, 5, 1, 4, 3, 4, 4})}), {2, 0, 4, 6, 5, 3, 1});
  expect_values(lexsort({on({{1, 2}, {0, 1}}), on({{1, 1}, {0, 0}})}, 0), {1, 1, 0, 0});
  expect_values(lexsort({on({3.0, nan, 1.0})}), {2, 0, 1});
  expect_values(lexsort(unstack(on({{1, 2, 1}, {3, 1, 3}}))), {1, 0, 2});
  EXPECT_EQ(lexsort({on(array(5)), on(array(6))}).ndim(), 0);
  EXPECT_EQ(lexsort({on(zeros({2, 0})), on(zeros({2, 0}))}).shape(), shape({2, 0}));
}

TEST_F(sorting_here, searchsorted_takes_values_of_any_shape_and_dtype) {
  expect_values(searchsorted(on({1, 2, 2, 5}), on({{0, 2}, {9, 5}})), {0, 1, 4, 3});
  expect_values(searchsorted(on({1, 2, 2, 5}), on({2.5, 2.0}), {.side = side::right}), {3, 3});
  expect_values(searchsorted(on({1.0, nan}), on({nan, infinity})), {1, 1});
  expect_values(searchsorted(on({1.0, nan}), on({nan, infinity}), {.side = side::right}), {2, 1});
  expect_values(searchsorted(on({1, 2, 3, 4, 5, 1}), on({0, 1, 2, 5, 6})),
                {0, 0, 1, 6, 6});  // not sorted: NumPy's places
  EXPECT_EQ(searchsorted(on({1, 2, 3}), 2.5).item<int>(), 2);
  EXPECT_EQ(searchsorted(on(zeros({0})), on({1.0})).item<int>(), 0);
}

TEST_F(sorting_here, searchsorted_finds_sorted_and_random_values_alike) {
  const array among = sort(numbers(long_lane / 2)), values = numbers(long_lane), in_order = sort(values);
  const list sorted = doubles(among);
  for (const array& v : {values, in_order}) {
    for (const side which : {side::left, side::right}) {
      list want;
      for (double x : doubles(v)) {
        want.push_back(
            static_cast<double>((which == side::left ? std::lower_bound(sorted.begin(), sorted.end(), x, precedes)
                                                     : std::upper_bound(sorted.begin(), sorted.end(), x, precedes)) -
                                sorted.begin()));
      }
      expect_values(searchsorted(on(among), on(v), {.side = which}), want);
    }
  }
}

TEST_F(sorting_here, searchsorted_goes_by_a_sorter) {
  expect_values(searchsorted(on({3, 1, 2}), on({2, 5}), {.sorter = {on({1, 2, 0})}}), {1, 3});
  expect_values(searchsorted(on({3, 1, 2}), on({2, 5}), {.side = side::right, .sorter = {on({1, 2, -3})}}), {2, 3});
  const array none = zeros({0}, int64);
  expect_values(searchsorted(on(zeros({0})), on({1.0}), {.sorter = {on(none)}}), {0});
}

TEST_F(sorting_here, errors_say_what_was_expected) {
  const array x = on({3, 1, 2});
  EXPECT_EQ(message_of<axis_error>([&] { (void)partition(on(array(5)), 0); }),
            "partition: axis -1 is out of bounds for an array with 0 axes");
  EXPECT_EQ(message_of<value_error>([&] { (void)sort(x, axes{0, 0}); }), "sort: takes one axis or none, not (0, 0)");
  EXPECT_EQ(message_of<value_error>([&] {
              (void)partition(x, {0, 3});
            }),
            "partition: place 3 is out of bounds for axis 0 with extent 3");
  EXPECT_EQ(message_of<value_error>([&] { (void)argpartition(x, -4); }),
            "argpartition: place -4 is out of bounds for axis 0 with extent 3");
  EXPECT_EQ(message_of<value_error>([&] { (void)topk(x, 4); }),
            "topk: k is 4, but axis 0 has extent 3; expected 0 <= k <= 3");
  EXPECT_EQ(message_of<value_error>([&] { (void)topk(x, -1); }),
            "topk: k is -1, but axis 0 has extent 3; expected 0 <= k <= 3");
  EXPECT_EQ(message_of<value_error>([&] { (void)lexsort(std::vector<array>{}); }), "lexsort: takes at least one key");
  EXPECT_EQ(message_of<shape_error>([&] {
              (void)lexsort({x, on(array{1, 2})});
            }),
            "lexsort: key 1 has shape (2,), key 0 has shape (3,); expected equal shapes");
  EXPECT_EQ(message_of<axis_error>([&] { (void)lexsort({x}, 1); }),
            "lexsort: axis 1 is out of bounds for an array with 1 axis");
  EXPECT_EQ(message_of<value_error>([&] {
              (void)searchsorted(x, x, {.sorter = {on(array{0, 1})}});
            }),
            "searchsorted: the sorter has shape (2,); expected (3,)");
  EXPECT_EQ(message_of<value_error>([&] {
              (void)searchsorted(x, x, {.sorter = {on(array{0, 1, 5})}});
            }),
            "searchsorted: the sorter's position: 5 is out of bounds for axis 0 with extent 3");
  EXPECT_EQ(message_of<dtype_error>([&] {
              (void)searchsorted(x, x, {.sorter = {on(array{true, true, true})}});
            }),
            "searchsorted: the sorter must contain integers, not bool");
  EXPECT_EQ(message_of<value_error>([&] {
              (void)searchsorted(x, x, {.sorter = {x, x}});
            }),
            "searchsorted: takes one sorter, not 2");
}

}  // namespace
}  // namespace tessera
