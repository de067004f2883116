// gradient, trapezoid, unwrap and other numerical functions: NumPy's results, what is refused.
#include "ops/numerical_cases.hpp"

using namespace tessera;

namespace {

TEST(numerical, functions_equal_numpys) { EXPECT_GT(tessera_test::replay_numerical(cpu(), 1), 400); }

TEST(gradient, of_a_line_and_of_a_parabola) {
  const array x = arange(6) * 0.5;
  EXPECT_EQ(elements<double>(gradient(3.0 * x, {0.5})[0]), std::vector<double>(6, 3.0));
  EXPECT_EQ(elements<double>(gradient(square(x), {x}, {}, {.edge_order = 2})[0]),
            (std::vector<double>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(gradient(zeros({4, 3}, float32)).size(), 2u);
  EXPECT_EQ(gradient(zeros({4, 3}, float32))[1].dtype(), float32);
}

TEST(gradient, refuses_spacings_that_do_not_fit) {
  const array m = zeros({2, 3});
  EXPECT_EQ(error_of([&] { gradient(m, {1.0, 2.0}, 0); }), "value_error gradient: 2 spacings for 1 axes");
  EXPECT_EQ(error_of([&] {
              gradient(m, {array{1.0, 2.0}}, 1);
            }),
            "shape_error gradient: coordinates of shape (2,) for axis 1 with extent 3");
  EXPECT_EQ(error_of([&] { gradient(m, {}, 0, {.edge_order = 2}); }),
            "value_error gradient: axis 0 with extent 2 is too short; edge_order 2 takes 3 elements");
  EXPECT_EQ(error_of([&] { gradient(m, {}, 0, {.edge_order = 3}); }),
            "value_error gradient: edge_order is 1 or 2, not 3");
  EXPECT_EQ(error_of([&] { gradient(array{true, false}); }), "dtype_error gradient: bool elements have no differences");
  EXPECT_EQ(error_of([&] { gradient(m, {}, 2); }),
            "axis_error gradient: axis 2 is out of bounds for an array with 2 axes");
}

TEST(trapezoid, of_samples) {
  EXPECT_EQ(double(trapezoid(array{1, 2, 3})), 4.0);
  EXPECT_EQ(double(trapezoid(array{1, 2, 3}, {.x = {array{4, 6, 8}}})), 8.0);
  EXPECT_EQ(double(trapezoid(zeros({0}))), 0.0);
  EXPECT_EQ(error_of([] { trapezoid(5.0); }), "value_error trapezoid: x has no axis");
}

TEST(unwrap, of_integers_and_complex_numbers) {
  EXPECT_EQ(ints(unwrap(array{0, 3, 7, 1, 5}, {.period = 8})), (list{0, 3, 7, 9, 13}));
  EXPECT_EQ(unwrap(array{0, 3}, {.period = 8.0}).dtype(), float64);
  EXPECT_EQ(error_of([] { unwrap(ones({3}, complex64)); }),
            "dtype_error unwrap: complex numbers have no phase to unwrap; angle has it");
}

TEST(cross, is_there_without_linalg) { EXPECT_EQ(ints(cross(array{1, 0, 0}, array{0, 1, 0})), (list{0, 0, 1})); }

TEST(ediff1d, flattens) { EXPECT_EQ(ints(ediff1d(array{{1, 2}, {4, 9}})), (list{1, 2, 5})); }

TEST(index_arrays, of_triangles_and_diagonals) {
  const std::vector<array> below = tril_indices(3, 1, 2), above = triu_indices(2, -1, 4);
  EXPECT_EQ(ints(below[0]), (list{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(ints(below[1]), (list{0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(ints(above[0]), (list{0, 0, 0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(ints(triu_indices_from(zeros({2, 3}), 1)[1]), (list{1, 2, 2}));
  EXPECT_EQ(ints(tril_indices_from(zeros({2, 3}))[1]), (list{0, 0, 1}));
  EXPECT_EQ(tril_indices(0)[0].size(), 0);
  EXPECT_EQ(diag_indices(3, 3).size(), 3u);
  EXPECT_EQ(ints(diag_indices_from(zeros({2, 2}))[1]), (list{0, 1}));
  EXPECT_EQ(ints(tri(2, {.columns = 3, .k = 1, .dtype = int64})), (list{1, 1, 0, 1, 1, 1}));
  EXPECT_EQ(tril_indices(-1)[0].size(), 0);
  EXPECT_EQ(error_of([] { tril_indices_from(zeros({2})); }),
            "shape_error tril_indices_from: shape (2,) is not a matrix");
  EXPECT_EQ(error_of([] {
              diag_indices_from(zeros({2, 3}));
            }),
            "shape_error diag_indices_from: the extents of shape (2, 3) differ");
}

TEST(index_arrays, too_large_for_memory_are_refused_by_name) {
  constexpr std::int64_t huge = std::int64_t{1} << 61, side = std::int64_t{1} << 30;
  const auto beyond = [](const std::string& name, const shape& extents) {
    return "value_error " + name + ": shape " + to_string(extents) + " has more bytes than fit in 64 bits";
  };
  EXPECT_EQ(error_of([] { indices({huge}); }), beyond("indices", {1, huge}));
  EXPECT_EQ(error_of([] { indices({side, side}); }), beyond("indices", {2, side, side}));
  EXPECT_EQ(error_of([] { indices({-1}); }), "value_error indices: shape (1, -1) has a negative extent");
  EXPECT_EQ(error_of([] { tril_indices(huge, 0, 0); }), beyond("tril_indices", {huge, 0}));
  EXPECT_EQ(error_of([] { tril_indices(side); }), beyond("tril_indices", {side, side}));
  EXPECT_EQ(error_of([] { triu_indices(5, 0, huge); }), beyond("triu_indices", {5, huge}));
  EXPECT_EQ(error_of([] {
              triu_indices_from(broadcast_to(array(1), {huge, 1}));
            }),
            beyond("triu_indices_from", {huge, 1}));
  EXPECT_EQ(error_of([] { diag_indices(huge); }), beyond("diag_indices", {huge}));
  EXPECT_EQ(error_of([] { tri(side); }), beyond("tri", {side, side}));
  EXPECT_EQ(error_of([] { tri(huge >> 2, {.columns = 2, .dtype = complex128}); }), beyond("tri", {huge >> 2, 2}));
}

TEST(index_arrays, of_grids) {
  EXPECT_EQ(ints(indices({2, 2})), (list{0, 0, 1, 1, 0, 1, 0, 1}));
  EXPECT_EQ(indices({}).shape(), shape({0}));
  EXPECT_EQ(indices({0, 2}, {.dtype = float32}).shape(), shape({2, 0, 2}));
  EXPECT_EQ(sparse_indices({2, 3})[1].shape(), shape({1, 3}));
  const std::vector<array> places = unravel_index(array{5, 1}, {2, 3});
  EXPECT_EQ(ints(places[0]), (list{1, 0}));
  EXPECT_EQ(ints(places[1]), (list{2, 1}));
  EXPECT_EQ(ints(unravel_index(array{5, 1}, {2, 3}, order::F)[1]), (list{2, 0}));
  EXPECT_EQ(ints(ravel_multi_index(places, {2, 3})), (list{5, 1}));
  EXPECT_EQ(ints(ravel_multi_index({array{1, 0}, array{2, 1}}, {2, 3}, order::F)), (list{5, 2}));
  EXPECT_EQ(error_of([] {
              unravel_index(array{0, 6}, {2, 3});
            }),
            "value_error unravel_index: 6 is out of bounds for shape (2, 3)");
  EXPECT_EQ(error_of([] {
              unravel_index(-1, {2, 3});
            }),
            "value_error unravel_index: -1 is out of bounds for shape (2, 3)");
  EXPECT_EQ(error_of([] {
              ravel_multi_index({array{1, 0}, array{2, 3}}, {2, 3});
            }),
            "value_error ravel_multi_index: 3 is out of bounds for axis 1 with extent 3");
  EXPECT_EQ(error_of([] {
              ravel_multi_index({array{1, 0}}, {2, 3});
            }),
            "value_error ravel_multi_index: 1 index arrays for shape (2, 3)");
}

TEST(fill_diagonal, writes_to_matrices_and_cubes) {
  const auto filled = [](const shape& extents, const operand& values, bool wrap = false) {
    const array x = zeros(extents, int64);
    fill_diagonal(x, values, {.wrap = wrap});
    return ints(x);
  };
  EXPECT_EQ(filled({5, 2}, {1, 2, 3}), (list{1, 0, 0, 2, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(filled({5, 2}, {1, 2, 3}, true), (list{1, 0, 0, 2, 0, 0, 3, 0, 0, 1}));
  EXPECT_EQ(filled({2, 3}, 4, true), (list{4, 0, 0, 0, 4, 0}));
  EXPECT_EQ(filled({2, 2, 2}, {1, 2}), (list{1, 0, 0, 0, 0, 0, 0, 2}));
  EXPECT_EQ(filled({2, 2}, zeros({0})), (list{0, 0, 0, 0}));
  EXPECT_EQ(filled({0, 3}, 1), list());
  EXPECT_EQ(filled({1, 1}, 1.7), list{1});
  array m = reshape(arange(9), {3, 3});
  fill_diagonal(m, m[2]);  // values that are written over
  EXPECT_EQ(ints(m), (list{6, 1, 2, 3, 7, 5, 6, 7, 8}));
  fill_diagonal(m.T(), 0);
  fill_diagonal(flip(m), 0);
  EXPECT_EQ(ints(m), (list{0, 1, 2, 3, 0, 5, 6, 7, 0}));
  EXPECT_EQ(error_of([] { fill_diagonal(zeros({3}), 1); }),
            "shape_error fill_diagonal: shape (3,) has fewer than two axes");
  EXPECT_EQ(error_of([] {
              fill_diagonal(zeros({2, 3, 2}), 1);
            }),
            "shape_error fill_diagonal: the extents of shape (2, 3, 2) differ");
  EXPECT_EQ(error_of([&] { fill_diagonal(m.readonly(), 1); }),
            "value_error fill_diagonal: the destination is read-only");
}

}  // namespace
