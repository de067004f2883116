// What the limits of a machine allow a workload, and that they can be measured.
#include "limits/limits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "limits/loops.hpp"
#include "limits/team.hpp"

namespace {

using bench::least_seconds;

bench::bandwidth row(int threads, std::int64_t bytes, double read, double copy, const std::string& device = "cpu") {
  bench::bandwidth one;
  one.device = device;
  one.threads = threads;
  one.working_set = bytes;
  one.read = read;
  one.copy = copy;
  return one;
}

bench::limits known() {
  bench::limits all;
  all.bandwidths = {row(1, 1000, 8e9, 4e9), row(1, 100000, 2e9, 1e9), row(2, 1000, 16e9, 8e9), row(2, 100000, 3e9, 2e9),
                    row(1, 1 << 20, 1e12, 5e11, "cuda:0")};
  all.peaks = {{"cpu", 1, 40e9, 20e9}, {"cpu", 2, 80e9, 40e9}};
  return all;
}

bench::measured moves(double bytes, const std::string& traffic = "rw") {
  bench::measured work;
  work.bytes = bytes;
  work.traffic = traffic;
  work.bound = "memory";
  return work;
}

bench::measured computes(double flops, const std::string& type) {
  bench::measured work;
  work.flops = flops;
  work.flop_type = type;
  work.bound = "compute";
  return work;
}

TEST(least_seconds, is_bytes_over_the_bandwidth_of_that_working_set) {
  EXPECT_DOUBLE_EQ(least_seconds(moves(1000), known(), "cpu", 1), 1000 / 4e9);
  EXPECT_DOUBLE_EQ(least_seconds(moves(1000, "read"), known(), "cpu", 1), 1000 / 8e9);
}

TEST(least_seconds, interpolates_over_the_logarithm) {
  EXPECT_NEAR(least_seconds(moves(10000), known(), "cpu", 1), 10000 / 2.5e9, 1e-12);
}

TEST(least_seconds, beyond_what_was_measured_takes_the_nearest) {
  EXPECT_DOUBLE_EQ(least_seconds(moves(10), known(), "cpu", 1), 10 / 4e9);
  EXPECT_DOUBLE_EQ(least_seconds(moves(1e9), known(), "cpu", 1), 1e9 / 1e9);
}

TEST(least_seconds, counts_no_more_threads_than_asked_for) {
  EXPECT_DOUBLE_EQ(least_seconds(moves(1000), known(), "cpu", 2), 1000 / 8e9);
  EXPECT_DOUBLE_EQ(least_seconds(moves(1000), known(), "cpu", 64), 1000 / 8e9);
  EXPECT_EQ(least_seconds(moves(1000), known(), "cpu", 0), 0);
}

TEST(least_seconds, takes_the_best_kind_of_writing) {
  bench::limits all = known();
  all.bandwidths[0].triad_streaming = 10e9;
  EXPECT_DOUBLE_EQ(least_seconds(moves(1000), all, "cpu", 1), 1000 / 10e9);
  EXPECT_DOUBLE_EQ(least_seconds(moves(1000, "read"), all, "cpu", 1), 1000 / 8e9);
}

TEST(least_seconds, is_operations_over_the_peak_of_their_type) {
  EXPECT_DOUBLE_EQ(least_seconds(computes(1e9, "f32"), known(), "cpu", 1), 1e9 / 40e9);
  EXPECT_DOUBLE_EQ(least_seconds(computes(1e9, "f64"), known(), "cpu", 1), 1e9 / 20e9);
  EXPECT_DOUBLE_EQ(least_seconds(computes(1e9, "i64"), known(), "cpu", 2), 1e9 / 40e9);
}

TEST(least_seconds, is_the_longer_of_both) {
  bench::measured both = moves(1000);
  both.flops = 1e9;
  EXPECT_DOUBLE_EQ(least_seconds(both, known(), "cpu", 1), 1e9 / 40e9);
  both.flops = 1;
  EXPECT_DOUBLE_EQ(least_seconds(both, known(), "cpu", 1), 1000 / 4e9);
}

TEST(least_seconds, is_nothing_where_the_limits_do_not_tell) {
  EXPECT_EQ(least_seconds(moves(1000), {}, "cpu", 1), 0);
  EXPECT_EQ(least_seconds(moves(1000), known(), "cuda:1", 1), 0);
  EXPECT_EQ(least_seconds(computes(1e9, "f32"), known(), "cuda:0", 1), 0) << "its bytes alone would be no limit";
  EXPECT_EQ(least_seconds({}, known(), "cpu", 1), 0);
}

TEST(least_seconds, of_a_gpu_is_for_the_whole_of_it) {
  EXPECT_DOUBLE_EQ(least_seconds(moves(1 << 20), known(), "cuda:0", 0), (1 << 20) / 5e11);
}

TEST(limit_loops, do_what_they_say) {
  constexpr std::size_t n = bench::loop_block;
  const bench::limit_loops loops = bench::find_limit_loops();
  struct alignas(64) block {
    double at[n];
  };
  std::vector<block> arrays(3);
  double *const a = arrays[0].at, *const b = arrays[1].at, *const c = arrays[2].at;
  for (std::size_t i = 0; i < n; ++i) {
    a[i] = static_cast<double>(i);
    b[i] = static_cast<double>(7 * i);
  }
  EXPECT_EQ(loops.read(a, n), n * (n - 1) / 2);
  for (const auto copy : {loops.copy, loops.copy_streaming}) {
    std::fill_n(c, n, -1.0);
    copy(c, a, n);
    EXPECT_TRUE(std::equal(a, a + n, c));
  }
  for (const auto triad : {loops.triad, loops.triad_streaming}) {
    std::fill_n(c, n, -1.0);
    triad(c, a, b, n);
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(c[i], static_cast<double>(22 * i));
  }
  // With factor 1 and term 1 every lane of every chain grows by one a step.
  const double before = loops.multiply_add_float64(0, 1, 1), after = loops.multiply_add_float64(10, 1, 1);
  EXPECT_EQ(after - before, 10 * loops.operations_float64 / 2);
  EXPECT_EQ(loops.multiply_add_float32(10, 1, 1) - loops.multiply_add_float32(0, 1, 1),
            10 * loops.operations_float32 / 2);
}

TEST(shortest_pass, runs_every_thread_in_every_pass) {
  std::vector<int> prepared(3), passes(3);
  const double seconds = bench::shortest_pass(
      3, 0, [&](int k) { ++prepared[static_cast<std::size_t>(k)]; },
      [&](int k) { ++passes[static_cast<std::size_t>(k)]; });
  EXPECT_EQ(prepared, std::vector<int>(3, 1));
  EXPECT_GE(passes[0], 3);
  EXPECT_EQ(passes, std::vector<int>(3, passes[0]));
  EXPECT_TRUE(std::isfinite(seconds));
}

TEST(measure_limits, gives_a_figure_for_everything) {
  bench::limit_options options = bench::quick_limits();
  options.seconds = 0.05;
  options.step = 64;
  options.threads = {1, 2};
  double part = 0;
  options.progress = [&](double now) {
    EXPECT_GE(now, part);
    part = now;
  };
  const bench::limits found = bench::measure_limits(options);
  EXPECT_DOUBLE_EQ(part, 1);
  ASSERT_GE(found.bandwidths.size(), 4u);
  for (const bench::bandwidth& one : found.bandwidths) {
    EXPECT_GT(one.read, 0);
    EXPECT_GT(one.copy, 0);
    EXPECT_GT(one.triad, 0);
    if (one.device == "cpu") {
      EXPECT_EQ(one.triad_streaming > 0, one.working_set >= 2 << 20);
    }
  }
  ASSERT_GE(found.peaks.size(), 2u);
  EXPECT_GT(found.peaks[0].float64, 1e7);   // slower than any processor of this century
  EXPECT_LT(found.peaks[0].float32, 1e13);  // one thread cannot: the loop would be gone
  EXPECT_GT(least_seconds(moves(1e6), found, "cpu", 1), 0);
}

}  // namespace
