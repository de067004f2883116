// Linear systems and determinants: NumPy's values, properties, every layout, every message.
#include "ops/linalg_samples.hpp"

using namespace tessera;
using namespace tessera::testing_linalg;

// ---- solve, inv

TEST(solve, gives_what_times_the_matrix_is_the_right_side) {
  for (const dtype& type : dtypes) {
    for (const int n : {1, 2, 3, 7, 40}) {
      const array a = sample({n, n}, type), b = sample({n, 3}, type, 2);
      const array x = linalg::solve(a, b);
      EXPECT_EQ(x.dtype(), type);
      EXPECT_LT(distance(product(a, x), b), 50 * tolerance(type)) << type.name() << n;
    }
  }
}

TEST(solve, takes_a_vector_only_when_the_right_side_has_one_axis) {
  const array a = {{2., 0.}, {0., 4.}};
  EXPECT_EQ(str(linalg::solve(a, array{2., 4.})), "[1. 1.]");
  EXPECT_EQ(linalg::solve(broadcast_to(a, {5, 2, 2}), array{2., 4.}).shape(), (shape{5, 2}));
  EXPECT_EQ(str(linalg::solve(stack({a, array(a * 2)}), array({{2., 4.}, {2., 4.}}))),
            "[[[1.   2.  ]\n  [0.5  1.  ]]\n\n [[0.5  1.  ]\n  [0.25 0.5 ]]]");
}

TEST(solve, broadcasts_the_axes_before_the_matrices) {
  const array a = sample({3, 1, 4, 4}, float64), b = sample({2, 4, 5}, float64, 2);
  const array x = linalg::solve(a, b);
  ASSERT_EQ(x.shape(), (shape{3, 2, 4, 5}));
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 2; ++j) EXPECT_LT(distance(product(a(i, 0), x(i, j)), b(j)), 1e-10);
}

TEST(solve, reads_any_strides) {
  const array big = sample({9, 8, 10}, float64);
  const array a = transpose(big(slice(none, none, -2), slice(0, 5), slice(9, none, -2)), {0, 2, 1});
  const array copy = a.copy(), b = sample({5, 2}, float64, 3);
  EXPECT_EQ(distance(linalg::solve(a, b.T().copy().T()), linalg::solve(copy, b)), 0);
  array bytes = zeros({8 * 4 + 1}, uint8);
  array misaligned = bytes(slice(1, none)).view(float64);
  misaligned() = array{2., 0., 0., 4.};
  EXPECT_EQ(str(linalg::solve(reshape(misaligned, {2, 2}), array{2., 4.})), "[1. 1.]");
}

TEST(solve, computes_integers_and_bool_in_float64_and_promotes) {
  const array a = {{2, 0}, {0, 4}};
  EXPECT_EQ(linalg::solve(a, array{1, 2}).dtype(), float64);
  EXPECT_EQ(linalg::solve(eye(2, -1, 0, bool_), ones({2}, float32)).dtype(), float64);
  EXPECT_EQ(linalg::solve(eye(2, -1, 0, float32), ones({2}, complex64)).dtype(), complex64);
  EXPECT_EQ(linalg::solve(eye(2, -1, 0, float64), ones({2}, complex64)).dtype(), complex128);
  EXPECT_EQ(str(linalg::solve(a * 2 - a, array{2, 4} + 0)), "[1. 1.]");
}

TEST(inv, times_the_matrix_is_one) {
  for (const dtype& type : dtypes) {
    const array a = sample({6, 6}, type);
    EXPECT_EQ(linalg::inv(a).dtype(), type);
    EXPECT_LT(distance(product(a, linalg::inv(a)), eye(6)), 50 * tolerance(type));
  }
  const array many = sample({70, 3, 3}, float64);
  const array inverses = linalg::inv(many);
  for (int i = 0; i < 70; ++i) EXPECT_LT(distance(product(inverses(i), many(i)), eye(3)), 1e-9);
}

// ---- det, slogdet

TEST(det, is_numpys) {
  EXPECT_EQ(repr(linalg::det({{1, 2}, {3, 4}})), "array(-2.)");
  EXPECT_EQ(double(linalg::det({{1., 2.}, {3., 4.}})), -2.0000000000000004);
  EXPECT_EQ(double(linalg::det({{1., 2.}, {2., 4.}})), 0);
  EXPECT_EQ(linalg::det({{1., 2.}, {3., 4.}}).shape(), shape());
  const array z = array({{std::complex<double>(1, 2), std::complex<double>(0, 1)},
                         {std::complex<double>(3, 0), std::complex<double>(2, -1)}});
  EXPECT_LT(std::abs(linalg::det(z).item<std::complex<double>>() - std::complex<double>(4, 0)), 1e-14);
  const array singles = linalg::det(array(float32, {{{1, 2}, {3, 4}}, {{0, 2}, {1, 0}}}));
  EXPECT_EQ(str(singles), "[-2. -2.]");
  EXPECT_EQ(singles.dtype(), float32);
}

TEST(slogdet, is_there_where_det_overflows) {
  const array x = eye(400) * 1e-3;
  const auto [sign, logabsdet] = linalg::slogdet(x);
  EXPECT_EQ(double(sign), 1);
  EXPECT_NEAR(double(logabsdet), 400 * std::log(1e-3), 1e-9);
  EXPECT_EQ(double(linalg::det(x)), 0);
  const linalg::slogdet_result singular = linalg::slogdet(zeros({2, 3, 3}, complex64));
  EXPECT_EQ(str(singular.sign), "[0.+0.j 0.+0.j]");
  EXPECT_EQ(str(singular.logabsdet), "[-inf -inf]");
  EXPECT_EQ(singular.logabsdet.dtype(), float32);
}

TEST(linalg, spreads_batches_over_threads_with_the_same_bits) {
  const array a = sample({300, 20, 20}, complex128);
  const int before = num_threads();
  set_num_threads(1);
  const array one = linalg::inv(a);
  set_num_threads(3);
  EXPECT_TRUE(array_equal(linalg::inv(a), one));
  set_num_threads(before);
}

// ---- no elements, no numbers

TEST(linalg, of_nothing_is_numpys) {
  EXPECT_EQ(double(linalg::det(zeros({0, 0}))), 1);
  EXPECT_EQ(str(linalg::det(zeros({2, 0, 0}))), "[1. 1.]");
  EXPECT_EQ(linalg::det(zeros({0, 3, 3})).shape(), shape{0});
  EXPECT_EQ(str(linalg::slogdet(zeros({2, 0, 0}, complex64)).logabsdet), "[0. 0.]");
  EXPECT_EQ(linalg::inv(zeros({0, 0})).shape(), (shape{0, 0}));
  EXPECT_EQ(linalg::inv(zeros({0, 3, 3})).shape(), (shape{0, 3, 3}));
  EXPECT_EQ(linalg::solve(zeros({0, 0}), zeros({0, 2})).shape(), (shape{0, 2}));
  EXPECT_EQ(linalg::solve(eye(3), zeros({3, 0})).shape(), (shape{3, 0}));
  EXPECT_EQ(linalg::solve(zeros({3, 3}), zeros({0, 3, 2})).shape(), (shape{0, 3, 2}));
}

TEST(linalg, carries_nan_through_where_nothing_is_iterated) {
  const double nan = std::nan("");
  EXPECT_EQ(str(linalg::det({{nan, 1.}, {1., 2.}})), "nan");
  EXPECT_TRUE(bool(any(isnan(linalg::solve({{1., nan}, {0., 1.}}, {1., 1.})))));
}

// ---- errors

TEST(linalg_errors, name_the_matrix_that_is_singular) {
  const array one = {{1., 2.}, {2., 4.}}, many = stack({eye(2), one, one});
  EXPECT_EQ(message<linalg_error>([&] {
              linalg::solve(one, array{1., 1.});
            }),
            "solve: the matrix of shape (2, 2) is singular");
  EXPECT_EQ(message<linalg_error>([&] { linalg::inv(many); }),
            "inv: matrix (1,) of a batch of shape (3,) of (2, 2) is singular");
  EXPECT_EQ(message<linalg_error>([&] {
              linalg::solve(reshape(many, {3, 1, 2, 2}), zeros({2, 2, 1}));
            }),
            "solve: matrix (1, 0) of a batch of shape (3, 2) of (2, 2) is singular");
  EXPECT_THROW(linalg::inv(one), value_error);
}

TEST(linalg_errors, name_shapes) {
  EXPECT_EQ(message<shape_error>([] {
              linalg::inv(array{1., 2.});
            }),
            "inv: x has shape (2,); expected at least two axes");
  EXPECT_EQ(message<shape_error>([] { linalg::det(5.0); }), "det: x has shape (); expected at least two axes");
  EXPECT_EQ(message<shape_error>([] {
              linalg::det(ones({4, 2, 3}));
            }),
            "det: x has shape (4, 2, 3); expected square matrices");
  EXPECT_EQ(message<shape_error>([] {
              linalg::solve(ones({2, 3}), ones({2}));
            }),
            "solve: a has shape (2, 3); expected square matrices");
  EXPECT_EQ(message<shape_error>([] { linalg::solve(eye(2), 1); }),
            "solve: b has shape (); expected at least one axis");
  EXPECT_EQ(message<shape_error>([] {
              linalg::solve(eye(3), ones({2, 3}));
            }),
            "solve: shapes (3, 3) and (2, 3): the matrix has 3 rows, the right side 2");
  EXPECT_EQ(message<shape_error>([] {
              linalg::solve(zeros({2, 3, 3}), ones({4, 3, 1}));
            }),
            "solve: the axes before the matrices: shapes (2,) and (4,) do not broadcast: axis 0 has extents 2 and 4");
}

TEST(linalg_errors, name_dtypes_and_sizes) {
  EXPECT_EQ(message<dtype_error>([] { linalg::inv(eye(2, -1, 0, float16)); }),
            "inv: float16 is not supported; expected float32, float64, complex64, complex128, an integer or bool");
  EXPECT_EQ(message<dtype_error>([] { linalg::solve(eye(2), ones({2}, bfloat16)); }),
            "solve: bfloat16 is not supported; expected float32, float64, complex64, complex128, an integer or bool");
  EXPECT_EQ(message<value_error>([] {
              linalg::lstsq(ones({3, 2}), ones({3}), {.rcond = std::nan("")});
            }),
            "lstsq: rcond is nan; expected a number");
  const std::int64_t n = std::int64_t{1} << 31;
  EXPECT_EQ(message<value_error>([&] {
              linalg::det(broadcast_to(array(1.), {n, n}));
            }),
            "det: matrices of shape (2147483648, 2147483648) are too large: LAPACK counts in 32 bits");
  EXPECT_EQ(message<value_error>([&] {
              linalg::inv(broadcast_to(array(1.), {n, n}));
            }),
            "inv: matrices of shape (2147483648, 2147483648) are too large: LAPACK counts in 32 bits");
  EXPECT_EQ(message<value_error>([&] {
              linalg::qr(broadcast_to(array(1.), {n, n / 2, 1, 1}));
            }),
            "qr: shape (2147483648, 1073741824, 1, 1) has more bytes than fit in 64 bits");
  EXPECT_THROW(linalg::det(broadcast_to(array(1.), {n / 100, n / 100})), out_of_memory);
}
