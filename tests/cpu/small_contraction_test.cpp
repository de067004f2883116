// Products of small matrices: every shape, layouts, edges, instruction sets and threads, against loops in double.
#include "cpu/small_contraction.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "cpu/kernels/table.hpp"
#include "cpu/memory.hpp"
#include "cpu/threads.hpp"

namespace tessera::detail {
namespace {

constexpr std::int64_t largest = 32;  // columns that are few

/// Matrices [batch, rows, columns] in bytes of their own, `gap` bytes after each row, the first element at an odd address if
/// need be. `across`: the elements of a column lie side by side. Rows of the batch are walked backwards if `reversed`.
template <class T> class matrices {
 public:
  matrices(std::int64_t batch, std::int64_t rows, std::int64_t columns, std::int64_t gap, bool across = false,
           bool reversed = false, bool misaligned = false) {
    const std::int64_t itemsize = sizeof(T), outer = across ? columns : rows, inner = across ? rows : columns;
    const std::int64_t pitch = inner * itemsize + gap;
    next = outer * pitch + gap;
    row = across ? itemsize : pitch;
    column = across ? pitch : itemsize;
    bytes_.resize(batch * next + 64, std::byte{0xA5});
    data = bytes_.data() + (misaligned ? 1 : 0);
    if (reversed) {
      data += (batch - 1) * next;
      next = -next;
    }
  }
  T get(std::int64_t b, std::int64_t i, std::int64_t j) const {
    T value;
    std::memcpy(&value, data + b * next + i * row + j * column, sizeof value);
    return value;
  }
  void set(std::int64_t b, std::int64_t i, std::int64_t j, T value) {
    std::memcpy(data + b * next + i * row + j * column, &value, sizeof value);
  }
  /// How many bytes no element has been written to.
  std::int64_t untouched() const { return std::count(bytes_.begin(), bytes_.end(), std::byte{0xA5}); }
  std::int64_t size() const { return static_cast<std::int64_t>(bytes_.size()); }

  std::byte* data;
  std::int64_t next, row, column;

 private:
  std::vector<std::byte> bytes_;
};

template <class T> dtype type_of() { return sizeof(T) == 4 ? float32 : float64; }

template <class T>
contraction_plan plan_of(const matrices<T>& x, const matrices<T>& y, const matrices<T>& to, std::int64_t batch,
                         std::int64_t m, std::int64_t n, std::int64_t k) {
  contraction_plan plan = {type_of<T>(), x.data, y.data, to.data, {}, {}, {}, {}};
  const auto add = [](contraction_axes& group, contraction_axis axis) {
    if (axis.extent > 1) group.push_back(axis);
  };
  add(plan.batch, {batch, x.next, y.next, to.next});
  add(plan.rows, {m, x.row, 0, to.row});
  add(plan.columns, {n, 0, y.column, to.column});
  add(plan.summed, {k, x.column, y.row, 0});
  return plan;
}

template <class T> void fill(matrices<T>& x, std::int64_t batch, std::int64_t rows, std::int64_t columns, int seed) {
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        x.set(b, i, j, static_cast<T>((b * 13 + i * 37 + j * 11 + seed) % 31 - 15) / 8);
}

/// The elements are small multiples of 1/8: sums are exact in any order.
template <class T>
void expect_products(const matrices<T>& x, const matrices<T>& y, const matrices<T>& to, std::int64_t batch,
                     std::int64_t m, std::int64_t n, std::int64_t k) {
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t i = 0; i < m; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        double want = 0;
        for (std::int64_t s = 0; s < k; ++s) want += static_cast<double>(x.get(b, i, s)) * y.get(b, s, j);
        ASSERT_EQ(to.get(b, i, j), static_cast<T>(want))
            << m << " x " << n << " x " << k << ", element " << b << ", " << i << ", " << j;
      }
    }
  }
}

class small_contraction : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { use_simd_target(GetParam()); }
  void TearDown() override { use_simd_target(simd_targets().front()); }
};

template <class T> void expect_every_shape() {
  for (std::int64_t m = 1; m <= 33; ++m) {
    for (std::int64_t n = 1; n <= 33; ++n) {
      for (std::int64_t k = 1; k <= 33; ++k) {
        matrices<T> x(2, m, k, 0), y(2, k, n, 0), to(2, m, n, 0);
        fill(x, 2, m, k, 1);
        fill(y, 2, k, n, 2);
        const contraction_plan plan = plan_of(x, y, to, 2, m, n, k);
        // A column of the result is contiguous, too; a matrix is not transposed for one vector.
        const bool is_small = n > 1 ? n <= largest : m > 1 && m <= largest && k == 1;
        ASSERT_EQ(cpu::is_small_contraction(plan), is_small) << m << " x " << n << " x " << k;
        ASSERT_EQ(cpu::run_small_contraction(plan), is_small);
        if (is_small) expect_products(x, y, to, 2, m, n, k);
        if (testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(small_contraction, multiplies_float32_of_every_shape) { expect_every_shape<float>(); }
TEST_P(small_contraction, multiplies_float64_of_every_shape) { expect_every_shape<double>(); }

template <class T> void expect_every_layout() {
  for (std::int64_t n : {2, 3, 4, 7, 8, 13, 16, 24, 32}) {
    for (int how = 0; how < 64; ++how) {
      const bool x_across = how & 1, y_across = how & 2, to_across = how & 4, reversed = how & 8, misaligned = how & 16;
      const std::int64_t gap = how & 32 ? 3 * sizeof(T) : 0, m = n, k = n > 5 ? n - 2 : n;
      matrices<T> x(3, m, k, gap, x_across, reversed, misaligned), y(3, k, n, gap, y_across, reversed, misaligned);
      matrices<T> to(3, m, n, gap, to_across, false, misaligned);
      fill(x, 3, m, k, 1);
      fill(y, 3, k, n, 2);
      ASSERT_TRUE(cpu::run_small_contraction(plan_of(x, y, to, 3, m, n, k)));
      expect_products(x, y, to, 3, m, n, k);
      if (testing::Test::HasFatalFailure()) return;
      const std::int64_t written = 3 * m * n * static_cast<std::int64_t>(sizeof(T));
      EXPECT_GE(to.untouched(), to.size() - written) << "wrote beside the result, layout " << how << ", n = " << n;
    }
  }
}

TEST_P(small_contraction, multiplies_float32_of_any_strides) { expect_every_layout<float>(); }
TEST_P(small_contraction, multiplies_float64_of_any_strides) { expect_every_layout<double>(); }

TEST_P(small_contraction, writes_large_results_past_the_caches) {
  // Results of 8 MiB and more whose rows fill lines, and the same at an address where they do not.
  for (const int shift : {0, 4}) {
    constexpr std::int64_t count = 8500, n = 16, bytes = count * n * n * 4;
    matrices<float> x(count, n, n, 0), y(count, n, n, 0), to(1, 1, 1, 0);
    fill(x, count, n, n, 1);
    fill(y, count, n, n, 2);
    const cpu::scratch memory(bytes + 64);
    to.data = memory.data() + shift;
    to.next = n * n * 4;
    to.row = n * 4;
    to.column = 4;
    std::memset(memory.data(), 0xA5, bytes + 64);
    ASSERT_TRUE(cpu::run_small_contraction(plan_of(x, y, to, count, n, n, n)));
    expect_products(x, y, to, count, n, n, n);
    for (std::int64_t i = bytes + shift; i < bytes + 64; ++i) ASSERT_EQ(memory.data()[i], std::byte{0xA5});
  }
}

TEST_P(small_contraction, repeats_an_operand_of_stride_0) {
  matrices<float> x(1, 5, 6, 0), y(7, 6, 9, 0), to(7, 5, 9, 0);
  fill(x, 1, 5, 6, 1);
  fill(y, 7, 6, 9, 2);
  x.next = 0;
  ASSERT_TRUE(cpu::run_small_contraction(plan_of(x, y, to, 7, 5, 9, 6)));
  expect_products(x, y, to, 7, 5, 9, 6);
}

TEST_P(small_contraction, multiplies_a_tall_matrix_in_blocks) {
  for (std::int64_t m : {47, 96, 1000, 4801}) {
    for (bool across : {false, true}) {
      matrices<double> x(1, m, 16, 0), y(1, 16, 16, 0, across), to(1, m, 16, 0);
      fill(x, 1, m, 16, 1);
      fill(y, 1, 16, 16, 2);
      ASSERT_TRUE(cpu::run_small_contraction(plan_of(x, y, to, 1, m, 16, 16)));
      expect_products(x, y, to, 1, m, 16, 16);
    }
  }
}

TEST_P(small_contraction, sums_many_steps_in_parts) {
  for (std::int64_t k : {255, 256, 257, 511, 1000, 4096}) {
    for (std::int64_t m : {1, 10, 48}) {
      matrices<float> x(2, m, k, 0), y(2, k, 11, 0), to(2, m, 11, 8);
      fill(x, 2, m, k, 1);
      fill(y, 2, k, 11, 2);
      ASSERT_TRUE(cpu::run_small_contraction(plan_of(x, y, to, 2, m, 11, k)));
      expect_products(x, y, to, 2, m, 11, k);
    }
  }
  matrices<float> x(1, 49, 257, 0), y(1, 257, 11, 0), to(1, 49, 11, 0);
  EXPECT_FALSE(cpu::run_small_contraction(plan_of(x, y, to, 1, 49, 11, 257))) << "more than one block of rows";
  matrices<float> short_x(1, 4, 4097, 0), long_y(1, 4097, 4, 0), result(1, 4, 4, 0);
  EXPECT_FALSE(cpu::run_small_contraction(plan_of(short_x, long_y, result, 1, 4, 4, 4097)));
  matrices<float> wide(1, 4, 33, 0), across(1, 33, 4, 0, true);
  EXPECT_FALSE(cpu::run_small_contraction(plan_of(wide, across, result, 1, 4, 4, 33))) << "rows of y to be gathered";
}

TEST_P(small_contraction, walks_several_axes_of_the_batch) {
  // x[a, b], y[b, a]: two axes that do not merge, on 6 x 5 matrices.
  matrices<float> x(30, 4, 3, 0), y(30, 3, 8, 0), to(30, 4, 8, 0);
  fill(x, 30, 4, 3, 1);
  fill(y, 30, 3, 8, 2);
  contraction_plan plan = plan_of(x, y, to, 30, 4, 8, 3);
  plan.batch = {{6, 5 * x.next, y.next, 5 * to.next}, {5, x.next, 6 * y.next, to.next}};
  ASSERT_TRUE(cpu::run_small_contraction(plan));
  for (std::int64_t a = 0; a < 6; ++a) {
    for (std::int64_t b = 0; b < 5; ++b) {
      for (std::int64_t i = 0; i < 4; ++i) {
        for (std::int64_t j = 0; j < 8; ++j) {
          float want = 0;
          for (std::int64_t k = 0; k < 3; ++k) want += x.get(a * 5 + b, i, k) * y.get(b * 6 + a, k, j);
          ASSERT_EQ(to.get(a * 5 + b, i, j), want);
        }
      }
    }
  }
}

TEST_P(small_contraction, gives_the_same_bits_on_any_number_of_threads) {
  constexpr std::int64_t count = 3000;
  for (std::int64_t n : {4, 8, 11, 16}) {
    matrices<float> x(count, n, n, 0), y(count, n, n, 0), one(count, n, n, 0), four(count, n, n, 0);
    fill(x, count, n, n, 1);
    fill(y, count, n, n, 2);
    const int threads = cpu::thread_count();
    cpu::set_thread_count(1);
    ASSERT_TRUE(cpu::run_small_contraction(plan_of(x, y, one, count, n, n, n)));
    cpu::set_thread_count(4);
    ASSERT_TRUE(cpu::run_small_contraction(plan_of(x, y, four, count, n, n, n)));
    cpu::set_thread_count(threads);
    EXPECT_EQ(std::memcmp(one.data, four.data, count * n * n * sizeof(float)), 0) << n;
    expect_products(x, y, one, count, n, n, n);
  }
}

TEST_P(small_contraction, carries_nan_to_its_row_and_column_only) {
  for (std::int64_t n : {4, 5, 8, 16}) {
    matrices<float> x(1, n, n, 0), y(1, n, n, 0), to(1, n, n, 0);
    fill(x, 1, n, n, 1);
    fill(y, 1, n, n, 2);
    x.set(0, 1, 2, std::numeric_limits<float>::quiet_NaN());
    y.set(0, 0, n - 1, std::numeric_limits<float>::infinity());
    x.set(0, 0, 0, 0.0f);  // 0 * infinity
    ASSERT_TRUE(cpu::run_small_contraction(plan_of(x, y, to, 1, n, n, n)));
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        EXPECT_EQ(std::isnan(to.get(0, i, j)), i == 1 || (i == 0 && j == n - 1)) << n << ": " << i << ", " << j;
      }
    }
  }
}

TEST_P(small_contraction, leaves_other_kinds_alone) {
  matrices<float> x(1, 4, 4, 0), y(1, 4, 4, 0), to(1, 4, 4, 0);
  contraction_plan plan = plan_of(x, y, to, 1, 4, 4, 4);
  plan.type = int32;
  EXPECT_FALSE(cpu::run_small_contraction(plan));
  plan.type = float32;
  plan.summed.push_back({2, 64, 64, 0});
  EXPECT_FALSE(cpu::run_small_contraction(plan)) << "two summed axes";
  plan.summed.pop_back();
  plan.rows[0].to = 2 * plan.rows[0].to;
  plan.columns[0].to = 2 * plan.columns[0].to;
  EXPECT_FALSE(cpu::run_small_contraction(plan)) << "no axis of the result is contiguous";
  EXPECT_EQ(to.untouched(), to.size());
}

INSTANTIATE_TEST_SUITE_P(targets, small_contraction, testing::ValuesIn(simd_targets()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace tessera::detail
