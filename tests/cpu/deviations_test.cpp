// Squared deviations from the mean against sums in long double: accuracy, shifts, equal elements, NaN, threads,
// instruction sets.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cpu/kernels/table.hpp"
#include "expr/fold.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

std::vector<std::vector<bool>> axis_sets(int ndim) {
  std::vector<std::vector<bool>> sets;
  for (unsigned bits = 1; bits < (1u << ndim); ++bits) {
    std::vector<bool> folded;
    for (int axis = 0; axis < ndim; ++axis) folded.push_back((bits >> axis & 1u) != 0);
    sets.push_back(folded);
  }
  return sets;
}

template <class T> std::vector<T> deviations_of(const operand_of<T>& x, const std::vector<bool>& folded) {
  fold_target<T> target(x.extents(), folded, x.view().type);
  cpu_backend().run(fold_stage(deviations_fold, x.extents(), folded, x.view(), target.view()));
  return target.values();
}

template <class T> std::vector<long double> exactly(const operand_of<T>& x, const std::vector<bool>& folded) {
  fold_target<T> target(x.extents(), folded, x.view().type);
  std::vector<long double> sum(target.values().size()), squares(sum.size()), count(sum.size());
  for (std::int64_t i = 0; i < x.size(); ++i) {
    sum[target.place(x.extents(), i)] += static_cast<long double>(x.get(i));
    count[target.place(x.extents(), i)] += 1;
  }
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const std::size_t place = target.place(x.extents(), i);
    const long double apart = static_cast<long double>(x.get(i)) - sum[place] / count[place];
    squares[place] += apart * apart;
  }
  return squares;
}

template <class T> void expect_close(const operand_of<T>& x, double tolerance) {
  for (const std::vector<bool>& folded : axis_sets(x.extents().size())) {
    const std::vector<T> found = deviations_of(x, folded);
    const std::vector<long double> expected = exactly(x, folded);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double wanted = static_cast<double>(expected[i]);
      ASSERT_NEAR(static_cast<double>(found[i]), wanted, tolerance * wanted + 1e-20)
          << x.view().type.name() << " " << to_string(x.extents()) << " result " << i;
    }
  }
}

const shape spaces[] = {{2},          {3},          {31},        {32},      {33},      {1000},
                        {1023},       {1024},       {5000},      {70'000},  {3, 40},   {40, 3},
                        {700, 20},    {20, 700},    {2, 4500},   {4500, 2}, {9, 5, 3}, {30, 20, 3},
                        {3, 1100, 2}, {2, 3, 1300}, {33, 9, 31}, {65, 100}, {1, 7},    {300, 1100}};

TEST(deviations, agree_with_exact_sums_over_every_axis_and_layout) {
  for (const shape& extents : spaces) {
    for (const layout how : all_layouts) {
      std::mt19937 random(5);
      std::normal_distribution<double> normal(3.0, 2.0);
      operand_of<float> x(extents, how, float32);
      operand_of<double> y(extents, how, float64);
      x.fill([&](std::int64_t) { return static_cast<float>(normal(random)); });
      y.fill([&](std::int64_t) { return normal(random); });
      expect_close(x, 1e-6);
      expect_close(y, 1e-14);
    }
  }
}

// Relative to the mean the elements are small: what a sum of squares minus the square of a sum gets wrong entirely.
TEST(deviations, are_not_lost_beside_a_large_mean) {
  for (const shape& extents : {shape{10'000}, shape{400, 300}, shape{20, 30, 40}}) {
    std::mt19937 random(5);
    std::uniform_real_distribution<double> uniform(-1.0, 1.0);
    operand_of<float> x(extents, layout::contiguous, float32);
    operand_of<double> y(extents, layout::contiguous, float64);
    x.fill([&](std::int64_t) { return static_cast<float>(1e6 + uniform(random)); });  // as float32 has them: exactly
    y.fill([&](std::int64_t) { return 1e8 + uniform(random); });
    expect_close(x, 2e-6);
    expect_close(y, 1e-13);
  }
}

// The first rows of each group stand far from the others, which are what decides the centre.
TEST(deviations, bear_outliers_where_the_centre_is_taken) {
  operand_of<float> x({512, 70}, layout::contiguous, float32);
  x.fill(
      [](std::int64_t i) { return (i / 70 % 32 == 0 ? 1e5f : 0.0f) + static_cast<float>((i * 7919) % 100) * 0.01f; });
  expect_close(x, 1e-5);
}

TEST(deviations, of_equal_elements_are_exactly_zero) {
  for (const shape& extents : spaces) {
    for (const float value : {0.1f, -3e38f, 1e-40f, 12345.678f}) {
      operand_of<float> x(extents, layout::contiguous, float32);
      operand_of<double> y(extents, layout::strided, float64);
      x.fill([&](std::int64_t) { return value; });
      y.fill([&](std::int64_t) { return static_cast<double>(value) / 3; });
      for (const std::vector<bool>& folded : axis_sets(extents.size())) {
        for (const float found : deviations_of(x, folded)) ASSERT_EQ(found, 0.0f);
        for (const double found : deviations_of(y, folded)) ASSERT_EQ(found, 0.0);
      }
    }
  }
}

TEST(deviations, are_nan_where_an_element_is_nan_or_infinite) {
  const float inf = std::numeric_limits<float>::infinity();
  for (const shape& extents : {shape{3}, shape{100}, shape{5000}, shape{100, 70}, shape{40, 3}}) {
    for (const float bad : {std::nanf(""), inf, -inf}) {
      for (const std::int64_t place : {std::int64_t{0}, std::int64_t{2}, points_of(extents) - 1}) {
        operand_of<float> x(extents, layout::contiguous, float32);
        x.fill([&](std::int64_t i) { return i == place ? bad : static_cast<float>(i % 5); });
        for (const std::vector<bool>& folded : axis_sets(extents.size())) {
          fold_target<float> target(extents, folded, float32);
          const std::vector<float> found = deviations_of(x, folded);
          for (std::size_t i = 0; i < found.size(); ++i)
            ASSERT_EQ(std::isnan(found[i]), i == target.place(extents, place)) << to_string(extents) << bad << place;
        }
      }
    }
  }
}

TEST(deviations, give_the_same_bits_on_any_number_of_threads_and_every_instruction_set) {
  const std::string best = simd_target();
  for (const shape& extents :
       {shape{1'000'000}, shape{1500, 600}, shape{300'000, 3}, shape{3, 300'000}, shape{90, 100, 70}}) {
    operand_of<float> x(extents, layout::contiguous, float32);
    std::mt19937 random(3);
    x.fill([&](std::int64_t) { return static_cast<float>(random()) * 1e-9f; });
    for (const std::vector<bool>& folded : axis_sets(extents.size())) {
      std::vector<float> first;
      for (const std::string& target : simd_targets()) {
        use_simd_target(target);
        with_thread_counts([&](int) {
          const std::vector<float> found = deviations_of(x, folded);
          if (first.empty()) first = found;
          ASSERT_EQ(std::memcmp(first.data(), found.data(), first.size() * sizeof(float)), 0)
              << to_string(extents) << target;
        });
      }
    }
  }
  use_simd_target(best);
}

}  // namespace
}  // namespace tessera::detail
