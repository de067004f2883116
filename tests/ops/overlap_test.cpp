// shares_memory against a bitmap of the bytes each array touches.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "array_values.hpp"

using namespace tessera;
using tessera_test::message_of;

namespace {

std::set<const char*> bytes_of(const array& x) {
  std::set<const char*> result;
  std::vector<const char*> starts;
  if (x.size() > 0) starts.push_back(static_cast<const char*>(x.data()));
  for (int axis = 0; axis < x.ndim(); ++axis) {
    std::vector<const char*> next;
    for (const char* start : starts) {
      for (std::int64_t i = 0; i < x.shape()[axis]; ++i) next.push_back(start + i * x.strides()[axis]);
    }
    starts = next;
  }
  for (const char* start : starts) {
    for (int i = 0; i < x.itemsize(); ++i) result.insert(start + i);
  }
  return result;
}

bool share_a_byte(const array& a, const array& b) {
  const auto in_a = bytes_of(a);
  for (const char* byte : bytes_of(b)) {
    if (in_a.count(byte)) return true;
  }
  return false;
}

TEST(shares_memory, is_exact_where_ranges_are_not) {
  array a = zeros({10, 10});
  EXPECT_TRUE(shares_memory(a, a));
  EXPECT_FALSE(shares_memory(a(slice(none, none, 2)), a(slice(1, none, 2))));
  EXPECT_TRUE(may_share_memory(a(slice(none, none, 2)), a(slice(1, none, 2))));
  EXPECT_FALSE(shares_memory(a(all, 3), a(all, 4)));
  EXPECT_TRUE(shares_memory(a(all, 3), a(4)));
  EXPECT_FALSE(may_share_memory(a(3), a(4)));
  EXPECT_FALSE(shares_memory(a, zeros({10, 10})));
  EXPECT_FALSE(shares_memory(zeros({0}), zeros({0})));
  EXPECT_FALSE(shares_memory(a(slice(0, 0)), a));
}

TEST(shares_memory, agrees_with_a_bitmap) {
  std::mt19937 random(7);
  static std::byte memory[4000];
  int shared = 0, apart = 0;
  const dtype types[] = {int8, int16, float32, float64, complex128};
  const auto draw = [&] {
    const int ndim = static_cast<int>(random() % 5);
    shape extents, strides;
    for (int i = 0; i < ndim; ++i) {
      extents.push_back(1 + static_cast<std::int64_t>(random() % 4));
      strides.push_back(static_cast<std::int64_t>(random() % 121) - 60);
    }
    return from_pointer(memory + 1500 + random() % 400, extents, types[random() % 5], {.strides = strides});
  };
  for (int round = 0; round < 5000; ++round) {
    const array a = draw(), b = draw();
    const bool expected = share_a_byte(a, b);
    ASSERT_EQ(shares_memory(a, b), expected) << "round " << round << to_string(a.shape()) << to_string(a.strides())
                                             << to_string(b.shape()) << to_string(b.strides());
    EXPECT_TRUE(!expected || may_share_memory(a, b));
    ++(expected ? shared : apart);
  }
  EXPECT_GT(shared, 500);
  EXPECT_GT(apart, 500);
}

TEST(shares_memory, stops_at_the_work_limit) {
  static std::byte memory[200000];
  const auto comb = [](int offset, std::int64_t s, std::int64_t t, std::int64_t u) {
    return from_pointer(memory + offset, {20, 20, 20}, int8, {.strides = {s, t, u}});
  };
  const array a = comb(0, 2310, 2730, 3570), b = comb(1, 3990, 462, 546);
  EXPECT_FALSE(shares_memory(a, b)) << "all strides are even, the distance is odd";
  const array c = comb(0, 1001, 1547, 1729), d = comb(7, 2717, 2431, 3553);
  EXPECT_EQ(message_of<value_error>([&] { shares_memory(c, d, 1); }),
            "shares_memory: 1 candidate solutions did not decide shapes (20, 20, 20) and (20, 20, 20)");
  EXPECT_EQ(shares_memory(c, d), share_a_byte(c, d));
}

}  // namespace
