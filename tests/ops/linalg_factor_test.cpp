// Factorisations, least squares, eigenvalues: what their factors multiply to, shapes, every message.
#include <cmath>

#include "ops/linalg_samples.hpp"

using namespace tessera;
using namespace tessera::testing_linalg;

namespace {

/// Conjugate transpose.
array adjoint(const array& x) { return conj(swapaxes(x, -1, -2)); }

/// s on the diagonal of a matrix of these extents.
array diagonal_matrix(const array& s, std::int64_t rows, std::int64_t columns) {
  array result = zeros({rows, columns}, s.dtype());
  diagonal(result) = s;
  return result;
}

array hermitian(const array& x) { return array(x + adjoint(x)); }

void expect_orthonormal_columns(const array& q) {
  EXPECT_LT(distance(product(adjoint(q), q), eye(q.shape()[1])), 10 * tolerance(q.dtype()));
}

const std::vector<shape> shapes = {{1, 1}, {5, 5}, {7, 3}, {3, 7}, {1, 6}, {6, 1}, {40, 30}};

}  // namespace

TEST(qr, gives_orthonormal_columns_times_a_triangle) {
  for (const dtype& type : dtypes) {
    for (const shape& extents : shapes) {
      for (const bool complete : {false, true}) {
        const array x = sample(extents, type);
        const auto [q, r] = linalg::qr(x, complete ? linalg::qr_mode::complete : linalg::qr_mode::reduced);
        const std::int64_t k = complete ? extents[0] : std::min(extents[0], extents[1]);
        ASSERT_EQ(q.shape(), (shape{extents[0], k}));
        ASSERT_EQ(r.shape(), (shape{k, extents[1]}));
        EXPECT_EQ(q.dtype(), type);
        EXPECT_LT(distance(product(q, r), x), 50 * tolerance(type));
        EXPECT_TRUE(array_equal(r, triu(r)));
        expect_orthonormal_columns(q);
      }
    }
  }
}

TEST(qr, gives_the_triangle_or_the_reflectors_alone) {
  const array x = sample({2, 5, 3}, float64);
  EXPECT_EQ(distance(linalg::qr(x, linalg::qr_mode::r).r, linalg::qr(x).r), 0);
  EXPECT_EQ(linalg::qr(x, linalg::qr_mode::r).q.size(), 0);
  const auto [h, tau] = linalg::qr(x, linalg::qr_mode::raw);
  ASSERT_EQ(h.shape(), (shape{2, 3, 5}));
  ASSERT_EQ(tau.shape(), (shape{2, 3}));
  EXPECT_EQ(distance(triu(array(swapaxes(h, -1, -2)(ellipsis, slice(0, 3), all))), linalg::qr(x).r), 0);
}

TEST(svd, multiplies_to_the_matrix) {
  for (const dtype& type : dtypes) {
    for (const shape& extents : shapes) {
      for (const bool full : {false, true}) {
        const array x = sample(extents, type);
        const auto [u, s, vh] = linalg::svd(x, {.full_matrices = full});
        const std::int64_t m = extents[0], n = extents[1], k = std::min(m, n);
        ASSERT_EQ(u.shape(), (shape{m, full ? m : k}));
        ASSERT_EQ(vh.shape(), (shape{full ? n : k, n}));
        EXPECT_EQ(s.dtype(), real(x).dtype());
        const array middle = diagonal_matrix(s, u.shape()[1], vh.shape()[0]);
        EXPECT_LT(distance(product(product(u, middle), vh), x), 50 * tolerance(type));
        expect_orthonormal_columns(u);
        expect_orthonormal_columns(adjoint(vh));
        EXPECT_TRUE(array_equal(s, sort(s, -1, {.descending = true})));
        EXPECT_LT(distance(linalg::svdvals(x), s), 10 * tolerance(type));
      }
    }
  }
}

TEST(svd, of_hermitian_matrices_goes_by_eigenvalues) {
  for (const dtype& type : dtypes) {
    const array x = hermitian(sample({6, 6}, type));
    const auto [u, s, vh] = linalg::svd(x, {.hermitian = true});
    EXPECT_LT(distance(product(product(u, diagonal_matrix(s, 6, 6)), vh), x), 50 * tolerance(type));
    EXPECT_LT(distance(s, linalg::svdvals(x)), 10 * tolerance(type));
    expect_orthonormal_columns(u);
    EXPECT_LT(distance(linalg::pinv(x, {.hermitian = true}), linalg::inv(x)), 500 * tolerance(type));
    EXPECT_EQ(int(linalg::matrix_rank(x, {.hermitian = true})), 6);
  }
}

TEST(eigh, diagonalises_what_one_triangle_says) {
  for (const dtype& type : dtypes) {
    for (const bool upper : {false, true}) {
      const array x = hermitian(sample({6, 6}, type));
      array half = upper ? triu(x) : tril(x);
      const auto [w, v] = linalg::eigh(half, {.upper = upper});
      EXPECT_EQ(w.dtype(), real(x).dtype());
      EXPECT_TRUE(array_equal(w, sort(w)));
      EXPECT_LT(distance(product(x, v), array(v * w)), 50 * tolerance(type));
      expect_orthonormal_columns(v);
      EXPECT_LT(distance(linalg::eigvalsh(half, {.upper = upper}), w), 10 * tolerance(type));
    }
  }
  array nan_above = eye(2);
  nan_above(0, 1) = std::nan("");
  EXPECT_EQ(str(linalg::eigvalsh(nan_above)), "[1. 1.]");
}

TEST(eig, gives_complex_vectors_that_the_matrix_only_stretches) {
  for (const dtype& type : dtypes) {
    const array x = sample({7, 7}, type);
    const auto [w, v] = linalg::eig(x);
    EXPECT_EQ(w.dtype(), type == float32 || type == complex64 ? complex64 : complex128);
    EXPECT_EQ(v.dtype(), w.dtype());
    EXPECT_LT(distance(product(x, v), array(v * w)), 50 * tolerance(type));
    EXPECT_LT(distance(norm(v, 0), ones({7})), 10 * tolerance(type));
    EXPECT_LT(double(abs(sum(linalg::eigvals(x)) - sum(diagonal(x)))), 50 * tolerance(type));
  }
  EXPECT_EQ(str(linalg::eigvals({{2., 0.}, {0., 3.}})), "[2.+0.j 3.+0.j]");
}

TEST(cholesky, times_its_adjoint_is_the_matrix) {
  for (const dtype& type : dtypes) {
    const array b = sample({2, 5, 5}, type),
                x = stack({array(product(b(0), adjoint(b(0)))), array(product(b(1), adjoint(b(1))))});
    const array typed = x.astype(complex128);
    const array positive = type.kind() == 'c' ? typed.astype(type) : array(real(typed)).astype(type);
    const array l = linalg::cholesky(positive), u = linalg::cholesky(positive, {.upper = true});
    EXPECT_EQ(l.dtype(), type);
    EXPECT_TRUE(array_equal(l, tril(l)));
    EXPECT_TRUE(array_equal(u, triu(u)));
    for (int i = 0; i < 2; ++i) {
      EXPECT_LT(distance(product(l(i), adjoint(l(i))), positive(i)), 100 * tolerance(type));
      EXPECT_LT(distance(product(adjoint(u(i)), u(i)), positive(i)), 100 * tolerance(type));
    }
  }
}

TEST(lstsq, leaves_what_the_columns_do_not_reach) {
  for (const dtype& type : dtypes) {
    const array a = sample({9, 3}, type), b = sample({9, 2}, type, 2);
    const auto [x, residuals, rank, s] = linalg::lstsq(a, b);
    const array rest = product(a, x) - b;
    EXPECT_LT(distance(product(adjoint(a), rest), zeros({3, 2})), 50 * tolerance(type));
    EXPECT_LT(distance(sum(square(abs(rest)), 0), residuals), 50 * tolerance(type));
    EXPECT_EQ(int(rank), 3);
    EXPECT_LT(distance(s, linalg::svdvals(a)), 50 * tolerance(type));
  }
}

TEST(lstsq, broadcasts_and_says_the_rank_of_each) {
  const array a = sample({4, 5, 3}, float64);
  const linalg::lstsq_result fit = linalg::lstsq(a, arange(5));
  ASSERT_EQ(fit.solution.shape(), (shape{4, 3}));
  ASSERT_EQ(fit.residuals.shape(), (shape{4, 1}));
  EXPECT_EQ(str(fit.rank), "[3 3 3 3]");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(distance(fit.solution(i), linalg::lstsq(a(i), arange(5)).solution), 0);
  array dependent = a.copy();
  dependent(2, all, 2) = dependent(2, all, 1);
  const linalg::lstsq_result less = linalg::lstsq(dependent, ones({5, 2}));
  EXPECT_EQ(str(less.rank), "[3 3 2 3]");
  EXPECT_EQ(less.residuals.shape(), (shape{4, 0}));
  EXPECT_EQ(str(linalg::lstsq({{1., 0.}, {0., 1e-3}}, {1., 1.}, {.rcond = 0.1}).rank), "1");
}

TEST(lstsq, of_nothing_is_numpys) {
  const linalg::lstsq_result tall = linalg::lstsq(zeros({3, 0}), full({3, 2}, 2.));
  EXPECT_EQ(tall.solution.shape(), (shape{0, 2}));
  EXPECT_EQ(str(tall.residuals), "[12. 12.]");
  EXPECT_EQ(str(linalg::lstsq(zeros({0, 2}), zeros({0, 1})).solution), "[[0.]\n [0.]]");
  const linalg::lstsq_result none = linalg::lstsq(eye(2), zeros({2, 0}));
  EXPECT_EQ(none.solution.shape(), (shape{2, 0}));
  EXPECT_EQ(int(none.rank), 2);
}

TEST(linalg_factor, of_nothing_is_numpys) {
  const auto [u, s, vh] = linalg::svd(zeros({2, 3, 0}));
  EXPECT_TRUE(array_equal(u, broadcast_to(eye(3), {2, 3, 3})));
  EXPECT_EQ(s.shape(), (shape{2, 0}));
  EXPECT_EQ(vh.shape(), (shape{2, 0, 0}));
  EXPECT_TRUE(array_equal(linalg::qr(zeros({3, 0}), linalg::qr_mode::complete).q, eye(3)));
  EXPECT_EQ(linalg::qr(zeros({0, 3})).r.shape(), (shape{0, 3}));
  EXPECT_EQ(linalg::qr(zeros({3, 0}), linalg::qr_mode::raw).q.shape(), (shape{0, 3}));
  EXPECT_EQ(linalg::eigh(zeros({2, 0, 0})).eigenvectors.shape(), (shape{2, 0, 0}));
  EXPECT_EQ(linalg::eigvals(zeros({0, 3, 3})).shape(), (shape{0, 3}));
  EXPECT_EQ(linalg::cholesky(zeros({0, 0})).shape(), (shape{0, 0}));
  EXPECT_EQ(linalg::pinv(zeros({3, 0})).shape(), (shape{0, 3}));
  EXPECT_EQ(str(linalg::matrix_rank(zeros({2, 0, 3}))), "[0 0]");
}

TEST(matrix_rank, takes_limits_for_each_matrix) {
  const array x = stack({eye(3), array(eye(3) * array{1., 0.5, 1e-3}), zeros({3, 3})});
  EXPECT_EQ(str(linalg::matrix_rank(x)), "[3 3 0]");
  EXPECT_EQ(str(linalg::matrix_rank(x, {.rtol = {0.01}})), "[3 2 0]");
  EXPECT_EQ(str(linalg::matrix_rank(x, {.tol = {array{2., 0.6, 0.}}})), "[0 1 0]");
  EXPECT_EQ(str(linalg::matrix_rank(array{0., 0.})), "0");
  EXPECT_EQ(str(linalg::matrix_rank(5)), "1");
}

TEST(pinv, drops_singular_values_below_the_limit) {
  const array x = {{2., 0., 0.}, {0., 1e-3, 0.}};
  EXPECT_LT(distance(linalg::pinv(x), array({{0.5, 0.}, {0., 1000.}, {0., 0.}})), 1e-9);
  EXPECT_LT(distance(linalg::pinv(x, {.rtol = {0.01}}), array({{0.5, 0.}, {0., 0.}, {0., 0.}})), 1e-15);
}

TEST(cond, is_infinite_where_a_matrix_is_singular) {
  const array x = stack({eye(2), array({{1., 2.}, {2., 4.}}), zeros({2, 2})});
  EXPECT_EQ(str(linalg::cond(x, 1)), "[ 1. inf inf]");
  EXPECT_EQ(str(linalg::cond(zeros({2, 2}))), "inf");
  EXPECT_EQ(str(linalg::cond(array({{std::nan(""), 1.}, {1., 1.}}), 1)), "nan");
  EXPECT_EQ(linalg::cond(eye(2, -1, 0, complex64), "fro").dtype(), float32);
}

TEST(norm_of_matrices, is_a_recipe_over_any_two_axes) {
  const array x = sample({3, 4, 5}, float32);
  const array swapped = linalg::norm(transpose(x, {1, 0, 2}), 1, {2, 1});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(float(swapped(i)), float(linalg::norm(x(all, i, all).T(), 1)));
  EXPECT_EQ(array(linalg::norm(x, "nuc", {0, 2}, {.keepdims = true})).shape(), (shape{1, 4, 1}));
  EXPECT_EQ(swapped.dtype(), float32);
  EXPECT_EQ(str(linalg::matrix_norm(array({{3, 0}, {0, 4}}))), "5.0");
  EXPECT_EQ(str(linalg::vector_norm(array({{3, 0}, {0, 4}}), {}, {.ord = 1})), "7.0");
  EXPECT_EQ(str(linalg::norm(array({{3, 0}, {0, 4}}), "fro")), "5.0");
}

TEST(cross, of_vectors_of_three_along_any_axis) {
  const array x = sample({2, 3, 4}, complex128), y = sample({3, 4}, float64, 2);
  const array z = linalg::cross(x, y, -2);
  ASSERT_EQ(z.shape(), (shape{2, 3, 4}));
  for (int i = 0; i < 3; ++i) {
    const int j = (i + 1) % 3, k = (i + 2) % 3;
    EXPECT_LT(distance(z(all, i), x(all, j) * y(k) - x(all, k) * y(j)), 1e-14);
  }
  EXPECT_EQ(str(linalg::cross(array{1, 2, 3}, array{4, 5, 6})), "[-3  6 -3]");
  EXPECT_EQ(message<shape_error>([] {
              linalg::cross(ones({2, 3}), ones({2}));
            }),
            "cross: shapes (2, 3) and (2,): expected extents of 3 on axis -1");
  EXPECT_EQ(message<axis_error>([] { linalg::cross(ones({3}), ones({3}), 1); }),
            "cross: axis 1 is out of bounds for an array with 1 axis");
}

// ---- errors

TEST(linalg_factor_errors, say_what_a_matrix_is_not) {
  const array bad = stack({eye(2), array({{1., 2.}, {2., 1.}})});
  EXPECT_EQ(message<linalg_error>([&] { linalg::cholesky(bad); }),
            "cholesky: matrix (1,) of a batch of shape (2,) of (2, 2) is not positive definite");
  EXPECT_EQ(message<linalg_error>([] {
              linalg::cholesky(array({{std::nan(""), 0.}, {0., 1.}}));
            }),
            "cholesky: the matrix of shape (2, 2) is not positive definite");
  array x = eye(3);
  for (const double hole : {HUGE_VAL, std::nan("")}) {
    x(1, 0) = hole;
    const std::string text = ": the matrix of shape (3, 3) has an infinity or a NaN";
    EXPECT_EQ(message<linalg_error>([&] { linalg::svd(x); }), "svd" + text);
    EXPECT_EQ(message<linalg_error>([&] { linalg::svdvals(x); }), "svdvals" + text);
    EXPECT_EQ(message<linalg_error>([&] { linalg::eigh(x); }), "eigh" + text);
    EXPECT_EQ(message<linalg_error>([&] { linalg::eigvalsh(x); }), "eigvalsh" + text);
    EXPECT_EQ(message<linalg_error>([&] { linalg::eig(x); }), "eig" + text);
    EXPECT_EQ(message<linalg_error>([&] { linalg::eigvals(x); }), "eigvals" + text);
    EXPECT_EQ(message<linalg_error>([&] { linalg::lstsq(x, ones({3})); }),
              "lstsq: the matrix of shape (3, 3) or its right side has an infinity or a NaN");
    EXPECT_EQ(message<linalg_error>([&] { linalg::pinv(x); }), "pinv" + text);
    EXPECT_EQ(message<linalg_error>([&] { linalg::matrix_rank(x); }), "matrix_rank" + text);
    EXPECT_EQ(message<linalg_error>([&] { linalg::cond(x); }), "cond" + text);
    EXPECT_EQ(message<linalg_error>([&] { linalg::norm(x, "nuc"); }), "norm" + text);
    EXPECT_EQ(message<linalg_error>([&] {
                linalg::lstsq(eye(3), array{1., hole, 1.});
              }),
              "lstsq: the matrix of shape (3, 3) or its right side has an infinity or a NaN");
  }
}

TEST(linalg_factor_errors, name_shapes_and_dtypes) {
  EXPECT_EQ(message<shape_error>([] {
              linalg::svd(array{1., 2.});
            }),
            "svd: x has shape (2,); expected at least two axes");
  EXPECT_EQ(message<shape_error>([] {
              linalg::eigh(ones({2, 3}));
            }),
            "eigh: x has shape (2, 3); expected square matrices");
  EXPECT_EQ(message<shape_error>([] {
              linalg::cholesky(ones({2, 3}));
            }),
            "cholesky: x has shape (2, 3); expected square matrices");
  EXPECT_EQ(message<shape_error>([] {
              linalg::cond(ones({2, 3}), 1);
            }),
            "cond: x has shape (2, 3); expected square matrices");
  EXPECT_EQ(message<shape_error>([] {
              linalg::cond(ones({2, 0}));
            }),
            "cond: x has shape (2, 0); expected matrices with elements");
  EXPECT_EQ(message<shape_error>([] {
              linalg::lstsq(ones({3, 2}), ones({2}));
            }),
            "lstsq: shapes (3, 2) and (2,): the matrix has 3 rows, the right side 2");
  EXPECT_EQ(message<shape_error>([] { linalg::matrix_norm(ones({3})); }),
            "matrix_norm: x has shape (3,); expected at least two axes");
  EXPECT_EQ(message<dtype_error>([] {
              linalg::qr(ones({2, 2}, float16));
            }),
            "qr: float16 is not supported; expected float32, float64, complex64, complex128, an integer or bool");
  EXPECT_EQ(message<value_error>([] {
              linalg::svdvals(broadcast_to(array(1.), {50000, 50000}));
            }),
            "svdvals: matrices of shape (50000, 50000) are too large: LAPACK counts in 32 bits");
}

TEST(linalg_factor_errors, name_orders_and_limits) {
  EXPECT_EQ(message<value_error>([] { linalg::norm(ones({2, 2}), 3); }), "norm: there is no order 3.0 of matrices");
  EXPECT_EQ(message<value_error>([] {
              linalg::norm(ones({2, 2}), "euclid");
            }),
            "norm: there is no order 'euclid' of matrices");
  EXPECT_EQ(message<value_error>([] { linalg::norm(ones({2}), "fro"); }), "norm: there is no order 'fro' of vectors");
  EXPECT_EQ(message<value_error>([] {
              linalg::norm(ones({2, 2, 2}), 2);
            }),
            "norm: an order of 3 axes of shape (2, 2, 2); expected one axis or two");
  EXPECT_EQ(message<value_error>([] { linalg::norm(ones({2, 2}), 2, {1, -1}); }), "norm: axis 1 is named twice");
  EXPECT_EQ(message<axis_error>([] {
              linalg::norm(ones({2, 2}), 2, {0, 2});
            }),
            "norm: axis 2 is out of bounds for an array with 2 axes");
  EXPECT_EQ(message<value_error>([] { linalg::matrix_rank(eye(2), {.rtol = {1.}, .tol = {1.}}); }),
            "matrix_rank: expected rtol or tol, not both");
  EXPECT_EQ(message<value_error>([] {
              linalg::pinv(eye(2), {.rtol = {1., 2.}});
            }),
            "pinv: rtol: expected one value, not 2");
}
