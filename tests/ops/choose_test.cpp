// Masks that are recipes, place, putmask, where with one argument, select, choose and piecewise, on the CPU or, built with
// TESSERA_TEST_ON_DEVICE, on a GPU. Expected lists are NumPy's, or made by plain loops.
#include <algorithm>
#include <cmath>
#include <complex>
#include <random>

#include "ops/default_device.hpp"
#include "ops/elements.hpp"

using namespace tessera;

namespace {

using tessera_test::doubles;
using numbers = std::vector<double>;
constexpr int rounds = on_device ? 40 : 400;

class choosing : public on_test_device {};

array from_list(const numbers& list, const dtype& type) {
  array result = zeros(static_cast<std::int64_t>(list.size()));
  std::copy(list.begin(), list.end(), result.span<double>().begin());
  return on(result.astype(type));
}

TEST_F(choosing, place_gives_the_values_round_and_round) {
  array a = on({1, 2, 3, 4});
  place(a, on({true, false, true, true}), on({9, 8}));
  EXPECT_EQ(doubles(a), (numbers{9, 2, 8, 9}));
  array b = on({{1, 2}, {3, 4}});
  place(b, on({1, 1, 0, 1}), on({{7}, {8}}));  // the mask has another shape and dtype
  EXPECT_EQ(doubles(b), (numbers{7, 8, 3, 7}));
  array c = on({1, 2, 3});
  place(c, on({1.5, 0.0, std::nan("")}), 7);
  EXPECT_EQ(doubles(c), (numbers{7, 2, 7}));
  place(c, on({1, 0, 1}), 5.5);
  EXPECT_EQ(doubles(c), (numbers{5, 2, 5}));
  place(c, on({false, true, false}), on({10, 11, 12, 13}));
  EXPECT_EQ(doubles(c), (numbers{5, 10, 5}));
  array d = on(array(5));
  place(d, true, on({7}));
  EXPECT_EQ(doubles(d), numbers{7});
  array e = on(arange(6));
  place(e, e > 2, e * 10);  // what is read is as it was
  EXPECT_EQ(doubles(e), (numbers{0, 1, 2, 0, 10, 20}));
}

TEST_F(choosing, place_refuses_what_numpy_refuses) {
  array a = on({1, 2, 3});
  EXPECT_EQ(error_of([&] {
              place(a, on({1, 0, 1}), on(zeros({0})));
            }),
            "value_error place: there are elements to write, but no values");
  place(a, on({0, 0, 0}), on(zeros({0})));
  EXPECT_EQ(error_of([&] {
              place(a, on({1, 0}), 5);
            }),
            "value_error place: a mask of shape (2,) and a target of shape (3,) must have as many elements");
  EXPECT_EQ(error_of([&] {
              place(a.readonly(), on({1, 0, 1}), 5);
            }),
            "value_error place: the destination is read-only");
  array small = a.astype(int8);
  EXPECT_EQ(error_of([&] { place(small, on({1, 0, 1}), 300); }), "overflow_error place: 300 is out of bounds for int8");
  EXPECT_EQ(doubles(a), (numbers{1, 2, 3}));
  EXPECT_EQ(doubles(small), (numbers{1, 2, 3}));
  array none = on(zeros({0}));
  place(none, on(zeros({0})), on(zeros({0})));
}

TEST_F(choosing, putmask_gives_each_place_its_own_value) {
  array a = on({1, 2, 3, 4});
  putmask(a, on({true, false, true, true}), on({9, 8}));
  EXPECT_EQ(doubles(a), (numbers{9, 2, 9, 8}));
  putmask(a, on({1, 0, 1, 0}), on(zeros({0})));
  EXPECT_EQ(doubles(a), (numbers{9, 2, 9, 8}));
  array b = on({{1, 2}, {3, 4}});
  putmask(b, on({1, 1, 0, 1}), on({{7}, {8}}));
  EXPECT_EQ(doubles(b), (numbers{7, 8, 3, 8}));
  array c = on({1, 2, 3});
  putmask(c, on({1, 0, 1}), on({7, 8, 9, 10, 11}));
  EXPECT_EQ(doubles(c), (numbers{7, 2, 9}));
  array d = on({1, 2, 3, 4, 5, 6});  // as many values as elements to write, or more, but fewer than there are elements
  putmask(d, on({1, 0, 0, 1, 1, 0}), on({7, 8, 9}));
  EXPECT_EQ(doubles(d), (numbers{7, 2, 3, 7, 8, 6}));
  putmask(d, on({0, 0, 1, 0, 0, 1}), on({10, 20, 30, 40, 50}));
  EXPECT_EQ(doubles(d), (numbers{7, 2, 30, 7, 8, 10}));
  putmask(c, c > 6, 0.5);
  EXPECT_EQ(doubles(c), (numbers{0, 2, 0}));
  putmask(c, c == 0, c + 1);
  EXPECT_EQ(doubles(c), (numbers{1, 2, 1}));
  EXPECT_EQ(error_of([&] {
              putmask(c, on({1, 0}), 5);
            }),
            "value_error putmask: a mask of shape (2,) and a target of shape (3,) must have as many elements");
  EXPECT_EQ(error_of([&] {
              putmask(c.readonly(), on({1, 0, 1}), 5);
            }),
            "value_error putmask: the destination is read-only");
}

TEST_F(choosing, where_of_a_condition_is_nonzero) {
  const std::vector<array> found = where(on({{0, 1}, {2, 0}}));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(doubles(found[0]), (numbers{0, 1}));
  EXPECT_EQ(doubles(found[1]), (numbers{1, 0}));
  EXPECT_EQ(error_of([] { where(on(array(5))); }), "value_error where: a 0-d array has no axis; use atleast_1d");
  const array z = on(array{std::complex<double>(1, 0), 0.0, std::complex<double>(0, -1), std::nan(""), -0.0});
  EXPECT_EQ(doubles(flatnonzero(z)), (numbers{0, 2, 3}));
  EXPECT_EQ(argwhere(on(array(5))).shape(), shape({1, 0}));
  EXPECT_EQ(argwhere(on(array(0))).shape(), shape({0, 0}));
}

TEST_F(choosing, choose_takes_each_element_from_the_choice_it_numbers) {
  const array index = on({0, 1, 2});
  EXPECT_EQ(doubles(choose(index, {on({1, 2, 3}), on({4, 5, 6}), on({7, 8, 9})})), (numbers{1, 5, 9}));
  EXPECT_EQ(doubles(choose(on({-1, 3, 1}), {1, 2}, take_mode::wrap)), (numbers{2, 2, 2}));
  EXPECT_EQ(doubles(choose(on({-5, 3, 1}), {1, 2}, take_mode::clip)), (numbers{1, 2, 2}));
  EXPECT_EQ(doubles(choose(index, {1, 2}, take_mode::wrap)), (numbers{1, 2, 1}));
  EXPECT_EQ(doubles(choose(index, {1, 2}, take_mode::clip)), (numbers{1, 2, 2}));
  EXPECT_EQ(doubles(index), (numbers{0, 1, 2}));  // was only read
  EXPECT_EQ(doubles(choose(on({true, false}), {1, 2})), (numbers{2, 1}));
  EXPECT_EQ(doubles(choose(on({{0}, {1}}), {on({1, 2, 3}), on({10})})), (numbers{1, 2, 3, 10, 10, 10}));
  EXPECT_EQ(choose(on({0, 1}), {1, 2.5}).dtype(), float64);
  EXPECT_EQ(choose(on({0, 1}), {on(array(1).astype(float32)), 2}).dtype(), float32);
  EXPECT_EQ(choose(1, {5, 6}).item<int>(), 6);
  EXPECT_EQ(choose(on(zeros({0, 2}, int64) + 7), {1, 2}).shape(), shape({0, 2}));
}

TEST_F(choosing, choose_refuses_what_numpy_refuses) {
  EXPECT_EQ(error_of([] { choose(on({0, 3}), {1, 2}); }), "value_error choose: no choice has number 3, there are 2");
  EXPECT_EQ(error_of([] { choose(on({-1, 0}), {1, 2}); }), "value_error choose: no choice has number -1, there are 2");
  EXPECT_EQ(error_of([] { choose(on({0.0, 1.0}), {1, 2}); }), "dtype_error choose: integers expected, not float64");
  EXPECT_EQ(error_of([] {
              choose(on(array({0, 1}).astype(uint64)), {1, 2});
            }),
            "dtype_error choose: integers expected, not uint64");
  EXPECT_EQ(error_of([] { choose(on({0, 1}), std::vector<expr>()); }), "value_error choose: takes at least one choice");
  EXPECT_EQ(error_of([] {
              choose(on({0, 1, 0}), {on({1, 2}), on({3, 4})});
            }),
            "shape_error choose: shapes (3,) and (2,) do not broadcast: axis 0 has extents 3 and 2");
}

TEST_F(choosing, select_takes_the_first_that_holds) {
  const array x = on(arange(6));
  EXPECT_EQ(doubles(select({x < 2, x < 4}, {x, x * 10}, -1)), (numbers{0, 1, 20, 30, -1, -1}));
  const array mixed = select({on({true, false}), on(array(true))}, {1, on({2.5})}, 7);
  EXPECT_EQ(mixed.dtype(), float64);
  EXPECT_EQ(doubles(mixed), (numbers{1, 2.5}));
  EXPECT_EQ(select({on({true, false})}, {on(array({1, 2}).astype(int8))}).dtype(), int8);
  EXPECT_EQ(error_of([] { select({on({1, 0})}, {1}); }), "dtype_error select: condition 0 must be bool, not int64");
}

TEST_F(choosing, piecewise_takes_the_last_that_holds_and_has_the_dtype_of_x) {
  const array x = on(arange(6)), y = on(arange(6.0));
  const array whole = piecewise(x, {x<3, x> 1}, -1, 1);
  EXPECT_EQ(whole.dtype(), int64);
  EXPECT_EQ(doubles(whole), (numbers{-1, -1, 1, 1, 1, 1}));
  EXPECT_EQ(doubles(piecewise(y, {y < 3}, -1)), (numbers{-1, -1, -1, 0, 0, 0}));
  const auto square = [](const array& v) { return v * v; };
  EXPECT_EQ(doubles(piecewise(y, {y < 3}, -1, square)), (numbers{-1, -1, -1, 9, 16, 25}));
  EXPECT_EQ(doubles(piecewise(x, {x < 3}, 1.7)), (numbers{1, 1, 1, 0, 0, 0}));
  EXPECT_EQ(doubles(piecewise(x, {x < 2}, on({5, 6}))), (numbers{5, 6, 0, 0, 0, 0}));
  const array m = on(reshape(arange(6.0), {2, 3}));
  EXPECT_EQ(doubles(piecewise(m, {remainder(m, 2) == 0}, [](const array& v) { return sum(v); })),
            (numbers{6, 0, 6, 0, 6, 0}));
  EXPECT_EQ(doubles(piecewise(m, {on({true, false})}, 9, 8)), (numbers{9, 9, 9, 8, 8, 8}));  // rows
  int calls = 0;
  piecewise(x, {x < 0}, [&calls](const array& v) {
    ++calls;
    return v;
  });
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(piecewise(5, {true}, 1, 2).item<int>(), 1);
}

TEST_F(choosing, piecewise_refuses_what_numpy_refuses) {
  const array x = on(arange(3));
  EXPECT_EQ(
      error_of([&] { piecewise(x, {x < 1}, 1, 2, 3); }),
      "value_error piecewise: takes one piece for each of at least one condition, or one more, not 1 conditions and "
      "3 pieces");
  EXPECT_EQ(error_of([&] {
              piecewise(x, {on({true, false})}, 1);
            }),
            "index_error index: mask of shape (2,) does not match an array of shape (3,): axis 0 has extents 2 and 3");
}

// ---- against loops

/// A view of random steps, directions and order of axes; its elements in C order are counted in `values`.
struct random_view {
  array view;
  numbers values;
};
template <class Random> random_view view_of(Random& random, const shape& extents, const dtype& type) {
  std::vector<std::int64_t> axes;
  shape stored;
  for (int axis = 0; axis < extents.size(); ++axis) axes.push_back(axis);
  std::shuffle(axes.begin(), axes.end(), random);
  std::vector<subscript> cut;
  std::vector<int> place(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t extent = extents[static_cast<int>(axes[i])], step = 1 + static_cast<std::int64_t>(random() % 2);
    stored.push_back(extent * step);
    const bool backwards = random() % 3 == 0;
    cut.push_back(backwards ? slice(none, none, -step) : slice(none, none, step));
    place[static_cast<std::size_t>(axes[i])] = static_cast<int>(i);
  }
  std::int64_t count = 1;
  for (const std::int64_t extent : stored) count *= extent;
  numbers list;
  for (std::int64_t i = 0; i < count; ++i) list.push_back(static_cast<double>(random() % 7) - 3);
  array memory = zeros(stored);
  std::copy(list.begin(), list.end(), memory.span<double>().begin());
  array there = on(memory.astype(type));
  array view = transpose(there.view_at(cut), tessera::axes(place));
  return {view, doubles(view)};
}

TEST_F(choosing, by_recipes_of_any_layout_is_what_loops_choose) {
  std::mt19937_64 random(20240612);
  for (int round = 0; round < rounds; ++round) {
    shape extents;
    for (int axes = 1 + static_cast<int>(random() % 3); axes > 0; --axes)
      extents.push_back(1 + static_cast<std::int64_t>(random() % (axes == 1 ? 900 : 9)));
    const dtype type = (const dtype[]){int8, int16, float32, float64, complex128}[random() % 5];
    const random_view x = view_of(random, extents, type), y = view_of(random, extents, float32);
    numbers taken, added = x.values, put = x.values, zeroed = x.values;
    std::int64_t count = 0;
    for (std::size_t k = 0; k < x.values.size(); ++k) {
      if (!(y.values[k] > -1 && y.values[k] < 2)) continue;
      taken.push_back(x.values[k]);
      added[k] += 2;
      zeroed[k] = 0;
      put[k] = static_cast<double>(count++ % 5);
    }
    const expr mask = (y.view > -1) & (y.view < 2);
    array target = x.view;
    ASSERT_EQ(doubles(array(target[mask])), taken);
    ASSERT_EQ(doubles(extract(mask, x.view)), taken);
    ASSERT_EQ(flatnonzero(mask).size(), count);
    target[mask] += 2;
    ASSERT_EQ(doubles(target), added);
    place(target, mask, on(arange(5)));
    ASSERT_EQ(doubles(target), put);
    target[(y.view > -1) & (y.view < 2)] = 0;
    ASSERT_EQ(doubles(target), zeroed);
    target[mask] = from_list(taken, type);
    ASSERT_EQ(doubles(target), x.values);
    target[mask] -= from_list(taken, type);
    ASSERT_EQ(doubles(target), zeroed);
  }
}

TEST_F(choosing, by_large_recipes_runs_the_parts_they_need_first) {
  const std::int64_t n = 20000;
  const array x = on(remainder(arange(n) * 7919, 1000).eval().astype(float64));
  const numbers all = doubles(x);
  double sum = 0;
  for (const double value : all) sum += value;
  numbers above, even;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (all[k] > sum / static_cast<double>(n)) above.push_back(all[k]);
    if (k % 2 == 0 && all[k] > 500) even.push_back(static_cast<double>(k));
  }
  array target = x.copy();
  EXPECT_EQ(doubles(array(target[x > mean(x)])), above);  // a fold comes before the pass that marks
  EXPECT_EQ(doubles(flatnonzero((x > 500) & (on(arange(n)) % 2 == 0))), even);
  const array rows = reshape(x, {200, 100});
  array centred = rows.copy();
  const array found = centred[rows > mean(rows, 1, {.keepdims = true})];
  numbers expected;
  for (int i = 0; i < 200; ++i) {
    double mine = 0;
    for (int j = 0; j < 100; ++j) mine += all[static_cast<std::size_t>(100 * i + j)];
    for (int j = 0; j < 100; ++j) {
      if (all[static_cast<std::size_t>(100 * i + j)] > mine / 100)
        expected.push_back(all[static_cast<std::size_t>(100 * i + j)]);
    }
  }
  EXPECT_EQ(doubles(found), expected);
  const array columns = target(slice(20000));
  const expr stale = x > 500;
  array changed = x;
  changed(0) = 999;
  EXPECT_EQ(error_of([&] { array y = target[stale]; }).substr(0, 6), "error ");
}

}  // namespace
