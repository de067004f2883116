// Sums of maps that kernels of folds compute while they read; least and greatest elements of rows that are read several at
// a time, wherever NaN and infinities stand.
#include "cpu/fold_map.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cpu/kernels/table.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

using cpu::fold_map;

const fold_map maps[] = {fold_map::square, fold_map::magnitude, fold_map::product, fold_map::difference_squared};

/// The sum of a map of r0 and r1, without operands yet.
stage mapped_stage(fold_map map, dtype type) {
  stage s;
  s.inputs = {strided(), strided()};
  s.register_types = {type, type, type};
  reg last = 2;
  switch (map) {
    case fold_map::square: s.instructions = {{op::square, type, 2, {0, no_reg, no_reg}}}; break;
    case fold_map::magnitude: s.instructions = {{op::fabs, type, 2, {0, no_reg, no_reg}}}; break;
    case fold_map::product: s.instructions = {{op::multiply, type, 2, {0, 1, no_reg}}}; break;
    default:
      s.instructions = {{op::subtract, type, 2, {0, 1, no_reg}}, {op::multiply, type, 3, {2, 2, no_reg}}};
      s.register_types.push_back(type);
      last = 3;
  }
  s.results.push_back({last, fold::sum, {}, no_reg});
  return s;
}

template <class T> T mapped(fold_map map, T x, T y) {
  switch (map) {
    case fold_map::square: return x * x;
    case fold_map::magnitude: return std::abs(x);
    case fold_map::product: return x * y;
    default: return (x - y) * (x - y);
  }
}

TEST(fold_map, is_found_in_the_instructions_that_make_it) {
  for (const fold_map map : maps) {
    const stage s = mapped_stage(map, float32);
    const cpu::mapped_inputs found = cpu::find_fold_map(s, s.results[0]);
    const bool pairs = map == fold_map::product || map == fold_map::difference_squared;
    EXPECT_EQ(found.map, map);
    EXPECT_EQ(found.x, 0);
    EXPECT_EQ(found.y, pairs ? 1 : 0);
  }
  stage plain = mapped_stage(fold_map::square, float64);
  plain.results[0].value = 1;
  EXPECT_EQ(cpu::find_fold_map(plain, plain.results[0]).map, fold_map::none);
  EXPECT_EQ(cpu::find_fold_map(plain, plain.results[0]).x, 1);
}

/// The sum of exp(r0 - r1).
stage exponential_stage(dtype type) {
  stage s = mapped_stage(fold_map::difference_squared, type);
  s.instructions[1] = {op::exp, type, 3, {2, no_reg, no_reg}};
  return s;
}

TEST(fold_map, of_exponentials_is_found_where_there_are_vector_functions) {
  const std::string best = simd_target();
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    const stage s = exponential_stage(float64);
    const cpu::mapped_inputs found = cpu::find_fold_map(s, s.results[0]);
    EXPECT_EQ(found.found(), cpu::find_mapped_sum(fold_map::exp_difference, float64) != nullptr);
    EXPECT_EQ(found.is_per_row(1), found.found());
    EXPECT_FALSE(found.is_per_row(0));
  }
  use_simd_target(best);
}

TEST(fold_map, is_not_found_where_something_else_is_folded) {
  const auto expect_none = [](const stage& s) { EXPECT_FALSE(cpu::find_fold_map(s, s.results[0]).found()); };
  stage s = mapped_stage(fold_map::square, float32);
  s.results[0].by = fold::max;
  expect_none(s);
  s = mapped_stage(fold_map::square, int64);
  expect_none(s);
  s = mapped_stage(fold_map::product, float32);
  s.inputs.resize(1);  // the other is a constant
  expect_none(s);
  s = mapped_stage(fold_map::difference_squared, float32);
  s.instructions[1].source[1] = 0;  // (x - y) x
  expect_none(s);
  s = mapped_stage(fold_map::difference_squared, float32);
  s.results[0].value = 2;  // x - y
  expect_none(s);
  s = mapped_stage(fold_map::square, float32);
  s.results.push_back(s.results[0]);
  expect_none(s);
}

/// Sums on every instruction set and number of threads: near the exact sum, and the bits of a sum of stored values.
template <class T> void expect_sums(fold_map map, const shape& extents, layout how, const std::vector<bool>& folded) {
  const dtype type = sizeof(T) == 4 ? float32 : float64;
  operand_of<T> x(extents, how, type), y(extents, how, type), stored(extents, how, type);
  std::mt19937 random(5);
  x.fill([&](std::int64_t) { return static_cast<T>(random()) * T(1e-9) - T(2); });
  y.fill([&](std::int64_t) { return static_cast<T>(random()) * T(1e-9) - T(2); });
  stored.fill([&](std::int64_t i) { return mapped(map, x.get(i), y.get(i)); });
  fold_target<T> plain(extents, folded, type);
  cpu_backend().run(fold_stage(fold::sum, extents, folded, stored.view(), plain.view()));
  std::vector<long double> exact(plain.values().size()), size(plain.values().size());
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const long double value = mapped<long double>(map, x.get(i), y.get(i));
    exact[plain.place(extents, i)] += value;
    size[plain.place(extents, i)] += std::abs(value);
  }
  const std::string best = simd_target();
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    with_thread_counts([&](int) {
      fold_target<T> sums(extents, folded, type);
      stage s = fold_stage(fold::sum, extents, folded, x.view(), sums.view());
      const stage m = mapped_stage(map, type);
      s.inputs.push_back(y.view());
      s.register_types = m.register_types;
      s.instructions = m.instructions;
      s.results[0].value = m.results[0].value;
      cpu_backend().run(s);
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const long double bound = size[i] * 30 * std::numeric_limits<T>::epsilon();
        ASSERT_NEAR(static_cast<double>(sums.values()[i] - exact[i]), 0, static_cast<double>(bound))
            << to_string(extents) << " map " << static_cast<int>(map) << target;
      }
      ASSERT_EQ(std::memcmp(plain.values().data(), sums.values().data(), exact.size() * sizeof(T)), 0)
          << to_string(extents) << " map " << static_cast<int>(map) << target;
    });
  }
  use_simd_target(best);
}

TEST(fold_map, gives_the_sums_of_the_map_of_contiguous_elements) {
  for (const fold_map map : maps) {
    for (const layout how : {layout::contiguous, layout::misaligned}) {
      for (const shape& extents : {shape{1100}, shape{32768}, shape{300'011}}) {
        expect_sums<float>(map, extents, how, {true});
        expect_sums<double>(map, extents, how, {true});
      }
      for (const shape& extents : {shape{70, 16}, shape{5, 129}, shape{37, 1025}, shape{3, 40'000}, shape{9, 16'384}}) {
        expect_sums<float>(map, extents, how, {false, true});
        expect_sums<double>(map, extents, how, {false, true});
      }
    }
  }
}

/// y strides for x of shape (a, b, n): one element a row, one for each of the last axis, one in all.
template <class T> void expect_exponentials(const shape& extents, const shape& y_steps) {
  const dtype type = sizeof(T) == 4 ? float32 : float64;
  const std::vector<bool> folded = {false, false, true};
  operand_of<T> x(extents, layout::contiguous, type);
  std::mt19937 random(7);
  x.fill([&](std::int64_t) { return static_cast<T>(random()) * T(1e-9) - T(2); });
  std::vector<T> y(static_cast<std::size_t>(points_of(extents)));
  for (T& value : y) value = static_cast<T>(random()) * T(1e-9) - T(2);
  strided of_y = {reinterpret_cast<std::byte*>(y.data()), type, y_steps};
  for (std::int64_t& stride : of_y.strides) stride *= sizeof(T);
  const std::string best = simd_target();
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    with_thread_counts([&](int) {
      fold_target<T> sums(extents, folded, type);
      stage s = fold_stage(fold::sum, extents, folded, x.view(), sums.view());
      const stage m = exponential_stage(type);
      s.inputs.push_back(of_y);
      s.register_types = m.register_types;
      s.instructions = m.instructions;
      s.results[0].value = m.results[0].value;
      cpu_backend().run(s);
      std::vector<double> exact(sums.values().size());
      for (std::int64_t i = 0; i < x.size(); ++i) {
        const std::int64_t k = i % extents[2], row = i / extents[2], b = row % extents[1], a = row / extents[1];
        const std::int64_t place = a * y_steps[0] + b * y_steps[1] + k * y_steps[2];
        const double of_one = static_cast<double>(y[static_cast<std::size_t>(place)]);
        exact[sums.place(extents, i)] += std::exp(static_cast<double>(x.get(i)) - of_one);
      }
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const double bound = std::max(30 * static_cast<double>(std::numeric_limits<T>::epsilon()), 1e-12);
        ASSERT_NEAR(static_cast<double>(sums.values()[i]) / exact[i], 1, bound)
            << to_string(extents) << ", y " << to_string(y_steps) << target << " row " << i;
      }
    });
  }
  use_simd_target(best);
}

TEST(fold_map, sums_exponentials_with_one_element_a_row_or_any_other) {
  for (const shape& extents : {shape{6, 7, 1000}, shape{3, 5, 33}, shape{40, 20, 128}, shape{2, 2, 70'000}}) {
    for (const shape& y_steps : {shape{extents[1], 1, 0}, shape{1, extents[0], 0}, shape{0, 1, 0}, shape{1, 0, 0},
                                 shape{0, 0, 1}, shape{0, 0, 0}, shape{extents[1] * extents[2], extents[2], 1}}) {
      expect_exponentials<float>(extents, y_steps);
      expect_exponentials<double>(extents, y_steps);
    }
  }
}

/// Least and greatest of each of five rows; one has a NaN at `place`, all have both infinities.
template <class T> void expect_extremes(std::int64_t n, std::int64_t row, std::int64_t place) {
  constexpr std::int64_t rows = 5;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const dtype type = sizeof(T) == 4 ? float32 : float64;
  operand_of<T> x({rows, n}, layout::contiguous, type);
  x.fill([&](std::int64_t i) {
    if (i == row * n + place) return std::numeric_limits<T>::quiet_NaN();
    return i % n % 128 == 70 ? infinity : i % n == 6 ? -infinity : static_cast<T>(i % 50);
  });
  for (const fold by : {fold::max, fold::min}) {
    fold_target<T> found({rows, n}, {false, true}, type);
    cpu_backend().run(fold_stage(by, {rows, n}, {false, true}, x.view(), found.view()));
    for (std::int64_t r = 0; r < rows; ++r) {
      const T value = found.values()[static_cast<std::size_t>(r)];
      if (r == row) ASSERT_TRUE(std::isnan(value)) << n << " elements, NaN at " << place;
      else ASSERT_EQ(value, by == fold::max ? infinity : -infinity) << n << " elements, row " << r;
    }
  }
}

TEST(reduction, nan_wins_in_rows_that_are_read_together) {
  const std::string best = simd_target();
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    for (const std::int64_t n : {150, 700, 2100, 9000}) {
      for (std::int64_t place = n % 3; place < n; place += n < 1000 ? 1 : 61) {
        if (place % 128 == 70 || place == 6) continue;  // where infinities stand
        expect_extremes<float>(n, place % 5, place);
        expect_extremes<double>(n, place % 5, place);
      }
    }
  }
  use_simd_target(best);
}

}  // namespace
}  // namespace tessera::detail
