// Small stages on the stack against the same stages in blocks: the same bits.
#include "cpu/small_stage.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cpu/kernels/table.hpp"
#include "cpu/run.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

/// exp(x / 3) where x > y, else y - x, also as float32; one constant, a comparison, a choice and a cast.
stage several_operations(const shape& extents, const strided& x, const strided& y, const strided& target,
                         const strided& narrow) {
  constant three{float64, {}};
  const double value = 3;
  std::memcpy(three.bytes, &value, sizeof value);
  stage s;
  s.extents = extents;
  s.folded.assign(static_cast<std::size_t>(extents.size()), false);
  s.inputs = {x, y};
  s.constants = {three};
  s.register_types = {float64, float64, float64, float64, float64, bool_, float64, float64, float32};
  s.instructions = {{op::divide, float64, 3, {0, 2, no_reg}},  {op::exp, float64, 4, {3, no_reg, no_reg}},
                    {op::greater, float64, 5, {0, 1, no_reg}}, {op::subtract, float64, 6, {1, 0, no_reg}},
                    {op::where, float64, 7, {5, 4, 6}},        {op::cast, float32, 8, {7, no_reg, no_reg}}};
  s.results = {{7, fold::none, target, no_reg}, {8, fold::none, narrow, no_reg}};
  return s;
}

void expect_same_as_blocks(const shape& extents, layout x_layout, layout y_layout, layout target_layout) {
  operand_of<double> x(extents, x_layout, float64), y(extents, y_layout, float64);
  x.fill([](std::int64_t i) { return static_cast<double>(i % 11) / 3 - 2; });
  y.fill([](std::int64_t i) { return static_cast<double>(i % 5) - 2; });
  operand_of<double> small(extents, target_layout, float64), blocks(extents, target_layout, float64);
  operand_of<float> small_narrow(extents, layout::reversed, float32), blocks_narrow(extents, layout::reversed, float32);
  const stage s = several_operations(extents, x.view(), y.view(), small.view(), small_narrow.view());
  ASSERT_TRUE(cpu::run_small(s)) << to_string(extents);
  cpu::run_blocks(several_operations(extents, x.view(), y.view(), blocks.view(), blocks_narrow.view()));
  for (std::int64_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(small.get(i), blocks.get(i)) << "point " << i << " of " << to_string(extents);
    ASSERT_EQ(small_narrow.get(i), blocks_narrow.get(i)) << "point " << i << " of " << to_string(extents);
    const double a = x.get(i), b = y.get(i);
    ASSERT_NEAR(small.get(i), a > b ? std::exp(a / 3) : b - a, 1e-15 * 8);
  }
}

TEST(small_stages, give_the_bits_of_blocks_in_every_layout) {
  const std::string best = simd_target();
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    for (const shape& extents : {shape{}, shape{1}, shape{7}, shape{64}, shape{4, 5}, shape{2, 3, 4}, shape{1, 9, 1}}) {
      for (const layout x : all_layouts) {
        for (const layout y : all_layouts) {
          for (const layout to : {layout::contiguous, layout::reversed, layout::strided, layout::transposed})
            expect_same_as_blocks(extents, x, y, to);
        }
      }
    }
    for (std::int64_t n = 1; n < 150; ++n)
      expect_same_as_blocks({n}, layout::contiguous, layout::contiguous, layout::contiguous);
  }
  use_simd_target(best);
}

stage sum_of(const shape& extents, const strided& x, const strided& y, const strided& target) {
  stage s;
  s.extents = extents;
  s.folded.assign(static_cast<std::size_t>(extents.size()), false);
  s.inputs = {x, y};
  s.register_types = {x.type, x.type, x.type};
  s.instructions = {{op::add, x.type, 2, {0, 1, no_reg}}};
  s.results = {{2, fold::none, target, no_reg}};
  return s;
}

template <class T> void expect_fold_as_in_blocks(fold by, dtype type, dtype result, std::int64_t n, layout how) {
  operand_of<T> x({n}, how, type);
  x.fill([](std::int64_t i) { return static_cast<T>((i * 37 % 19 - 9) / T(4)); });
  alignas(16) std::byte small[16] = {}, blocks[16] = {};
  ASSERT_TRUE(cpu::run_small(fold_stage(by, {n}, {true}, x.view(), {small, result, shape(0)})));
  cpu::run_folds(fold_stage(by, {n}, {true}, x.view(), {blocks, result, shape(0)}));
  ASSERT_EQ(std::memcmp(small, blocks, sizeof small), 0) << n;
}

TEST(small_stages, fold_a_row_to_the_bits_of_blocks) {
  for (const std::int64_t n : {1, 2, 3, 10, 31, 64, 100, 1000, 2048}) {
    for (const layout how : {layout::contiguous, layout::reversed, layout::strided, layout::misaligned}) {
      for (const fold by : {fold::sum, fold::prod, fold::min, fold::max, fold::fmin, fold::fmax}) {
        expect_fold_as_in_blocks<double>(by, float64, float64, n, how);
        expect_fold_as_in_blocks<float>(by, float32, float32, n, how);
        expect_fold_as_in_blocks<std::int16_t>(by, int16, int16, n, how);
        expect_fold_as_in_blocks<std::uint16_t>(by, float16, float16, n, how);
      }
      for (const fold by : {fold::any, fold::all}) expect_fold_as_in_blocks<float>(by, float32, bool_, n, how);
      for (const fold by : {fold::argmin, fold::argmax}) expect_fold_as_in_blocks<double>(by, float64, int64, n, how);
    }
  }
}

TEST(small_stages, write_the_operand_they_read) {
  for (const layout how : {layout::contiguous, layout::reversed, layout::strided}) {
    operand_of<float> x({300}, how, float32), y({300}, layout::contiguous, float32);
    x.fill([](std::int64_t i) { return static_cast<float>(i); });
    y.fill([](std::int64_t) { return 2.0f; });
    ASSERT_TRUE(cpu::run_small(sum_of({300}, x.view(), y.view(), x.view())));
    for (std::int64_t i = 0; i < 300; ++i) ASSERT_EQ(x.get(i), static_cast<float>(i) + 2);
  }
}

TEST(small_stages, leave_large_and_masked_ones_alone) {
  operand_of<float> x({5000}, layout::contiguous, float32);
  EXPECT_FALSE(cpu::run_small(sum_of({5000}, x.view(), x.view(), x.view())));
  operand_of<float> small({10}, layout::contiguous, float32);
  operand_of<std::uint8_t> mask({10}, layout::contiguous, bool_);
  stage s = sum_of({10}, small.view(), small.view(), small.view());
  s.inputs.push_back(mask.view());
  s.register_types = {float32, float32, bool_, float32};
  s.instructions[0].result = s.results[0].value = 3;
  s.results[0].mask = 2;
  EXPECT_FALSE(cpu::run_small(s));
}

}  // namespace
}  // namespace tessera::detail
