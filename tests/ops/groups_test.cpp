// Folds of pieces and of groups: lists made by NumPy, plain loops over random elements and layouts, error texts.
// Compiled twice: with the arrays on the host, and on a device (TESSERA_TEST_ON_DEVICE).
#include <cmath>
#include <limits>
#include <map>

#include "ops/default_device.hpp"
#include "ops/elements.hpp"

namespace tessera {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using doubles_t = std::vector<double>;
using tessera_test::doubles;
constexpr std::int64_t many = on_device ? 3000 : 300'000;  // on the host beyond what one thread folds at once

class reduceat : public on_default_device {};
class group_reduce_of : public on_default_device {};

TEST_F(reduceat, folds_from_each_index_to_the_next) {
  const array x = arange(8);
  EXPECT_EQ(ints(add_reduceat(x, {0, 4, 1, 5})), (list{6, 4, 10, 18}));
  EXPECT_EQ(ints(add_reduceat(x, {3})), (list{25}));
  EXPECT_EQ(ints(add_reduceat(x, {7, 7, 0})), (list{7, 7, 28}));
  EXPECT_EQ(ints(multiply_reduceat(x, {1, 4})), (list{6, 840}));
  EXPECT_EQ(ints(maximum_reduceat(x, {5, 2, 4})), (list{5, 3, 7}));
  EXPECT_EQ(ints(minimum_reduceat(x, {5, 2, 4})), (list{5, 2, 4}));
  EXPECT_EQ(str(logical_and_reduceat(x, {0, 4})), "[False  True]");
  EXPECT_EQ(str(logical_or_reduceat(array{0.0, nan, 0.0, 0.0}, {0, 2})), "[ True False]");
}

TEST_F(reduceat, has_the_dtypes_of_the_reductions) {
  EXPECT_EQ(ints(add_reduceat(ones({8}, bool_), {0, 4, 1, 5})), (list{4, 1, 4, 3}));
  EXPECT_EQ(add_reduceat(ones({8}, uint8), {0, 4}).dtype(), uint64);
  EXPECT_EQ(add_reduceat(ones({8}, float16), {0, 4}).dtype(), float16);
  EXPECT_EQ(ints(multiply_reduceat(ones({8}, bool_), {0, 4})), (list{1, 1}));
  EXPECT_EQ(maximum_reduceat(ones({8}, bool_), {0, 4}).dtype(), bool_);
  EXPECT_EQ(minimum_reduceat(ones({8}, int8), {0, 4}).dtype(), int8);
  EXPECT_EQ(logical_or_reduceat(ones({8}, complex64), {0, 4}).dtype(), bool_);
}

TEST_F(reduceat, of_nothing) {
  EXPECT_EQ(add_reduceat(arange(8), zeros({0}, int64)).shape(), shape({0}));
  EXPECT_EQ(add_reduceat(zeros({3, 0}), {0, 2}).shape(), shape({2, 0}));
  EXPECT_EQ(add_reduceat(zeros({0, 3}), zeros({0}, int64), 1).shape(), shape({0, 0}));
}

TEST_F(reduceat, nan_spreads_within_its_piece) {
  EXPECT_EQ(str(maximum_reduceat(array{1.0, nan, 2.0, 0.0}, {0, 2})), "[nan  2.]");
  EXPECT_EQ(str(add_reduceat(array{1.0, nan, 2.0, 0.0}, {0, 2})), "[nan  2.]");
}

/// What `fold` makes of the elements of a piece in turn, in double.
using fold_t = double (*)(double, double);
doubles_t folded(const array& x, int axis, const list& begins, fold_t fold) {
  const array last = moveaxis(x.to(cpu()), axis, -1).astype(float64).copy();
  const std::int64_t n = last.shape()[last.ndim() - 1], lanes = n == 0 ? 0 : last.size() / n;
  const auto* in = static_cast<const double*>(last.data());
  doubles_t result;
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    for (std::size_t i = 0; i < begins.size(); ++i) {
      const std::int64_t end = i + 1 < begins.size() ? begins[i + 1] : n;
      double value = in[lane * n + begins[i]];
      for (std::int64_t k = begins[i] + 1; k < end; ++k) value = fold(value, in[lane * n + k]);
      result.push_back(value);
    }
  }
  return result;
}
const fold_t plus = [](double a, double b) { return a + b; };
const fold_t larger = [](double a, double b) { return std::max(a, b); };
const fold_t smaller = [](double a, double b) { return std::min(a, b); };
const fold_t either = [](double a, double b) { return double(a != 0 || b != 0); };
const fold_t both = [](double a, double b) { return double(a != 0 && b != 0); };

/// Small integers: no sum is rounded.
void expect_folds(const array& x, int axis, const list& begins, const std::string& what) {
  const array indices = begins.empty() ? zeros({0}, int64) : from_range(begins).to(x.device());
  const auto lanes_first = [&](const array& a) { return doubles(moveaxis(a, axis, -1)); };
  EXPECT_EQ(lanes_first(add_reduceat(x, indices, axis)), folded(x, axis, begins, plus)) << what;
  EXPECT_EQ(lanes_first(maximum_reduceat(x, indices, axis)), folded(x, axis, begins, larger)) << what;
  EXPECT_EQ(lanes_first(minimum_reduceat(x, indices, axis)), folded(x, axis, begins, smaller)) << what;
  const array truth = not_equal(x, 0);
  EXPECT_EQ(lanes_first(logical_or_reduceat(x, indices, axis)), folded(truth, axis, begins, either)) << what;
  EXPECT_EQ(lanes_first(logical_and_reduceat(x, indices, axis)), folded(truth, axis, begins, both)) << what;
}

TEST_F(reduceat, agrees_with_loops_for_every_dtype_and_layout) {
  random::generator g(5);
  for (const dtype& type :
       {bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16, float32, float64}) {
    const array x = g.integers(0, type == bool_ ? 2 : 3, {40, 6}).astype(type);
    const list begins{3, 0, 17, 18, 18, 30, 2, 39};
    expect_folds(x, 0, begins, std::string(type.name()) + " rows");
    expect_folds(x.T(), 1, begins, std::string(type.name()) + " transposed");
    expect_folds(x(slice(none, none, -1), slice(none, none, 2)), 0, begins, std::string(type.name()) + " strided");
    expect_folds(x(all, slice(0, 3)), 0, begins, std::string(type.name()) + " few columns");
    expect_folds(reshape(x, {240}), 0, {5, 0, 100, 237}, std::string(type.name()) + " vector");
  }
}

TEST_F(reduceat, of_long_pieces_agrees_with_loops) {
  random::generator g(6);
  const list begins{7, 0, many / 3, many / 3 + 1, many - 5};
  expect_folds(g.integers(0, 3, {many}).astype(float64), 0, begins, "contiguous");
  expect_folds(g.integers(0, 3, {many, 2}).astype(int32)(all, 1), 0, begins, "strided");
  expect_folds(g.integers(0, 3, {many / 10, 5}).astype(float32), 0, {7, 0, many / 30, many / 10 - 5}, "rows");
  expect_folds(g.integers(0, 3, {3, 700}).astype(float32).T(), 1, {2, 0}, "wide rows");
  expect_folds(g.integers(0, 3, {40, 700}).astype(int16), 0, {20, 0, 1}, "wide rows");
}

TEST_F(reduceat, sums_are_pairwise) {
  const std::int64_t n = many;
  const array x = full({n}, 0.1, float32), rows = full({n, 4}, 0.1, float32);
  const double exact = static_cast<double>(n) * static_cast<double>(0.1f);
  EXPECT_NEAR(doubles(add_reduceat(x, {0}))[0], exact, 1e-6 * exact);
  EXPECT_NEAR(doubles(add_reduceat(rows, {0}))[2], exact, 2e-5 * exact);
  EXPECT_NEAR(doubles(add_reduceat(rows(all, 1), {0}))[0], exact, 1e-6 * exact);
}

TEST_F(reduceat, errors_name_the_function) {
  EXPECT_EQ(error_of([] {
              (void)add_reduceat(arange(8), {0, 8});
            }),
            "index_error add_reduceat: 8 is out of bounds for axis 0 with extent 8");
  EXPECT_EQ(error_of([] {
              (void)maximum_reduceat(zeros({2, 3}), {0, -1}, 1);
            }),
            "index_error maximum_reduceat: -1 is out of bounds for axis 1 with extent 3");
  EXPECT_EQ(error_of([] { (void)add_reduceat(zeros({0}), {0}); }),
            "index_error add_reduceat: 0 is out of bounds for axis 0 with extent 0");
  EXPECT_EQ(error_of([] { (void)add_reduceat(arange(8), 3); }),
            "shape_error add_reduceat: indices have one axis, not shape ()");
  EXPECT_EQ(error_of([] { (void)add_reduceat(arange(8), {1.0}); }),
            "dtype_error add_reduceat: integers expected, not float64");
  EXPECT_EQ(error_of([] { (void)add_reduceat(array(5), {0}); }), "dtype_error add_reduceat: x has no axis");
  EXPECT_EQ(error_of([] {
              (void)add_reduceat(zeros({2, 2}), {0}, 2);
            }),
            "axis_error add_reduceat: axis 2 is out of bounds for an array with 2 axes");
}

TEST_F(group_reduce_of, keys_folds_what_belongs_to_each) {
  const array keys{3, 1, 3, 2, 1, 3}, values{1, 2, 3, 4, 5, 6};
  const auto by = [&](group_fold fold) { return group_reduce(keys, values, fold).values; };
  EXPECT_EQ(ints(group_reduce(keys, values, group_fold::sum).keys), (list{1, 2, 3}));
  EXPECT_EQ(ints(by(group_fold::sum)), (list{7, 4, 10}));
  EXPECT_EQ(ints(by(group_fold::prod)), (list{10, 4, 18}));
  EXPECT_EQ(ints(by(group_fold::min)), (list{2, 4, 1}));
  EXPECT_EQ(ints(by(group_fold::max)), (list{5, 4, 6}));
  EXPECT_EQ(ints(by(group_fold::count)), (list{2, 1, 3}));
  EXPECT_EQ(elements<double>(by(group_fold::mean)), (doubles_t{3.5, 4, 10.0 / 3}));
  EXPECT_EQ(str(group_reduce(keys, equal(values, 3), group_fold::any).values), "[False False  True]");
  EXPECT_EQ(str(group_reduce(keys, values, group_fold::all).values), "[ True  True  True]");
}

TEST_F(group_reduce_of, nan_keys_are_one_group) {
  const auto [keys, values] = group_reduce(array{nan, 1.0, nan, -0.0, 0.0}, array{1, 2, 3, 4, 5}, group_fold::sum);
  EXPECT_EQ(str(keys), "[-0.  1. nan]");
  EXPECT_EQ(ints(values), (list{9, 2, 4}));
}

TEST_F(group_reduce_of, rows_folds_along_the_first_axis) {
  const array values{{1.0, 10.0}, {2.0, 20.0}, {3.0, 30.0}};
  const group_result sums = group_reduce(array{true, false, true}, values, group_fold::sum);
  EXPECT_EQ(elements<double>(sums.values), (doubles_t{2, 20, 4, 40}));
  EXPECT_EQ(elements<double>(group_reduce(array{1, 0, 1}, values, group_fold::mean).values), (doubles_t{2, 20, 2, 20}));
  EXPECT_EQ(ints(group_reduce(array{1, 0, 1}, values, group_fold::count).values), (list{1, 2}));
}

TEST_F(group_reduce_of, has_the_dtypes_of_the_reductions) {
  const array keys{0, 1};
  EXPECT_EQ(group_reduce(keys, ones({2}, int8), group_fold::sum).values.dtype(), int64);
  EXPECT_EQ(group_reduce(keys, ones({2}, int8), group_fold::mean).values.dtype(), float64);
  EXPECT_EQ(group_reduce(keys, ones({2}, float16), group_fold::mean).values.dtype(), float16);
  EXPECT_EQ(group_reduce(keys, ones({2}, float32), group_fold::mean).values.dtype(), float32);
  EXPECT_EQ(group_reduce(keys, ones({2}, complex64), group_fold::mean).values.dtype(), complex64);
  EXPECT_EQ(group_reduce(keys, ones({2}, int8), group_fold::max).values.dtype(), int8);
  EXPECT_EQ(group_reduce(keys, ones({2}, int8), group_fold::any).values.dtype(), bool_);
  EXPECT_EQ(group_reduce(zeros({0}), ones({0, 3}), group_fold::mean).values.shape(), shape({0, 3}));
  EXPECT_EQ(group_reduce(zeros({0}), ones({0, 3}), group_fold::count).values.shape(), shape({0}));
}

TEST_F(group_reduce_of, random_keys_agrees_with_a_map) {
  random::generator g(7);
  for (const std::int64_t groups : {1, 40, 2000}) {
    const std::int64_t n = many / 10;
    const array keys = g.integers(-groups, groups, {n}), values = g.integers(0, 9, {n}).astype(float32);
    const list key = ints(keys);
    const doubles_t value = doubles(values);
    std::map<std::int64_t, double> sums;
    for (std::size_t i = 0; i < key.size(); ++i) sums[key[i]] += value[i];
    const group_result got = group_reduce(keys, values, group_fold::sum);
    list expected_keys;
    doubles_t expected;
    for (const auto& [k, sum] : sums) expected_keys.push_back(k), expected.push_back(sum);
    EXPECT_EQ(ints(got.keys), expected_keys);
    EXPECT_EQ(doubles(got.values), expected);
  }
}

#ifdef TESSERA_TEST_ON_DEVICE
TEST_F(group_reduce_of, operands_apart_is_an_error) {
  const array here = zeros({3}, {.device = cpu()}), there = zeros({3});
  for (const group_fold by : {group_fold::sum, group_fold::count}) {
    EXPECT_EQ(error_of([&] { (void)group_reduce(here, there, by); }),
              "error group_reduce: operands on cpu and cuda:0; to() copies from one device to another");
    EXPECT_EQ(error_of([&] { (void)group_reduce(there, here, by); }),
              "error group_reduce: operands on cuda:0 and cpu; to() copies from one device to another");
  }
}
#endif

TEST_F(group_reduce_of, wrong_shapes_is_an_error) {
  EXPECT_EQ(
      error_of([] { (void)group_reduce(zeros({3}), zeros({4}), group_fold::sum); }),
      "shape_error group_reduce: keys of shape (3,) and values of shape (4,); expected one key for each position of "
      "values' first axis");
}

}  // namespace
}  // namespace tessera
