// Folds over every set of axes, layout and length against plain loops; accuracy, NaN, positions, threads, instruction
// sets.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <limits>
#include <map>

#include "core/half.hpp"
#include "cpu/kernels/reduce.hpp"
#include "cpu/kernels/table.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

const shape spaces[] = {{},         {1},         {7},          {16},         {1023},          {5000},         {3, 40},
                        {40, 3},    {5, 16},     {700, 20},    {20, 700},    {2, 4500},       {4500, 2},      {9, 5, 3},
                        {4, 9, 20}, {30, 20, 3}, {3, 1100, 2}, {2, 3, 1300}, {3, 4, 5, 2, 6}, {1200, 3, 2, 2}};

/// Every set of folded axes of a space.
std::vector<std::vector<bool>> axis_sets(int ndim) {
  std::vector<std::vector<bool>> sets;
  for (unsigned bits = 0; bits < (1u << ndim); ++bits) {
    std::vector<bool> folded;
    for (int axis = 0; axis < ndim; ++axis) folded.push_back((bits >> axis & 1u) != 0);
    sets.push_back(folded);
  }
  return sets;
}

/// Folds x and compares each result with `oracle(values in C order of the folded axes)`.
template <class Result, class T, class Oracle>
void expect_fold(fold by, operand_of<T>& x, const std::vector<bool>& folded, dtype result_type, Oracle oracle) {
  fold_target<Result> target(x.extents(), folded, result_type);
  cpu_backend().run(fold_stage(by, x.extents(), folded, x.view(), target.view()));
  std::map<std::size_t, std::vector<T>> groups;
  for (std::int64_t i = 0; i < x.size(); ++i) groups[target.place(x.extents(), i)].push_back(x.get(i));
  for (const auto& [place, values] : groups) {
    ASSERT_EQ(target.values()[place], static_cast<Result>(oracle(values)))
        << "fold " << static_cast<int>(by) << " of " << to_string(x.extents()) << ", " << values.size()
        << " values, result " << place;
  }
}

template <class T> T sum_of(const std::vector<T>& x) {
  T sum = x[0];
  for (std::size_t i = 1; i < x.size(); ++i) sum = static_cast<T>(sum + x[i]);
  return sum;
}
template <class T> std::int64_t first_largest(const std::vector<T>& x) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (!(x[best] != x[best]) && (x[i] > x[best] || x[i] != x[i])) best = i;
  }
  return static_cast<std::int64_t>(best);
}
template <class T> T largest(const std::vector<T>& x) { return x[static_cast<std::size_t>(first_largest(x))]; }

TEST(reduction, folds_any_axes_of_any_layout) {
  for (const shape& extents : spaces) {
    for (const layout how : all_layouts) {
      operand_of<float> x(extents, how, float32);
      operand_of<std::int16_t> integers(extents, how, int16);
      x.fill([](std::int64_t i) {
        return static_cast<float>((i * 7919) % 64 - 20);
      });  // small integers: every order is exact
      integers.fill([](std::int64_t i) { return static_cast<std::int16_t>(i * 7919); });
      for (const std::vector<bool>& folded : axis_sets(extents.size())) {
        expect_fold<float>(fold::sum, x, folded, float32, sum_of<float>);
        expect_fold<float>(fold::max, x, folded, float32, largest<float>);
        expect_fold<std::int64_t>(fold::argmax, x, folded, int64, first_largest<float>);
        expect_fold<std::int16_t>(fold::sum, integers, folded, int16, sum_of<std::int16_t>);
        expect_fold<std::int64_t>(fold::argmax, integers, folded, int64, first_largest<std::int16_t>);
      }
    }
  }
}

TEST(reduction, takes_every_length_around_vectors_and_blocks) {
  for (std::int64_t n = 1; n < 1100; n += n < 300 ? 1 : 13) {
    operand_of<double> x({n}, layout::contiguous, float64);
    operand_of<std::int8_t> bytes({n}, layout::reversed, int8);
    x.fill([](std::int64_t i) { return static_cast<double>((i * 31) % 17); });
    bytes.fill([](std::int64_t i) { return static_cast<std::int8_t>(i * 31); });
    expect_fold<double>(fold::sum, x, {true}, float64, sum_of<double>);
    expect_fold<std::int8_t>(fold::sum, bytes, {true}, int8, sum_of<std::int8_t>);
    expect_fold<std::int8_t>(fold::max, bytes, {true}, int8, largest<std::int8_t>);
    expect_fold<std::int64_t>(fold::argmax, bytes, {true}, int64, first_largest<std::int8_t>);
  }
}

TEST(reduction, of_integers_wraps) {
  operand_of<std::uint16_t> x({300, 7}, layout::contiguous, uint16);
  x.fill([](std::int64_t i) { return static_cast<std::uint16_t>(65535 - i % 5); });
  const auto product = [](const std::vector<std::uint16_t>& v) {
    std::uint64_t p = 1;
    for (const std::uint16_t e : v) p = p * e % 65536;
    return p;
  };
  for (const auto& folded : axis_sets(2)) expect_fold<std::uint16_t>(fold::prod, x, folded, uint16, product);
  operand_of<std::int64_t> wide({5000}, layout::contiguous, int64);
  wide.fill([](std::int64_t i) { return std::numeric_limits<std::int64_t>::max() - i; });
  expect_fold<std::int64_t>(fold::sum, wide, {true}, int64, [](const std::vector<std::int64_t>& v) {
    std::uint64_t sum = 0;
    for (const std::int64_t e : v) sum += static_cast<std::uint64_t>(e);
    return static_cast<std::int64_t>(sum);
  });
}

TEST(reduction, any_and_all_ask_whether_elements_are_zero) {
  for (const shape& extents : {shape{2000}, shape{40, 50}, shape{600, 3}, shape{3, 600}}) {
    for (const auto& folded : axis_sets(extents.size())) {
      operand_of<double> x(extents, layout::contiguous, float64);
      operand_of<std::uint8_t> bytes(extents, layout::contiguous, bool_);
      x.fill([](std::int64_t i) { return i % 41 == 0 ? std::nan("") : i % 41 < 20 ? -0.0 : 0.0; });
      bytes.fill([](std::int64_t i) { return static_cast<std::uint8_t>(i % 37 == 0 ? 0 : 1 << (i % 8)); });
      const auto any = [](const auto& v) { return std::any_of(v.begin(), v.end(), [](auto e) { return e != 0; }); };
      const auto all = [](const auto& v) { return std::all_of(v.begin(), v.end(), [](auto e) { return e != 0; }); };
      expect_fold<std::uint8_t>(fold::any, x, folded, bool_, any);
      expect_fold<std::uint8_t>(fold::all, x, folded, bool_, all);
      expect_fold<std::uint8_t>(fold::any, bytes, folded, bool_, any);
      expect_fold<std::uint8_t>(fold::all, bytes, folded, bool_, all);
    }
  }
}

TEST(reduction, nan_wins_in_max_and_loses_in_fmax) {
  const double nan = std::nan("");
  for (const std::int64_t n : {1, 5, 40, 300, 6000}) {
    for (const std::int64_t place : {std::int64_t{0}, n / 2, n - 1}) {
      operand_of<double> x({n}, layout::contiguous, float64);
      x.fill([&](std::int64_t i) { return i == place ? nan : static_cast<double>(i % 100); });
      fold_target<double> max({n}, {true}, float64), min({n}, {true}, float64), fmax({n}, {true}, float64);
      fold_target<std::int64_t> where({n}, {true}, int64);
      cpu_backend().run(fold_stage(fold::max, {n}, {true}, x.view(), max.view()));
      cpu_backend().run(fold_stage(fold::min, {n}, {true}, x.view(), min.view()));
      cpu_backend().run(fold_stage(fold::fmax, {n}, {true}, x.view(), fmax.view()));
      cpu_backend().run(fold_stage(fold::argmin, {n}, {true}, x.view(), where.view()));
      EXPECT_TRUE(std::isnan(max.values()[0]));
      EXPECT_TRUE(std::isnan(min.values()[0]));
      EXPECT_EQ(where.values()[0], place);
      double expected = nan;
      for (std::int64_t i = 0; i < n; ++i) {
        if (i != place && !(static_cast<double>(i % 100) <= expected)) expected = static_cast<double>(i % 100);
      }
      EXPECT_EQ(std::isnan(fmax.values()[0]), n == 1);
      if (n > 1) {
        EXPECT_EQ(fmax.values()[0], expected);
      }
    }
  }
}

TEST(reduction, complex_numbers_are_ordered_by_real_then_imaginary_part) {
  using number = std::complex<double>;
  const double nan = std::nan("");
  const shape extents = {60, 20};
  operand_of<number> x(extents, layout::strided, complex128);
  x.fill([](std::int64_t i) { return number(static_cast<double>(i % 7), static_cast<double>((i * 13) % 11)); });
  const auto greatest = [](const std::vector<number>& v) {
    return *std::max_element(v.begin(), v.end(), [](const number& a, const number& b) {
      return a.real() < b.real() || (a.real() == b.real() && a.imag() < b.imag());
    });
  };
  for (const auto& folded : axis_sets(2)) {
    expect_fold<number>(fold::max, x, folded, complex128, greatest);
    expect_fold<number>(fold::sum, x, folded, complex128, sum_of<number>);
  }
  x.set(77, number(1, nan));
  x.set(900, number(nan, 2));
  fold_target<std::int64_t> where(extents, {true, true}, int64);
  fold_target<number> max(extents, {true, true}, complex128), fmax(extents, {true, true}, complex128);
  cpu_backend().run(fold_stage(fold::argmax, extents, {true, true}, x.view(), where.view()));
  cpu_backend().run(fold_stage(fold::max, extents, {true, true}, x.view(), max.view()));
  cpu_backend().run(fold_stage(fold::fmax, extents, {true, true}, x.view(), fmax.view()));
  EXPECT_EQ(where.values()[0], 77);
  EXPECT_TRUE(std::isnan(max.values()[0].real()) || std::isnan(max.values()[0].imag()));
  EXPECT_EQ(fmax.values()[0], number(6, 10));
}

TEST(reduction, multiplies_complex_numbers) {
  using number = std::complex<double>;
  for (const std::int64_t n : {1, 2, 15, 16, 17, 400}) {
    operand_of<number> x({n}, layout::contiguous, complex128);
    x.fill(
        [](std::int64_t i) { return i % 2 == 0 ? number(0, 1) : number(0.0, -1.0); });  // products of units are exact
    expect_fold<number>(fold::prod, x, {true}, complex128, [](const std::vector<number>& v) {
      number p = v[0];
      for (std::size_t i = 1; i < v.size(); ++i) p *= v[i];
      return p;
    });
  }
}

TEST(reduction, sum_of_negative_zeros_is_positive_zero) {
  operand_of<float> x({3, 5}, layout::contiguous, float32);
  x.fill([](std::int64_t) { return -0.0f; });
  for (const auto& folded : axis_sets(2)) {
    fold_target<float> sum({3, 5}, folded, float32);
    cpu_backend().run(fold_stage(fold::sum, {3, 5}, folded, x.view(), sum.view()));
    for (const float value : sum.values()) EXPECT_FALSE(std::signbit(value));
  }
}

TEST(reduction, sixteen_bit_floats_accumulate_in_float32_and_round_once) {
  for (const std::int64_t n : {3000, 3001}) {
    operand_of<float16_t> x({n, 2}, layout::contiguous, float16);
    operand_of<bfloat16_t> y({n, 2}, layout::contiguous, bfloat16);
    x.fill([](std::int64_t) { return float16_t(1.0f); });
    y.fill([](std::int64_t) { return bfloat16_t(1.0f); });
    fold_target<std::uint16_t> x_sum({n, 2}, {true, false}, float16), y_sum({n, 2}, {true, true}, bfloat16);
    cpu_backend().run(fold_stage(fold::sum, {n, 2}, {true, false}, x.view(), x_sum.view()));
    cpu_backend().run(fold_stage(fold::sum, {n, 2}, {true, true}, y.view(), y_sum.view()));
    EXPECT_EQ(x_sum.values()[0], float16_t(static_cast<float>(n)).bits);
    EXPECT_EQ(x_sum.values()[1], float16_t(static_cast<float>(n)).bits);
    EXPECT_EQ(y_sum.values()[0], bfloat16_t(static_cast<float>(2 * n)).bits);
  }
}

TEST(reduction, sum_of_20_million_ones_in_float32_is_exact_over_every_axis_and_layout) {
  constexpr std::int64_t n = 20'000'000;
  std::vector<float> ones(static_cast<std::size_t>(n) * 2, 1.0f);
  auto* data = reinterpret_cast<std::byte*>(ones.data());
  struct way {
    shape extents;
    shape strides;
    std::vector<bool> folded;
  };
  const way ways[] = {
      {{n}, {4}, {true}},
      {{n}, {8}, {true}},                   // every other element
      {{n, 2}, {4, 4 * n}, {true, false}},  // columns
      {{n, 2}, {8, 4}, {true, false}},      // interleaved
      {{2, n}, {4, 8}, {false, true}},
      {{5000, 4000}, {16000, 4}, {true, true}},
      {{4000, 5000}, {4, 16000}, {true, true}},  // Fortran order
      {{n / 3, 2, 3}, {12, 12 * (n / 3), 4}, {true, false, true}},
  };
  for (const way& w : ways) {
    fold_target<float> sum(w.extents, w.folded, float32);
    cpu_backend().run(fold_stage(fold::sum, w.extents, w.folded, {data, float32, w.strides}, sum.view()));
    const float expected = w.extents.size() == 3 ? static_cast<float>(n / 3 * 3) : static_cast<float>(n);
    for (const float value : sum.values()) EXPECT_EQ(value, expected) << to_string(w.extents) << to_string(w.strides);
  }
}

// The error of a pairwise sum grows with log2(n) roundings; here with at most 16 + log2 of them, none near that in
// practice.
TEST(reduction, error_grows_as_a_pairwise_sum_over_every_axis) {
  constexpr std::int64_t rows = 2000, columns = 1500;
  std::vector<double> x(rows * columns);
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  for (double& value : x) value = uniform(random) + 1e6;
  long double total = 0;
  std::vector<long double> by_row(rows), by_column(columns);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      const long double value = x[static_cast<std::size_t>(i * columns + j)];
      total += value;
      by_row[static_cast<std::size_t>(i)] += value;
      by_column[static_cast<std::size_t>(j)] += value;
    }
  }
  const shape extents = {rows, columns};
  const strided c{reinterpret_cast<std::byte*>(x.data()), float64, {columns * 8, 8}};
  const auto check = [&](const std::vector<bool>& folded, const auto& expected) {
    fold_target<double> sum(extents, folded, float64);
    cpu_backend().run(fold_stage(fold::sum, extents, folded, c, sum.view()));
    for (std::size_t i = 0; i < sum.values().size(); ++i) {
      const long double error = std::abs(static_cast<long double>(sum.values()[i]) - expected[i]) / expected[i];
      EXPECT_LT(error, 8 * 1.2e-16L) << i;
    }
  };
  check({true, true}, std::vector<long double>{total});
  check({false, true}, by_row);
  check({true, false}, by_column);
}

// float32 sum of values that a sequential sum gets wrong by percents, over a short, a long, an inner and an outer axis.
TEST(reduction, float32_errors_stay_at_a_few_ulps) {
  for (const shape& extents : {shape{3'000'000}, shape{1'000'000, 3}, shape{3, 1'000'000}, shape{1000, 1000, 3}}) {
    for (const auto& folded : axis_sets(extents.size())) {
      operand_of<float> x(extents, layout::contiguous, float32);
      x.fill([](std::int64_t i) { return 0.1f + static_cast<float>((i * 7919) % 1000) * 1e-4f; });
      fold_target<float> sum(extents, folded, float32);
      cpu_backend().run(fold_stage(fold::sum, extents, folded, x.view(), sum.view()));
      std::vector<double> expected(sum.values().size());
      for (std::int64_t i = 0; i < x.size(); ++i) expected[sum.place(extents, i)] += static_cast<double>(x.get(i));
      for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(sum.values()[i] / expected[i], 1.0, 4e-7) << to_string(extents) << " result " << i;
      }
    }
  }
}

// sum(square(x - y)) over the last axis of x[:, newaxis, :] - y[newaxis, :, :].
TEST(reduction, runs_its_prologue_in_the_same_pass) {
  for (const std::int64_t d : {1, 3, 15, 16, 17, 128, 1500}) {
    const std::int64_t n = d > 100 ? 9 : 130, m = d > 100 ? 11 : 1100;
    std::vector<double> x(static_cast<std::size_t>(n * d)), y(static_cast<std::size_t>(m * d)),
        out(static_cast<std::size_t>(n * m));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i % 13);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<double>(i % 17);
    const auto bytes = [](std::vector<double>& v) { return reinterpret_cast<std::byte*>(v.data()); };
    stage s;
    s.extents = {n, m, d};
    s.folded = {false, false, true};
    s.inputs = {{bytes(x), float64, {8 * d, 0, 8}}, {bytes(y), float64, {0, 8 * d, 8}}};
    s.register_types = {float64, float64, float64, float64};
    s.instructions = {{op::subtract, float64, 2, {0, 1, no_reg}}, {op::square, float64, 3, {2, no_reg, no_reg}}};
    s.results = {{3, fold::sum, {bytes(out), float64, {8 * m, 8, 0}}, no_reg}};
    cpu_backend().run(s);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < m; ++j) {
        double sum = 0;
        for (std::int64_t k = 0; k < d; ++k) {
          const double difference = x[static_cast<std::size_t>(i * d + k)] - y[static_cast<std::size_t>(j * d + k)];
          sum += difference * difference;
        }
        ASSERT_EQ(out[static_cast<std::size_t>(i * m + j)], sum) << "d = " << d;
      }
    }
  }
}

TEST(reduction, several_folds_run_in_one_pass_into_any_target) {
  const shape extents = {50, 60, 40};
  const std::vector<bool> folded = {false, true, false};
  operand_of<float> x(extents, layout::transposed, float32);
  x.fill([](std::int64_t i) { return static_cast<float>((i * 7919) % 1000); });
  operand_of<float> sums({50, 40}, layout::reversed, float32);
  operand_of<std::int64_t> places({50, 40}, layout::strided, int64);
  stage s = fold_stage(fold::sum, extents, folded, x.view(), sums.view());
  s.results[0].target.strides = {sums.view().strides[0], 0, sums.view().strides[1]};
  s.results.push_back({0, fold::argmin, places.view(), no_reg});
  s.results[1].target.strides = {places.view().strides[0], 0, places.view().strides[1]};
  cpu_backend().run(s);
  for (std::int64_t i = 0; i < 50; ++i) {
    for (std::int64_t k = 0; k < 40; ++k) {
      float sum = 0, least = 1e9f;
      std::int64_t place = -1;
      for (std::int64_t j = 0; j < 60; ++j) {
        const float value = x.get((i * 60 + j) * 40 + k);
        sum += value;
        if (value < least) {
          least = value;
          place = j;
        }
      }
      ASSERT_EQ(sums.get(i * 40 + k), sum);
      ASSERT_EQ(places.get(i * 40 + k), place);
    }
  }
}

TEST(reduction, gives_the_same_bits_on_any_number_of_threads_and_every_instruction_set) {
  const shape big[] = {{3'000'000}, {1500, 1000}, {500'000, 3}, {3, 500'000}, {90, 100, 70}};
  const std::string best = simd_target();
  for (const shape& extents : big) {
    operand_of<float> x(extents, layout::contiguous, float32);
    std::mt19937 random(3);
    x.fill([&](std::int64_t) { return static_cast<float>(random()) * 1e-9f; });
    for (const auto& folded : axis_sets(extents.size())) {
      std::vector<float> first;
      for (const std::string& target : simd_targets()) {
        use_simd_target(target);
        with_thread_counts([&](int) {
          fold_target<float> sum(extents, folded, float32);
          cpu_backend().run(fold_stage(fold::sum, extents, folded, x.view(), sum.view()));
          if (first.empty()) first = sum.values();
          ASSERT_EQ(std::memcmp(first.data(), sum.values().data(), first.size() * sizeof(float)), 0)
              << to_string(extents) << target;
        });
      }
    }
  }
  use_simd_target(best);
}

TEST(reduction, every_instruction_set_folds_every_dtype) {
  const std::string best = simd_target();
  const dtype types[] = {bool_,  int8,   int16,   int32,   int64,     uint8,     uint16,
                         uint32, uint64, float32, float64, complex64, complex128};
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    std::printf("instruction set %s\n", simd_target());
    for (const dtype type : types) {
      for (const fold by : {fold::sum, fold::prod, fold::min, fold::max, fold::fmin, fold::fmax}) {
        EXPECT_NE(cpu::find_row_fold(by, type), nullptr);
      }
      EXPECT_NE(cpu::find_position_fold(fold::argmin, type), nullptr);
    }
    operand_of<float> x({37, 53}, layout::contiguous, float32);
    x.fill([](std::int64_t i) { return static_cast<float>((i * 7919) % 64 - 20); });
    for (const auto& folded : axis_sets(2)) {
      expect_fold<float>(fold::sum, x, folded, float32, sum_of<float>);
      expect_fold<float>(fold::max, x, folded, float32, largest<float>);
      expect_fold<std::int64_t>(fold::argmax, x, folded, int64, first_largest<float>);
    }
  }
  use_simd_target(best);
}

}  // namespace
}  // namespace tessera::detail
