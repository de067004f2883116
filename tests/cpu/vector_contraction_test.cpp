// Products of matrices and vectors: shapes around every tail, layouts, instruction sets and threads, against loops in long
// double.
#include "cpu/vector_contraction.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "cpu/kernels/table.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail {
namespace {

/// Elements of any strides in bytes of their own, `shift` bytes from where they would be aligned.
template <class T> class elements {
 public:
  elements(std::int64_t count, int shift) : bytes_((count + 1) * sizeof(T)), data_(bytes_.data() + shift) {}
  std::byte* data() { return data_; }
  T get(std::int64_t offset) const {
    T value;
    std::memcpy(&value, data_ + offset, sizeof value);
    return value;
  }
  void fill(int seed) {
    const std::int64_t count = static_cast<std::int64_t>(bytes_.size() / sizeof(T)) - 1;
    for (std::int64_t i = 0; i < count; ++i) {
      const T value = static_cast<T>((i * 37 + seed) % 101 - 50) / 16;
      std::memcpy(data_ + i * sizeof(T), &value, sizeof value);
    }
  }

 private:
  std::vector<std::byte> bytes_;
  std::byte* data_;
};

/// How x[b, i, k] lies: along k, along i; backwards along the others; y and the result with gaps.
struct layout_of {
  bool across = false, reversed = false, gaps = false, misaligned = false, swapped = false;
};

template <class T>
std::vector<T> product(std::int64_t batch, std::int64_t m, std::int64_t steps, const layout_of& how, bool check) {
  const std::int64_t size = sizeof(T), gap = how.gaps ? 3 : 1, shift = how.misaligned ? 1 : 0;
  elements<T> x(batch * m * steps, shift), y(batch * steps * gap, shift), to(batch * m * gap, shift);
  x.fill(1);
  y.fill(2);
  contraction_axis b = {batch, m * steps * size, steps * gap * size, m * gap * size};
  contraction_axis i = {m, (how.across ? 1 : steps) * size, 0, gap * size};
  contraction_axis k = {steps, (how.across ? m : 1) * size, gap * size, 0};
  contraction_plan plan = {size == 4 ? float32 : float64, x.data(), y.data(), to.data(), {}, {}, {}, {}};
  if (how.reversed) {
    contraction_axis& back = how.across ? k : i;
    plan.x += (back.extent - 1) * back.x;
    back.x = -back.x;
    plan.x += (batch - 1) * b.x;
    b.x = -b.x;
  }
  const std::byte* const first = plan.x;
  if (batch > 1) plan.batch.push_back(b);
  if (m > 1) plan.rows.push_back(i);
  if (steps > 1) plan.summed.push_back(k);
  if (how.swapped) {
    std::swap(plan.x, plan.y);
    std::swap(plan.rows, plan.columns);
    for (contraction_axes* group : {&plan.batch, &plan.columns, &plan.summed})
      for (contraction_axis& axis : *group) std::swap(axis.x, axis.y);
  }
  EXPECT_TRUE(cpu::is_vector_contraction(plan));
  EXPECT_TRUE(cpu::run_vector_contraction(plan));
  std::vector<T> result;
  for (std::int64_t at = 0; at < batch * m; ++at) {
    const std::int64_t point = at / m, row = at % m;
    result.push_back(to.get(point * b.to + row * i.to));
    if (!check) continue;
    long double want = 0, magnitude = 0;
    for (std::int64_t s = 0; s < steps; ++s) {
      const std::int64_t offset = first - x.data() + point * b.x + row * i.x + s * k.x;
      const long double term = static_cast<long double>(x.get(offset)) * y.get(point * b.y + s * k.y);
      want += term;
      magnitude += std::abs(term);
    }
    const long double bound = 64 * std::numeric_limits<T>::epsilon() * magnitude;
    EXPECT_NEAR(result.back(), static_cast<T>(want), static_cast<T>(bound))
        << batch << " x " << m << " x " << steps << ", element " << point << ", " << row;
  }
  return result;
}

class vector_contraction : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { use_simd_target(GetParam()); }
  void TearDown() override { use_simd_target(simd_targets().front()); }
};

template <class T> void expect_every_tail() {
  for (std::int64_t m : {1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 67}) {
    for (std::int64_t steps = 2; steps <= 80; ++steps) {
      if (steps >= (m > 1 ? 4 : 8)) product<T>(2, m, steps, {}, true);
      if (m > 1) product<T>(2, m, steps, {.across = true}, true);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST_P(vector_contraction, multiplies_float32_of_every_tail) { expect_every_tail<float>(); }
TEST_P(vector_contraction, multiplies_float64_of_every_tail) { expect_every_tail<double>(); }

TEST_P(vector_contraction, takes_any_strides_but_x_s_fastest) {
  for (int bits = 0; bits < 32; ++bits) {
    const layout_of how = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
    product<float>(3, 21, 45, how, true);
    product<double>(3, 21, 45, how, true);
  }
}

TEST_P(vector_contraction, sums_long_rows_in_parts) {
  for (std::int64_t steps : {255, 256, 257, 4096, 4097, 20000}) {
    product<float>(1, 17, steps, {}, true);
    product<float>(1, 17, steps, {.across = true}, true);
    product<double>(2, 1, steps, {}, true);
  }
}

TEST_P(vector_contraction, cuts_wide_rows_into_blocks) {
  for (std::int64_t columns : {1024, 2047, 2048, 2049, 5000}) {
    product<float>(2, columns, 19, {.across = true}, true);
    product<double>(2, columns, 19, {.across = true, .misaligned = true}, true);
  }
}

TEST_P(vector_contraction, gives_the_same_bits_on_any_number_of_threads) {
  const int threads = cpu::thread_count();
  for (bool across : {false, true}) {
    cpu::set_thread_count(1);
    const std::vector<float> one = product<float>(3, 3000, 300, {.across = across}, false);
    cpu::set_thread_count(4);
    EXPECT_EQ(product<float>(3, 3000, 300, {.across = across}, false), one);
  }
  cpu::set_thread_count(threads);
}

TEST_P(vector_contraction, carries_nan_to_the_sums_that_it_is_in) {
  for (bool across : {false, true}) {
    std::vector<double> x(9 * 11, 1.0), y(11, 2.0), to(9);
    x[across ? 5 * 9 + 4 : 4 * 11 + 5] = std::numeric_limits<double>::quiet_NaN();
    contraction_plan plan = {float64,
                             reinterpret_cast<std::byte*>(x.data()),
                             reinterpret_cast<std::byte*>(y.data()),
                             reinterpret_cast<std::byte*>(to.data()),
                             {},
                             {},
                             {},
                             {}};
    plan.rows = {{9, across ? 8 : 88, 0, 8}};
    plan.summed = {{11, across ? 72 : 8, 8, 0}};
    ASSERT_TRUE(cpu::run_vector_contraction(plan));
    for (int i = 0; i < 9; ++i) {
      EXPECT_EQ(std::isnan(to[i]), i == 4);
      if (i != 4) {
        EXPECT_EQ(to[i], 22.0);
      }
    }
  }
}

TEST_P(vector_contraction, leaves_other_kinds_alone) {
  float x[24] = {}, y[24] = {}, to[24] = {};
  contraction_plan plan = {float32,
                           reinterpret_cast<std::byte*>(x),
                           reinterpret_cast<std::byte*>(y),
                           reinterpret_cast<std::byte*>(to),
                           {},
                           {},
                           {},
                           {}};
  plan.rows = {{3, 16, 0, 4}};
  EXPECT_FALSE(cpu::is_vector_contraction(plan)) << "nothing is summed";
  plan.summed = {{4, 4, 4, 0}};
  EXPECT_TRUE(cpu::is_vector_contraction(plan));
  plan.type = int32;
  EXPECT_FALSE(cpu::is_vector_contraction(plan));
  plan.type = float32;
  plan.columns = {{2, 0, 16, 12}};
  EXPECT_FALSE(cpu::is_vector_contraction(plan)) << "two matrices";
  plan.columns.clear();
  plan.summed[0].x = 8;
  EXPECT_FALSE(cpu::run_vector_contraction(plan)) << "no axis of x is contiguous";
}

INSTANTIATE_TEST_SUITE_P(targets, vector_contraction, testing::ValuesIn(simd_targets()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace tessera::detail
