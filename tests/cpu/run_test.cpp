// Elementwise stages: every layout of operands and targets, every length around block and vector sizes, masks,
// aliasing.
#include <gtest/gtest.h>

#include "hand_made.hpp"

namespace tessera::detail {
namespace {

// r = (x - y) * x, stored.
stage difference_times(const shape& extents, const strided& x, const strided& y, const strided& target) {
  stage s;
  s.extents = extents;
  s.folded.assign(static_cast<std::size_t>(extents.size()), false);
  s.inputs = {x, y};
  s.register_types = {x.type, x.type, x.type, x.type};
  s.instructions = {{op::subtract, x.type, 2, {0, 1, no_reg}}, {op::multiply, x.type, 3, {2, 0, no_reg}}};
  s.results = {{3, fold::none, target, no_reg}};
  return s;
}

template <class T>
void expect_difference_times(const shape& extents, layout x_layout, layout y_layout, layout target_layout, dtype type) {
  operand_of<T> x(extents, x_layout, type), y(extents, y_layout, type), target(extents, target_layout, type);
  x.fill([](std::int64_t i) { return static_cast<T>(i % 97 + 5); });
  y.fill([](std::int64_t i) { return static_cast<T>(i % 89); });
  cpu_backend().run(difference_times(extents, x.view(), y.view(), target.view()));
  for (std::int64_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(target.get(i), static_cast<T>((x.get(i) - y.get(i)) * x.get(i)))
        << "point " << i << " of " << to_string(extents);
  }
}

TEST(run, takes_every_layout_of_operands_and_target) {
  const shape spaces[] = {{},          {1},        {5000},      {3, 1100}, {700, 3}, {17, 5, 40}, {2, 3, 4, 5, 6, 2, 2},
                          {40, 1, 60}, {37, 1100}, {4, 19, 300}};
  for (const shape& extents : spaces) {
    for (const layout x : all_layouts) {
      for (const layout y : all_layouts) expect_difference_times<float>(extents, x, y, layout::contiguous, float32);
      for (const layout target : {layout::reversed, layout::strided, layout::transposed, layout::misaligned}) {
        expect_difference_times<double>(extents, x, layout::contiguous, target, float64);
        expect_difference_times<std::int16_t>(extents, layout::contiguous, x, target, int16);
      }
    }
  }
}

TEST(run, takes_every_length_around_vectors_and_blocks) {
  for (std::int64_t n = 1; n < 140; ++n)
    expect_difference_times<float>({n}, layout::contiguous, layout::reversed, layout::contiguous, float32);
  for (const std::int64_t n : {1023, 1024, 1025, 2047, 2048, 2049, 4097}) {
    expect_difference_times<float>({n}, layout::contiguous, layout::strided, layout::misaligned, float32);
    expect_difference_times<std::int8_t>({n}, layout::misaligned, layout::repeated, layout::contiguous, int8);
    expect_difference_times<float>({n, 2}, layout::transposed, layout::repeated, layout::contiguous, float32);
  }
}

TEST(run, writes_the_operand_it_reads) {
  for (const layout how : {layout::contiguous, layout::reversed, layout::strided}) {
    operand_of<float> x({3000}, how, float32), y({3000}, layout::contiguous, float32);
    x.fill([](std::int64_t i) { return static_cast<float>(i); });
    y.fill([](std::int64_t) { return 2.0f; });
    cpu_backend().run(difference_times({3000}, x.view(), y.view(), x.view()));
    for (std::int64_t i = 0; i < 3000; ++i) {
      const auto old = static_cast<float>(i);
      ASSERT_EQ(x.get(i), (old - 2) * old);
    }
  }
}

TEST(run, stores_several_results_in_one_pass) {
  // swap-like: p = x - y into x's place, q = (x - y) * x into y's place: x must be read before it is overwritten
  operand_of<float> x({2500}, layout::contiguous, float32), y({2500}, layout::contiguous, float32);
  x.fill([](std::int64_t i) { return static_cast<float>(i % 50); });
  y.fill([](std::int64_t i) { return static_cast<float>(i % 7); });
  stage s = difference_times({2500}, x.view(), y.view(), y.view());
  s.results.push_back({2, fold::none, x.view(), no_reg});
  cpu_backend().run(s);
  for (std::int64_t i = 0; i < 2500; ++i) {
    const auto a = static_cast<float>(i % 50), b = static_cast<float>(i % 7);
    ASSERT_EQ(x.get(i), a - b);
    ASSERT_EQ(y.get(i), (a - b) * a);
  }
}

TEST(run, stores_an_input_and_a_constant) {
  operand_of<std::int32_t> x({40, 30}, layout::transposed, int32), first({40, 30}, layout::strided, int32),
      second({40, 30}, layout::contiguous, int32);
  x.fill([](std::int64_t i) { return static_cast<std::int32_t>(i); });
  stage s;
  s.extents = {40, 30};
  s.folded = {false, false};
  s.inputs = {x.view()};
  const std::int32_t seven = 7;
  s.constants = {{int32, {}}};
  std::memcpy(s.constants[0].bytes, &seven, sizeof(seven));
  s.register_types = {int32, int32};
  s.results = {{0, fold::none, first.view(), no_reg}, {1, fold::none, second.view(), no_reg}};
  cpu_backend().run(s);
  for (std::int64_t i = 0; i < 1200; ++i) {
    ASSERT_EQ(first.get(i), i);
    ASSERT_EQ(second.get(i), 7);
  }
}

TEST(run, stores_only_where_the_mask_is_true) {
  const shape spaces[] = {{3000}, {50, 3}, {3, 700}};
  for (const shape& extents : spaces) {
    for (const layout how : {layout::contiguous, layout::strided, layout::transposed, layout::reversed}) {
      operand_of<float> x(extents, layout::contiguous, float32), target(extents, how, float32);
      operand_of<std::uint8_t> mask(extents, how, bool_);
      x.fill([](std::int64_t i) { return static_cast<float>(i); });
      target.fill([](std::int64_t) { return -1.0f; });
      mask.fill([](std::int64_t i) { return static_cast<std::uint8_t>(i % 3 == 0); });
      stage s;
      s.extents = extents;
      s.folded.assign(static_cast<std::size_t>(extents.size()), false);
      s.inputs = {x.view(), mask.view()};
      s.register_types = {float32, bool_, float32};
      s.instructions = {{op::negative, float32, 2, {0, no_reg, no_reg}}};
      s.results = {{2, fold::none, target.view(), 1}};
      cpu_backend().run(s);
      for (std::int64_t i = 0; i < x.size(); ++i) ASSERT_EQ(target.get(i), i % 3 == 0 ? -static_cast<float>(i) : -1.0f);
    }
  }
}

TEST(run, converts_between_sizes_within_a_program) {
  // (x as int64 > 3) ? x : -x with x int8: registers of 1 and 8 bytes
  operand_of<std::int8_t> x({5000}, layout::contiguous, int8), target({5000}, layout::contiguous, int8);
  x.fill([](std::int64_t i) { return static_cast<std::int8_t>(i % 11 - 5); });
  stage s;
  s.extents = {5000};
  s.folded = {false};
  s.inputs = {x.view()};
  s.constants = {{int64, {}}};
  const std::int64_t three = 3;
  std::memcpy(s.constants[0].bytes, &three, sizeof(three));
  s.register_types = {int8, int64, int64, bool_, int8, int8};
  s.instructions = {{op::cast, int64, 2, {0, no_reg, no_reg}},
                    {op::greater, int64, 3, {2, 1, no_reg}},
                    {op::negative, int8, 4, {0, no_reg, no_reg}},
                    {op::where, int8, 5, {3, 0, 4}}};
  s.results = {{5, fold::none, target.view(), no_reg}};
  cpu_backend().run(s);
  for (std::int64_t i = 0; i < 5000; ++i) {
    const int value = static_cast<int>(i % 11 - 5);
    ASSERT_EQ(target.get(i), value > 3 ? value : -value);
  }
}

TEST(run, repeated_operands_are_read_in_any_order) {
  // x[:, newaxis, :] - y[newaxis, :, :] over (n, m, 3): neither is contiguous over a block
  const shape extents = {300, 200, 3};
  std::vector<float> x(900), y(600), out(180000);
  std::iota(x.begin(), x.end(), 1.0f);
  std::iota(y.begin(), y.end(), 2.0f);
  const auto bytes = [](std::vector<float>& v) { return reinterpret_cast<std::byte*>(v.data()); };
  const strided a{bytes(x), float32, {12, 0, 4}}, b{bytes(y), float32, {0, 12, 4}},
      to{bytes(out), float32, {2400, 12, 4}};
  cpu_backend().run(difference_times(extents, a, b, to));
  for (std::size_t i = 0, at = 0; i < 300; ++i) {
    for (std::size_t j = 0; j < 200; ++j) {
      for (std::size_t k = 0; k < 3; ++k, ++at) ASSERT_EQ(out[at], (x[3 * i + k] - y[3 * j + k]) * x[3 * i + k]);
    }
  }
}

TEST(run, gives_the_same_on_any_number_of_threads) {
  const shape extents = {700, 900};
  with_thread_counts([&](int) {
    expect_difference_times<float>(extents, layout::contiguous, layout::transposed, layout::contiguous, float32);
    expect_difference_times<double>(extents, layout::repeated, layout::reversed, layout::strided, float64);
  });
}

TEST(run, names_an_operation_without_a_kernel) {
  operand_of<std::int32_t> x({4}, layout::contiguous, int32), target({4}, layout::contiguous, int32);
  stage s;
  s.extents = {4};
  s.folded = {false};
  s.inputs = {x.view()};
  s.register_types = {int32, int32};
  s.instructions = {{op::exp, int32, 1, {0, no_reg, no_reg}}};
  s.results = {{1, fold::none, target.view(), no_reg}};
  try {
    cpu_backend().run(s);
    FAIL();
  } catch (const device_error& e) {
    EXPECT_STREQ(e.what(), "exp: the CPU has no kernel for int32");
  }
}

TEST(threads, ranges_partition_the_work_at_any_count) {
  with_thread_counts([](int threads) {
    for (const std::int64_t count : {0, 1, 2, 1000, 100003}) {
      std::vector<unsigned char> seen(static_cast<std::size_t>(count), 0);
      cpu::parallel_for(count, 1000, [&](std::int64_t first, std::int64_t last, int slot) {
        ASSERT_LT(slot, threads);
        for (std::int64_t i = first; i < last; ++i) ++seen[static_cast<std::size_t>(i)];
      });
      for (const unsigned char times : seen) ASSERT_EQ(times, 1);
    }
  });
}

}  // namespace
}  // namespace tessera::detail
