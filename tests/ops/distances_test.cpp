// Distances and nearest rows against plain loops: shapes, batches, strides, dtypes, sizes of nothing, the two methods.
#include <algorithm>
#include <cmath>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

array rows(const shape& extents, std::uint64_t seed = 3) { return random::generator(seed).normal(extents); }

double at(const array& x, int i, int k) { return double(x(i, k)); }

/// Of two (n, d) arrays by the definition, in double.
std::vector<double> euclidean(const array& x, const array& y) {
  std::vector<double> result;
  for (int i = 0; i < x.shape()[0]; ++i) {
    for (int j = 0; j < y.shape()[0]; ++j) {
      double sum = 0;
      for (int k = 0; k < x.shape()[1]; ++k) sum += (at(x, i, k) - at(y, j, k)) * (at(x, i, k) - at(y, j, k));
      result.push_back(std::sqrt(sum));
    }
  }
  return result;
}

void expect_near(const array& got, const std::vector<double>& expected, double relative) {
  const std::vector<double> values = elements<double>(got.astype(float64));
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], relative * std::abs(expected[i]));
}

bool same_bits(const array& a, const array& b) { return array_equal(a, b, true); }

const char* const metrics[] = {"euclidean",     "sqeuclidean",  "cityblock",   "chebyshev",      "minkowski",
                               "seuclidean",    "mahalanobis",  "cosine",      "correlation",    "hamming",
                               "jaccard",       "canberra",     "braycurtis",  "jensenshannon",  "dice",
                               "russellrao",    "yule",         "sokalsneath", "rogerstanimoto", "hellinger",
                               "kl_divergence", "inner_product"};

}  // namespace

// ---- cdist

TEST(cdist, is_the_definition_at_every_size) {
  for (const int n : {1, 2, 5, 13, 33}) {
    for (const int d : {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 100}) {
      const array x = rows({n, d}), y = rows({n % 7 + 3, d}, 4);
      expect_near(cdist(x, y), euclidean(x, y), 1e-14);
      const array small_x = x.astype(float32), small_y = y.astype(float32);
      const array small = cdist(small_x, small_y);
      EXPECT_EQ(small.dtype(), float32);
      expect_near(small, euclidean(small_x, small_y), 8e-7);
    }
  }
}

TEST(cdist, keeps_its_digits_far_from_the_origin_and_between_near_rows) {
  const array x = array(rows({20, 30}) + 1e4).astype(float32), y = array(rows({25, 30}, 4) + 1e4).astype(float32);
  expect_near(cdist(x, y), euclidean(x, y), 8e-7);
  const array near = array(x * (1 + 1e-6)).astype(float32);
  expect_near(cdist(x, near), euclidean(x, near), 8e-7);
  EXPECT_EQ(double(sum(diagonal(cdist(x, x)))), 0);
}

TEST(cdist, broadcasts_the_axes_before_the_rows) {
  const array x = rows({3, 1, 4, 6}), y = rows({2, 5, 6}, 4);
  for (const char* by : metrics) {
    if (std::string(by) == "seuclidean" || std::string(by) == "mahalanobis") continue;  // parameters of all rows
    const array positive_x = abs(x), positive_y = abs(y), all_pairs = cdist(positive_x, positive_y, by);
    ASSERT_EQ(all_pairs.shape(), (shape{3, 2, 4, 5})) << by;
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 2; ++j)
        EXPECT_TRUE(same_bits(all_pairs(i, j), cdist(positive_x(i, 0), positive_y(j), by))) << by;
  }
}

TEST(cdist, reads_any_strides) {
  const array big = rows({14, 20});
  const array x = big(slice(none, none, -2), slice(19, none, -3)), y = big.T()(slice(0, 9), slice(7, 14));
  const array repeated = broadcast_to(rows({7}), {5, 7});
  for (const char* by : metrics) {
    const array a = std::string(by) == "mahalanobis" ? x(all, slice(0, 2)) : x;
    const array b = std::string(by) == "mahalanobis" ? y(all, slice(0, 2)) : y;
    EXPECT_TRUE(same_bits(cdist(a, b, by), cdist(a.copy(), b.copy(), by))) << by;
  }
  EXPECT_TRUE(same_bits(cdist(repeated, x), cdist(repeated.copy(), x)));
  array bytes = zeros({8 * 6 + 1}, uint8);
  array misaligned = bytes(slice(1, none)).view(float64);
  misaligned() = arange(6.0);
  const array pairs = reshape(misaligned, {3, 2});
  EXPECT_EQ(str(cdist(pairs, pairs, "cityblock")), "[[0. 4. 8.]\n [4. 0. 4.]\n [8. 4. 0.]]");
}

TEST(cdist, computes_small_floats_in_float32_and_all_else_in_float64) {
  const array x = reshape(arange(6), {3, 2});
  for (const dtype& type : {float16, bfloat16, float32})
    EXPECT_EQ(cdist(x.astype(type), x.astype(type)).dtype(), float32);
  for (const dtype& type : {bool_, int8, uint16, int32, int64, float64})
    EXPECT_EQ(cdist(x.astype(type), x).dtype(), float64);
  EXPECT_EQ(cdist(x.astype(float32), x.astype(float64)).dtype(), float64);
  EXPECT_EQ(cdist(x, x, "euclidean", {.dtype = float32}).dtype(), float32);
  EXPECT_EQ(cdist(x.astype(float32), x.astype(float32), "cosine", {.dtype = float64}).dtype(), float64);
  EXPECT_EQ(str(cdist(x.astype(int8), x.astype(uint8), "cityblock")), "[[0. 4. 8.]\n [4. 0. 4.]\n [8. 4. 0.]]");
  // Computed in float64 and cast.
  const array y = rows({5, 2});
  EXPECT_EQ(cdist(y.astype(float32), y.astype(float32), "mahalanobis").dtype(), float32);
  EXPECT_EQ(cdist(x.astype(uint8), x.astype(uint8), "bitwise_hamming", {.dtype = float32}).dtype(), float32);
}

TEST(cdist, takes_a_recipe_and_results_of_other_calls) {
  const array x = reshape(arange(6.0), {3, 2});
  EXPECT_EQ(str(cdist(x * 2, x + x)), str(cdist(array(x * 2), array(x * 2))));
  EXPECT_EQ(str(cdist(x, {{0., 0.}}, "cityblock")), "[[1.]\n [5.]\n [9.]]");
}

TEST(cdist, of_nothing_is_nothing_and_rows_without_coordinates_are_equal) {
  const array none_of_three = zeros({0, 3}), some = ones({4, 3}), bare = zeros({2, 0});
  for (const char* by : metrics) {
    if (std::string(by) == "mahalanobis") continue;
    EXPECT_EQ(cdist(none_of_three, some, by).shape(), (shape{0, 4})) << by;
    EXPECT_EQ(cdist(some, none_of_three, by).shape(), (shape{4, 0})) << by;
    EXPECT_EQ(cdist(zeros({0, 4, 3}), some, by).shape(), (shape{0, 4, 4})) << by;
    EXPECT_EQ(cdist(bare, zeros({3, 0}), by).shape(), (shape{2, 3})) << by;
  }
  EXPECT_EQ(str(cdist(bare, bare, "mahalanobis")), "[[0. 0.]\n [0. 0.]]");
  EXPECT_EQ(cdist(bare, zeros({3, 0}), {"mahalanobis", {.VI = {zeros({0, 0})}}}).shape(), (shape{2, 3}));
  EXPECT_EQ(str(cdist(bare, bare)), "[[0. 0.]\n [0. 0.]]");
  EXPECT_EQ(str(cdist(bare, bare, "hamming")), "[[nan nan]\n [nan nan]]");
}

TEST(cdist, expanded_is_near_for_rows_near_the_origin) {
  const array x = rows({9, 20}), y = rows({11, 20}, 4);
  expect_near(cdist(x, y, "euclidean", {.method = "expanded"}), euclidean(x, y), 1e-12);
  expect_near(array(sqrt(cdist(x, y, "sqeuclidean", {.method = "expanded"}))), euclidean(x, y), 1e-12);
  const array V = arange(1., 21.);
  const metric by("seuclidean", {.V = {V}});
  expect_near(cdist(x, y, by, {.method = "expanded"}), elements<double>(cdist(x, y, by)), 1e-12);
  const metric weighted("sqeuclidean", {.w = {V}});
  expect_near(cdist(x, y, weighted, {.method = "expanded"}), elements<double>(cdist(x, y, weighted)), 1e-12);
  const array far = x + 1e8;  // all digits are lost, and the root of what is left is a number
  EXPECT_TRUE(bool(all(isfinite(cdist(far, far, "euclidean", {.method = "expanded"})))));
}

TEST(cdist, knows_metrics_by_their_other_names) {
  const array x = abs(rows({4, 3}));
  for (const auto& [other, name] : std::vector<std::pair<const char*, const char*>>{{"l1", "cityblock"},
                                                                                    {"manhattan", "cityblock"},
                                                                                    {"l2", "euclidean"},
                                                                                    {"cos", "cosine"},
                                                                                    {"js", "jensenshannon"}}) {
    EXPECT_TRUE(same_bits(cdist(x, x, other), cdist(x, x, name))) << other;
  }
}

TEST(cdist, jensenshannon_of_nearly_equal_rows_keeps_its_digits) {
  for (const double e :
       {1e-3, 1e-6, 1e-9}) {  // of (1 + e, 1 - e) / 2 and (1, 1) / 2: e / (2 sqrt(2)) and less than e^3
    const double expected = e / std::sqrt(8.0);
    EXPECT_NEAR(double(cdist({{1 + e, 1 - e}}, {{1., 1.}}, "jensenshannon")(0, 0)), expected, expected * 1e-6);
  }
}

// ---- pdist

TEST(pdist, is_the_part_of_cdist_above_the_diagonal) {
  for (const char* by : metrics) {
    const array x = abs(rows({7, 3})), pairs = pdist(x, by);
    const metric_options parameters = std::string(by) == "seuclidean"    ? metric_options{.V = {var(x, 0, {.ddof = 1})}}
                                      : std::string(by) == "mahalanobis" ? metric_options{.VI = {eye(3)}}
                                                                         : metric_options{};
    const array square = cdist(x, x, {by, parameters}), same = pdist(x, {by, parameters});
    ASSERT_EQ(pairs.shape(), (shape{21})) << by;
    for (int i = 0, place = 0; i < 7; ++i)
      for (int j = i + 1; j < 7; ++j, ++place) EXPECT_TRUE(same_bits(same(place), square(i, j))) << by << i << j;
    EXPECT_EQ(same_bits(pairs, same), std::string(by) != "mahalanobis") << by;
  }
}

TEST(pdist, of_a_batch_treats_each_set_of_rows_alone) {
  const array x = rows({2, 3, 5, 4});
  const array pairs = pdist(x, "cityblock");
  ASSERT_EQ(pairs.shape(), (shape{2, 3, 10}));
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) EXPECT_TRUE(same_bits(pairs(i, j), pdist(x(i, j), "cityblock")));
}

TEST(pdist, of_fewer_than_two_rows_is_empty) {
  EXPECT_EQ(pdist(zeros({0, 3})).shape(), (shape{0}));
  EXPECT_EQ(pdist(zeros({1, 3})).shape(), (shape{0}));
  EXPECT_EQ(pdist(zeros({4, 1, 3})).shape(), (shape{4, 0}));
}

// ---- nearest

namespace {

/// The k first of a row by (distance, index), NaN last.
std::vector<std::int64_t> first_of(const std::vector<double>& distances, std::int64_t k, std::int64_t left_out = -1) {
  std::vector<std::int64_t> order;
  for (std::int64_t j = 0; j < static_cast<std::int64_t>(distances.size()); ++j)
    if (j != left_out) order.push_back(j);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) {
    const double a = distances[static_cast<std::size_t>(i)], b = distances[static_cast<std::size_t>(j)];
    return std::isnan(b) ? !std::isnan(a) : a < b;
  });
  order.resize(static_cast<std::size_t>(k));
  return order;
}

void expect_nearest(const array& x, const array& y, const metric& by, std::int64_t k, bool exclude_self) {
  const auto [distances, indices] = nearest(x, y, k, {.metric = by, .exclude_self = exclude_self});
  const array square = cdist(x, y, by);
  ASSERT_EQ(indices.shape(), (shape{x.shape()[0], k}));
  const bool largest = by.name() == "inner_product";
  for (std::int64_t i = 0; i < x.shape()[0]; ++i) {
    const array row = square(i);
    const list expected =
        first_of(elements<double>(array(largest ? -row : row + 0.0).astype(float64)), k, exclude_self ? i : -1);
    EXPECT_EQ(ints(indices(i)), expected) << by.name() << " k " << k << " row " << i;
    EXPECT_TRUE(same_bits(distances(i), take(row, array(indices(i))))) << by.name() << " k " << k << " row " << i;
  }
}

}  // namespace

TEST(nearest, are_the_first_of_each_row_ties_in_order_of_their_indices) {
  const array few_values = random::generator(5).integers(0, 3, {60, 4}).astype(float64);
  for (const std::int64_t k : {1, 2, 10, 16, 17, 60}) {
    expect_nearest(few_values(slice(0, 9)), few_values, "euclidean", k, false);
    expect_nearest(few_values(slice(0, 9)).astype(float32), few_values.astype(float32), "cityblock", k, false);
    if (k < 60) expect_nearest(few_values, few_values, "sqeuclidean", k, true);
  }
  for (const char* by : metrics) {
    if (std::string(by) != "seuclidean" && std::string(by) != "mahalanobis")
      expect_nearest(abs(rows({6, 5})), abs(rows({40, 5}, 4)), by, 7, false);
  }
}

TEST(nearest, puts_nan_last_and_infinity_before_it) {
  const array points = {{1., 0.}, {NAN, 0.}, {INFINITY, 0.}, {0., 0.}, {0., NAN}};
  const auto [distances, indices] = nearest({{0., 0.}}, points, 5, {.metric = "cityblock"});
  EXPECT_EQ(ints(indices(0)), (list{3, 0, 2, 1, 4}));
  EXPECT_EQ(str(distances), "[[ 0.  1. inf nan nan]]");
}

TEST(nearest, of_a_batch_and_of_nothing) {
  const array x = rows({2, 1, 4, 3}), y = rows({3, 8, 3}, 4);
  const auto [distances, indices] = nearest(x, y, 2);
  ASSERT_EQ(indices.shape(), (shape{2, 3, 4, 2}));
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) EXPECT_TRUE(same_bits(indices(i, j), nearest(x(i, 0), y(j), 2).indices));
  EXPECT_EQ(nearest(zeros({0, 3}), y(0), 2).indices.shape(), (shape{0, 2}));
  EXPECT_EQ(nearest(x(0, 0), zeros({0, 3}), 0).distances.shape(), (shape{4, 0}));
  EXPECT_EQ(nearest(x(0, 0), y(0), 0).indices.dtype(), int64);
  EXPECT_EQ(str(nearest(zeros({1, 0}), zeros({3, 0}), 2).indices), "[[0 1]]");
}
