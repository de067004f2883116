// What is made of distances in blocks: progress and its end, neighbours within a radius, reductions, square forms.
#include <algorithm>
#include <cmath>
#include <map>

#include "ops/elements.hpp"

using namespace tessera;

namespace {

array rows(const shape& extents, std::uint64_t seed = 3) { return random::generator(seed).normal(extents); }

bool same_bits(const array& a, const array& b) { return array_equal(a, b, true); }

/// Notes what a progress function is told; ends the call after `last`.
struct notes {
  std::vector<std::pair<std::int64_t, std::int64_t>> told;
  std::int64_t last = 1 << 30;
  progress_function function() {
    return [this](std::int64_t done, std::int64_t of) {
      told.emplace_back(done, of);
      return done < last;
    };
  }
  void expect_every_block() const {
    ASSERT_FALSE(told.empty());
    const std::int64_t of = told[0].second;
    ASSERT_EQ(told.size(), static_cast<std::size_t>(of + 1));
    for (std::int64_t i = 0; i <= of; ++i) EXPECT_EQ(told[static_cast<std::size_t>(i)], std::make_pair(i, of));
  }
};

/// So much work that it is cut: minkowski's powers count for many terms.
const metric slow("minkowski", {.p = 1.5});
array slow_rows() { return rows({300, 700}).astype(float32); }

}  // namespace

// ---- progress

TEST(progress, is_told_of_every_block_and_changes_no_bit) {
  const array x = slow_rows(), y = rows({400, 700}, 4).astype(float32);
  notes of_cdist, of_pdist, of_nearest;
  EXPECT_TRUE(same_bits(cdist(x, y, slow, {.progress = of_cdist.function()}), cdist(x, y, slow)));
  EXPECT_TRUE(same_bits(pdist(x, slow, {.progress = of_pdist.function()}), pdist(x, slow)));
  const nearest_result told =
      nearest(x, x, 3, {.metric = slow, .exclude_self = true, .progress = of_nearest.function()});
  const nearest_result untold = nearest(x, x, 3, {.metric = slow, .exclude_self = true});
  EXPECT_TRUE(same_bits(told.indices, untold.indices) && same_bits(told.distances, untold.distances));
  for (const notes* noted : {&of_cdist, &of_pdist, &of_nearest}) {
    noted->expect_every_block();
    EXPECT_GT(noted->told.size(), 3u);
  }
}

TEST(progress, cuts_batches_too) {
  for (const shape& batch : {shape{40}, shape{2, 20}, shape{75, 1}}) {
    shape x_shape = batch, y_shape = batch;
    for (const std::int64_t extent : {std::int64_t{60}, std::int64_t{200}}) {
      x_shape.push_back(extent);
      y_shape.push_back(extent);
    }
    const array x = rows(x_shape).astype(float32), y = rows(y_shape, 4).astype(float32);
    notes noted;
    EXPECT_TRUE(same_bits(cdist(x, y, slow, {.progress = noted.function()}), cdist(x, y, slow)));
    noted.expect_every_block();
    notes of_pdist;
    EXPECT_TRUE(same_bits(pdist(x, slow, {.progress = of_pdist.function()}), pdist(x, slow)));
    of_pdist.expect_every_block();
  }
}

TEST(progress, ends_a_call_that_then_says_how_far_it_was) {
  const array x = slow_rows();
  const auto text_of = [](auto&& call) {
    try {
      call();
    } catch (const cancelled& e) {
      EXPECT_NE(e.where().line(), 0u);
      return std::string(e.what());
    }
    return std::string("not cancelled");
  };
  notes all;
  cdist(x, x, slow, {.progress = all.function()});
  const std::string of = std::to_string(all.told[0].second);
  notes two{.told = {}, .last = 2}, none{.told = {}, .last = 0};
  EXPECT_EQ(text_of([&] { cdist(x, x, slow, {.progress = two.function()}); }),
            "cdist: cancelled after 2 of " + of + " blocks");
  EXPECT_EQ(two.told.size(), 3u);
  EXPECT_EQ(text_of([&] { cdist(x, x, slow, {.progress = none.function()}); }),
            "cdist: cancelled after 0 of " + of + " blocks");
  const auto once = [](std::int64_t, std::int64_t) { return false; };
  EXPECT_EQ(text_of([&] { nearest(x, x, 2, {.progress = once}); }).substr(0, 28), "nearest: cancelled after 0 o");
  EXPECT_EQ(text_of([&] { pdist(x, "cosine", {.progress = once}); }).substr(0, 26), "pdist: cancelled after 0 o");
  EXPECT_EQ(text_of([&] { radius_neighbors(x, x, 1, {.progress = once}); }).substr(0, 38),
            "radius_neighbors: cancelled after 0 of");
  EXPECT_EQ(text_of([&] { pairwise_reduce(x, x, "cosine", "sum", {.progress = once}); }).substr(0, 37),
            "pairwise_reduce: cancelled after 0 of");
}

TEST(progress, passes_on_what_the_function_throws) {
  const array x = rows({4, 3});
  EXPECT_THROW(cdist(x, x, "euclidean", {.progress = [](std::int64_t, std::int64_t) -> bool { throw 7; }}), int);
  std::int64_t calls = 0;
  cdist(x, x, "euclidean", {.progress = [&](std::int64_t, std::int64_t) { ++calls; }});  // void goes on
  EXPECT_EQ(calls, 2);
}

// ---- radius_neighbors

namespace {

void expect_within(const array& x, const array& y, double radius, const metric& by, bool exclude_self) {
  const radius_result found = radius_neighbors(x, y, radius, {.metric = by, .exclude_self = exclude_self});
  const array square = cdist(x, y, by);
  const std::vector<double> all = elements<double>(square.astype(float64));
  list offsets = {0}, indices;
  std::vector<double> distances;
  const std::int64_t n = x.shape()[0], m = y.shape()[0];
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < m; ++j) {
      const double distance = all[static_cast<std::size_t>(i * m + j)];
      if ((exclude_self && i == j) || !(by.name() == "inner_product" ? distance >= radius : distance <= radius))
        continue;
      indices.push_back(j);
      distances.push_back(distance);
    }
    offsets.push_back(static_cast<std::int64_t>(indices.size()));
  }
  EXPECT_EQ(ints(found.offsets), offsets);
  EXPECT_EQ(ints(found.indices), indices);
  EXPECT_EQ(elements<double>(found.distances.astype(float64)), distances);
  EXPECT_EQ(found.distances.dtype(), square.dtype());
}

}  // namespace

TEST(radius_neighbors, are_all_within_the_radius_in_order_of_their_indices) {
  const array x = rows({50, 4}), y = rows({70, 4}, 4);
  for (const double radius : {0.0, 1.0, 2.5, 100.0, -1.0, HUGE_VAL}) {
    expect_within(x, y, radius, "euclidean", false);
    expect_within(x, x, radius, "cityblock", true);
    expect_within(x, y, radius, "inner_product", false);
  }
  expect_within(x.astype(float32), y.astype(float32), 2.5, "chebyshev", false);
}

TEST(radius_neighbors, of_more_points_than_a_block_has_columns) {
  const array y = rows({9001, 2}), x = y(slice(4000, 4200));
  expect_within(x, y, 0.05, "euclidean", false);
  expect_within(y(slice(0, 600)), y, 0.05, "euclidean", true);
  expect_within(x, y, 0.0, "euclidean", false);
}

TEST(radius_neighbors, of_nothing_and_of_nan) {
  const radius_result none = radius_neighbors(zeros({0, 3}), zeros({4, 3}), 1);
  EXPECT_EQ(ints(none.offsets), (list{0}));
  EXPECT_EQ(none.indices.shape(), (shape{0}));
  EXPECT_EQ(ints(radius_neighbors(zeros({2, 3}), zeros({0, 3}), 1).offsets), (list{0, 0, 0}));
  const array x = {{0., NAN}, {0., 0.}};
  EXPECT_EQ(ints(radius_neighbors(x, x, HUGE_VAL).offsets), (list{0, 0, 1}));
}

// ---- pairwise_reduce, for_each_row_block

TEST(pairwise_reduce, is_the_reduced_row_of_the_matrix) {
  for (const std::int64_t m : {1, 7, 4096, 4097, 10000}) {
    const array x = rows({33, 3}), y = rows({m, 3}, 4);
    const std::vector<double> all = elements<double>(cdist(x, y));
    std::map<std::string, std::vector<double>> expected;
    for (std::int64_t i = 0; i < 33; ++i) {
      double sum = 0, smallest = HUGE_VAL, largest = 0, below = 0, gaussian = 0;
      for (std::int64_t j = 0; j < m; ++j) {
        const double d = all[static_cast<std::size_t>(i * m + j)];
        sum += d;
        smallest = std::min(smallest, d);
        largest = std::max(largest, d);
        below += d < 1.5;
        gaussian += std::exp(-d * d / (2 * 1.5 * 1.5));
      }
      for (const auto& [name, value] : std::map<std::string, double>{{"sum", sum},
                                                                     {"mean", sum / static_cast<double>(m)},
                                                                     {"min", smallest},
                                                                     {"max", largest},
                                                                     {"count_below", below},
                                                                     {"gaussian", gaussian}})
        expected[name].push_back(value);
    }
    for (const auto& [name, values] : expected) {
      const array got = pairwise_reduce(x, y, "euclidean", {name, 1.5});
      EXPECT_EQ(got.dtype(), name == "count_below" ? int64 : float64);
      const std::vector<double> found = elements<double>(got.astype(float64));
      ASSERT_EQ(found.size(), values.size());
      for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(found[i], values[i], 1e-12 * values[i]) << name << m;
    }
  }
}

TEST(pairwise_reduce, of_a_row_does_not_depend_on_the_other_rows) {
  const array x = rows({3000, 5}).astype(float32), y = rows({5000, 5}, 4).astype(float32);
  for (const char* name : {"sum", "mean", "min", "max", "count_below", "gaussian"}) {
    const array whole = pairwise_reduce(x, y, "cityblock", name);
    for (const int i : {0, 1, 127, 128, 2999})
      EXPECT_TRUE(same_bits(pairwise_reduce(x(slice(i, i + 1)), y, "cityblock", name)(0), whole(i))) << name << i;
  }
}

TEST(pairwise_reduce, of_a_batch_and_of_nothing) {
  const array x = rows({2, 1, 40, 3}), y = rows({3, 50, 3}, 4), sums = pairwise_reduce(x, y, "cityblock", "sum");
  ASSERT_EQ(sums.shape(), (shape{2, 3, 40}));
  EXPECT_TRUE(allclose(sums, sum(cdist(x, y, "cityblock"), -1), {.rtol = 1e-13}));
  const array many = rows({9000, 4, 3});
  EXPECT_TRUE(same_bits(pairwise_reduce(many, many, "cityblock", "max"), max(cdist(many, many, "cityblock"), -1)));
  EXPECT_EQ(str(pairwise_reduce(zeros({2, 3}), zeros({0, 3}), "euclidean", "sum")), "[0. 0.]");
  EXPECT_EQ(str(pairwise_reduce(zeros({2, 3}), zeros({0, 3}), "euclidean", "mean")), "[nan nan]");
  EXPECT_EQ(pairwise_reduce(zeros({0, 3}), zeros({4, 3}), "euclidean", "count_below").dtype(), int64);
  EXPECT_EQ(pairwise_reduce(x.astype(float32), y.astype(float32), "euclidean", "sum").dtype(), float32);
}

TEST(for_each_row_block, hands_over_all_rows_in_order) {
  const array x = rows({500, 3}), y = rows({7000, 3}, 4), square = cdist(x, y, "chebyshev");
  std::int64_t next = 0, blocks = 0;
  notes noted;
  for_each_row_block(x, y, "chebyshev",
                     [&](std::int64_t first, const array& block) {
                       EXPECT_EQ(first, next);
                       next += block.shape()[0];
                       EXPECT_TRUE(same_bits(block, square(slice(first, next))));
                       ++blocks;
                     },
                     {.progress = noted.function()});
  EXPECT_EQ(next, 500);
  EXPECT_GT(blocks, 3);
  noted.expect_every_block();
  for_each_row_block(zeros({0, 3}), y, "euclidean", [&](std::int64_t, const array&) { FAIL(); });
  for_each_row_block(x, zeros({0, 3}), "euclidean", [&](std::int64_t first, const array& block) {
    EXPECT_EQ(first, 0);
    EXPECT_EQ(block.shape(), (shape{500, 0}));
  });
}

// ---- squareform

TEST(squareform, is_a_matrix_of_pairs_and_back) {
  const array pairs = {1., -2., 3., 4., 5., INFINITY};
  const array square = squareform(pairs);
  EXPECT_EQ(str(square), "[[ 0.  1. -2.  3.]\n [ 1.  0.  4.  5.]\n [-2.  4.  0. inf]\n [ 3.  5. inf  0.]]");
  EXPECT_TRUE(same_bits(squareform(square), pairs));
  EXPECT_TRUE(same_bits(squareform(square.T()), pairs));
  EXPECT_EQ(squareform(arange(3, int16)).dtype(), int16);
  EXPECT_TRUE(same_bits(squareform(pdist(rows({30, 2}))), cdist(rows({30, 2}), rows({30, 2}))));
}

TEST(squareform, of_no_pairs_is_one_row) {
  EXPECT_EQ(str(squareform(zeros({0}))), "[[0.]]");
  EXPECT_EQ(squareform(zeros({1, 1})).shape(), (shape{0}));
  EXPECT_EQ(squareform(zeros({0, 0})).shape(), (shape{0}));
  EXPECT_EQ(str(squareform({7.})), "[[0. 7.]\n [7. 0.]]");
}
