// Distances on a GPU against nested loops in double: every metric, ragged sizes, rows that lie anyhow, batches, halves of
// square matrices.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "device.hpp"
#include "distance_oracles.hpp"
#include "metrics/list.hpp"

namespace tessera {
namespace {

class cuda_distances : public on_gpu {};

/// Both NaN, or near each other: relative to the number, or to 1 below it.
void expect_near(const std::vector<double>& got, const std::vector<double>& want, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  int wrong = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool same = got[i] == want[i] || (std::isnan(got[i]) && std::isnan(want[i])) ||
                      std::fabs(got[i] - want[i]) <= tolerance * std::max(1.0, std::fabs(want[i]));
    if (same || ++wrong > 3) continue;
    ADD_FAILURE() << what << ": at " << i << " " << got[i] << " instead of " << want[i];
  }
  EXPECT_EQ(wrong, 0) << what;
}

double tolerance_of(dtype type) { return type == float32 ? 4e-6 : 1e-13; }

/// cdist on the device and by the oracle, of rows that may be on the host.
void expect_cdist(const distance_oracle& by, const array& x, const array& y, const coordinates& w = {}) {
  const std::int64_t d = x.shape()[x.ndim() - 1];
  const array got = cdist(x.to(cuda()), y.to(cuda()), by.metric_with(w, d, cuda()));
  const coordinates ones(static_cast<std::size_t>(d), 1.0);
  expect_near(values_of(got), by.expected(x, y, w.empty() ? ones : w), tolerance_of(got.dtype()),
              std::string(by.name) + " " + got.dtype().name() + " " + std::to_string(d));
}

const distance_oracle& oracle_of(const std::string& name) {
  for (const distance_oracle& by : distance_oracles()) {
    if (by.name == name) return by;
  }
  throw std::runtime_error("no oracle of " + name);
}

TEST(distance_oracles, are_there_for_every_kernel) {
  const auto expect = [](std::string name) {
    if (name.starts_with("expanded_")) name = name.substr(9);
    EXPECT_NO_THROW(oracle_of(name)) << name;
  };
#define X(name) expect(#name);
  TESSERA_METRICS(X)
#undef X
}

TEST_F(cuda_distances, of_every_metric) {
  for (const distance_oracle& by : distance_oracles()) {
    for (const dtype type : {float32, float64}) {
      const std::int64_t d = by.domain == domain::angles ? 2 : 37;
      expect_cdist(by, by.rows({131, d}, 1, type), by.rows({67, d}, 2, type));
    }
  }
}

TEST_F(cuda_distances, of_every_metric_with_weights) {
  for (const distance_oracle& by : distance_oracles()) {
    if (!by.weighs) continue;
    coordinates w(21);
    for (std::size_t k = 0; k < w.size(); ++k) w[k] = static_cast<double>(k % 4) / 2;
    for (const dtype type : {float32, float64})
      expect_cdist(by, by.rows({20, 21}, 1, type), by.rows({65, 21}, 2, type), w);
  }
}

TEST_F(cuda_distances, of_any_size) {
  for (const char* const name : {"euclidean", "braycurtis", "chebyshev"}) {
    const distance_oracle& by = oracle_of(name);
    for (const dtype type : {float32, float64}) {
      for (const std::int64_t d : {0, 1, 3, 16, 128, 129, 300}) {
        for (const shape& sizes : {shape{1, 1}, shape{130, 5}, shape{5, 67}}) {
          expect_cdist(by, by.rows({sizes[0], d}, 1, type), by.rows({sizes[1], d}, 2, type));
        }
      }
    }
  }
}

TEST_F(cuda_distances, of_no_rows_are_none) {
  EXPECT_EQ(cdist(zeros({0, 3}, {.device = cuda()}), zeros({4, 3}, {.device = cuda()})).shape(), (shape{0, 4}));
  EXPECT_EQ(pdist(zeros({1, 3}, {.device = cuda()})).shape(), (shape{0}));
}

/// The same elements, lying in another way on the device.
std::vector<std::pair<const char*, array>> layouts_of(const array& x) {
  const array there = x.to(cuda());
  const std::int64_t n = x.shape()[0], d = x.shape()[1];
  std::vector<std::pair<const char*, array>> found;
  const auto add = [&](const char* name, array view) {
    view(all) = there;
    found.emplace_back(name, view);
  };
  const auto made = [&](std::int64_t rows, std::int64_t columns) {
    return zeros({rows, columns}, {.dtype = x.dtype(), .device = cuda()});
  };
  add("contiguous", made(n, d));
  add("transposed", made(d, n).T());
  add("transposed, with gaps", made(d, n + 3)(all, slice(1, n + 1)).T());
  add("rows of a larger array", made(n, d + 4)(all, slice(0, d)));
  add("not aligned to 16 bytes", made(n, d + 1)(all, slice(1, none)));
  add("every second coordinate", made(n, 2 * d)(all, slice(none, none, 2)));
  add("backwards", made(n, d)(slice(none, none, -1), slice(none, none, -1)));
  const std::int64_t size = x.itemsize();
  const array bytes = zeros({n * d * size + 1}, {.dtype = uint8, .device = cuda()});
  add("not aligned at all", reshape(array(bytes(slice(1, none))), {n, d * size}).view(x.dtype()));
  return found;
}

TEST_F(cuda_distances, of_rows_that_lie_anyhow) {
  for (const dtype type : {float32, float64}) {
    const distance_oracle& by = oracle_of("cityblock");
    const array x = by.rows({70, 20}, 3, type), y = by.rows({66, 20}, 4, type);
    const std::vector<double> want = by.expected(x, y, coordinates(20, 1.0));
    const array first = cdist(x.to(cuda()), y.to(cuda()), "cityblock");
    const auto of_x = layouts_of(x), of_y = layouts_of(y);
    for (std::size_t i = 0; i < of_x.size(); ++i) {
      const auto& [name, view] = of_x[i];
      const auto& [other, y_view] = of_y[(i + 3) % of_y.size()];
      const array got = cdist(view, y_view, "cityblock");
      expect_near(values_of(got), want, tolerance_of(type), std::string(name) + " and " + other);
      EXPECT_TRUE(array(all(equal(got, first))).item<bool>()) << name;  // the same bits
    }
    const array repeated = broadcast_to(x(slice(0, 1)).to(cuda()), {70, 20});
    expect_near(values_of(cdist(repeated, y.to(cuda()), "cityblock")),
                by.expected(array(broadcast_to(x(slice(0, 1)), {70, 20})), y, coordinates(20, 1.0)), tolerance_of(type),
                "repeated");
  }
}

TEST_F(cuda_distances, do_not_depend_on_the_tile) {
  const distance_oracle& by = oracle_of("euclidean");
  for (const std::int64_t d : {100, 300}) {
    const array x = by.rows({150, d}, 5, float32).to(cuda()), y = by.rows({140, d}, 6, float32).to(cuda());
    const array all_of_them = cdist(x, y);
    for (const std::int64_t i : {1, 64, 149}) {
      const array part = cdist(x(slice(i, i + 1)), y(slice(5, 140)));
      EXPECT_TRUE(array(all(equal(part, all_of_them(slice(i, i + 1), slice(5, 140))))).item<bool>()) << i;
    }
  }
}

TEST_F(cuda_distances, in_batches) {
  for (const char* const name : {"euclidean", "cosine", "yule"}) {
    const distance_oracle& by = oracle_of(name);
    const array x = by.rows({2, 3, 9, 20}, 7, float32), y = by.rows({2, 3, 70, 20}, 8, float32);
    expect_cdist(by, x, y);
    const array one = array(broadcast_to(y(0, 1)(newaxis, newaxis), {2, 3, 70, 20}));
    const array got = cdist(x.to(cuda()), y(0, 1).to(cuda()), std::string(name));
    expect_near(values_of(got), by.expected(x, one, coordinates(20, 1.0)), 4e-6, name);
    const array swapped = cdist(swapaxes(x, 0, 1).to(cuda()), swapaxes(y.to(cuda()), 0, 1), std::string(name));
    expect_near(values_of(array(swapaxes(swapped, 0, 1))), by.expected(x, y, coordinates(20, 1.0)), 4e-6, name);
  }
}

TEST_F(cuda_distances, of_each_row_with_later_ones) {
  for (const char* const name : {"euclidean", "cosine", "hamming"}) {
    const distance_oracle& by = oracle_of(name);
    for (const dtype type : {float32, float64}) {
      for (const std::int64_t n : {2, 64, 131, 200}) {
        const array x = by.rows({n, 11}, 9, type);
        expect_near(values_of(pdist(x.to(cuda()), std::string(name))), by.expected(x, x, coordinates(11, 1.0), true),
                    tolerance_of(type), std::string(name) + " " + std::to_string(n));
      }
    }
    const array x = by.rows({3, 70, 11}, 9, float32);
    expect_near(values_of(pdist(x.to(cuda()), std::string(name))), by.expected(x, x, coordinates(11, 1.0), true), 4e-6,
                name);
  }
}

/// The largest error relative to distances in double.
double error_of(const array& x, const array& y) {
  const distance_oracle& by = oracle_of("euclidean");
  const std::vector<double> want = by.expected(x, y, coordinates(static_cast<std::size_t>(x.shape()[1]), 1.0));
  const std::vector<double> got = values_of(cdist(x.to(cuda()), y.to(cuda())));
  double most = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (want[i] > 0) most = std::max(most, std::fabs(got[i] - want[i]) / want[i]);
  }
  return most;
}

TEST_F(cuda_distances, of_float32_are_right_to_8e_7) {
  for (const std::int64_t d : {16, 128, 784, 3000}) {
    std::mt19937 random(static_cast<unsigned>(d));
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<std::size_t>(40 * d));
    for (float& value : values) value = normal(random);
    const array x = array(reshape(from_range(values), {40, d}));
    const array far = array(x + 1e4f), near = array(x * 1.0001f);
    EXPECT_LT(error_of(x, array(flip(x, 0))), 8e-7) << d;
    EXPECT_LT(error_of(far, array(flip(far, 0))), 8e-7) << d;
    EXPECT_LT(error_of(x, near), 8e-7) << d;
  }
}

TEST_F(cuda_distances, of_not_a_number_are_the_hosts) {
  std::vector<float> values = {1, 2, 3, std::nanf(""), 0, 1, INFINITY, 2, 1, 0, 0, 0};
  const array x = array(reshape(from_range(values), {4, 3}));
  for (const char* const name :
       {"euclidean", "chebyshev", "cityblock", "canberra", "cosine", "hamming", "braycurtis"}) {
    expect_near(values_of(cdist(x.to(cuda()), x.to(cuda()), std::string(name))),
                values_of(cdist(x, x, std::string(name))), 4e-6, name);
  }
}

TEST_F(cuda_distances, expanded_on_request) {
  const distance_oracle& by = oracle_of("euclidean");
  const array x = by.rows({70, 33}, 10, float32), y = by.rows({66, 33}, 11, float32);
  expect_near(values_of(cdist(x.to(cuda()), y.to(cuda()), "euclidean", {.method = "expanded"})),
              by.expected(x, y, coordinates(33, 1.0)), 1e-5, "expanded");
}

}  // namespace
}  // namespace tessera
