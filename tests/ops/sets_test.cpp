// Distinct elements, sets of two arrays and membership: values made by NumPy, loops over random elements, error texts.
// Compiled twice: with the arrays on the host, and on a device (TESSERA_TEST_ON_DEVICE).
#include <algorithm>
#include <complex>
#include <limits>
#include <map>
#include <set>

#include "ops/default_device.hpp"
#include "ops/elements.hpp"

namespace tessera {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using doubles_t = std::vector<double>;

class sets : public on_default_device {};

TEST_F(sets, unique_sorts_and_drops_duplicates_of_any_shape) {
  EXPECT_EQ(ints(unique(array{{3, 1, 3}, {2, 1, 1}})), (list{1, 2, 3}));
  EXPECT_EQ(ints(unique(array(7))), (list{7}));
  EXPECT_EQ(ints(unique(array{5, 4, 5}, {.sorted = false})), (list{4, 5}));
  EXPECT_EQ(unique(zeros({0, 3}, int8)).shape(), shape({0}));
  EXPECT_EQ(unique(zeros({0, 3}, int8)).dtype(), int8);
  EXPECT_EQ(str(unique(array{true, false, true})), "[False  True]");
  EXPECT_EQ(str(unique(array{3, 1, 2} * 2)), "[2 4 6]");
}

TEST_F(sets, unique_all_tells_where_values_came_from) {
  const auto [values, indices, inverse, counts] = unique_all(array{{3, 1, 3}, {2, 1, 1}});
  EXPECT_EQ(ints(values), (list{1, 2, 3}));
  EXPECT_EQ(ints(indices), (list{1, 3, 0}));
  EXPECT_EQ(ints(inverse), (list{2, 0, 2, 1, 0, 0}));
  EXPECT_EQ(inverse.shape(), shape({2, 3}));
  EXPECT_EQ(ints(counts), (list{3, 1, 2}));
  const unique_all_result nothing = unique_all(zeros({0, 3}));
  EXPECT_EQ(nothing.values.shape(), shape({0}));
  EXPECT_EQ(nothing.indices.shape(), shape({0}));
  EXPECT_EQ(nothing.inverse_indices.shape(), shape({0, 3}));
  EXPECT_EQ(nothing.counts.shape(), shape({0}));
  EXPECT_EQ(unique_all(array(2.5)).inverse_indices.shape(), shape(std::initializer_list<std::int64_t>{}));
}

TEST_F(sets, nan_is_one_element_or_each_its_own) {
  const array x{nan, 1.0, nan, 2.0};
  EXPECT_EQ(str(unique(x)), "[ 1.  2. nan]");
  EXPECT_EQ(str(unique(x, {.equal_nan = false})), "[ 1.  2. nan nan]");
  EXPECT_EQ(str(unique_values(x)), "[ 1.  2. nan nan]");
  EXPECT_EQ(ints(unique_counts(x).counts), (list{1, 1, 1, 1}));
  EXPECT_EQ(ints(unique_counts(x, {.equal_nan = true}).counts), (list{1, 1, 2}));
  EXPECT_EQ(ints(unique_inverse(x).inverse_indices), (list{2, 0, 3, 1}));
  EXPECT_EQ(ints(unique_inverse(x, {.equal_nan = true}).inverse_indices), (list{2, 0, 2, 1}));
}

TEST_F(sets, a_complex_number_with_nan_in_a_part_is_nan) {
  const std::complex<double> a(nan, 1), b(1, nan), c(nan, nan), d(0, nan);
  const array x{a, b, std::complex<double>(1), c, d};
  const auto all = unique_all(x, {.equal_nan = true});
  EXPECT_EQ(str(all.values), "[1. +0.j 0.+nanj]");
  EXPECT_EQ(ints(all.indices), (list{2, 4}));
  EXPECT_EQ(ints(all.inverse_indices), (list{1, 1, 0, 1, 1}));
  EXPECT_EQ(ints(unique_all(x).indices), (list{2, 4, 1, 0, 3}));
}

TEST_F(sets, of_both_zeros_the_first_stands) {
  EXPECT_EQ(str(unique(array{-0.0, 0.0, 1.0})), "[-0.  1.]");
  EXPECT_EQ(str(unique(array{0.0, -0.0, 1.0})), "[0. 1.]");
}

TEST_F(sets, slices_of_an_axis_are_elements) {
  const array x{{1.0, 2.0}, {0.0, 5.0}, {1.0, 2.0}, {-0.0, 5.0}, {1.0, -3.0}};
  const auto all = unique_all(x, {.axis = 0});
  EXPECT_EQ(elements<double>(all.values), (doubles_t{0, 5, 1, -3, 1, 2}));
  EXPECT_EQ(ints(all.indices), (list{1, 4, 0}));
  EXPECT_EQ(ints(all.inverse_indices), (list{2, 0, 2, 0, 1}));
  EXPECT_EQ(ints(all.counts), (list{2, 1, 2}));
  EXPECT_EQ(elements<double>(unique(x.T(), {.axis = -1})), (doubles_t{0, 1, 1, 5, -3, 2}));
  const array with_nan{{nan, 1.0}, {nan, 1.0}, {0.0, 2.0}};
  EXPECT_EQ(unique(with_nan, {.axis = 0}).shape(), shape({3, 2}));         // as in NumPy a slice with NaN equals none
  EXPECT_EQ(str(unique(array{nan, 1.0, nan}, {.axis = 0})), "[ 1. nan]");  // but a vector's elements are no slices
  EXPECT_EQ(ints(unique_inverse(array{4, 3, 4}, {.axis = 0}).inverse_indices), (list{1, 0, 1}));
}

TEST_F(sets, slices_without_elements_are_all_equal) {
  EXPECT_EQ(unique(zeros({3, 0}), {.axis = 0}).shape(), shape({1, 0}));
  EXPECT_EQ(unique(zeros({3, 0}), {.axis = 1}).shape(), shape({3, 0}));
  EXPECT_EQ(unique(zeros({0, 3}), {.axis = 0}).shape(), shape({0, 3}));
  EXPECT_EQ(unique(zeros({0, 3}), {.axis = 1}).shape(), shape({0, 1}));
  const auto all = unique_all(zeros({2, 0, 3}), {.axis = -1});
  EXPECT_EQ(all.values.shape(), shape({2, 0, 1}));
  EXPECT_EQ(ints(all.indices), (list{0}));
  EXPECT_EQ(ints(all.inverse_indices), (list{0, 0, 0}));
  EXPECT_EQ(ints(all.counts), (list{3}));
}

/// Elements of few values, or spread over all of the dtype.
array drawn(std::int64_t n, const dtype& type, bool few, std::uint64_t seed) {
  random::generator g(seed);
  const array bits =
      g.integers(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), {n});
  return few ? array(g.integers(0, 50, {n}).astype(type)) : bits.astype(type);
}

TEST_F(sets, unique_agrees_with_a_map) {
  for (const dtype& type : {int8, int64, uint16, uint64, float32, float64}) {
    for (const std::int64_t n : {1, 2, 63, 2000}) {
      for (const bool few : {true, false}) {
        const array x = drawn(n, type, few, 11 + static_cast<std::uint64_t>(n));
        const doubles_t in = elements<double>(x.astype(float64));
        std::map<double, list> places;
        for (std::size_t i = 0; i < in.size(); ++i) places[in[i]].push_back(static_cast<std::int64_t>(i));
        if (!few && type.itemsize() == 8 && places.size() < in.size()) continue;  // float64 does not hold them
        doubles_t values;
        list first, counts, inverse(in.size());
        for (const auto& [value, at] : places) {
          for (const std::int64_t i : at)
            inverse[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(values.size());
          values.push_back(value);
          first.push_back(at[0]);
          counts.push_back(static_cast<std::int64_t>(at.size()));
        }
        const unique_all_result got = unique_all(x);
        EXPECT_EQ(got.values.dtype(), type);
        EXPECT_EQ(elements<double>(got.values.astype(float64)), values) << type.name() << n;
        EXPECT_EQ(ints(got.indices), first) << type.name() << n;
        EXPECT_EQ(ints(got.inverse_indices), inverse) << type.name() << n;
        EXPECT_EQ(ints(got.counts), counts) << type.name() << n;
        EXPECT_EQ(elements<double>(unique(x).astype(float64)), values) << type.name() << n;
        EXPECT_EQ(ints(unique_counts(x).counts), counts) << type.name() << n;
        EXPECT_EQ(ints(unique_inverse(x).inverse_indices), inverse) << type.name() << n;
      }
    }
  }
}

/// Integers close together at both ends of their dtypes, beside some that are too far apart.
TEST_F(sets, unique_counts_integers_that_lie_close_together) {
  for (const dtype& type : {bool_, int8, uint8, int32, int64, uint64}) {
    const array small = random::generator(9).integers(0, type == bool_ ? 2 : 100, {40, 50}).astype(int64);
    const array low =
        type == bool_ || type.kind() == 'u' ? array(0) : array(bitwise_left_shift(array(-1), 8 * type.itemsize() - 1));
    const array high = type == uint64 ? array(-101) : type == uint8 ? array(155) : array(0);  // of uint64 the largest
    for (const array& from : {low, high}) {
      const array x = array((small + from).astype(type));
      const list in = ints(small);
      std::map<std::int64_t, std::int64_t> count;
      for (const std::int64_t i : in) ++count[i];
      list values, counts;
      for (const auto& [value, times] : count) values.push_back(value), counts.push_back(times);
      const auto [distinct, inverse] = unique_inverse(x);
      EXPECT_EQ(distinct.dtype(), type);
      EXPECT_EQ(ints(array(distinct.astype(int64) - from)), values) << type.name();
      EXPECT_EQ(str(unique(x)), str(distinct)) << type.name();
      EXPECT_EQ(ints(unique_counts(x).counts), counts) << type.name();
      EXPECT_EQ(inverse.shape(), x.shape());
      EXPECT_TRUE(bool(all(take(distinct, inverse) == x))) << type.name();
    }
  }
  const array ends =
      array({std::numeric_limits<std::int64_t>::min(), std::int64_t{5}, std::numeric_limits<std::int64_t>::max()});
  EXPECT_EQ(ints(unique(tile(ends, {1000}))), ints(ends));
}

TEST_F(sets, of_two_arrays_are_sorted_and_promote) {
  const array x{3, 1, 4, 1, 5}, y = array{{9, 2}, {5, 3}}.astype(int8);
  EXPECT_EQ(ints(union1d(x, y)), (list{1, 2, 3, 4, 5, 9}));
  EXPECT_EQ(ints(intersect1d(x, y)), (list{3, 5}));
  EXPECT_EQ(ints(setdiff1d(x, y)), (list{1, 4}));
  EXPECT_EQ(setdiff1d(y, x).dtype(), int8);
  EXPECT_EQ(ints(setxor1d(x, y)), (list{1, 2, 4, 9}));
  const auto [values, in_x, in_y] = intersect1d_indices(x, y);
  EXPECT_EQ(ints(values), (list{3, 5}));
  EXPECT_EQ(ints(in_x), (list{0, 4}));
  EXPECT_EQ(ints(in_y), (list{3, 2}));
  EXPECT_EQ(union1d(x, 2.5).dtype(), float64);
  EXPECT_EQ(ints(setdiff1d(array{4, 1, 3}, array{1}, {.assume_unique = true})), (list{4, 3}));
}

TEST_F(sets, have_nan_in_common_with_none) {
  const array x{nan, 1.0, nan}, y{nan, 1.0, 2.0};
  EXPECT_EQ(str(union1d(x, y)), "[ 1.  2. nan]");
  EXPECT_EQ(str(intersect1d(x, y)), "[1.]");
  EXPECT_EQ(str(setdiff1d(x, y)), "[nan]");
  EXPECT_EQ(str(setxor1d(x, y)), "[ 2. nan nan]");
  EXPECT_EQ(str(isin(x, y)), "[False  True False]");
}

TEST_F(sets, of_nothing_are_empty) {
  const array nothing = zeros({0}, int32), x{2, 1};
  EXPECT_EQ(intersect1d(nothing, nothing).dtype(), int32);
  EXPECT_EQ(ints(intersect1d(nothing, x)), (list{}));
  EXPECT_EQ(ints(intersect1d_indices(nothing, nothing).x_indices), (list{}));
  EXPECT_EQ(ints(union1d(x, nothing)), (list{1, 2}));
  EXPECT_EQ(ints(setxor1d(nothing, x)), (list{1, 2}));
  EXPECT_EQ(setxor1d(nothing, nothing).size(), 0);
  EXPECT_EQ(str(isin(x, nothing)), "[False False]");
  EXPECT_EQ(str(isin(x, nothing, {.invert = true})), "[ True  True]");
  EXPECT_EQ(isin(zeros({0, 2}), x).shape(), shape({0, 2}));
}

TEST_F(sets, isin_has_the_shape_of_its_elements) {
  EXPECT_EQ(str(isin(array{{1, 7}, {3, 4}}, array{4, 1})), "[[ True False]\n [False  True]]");
  EXPECT_EQ(str(isin(array{{1, 7}, {3, 4}}, array{4, 1}, {.invert = true})), "[[False  True]\n [ True False]]");
  EXPECT_EQ(str(isin(array(4), 4)), "True");
  EXPECT_EQ(str(isin(array{1.5, 2.0}, array{2, 3})), "[False  True]");
  EXPECT_EQ(str(isin(array{true, false}, array{1, 5})), "[ True False]");
}

TEST_F(sets, isin_compares_signed_and_unsigned_integers_as_numbers) {
  const array negative{-1, 2, 5}, large = array{5, 7}.astype(uint64);
  const array largest = array(bitwise_invert(zeros({1}, uint64)));  // what -1 would be
  EXPECT_EQ(str(isin(negative, largest)), "[False False False]");
  EXPECT_EQ(str(isin(largest, negative)), "[False]");
  EXPECT_EQ(str(isin(largest, negative, {.invert = true})), "[ True]");
  EXPECT_EQ(str(isin(negative, large)), "[False False  True]");
  EXPECT_EQ(str(isin(large, negative)), "[ True False]");
  EXPECT_EQ(ints(setdiff1d(negative, largest)), (list{-1, 2, 5}));
}

TEST_F(sets, isin_agrees_with_loops) {
  for (const dtype& type : {int8, int64, uint64, float32}) {
    for (const std::int64_t tested : {1, 30, 3000}) {
      for (const bool few : {true, false}) {
        const array x = drawn(700, type, few, 3);
        const array test = concatenate({drawn(tested, type, few, 4), x(slice(none, none, 5))});
        const doubles_t in = elements<double>(x.astype(float64)), list = elements<double>(test.astype(float64));
        const std::set<double> members(list.begin(), list.end());
        const array got = isin(x, test);
        for (std::size_t i = 0; i < in.size(); ++i)
          ASSERT_EQ(elements<bool>(got)[i], members.contains(in[i])) << type.name() << " " << i;
      }
    }
  }
}

TEST_F(sets, errors_name_the_function) {
  EXPECT_EQ(error_of([] {
              (void)unique(zeros({2, 2}), {.axis = 2});
            }),
            "axis_error unique: axis 2 is out of bounds for an array with 2 axes");
  EXPECT_EQ(error_of([] {
              (void)unique_all(zeros({2, 2}), {.axis = {0, 1}});
            }),
            "value_error unique_all: takes one axis, not 2");
  EXPECT_EQ(error_of([] { (void)unique(array(5), {.axis = 0}); }),
            "axis_error unique: axis 0 is out of bounds for an array with 0 axes");
}

#ifdef TESSERA_TEST_ON_DEVICE
TEST_F(sets, do_not_mix_devices) {
  const array x{1, 2}, y = array{2, 3}.to(cpu());
  EXPECT_EQ(error_of([&] { (void)union1d(x, y); }),
            "error union1d: operands on cuda:0 and cpu; to() copies from one device to another");
  EXPECT_EQ(error_of([&] { (void)isin(y, x); }),
            "error isin: operands on cpu and cuda:0; to() copies from one device to another");
}
#endif

}  // namespace
}  // namespace tessera
