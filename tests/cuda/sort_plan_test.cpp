// Sorts, first places and partitions of lanes on a device against std::stable_sort: short lanes, long ones, any layout and dtype.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numeric>

#include "core/half.hpp"
#include "cuda/launch.hpp"
#include "cuda/sort.hpp"
#include "cuda/sort_walk.hpp"
#include "mirrored.hpp"

namespace tessera::detail::cuda {
namespace {

using kind = sort_plan::kind;

template <class T> inline constexpr bool is_complex = false;
template <class T> inline constexpr bool is_complex<std::complex<T>> = true;

/// NumPy's order: NaN last; complex numbers with one by which part it is, then by the other part.
template <class T> bool comes_before(T a, T b) {
  if constexpr (is_complex<T>) {
    const auto kind_of = [](T x) { return (std::isnan(x.real()) ? 2 : 0) + (std::isnan(x.imag()) ? 1 : 0); };
    const int k = kind_of(a);
    if (k != kind_of(b)) return k < kind_of(b);
    if (k < 2 && a.real() != b.real()) return a.real() < b.real();
    return k % 2 == 0 && a.imag() < b.imag();
  } else if constexpr (std::is_integral_v<T>) {
    return a < b;
  } else {
    const auto x = static_cast<double>(a), y = static_cast<double>(b);
    return x < y || (std::isnan(y) && !std::isnan(x));
  }
}

template <class T> struct sort_case {
  dtype type;
  shape lanes;
  std::int64_t count;
  std::function<T(std::int64_t)> value;
  bool descending = false;
  std::int64_t keep = -1;
  std::vector<std::int64_t> nth = {};
  layout in = layout::contiguous, out = layout::contiguous;
};

/// Runs the plan; what it wrote.
template <class T, class Out> operand_of<Out> run(const sort_case<T>& c, kind what, dtype out_type, operand_of<T>& in) {
  const std::int64_t keep = c.keep < 0 ? c.count : c.keep;
  operand_of<Out> out(with_axis(c.lanes, keep), c.out, out_type);
  mirror copies;
  add_to(copies, in);
  add_to(copies, out);
  copies.upload();
  sort_plan plan;
  plan.what = what;
  plan.descending = c.descending;
  plan.lanes = c.lanes;
  plan.count = c.count;
  plan.keep = keep;
  plan.nth = c.nth;
  set_operands(plan, copies, in, out);
  run_sort(context_of(0), plan);
  copies.download();
  return out;
}

/// The places of a lane's elements, sorted stably.
template <class T>
std::vector<std::int64_t> sorted_places(const sort_case<T>& c, const operand_of<T>& in, std::int64_t lane) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(c.count));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const T x = in.get(lane * c.count + a), y = in.get(lane * c.count + b);
    return c.descending ? comes_before(y, x) : comes_before(x, y);
  });
  return order;
}

template <class T>
void expect_partitioned(const sort_case<T>& c, const operand_of<T>& in, std::int64_t lane,
                        const std::vector<std::int64_t>& places) {
  const std::vector<std::int64_t> order = sorted_places(c, in, lane);
  const auto at = [&](std::int64_t place) { return in.get(lane * c.count + place); };
  const auto less = [&](std::int64_t a, std::int64_t b) {
    return c.descending ? comes_before(at(b), at(a)) : comes_before(at(a), at(b));
  };
  std::vector<bool> seen(places.size());
  for (const std::int64_t place : places) {
    ASSERT_TRUE(place >= 0 && place < c.count && !seen[static_cast<std::size_t>(place)]) << place;
    seen[static_cast<std::size_t>(place)] = true;
  }
  for (const std::int64_t n : c.nth) {
    const std::int64_t here = places[static_cast<std::size_t>(n)], want = order[static_cast<std::size_t>(n)];
    ASSERT_FALSE(less(here, want) || less(want, here)) << "place " << n;
    for (std::int64_t i = 0; i < c.count; ++i) {
      const std::int64_t other = places[static_cast<std::size_t>(i)];
      ASSERT_FALSE(i < n ? less(here, other) : less(other, here)) << "place " << i << " beside " << n;
    }
  }
}

template <class T> void expect_sorted(sort_case<T> c) {
  SCOPED_TRACE(testing::Message() << c.type.name() << ", lanes " << to_string(c.lanes) << " of " << c.count << ", keep "
                                  << c.keep << ", " << c.nth.size() << " places, " << (c.descending ? "descending" : "")
                                  << " layouts " << static_cast<int>(c.in) << " " << static_cast<int>(c.out));
  operand_of<T> in(with_axis(c.lanes, c.count), c.in, c.type);
  in.fill(c.value);
  const auto values = run<T, T>(c, kind::values, c.type, in);
  const auto indices = run<T, std::int64_t>(c, kind::indices, int64, in);
  const std::int64_t keep = c.keep < 0 ? c.count : c.keep;
  for (std::int64_t lane = 0; lane < points_of(c.lanes); ++lane) {
    std::vector<std::int64_t> got;
    for (std::int64_t i = 0; i < keep; ++i) got.push_back(indices.get(lane * keep + i));
    if (!c.nth.empty()) {
      ASSERT_NO_FATAL_FAILURE(expect_partitioned(c, in, lane, got));
    } else {
      std::vector<std::int64_t> want = sorted_places(c, in, lane);
      want.resize(static_cast<std::size_t>(keep));
      ASSERT_EQ(got, want) << "lane " << lane;
    }
    // Values and positions go the same way here, so that each value is the element there, bit for bit.
    for (std::int64_t i = 0; i < keep; ++i) {
      const T value = values.get(lane * keep + i), want = in.get(lane * c.count + got[static_cast<std::size_t>(i)]);
      ASSERT_EQ(std::memcmp(&value, &want, sizeof(T)), 0) << "lane " << lane << ", value " << i;
    }
  }
}

/// Few different values, both zeros, infinities, NaN: many are equal.
template <class T> T few(std::int64_t i) {
  const std::int64_t x = (i * 7919 + i / 5) % 13 - 6;
  if constexpr (is_complex<T>) {
    using part = typename T::value_type;
    return {few<part>(i), few<part>(i / 3 + 1)};
  } else if constexpr (std::is_same_v<T, bool>) {
    return x > 0;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(x);
  } else {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    return T(x == 6    ? std::numeric_limits<float>::quiet_NaN()
             : x == 5  ? infinity
             : x == -5 ? -infinity
             : x == -4 ? -0.0f
                       : static_cast<float>(x));
  }
}
/// All bits at random, but no NaN.
template <class T> T any_bits(std::int64_t i) {
  std::uint64_t bits = static_cast<std::uint64_t>(i + 1) * 0x9e3779b97f4a7c15u;
  bits = (bits ^ bits >> 31) * 0xbf58476d1ce4e5b9u;
  bits ^= bits >> 29;
  if constexpr (std::is_same_v<T, bool>) return bits % 2 == 1;
  else if constexpr (std::is_integral_v<T>) return static_cast<T>(bits);
  else
    return static_cast<T>(
        std::ldexp(static_cast<double>(static_cast<std::int64_t>(bits)), static_cast<int>(bits % 40) - 80));
}

constexpr std::int64_t short_counts[] = {1, 2, 3, 31, 64, 100, 1025, 2048}, long_counts[] = {2049, 9000};

template <class T> void expect_all(dtype type) {
  expect_sorted<T>({type, {3}, 100, few<T>});
  expect_sorted<T>({type, {3}, 100, few<T>, true, 7});
  expect_sorted<T>({type, {2}, 2500, few<T>, true});
  expect_sorted<T>({type, {2}, 2500, few<T>, true, 2000});
  expect_sorted<T>({type, {2}, 2500, few<T>, false, 40});
  expect_sorted<T>({type, {2}, 2500, few<T>, false, -1, {1250}});
  expect_sorted<T>({type, {}, 2500, few<T>, true, -1, {0, 1700, 2499}});
}

TEST(sort_plans, of_bool) { expect_all<bool>(bool_); }
TEST(sort_plans, of_int8) { expect_all<std::int8_t>(int8); }
TEST(sort_plans, of_int16) { expect_all<std::int16_t>(int16); }
TEST(sort_plans, of_int32) { expect_all<std::int32_t>(int32); }
TEST(sort_plans, of_int64) { expect_all<std::int64_t>(int64); }
TEST(sort_plans, of_uint8) { expect_all<std::uint8_t>(uint8); }
TEST(sort_plans, of_uint16) { expect_all<std::uint16_t>(uint16); }
TEST(sort_plans, of_uint32) { expect_all<std::uint32_t>(uint32); }
TEST(sort_plans, of_uint64) { expect_all<std::uint64_t>(uint64); }
TEST(sort_plans, of_float16) { expect_all<float16_t>(float16); }
TEST(sort_plans, of_bfloat16) { expect_all<bfloat16_t>(bfloat16); }
TEST(sort_plans, of_float32) { expect_all<float>(float32); }
TEST(sort_plans, of_float64) { expect_all<double>(float64); }
TEST(sort_plans, of_complex64) { expect_all<std::complex<float>>(complex64); }
TEST(sort_plans, of_complex128) { expect_all<std::complex<double>>(complex128); }

TEST(sort_plans, of_every_length_that_a_block_sorts) {
  for (const std::int64_t count : short_counts) {
    for (const shape& lanes : {shape{}, shape{37}}) {
      expect_sorted<float>({float32, lanes, count, any_bits<float>});
      expect_sorted<std::int64_t>({int64, lanes, count, any_bits<std::int64_t>, true});
      expect_sorted<float>({float32, lanes, count, any_bits<float>, false, (count + 1) / 2});
      expect_sorted<double>({float64, lanes, count, any_bits<double>, false, -1, {count / 2}});
    }
  }
}

TEST(sort_plans, of_long_lanes_and_all_bits) {
  for (const std::int64_t count : long_counts) {
    for (const shape& lanes : {shape{}, shape{3}}) {
      for (const bool descending : {false, true}) {
        expect_sorted<double>({float64, lanes, count, any_bits<double>, descending});
        for (const std::int64_t keep : {1, 100, 511}) {
          expect_sorted<float>({float32, lanes, count, any_bits<float>, descending, keep});
          expect_sorted<std::int64_t>({int64, lanes, count, any_bits<std::int64_t>, descending, keep});
        }
        expect_sorted<double>({float64, lanes, count, any_bits<double>, descending, -1, {count / 4, count / 2}});
        expect_sorted<std::uint16_t>({uint16, lanes, count, any_bits<std::uint16_t>, descending, -1, {7}});
      }
    }
  }
}

TEST(sort_plans, of_lanes_in_several_pieces) {
  expect_sorted<float>({float32, {}, 30000, few<float>, false, 1000});
  expect_sorted<float>({float32, {2}, 30000, any_bits<float>, true, 10});
  expect_sorted<double>({float64, {}, 30000, few<double>, false, -1, {15000}});
  expect_sorted<std::int32_t>({int32, {}, 30000, few<std::int32_t>, true, -1, {1, 2, 29999}});
}

TEST(sort_plans, of_equal_and_of_ordered_elements) {
  for (const std::int64_t count : {1000, 5000}) {
    for (const auto& value : {std::function<std::int32_t(std::int64_t)>([](std::int64_t) { return 3; }),
                              std::function<std::int32_t(std::int64_t)>([](std::int64_t i) { return int(i); }),
                              std::function<std::int32_t(std::int64_t)>([](std::int64_t i) { return -int(i); })}) {
      expect_sorted<std::int32_t>({int32, {2}, count, value});
      expect_sorted<std::int32_t>({int32, {2}, count, value, true, 9});
      expect_sorted<std::int32_t>({int32, {2}, count, value, false, -1, {10, 400}});
    }
  }
}

TEST(sort_plans, of_more_places_than_are_selected) {
  for (const std::int64_t count : {50, 3000})
    expect_sorted<float>({float32, {2}, count, few<float>, false, -1, {1, 5, 10, 20, 49}});
}

TEST(sort_plans, of_any_layout) {
  for (std::size_t k = 0; k < std::size(all_layouts); ++k) {
    const layout in = all_layouts[k], out = target_layouts[k % std::size(target_layouts)];
    expect_sorted<std::int16_t>({int16, {2, 3}, 50, few<std::int16_t>, false, -1, {}, in, out});
    expect_sorted<float>({float32, {2}, 2100, few<float>, false, 20, {}, in, out});
    expect_sorted<double>({float64, {2}, 2100, few<double>, true, -1, {1000}, in, out});
    expect_sorted<std::int64_t>({int64, {2}, 2100, few<std::int64_t>, true, -1, {}, in, out});
  }
}

TEST(sort_plans, that_do_not_fit_one_launch) {
  for (const std::int64_t most : {1, 70, 4999, 5000}) {
    const small_slabs small_ones(most);
    expect_sorted<float>({float32, {5}, 40, few<float>});
    expect_sorted<float>({float32, {3}, 2500, few<float>});
    expect_sorted<float>({float32, {3}, 2500, few<float>, false, 30});
    expect_sorted<float>({float32, {3}, 2500, few<float>, true, -1, {77}});
  }
}

TEST(sort_plans, short_lanes_are_one_launch) {
  const std::int64_t before = launch_count();
  sort_case<float> c{float32, {7}, 300, few<float>};
  operand_of<float> in({7, 300}, layout::contiguous, float32);
  in.fill(c.value);
  run<float, float>(c, kind::values, float32, in);
  EXPECT_EQ(launch_count() - before, 1);
}

TEST(sort_plans, keep_their_values_in_registers) {
  const auto plan_of = [](dtype type, std::int64_t count, std::vector<std::int64_t> nth) {
    sort_plan plan;
    plan.lanes = {3, 4};
    plan.count = count;
    plan.keep = nth.empty() ? 10 : count;
    plan.nth = std::move(nth);
    const std::int64_t size = type.itemsize();
    plan.in = {reinterpret_cast<std::byte*>(4096), type, {9 * count * size, count * size}};
    plan.out = {reinterpret_cast<std::byte*>(8192), type, {4 * plan.keep * size, plan.keep * size}};
    plan.in_stride = plan.out_stride = size;
    return plan;
  };
  for (const dtype type : {float32, complex128}) {
    const sort_plan plan = plan_of(type, 300, {});
    expect_in_registers(short_text_of(sort_walk(plan)));
  }
  for (const sort_plan& plan : {plan_of(float32, 10000, {}), plan_of(float64, 10000, {1, 2, 3})}) {
    for (const bool ends : {false, true}) expect_in_registers(select_text_of(sort_walk(plan), ends));
  }
}

}  // namespace
}  // namespace tessera::detail::cuda
