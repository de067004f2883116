// What the functions of distances refuse, word for word, and where they were called.
#include <cmath>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

const array x = zeros({4, 3}), y = zeros({5, 3}), bits = zeros({4, 3}, uint8);

std::string of_cdist(const metric& by, const distance_options& options = {}) {
  return error_of([&] { cdist(x, y, by, options); });
}

}  // namespace

TEST(distances_errors, name_both_shapes) {
  EXPECT_EQ(error_of([] {
              cdist(x, zeros({5, 2}));
            }),
            "shape_error cdist: rows of shapes (4, 3) and (5, 2); expected (..., n, d) and (..., m, d)");
  EXPECT_EQ(error_of([] { cdist(zeros({3}), y); }),
            "shape_error cdist: rows of shapes (3,) and (5, 3); expected (..., n, d) and (..., m, d)");
  EXPECT_EQ(error_of([] { pdist(zeros({3})); }), "shape_error pdist: rows of shape (3,); expected (..., n, d)");
  EXPECT_EQ(error_of([] { nearest(x, 5.0, 1); }),
            "shape_error nearest: rows of shapes (4, 3) and (); expected (..., n, d) and (..., m, d)");
  EXPECT_EQ(error_of([] {
              cdist(zeros({2, 4, 3}), zeros({6, 5, 3}));
            }),
            "shape_error cdist: the axes before the rows: shapes (2,) and (6,) do not broadcast: axis 0 has extents 2 "
            "and 6");
  EXPECT_EQ(error_of([] {
              radius_neighbors(zeros({2, 4, 3}), y, 1);
            }),
            "shape_error radius_neighbors: a batch of shape (2,); expected (n, d) and (m, d)");
  EXPECT_EQ(error_of([] {
              for_each_row_block(zeros({2, 4, 3}), y, "euclidean", [](std::int64_t, const array&) {});
            }),
            "shape_error for_each_row_block: a batch of shape (2,); expected (n, d) and (m, d)");
}

TEST(distances_errors, name_the_metric_and_those_that_there_are) {
  EXPECT_EQ(
      of_cdist("Euclid"),
      "value_error cdist: there is no metric 'Euclid'; expected one of euclidean, sqeuclidean, cityblock, "
      "chebyshev, minkowski, seuclidean, mahalanobis, cosine, correlation, hamming, jaccard, canberra, braycurtis, "
      "jensenshannon, dice, russellrao, rogerstanimoto, sokalsneath, yule, hellinger, kl_divergence, inner_product, "
      "haversine, bitwise_hamming");
  EXPECT_EQ(of_cdist("haversine"),
            "shape_error cdist: haversine: rows of shapes (4, 3) and (5, 3); expected two coordinates, latitude and "
            "longitude");
}

TEST(distances_errors, name_parameters_that_a_metric_does_not_have) {
  EXPECT_EQ(of_cdist({"euclidean", {.p = 3}}), "value_error cdist: euclidean has no parameter p");
  EXPECT_EQ(of_cdist({"seuclidean", {.w = {{1., 1., 1.}}}}), "value_error cdist: seuclidean has no parameter w");
  EXPECT_EQ(of_cdist({"jensenshannon", {.w = {{1., 1., 1.}}}}), "value_error cdist: jensenshannon has no parameter w");
  EXPECT_EQ(of_cdist({"cosine", {.V = {{1., 1., 1.}}}}), "value_error cdist: cosine has no parameter V");
  EXPECT_EQ(of_cdist({"l2", {.VI = {{1., 1., 1.}}}}), "value_error cdist: l2 has no parameter VI");
  EXPECT_EQ(of_cdist({"hellinger", {.base = 2}}), "value_error cdist: hellinger has no parameter base");
}

TEST(distances_errors, say_what_a_parameter_must_be) {
  EXPECT_EQ(of_cdist({"minkowski", {.p = 0}}), "value_error cdist: minkowski: p is 0.0; expected a number > 0");
  EXPECT_EQ(of_cdist({"minkowski", {.p = -1.5}}), "value_error cdist: minkowski: p is -1.5; expected a number > 0");
  EXPECT_EQ(of_cdist({"minkowski", {.p = NAN}}), "value_error cdist: minkowski: p is nan; expected a number > 0");
  EXPECT_EQ(of_cdist({"jensenshannon", {.base = -1}}),
            "value_error cdist: jensenshannon: base is -1.0; expected a number > 0, or 0 for e");
  EXPECT_EQ(of_cdist({"cityblock", {.w = {{1., 1.}}}}),
            "shape_error cdist: cityblock: w has shape (2,); expected (3,) for rows of shapes (4, 3) and (5, 3)");
  EXPECT_EQ(of_cdist({"cityblock", {.w = {{1., -1., 1.}}}}),
            "value_error cdist: cityblock: w has a negative weight; expected weights >= 0");
  EXPECT_EQ(of_cdist({"cityblock", {.w = {{1., 1., 1.}, {1., 1., 1.}}}}),
            "value_error cdist: cityblock: w is 2 arrays; expected one");
  EXPECT_EQ(of_cdist({"cityblock", {.w = {zeros({3}, complex64)}}}),
            "dtype_error cdist: cityblock: w is complex64; expected real numbers");
  EXPECT_EQ(of_cdist({"seuclidean", {.V = {zeros({3, 1})}}}),
            "shape_error cdist: seuclidean: V has shape (3, 1); expected (3,) for rows of shapes (4, 3) and (5, 3)");
  EXPECT_EQ(
      of_cdist({"mahalanobis", {.VI = {eye(2)}}}),
      "shape_error cdist: mahalanobis: VI has shape (2, 2); expected (3, 3) for rows of shapes (4, 3) and (5, 3)");
  EXPECT_EQ(
      error_of([] {
        pdist(zeros({3, 3}), "mahalanobis");
      }),
      "value_error pdist: mahalanobis: 3 rows of 3 coordinates have no inverse covariance; expected at least 4, or "
      "VI");
  EXPECT_EQ(error_of([] {
              pdist(zeros({5, 3}), "mahalanobis");
            }),
            "value_error pdist: mahalanobis: the covariance of the rows is singular; expected VI");
}

TEST(distances_errors, name_dtypes) {
  EXPECT_EQ(error_of([] {
              cdist(zeros({4, 3}, complex64), y);
            }),
            "dtype_error cdist: rows of complex64 and float64; expected real numbers");
  EXPECT_EQ(of_cdist("euclidean", {.dtype = int32}),
            "dtype_error cdist: dtype int32 is not supported; expected float32 or float64");
  EXPECT_EQ(
      of_cdist("bitwise_hamming"),
      "dtype_error cdist: bitwise_hamming: rows of float64 and float64; expected bits packed in unsigned integers of "
      "one dtype");
  EXPECT_EQ(
      error_of([] {
        cdist(bits, zeros({5, 3}, uint16), "bitwise_hamming");
      }),
      "dtype_error cdist: bitwise_hamming: rows of uint8 and uint16; expected bits packed in unsigned integers of one "
      "dtype");
  EXPECT_EQ(error_of([] { squareform(zeros({3}, complex64)); }),
            "dtype_error squareform: complex64; expected real numbers");
}

TEST(distances_errors, name_methods) {
  EXPECT_EQ(of_cdist("euclidean", {.method = "fast"}),
            "value_error cdist: there is no method 'fast'; expected exact or expanded");
  EXPECT_EQ(of_cdist("cityblock", {.method = "expanded"}),
            "value_error cdist: cityblock has no method 'expanded'; only euclidean, sqeuclidean and seuclidean have");
}

TEST(distances_errors, say_how_many_neighbours_there_are) {
  EXPECT_EQ(error_of([] { nearest(x, y, 6); }), "value_error nearest: k is 6; expected 0 to 5 for 5 points");
  EXPECT_EQ(error_of([] { nearest(x, y, -1); }), "value_error nearest: k is -1; expected 0 to 5 for 5 points");
  EXPECT_EQ(error_of([] { nearest(x, y, 5, {.exclude_self = true}); }),
            "value_error nearest: k is 5; expected 0 to 4 for 5 points, of which one may be the query itself");
  EXPECT_EQ(error_of([] { radius_neighbors(x, y, NAN); }),
            "value_error radius_neighbors: the radius is nan; expected a number");
}

TEST(distances_errors, name_reducers_and_their_parameters) {
  const auto of = [](const distance_reducer& reducer, const array& points = y) {
    return error_of([&] { pairwise_reduce(x, points, "euclidean", reducer); });
  };
  EXPECT_EQ(
      of("median"),
      "value_error pairwise_reduce: there is no reducer 'median'; expected one of sum, mean, min, max, count_below, "
      "gaussian");
  EXPECT_EQ(of({"gaussian", 0}), "value_error pairwise_reduce: gaussian: the parameter is 0.0; expected a number > 0");
  EXPECT_EQ(of({"count_below", NAN}),
            "value_error pairwise_reduce: count_below: the parameter is nan; expected a number");
  EXPECT_EQ(of("min", zeros({0, 3})),
            "value_error pairwise_reduce: min of no distances: rows of shapes (4, 3) and (0, 3)");
}

TEST(distances_errors, of_matrices_that_are_no_distances) {
  EXPECT_EQ(error_of([] { squareform(zeros({4})); }),
            "shape_error squareform: 4 distances are not n (n - 1) / 2 for any number n of rows");
  EXPECT_EQ(error_of([] {
              squareform(zeros({3, 4}));
            }),
            "shape_error squareform: a matrix of shape (3, 4); expected a square one");
  EXPECT_EQ(error_of([] {
              squareform(zeros({2, 2, 2}));
            }),
            "shape_error squareform: shape (2, 2, 2); expected (n (n - 1) / 2,) or (n, n)");
  EXPECT_EQ(error_of([] {
              squareform({{0., 1.}, {2., 0.}});
            }),
            "value_error squareform: the matrix of shape (2, 2) is not symmetric");
  EXPECT_EQ(error_of([] {
              squareform({{0., 1.}, {1., 5.}});
            }),
            "value_error squareform: the matrix of shape (2, 2) has a diagonal that is not zero");
}

TEST(distances_errors, of_results_that_nobody_can_count) {
  const array huge = broadcast_to(zeros({1, 1}), {std::int64_t{1} << 40, 1});
  EXPECT_EQ(error_of([&] { cdist(huge, huge); }),
            "value_error cdist: shape (1099511627776, 1099511627776) has more bytes than fit in 64 bits");
  EXPECT_EQ(error_of([&] { pdist(huge); }),
            "value_error pdist: 1099511627776 rows have more pairs than fit in 64 bits");
}

TEST(distances_errors, tell_the_callers_line) {
  try {
    cdist(x, zeros({5, 2}));
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.where().line(), static_cast<unsigned>(__LINE__ - 3));
  }
  try {
    cdist(x, y, {"cityblock", {.w = {{1., 1.}}}});
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.where().line(), static_cast<unsigned>(__LINE__ - 3));
  }
}
