// Copies, scans, sorts, searches and memory of the CPU backend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

#include "core/half.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

// ---- memory and copies --------------------------------------------------------------------------------------------
TEST(memory, is_aligned_and_absurd_sizes_give_null) {
  for (const std::int64_t n : {0, 1, 63, 64, 65, 4096, 2 << 20, (2 << 20) + 1, 5 << 20}) {
    void* data = cpu_backend().allocate(n);
    ASSERT_NE(data, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % 64, 0u);
    cpu_backend().fill_zero(data, n);
    for (std::int64_t i = 0; i < n; i += 4093) EXPECT_EQ(static_cast<std::byte*>(data)[i], std::byte{0});
    cpu_backend().free(data, n);
  }
  for (const std::int64_t n :
       {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::max() / 2, std::int64_t{1} << 60}) {
    EXPECT_EQ(cpu_backend().allocate(n), nullptr);
  }
  cpu_backend().free(nullptr, 0);
}

template <class T> void expect_copy(const shape& extents, layout from_layout, layout to_layout, dtype type) {
  operand_of<T> from(extents, from_layout, type), to(extents, to_layout, type);
  from.fill([](std::int64_t i) { return static_cast<T>(i * 7919 + 1); });
  cpu_backend().copy(extents, from.view(), to.view());
  for (std::int64_t i = 0; i < from.size(); ++i)
    ASSERT_EQ(to.get(i), from.get(i)) << to_string(extents) << " point " << i;
}

TEST(copying, takes_any_strides_on_both_sides) {
  const shape spaces[] = {{},       {1},      {100},       {3, 3},          {40, 50},
                          {100, 3}, {3, 100}, {70, 65, 5}, {2, 3, 4, 5, 6}, {1, 17, 1, 19, 33}};
  for (const shape& extents : spaces) {
    for (const layout from : all_layouts) {
      for (const layout to :
           {layout::contiguous, layout::reversed, layout::strided, layout::transposed, layout::misaligned}) {
        expect_copy<std::int8_t>(extents, from, to, int8);
        expect_copy<std::int16_t>(extents, from, to, int16);
        expect_copy<float>(extents, from, to, float32);
        expect_copy<double>(extents, from, to, float64);
        expect_copy<std::complex<double>>(extents, from, to, complex128);
      }
    }
  }
}

TEST(copying, takes_large_arrays_on_any_number_of_threads) {
  with_thread_counts([](int) {
    expect_copy<float>({1000, 1100}, layout::contiguous, layout::transposed, float32);
    expect_copy<float>({1'100'000}, layout::reversed, layout::strided, float32);
    expect_copy<std::int8_t>({300'000, 3}, layout::transposed, layout::contiguous, int8);
  });
}

// ---- scans --------------------------------------------------------------------------------------------------------
/// Scans along `axis` of a space and compares with `step` applied element after element.
template <class T, class Step>
void expect_scan(fold by, const shape& extents, int axis, layout in_layout, layout out_layout, dtype type, Step step) {
  operand_of<T> in(extents, in_layout, type), out(extents, out_layout, type);
  in.fill([](std::int64_t i) { return static_cast<T>((i * 7919) % 23 * 0.37 + 1); });
  scan_plan plan{by, extents, extents[axis], in.view(), out.view(), in.view().strides[axis], out.view().strides[axis]};
  plan.lanes.erase(axis);
  plan.in.strides.erase(axis);
  plan.out.strides.erase(axis);
  cpu_backend().scan(plan);
  std::int64_t inner = 1;
  for (int i = axis + 1; i < extents.size(); ++i) inner *= extents[i];
  for (std::int64_t i = 0; i < in.size(); ++i) {
    const bool start = i / inner % extents[axis] == 0;
    ASSERT_EQ(out.get(i), start ? in.get(i) : step(out.get(i - inner), in.get(i)))
        << to_string(extents) << " axis " << axis << " point " << i;
  }
}

TEST(scan, adds_element_after_element_along_any_axis) {
  const shape spaces[] = {{1000}, {1, 5}, {40, 70}, {300, 3}, {3, 300}, {7, 8, 90}, {70, 1, 8}};
  for (const shape& extents : spaces) {
    for (int axis = 0; axis < extents.size(); ++axis) {
      for (const layout in : all_layouts) {
        for (const layout out : {layout::contiguous, layout::transposed, layout::reversed}) {
          expect_scan<float>(fold::sum, extents, axis, in, out, float32, [](float a, float b) { return a + b; });
          expect_scan<std::int16_t>(fold::prod, extents, axis, in, out, int16, [](std::int16_t a, std::int16_t b) {
            return static_cast<std::int16_t>(1u * static_cast<unsigned>(a) * static_cast<unsigned>(b));
          });
        }
      }
    }
  }
}

TEST(scan, gives_the_same_on_any_number_of_threads) {
  with_thread_counts([](int) {
    expect_scan<double>(fold::sum, {1000, 900}, 0, layout::contiguous, layout::contiguous, float64,
                        [](double a, double b) { return a + b; });
    expect_scan<double>(fold::sum, {1000, 900}, 1, layout::contiguous, layout::contiguous, float64,
                        [](double a, double b) { return a + b; });
  });
}

TEST(scan, rounds_16_bit_floats_at_every_step) {
  operand_of<float16_t> in({3000}, layout::contiguous, float16), out({3000}, layout::contiguous, float16);
  in.fill([](std::int64_t) { return float16_t(1.0f); });
  cpu_backend().scan({fold::sum, {}, 3000, {in.view().data, float16, {}}, {out.view().data, float16, {}}, 2, 2});
  EXPECT_EQ(static_cast<float>(out.get(2999)), 2048.0f);  // 2048 + 1 rounds to 2048, as in NumPy
}

TEST(scan, multiplies_complex_numbers) {
  std::complex<double> x[] = {{1, 2}, {3, -1}, {0, 2}}, out[3];
  cpu_backend().scan({fold::prod,
                      {},
                      3,
                      {reinterpret_cast<std::byte*>(x), complex128, {}},
                      {reinterpret_cast<std::byte*>(out), complex128, {}},
                      16,
                      16});
  EXPECT_EQ(out[1], std::complex<double>(5, 5));
  EXPECT_EQ(out[2], std::complex<double>(-10, 10));
}

// ---- sorting ------------------------------------------------------------------------------------------------------
sort_plan lane_plan(sort_plan::kind what, std::int64_t count, const strided& in, const strided& out) {
  return {what,          false,         {}, count, count, {}, {in.data, in.type, {}}, {out.data, out.type, {}},
          in.strides[0], out.strides[0]};
}

template <class To, class T>
std::vector<To> in_order(sort_plan::kind what, std::vector<T>& values, dtype type, dtype to, bool descending) {
  std::vector<To> out(values.size());
  sort_plan plan = lane_plan(what, static_cast<std::int64_t>(values.size()),
                             {reinterpret_cast<std::byte*>(values.data()), type, {sizeof(T)}},
                             {reinterpret_cast<std::byte*>(out.data()), to, {sizeof(To)}});
  plan.descending = descending;
  cpu_backend().sort(plan);
  return out;
}
template <class T> std::vector<T> sorted(std::vector<T> values, dtype type, bool descending = false) {
  return in_order<T>(sort_plan::kind::values, values, type, type, descending);
}
template <class T> std::vector<std::int64_t> argsorted(std::vector<T> values, dtype type, bool descending = false) {
  return in_order<std::int64_t>(sort_plan::kind::indices, values, type, int64, descending);
}

TEST(sorting, puts_nan_last_and_keeps_equal_elements_in_order) {
  const double nan = std::nan("");
  const std::vector<double> x = {3, nan, -1, 0.0, -0.0, 7, -INFINITY, nan, INFINITY};
  EXPECT_EQ(argsorted(x, float64), (std::vector<std::int64_t>{6, 2, 3, 4, 0, 5, 8, 1, 7}));
  const std::vector<double> y = sorted(x, float64);
  EXPECT_EQ(y[0], -INFINITY);
  EXPECT_FALSE(std::signbit(y[2]));
  EXPECT_TRUE(std::signbit(y[3]));
  EXPECT_TRUE(std::isnan(y[7]) && std::isnan(y[8]));
}

TEST(sorting, descending_is_the_reverse_order_with_equal_elements_in_order) {
  EXPECT_EQ(argsorted<std::int32_t>({2, 5, 2, 9, 5}, int32, true), (std::vector<std::int64_t>{3, 1, 4, 0, 2}));
  EXPECT_EQ(sorted<std::uint8_t>({2, 255, 2, 9, 5}, uint8, true), (std::vector<std::uint8_t>{255, 9, 5, 2, 2}));
}

// numpy.sort([1+1j, 9+nanj, 5, nan+3j, nan+nanj, nan+1j, 2+nanj, 1-1j])
TEST(sorting, orders_complex_numbers_with_nan_as_numpy) {
  using number = std::complex<float>;
  const float nan = std::nanf("");
  const std::vector<number> x = {{1, 1}, {9, nan}, {5, 0}, {nan, 3}, {nan, nan}, {nan, 1}, {2, nan}, {1, -1}};
  EXPECT_EQ(argsorted(x, complex64), (std::vector<std::int64_t>{7, 0, 2, 6, 1, 5, 3, 4}));
}

TEST(sorting, orders_16_bit_floats_by_value) {
  std::vector<float> values = {1.5f, -2, 0.0f, -0.0f, 1e-5f, -1e-5f, 300, -300, NAN, INFINITY, -INFINITY};
  std::vector<std::int64_t> expected(values.size());
  std::iota(expected.begin(), expected.end(), 0);
  std::stable_sort(expected.begin(), expected.end(), [&](auto a, auto b) {
    const float x = values[static_cast<std::size_t>(a)], y = values[static_cast<std::size_t>(b)];
    return x < y || (std::isnan(y) && !std::isnan(x));
  });
  std::vector<float16_t> x(values.begin(), values.end());
  std::vector<bfloat16_t> y(values.begin(), values.end());
  EXPECT_EQ(argsorted(x, float16), expected);
  EXPECT_EQ(argsorted(y, bfloat16), expected);
}

template <class T> void expect_lanes_sorted(dtype type, layout in_layout, layout out_layout) {
  const shape extents = {20, 90, 3};
  for (int axis = 0; axis < 3; ++axis) {
    operand_of<T> in(extents, in_layout, type), out(extents, out_layout, type);
    operand_of<std::int64_t> indices(extents, out_layout, int64);
    in.fill([](std::int64_t i) { return static_cast<T>((i * 7919) % 101); });
    sort_plan plan{sort_plan::kind::values,
                   false,
                   extents,
                   extents[axis],
                   extents[axis],
                   {},
                   in.view(),
                   out.view(),
                   in.view().strides[axis],
                   out.view().strides[axis]};
    for (shape* s : {&plan.lanes, &plan.in.strides, &plan.out.strides}) s->erase(axis);
    cpu_backend().sort(plan);
    sort_plan places = plan;
    places.what = sort_plan::kind::indices;
    places.out = indices.view();
    places.out.strides.erase(axis);
    places.out_stride = indices.view().strides[axis];
    cpu_backend().sort(places);
    const std::int64_t inner = axis == 0 ? 270 : axis == 1 ? 3 : 1;
    for (std::int64_t i = 0; i < in.size(); ++i) {
      const std::int64_t k = i / inner % extents[axis];
      ASSERT_EQ(in.get(i + (indices.get(i) - k) * inner), out.get(i));
      if (k > 0) {
        ASSERT_LE(out.get(i - inner), out.get(i));
        if (out.get(i - inner) == out.get(i)) {
          ASSERT_LT(indices.get(i - inner), indices.get(i));
        }
      }
    }
  }
}

TEST(sorting, sorts_lanes_along_any_axis_of_any_layout) {
  for (const layout in : all_layouts) {
    for (const layout out : {layout::contiguous, layout::transposed, layout::misaligned}) {
      expect_lanes_sorted<float>(float32, in, out);
      expect_lanes_sorted<std::int64_t>(int64, in, out);
      expect_lanes_sorted<std::uint8_t>(uint8, in, out);
    }
  }
}

TEST(sorting, selects_order_statistics) {
  operand_of<double> in({1001}, layout::strided, float64), out({1001}, layout::contiguous, float64);
  in.fill([](std::int64_t i) { return static_cast<double>((i * 7919) % 1001); });
  const std::vector<std::int64_t> lists[] = {{0}, {1, 1, 1000}, {499, 500, 1000}, {0, 3, 4, 999}};
  for (const std::vector<std::int64_t>& nth : lists) {
    sort_plan plan = lane_plan(sort_plan::kind::values, 1001, in.view(), out.view());
    plan.nth = nth;
    cpu_backend().sort(plan);
    for (const std::int64_t place : nth) {
      EXPECT_EQ(out.get(place), static_cast<double>(place));
      for (std::int64_t i = 0; i < 1001; ++i) EXPECT_EQ(out.get(i) < static_cast<double>(place), i < place);
    }
  }
}

TEST(sorting, keeps_the_first_places_only) {
  operand_of<double> in({100}, layout::reversed, float64), out({7}, layout::contiguous, float64);
  operand_of<std::int64_t> indices({7}, layout::strided, int64);
  in.fill([](std::int64_t i) { return static_cast<double>((i * 79) % 100); });
  sort_plan plan = lane_plan(sort_plan::kind::values, 100, in.view(), out.view());
  plan.keep = 7;
  plan.descending = true;
  cpu_backend().sort(plan);
  for (std::int64_t i = 0; i < 7; ++i) EXPECT_EQ(out.get(i), static_cast<double>(99 - i));
  plan.what = sort_plan::kind::indices;
  plan.out = {indices.view().data, int64, {}};
  plan.out_stride = indices.view().strides[0];
  cpu_backend().sort(plan);
  for (std::int64_t i = 0; i < 7; ++i) EXPECT_EQ(in.get(indices.get(i)), static_cast<double>(99 - i));
}

// ---- segments and histograms --------------------------------------------------------------------------------------
TEST(segments, end_where_the_next_one_begins) {
  operand_of<std::int32_t> in({3, 10}, layout::transposed, int32), out({3, 4}, layout::reversed, int32);
  in.fill([](std::int64_t i) { return static_cast<std::int32_t>(i); });
  const std::int64_t starts[] = {2, 5, 5, 0};
  segment_plan plan{op::add,
                    {3},
                    10,
                    4,
                    starts,
                    {in.view().data, int32, {in.view().strides[0]}},
                    {out.view().data, int32, {out.view().strides[0]}},
                    in.view().strides[1],
                    out.view().strides[1]};
  cpu_backend().reduce_segments(plan);
  for (std::int32_t lane = 0; lane < 3; ++lane) {
    const std::int32_t want[] = {30 * lane + 2 + 3 + 4, 10 * lane + 5, 10 * lane + 5, 100 * lane + 45};
    for (std::int32_t i = 0; i < 4; ++i) EXPECT_EQ(out.get(4 * lane + i), want[i]) << lane << " " << i;
  }
}

TEST(histogram, counts_by_edges_of_which_the_last_is_inside) {
  std::vector<float> values = {0.5f, 1, 2.5f, 4, 4.5f, -1, std::nanf(""), 0}, edges = {0, 1, 2.5f, 4};
  std::vector<double> weights = {1, 2, 4, 8, 16, 32, 64, 128};
  const auto view = [](auto& x, dtype type) {
    return strided{reinterpret_cast<std::byte*>(x.data()), type, {type.itemsize()}};
  };
  std::int64_t counts[3] = {};
  histogram_plan plan{
      {8}, view(values, float32), {}, 3, view(edges, float32).data, false, reinterpret_cast<std::byte*>(counts)};
  cpu_backend().histogram(plan);
  EXPECT_THAT(counts, testing::ElementsAre(2, 1, 2));
  double sums[3] = {};
  plan.weights = view(weights, float64);
  plan.out = reinterpret_cast<std::byte*>(sums);
  cpu_backend().histogram(plan);
  EXPECT_THAT(sums, testing::ElementsAre(129, 2, 12));
}

// ---- searching ----------------------------------------------------------------------------------------------------
TEST(searching, counts_the_elements_before_each_value) {
  const double nan = std::nan("");
  std::vector<double> among = {-3, -1, -1, 0, 2, 2, 2, 9, nan, nan};
  std::vector<double> values = {-5, -3, -1, -0.0, 1, 2, 9, 10, nan};
  std::vector<std::int64_t> left(values.size()), right(values.size());
  search_plan plan{false,
                   10,
                   reinterpret_cast<std::byte*>(among.data()),
                   {9},
                   {reinterpret_cast<std::byte*>(values.data()), float64, {8}},
                   {reinterpret_cast<std::byte*>(left.data()), int64, {8}}};
  cpu_backend().search(plan);
  plan.right = true;
  plan.out.data = reinterpret_cast<std::byte*>(right.data());
  cpu_backend().search(plan);
  EXPECT_EQ(left, (std::vector<std::int64_t>{0, 0, 1, 3, 4, 4, 7, 8, 8}));
  EXPECT_EQ(right, (std::vector<std::int64_t>{0, 1, 3, 4, 4, 7, 8, 8, 10}));
}

TEST(searching, takes_no_elements_and_any_layout) {
  operand_of<std::int32_t> values({30, 40}, layout::transposed, int32);
  operand_of<std::int64_t> out({30, 40}, layout::reversed, int64);
  values.fill([](std::int64_t i) { return static_cast<std::int32_t>(i % 50); });
  std::vector<std::int32_t> among = {5, 10, 15, 20, 49};
  search_plan plan{true, 5, reinterpret_cast<std::byte*>(among.data()), {30, 40}, values.view(), out.view()};
  cpu_backend().search(plan);
  for (std::int64_t i = 0; i < 1200; ++i) {
    ASSERT_EQ(out.get(i), std::count_if(among.begin(), among.end(), [&](std::int32_t e) { return e <= i % 50; }));
  }
  plan.count = 0;
  plan.sorted = nullptr;
  cpu_backend().search(plan);
  for (std::int64_t i = 0; i < 1200; ++i) ASSERT_EQ(out.get(i), 0);
}

}  // namespace
}  // namespace tessera::detail
