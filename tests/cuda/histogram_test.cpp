// Histograms on a device against plain loops: bins and edges, counts and weights, any layout.
#include "cuda/histogram.hpp"

#include <gtest/gtest.h>

#include <complex>
#include <limits>
#include <random>

#include "cuda/launch.hpp"
#include "mirrored.hpp"

namespace tessera::detail::cuda {
namespace {

using complex = std::complex<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

/// The bin by looking at one edge after the other; -1 outside.
template <class T> std::int64_t bin_by_edges(const std::vector<T>& edges, T x) {
  if (edges.empty()) return static_cast<std::int64_t>(x);
  if (!(x >= edges.front()) || !(x <= edges.back())) return -1;
  std::int64_t bin = static_cast<std::int64_t>(edges.size()) - 2;
  for (std::size_t i = 1; i + 1 < edges.size(); ++i) {
    if (x < edges[i]) return static_cast<std::int64_t>(i) - 1;
  }
  return bin;
}

template <class T> struct histogram_case {
  shape extents;
  std::int64_t bins;
  std::function<T(std::int64_t)> value;
  std::vector<T> edges = {};
  bool uniform = false;
  layout values = layout::contiguous, weights = layout::contiguous;
};

/// Weight: std::int64_t counts. Weights are small whole numbers, whose sums are exact in any order.
template <class T, class Weight> void expect_histogram(histogram_case<T> c) {
  SCOPED_TRACE(testing::Message() << dtype_of<T>().name() << " into " << dtype_of<Weight>().name() << ", "
                                  << to_string(c.extents) << " in " << c.bins << " bins, layouts "
                                  << static_cast<int>(c.values) << " " << static_cast<int>(c.weights));
  operand_of<T> values(c.extents, c.values, dtype_of<T>());
  operand_of<Weight> weights(c.extents, c.weights, dtype_of<Weight>());
  values.fill(c.value);
  weights.fill([](std::int64_t i) {
    if constexpr (std::is_same_v<Weight, complex>)
      return complex(static_cast<double>(i % 9 - 3), static_cast<double>(i % 4));
    else return static_cast<Weight>(i % 9 - 3);
  });
  const bool weighted = !std::is_same_v<Weight, std::int64_t>;
  std::vector<Weight> got(static_cast<std::size_t>(c.bins)), want(static_cast<std::size_t>(c.bins));
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const std::int64_t bin = bin_by_edges(c.edges, values.get(i));
    if (bin >= 0) want[static_cast<std::size_t>(bin)] += weighted ? weights.get(i) : Weight(1);
  }
  mirror copies;
  add_to(copies, values);
  add_to(copies, weights);
  add_to(copies, got);
  add_to(copies, c.edges);
  copies.upload();
  histogram_plan plan;
  plan.extents = c.extents;
  plan.values = values.view();
  plan.values.data = copies.of(plan.values.data);
  if (weighted) {
    plan.weights = weights.view();
    plan.weights.data = copies.of(plan.weights.data);
  }
  plan.bins = c.bins;
  if (!c.edges.empty()) plan.edges = reinterpret_cast<const std::byte*>(there(copies, c.edges));
  plan.uniform = c.uniform;
  plan.out = reinterpret_cast<std::byte*>(there(copies, got));
  run_histogram(context_of(0), plan);
  copies.download();
  int shown = 0;
  for (std::size_t i = 0; i < got.size() && shown < 3; ++i) {
    if (got[i] == want[i]) continue;
    ++shown;
    ADD_FAILURE() << "bin " << i << ": " << got[i] << " not " << want[i];
  }
}
template <class T> void expect_all(const histogram_case<T>& c) {
  expect_histogram<T, std::int64_t>(c);
  expect_histogram<T, double>(c);
  expect_histogram<T, complex>(c);
}

TEST(cuda_histograms, of_bins) {
  for (const std::int64_t bins : {1, 2, 37, 3000}) {
    for (const shape& extents : {shape{}, shape{1}, shape{257}, shape{9000}, shape{40, 30}}) {
      expect_all<std::int64_t>({extents, bins, [=](std::int64_t i) { return i * 7919 % bins; }});
    }
  }
}

TEST(cuda_histograms, of_more_bins_than_fit_a_table_and_of_more_than_values) {
  expect_histogram<std::int64_t, std::int64_t>({{30000}, 5000, [](std::int64_t i) { return i * i % 5000; }});
  expect_all<std::int64_t>({{30000}, 15000, [](std::int64_t i) { return i * i % 15000; }});
  expect_all<std::int64_t>({{50}, 20000, [](std::int64_t i) { return i * 399; }});
}

TEST(cuda_histograms, of_equal_values_and_of_sorted_ones) {
  for (const std::int64_t bins : {1, 10, 2000}) {
    expect_all<std::int64_t>({{40000}, bins, [=](std::int64_t) { return bins - 1; }});
    expect_all<std::int64_t>({{20000}, bins, [=](std::int64_t i) { return i * bins / 20000; }});
  }
}

TEST(cuda_histograms, of_any_layout) {
  for (const layout values : all_layouts) {
    for (const layout weights : all_layouts) {
      expect_histogram<std::int64_t, double>(
          {{6, 50}, 11, [](std::int64_t i) { return i * 7919 % 11; }, {}, false, values, weights});
    }
    expect_histogram<std::int64_t, complex>({{6, 50}, 11, [](std::int64_t i) { return i % 11; }, {}, false, values});
    expect_histogram<std::int64_t, std::int64_t>(
        {{3, 4, 50}, 11, [](std::int64_t i) { return i % 11; }, {}, false, values});
    expect_histogram<float, std::int64_t>(
        {{3, 4, 50}, 4, [](std::int64_t i) { return static_cast<float>(i % 5); }, {0, 1, 2, 3, 4}, true, values});
  }
}

template <class T> std::vector<T> evenly(T first, T last, std::int64_t bins) {
  std::vector<T> edges;
  for (std::int64_t i = 0; i < bins; ++i)
    edges.push_back(static_cast<T>(first + (last - first) / static_cast<T>(bins) * static_cast<T>(i)));
  edges.push_back(last);
  return edges;
}

template <class T> void expect_edges() {
  // Values on the edges, beside them, outside, and what is no number.
  const std::vector<T> uneven{-2, -1, T(-0.0), T(0.25), T(0.25), 3, 10};
  const auto values_of = [](const std::vector<T>& edges) {
    std::vector<T> x{static_cast<T>(nan),
                     static_cast<T>(infinity),
                     static_cast<T>(-infinity),
                     T(0.0),
                     T(-0.0),
                     std::numeric_limits<T>::denorm_min()};
    for (const T edge : edges) {
      x.push_back(edge);
      x.push_back(std::nextafter(edge, static_cast<T>(infinity)));
      x.push_back(std::nextafter(edge, static_cast<T>(-infinity)));
      x.push_back(edge / 3);
    }
    return x;
  };
  const T most = std::numeric_limits<T>::max();
  for (const std::vector<T>& edges :
       {uneven, evenly<T>(0, 1, 10), evenly<T>(T(-0.1), T(0.3), 777), evenly<T>(T(1e-30), T(7e-30), 50),
        std::vector<T>{-most, 0, most}, std::vector<T>{1, 1}, std::vector<T>{T(-0.0), 2}, std::vector<T>{5, 5, 5}}) {
    const std::vector<T> x = values_of(edges);
    const auto bins = static_cast<std::int64_t>(edges.size()) - 1;
    for (const bool uniform : {false, true}) {
      for (const std::int64_t times : {1, 30}) {
        const auto size = static_cast<std::int64_t>(x.size());
        expect_all<T>({{size * times},
                       bins,
                       [&](std::int64_t i) { return x[static_cast<std::size_t>(i % size)]; },
                       edges,
                       uniform});
      }
    }
  }
}

TEST(cuda_histograms, by_edges_of_float32) { expect_edges<float>(); }
TEST(cuda_histograms, by_edges_of_float64) { expect_edges<double>(); }

TEST(cuda_histograms, that_do_not_fit_one_launch) {
  for (const std::int64_t most : {1, 7, 60, 400}) {
    const small_slabs small_ones(most);
    for (const layout how : {layout::contiguous, layout::strided, layout::transposed}) {
      expect_all<std::int64_t>({{4, 100}, 13, [](std::int64_t i) { return i * 31 % 13; }, {}, false, how, how});
    }
  }
}

TEST(cuda_histograms, of_nothing_start_nothing) {
  const std::int64_t before = launch_count();
  histogram_plan plan;
  plan.extents = {0};
  plan.values.type = int64;
  plan.bins = 3;
  run_histogram(context_of(0), plan);
  plan.extents = {3};
  plan.bins = 0;
  run_histogram(context_of(0), plan);
  EXPECT_EQ(launch_count(), before);
}

TEST(cuda_histograms, counts_are_one_launch) {
  const std::int64_t before = launch_count();
  expect_histogram<std::int64_t, std::int64_t>({{5000}, 100, [](std::int64_t i) { return i % 100; }});
  EXPECT_EQ(launch_count() - before, 1);
}

TEST(cuda_histograms, of_weights_have_the_same_bits_on_every_run) {
  constexpr std::int64_t count = 20000, bins = 3;
  std::mt19937 random(2);
  std::vector<std::int64_t> values;
  std::vector<double> weights, once(bins), again(bins), want(bins);
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(random() % bins);
    weights.push_back(static_cast<double>(random()) / 7e9 - 0.1);
    want[static_cast<std::size_t>(values.back())] += weights.back();
  }
  mirror copies;
  add_to(copies, values);
  for (std::vector<double>* x : {&weights, &once, &again}) add_to(copies, *x);
  copies.upload();
  histogram_plan plan;
  plan.extents = {count};
  plan.values = {reinterpret_cast<std::byte*>(there(copies, values)), int64, {8}};
  plan.weights = {reinterpret_cast<std::byte*>(there(copies, weights)), float64, {8}};
  plan.bins = bins;
  for (std::vector<double>* x : {&once, &again}) {
    plan.out = reinterpret_cast<std::byte*>(there(copies, *x));
    run_histogram(context_of(0), plan);
  }
  copies.download();
  EXPECT_EQ(once, again);
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(once[i], want[i], 1e-11 * count);
}

TEST(cuda_histograms, keep_their_values_in_registers) {
  histogram_plan plan;
  plan.extents = {300, 1000};
  plan.values = {reinterpret_cast<std::byte*>(4096), float64, {8000, 8}};
  plan.edges = reinterpret_cast<const std::byte*>(4096);
  plan.out = reinterpret_cast<std::byte*>(4096);
  plan.uniform = true;
  for (const std::int64_t bins : {10, 1'000'000}) {
    plan.bins = bins;
    expect_in_registers(histogram_text_of(plan));
  }
  plan.weights = {plan.values.data, complex128, {16000, 16}};
  expect_in_registers(histogram_text_of(plan));
}

}  // namespace
}  // namespace tessera::detail::cuda
