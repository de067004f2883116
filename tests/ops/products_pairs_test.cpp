// Products over any axes, of many matrices and of windows against plain loops; what they refuse.
#include <algorithm>
#include <complex>
#include <limits>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

using complex = std::complex<double>;

array numbers(const shape& extents) { return random::generator(11).integers(-9, 10, extents); }

complex number(const array& x) { return x.item<complex>(); }

TEST(dot, sums_the_last_axis_with_the_last_but_one) {
  const array a = numbers({2, 3, 4}), b = numbers({5, 4, 2}), ab = dot(a, b);
  EXPECT_EQ(ab.shape(), shape({2, 3, 5, 2}));
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 5; ++j) EXPECT_EQ(ints(ab(i, all, j)), ints(matmul(a(i), b(j))));
  EXPECT_EQ(ints(dot(a, b(0, all, 1))), ints(sum(a * b(0, all, 1), 2)));
  EXPECT_EQ(dot(b(0, all, 1), b).shape(), shape({5, 2}));
  EXPECT_EQ(int(dot(array{1, 2}, array{3, 4})), 11);
}

TEST(dot, of_a_number_multiplies) {
  EXPECT_EQ(ints(dot(3, array{{1}, {2}})), (list{3, 6}));
  EXPECT_EQ(ints(inner(array{{1}, {2}}, 3)), (list{3, 6}));
  EXPECT_EQ(dot(array({1, 2}, float32), 2.0).dtype(), float64);  // as NumPy: a number here is an array
  EXPECT_EQ(int(dot(2, 3)), 6);
}

TEST(inner, sums_the_last_axes) {
  const array a = numbers({2, 4}), b = numbers({3, 1, 4});
  EXPECT_EQ(inner(a, b).shape(), shape({2, 3, 1}));
  EXPECT_EQ(ints(inner(a, b)), ints(matmul(a, b(all, 0).T())));
}

TEST(vdot, sums_over_all_elements_and_conjugates_the_first_operand) {
  const array a = numbers({2, 6}), b = numbers({3, 4});
  EXPECT_EQ(ints(vdot(a, b)), ints(sum(ravel(a) * ravel(b))));
  EXPECT_EQ(ints(vdot(a, a.copy(order::F))), ints(sum(a * a)));
  EXPECT_EQ(ints(vdot(b.T(), a)), ints(sum(ravel(b.T()) * ravel(a))));
  EXPECT_EQ(number(vdot(array{complex(0, 1), complex(2, 0)}, array{1, 2})), complex(4, -1));
  EXPECT_EQ(number(vdot(complex(0, 1), array{2})), complex(0, -2));
  EXPECT_EQ(error_of([&] { vdot(a, zeros({3})); }), "shape_error vdot: shapes (2, 6) and (3,) have 12 and 3 elements");
}

TEST(outer, multiplies_each_with_each) {
  const array a = numbers({2, 3}), b = numbers({4});
  EXPECT_EQ(ints(outer(a.T(), b)), ints(ravel(a.T())(all, newaxis) * b));
  EXPECT_EQ(outer(2, 3).shape(), shape({1, 1}));
  EXPECT_EQ(outer(zeros({0}), b).shape(), shape({0, 4}));
  EXPECT_EQ(elements<bool>(outer(array{true}, array{true, false})), (std::vector<bool>{true, false}));
}

TEST(outer, keeps_the_sign_of_zeros) {
  for (const dtype type : {float32, float64}) {
    for (const int columns : {1, 2, 3, 9, 33}) {  // few columns are a product of small matrices
      const array x = array({-0.0, 1.0, -2.0}, type), y = zeros({columns}, type);
      const std::vector<bool> signs = elements<bool>(signbit(outer(x, y)));
      const auto n = static_cast<std::size_t>(columns);
      for (std::size_t i = 0; i < signs.size(); ++i) EXPECT_EQ(signs[i], i / n != 1) << i << " of " << columns;
    }
  }
}

TEST(outer, reads_vectors_where_they_lie) {
  const std::int64_t n = std::int64_t{1} << 40;  // a copy would not fit
  EXPECT_EQ(outer(broadcast_to(array(1.0), {n}), zeros({0})).shape(), shape({n, 0}));
}

TEST(tensordot, sums_over_a_number_of_axes_or_over_pairs) {
  const array a = numbers({3, 4, 5}), b = numbers({4, 3, 2});
  const array ab = tensordot(a, b, {{1, 0}, {0, 1}});
  list expected;
  for (int k = 0; k < 5; ++k)
    for (int n = 0; n < 2; ++n) {
      std::int64_t s = 0;
      for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 4; ++j) s += a(i, j, k).item<int>() * b(j, i, n).item<int>();
      expected.push_back(s);
    }
  EXPECT_EQ(ints(ab), expected);
  EXPECT_EQ(ints(tensordot(a, b, {{-3, -2}, {-2, 0}})), expected);
  EXPECT_EQ(ints(tensordot(transpose(a, {2, 1, 0}), b)), expected);
  EXPECT_EQ(ints(tensordot(b, a, {1, 0})), ints(tensordot(transpose(b, {0, 2, 1}), a, 1)));
  EXPECT_EQ(tensordot(a, b, 0).shape(), shape({3, 4, 5, 4, 3, 2}));
  EXPECT_EQ(tensordot(a, b, {shape{}, shape{}}).shape(), shape({3, 4, 5, 4, 3, 2}));
  EXPECT_EQ(int(tensordot(2, 3, 0)), 6);
}

TEST(tensordot, says_what_it_refuses) {
  const array a = zeros({3, 4}), b = zeros({4, 3});
  EXPECT_EQ(error_of([&] { tensordot(a, b); }),
            "shape_error tensordot: shapes (3, 4) and (4, 3): axis 0 of x has extent 3, axis 0 of y 4");
  EXPECT_EQ(error_of([&] { tensordot(a, b, 3); }),
            "value_error tensordot: 3 axes to sum over of shapes (3, 4) and (4, 3)");
  EXPECT_EQ(error_of([&] { tensordot(a, b, -1); }),
            "value_error tensordot: -1 axes to sum over of shapes (3, 4) and (4, 3)");
  EXPECT_EQ(error_of([&] {
              tensordot(a, b, {{0, 1}, {0}});
            }),
            "value_error tensordot: axes (0, 1) of x and (0,) of y are not equally many");
  EXPECT_EQ(error_of([&] { tensordot(a, a, {{0, -2}, {0, 1}}); }), "value_error tensordot: axis 0 is repeated");
  EXPECT_EQ(error_of([&] {
              tensordot(a, b, {0, 2});
            }),
            "axis_error tensordot: axis 2 is out of bounds for an array with 2 axes");
  EXPECT_EQ(error_of([&] { tensordot(zeros(shape::filled(40, 1)), zeros(shape::filled(30, 1)), 0); }),
            "shape_error tensordot: the result of shapes " + to_string(shape::filled(40, 1)) + " and " +
                to_string(shape::filled(30, 1)) + " would have 70 axes, more than 64");
}

TEST(kron, puts_blocks_side_by_side) {
  const array a = {{1, 2}, {3, 4}}, b = {{0, 5, 1}};
  EXPECT_EQ(ints(kron(a, b)), (list{0, 5, 1, 0, 10, 2, 0, 15, 3, 0, 20, 4}));
  EXPECT_EQ(kron(a, b).shape(), shape({2, 6}));
  EXPECT_EQ(ints(kron(a, array{1, 10})), (list{1, 10, 2, 20, 3, 30, 4, 40}));
  EXPECT_EQ(kron(zeros({2, 1, 2}), zeros({3, 2})).shape(), shape({2, 3, 4}));
  EXPECT_EQ(kron(zeros({0, 2}), zeros({2, 2}, int8)).shape(), shape({0, 4}));
  EXPECT_EQ(int(kron(2, 3)), 6);
  EXPECT_EQ(kron(ones(shape::filled(64, 1)), array{1, 2}).ndim(), 64);
  const array wide = broadcast_to(zeros({1}), {std::int64_t(1) << 40});
  EXPECT_EQ(error_of([&] { kron(wide, wide); }),
            "value_error kron: shapes (1099511627776,) and (1099511627776,): an extent of the result does not fit in "
            "64 bits");
}

TEST(trace, sums_a_diagonal) {
  const array a = numbers({3, 4, 2});
  EXPECT_EQ(ints(trace(a)), ints(a(0, 0) + a(1, 1) + a(2, 2)));
  EXPECT_EQ(ints(trace(a, 1, -1, 0)), ints(a(1, all, 0) + a(2, all, 1)));
  EXPECT_EQ(ints(trace(a, 9)), (list{0, 0}));
  EXPECT_EQ(ints(trace(full({2, 2}, 100, int8))), list{200});
  EXPECT_EQ(ints(trace(array{{true, false}, {false, true}})), list{2});
  EXPECT_EQ(array(trace(ones({2, 2}), 0, 0, 1, float32)).dtype(), float32);
  EXPECT_EQ(ints(trace(a * 2)), ints(trace(a) * 2));
  EXPECT_EQ(error_of([&] { trace(zeros({3})); }), "value_error trace: an array of shape (3,) has fewer than two axes");
  EXPECT_EQ(error_of([&] { trace(a, 0, 1, -2); }), "value_error trace: axis 1 is repeated");
  EXPECT_EQ(error_of([&] { trace(a, 0, 1, 3); }), "axis_error trace: axis 3 is out of bounds for an array with 3 axes");
}

TEST(multi_dot, multiplies_all_in_any_order) {
  const array a = numbers({2, 30}), b = numbers({30, 1}), c = numbers({1, 40}), d = numbers({40, 3}), v = numbers({30});
  const list abcd = ints(matmul(matmul(matmul(a, b), c), d));
  EXPECT_EQ(ints(multi_dot({a, b, c, d})), abcd);
  EXPECT_EQ(ints(linalg::multi_dot({v, b, c, d, numbers({3})})),
            ints(matmul(matmul(matmul(matmul(v, b), c), d), numbers({3}))));
  EXPECT_EQ(multi_dot({v, v}).shape(), shape());
  EXPECT_EQ(multi_dot({v, b}).shape(), shape({1}));
  EXPECT_EQ(multi_dot({a, v}).shape(), shape({2}));
  EXPECT_EQ(multi_dot({ones({2, 2}, float32), ones({2, 2}, float32)}, {.dtype = float64}).dtype(), float64);
  std::vector<array> many(200, array(eye(2, -1, 0, int64) * -1));
  EXPECT_EQ(ints(multi_dot(many)), (list{1, 0, 0, 1}));
  many.resize(3001, many[0]);  // too many to search for an order
  EXPECT_EQ(ints(multi_dot(many)), (list{-1, 0, 0, -1}));
}

TEST(multi_dot, takes_the_cheapest_order) {
  const std::int64_t n = 2000;  // from the left there would be a result of 2000 x 2000 and 32 MB
  reset_peak_memory();
  const std::int64_t before = memory_stats().peak_bytes_in_use;
  multi_dot({ones({n, 2}), ones({2, n}), ones({n, 2})});
  EXPECT_LT(memory_stats().peak_bytes_in_use, before + 8000000);
}

TEST(multi_dot, says_what_it_refuses) {
  const array a = zeros({2, 3}), v = zeros({3});
  EXPECT_EQ(error_of([&] { multi_dot({a}); }), "value_error multi_dot: needs at least two arrays, not 1");
  EXPECT_EQ(error_of([&] { multi_dot({a, v, a}); }), "shape_error multi_dot: array 1 of shape (3,) is not a matrix");
  EXPECT_EQ(error_of([&] {
              multi_dot({v, zeros({4, 2}), a});
            }),
            "shape_error multi_dot: inner extents differ: (3,) and (4, 2): 3 against 4");
}

TEST(matrix_power, multiplies_by_itself) {
  const array m = {{1, 1}, {1, 0}}, stack_of_two = stack({m, m * 2});
  EXPECT_EQ(ints(linalg::matrix_power(m, 10)), (list{89, 55, 55, 34}));  // Fibonacci's numbers
  EXPECT_EQ(ints(linalg::matrix_power(m, 1)), ints(m));
  EXPECT_FALSE(shares_memory(linalg::matrix_power(m, 1), m));
  EXPECT_EQ(ints(linalg::matrix_power(stack_of_two, 3)), (list{3, 2, 2, 1, 24, 16, 16, 8}));
  EXPECT_TRUE(bool(allclose(linalg::matrix_power(m, -10), array({{34., -55.}, {-55., 89.}}))));
  EXPECT_EQ(error_of([] {
              linalg::matrix_power(zeros({2, 2}), -1);
            }),
            "value_error matrix_power: the matrix of shape (2, 2) is singular");
  EXPECT_TRUE(array_equal(linalg::matrix_power(eye(2), std::numeric_limits<std::int64_t>::min()), eye(2)));
  EXPECT_EQ(ints(linalg::matrix_power(stack_of_two, 0)), (list{1, 0, 0, 1, 1, 0, 0, 1}));
  EXPECT_EQ(elements<bool>(linalg::matrix_power(zeros({2, 2}, bool_), 0)),
            (std::vector<bool>{true, false, false, true}));
  EXPECT_EQ(linalg::matrix_power(zeros({2, 0, 0}), 3).shape(), shape({2, 0, 0}));
  EXPECT_EQ(error_of([] {
              linalg::matrix_power(zeros({2, 3}), 2);
            }),
            "shape_error matrix_power: shape (2, 3) is not one of square matrices");
  EXPECT_EQ(error_of([] { linalg::matrix_power(zeros({2}), 2); }),
            "shape_error matrix_power: shape (2,) is not one of square matrices");
}

/// Where x and y meet: sum over j of x[k + j] * conj(y[j]) for every k that any j reaches; `turned`: of x[k - j] * y[j].
std::vector<complex> meetings(const array& x, const array& y, bool turned) {
  const std::int64_t n = x.size(), m = y.size();
  std::vector<complex> result;
  for (std::int64_t k = turned ? 0 : 1 - m; k < (turned ? n + m - 1 : n); ++k) {
    complex s = 0;
    for (std::int64_t j = 0; j < m; ++j) {
      const std::int64_t i = turned ? k - j : k + j;
      if (i >= 0 && i < n) s += number(x(i)) * (turned ? number(y(j)) : std::conj(number(y(j))));
    }
    result.push_back(s);
  }
  return result;
}

std::vector<complex> middle(const std::vector<complex>& all_of, std::int64_t first, std::int64_t count) {
  return {all_of.begin() + first, all_of.begin() + first + count};
}

TEST(windows, convolve_and_correlate_by_the_definition) {
  for (std::int64_t n = 1; n < 7; ++n)
    for (std::int64_t m = 1; m < 7; ++m) {
      const array x = numbers({n}) * complex(1, 2), y = numbers({m}) * complex(-1, 1);
      const std::int64_t longer = std::max(n, m), shorter = std::min(n, m);
      const std::vector<complex> turned = meetings(x, y, true), straight = meetings(x, y, false);
      EXPECT_EQ(elements<complex>(convolve(x, y)), turned);
      EXPECT_EQ(elements<complex>(convolve(x, y, convolve_mode::valid)),
                middle(turned, shorter - 1, longer - shorter + 1));
      EXPECT_EQ(elements<complex>(convolve(x, y, convolve_mode::same)), middle(turned, (shorter - 1) / 2, longer));
      EXPECT_EQ(elements<complex>(correlate(x, y, convolve_mode::full)), straight);
      EXPECT_EQ(elements<complex>(correlate(x, y)), middle(straight, shorter - 1, longer - shorter + 1));
      EXPECT_EQ(elements<complex>(correlate(x, y, convolve_mode::same)),
                middle(straight, n < m ? shorter / 2 : (shorter - 1) / 2, longer));
    }
}

TEST(windows, take_strides_dtypes_and_numbers) {
  const array x = arange(12);
  EXPECT_EQ(ints(convolve(x(slice(none, none, -3)), array{1, 10})), (list{11, 118, 85, 52, 20}));
  EXPECT_EQ(ints(convolve(2, array{1, 10})), (list{2, 20}));
  EXPECT_EQ(ints(convolve(array{1, 10}, 2, convolve_mode::valid)), (list{2, 20}));
  EXPECT_EQ(convolve(2, 3).shape(), shape({1}));
  EXPECT_EQ(elements<bool>(convolve(array{true, false}, array{true, false})), (std::vector<bool>{true, false, false}));
  EXPECT_EQ(correlate(array({1}, float32), array({1}, int8)).dtype(), float32);
}

TEST(windows, of_long_operands_meet_the_same_elements) {
  for (const std::int64_t n : {100, 400, 1000, 1017})
    for (const std::int64_t m : {5, 31, 100, 700}) {
      const array x = numbers({n}), y = numbers({m});
      const std::vector<complex> turned = meetings(x, y, true), straight = meetings(x, y, false);
      EXPECT_EQ(elements<complex>(convolve(x, y).astype(complex128)), turned);
      EXPECT_EQ(elements<complex>(correlate(x, y, convolve_mode::full).astype(complex128)), straight);
      EXPECT_EQ(elements<complex>(convolve(x, y, convolve_mode::valid).astype(complex128)),
                middle(turned, std::min(n, m) - 1, std::max(n, m) - std::min(n, m) + 1));
      EXPECT_TRUE(array_equal(convolve(x.astype(float32), y.astype(float16)), convolve(x, y)));
      EXPECT_TRUE(array_equal(correlate(x.astype(complex64), y(slice(none, none, -1)), convolve_mode::same),
                              correlate(x, y(slice(none, none, -1)), convolve_mode::same)));
    }
}

TEST(windows, keep_infinities_and_nan_where_they_meet_something) {
  const double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(elements<double>(convolve(array{1.0, 2.0}, array{infinity, 1.0})),
            (std::vector<double>{infinity, infinity, 2}));
  EXPECT_EQ(elements<double>(correlate(array{1.0, 2.0}, array{1.0, -infinity}, convolve_mode::full)),
            (std::vector<double>{-infinity, -infinity, 2}));
  EXPECT_EQ(elements<float>(convolve(array({infinity}, float16), array({2, 3}, float32))),
            (std::vector<float>(2, std::numeric_limits<float>::infinity())));
  array x = ones({3000}), y = ones({50});
  x(1000) = infinity;
  const array spread = convolve(x, y);
  EXPECT_EQ(int(sum(isinf(spread))), 50);
  EXPECT_EQ(spread(1049).item<double>(), infinity);
  EXPECT_EQ(spread(1050).item<double>(), 50);
  y(0) = nan;
  x(1000) = 1;
  EXPECT_EQ(int(sum(isnan(convolve(x, y)))), 3000);
  EXPECT_EQ(convolve(x, y)(-1).item<double>(), 1);
}

TEST(windows, say_what_they_refuse) {
  EXPECT_EQ(error_of([] {
              convolve(zeros({1, 2}), zeros({2}));
            }),
            "shape_error convolve: takes two vectors, not shapes (1, 2) and (2,)");
  EXPECT_EQ(error_of([] { correlate(zeros({2}), 1); }),
            "shape_error correlate: takes two vectors, not shapes (2,) and ()");
  EXPECT_EQ(error_of([] { correlate(zeros({2}), zeros({0})); }),
            "value_error correlate: shapes (2,) and (0,): an operand without elements");
  const array endless = broadcast_to(zeros({1}, int8), {std::int64_t(1) << 62});
  EXPECT_EQ(error_of([&] { convolve(endless, endless); }),
            "value_error convolve: an operand has 4611686018427387904 elements");
}

}  // namespace
