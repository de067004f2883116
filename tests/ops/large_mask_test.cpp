// Elements picked by conditions of many points, which go slab by slab into a list that grows: what a loop picks, however
// the picked ones are spread, and no more memory than they need.
#include <cstring>
#include <string>
#include <vector>

#include "ops/elements.hpp"
#include "tessera/memory.hpp"
#include "tessera/threads.hpp"

using namespace tessera;

namespace {

constexpr std::int64_t points = 3'000'001;

/// How picked points may be spread: whether point i is one.
struct spread {
  const char* name;
  bool (*picks)(std::int64_t i);
};
const spread spreads[] = {
    {"none", [](std::int64_t) { return false; }},
    {"all", [](std::int64_t) { return true; }},
    {"every third", [](std::int64_t i) { return i % 3 == 1; }},
    {"few", [](std::int64_t i) { return i % 9973 == 0; }},
    {"the last one", [](std::int64_t i) { return i == points - 1; }},
    {"the first ones", [](std::int64_t i) { return i < 700'000; }},
    {"the last ones", [](std::int64_t i) { return i > 2'300'000; }},
    {"more and more", [](std::int64_t i) { return (i * 7919) % points < i; }},
    {"fewer and fewer", [](std::int64_t i) { return (i * 7919) % points > i; }},
};

class large_masks : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { set_num_threads(GetParam()); }
  void TearDown() override { set_num_threads(before_); }

 private:
  const int before_ = num_threads();
};

array mask_of(const spread& s) {
  const array mask = zeros({points}, bool_);
  auto* const bits = static_cast<bool*>(const_cast<void*>(mask.data()));
  for (std::int64_t i = 0; i < points; ++i) bits[i] = s.picks(i);
  return mask;
}

/// 0, 1, 2 … as far as the dtype goes.
array numbered(dtype type) { return astype(arange(points), type); }

void expect_picked(const array& found, const array& x, const spread& s) {
  const auto itemsize = static_cast<std::size_t>(x.itemsize());
  std::vector<std::byte> expected;
  for (std::int64_t i = 0; i < points; ++i) {
    if (!s.picks(i)) continue;
    const auto* const element = static_cast<const std::byte*>(x.data()) + i * x.strides()[0];
    expected.insert(expected.end(), element, element + itemsize);
  }
  ASSERT_EQ(found.shape(), shape({static_cast<std::int64_t>(expected.size() / itemsize)})) << s.name;
  ASSERT_EQ(found.dtype(), x.dtype());
  EXPECT_FALSE(found.base().size() > 0) << s.name;
  EXPECT_EQ(std::memcmp(found.data(), expected.data(), expected.size()), 0) << s.name;
}

TEST_P(large_masks, pick_what_a_loop_picks) {
  for (const dtype type : {int8, float32, complex128}) {
    const array x = numbered(type);
    for (const spread& s : spreads) {
      const array mask = mask_of(s);
      expect_picked(array(x[mask]), x, s);
      expect_picked(extract(mask, x), x, s);
      expect_picked(compress(logical_not(logical_not(mask)), x), x, s);
    }
  }
}

TEST_P(large_masks, pick_from_strided_and_backward_sources) {
  const array twice = arange(2 * points), reversed = numbered(float64)(slice(none, none, -1));
  for (const spread& s : spreads) {
    const array mask = mask_of(s);
    expect_picked(array(twice(slice(1, none, 2))[mask]), twice(slice(1, none, 2)), s);
    expect_picked(array(reversed[mask != false]), reversed, s);
  }
}

TEST_P(large_masks, may_be_recipes_over_the_source) {
  const array x = astype(arange(points), float32) % 1000.0f;
  const array picked = x[(x > 250.0f) & (x < 500.0f)];
  const auto* const from = static_cast<const float*>(x.data());
  std::vector<float> expected;
  for (std::int64_t i = 0; i < points; ++i) {
    if (from[i] > 250.0f && from[i] < 500.0f) expected.push_back(from[i]);
  }
  ASSERT_EQ(picked.size(), static_cast<std::int64_t>(expected.size()));
  EXPECT_EQ(std::memcmp(picked.data(), expected.data(), expected.size() * sizeof(float)), 0);
}

TEST_P(large_masks, keep_little_more_memory_than_elements) {
  const array x = numbered(float64);
  for (const spread& s : spreads) {
    const array mask = mask_of(s);
    const std::int64_t before = memory_stats().bytes_in_use;
    const array picked = x[mask];
    const std::int64_t held = memory_stats().bytes_in_use - before;
    EXPECT_LE(held, picked.nbytes() * 3 / 2 + 4096) << s.name;  // a quarter, in blocks an eighth larger at most
  }
}

TEST_P(large_masks, need_no_more_memory_than_their_elements_when_there_is_none_left) {
  constexpr std::int64_t kib = 1024;
  const array x = numbered(float64);
  const spread& s = spreads[1];
  const array mask = mask_of(s);
  const std::int64_t unlimited = memory_stats().memory_limit;
  set_memory_limit(memory_stats().bytes_in_use + x.nbytes() * 9 / 8 + 1024 * kib);
  const array picked = x[mask];
  set_memory_limit(memory_stats().bytes_in_use + 1024 * kib);
  EXPECT_THROW((void)x[mask].eval(), out_of_memory);
  set_memory_limit(unlimited);
  expect_picked(picked, x, s);
}

INSTANTIATE_TEST_SUITE_P(, large_masks, testing::Values(1, 3),
                         [](const auto& info) { return std::to_string(info.param) + "_threads"; });

}  // namespace
