// The benchmark's inputs are the same bits as those of the libraries it is compared with. The expected values were
// written by the NumPy implementation of the same formulas, which makes the peers' inputs.
#include "inputs.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace {

using bench::element;
using bench::generator;
using bench::input;

constexpr std::int64_t million = 1'000'000;
constexpr std::array<std::int64_t, 5> sampled = {0, 1, 2, 4095, 99999};

void expect_elements(const input& in, const std::array<double, 5>& expected) {
  for (int k = 0; k < 5; ++k) EXPECT_EQ(in(sampled[k]), expected[k]) << "element " << sampled[k];
}

/// The sum of all elements' bits, modulo 2^64: one wrong bit anywhere shows.
template <class Bits, class Stored> std::uint64_t sum_of_bits(const input& in) {
  std::uint64_t sum = 0;
  for (std::int64_t i = 0; i < in.size(); ++i) {
    const Stored value = in.stored<Stored>(i);
    Bits bits;
    static_assert(sizeof bits == sizeof value);
    std::memcpy(&bits, &value, sizeof bits);
    sum += bits;
  }
  return sum;
}

TEST(bench_inputs, words_are_splitmix64_by_index) {
  EXPECT_EQ(bench::word(1, 0), 0xf4a90164c4749e1au);
  EXPECT_EQ(bench::word(1, 1), 0xbfa9ae8d44b45a35u);
  EXPECT_EQ(bench::word(1, 2), 0xd424f2654f316ee0u);
  EXPECT_EQ(bench::word(14, 4096 * 4096 - 1), 0xd97e97e5e2630088u);
  EXPECT_EQ(bench::word((std::uint64_t{1} << 40) + 5, 1), 0x251eb52b8f9abb85u);
}

TEST(bench_inputs, uniform_float64) {
  expect_elements(
      {{million}, element::float64, generator::uniform, 1},
      {0x1.e95202c988e93p-1, 0x1.7f535d1a8968bp-1, 0x1.a849e4ca9e62dp-1, 0x1.d18c193b58df8p-1, 0x1.5ed4b00b21c0dp-1});
  expect_elements(
      {{million}, element::float64, generator::uniform, 41, 0.1, 1.0},
      {0x1.a249233ce454cp-2, 0x1.531abe5d10ad0p-1, 0x1.2eb9eca6802c3p-1, 0x1.fd91e91f92aecp-3, 0x1.4c105d249592bp-1});
}

TEST(bench_inputs, uniform_float32) {
  const input in{{million}, element::float32, generator::uniform, 41, -0.99, 0.010000000000000009};
  expect_elements(in, {-0x1.4b635p-1, -0x1.75f8e8p-2, -0x1.c6d01p-2, -0x1.a638cp-1, -0x1.859e32p-2});
  EXPECT_EQ((sum_of_bits<std::uint32_t, float>(in)), 3178325267910096u);
}

TEST(bench_inputs, bell) {
  expect_elements({{million}, element::float64, generator::bell, 10},
                  {-0x1.7164c727da2bcp+0, -0x1.c641e427e47f9p-1, -0x1.c787844c0f2ffp-4, -0x1.3dc008bd254d0p-1,
                   0x1.5e8616977c1ccp-3});
  EXPECT_EQ((sum_of_bits<std::uint32_t, float>({{million}, element::float32, generator::bell, 10})), 2132558513903486u);
}

TEST(bench_inputs, integers_and_booleans) {
  expect_elements({{million}, element::int32, generator::integer, 11, -5, 6}, {3, -5, 0, -5, -1});
  const input wide{{million}, element::int64, generator::integer, 44, -0x1p40, 0x1p40};
  expect_elements(wide, {-971043270927.0, 491099622759.0, -563099730219.0, 858991080367.0, -821806458092.0});
  EXPECT_EQ((sum_of_bits<std::uint64_t, std::int64_t>(wide)), 18446591170194866370u);
  input coin{{million}, element::boolean, generator::boolean, 13};
  coin.parameter = 0.5;
  expect_elements(coin, {0, 1, 0, 0, 0});
}

TEST(bench_inputs, sorted) {
  input in{{100'000}, element::float64, generator::sorted, 42};
  in.prepare();
  expect_elements(in, {0x1.047fd364c0000p-19, 0x1.1de1a99370000p-17, 0x1.10020bc780000p-16, 0x1.56a5b6f769a40p-5,
                       0x1.fffdea6c9f35ap-1});
}

TEST(bench_inputs, float16_rounds_to_nearest_even_down_to_subnormals) {
  const input in{{million}, element::float16, generator::uniform, 1};
  EXPECT_EQ(in.stored<std::uint16_t>(0), 0x3ba5);
  EXPECT_EQ(in.stored<std::uint16_t>(20918), 0x301);  // below 2^-14
  EXPECT_EQ((sum_of_bits<std::uint16_t, std::uint16_t>(in)), 13820256483u);
  EXPECT_EQ(bench::float16_value(0x301), 0x301 * 0x1p-24);
  EXPECT_EQ(bench::float16_value(0xc500), -5.0);
}

TEST(bench_inputs, bfloat16_rounds_twice_as_the_peers_do) {
  const input in{{million}, element::bfloat16, generator::uniform, 1};
  EXPECT_EQ(in.stored<std::uint16_t>(0), 0x3f75);
  EXPECT_EQ(in.stored<std::uint16_t>(2522), 0x3f78);  // 0x3f77 if rounded from double at once
  EXPECT_EQ((sum_of_bits<std::uint16_t, std::uint16_t>(in)), 16063524326u);
  EXPECT_EQ(bench::bfloat16_value(0xc0a0), -5.0);
}

}  // namespace
