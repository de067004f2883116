// Searches for nearest rows in many small parts, as they are made of large plans: against a stable sort.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "cuda/geometry.hpp"
#include "cuda/nearest.hpp"
#include "mirror.hpp"
#include "tessera/tessera.hpp"

namespace tessera::detail {
namespace {

/// Parts of at most this many rows, or keys to sort.
class small_parts {
 public:
  explicit small_parts(std::int64_t most) : before_(cuda::set_slab_units(most)) {}
  ~small_parts() { cuda::set_slab_units(before_); }

 private:
  const std::int64_t before_;
};

void expect_nearest(std::int64_t batch, std::int64_t n, std::int64_t m, std::int64_t k, bool exclude_self) {
  SCOPED_TRACE(testing::Message() << batch << " x " << n << " x " << m << ", k " << k);
  std::vector<float> x(static_cast<std::size_t>(batch * n)), y(static_cast<std::size_t>(batch * m));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 31 % 17);
  for (std::size_t j = 0; j < y.size(); ++j) y[j] = static_cast<float>(j * 7919 % 101);
  std::vector<float> distances(static_cast<std::size_t>(batch * n * k));
  std::vector<std::int64_t> indices(distances.size());
  const auto bytes = [](auto& all) { return reinterpret_cast<std::byte*>(all.data()); };

  nearest_plan plan;
  plan.of.what = metric_code::sqeuclidean;
  plan.of.type = plan.of.result = float32;
  plan.of.batch = {batch};
  plan.of.n = n;
  plan.of.m = m;
  plan.of.d = 1;
  plan.of.x.push_back({bytes(x), float32, {n * 4, 4, 4}});
  plan.of.y.push_back({bytes(y), float32, {m * 4, 4, 4}});
  plan.k = k;
  plan.exclude_self = exclude_self;
  plan.distances = {bytes(distances), float32, {n * k * 4, k * 4, 4}};
  plan.indices = {bytes(indices), int64, {n * k * 8, k * 8, 8}};
  cuda::mirror copies;
  copies.add(plan.of.x[0], {batch, n, 1});
  copies.add(plan.of.y[0], {batch, m, 1});
  copies.add(plan.distances, {batch, n, k});
  copies.add(plan.indices, {batch, n, k});
  copies.upload();
  for (strided* const each : {&plan.of.x[0], &plan.of.y[0], &plan.distances, &plan.indices}) {
    each->data = copies.of(each->data);
  }
  cuda::run_nearest(cuda::context_of(0), plan);
  copies.download();

  for (std::int64_t row = 0; row < batch * n; ++row) {
    const float* const points = y.data() + row / n * m;
    const auto distance = [&](std::int64_t j) {
      const float difference = x[static_cast<std::size_t>(row)] - points[j];
      return difference * difference;
    };
    std::vector<std::int64_t> order(static_cast<std::size_t>(m));
    std::iota(order.begin(), order.end(), 0);
    if (exclude_self && row % n < m) order.erase(order.begin() + row % n);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return distance(a) < distance(b); });
    for (std::int64_t place = 0; place < k; ++place) {
      const std::size_t at = static_cast<std::size_t>(row * k + place);
      ASSERT_EQ(indices[at], order[static_cast<std::size_t>(place)]) << "row " << row << ", place " << place;
      ASSERT_EQ(distances[at], distance(indices[at]));
    }
  }
}

TEST(nearest_parts, are_cut_along_batches_and_rows) {
  const small_parts most(50);
  expect_nearest(3, 40, 90, 5, true);
  expect_nearest(1, 170, 90, 1, true);
  expect_nearest(5, 120, 70, 33, false);
}

TEST(nearest_parts, of_long_lists_keep_the_best_of_earlier_columns) {
  const small_parts most(3000);
  expect_nearest(1, 3, 1700, 150, false);
  expect_nearest(2, 5, 1300, 129, true);
  expect_nearest(1, 1, 600, 150, true);
}

}  // namespace
}  // namespace tessera::detail
