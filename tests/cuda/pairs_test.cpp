// Folds of pairs in tiles against the CPU: any instructions, sides in any order and layout, batches, pieces.
#include "cuda/pairs.hpp"

#include <gtest/gtest.h>

#include <random>

#include "backend.hpp"
#include "core/access.hpp"
#include "cpu/hand_made.hpp"
#include "cuda/fold.hpp"
#include "cuda/launch.hpp"
#include "expr/evaluate.hpp"
#include "mirror.hpp"
#include "tessera/tessera.hpp"

namespace tessera::detail {
namespace {

/// An array of small multiples of 1/8, so that sums of products are exact in float32.
array eighths(const shape& extents, unsigned seed, dtype type = float32) {
  array x = zeros(extents, float32);
  std::mt19937 random(seed);
  auto* const data = reinterpret_cast<float*>(access::data(x));
  for (std::int64_t i = 0; i < points_of(extents); ++i) data[i] = (static_cast<float>(random() % 33) - 16) / 8;
  return array(x.astype(type));
}

/// Runs the fold that x is on both, and expects the same elements and that tiles were used.
void expect_tiles(const expr& x, bool tiled = true) {
  const array want = evaluate(x, caller());
  array got = zeros(want.shape(), want.dtype());
  program p = plan(x, &got, caller());
  ASSERT_EQ(p.stages.size(), 1u);
  const stage& s = p.stages[0];
  ASSERT_NE(s.results[0].by, fold::none);
  EXPECT_EQ(!cuda::pairs_text_of(s).source.empty(), tiled);
  const std::int64_t before = cuda::launch_count();
  cuda::run_mirrored({&s, 1}, [](cuda::context& on, std::span<const stage> all) { cuda::run_folds(on, all[0]); });
  EXPECT_LE(cuda::launch_count() - before, 2);
  EXPECT_TRUE(array(all(equal(got, want))).item<bool>());
}

TEST(cuda_pairs, squared_distances_and_products) {
  for (const shape& sizes : {shape{64, 64, 16}, shape{100, 70, 33}, shape{17, 129, 40}, shape{200, 16, 500}}) {
    const array x = eighths({sizes[0], sizes[2]}, 1), y = eighths({sizes[1], sizes[2]}, 2);
    const expr a = x(all, newaxis, all), b = y(newaxis, all, all);
    expect_tiles(sum(square(a - b), 2), points_of(sizes) >= 65536);
    expect_tiles(sum(a * b, 2), points_of(sizes) >= 65536);
  }
}

TEST(cuda_pairs, of_any_map_fold_and_dtype) {
  for (const dtype type : {float32, float64, int32, int64, float16, uint8}) {
    const array x = eighths({80, 30}, 3, type), y = eighths({90, 30}, 4, type);
    const expr a = x(all, newaxis, all), b = y(newaxis, all, all);
    expect_tiles(max(maximum(a, b) * 2, 2));
    expect_tiles(any(a > b, 2));
    expect_tiles(sum(not_equal(a, b), 2));
  }
}

TEST(cuda_pairs, of_sides_that_lie_anyhow) {
  const array x = eighths({30, 80}, 5), y = eighths({90, 60}, 6), w = eighths({30}, 7);
  const expr a = x.T()(all, newaxis, all), b = y(slice(none, none, -1), slice(0, 60, 2))(newaxis, all, all);
  expect_tiles(sum(a * b, 2));
  expect_tiles(sum((a - b) * w, 2));
  expect_tiles(sum(b * a, 2));
  const array u = eighths({40, 80, 6}, 8), v = eighths({40, 6, 70}, 9);
  expect_tiles(sum(u(all, all, newaxis, all) * swapaxes(v, 1, 2)(all, newaxis, all, all), {0, 3}));  // two folded axes
}

TEST(cuda_pairs, in_batches_and_pieces) {
  const array x = eighths({3, 40, 50}, 10), y = eighths({3, 50, 60}, 11);
  expect_tiles(sum(x(all, all, newaxis, all) * swapaxes(y, 1, 2)(all, newaxis, all, all), 3));
  const array u = eighths({20, 5000}, 12), v = eighths({30, 5000}, 13);
  const expr distances = sum(abs(u(all, newaxis, all) - v(newaxis, all, all)), 2);
  const std::int64_t before = cuda::launch_count();
  expect_tiles(distances);
  EXPECT_EQ(cuda::launch_count() - before, 2);
}

}  // namespace
}  // namespace tessera::detail
