// Distances that do not fit one launch, with launches made small: batches, rows and columns in parts, also of halves of a matrix.
#include <gtest/gtest.h>

#include <cmath>

#include "cuda/distances.hpp"
#include "cuda/geometry.hpp"
#include "cuda/launch.hpp"
#include "mirror.hpp"

namespace tessera::detail {
namespace {

constexpr std::int64_t batches = 3, n = 290, m = 150, d = 3;

struct small_parts {
  const std::int64_t before = cuda::set_slab_units(128);
  ~small_parts() { cuda::set_slab_units(before); }
};

std::vector<float> numbers(std::int64_t count) {
  std::vector<float> all(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<float>(i * i % 97) / 8;
  return all;
}

double distance(const float* x, const float* y) {
  double sum = 0;
  for (int k = 0; k < d; ++k) sum += std::fabs(static_cast<double>(x[k]) - y[k]);
  return sum;
}

strided of(std::vector<float>& x, const shape& strides) {
  return {reinterpret_cast<std::byte*>(x.data()), float32, strides};
}

void run_there(const distance_plan& host, const shape& of_x, const shape& of_y, const shape& of_to) {
  cuda::mirror copies;
  distance_plan p = host;
  copies.add(p.x[0], of_x);
  copies.add(p.y[0], of_y);
  copies.add(p.to, of_to);
  copies.upload();
  for (strided* x : {&p.x[0], &p.y[0], &p.to}) x->data = copies.of(x->data);
  cuda::run_distances(cuda::context_of(0), p);
  copies.download();
}

TEST(cuda_distances_in_parts, fill_the_whole_matrix) {
  const small_parts small;
  std::vector<float> x = numbers(batches * n * d), y = numbers(batches * m * d), to(batches * n * m, -1);
  distance_plan p;
  p.what = metric_code::cityblock;
  p.type = p.result = float32;
  p.batch = {batches};
  p.n = n;
  p.m = m;
  p.d = d;
  p.x.push_back(of(x, {n * d * 4, d * 4, 4}));
  p.y.push_back(of(y, {m * d * 4, d * 4, 4}));
  p.to = of(to, {n * m * 4, m * 4, 4});
  const std::int64_t before = cuda::launch_count();
  run_there(p, {batches, n, d}, {batches, m, d}, {batches, n, m});
  EXPECT_EQ(cuda::launch_count() - before, 3 * 2);
  for (std::int64_t b = 0; b < batches; ++b) {
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < m; ++j) {
        ASSERT_EQ(to[static_cast<std::size_t>((b * n + i) * m + j)],
                  distance(&x[(b * n + i) * d], &y[(b * m + j) * d]));
      }
    }
  }
}

TEST(cuda_distances_in_parts, fill_what_is_above_the_diagonal) {
  const small_parts small;
  constexpr std::int64_t first = 7, rows = 200;  // of n
  std::vector<float> x = numbers(n * d);
  std::int64_t count = 0;
  for (std::int64_t i = first; i < first + rows; ++i) count += n - 1 - i;
  std::vector<float> to(static_cast<std::size_t>(count), -1);
  distance_plan p;
  p.what = metric_code::cityblock;
  p.type = p.result = float32;
  p.n = rows;
  p.m = n;
  p.d = d;
  p.condensed = true;
  p.first_row = first;
  p.y.push_back(of(x, {d * 4, 4}));
  p.x.push_back(p.y[0]);
  p.x[0].data += first * d * 4;
  p.to = of(to, {4});
  run_there(p, {rows, d}, {n, d}, {count});
  std::size_t place = 0;
  for (std::int64_t i = first; i < first + rows; ++i) {
    for (std::int64_t j = i + 1; j < n; ++j) ASSERT_EQ(to[place++], distance(&x[i * d], &x[j * d])) << i << " " << j;
  }
}

}  // namespace
}  // namespace tessera::detail
