// Nearest rows against a stable sort of all distances, computed by nested loops: sizes around tiles, ties, NaN,
// layouts, threads. Coordinates are small integers, so that distances are exact and many are equal.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/kernels/nearest_shortlist.hpp"
#include "cpu/nearest.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

struct sizes {
  std::int64_t n, m, d, k;
  std::int64_t batches = 1;
};

template <class T> struct example {
  explicit example(const sizes& s, layout how = layout::contiguous, int values = 3)
      : of(s),
        x({s.batches, s.n, s.d}, how, type()),
        y({s.batches, s.m, s.d}, how, type()),
        distances({s.batches, s.n, s.k}, how, type()),
        indices({s.batches, s.n, s.k}, how, int64) {
    std::mt19937 random(static_cast<unsigned>(s.n + 31 * s.m + 997 * s.d));
    const auto value = [&](std::int64_t) { return static_cast<T>(random() % static_cast<unsigned>(values)); };
    x.fill(value);
    y.fill(value);
  }
  static dtype type() { return sizeof(T) == 4 ? float32 : float64; }

  double distance(std::int64_t b, std::int64_t i, std::int64_t j) const {
    T sum = 0, largest = 0, product = 0;
    for (std::int64_t k = 0; k < of.d; ++k) {
      const T p = x.get((b * of.n + i) * of.d + k), q = y.get((b * of.m + j) * of.d + k), difference = std::abs(p - q);
      product += p * q;
      sum += what == metric_code::cityblock ? difference : difference * difference;
      largest = difference > largest || difference != difference ? difference : largest;
    }
    if (what == metric_code::chebyshev) return largest;
    if (what == metric_code::inner_product) return product;
    return what == metric_code::euclidean ? std::sqrt(sum) : sum;
  }

  void run() {
    nearest_plan plan;
    plan.of.what = what;
    plan.of.type = plan.of.result = type();
    plan.of.batch = {of.batches};
    plan.of.n = of.n;
    plan.of.m = of.m;
    plan.of.d = of.d;
    plan.of.x = {x.view()};
    plan.of.y = {y.view()};
    plan.k = of.k;
    plan.largest_first = largest_first;
    plan.exclude_self = exclude_self;
    plan.of.first_row = first_row;
    plan.distances = distances.view();
    plan.indices = indices.view();
    distances.fill([](std::int64_t) { return T(-77); });
    indices.fill([](std::int64_t) { return std::int64_t{-77}; });
    cpu::nearest(plan);
  }

  void expect_nearest() {
    run();
    for (std::int64_t row = 0; row < of.batches * of.n; ++row) {
      std::vector<std::pair<double, std::int64_t>> all;
      for (std::int64_t j = 0; j < of.m; ++j) {
        if (exclude_self && j == row % of.n + first_row) continue;
        all.emplace_back(distance(row / of.n, row % of.n, j), j);
      }
      std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
        if (std::isnan(a.first) || std::isnan(b.first)) return std::isnan(b.first) && !std::isnan(a.first);
        return largest_first ? a.first > b.first : a.first < b.first;
      });
      for (std::int64_t i = 0; i < of.k; ++i) {
        const auto [expected, index] = all[static_cast<std::size_t>(i)];
        const double found = distances.get(row * of.k + i);
        ASSERT_EQ(indices.get(row * of.k + i), index) << "row " << row << ", place " << i << where();
        ASSERT_TRUE(found == expected || (std::isnan(found) && std::isnan(expected)))
            << found << " is not " << expected << " in row " << row << ", place " << i << where();
      }
    }
  }
  std::string where() const {
    return " of n " + std::to_string(of.n) + ", m " + std::to_string(of.m) + ", d " + std::to_string(of.d) + ", k " +
           std::to_string(of.k) + ", " + name_of(what);
  }
  std::vector<T> found() const {
    std::vector<T> all;
    for (std::int64_t i = 0; i < distances.size(); ++i) all.push_back(distances.get(i));
    return all;
  }
  std::vector<std::int64_t> found_indices() const {
    std::vector<std::int64_t> all;
    for (std::int64_t i = 0; i < indices.size(); ++i) all.push_back(indices.get(i));
    return all;
  }

  sizes of;
  operand_of<T> x, y, distances;
  operand_of<std::int64_t> indices;
  metric_code what = metric_code::euclidean;
  bool largest_first = false, exclude_self = false;
  std::int64_t first_row = 0;
};

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

TEST(nearest, of_points_around_the_edges_of_tiles) {
  for (const std::int64_t m : {1, 2, 7, 11, 12, 13, 23, 24, 25, 47, 48, 49, 95, 96, 97, 333}) {
    for (const std::int64_t k : {std::int64_t{1}, std::int64_t{2}, std::int64_t{10}, m / 2, m - 1, m}) {
      if (k < 1 || k > m) continue;
      example<float>({5, m, 3, k}).expect_nearest();
      example<double>({5, m, 3, k}).expect_nearest();
    }
  }
}

TEST(nearest, of_queries_around_the_edges_of_tiles) {
  for (const std::int64_t n : {1, 2, 3, 4, 5, 7, 8, 9, 95, 96, 97, 200}) {
    example<float>({n, 60, 4, 3}).expect_nearest();
    example<double>({n, 60, 4, 3}).expect_nearest();
  }
}

TEST(nearest, of_any_number_of_coordinates) {
  for (const std::int64_t d : {0, 1, 2, 3, 16, 127, 128, 129, 300}) {
    example<float>({9, 70, d, 11}).expect_nearest();
    example<double>({9, 70, d, 11}).expect_nearest();
  }
}

TEST(nearest, of_more_coordinates_than_a_call_of_the_kernel_takes) {
  for (const std::int64_t d : {16384, 16385, 40000}) {
    example<float>({6, 30, d, 4}).expect_nearest();
    example<double>({3, 13, d, 13}).expect_nearest();
  }
}

TEST(nearest, of_any_k) {
  for (const std::int64_t k : {1, 2, 10, 16, 17, 24, 25, 32, 33, 100, 999, 1000}) {
    example<float>({6, 1000, 5, k}).expect_nearest();
    example<double>({6, 1000, 5, k}).expect_nearest();
  }
}

TEST(nearest, by_each_metric_whose_distances_are_exact) {
  using enum metric_code;
  for (const metric_code what : {euclidean, sqeuclidean, cityblock, chebyshev, inner_product}) {
    for (const std::int64_t k : {1, 7, 40}) {
      example<float> single({10, 150, 6, k});
      single.what = what;
      single.expect_nearest();
      example<double> twice({10, 150, 6, k});
      twice.what = what;
      twice.expect_nearest();
    }
  }
}

TEST(nearest, with_the_largest_first) {
  using enum metric_code;
  for (const metric_code what : {inner_product, euclidean, cityblock}) {
    for (const std::int64_t k : {1, 9, 200}) {
      example<float> e({10, 200, 6, k});
      e.x.set(3, -2);
      e.y.set(8, -5);
      e.y.set(14, static_cast<float>(nan));
      e.what = what;
      e.largest_first = true;
      e.expect_nearest();
    }
  }
}

TEST(nearest, of_points_that_come_nearer_and_nearer) {
  for (const std::int64_t k : {1, 10, 30}) {
    example<float> e({7, 3000, 1, k});
    e.y.fill([](std::int64_t j) { return static_cast<float>(4000 - j / 2); });
    e.expect_nearest();
  }
}

TEST(nearest, of_equal_points_are_the_first) {
  for (const std::int64_t k : {1, 5, 100, 2000}) {
    example<double> e({5, 2000, 3, k}, layout::contiguous, 1);
    e.expect_nearest();
    EXPECT_EQ(e.indices.get(0), 0);
  }
}

TEST(nearest, has_nan_behind_infinity_behind_all_numbers) {
  for (const std::int64_t k : {1, 3, 50, 97, 120}) {
    example<float> e({6, 120, 2, k});
    for (std::int64_t j = 0; j < 120; ++j) {
      if (j % 3 == 0) e.y.set(2 * j, static_cast<float>(nan));
      if (j % 5 == 1) e.y.set(2 * j + 1, static_cast<float>(j % 2 ? infinity : -infinity));
    }
    e.x.set(4, static_cast<float>(infinity));  // infinity less infinity is NaN
    e.x.set(7, static_cast<float>(nan));
    for (const metric_code what : {metric_code::euclidean, metric_code::sqeuclidean}) {
      e.what = what;
      e.expect_nearest();
    }
  }
}

// The roots of neighbouring squares are one number: which point is nearer is decided by the indices.
TEST(nearest, compares_distances_as_they_are_returned) {
  example<float> e({1, 400, 2, 60});
  e.x.fill([](std::int64_t) { return 0.0F; });
  for (std::int64_t j = 0; j < 400; ++j) {
    e.y.set(2 * j, 1);
    e.y.set(2 * j + 1, std::sqrt(static_cast<float>((400 - j) % 11) * 0x1p-23F));  // the square: 1 and some last places
  }
  for (const std::int64_t j : {5, 90, 200, 399}) e.y.set(2 * j, 1e-30F);  // whose squares are 0
  for (const std::int64_t j : {7, 91, 201, 398}) e.y.set(2 * j, 3e-23F);  // and nearly 0
  for (const std::int64_t j : {8, 92, 202, 397}) e.y.set(2 * j, 1e30F);   // and infinity
  for (const std::int64_t k : {1, 3, 7, 20, 60, 150, 399}) {
    example<float> fewer({1, 400, 2, k});
    fewer.x = e.x;
    fewer.y = e.y;
    fewer.expect_nearest();
  }
}

TEST(nearest, leaves_out_the_query_itself) {
  for (const std::int64_t first_row : {0, 1, 17, 39}) {
    for (const std::int64_t k : {1, 24, 59}) {
      example<float> e({20, 60, 3, k});
      e.exclude_self = true;
      e.first_row = first_row;
      e.expect_nearest();
    }
  }
}

TEST(nearest, of_operands_in_any_layout) {
  for (const layout how :
       {layout::contiguous, layout::reversed, layout::strided, layout::transposed, layout::misaligned}) {
    example<float>({13, 100, 5, 12, 3}, how).expect_nearest();
    example<double>({13, 100, 5, 12, 3}, how).expect_nearest();
  }
}

// Enough points and coordinates for shortlists by 16-bit integers.
example<float> large(std::int64_t k, double scale, double offset, double spread = 0) {
  example<float> e({520, 16500, 33, k});
  std::mt19937 random(static_cast<unsigned>(k));
  std::normal_distribution<double> normal;
  for (operand_of<float>* x : {&e.x, &e.y}) {
    double middle = 0;
    x->fill([&](std::int64_t i) {
      if (i % 33 == 0) middle = normal(random) * spread;
      return static_cast<float>(offset + scale * (middle + normal(random)));
    });
  }
  return e;
}

/// Sums in the kernel's order: one after the other, each product and sum rounded once.
void expect_nearest_by_fma(example<float>& e) {
  if (!cpu::find_shortlist()) GTEST_SKIP() << "products are rounded on their own on this machine";
  const int before = cpu::thread_count();
  cpu::set_thread_count(3);  // points in parts
  e.run();
  const std::vector<std::int64_t> indices = e.found_indices();
  cpu::set_thread_count(1);
  e.run();
  cpu::set_thread_count(before);
  EXPECT_EQ(e.found_indices(), indices);
  for (std::int64_t row = 0; row < e.of.n; row += 34) {
    std::vector<std::pair<float, std::int64_t>> all;
    for (std::int64_t j = 0; j < e.of.m; ++j) {
      float sum = 0;
      for (std::int64_t k = 0; k < e.of.d; ++k) {
        const float difference = e.x.get(row * e.of.d + k) - e.y.get(j * e.of.d + k);
        sum = std::fma(difference, difference, sum);
      }
      if (!e.exclude_self || j != row + e.first_row) all.emplace_back(std::sqrt(sum), j);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      if (std::isnan(a.first) || std::isnan(b.first)) return std::isnan(b.first) && !std::isnan(a.first);
      return a.first < b.first;
    });
    for (std::int64_t i = 0; i < e.of.k; ++i) {
      const auto [expected, index] = all[static_cast<std::size_t>(i)];
      ASSERT_EQ(e.indices.get(row * e.of.k + i), index) << "row " << row << ", place " << i << e.where();
      const float found = e.distances.get(row * e.of.k + i);
      ASSERT_TRUE(found == expected || (std::isnan(found) && std::isnan(expected))) << "row " << row << e.where();
    }
  }
}

TEST(nearest, of_many_points_with_many_coordinates) {
  for (const std::int64_t k : {1, 10, 64, 65}) {
    example<float> e = large(k, 1, 0);
    expect_nearest_by_fma(e);
  }
  for (const double scale : {1e-20, 1e-9, 1e17}) {
    example<float> e = large(10, scale, 0);
    expect_nearest_by_fma(e);
  }
}

TEST(nearest, of_many_points_far_from_the_origin_or_one_far_from_the_others) {
  for (const double distance : {30.0, 100.0, 300.0, 1e4}) {  // rounding to integers gets coarser
    example<float> one = large(10, 1, 0);
    one.y.set(33 * 16499, static_cast<float>(distance));
    expect_nearest_by_fma(one);
  }
  example<float> far = large(10, 1, 1e4), groups = large(10, 1e-4, 0, 1e4);
  expect_nearest_by_fma(far);
  expect_nearest_by_fma(groups);
}

TEST(nearest, of_many_points_with_queries_among_and_outside_of_them) {
  example<float> e = large(10, 1, 0);
  for (std::int64_t i = 0; i < 520 * 33; ++i) {
    if (i / 33 % 3 == 0) e.x.set(i, e.y.get(i + 33 * 40));       // the same row
    if (i / 33 == 34) e.x.set(i, 1e4F);                          // outside
    if (i / 33 == 51) e.x.set(i, static_cast<float>(infinity));  // no distance from anywhere
    if (i / 33 == 68 && i % 33 == 7) e.x.set(i, static_cast<float>(nan));
  }
  e.exclude_self = true;
  e.first_row = 40;
  expect_nearest_by_fma(e);
}

TEST(nearest, of_many_points_of_which_some_are_equal_or_no_numbers) {
  example<float> twice = large(10, 1, 0);
  for (std::int64_t i = 0; i < 8000 * 33; ++i) twice.y.set(i + 8000 * 33, twice.y.get(i));
  expect_nearest_by_fma(twice);
  example<float> same = large(10, 1, 0);
  same.y.fill([](std::int64_t i) { return static_cast<float>(i % 33); });
  expect_nearest_by_fma(same);
  same.y.set(33 * 5000, 40);
  expect_nearest_by_fma(same);
  example<float> none = large(10, 1, 0);
  none.y.set(33 * 4000 + 1, static_cast<float>(nan));
  expect_nearest_by_fma(none);
  example<float> ties({520, 16390, 32, 10});  // small integers
  expect_nearest_by_fma(ties);
}

TEST(nearest, of_many_small_batches) {
  example<float>({3, 5, 2, 2, 500}).expect_nearest();
  example<double>({1, 26, 3, 1, 40}).expect_nearest();
}

template <class T> void expect_equal_bits(example<T> e) {
  const int before = cpu::thread_count();
  cpu::set_thread_count(1);
  e.run();
  const std::vector<T> distances = e.found();
  const std::vector<std::int64_t> indices = e.found_indices();
  for (const int threads : {2, 3, 7}) {
    cpu::set_thread_count(threads);
    e.run();
    EXPECT_EQ(e.found(), distances) << threads << " threads" << e.where();
    EXPECT_EQ(e.found_indices(), indices) << threads << " threads" << e.where();
  }
  cpu::set_thread_count(before);
}

TEST(nearest, has_the_same_bits_with_any_number_of_threads) {
  for (const std::int64_t n : {1, 3, 150, 1000}) {
    for (const std::int64_t k : {1, 10, 200}) {
      example<float> e({n, 30000 / (n > 3 ? 10 : 1), 7, k}, layout::contiguous, 4);
      expect_equal_bits(e);
      std::mt19937 random(5);
      for (operand_of<float>* x : {&e.x, &e.y})
        x->fill([&](std::int64_t) { return static_cast<float>(random()) * 1e-9F; });
      expect_equal_bits(e);
    }
  }
}

TEST(nearest, of_few_queries_in_many_points_cut_into_parts) {
  const int before = cpu::thread_count();
  for (const int threads : {2, 7}) {
    cpu::set_thread_count(threads);
    for (const std::int64_t n : {1, 5}) {
      for (const std::int64_t k : {1, 10, 300}) {
        example<float> e({n, 20011, 2, k, n == 5 ? 2 : 1}, layout::contiguous, 50);
        for (std::int64_t j = 0; j < 20011; j += 3) e.y.set(2 * j, static_cast<float>(nan));
        e.exclude_self = true;
        e.first_row = 6000;
        e.expect_nearest();
      }
    }
  }
  cpu::set_thread_count(before);
}

}  // namespace
}  // namespace tessera::detail
