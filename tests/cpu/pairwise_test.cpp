// Two-dimensional folds: every map, fold and layout, edges of tiles in all three axes, against loops in long double.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cpu/kernels/table.hpp"
#include "cpu/pairwise.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

// How x[i,k], y[j,k] and the target lie: fastest along k or along i and j, forwards or backwards, with gaps.
enum class rows_of { steps, pairs, reversed, gaps };
constexpr rows_of all_rows[] = {rows_of::steps, rows_of::pairs, rows_of::reversed, rows_of::gaps};

template <class T> struct matrix {
  std::int64_t rows, columns;
  rows_of how;
  std::vector<T> values;

  matrix(std::int64_t n, std::int64_t m, rows_of layout) : rows(n), columns(m), how(layout) {
    values.resize(3 * n * m);
  }
  std::int64_t row_stride() const {
    switch (how) {
      case rows_of::steps: return columns;
      case rows_of::pairs: return 1;
      case rows_of::reversed: return -columns;
      default: return 3 * columns;
    }
  }
  std::int64_t column_stride() const { return how == rows_of::pairs ? rows : how == rows_of::gaps ? 3 : 1; }
  T* origin() { return values.data() + (how == rows_of::reversed ? (rows - 1) * columns : 0); }
  T& operator()(std::int64_t i, std::int64_t k) { return origin()[i * row_stride() + k * column_stride()]; }
  strided view(dtype type, int row_axis, int column_axis, int ndim) {
    strided result{reinterpret_cast<std::byte*>(origin()), type, shape::filled(ndim, 0)};
    result.strides[row_axis] = row_stride() * static_cast<std::int64_t>(sizeof(T));
    result.strides[column_axis] = column_stride() * static_cast<std::int64_t>(sizeof(T));
    return result;
  }
};

struct example {
  std::vector<op> codes;
  fold by;
  long double (*map)(long double x, long double y);
  bool count = false;
};

const example examples[] = {
    {{op::multiply}, fold::sum, [](long double x, long double y) { return x * y; }},
    {{op::subtract, op::square}, fold::sum, [](long double x, long double y) { return (x - y) * (x - y); }},
    {{op::subtract, op::multiply}, fold::sum, [](long double x, long double y) { return (x - y) * (x - y); }},
    {{op::subtract, op::abs}, fold::sum, [](long double x, long double y) { return std::abs(x - y); }},
    {{op::subtract, op::fabs}, fold::max, [](long double x, long double y) { return std::abs(x - y); }},
    {{op::subtract, op::abs}, fold::min, [](long double x, long double y) { return std::abs(x - y); }},
    {{op::subtract}, fold::sum, [](long double x, long double y) { return x - y; }},
    {{op::subtract}, fold::max, [](long double x, long double y) { return x - y; }},
    {{op::subtract}, fold::prod, [](long double x, long double y) { return x - y; }},
    {{op::add}, fold::min, [](long double x, long double y) { return x + y; }},
    {{op::minimum}, fold::sum, [](long double x, long double y) { return std::min(x, y); }},
    {{op::maximum}, fold::min, [](long double x, long double y) { return std::max(x, y); }},
    {{op::not_equal, op::cast}, fold::sum, [](long double x, long double y) { return x != y ? 1.0L : 0.0L; }, true},
};

// fold over axis 2 of extents (n, m, steps).
template <class T>
stage pairs(const example& e, dtype type, std::int64_t n, std::int64_t m, std::int64_t steps, const strided& x,
            const strided& y, const strided& target) {
  stage s;
  s.extents = {n, m, steps};
  s.folded = {false, false, true};
  s.inputs = {x, y};
  s.register_types = {type, type, e.count ? bool_ : type};
  s.instructions = {{e.codes[0], type, 2, {0, 1, no_reg}}};
  if (e.codes.size() == 2) {
    s.register_types.push_back(e.count ? int64 : type);
    const bool twice = e.codes[1] == op::multiply;
    s.instructions.push_back({e.codes[1], e.count ? int64 : type, 3, {2, twice ? reg{2} : no_reg, no_reg}});
  }
  s.results = {{s.instructions.back().result, e.by, target, no_reg}};
  return s;
}

template <class T> T value_of(std::int64_t i) { return static_cast<T>((i * 37 % 101 - 50) / T(16)); }

// Results as they come out, in C order.
template <class T>
std::vector<double> run_pairs(const example& e, dtype type, std::int64_t n, std::int64_t m, std::int64_t steps,
                              rows_of x_rows, rows_of y_rows, rows_of target_rows) {
  matrix<T> x(n, steps, x_rows), y(m, steps, y_rows);
  for (std::int64_t k = 0; k < steps; ++k) {
    for (std::int64_t i = 0; i < n; ++i) x(i, k) = value_of<T>(i * 3 + k * 7);
    for (std::int64_t j = 0; j < m; ++j) y(j, k) = value_of<T>(j * 5 + k * 11 + 1);
  }
  std::vector<double> result;
  const auto run = [&](auto target, dtype target_type) {
    const stage s =
        pairs<T>(e, type, n, m, steps, x.view(type, 0, 2, 3), y.view(type, 1, 2, 3), target.view(target_type, 0, 1, 3));
    EXPECT_TRUE(cpu::run_pairwise(s));
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < m; ++j) result.push_back(static_cast<double>(target(i, j)));
  };
  if (e.count) {
    run(matrix<std::int64_t>(n, m, target_rows), int64);
  } else {
    run(matrix<T>(n, m, target_rows), type);
  }
  return result;
}

template <class T>
void expect_pairs(const example& e, dtype type, std::int64_t n, std::int64_t m, std::int64_t steps, rows_of x_rows,
                  rows_of y_rows, rows_of target_rows) {
  const std::vector<double> got = run_pairs<T>(e, type, n, m, steps, x_rows, y_rows, target_rows);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < m; ++j) {
      long double want = 0, magnitude = 0;
      for (std::int64_t k = 0; k < steps; ++k) {
        const long double value = e.map(value_of<T>(i * 3 + k * 7), value_of<T>(j * 5 + k * 11 + 1));
        magnitude += std::abs(value);
        if (k == 0) {
          want = value;
        } else {
          want = e.by == fold::sum    ? want + value
                 : e.by == fold::prod ? want * value
                 : e.by == fold::min  ? std::min(want, value)
                                      : std::max(want, value);
        }
      }
      if (e.by != fold::sum) magnitude = e.by == fold::prod ? std::abs(want) * static_cast<long double>(steps) : 0;
      const long double tolerance = std::numeric_limits<T>::epsilon() * magnitude * 8;
      ASSERT_NEAR(got[static_cast<std::size_t>(i * m + j)], static_cast<double>(want), static_cast<double>(tolerance))
          << info(e.codes.front()).name << ", (" << i << ", " << j << ") of " << n << " x " << m << ", " << steps
          << " steps";
    }
  }
}

class pairwise : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { use_simd_target(GetParam()); }
  void TearDown() override { use_simd_target(simd_targets().front()); }
};

TEST_P(pairwise, folds_every_map) {
  for (const example& e : examples) {
    const std::int64_t steps = e.by == fold::prod ? 9 : 200;
    expect_pairs<float>(e, float32, 21, 77, steps, rows_of::steps, rows_of::steps, rows_of::steps);
    expect_pairs<double>(e, float64, 21, 77, steps, rows_of::steps, rows_of::steps, rows_of::steps);
  }
}

TEST_P(pairwise, takes_every_layout) {
  for (const example& e : {examples[1], examples[7], examples[12]}) {
    for (const rows_of x : all_rows) {
      for (const rows_of y : all_rows) {
        for (const rows_of target : all_rows) {
          expect_pairs<float>(e, float32, 50, 51, 17, x, y, target);
          expect_pairs<double>(e, float64, 51, 33, 6, x, y, target);
        }
      }
    }
  }
}

TEST_P(pairwise, folds_every_size_around_tiles) {
  for (const std::int64_t n : {13, 16, 17})
    for (const std::int64_t m : {47, 48, 49, 73})
      for (const std::int64_t steps : {2, 3, 4, 5, 127, 128, 129, 256, 257, 385})
        expect_pairs<float>(examples[1], float32, n, m, steps, rows_of::steps, rows_of::pairs, rows_of::steps);
}

TEST_P(pairwise, cuts_large_problems_into_blocks) {
  expect_pairs<float>(examples[0], float32, 20, 60, 9000, rows_of::steps, rows_of::steps, rows_of::steps);
  expect_pairs<double>(examples[0], float64, 150, 50, 1000, rows_of::steps, rows_of::pairs, rows_of::steps);
}

TEST_P(pairwise, gives_the_same_bits_in_any_place_layout_and_number_of_threads) {
  const auto reference =
      run_pairs<float>(examples[1], float32, 130, 140, 600, rows_of::steps, rows_of::steps, rows_of::steps);
  with_thread_counts([&](int) {
    EXPECT_EQ(run_pairs<float>(examples[1], float32, 130, 140, 600, rows_of::pairs, rows_of::gaps, rows_of::pairs),
              reference);
  });
  const auto part = run_pairs<float>(examples[1], float32, 17, 50, 600, rows_of::steps, rows_of::steps, rows_of::steps);
  for (std::int64_t i = 0; i < 17; ++i)
    for (std::int64_t j = 0; j < 50; ++j)
      ASSERT_EQ(part[static_cast<std::size_t>(i * 50 + j)], reference[static_cast<std::size_t>(i * 140 + j)]);
}

// Sums of 16384 values of one sign: one after the other the error would grow with the count.
TEST_P(pairwise, keeps_long_sums_accurate) {
  matrix<float> x(16, 16384, rows_of::steps), y(48, 16384, rows_of::steps), target(16, 48, rows_of::steps);
  std::mt19937 generator(3);
  std::uniform_real_distribution<float> uniform(0, 1);
  for (float& value : x.values) value = uniform(generator);
  for (float& value : y.values) value = uniform(generator);
  const stage s = pairs<float>(examples[0], float32, 16, 48, 16384, x.view(float32, 0, 2, 3), y.view(float32, 1, 2, 3),
                               target.view(float32, 0, 1, 3));
  ASSERT_TRUE(cpu::run_pairwise(s));
  for (std::int64_t i = 0; i < 16; ++i) {
    for (std::int64_t j = 0; j < 48; ++j) {
      double want = 0;
      for (std::int64_t k = 0; k < 16384; ++k) want += double(x(i, k)) * double(y(j, k));
      ASSERT_NEAR(target(i, j), want, want * 1e-6);
    }
  }
}

// Beyond most_pairwise_steps: in parts, of which the last may be short. The sizes fill a third of the tiles of any target: less is left to
// the general walk.
TEST_P(pairwise, cuts_very_many_steps_into_parts) {
  for (const std::int64_t steps : {16385, 20480, 40001}) {
    expect_pairs<float>(examples[1], float32, 6, 49, steps, rows_of::steps, rows_of::pairs, rows_of::pairs);
    expect_pairs<double>(examples[12], float64, 4, 24, steps, rows_of::reversed, rows_of::gaps, rows_of::steps);
    expect_pairs<float>(examples[7], float32, 6, 49, steps, rows_of::pairs, rows_of::steps, rows_of::gaps);
  }
}

TEST_P(pairwise, lets_nan_and_infinity_through) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const example& e : examples) {
    if (e.count) continue;
    for (const std::int64_t place : {0, 5, 199}) {
      matrix<float> x(11, 200, rows_of::steps), y(50, 200, rows_of::steps), target(11, 50, rows_of::steps);
      for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = 1 + float(i % 3) / 64;
      for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] = -1;
      x(3, place) = nan;
      y(7, place) = -nan;
      x(4, place) = infinity;
      const stage s = pairs<float>(e, float32, 11, 50, 200, x.view(float32, 0, 2, 3), y.view(float32, 1, 2, 3),
                                   target.view(float32, 0, 1, 3));
      ASSERT_TRUE(cpu::run_pairwise(s));
      for (std::int64_t i = 0; i < 11; ++i)
        for (std::int64_t j = 0; j < 50; ++j)
          ASSERT_EQ(std::isnan(target(i, j)), i == 3 || j == 7) << info(e.codes[0]).name << " " << i << " " << j;
      const bool takes_infinity = e.by == fold::max || (e.by == fold::sum && e.codes[0] != op::minimum);
      if (takes_infinity) {
        EXPECT_TRUE(std::isinf(target(4, 8))) << info(e.codes[0]).name;
      } else if (e.by != fold::prod) {
        EXPECT_TRUE(std::isfinite(target(4, 8))) << info(e.codes[0]).name;
      }
    }
  }
}

TEST_P(pairwise, counts_nan_as_different) {
  matrix<double> x(9, 20, rows_of::steps), y(50, 20, rows_of::steps);
  matrix<std::int64_t> target(9, 50, rows_of::steps);
  x(2, 3) = y(7, 4) = std::numeric_limits<double>::quiet_NaN();
  const example& e = examples[12];
  ASSERT_TRUE(cpu::run_pairwise(pairs<double>(e, float64, 9, 50, 20, x.view(float64, 0, 2, 3), y.view(float64, 1, 2, 3),
                                              target.view(int64, 0, 1, 3))));
  for (std::int64_t i = 0; i < 9; ++i)
    for (std::int64_t j = 0; j < 50; ++j) ASSERT_EQ(target(i, j), (i == 2) + (j == 7));
}

// (batch, i, j, a, k): two folded axes, a batch axis that both inputs move along, one that y is repeated along.
TEST_P(pairwise, walks_batches_and_several_folded_axes) {
  for (const std::int64_t batches : {3, 40}) {
    const std::int64_t n = 20, m = 30, a = 3, steps = 5, points = batches * n * m;
    std::vector<double> x(static_cast<std::size_t>(batches * n * a * steps)),
        y(static_cast<std::size_t>(batches * a * m * steps)), target(static_cast<std::size_t>(points));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = value_of<double>(static_cast<std::int64_t>(i));
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = value_of<double>(static_cast<std::int64_t>(3 * i));
    stage s;
    s.extents = {batches, n, m, a, steps};
    s.folded = {false, false, false, true, true};
    s.inputs = {{reinterpret_cast<std::byte*>(x.data()), float64, {n * a * steps * 8, a * steps * 8, 0, steps * 8, 8}},
                {reinterpret_cast<std::byte*>(y.data()), float64, {a * m * steps * 8, 0, steps * 8, m * steps * 8, 8}}};
    s.register_types = {float64, float64, float64};
    s.instructions = {{op::multiply, float64, 2, {1, 0, no_reg}}};
    s.results = {
        {2, fold::sum, {reinterpret_cast<std::byte*>(target.data()), float64, {n * m * 8, m * 8, 8, 0, 0}}, no_reg}};
    with_thread_counts([&](int) {
      std::fill(target.begin(), target.end(), -1);
      ASSERT_TRUE(cpu::run_pairwise(s));
      for (std::int64_t p = 0; p < points; ++p) {
        const std::int64_t b = p / (n * m), i = p / m % n, j = p % m;
        long double want = 0;
        for (std::int64_t k = 0; k < a * steps; ++k)
          want += static_cast<long double>(x[static_cast<std::size_t>((b * n + i) * a * steps + k)]) *
                  y[static_cast<std::size_t>(((b * a + k / steps) * m + j) * steps + k % steps)];
        ASSERT_NEAR(target[static_cast<std::size_t>(p)], static_cast<double>(want), 1e-12) << p;
      }
    });
  }
}

TEST(pairwise_plan, leaves_other_stages_alone) {
  matrix<float> x(40, 50, rows_of::steps), y(60, 50, rows_of::steps), target(40, 60, rows_of::steps);
  const auto taken = [&](auto change) {
    stage s = pairs<float>(examples[1], float32, 40, 60, 50, x.view(float32, 0, 2, 3), y.view(float32, 1, 2, 3),
                           target.view(float32, 0, 1, 3));
    change(s);
    return cpu::run_pairwise(s);
  };
  EXPECT_TRUE(taken([](stage&) {}));
  EXPECT_FALSE(taken([](stage& s) { s.results[0].by = fold::argmax; }));
  EXPECT_FALSE(taken([](stage& s) { s.instructions[1].code = op::exp; }));
  EXPECT_FALSE(taken([](stage& s) { s.instructions[1].source[0] = 0; }));
  EXPECT_FALSE(taken([](stage& s) { s.inputs[0].strides[1] = 4; }));
  EXPECT_FALSE(taken([](stage& s) { s.extents[0] = 3; }));
  EXPECT_FALSE(taken([](stage& s) { s.extents = {40, 60, std::int64_t{1} << 30}; }));
  EXPECT_FALSE(taken([](stage& s) { s.results.push_back(s.results[0]); }));
}

INSTANTIATE_TEST_SUITE_P(every_target, pairwise, testing::ValuesIn(simd_targets()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace tessera::detail
