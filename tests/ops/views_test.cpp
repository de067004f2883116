// Views: when they share memory, their strides, what they refuse; of recipes.
#include <algorithm>
#include <complex>
#include <random>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

array cube() { return reshape(arange(24), {2, 3, 4}); }

TEST(reshape, is_a_view_whenever_strides_allow) {
  array x = cube();
  EXPECT_TRUE(shares_memory(reshape(x, {6, 4}), x));
  EXPECT_EQ(reshape(x, {6, -1}).strides(), shape({32, 8}));
  const array every_second = x(all, all, slice(none, none, 2));
  EXPECT_TRUE(shares_memory(reshape(every_second, {6, 2}), x));
  EXPECT_EQ(reshape(every_second, {6, 2}).strides(), shape({32, 16}));
  EXPECT_FALSE(shares_memory(reshape(x.T(), {24}), x));
  EXPECT_TRUE(shares_memory(reshape(x.T(), {24}, order::F), x));
  reshape(x, {24})(5) = -1;
  EXPECT_EQ(int(x(0, 1, 1)), -1);
}

TEST(reshape, copies_in_the_order_asked_where_it_is_no_view) {
  array x = reshape(arange(6), {2, 3});
  EXPECT_EQ(ints(reshape(x.T(), {2, 3})), (list{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(ints(reshape(x, {3, 2}, order::F)), (list{0, 4, 3, 2, 1, 5}));
  EXPECT_EQ(reshape(x, {3, 2}, order::F).strides(), shape({8, 24}));
  EXPECT_EQ(ints(reshape(x.T(), {6}, order::A)), (list{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(ints(reshape(x(all, slice(none, none, -1)), {6})), (list{2, 1, 0, 5, 4, 3}));
}

TEST(reshape, refuses_other_sizes) {
  array x = arange(6);
  EXPECT_EQ(error_of([&] { reshape(x, {4}); }).substr(0, 20), "shape_error reshape:");
  EXPECT_EQ(error_of([&] { reshape(x, {-1, 4}); }).substr(0, 20), "shape_error reshape:");
  EXPECT_EQ(error_of([&] { reshape(x, {-1, -1}); }).substr(0, 20), "shape_error reshape:");
  EXPECT_EQ(error_of([&] { reshape(x, {6}, order::K); }),
            "value_error reshape: order K does not name an order to read elements in");
}

TEST(reshape, of_no_elements) {
  EXPECT_EQ(reshape(zeros({0, 3}), {5, 0, 2}).shape(), shape({5, 0, 2}));
  EXPECT_EQ(reshape(zeros({0, 3}), {-1, 3}).shape(), shape({0, 3}));
  EXPECT_EQ(reshape(array(5), shape()).shape(), shape());
  EXPECT_EQ(reshape(array{5}, shape()).shape(), shape());
}

TEST(ravel, is_a_view_of_contiguous_arrays_only) {
  array x = cube();
  EXPECT_TRUE(shares_memory(ravel(x), x));
  EXPECT_FALSE(shares_memory(ravel(x.T()), x));
  EXPECT_TRUE(shares_memory(ravel(x.T(), order::F), x));
  EXPECT_TRUE(shares_memory(ravel(x.T(), order::A), x));
  EXPECT_TRUE(shares_memory(ravel(transpose(x, {1, 0, 2}), order::K), x));
  EXPECT_EQ(ints(ravel(transpose(x, {1, 0, 2}), order::K)), ints(x));
  EXPECT_FALSE(shares_memory(ravel(flip(x), order::K), x));
  EXPECT_EQ(ints(ravel(x(0).T())), (list{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}));
  EXPECT_EQ(ravel(array(5)).shape(), shape({1}));
}

TEST(flatten, always_copies_in_the_order_asked) {
  array x = reshape(arange(6), {2, 3});
  EXPECT_FALSE(shares_memory(flatten(x), x));
  EXPECT_EQ(ints(flatten(x, order::F)), (list{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(ints(flatten(x.T(), order::A)), (list{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(ints(flatten(x.T(), order::K)), (list{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(ints(flatten(x(all, slice(none, none, -1)).T(), order::K)), (list{2, 1, 0, 5, 4, 3}));
  EXPECT_EQ(ints(flatten(broadcast_to(arange(3), {2, 3}), order::K)), (list{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(ints(flatten(x + 1)), (list{1, 2, 3, 4, 5, 6}));
}

TEST(transpose, permutes_axes) {
  array x = cube();
  EXPECT_EQ(transpose(x).shape(), shape({4, 3, 2}));
  EXPECT_EQ(transpose(x, {1, -1, 0}).shape(), shape({3, 4, 2}));
  EXPECT_EQ(transpose(x, {1, -1, 0}).strides(), shape({32, 8, 96}));
  EXPECT_EQ(error_of([&] { transpose(x, {0, 0, 1}); }), "value_error transpose: axis 0 is repeated");
  EXPECT_EQ(error_of([&] {
              transpose(x, {0, 1});
            }),
            "value_error transpose: axes (0, 1) do not fit an array of shape (2, 3, 4)");
  EXPECT_EQ(error_of([&] {
              transpose(x, {0, 1, 3});
            }),
            "axis_error transpose: axis 3 is out of bounds for an array with 3 axes");
}

TEST(swapaxes_and_moveaxis, reorder_axes) {
  array x = zeros({2, 3, 4, 5});
  EXPECT_EQ(swapaxes(x, 0, -1).shape(), shape({5, 3, 4, 2}));
  EXPECT_EQ(moveaxis(x, 0, -1).shape(), shape({3, 4, 5, 2}));
  EXPECT_EQ(moveaxis(x, {0, 1}, {-1, 0}).shape(), shape({3, 4, 5, 2}));
  EXPECT_EQ(moveaxis(x, {3, 0}, {0, 2}).shape(), shape({5, 3, 2, 4}));
  EXPECT_EQ(error_of([&] { moveaxis(x, {0, 1}, 0); }), "value_error moveaxis: 2 axes to move, but 1 places");
  EXPECT_EQ(error_of([&] { moveaxis(x, {0, 0}, {1, 2}); }), "value_error moveaxis: axis 0 is repeated");
  EXPECT_EQ(error_of([&] { swapaxes(x, 4, 0); }),
            "axis_error swapaxes: axis 4 is out of bounds for an array with 4 axes");
}

TEST(squeeze_and_expand_dims, drop_and_add_axes_of_extent_1) {
  array x = zeros({1, 3, 1, 4});
  EXPECT_EQ(squeeze(x).shape(), shape({3, 4}));
  EXPECT_EQ(squeeze(x, -2).shape(), shape({1, 3, 4}));
  EXPECT_EQ(squeeze(x, axes(std::vector<int>())).shape(), x.shape());
  EXPECT_EQ(squeeze(array(5), -1).shape(), shape());
  EXPECT_EQ(error_of([&] { squeeze(x, 1); }), "shape_error squeeze: axis 1 of shape (1, 3, 1, 4) has extent 3, not 1");
  EXPECT_EQ(expand_dims(zeros({3, 4}), {0, -1}).shape(), shape({1, 3, 4, 1}));
  EXPECT_EQ(expand_dims(zeros({3}), 1).shape(), shape({3, 1}));
  EXPECT_EQ(error_of([] { expand_dims(zeros({3}), 2); }),
            "axis_error expand_dims: axis 2 is out of bounds for an array with 2 axes");
  EXPECT_EQ(error_of([] { expand_dims(zeros({3}), {0, 0}); }).substr(0, 24), "value_error expand_dims:");
}

TEST(atleast, adds_axes_as_numpy_does) {
  EXPECT_EQ(atleast_1d(array(5)).shape(), shape({1}));
  EXPECT_EQ(atleast_2d(array(5)).shape(), shape({1, 1}));
  EXPECT_EQ(atleast_2d(arange(3)).shape(), shape({1, 3}));
  EXPECT_EQ(atleast_3d(array(5)).shape(), shape({1, 1, 1}));
  EXPECT_EQ(atleast_3d(arange(3)).shape(), shape({1, 3, 1}));
  EXPECT_EQ(atleast_3d(zeros({2, 3})).shape(), shape({2, 3, 1}));
}

TEST(flip, reverses_axes) {
  array x = reshape(arange(6), {2, 3});
  EXPECT_EQ(ints(flip(x)), (list{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(ints(flip(x, 0)), (list{3, 4, 5, 0, 1, 2}));
  EXPECT_EQ(ints(fliplr(x)), (list{2, 1, 0, 5, 4, 3}));
  EXPECT_EQ(ints(flipud(x)), ints(flip(x, 0)));
  EXPECT_EQ(flip(x, 0).strides(), shape({-24, 8}));
  EXPECT_EQ(flip(zeros({0, 3})).shape(), shape({0, 3}));
  EXPECT_EQ(error_of([] { fliplr(arange(3)); }), "value_error fliplr: an array of shape (3,) has no second axis");
}

TEST(rot90, turns_by_quarters) {
  array x = reshape(arange(6), {2, 3});
  EXPECT_EQ(ints(rot90(x)), (list{2, 5, 1, 4, 0, 3}));
  EXPECT_EQ(ints(rot90(x, 2)), (list{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(ints(rot90(x, -1)), (list{3, 0, 4, 1, 5, 2}));
  EXPECT_EQ(ints(rot90(x, 4)), ints(x));
  EXPECT_EQ(ints(rot90(x, 1, {1, 0})), ints(rot90(x, -1)));
  EXPECT_EQ(error_of([&] { rot90(x, 1, {0, 0}); }), "value_error rot90: axis 0 is repeated");
  EXPECT_EQ(error_of([&] { rot90(x, 1, 0); }), "value_error rot90: a plane has 2 axes, not 1");
}

TEST(diagonal, is_a_writable_view) {
  array x = reshape(arange(12), {3, 4});
  EXPECT_EQ(ints(diagonal(x)), (list{0, 5, 10}));
  EXPECT_EQ(ints(diagonal(x, 1)), (list{1, 6, 11}));
  EXPECT_EQ(ints(diagonal(x, 3)), list{3});
  EXPECT_EQ(ints(diagonal(x, -2)), list{8});
  EXPECT_EQ(ints(diagonal(x, 9)), list());
  EXPECT_EQ(ints(diagonal(x, -9)), list());
  EXPECT_EQ(diagonal(x, 1).strides(), shape({40}));
  diagonal(x, -1) = -1;
  EXPECT_EQ(ints(x), (list{0, 1, 2, 3, -1, 5, 6, 7, 8, -1, 10, 11}));
  EXPECT_EQ(diagonal(cube(), 0, 2, 0).shape(), shape({3, 2}));
  EXPECT_EQ(ints(diagonal(cube(), 1, 0, 2)), (list{1, 14, 5, 18, 9, 22}));
  EXPECT_EQ(error_of([] { diagonal(arange(3)); }),
            "value_error diagonal: an array of shape (3,) has fewer than two axes");
  EXPECT_EQ(error_of([&] { diagonal(x, 0, 1, -1); }), "value_error diagonal: axis 1 is repeated");
}

TEST(real_and_imag, are_views_of_complex_arrays) {
  array z = zeros({2}, complex64);
  real(z)(0) = 3;
  imag(z)() = array{1, 2};
  EXPECT_EQ(real(z).dtype(), float32);
  EXPECT_EQ(elements<std::complex<float>>(z), (std::vector<std::complex<float>>{{3, 1}, {0, 2}}));
  array x = arange(2);
  EXPECT_TRUE(real(x).is(x));
  EXPECT_EQ(ints(imag(x)), (list{0, 0}));
  EXPECT_FALSE(imag(x).flags().writeable);
}

TEST(broadcast_to, repeats_by_stride_0_and_is_read_only) {
  array x = arange(3);
  const array repeated = broadcast_to(x, {2, 3});
  EXPECT_EQ(repeated.strides(), shape({0, 8}));
  EXPECT_FALSE(repeated.flags().writeable);
  EXPECT_EQ(ints(repeated), (list{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(broadcast_to(reshape(x, {3, 1}), {3, 0}).shape(), shape({3, 0}));
  EXPECT_EQ(error_of([&] {
              broadcast_to(x, {3, 2});
            }),
            "shape_error broadcast_to: shape (3,) does not broadcast to (3, 2)");
  EXPECT_EQ(error_of([&] { broadcast_to(repeated, {3}); }),
            "shape_error broadcast_to: shape (2, 3) does not broadcast to (3,)");
  EXPECT_EQ(error_of([&] {
              broadcast_to(x, {-1, 3});
            }),
            "value_error broadcast_to: shape (-1, 3) has a negative extent");
  EXPECT_EQ(error_of([&] { broadcast_to(x, {1LL << 62, 3}); }).substr(0, 25), "value_error broadcast_to:");
}

TEST(broadcast_arrays, gives_all_the_common_shape) {
  const std::vector<array> both = broadcast_arrays({arange(3), reshape(arange(2), {2, 1})});
  EXPECT_EQ(both[0].shape(), shape({2, 3}));
  EXPECT_EQ(ints(both[1]), (list{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(broadcast_shapes({{2, 1}, {3}, {}}), shape({2, 3}));
  EXPECT_EQ(error_of([] {
              broadcast_shapes({{2, 3}, {4}});
            }),
            "shape_error broadcast_shapes: shapes (2, 3) and (4,) do not broadcast: axis 1 has extents 3 and 4");
}

TEST(as_strided, stays_inside_the_storage) {
  array x = arange(6);
  EXPECT_EQ(ints(as_strided(x, {3, 2}, {8, 16})), (list{0, 2, 1, 3, 2, 4}));
  EXPECT_EQ(ints(as_strided(x(5), {6}, {-8})), (list{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(as_strided(x, {0, 5}, {1LL << 62, 1LL << 62}).shape(), shape({0, 5}));
  EXPECT_EQ(error_of([&] { as_strided(x, {7}, {8}); }),
            "value_error as_strided: shape (7,) with strides (8,) leaves the array's 48 bytes");
  EXPECT_EQ(error_of([&] { as_strided(x, {2}, {-8}); }),
            "value_error as_strided: shape (2,) with strides (-8,) leaves the array's 48 bytes");
  EXPECT_EQ(error_of([&] { as_strided(x, {3}, {1LL << 62}); }).substr(0, 23), "value_error as_strided:");
  EXPECT_EQ(error_of([&] { as_strided(x, {3, 1}, {8}); }), "value_error as_strided: 2 extents, but 1 strides");
  EXPECT_EQ(error_of([&] { as_strided(x, {-1}, {8}); }), "value_error as_strided: shape (-1,) has a negative extent");
}

TEST(sliding_window_view, shows_every_window) {
  array x = arange(5);
  EXPECT_EQ(ints(sliding_window_view(x, 3)), (list{0, 1, 2, 1, 2, 3, 2, 3, 4}));
  EXPECT_FALSE(sliding_window_view(x, 3).flags().writeable);
  array m = reshape(arange(12), {3, 4});
  EXPECT_EQ(sliding_window_view(m, {2, 3}).shape(), shape({2, 2, 2, 3}));
  EXPECT_EQ(ints(sliding_window_view(m, 4, 1)), ints(m));
  EXPECT_EQ(sliding_window_view(x, {2, 3}, {0, 0}).shape(), shape({2, 2, 3}));
  EXPECT_EQ(error_of([&] { sliding_window_view(x, 6); }),
            "value_error sliding_window_view: window (6,) is larger than shape (5,) on axis 0");
  EXPECT_EQ(error_of([&] { sliding_window_view(m, 2); }),
            "value_error sliding_window_view: window (2,) has 1 extents for 2 axes");
  EXPECT_EQ(error_of([&] { sliding_window_view(x, -1); }),
            "value_error sliding_window_view: window (-1,) has a negative extent");
}

TEST(views_of_recipes, compute_what_the_array_would_show) {
  array x = reshape(arange(6), {2, 3}), column = reshape(arange(2), {2, 1});
  const expr e = x * 10 + column;
  EXPECT_EQ(ints(e.T()), (list{0, 31, 10, 41, 20, 51}));
  EXPECT_EQ(ints(reshape(e, {3, 2})), (list{0, 10, 20, 31, 41, 51}));
  EXPECT_EQ(ints(reshape(e, {3, 2}, order::F)), (list{0, 41, 31, 20, 10, 51}));
  EXPECT_EQ(ints(ravel(e)), (list{0, 10, 20, 31, 41, 51}));
  EXPECT_EQ(ints(transpose(e, {1, 0})), ints(e.T()));
  EXPECT_EQ(ints(swapaxes(e, 0, 1)), ints(e.T()));
  EXPECT_EQ(ints(moveaxis(e, 0, 1)), ints(e.T()));
  EXPECT_EQ(ints(flip(e, 1)), (list{20, 10, 0, 51, 41, 31}));
  EXPECT_EQ(ints(diagonal(e, 1)), (list{10, 51}));
  EXPECT_EQ(squeeze(e(0, newaxis)).shape(), shape({3}));
  EXPECT_EQ(expand_dims(e, 0).shape(), shape({1, 2, 3}));
  EXPECT_EQ(ints(broadcast_to(e(0), {2, 3})), (list{0, 10, 20, 0, 10, 20}));
  EXPECT_EQ(ints(reshape(sum(e, 1), {2, 1})), (list{30, 123}));
  EXPECT_EQ(ints(e(1, slice(none, none, -1))), (list{51, 41, 31}));
  EXPECT_EQ(ints(reshape(x.T() + 0, {6})), (list{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(ints(reshape(x[x > 2], {3, 1})), (list{3, 4, 5}));
}

TEST(views_of_recipes, real_and_imag_of_complex_recipes) {
  array z = zeros({2}, complex128);
  real(z)() = array{1, 2};
  imag(z)() = array{3, 4};
  EXPECT_EQ(elements<double>(real(z * 2)), (std::vector<double>{2, 4}));
  EXPECT_EQ(elements<double>(imag(z * 2)), (std::vector<double>{6, 8}));
  EXPECT_EQ(elements<double>(imag(real(z) + 1)), (std::vector<double>{0, 0}));
}

// A view made of random steps shows the elements that the same steps on an array of positions show: against a walk over
// positions kept as a plain vector with its own shape.
TEST(views, reshape_of_random_views_equals_reading_in_order) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    array x = reshape(arange(48), {4, 3, 4});
    if (random() % 2) x = transpose(x, {static_cast<int>(round % 3), (round + 1) % 3, (round + 2) % 3});
    if (random() % 2) x = x(slice(none, none, random() % 2 ? 2 : -1));
    if (random() % 2) x = x(all, newaxis, all, slice(random() % 2, none));
    const list in_order = ints(x);
    for (const shape& to : {shape({-1}), shape({2, -1}), shape({-1, x.shape()[0]}), shape({1, -1, 1})}) {
      if (to.size() == 2 && to[0] == 2 && x.size() % 2) continue;
      ASSERT_EQ(ints(reshape(x, to)), in_order) << round;
      array reversed = transpose(x);
      shape back = to;
      std::reverse(back.begin(), back.end());
      ASSERT_EQ(ints(transpose(reshape(reversed, back, order::F))), in_order) << round;
    }
  }
}

}  // namespace
