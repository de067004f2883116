// What recipes hold while they run: nothing of the size of an intermediate result.
#include <gtest/gtest.h>

#include <functional>

#include "tessera/tessera.hpp"

namespace tessera {
namespace {

constexpr std::int64_t most = 4 << 20;  // with two threads: each has scratch of its own

struct two_threads {
  two_threads() { set_num_threads(2); }
  ~two_threads() { set_num_threads(before); }
  int before = num_threads();
};

/// Bytes beyond the result and what there was before, at the most.
std::int64_t extra_bytes(const std::function<array()>& run) {
  const two_threads limit;
  release_cached_memory();  // the nodes of earlier recipes are kept for reuse, and count as held
  reset_peak_memory();
  const array result = run();
  const memory_statistics after = memory_stats();
  EXPECT_GE(after.bytes_in_use, result.size() * result.itemsize());
  return after.peak_bytes_in_use - after.bytes_in_use;
}

std::int64_t extra_bytes(const expr& x) {
  return extra_bytes([&x] { return x.eval(); });
}

array varied(const shape& extents) {
  std::int64_t size = 1;
  for (const std::int64_t extent : extents) size *= extent;
  return reshape(sin(arange(size).astype(float32)), extents);
}

TEST(memory_of_recipes, is_bounded_for_long_chains) {
  const array x = varied({2000000});
  expr chain = x;
  for (int i = 0; i < 2500; ++i) chain = chain * 0.5f + static_cast<float>(i);
  EXPECT_LT(extra_bytes(chain), most);
}

TEST(memory_of_recipes, is_bounded_for_chains_that_are_cut) {
  const array x = varied({1500, 1000});
  expr chain = x;
  for (int i = 0; i < 17000; ++i) chain = (i & 1) != 0 ? chain * 0.5f : chain - x;
  EXPECT_LT(extra_bytes(chain(slice(0, 300))), most);
}

TEST(memory_of_recipes, is_bounded_for_wide_trees) {
  const array x = varied({2000000});
  std::vector<expr> terms;
  for (int i = 0; i < 1024; ++i) terms.push_back(x * static_cast<float>(i));
  // all terms are alive before the first two are added
  for (std::size_t half = terms.size() / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) terms[i] = terms[i] + terms[i + half];
  }
  EXPECT_LT(extra_bytes(terms[0]), most);
}

TEST(memory_of_recipes, is_bounded_for_dependent_folds) {
  const array x = varied({3000, 1000}), y = varied({1000000, 3});
  for (const array& a : {x, y}) {
    const expr shifted = exp(a - max(a, 1, {.keepdims = true}));
    EXPECT_LT(extra_bytes(shifted / sum(shifted, 1, {.keepdims = true})), most);
    EXPECT_LT(extra_bytes((a - mean(a, 1, {.keepdims = true})) / stddev(a, 1, {.keepdims = true})), most);
    EXPECT_LT(extra_bytes(log(sum(shifted, 1)) + max(a, 1)), most);
    EXPECT_LT(extra_bytes((a - mean(a, 0)) / stddev(a, 0)), most);
  }
}

TEST(memory_of_recipes, is_bounded_for_operations_on_a_smaller_shape) {
  const array x = varied({2000000, 2}), column = varied({2000000, 1}), row = varied({1, 2});
  EXPECT_LT(extra_bytes(x * exp(column) + exp(row)), most);
  EXPECT_LT(extra_bytes(exp(row) * (x + sqrt(abs(column)))), most);
  EXPECT_LT(extra_bytes(x.T() - exp(column.T())), most);
  EXPECT_LT(extra_bytes(sum(x * exp(column), 1)), most);
  const array cube = varied({3, 500, 1000}), middle = varied({3, 1, 1000});
  EXPECT_LT(extra_bytes(cube * exp(middle)), most);
}

TEST(memory_of_recipes, is_bounded_in_place) {
  array x = varied({3000, 1000});
  EXPECT_LT(extra_bytes([&] {
              x -= max(x, 1, {.keepdims = true});
              return x;
            }),
            most);
}

}  // namespace
}  // namespace tessera
