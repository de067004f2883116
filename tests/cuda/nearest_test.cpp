// The nearest rows on the device against stable sorts of distances from plain loops.
#include "tessera/distances.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>

#include "cuda/device.hpp"
#include "tessera/tessera.hpp"

namespace tessera_test {
namespace {

using namespace tessera;

class nearest_on_gpu : public on_gpu {};

constexpr double infinite = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

/// Rows of coordinates on the host, in C order.
struct points {
  std::int64_t rows, d;
  std::vector<double> at;
  double operator()(std::int64_t i, std::int64_t k) const { return at[static_cast<std::size_t>(i * d + k)]; }
};

/// Integers from -range to range: distances are exact in float32, and many are equal.
points integers(std::int64_t rows, std::int64_t d, unsigned seed, int range = 3) {
  points x{rows, d, std::vector<double>(static_cast<std::size_t>(rows * d))};
  std::mt19937 random(seed);
  for (double& each : x.at) each = static_cast<int>(random() % static_cast<unsigned>(2 * range + 1)) - range;
  return x;
}

std::vector<double> values_of(const array& x) {
  const array here = array(x.to(cpu()).astype(float64)).copy();
  std::vector<double> all(static_cast<std::size_t>(here.size()));
  if (!all.empty()) std::memcpy(all.data(), here.data(), 8 * all.size());
  return all;
}
array array_of(const std::vector<double>& x, const shape& extents, dtype type) {
  array host = zeros({static_cast<std::int64_t>(x.size())}, {.dtype = float64, .device = cpu()});
  const auto to = host.accessor<double, 1>();
  for (std::size_t i = 0; i < x.size(); ++i) to(i) = x[i];
  return array(reshape(host, extents).astype(type)).to(cuda());
}
array array_of(const points& x, dtype type) { return array_of(x.at, {x.rows, x.d}, type); }

double squares(const points& x, const points& y, std::int64_t i, std::int64_t j) {
  double sum = 0;
  for (std::int64_t k = 0; k < x.d; ++k) sum += (x(i, k) - y(j, k)) * (x(i, k) - y(j, k));
  return sum;
}
double product(const points& x, const points& y, std::int64_t i, std::int64_t j) {
  double sum = 0;
  for (std::int64_t k = 0; k < x.d; ++k) sum += x(i, k) * y(j, k);
  return sum;
}
using pair_distance = double (*)(const points&, const points&, std::int64_t, std::int64_t);

struct search {
  std::int64_t k;
  bool exclude_self = false, largest = false;
};

/// Indices of the k first of one row's distances.
std::vector<std::int64_t> first_of(const double* distances, std::int64_t m, std::int64_t self, const search& how) {
  std::vector<std::int64_t> order;
  for (std::int64_t j = 0; j < m; ++j) {
    if (!how.exclude_self || j != self) order.push_back(j);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const double x = distances[a], y = distances[b];
    if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
    return how.largest ? x > y : x < y;
  });
  order.resize(static_cast<std::size_t>(how.k));
  return order;
}

/// `distances`: of n rows to m.
void expect_first(const nearest_result& found, const std::vector<double>& distances, std::int64_t n, std::int64_t m,
                  const search& how) {
  const std::vector<double> values = values_of(found.distances), places = values_of(found.indices);
  ASSERT_EQ(static_cast<std::int64_t>(values.size()), n * how.k);
  for (std::int64_t i = 0; i < n; ++i) {
    const double* const row = distances.data() + i * m;
    const std::vector<std::int64_t> expected = first_of(row, m, i, how);
    for (std::int64_t place = 0; place < how.k; ++place) {
      const std::size_t at = static_cast<std::size_t>(i * how.k + place);
      const std::int64_t j = expected[static_cast<std::size_t>(place)];
      ASSERT_EQ(places[at], static_cast<double>(j)) << "row " << i << ", place " << place << ", k " << how.k;
      if (std::isnan(row[j])) ASSERT_TRUE(std::isnan(values[at]));
      else ASSERT_EQ(values[at], row[j]) << "row " << i << ", place " << place << ", k " << how.k;
    }
  }
}

void expect_nearest(const points& x, const points& y, const search& how, dtype type = float32) {
  const pair_distance f = how.largest ? product : squares;
  std::vector<double> distances;
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < y.rows; ++j) distances.push_back(f(x, y, i, j));
  }
  const nearest_result found =
      nearest(array_of(x, type), array_of(y, type), how.k,
              {.metric = how.largest ? "inner_product" : "sqeuclidean", .exclude_self = how.exclude_self});
  EXPECT_EQ(found.distances.dtype(), type);
  EXPECT_EQ(found.distances.device(), cuda());
  expect_first(found, distances, x.rows, y.rows, how);
}

TEST_F(nearest_on_gpu, is_a_stable_sort_for_every_length_of_lists) {
  const points x = integers(70, 3, 1), y = integers(200, 3, 2);
  for (const std::int64_t k : {1, 2, 10, 32, 33, 64, 65, 100, 128, 129, 200}) expect_nearest(x, y, {k});
  for (const std::int64_t k : {1, 10, 33, 128, 129, 200}) expect_nearest(x, y, {k}, float64);
}

TEST_F(nearest_on_gpu, knows_the_edges_of_tiles) {
  for (const std::int64_t n : {1, 64, 65, 127, 128, 129}) {
    for (const std::int64_t m : {1, 2, 63, 64, 65}) {
      const points x = integers(n, 2, 3), y = integers(m, 2, 4);
      expect_nearest(x, y, {1});
      expect_nearest(x, y, {std::min<std::int64_t>(5, m)});
    }
  }
  const points x = integers(65, 2, 3);
  for (const std::int64_t m : {64, 127, 128}) expect_nearest(x, integers(m, 2, 4), {m}, float64);
}

TEST_F(nearest_on_gpu, takes_equal_rows_in_their_order) {
  points x = integers(3, 4, 5), y{500, 4, std::vector<double>(2000, 1)};
  for (const std::int64_t k : {1, 31, 100, 500}) {
    expect_nearest(x, y, {k});
    expect_nearest(x, y, {k, false, true}, float64);
  }
}

TEST_F(nearest_on_gpu, finds_neighbours_that_keep_getting_nearer) {
  points x{2, 1, {0, 1}}, y{1000, 1, {}};
  for (int j = 0; j < 1000; ++j) y.at.push_back(1001 - j);
  for (const std::int64_t k : {1, 7, 40, 128, 150}) expect_nearest(x, y, {k});
}

TEST_F(nearest_on_gpu, puts_nan_last_and_infinity_before_it) {
  points x = integers(70, 2, 6), y = integers(200, 2, 7);
  for (const std::size_t i : {3u, 64u, 65u, 100u}) x.at[i] = nan;
  x.at[21] = infinite;
  for (std::size_t j = 0; j < y.at.size(); j += 7) y.at[j] = j % 2 == 0 ? nan : j % 3 == 0 ? infinite : -infinite;
  for (const dtype type : {float32, float64}) {
    for (const std::int64_t k : {1, 9, 128, 199}) {
      expect_nearest(x, y, {k}, type);
      expect_nearest(x, y, {k, true}, type);
      expect_nearest(x, y, {k, true, true}, type);
    }
    expect_nearest(x, y, {200}, type);
    expect_nearest(x, y, {200, false, true}, type);
  }
}

TEST_F(nearest_on_gpu, of_nothing_but_nan_takes_the_first) {
  const points x{4, 1, {nan, 0, nan, 1}}, y{3, 1, {nan, nan, nan}};
  for (const std::int64_t k : {1, 2}) {
    expect_nearest(x, y, {k});
    expect_nearest(x, y, {k, true});
    expect_nearest(x, y, {k, true, true}, float64);
  }
}

TEST_F(nearest_on_gpu, leaves_itself_out) {
  const points x = integers(150, 2, 8);
  for (const dtype type : {float32, float64}) {
    for (const std::int64_t k : {1, 5, 128, 149}) expect_nearest(x, x, {k, true}, type);
  }
}

TEST_F(nearest_on_gpu, of_inner_products_takes_the_largest) {
  const points x = integers(70, 3, 9), y = integers(250, 3, 10);
  for (const dtype type : {float32, float64}) {
    for (const std::int64_t k : {1, 5, 40, 128, 130, 250}) expect_nearest(x, y, {k, false, true}, type);
  }
}

TEST_F(nearest_on_gpu, shares_the_columns_of_few_rows_among_blocks) {
  for (const std::int64_t n : {1, 3}) {
    const points x = integers(n, 2, 11, 100), y = integers(12000, 2, 12, 100);
    for (const std::int64_t k : {1, 10, 128, 200}) expect_nearest(x, y, {k});
    expect_nearest(x, y, {10, true, true}, float64);
  }
  expect_nearest(integers(2, 2, 13), integers(3000, 2, 14), {20});  // few pieces
}

TEST_F(nearest_on_gpu, of_a_batch_is_that_of_each_point) {
  const points x = integers(2 * 70, 3, 19), y = integers(3 * 90, 3, 20);
  const array a = reshape(array_of(x, float32), {2, 1, 70, 3}), b = reshape(array_of(y, float32), {3, 90, 3});
  for (const std::int64_t k : {1, 6, 89}) {
    for (const std::int64_t longest : {k, k + 1}) {
      const nearest_result found = nearest(a, b, longest, {.metric = "sqeuclidean"});
      ASSERT_EQ(found.indices.shape(), shape({2, 3, 70, longest}));
      for (int p = 0; p < 2; ++p) {
        for (int q = 0; q < 3; ++q) {
          std::vector<double> distances;
          for (std::int64_t i = 0; i < 70; ++i) {
            for (std::int64_t j = 0; j < 90; ++j) distances.push_back(squares(x, y, 70 * p + i, 90 * q + j));
          }
          expect_first({array(found.distances(p, q)), array(found.indices(p, q))}, distances, 70, 90, {longest});
        }
      }
    }
  }
}

TEST_F(nearest_on_gpu, of_a_batch_of_long_lists_sorts_each_point) {
  const points x = integers(3 * 5, 2, 21), y = integers(3 * 140, 2, 22);
  const nearest_result found = nearest(reshape(array_of(x, float64), {3, 5, 2}),
                                       reshape(array_of(y, float64), {3, 140, 2}), 135, {.metric = "sqeuclidean"});
  for (int p = 0; p < 3; ++p) {
    std::vector<double> distances;
    for (std::int64_t i = 0; i < 5; ++i) {
      for (std::int64_t j = 0; j < 140; ++j) distances.push_back(squares(x, y, 5 * p + i, 140 * p + j));
    }
    expect_first({array(found.distances(p)), array(found.indices(p))}, distances, 5, 140, {135});
  }
}

TEST_F(nearest_on_gpu, reads_rows_however_they_lie) {
  const points x = integers(70, 5, 23), y = integers(90, 5, 24);
  std::vector<double> distances;
  for (std::int64_t i = 0; i < 70; ++i) {
    for (std::int64_t j = 0; j < 90; ++j) distances.push_back(squares(x, y, i, j));
  }
  const array a = array_of(x, float32), b = array_of(y, float32);
  const array columns = array(transpose(array(transpose(a)).copy()));
  array wide = zeros({140, 16}, {.dtype = float32, .device = cuda()});
  wide(slice(none, none, -2), slice(15, 0, -3)) = a;
  const array gaps = wide(slice(none, none, -2), slice(15, 0, -3));
  for (const array& each : {a, columns, gaps}) {
    for (const std::int64_t k : {1, 4}) {
      expect_first(nearest(each, b, k, {.metric = "sqeuclidean"}), distances, 70, 90, {k});
    }
  }
}

TEST_F(nearest_on_gpu, gives_the_distances_of_cdist) {
  struct sample {
    metric by;
    std::int64_t d;
    dtype type;
  };
  for (const sample& each : std::vector<sample>{{"euclidean", 17, float32},
                                                {"euclidean", 300, float32},
                                                {"euclidean", 0, float64},
                                                {"cosine", 17, float64},
                                                {"braycurtis", 16, float32},
                                                {metric("minkowski", {.p = 3}), 3, float32},
                                                {"canberra", 1, float64}}) {
    points x{66, each.d, {}}, y{200, each.d, {}};
    std::mt19937 random(static_cast<unsigned>(each.d));
    for (points* const rows : {&x, &y}) {
      for (std::int64_t n = rows->rows * each.d; n > 0; --n) {
        rows->at.push_back(static_cast<double>(random()) * 0x1p-31 - 1);
      }
    }
    const array a = array_of(x, each.type), b = array_of(y, each.type);
    const std::vector<double> distances = values_of(cdist(a, b, each.by));
    for (const std::int64_t k : {1, 10, 140})
      expect_first(nearest(a, b, k, {.metric = each.by}), distances, 66, 200, {k});
  }
}

TEST_F(nearest_on_gpu, takes_memory_for_its_lists_only) {
  const points x = integers(200, 1, 25, 1000), y = integers(6000, 1, 26, 1000);
  const array a = array_of(x, float32), b = array_of(y, float32);
  synchronize(cuda());
  reset_peak_memory(cuda());
  const std::int64_t before = memory_stats(cuda()).bytes_in_use;
  const nearest_result found = nearest(a, b, 10, {.metric = "sqeuclidean"});
  EXPECT_LT(memory_stats(cuda()).peak_bytes_in_use - before, 200 * 10 * 12 + (1 << 20));  // the matrix: 4.8 MB
}

}  // namespace
}  // namespace tessera_test
