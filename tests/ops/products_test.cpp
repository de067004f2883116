// Products of matrices, vectors and stacks of them against plain loops; what they refuse.
#include <complex>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

/// One matrix times another by the definition.
list product(const array& x, const array& y) {
  list result;
  for (int i = 0; i < x.shape()[0]; ++i)
    for (int k = 0; k < y.shape()[1]; ++k) {
      std::int64_t s = 0;
      for (int j = 0; j < x.shape()[1]; ++j) s += x(i, j).item<std::int64_t>() * y(j, k).item<std::int64_t>();
      result.push_back(s);
    }
  return result;
}

/// Integers of no pattern, each other sign.
array numbers(const shape& extents) { return random::generator(7).integers(-9, 10, extents); }

TEST(matmul, multiplies_matrices_and_vectors) {
  const array a = numbers({3, 4}), b = numbers({4, 5}), v = numbers({4});
  EXPECT_EQ(ints(matmul(a, b)), product(a, b));
  EXPECT_EQ(matmul(a, b).shape(), shape({3, 5}));
  EXPECT_EQ(ints(matmul(v, b)), product(v(newaxis), b));
  EXPECT_EQ(matmul(v, b).shape(), shape({5}));
  EXPECT_EQ(ints(matmul(a, v)), product(a, v(all, newaxis)));
  EXPECT_EQ(matmul(a, v).shape(), shape({3}));
  EXPECT_EQ(ints(matmul(v, v)), product(v(newaxis), v(all, newaxis)));
  EXPECT_EQ(matmul(v, v).shape(), shape());
}

TEST(matmul, broadcasts_stacks) {
  const array a = numbers({2, 1, 3, 4}), b = numbers({5, 4, 2}), ab = matmul(a, b);
  EXPECT_EQ(ab.shape(), shape({2, 5, 3, 2}));
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 5; ++j) EXPECT_EQ(ints(ab(i, j)), product(a(i, 0), b(j)));
  const array v = numbers({4}), m = broadcast_to(numbers({3, 4}), {6, 3, 4});
  EXPECT_EQ(ints(matmul(m, v)(5)), ints(matmul(m(0), v)));
  EXPECT_EQ(ints(matmul(v, b)(4)), product(v(newaxis), b(4)));
  EXPECT_EQ(matmul(zeros({0, 3, 4}), zeros({1, 4, 2})).shape(), shape({0, 3, 2}));
}

TEST(matmul, takes_any_strides_and_recipes) {
  const array a = numbers({6, 8}), b = numbers({8, 6});
  const array reversed = a(slice(none, none, -2), slice(none, none, 2)), turned = a.T()(slice(0, 4));
  EXPECT_EQ(ints(matmul(reversed, turned.T()(slice(0, 4)))), product(reversed, turned.T()(slice(0, 4))));
  EXPECT_EQ(ints(matmul(a + 1, b.readonly())), product(a + 1, b));
  EXPECT_EQ(ints(matmul(a, a.T())), product(a, a.T()));
}

TEST(matmul, of_no_products_is_zero) {
  EXPECT_EQ(ints(matmul(zeros({2, 0}, int64), zeros({0, 2}, int64))), (list{0, 0, 0, 0}));
  EXPECT_EQ(matmul(zeros({0, 3}), zeros({3, 2})).shape(), shape({0, 2}));
  EXPECT_EQ(int(matmul(zeros({0}), zeros({0}))), 0);
}

TEST(matmul, computes_in_the_common_dtype_or_in_the_one_asked_for) {
  EXPECT_EQ(matmul(ones({2, 2}, int8), ones({2, 2}, float32)).dtype(), float32);
  EXPECT_EQ(elements<std::int8_t>(matmul(full({1, 2}, 100, int8), ones({2, 1}, int8))), std::vector<std::int8_t>{-56});
  EXPECT_EQ(elements<bool>(matmul(array{{true, true}, {false, true}}, array{true, false})),
            (std::vector<bool>{true, false}));
  EXPECT_EQ(ints(matmul(full({1, 2}, 100, int8), full({2, 1}, 100, int8), {.dtype = int64})), list{20000});
  EXPECT_EQ(elements<float>(matmul(full({1, 2}, 0.5), ones({2, 1}), {.tf32 = true, .dtype = float32})),
            std::vector<float>{1});
  EXPECT_EQ(error_of([] {
              matmul(ones({1, 2}), ones({2, 1}, int64), {.dtype = int64});
            }),
            "dtype_error matmul: float64 is not cast to int64 by casting::same_kind");
}

TEST(matmul, says_what_it_refuses) {
  const array v = zeros({3});
  EXPECT_EQ(error_of([&] { matmul(v, 2); }),
            "shape_error matmul: operands need at least one axis; shapes are (3,) and ()");
  EXPECT_EQ(error_of([&] {
              matmul(zeros({2, 3}), zeros({4, 2}));
            }),
            "shape_error matmul: inner extents differ: (2, 3) and (4, 2): 3 against 4");
  EXPECT_EQ(error_of([&] {
              matmul(zeros({2, 1}), zeros({4, 2}));
            }),
            "shape_error matmul: inner extents differ: (2, 1) and (4, 2): 1 against 4");
  EXPECT_EQ(
      error_of([&] {
        matmul(zeros({7, 3, 2, 3}), zeros({4, 3, 2}));
      }),
      "shape_error matmul: stacks of shapes (7, 3, 2, 3) and (4, 3, 2) do not broadcast: axis 1 has extents 3 and 4");
  const array wide = broadcast_to(zeros({1}), {std::int64_t(1) << 40, 1});
  EXPECT_EQ(error_of([&] { matmul(wide, wide.T()); }),
            "value_error matmul: shape (1099511627776, 1099511627776) has more bytes than fit in 64 bits");
}

TEST(matvec, multiplies_every_matrix_with_a_vector) {
  const array a = numbers({2, 3, 4}), v = numbers({2, 4});
  EXPECT_EQ(ints(matvec(a, v)(1)), product(a(1), v(1)(all, newaxis)));
  EXPECT_EQ(matvec(a, v).shape(), shape({2, 3}));
  EXPECT_EQ(ints(matvec(a, v[0])(1)), product(a(1), v(0)(all, newaxis)));
  EXPECT_EQ(error_of([&] { matvec(v[0], v); }),
            "shape_error matvec: operands need at least two and one axes; shapes are (4,) and (2, 4)");
}

TEST(vecmat, multiplies_the_conjugate_of_a_vector_with_every_matrix) {
  const array a = numbers({2, 4, 3}), v = numbers({4});
  EXPECT_EQ(ints(vecmat(v, a)(1)), product(v(newaxis), a(1)));
  const array z = {std::complex<double>(1, 3), std::complex<double>(2, 4)};
  EXPECT_EQ(vecmat(z, array{{1}, {1}}).item<std::complex<double>>(), std::complex<double>(3, -7));
  EXPECT_EQ(error_of([&] { vecmat(v, v); }),
            "shape_error vecmat: operands need at least one and two axes; shapes are (4,) and (4,)");
}

TEST(vecdot, sums_along_one_axis) {
  const array a = numbers({3, 4}), v = numbers({3});
  EXPECT_EQ(ints(vecdot(a, a)), ints(sum(a * a, 1)));
  const array z = {std::complex<double>(1, 3), std::complex<double>(2, 4)};
  EXPECT_EQ(vecdot(z, z).item<std::complex<double>>(), std::complex<double>(30, 0));
  EXPECT_EQ(ints(vecdot(a, v, 0)), ints(sum(a * v(all, newaxis), 0)));
  EXPECT_EQ(error_of([&] { vecdot(a, v); }), "shape_error vecdot: shapes (3, 4) and (3,): axis -1 has extents 4 and 3");
  EXPECT_EQ(error_of([&] { vecdot(a, v, 1); }), "axis_error vecdot: axis 1 is out of bounds for an array with 1 axis");
}

}  // namespace
