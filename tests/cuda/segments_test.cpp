// Folds of segments on a device against plain loops: every operation that keeps its dtype, every dtype, any layout.
#include "cuda/segments.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>
#include <random>

#include "core/half.hpp"
#include "cuda/launch.hpp"
#include "mirrored.hpp"

namespace tessera::detail::cuda {
namespace {

/// Where segments begin: some empty, some of one element, out of order where asked for.
std::vector<std::int64_t> starts_of(std::int64_t count, std::int64_t segments, bool in_order, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<std::int64_t> starts(static_cast<std::size_t>(segments));
  for (std::int64_t& x : starts) x = random() % static_cast<std::uint64_t>(count);
  if (in_order) std::sort(starts.begin(), starts.end());
  return starts;
}

template <class T> struct segment_case {
  op code;
  dtype type;
  shape lanes;
  std::int64_t count;
  std::vector<std::int64_t> starts;
  std::function<T(T, T)> join;
  std::function<T(std::int64_t)> value;
  layout in = layout::contiguous, out = layout::contiguous;
};

template <class T> bool same_bits(T a, T b) { return std::memcmp(&a, &b, sizeof(T)) == 0; }

/// Runs it, and compares by `same`.
template <class T> void expect_segments(segment_case<T> c, const std::function<bool(T, T)>& same = same_bits<T>) {
  SCOPED_TRACE(testing::Message() << info(c.code).name << " " << c.type.name() << ", lanes " << to_string(c.lanes)
                                  << " of " << c.count << ", " << c.starts.size() << " segments, layouts "
                                  << static_cast<int>(c.in) << " " << static_cast<int>(c.out));
  const auto segments = static_cast<std::int64_t>(c.starts.size());
  operand_of<T> in(with_axis(c.lanes, c.count), c.in, c.type), out(with_axis(c.lanes, segments), c.out, c.type);
  in.fill(c.value);
  mirror copies;
  add_to(copies, in);
  add_to(copies, out);
  add_to(copies, c.starts);
  copies.upload();
  segment_plan plan;
  plan.code = c.code;
  plan.lanes = c.lanes;
  plan.count = c.count;
  plan.segments = segments;
  plan.starts = there(copies, c.starts);
  set_operands(plan, copies, in, out);
  run_segments(context_of(0), plan);
  copies.download();
  int shown = 0;
  for (std::int64_t i = 0; i < out.size() && shown < 3; ++i) {
    const std::int64_t lane = i / segments, segment = i % segments, begin = c.starts[static_cast<std::size_t>(segment)];
    const std::int64_t end = segment + 1 < segments ? c.starts[static_cast<std::size_t>(segment) + 1] : c.count;
    T want = in.get(lane * c.count + begin);
    for (std::int64_t k = begin + 1; k < end; ++k) want = c.join(want, in.get(lane * c.count + k));
    if (same(out.get(i), want)) continue;
    ++shown;
    ADD_FAILURE() << "lane " << lane << ", segment " << segment << " from " << begin << " to " << end;
  }
}

template <class T> T small(std::int64_t i) { return static_cast<T>((i * 7919 + i / 3) % 7 - 2); }

template <class T> void expect_sums_and_extremes(dtype type) {
  const auto add = [](T a, T b) { return static_cast<T>(a + b); };
  const auto larger = [](T a, T b) { return a > b ? a : b; };
  for (const auto& [lanes, count, segments] : {std::tuple{shape{}, 1, 1},
                                               {shape{}, 500, 90},
                                               {shape{5}, 300, 6},
                                               {shape{2, 3}, 90, 20},
                                               {shape{2}, 3000, 2}}) {
    expect_segments<T>({op::add, type, lanes, count, starts_of(count, segments, true), add, small<T>});
    expect_segments<T>({op::maximum, type, lanes, count, starts_of(count, segments, false), larger, small<T>});
  }
}

TEST(cuda_segments, of_every_dtype) {
  expect_sums_and_extremes<std::int8_t>(int8);
  expect_sums_and_extremes<std::int16_t>(int16);
  expect_sums_and_extremes<std::int32_t>(int32);
  expect_sums_and_extremes<std::int64_t>(int64);
  expect_sums_and_extremes<std::uint8_t>(uint8);
  expect_sums_and_extremes<std::uint16_t>(uint16);
  expect_sums_and_extremes<std::uint32_t>(uint32);
  expect_sums_and_extremes<std::uint64_t>(uint64);
  expect_sums_and_extremes<float>(float32);
  expect_sums_and_extremes<double>(float64);
}

TEST(cuda_segments, of_16_bit_floats_are_added_in_float) {
  const auto run = []<class T>(dtype type, T) {
    // A sum of ones that a 16-bit float cannot count up to, and one in halves.
    segment_case<T> c{op::add, type, {2}, 4000, {0, 3500, 3510}, nullptr, [](std::int64_t) { return T(1.0f); }};
    operand_of<T> none({1}, layout::contiguous, type);
    c.join = [](T a, T) { return a; };
    const std::function<bool(T, T)> counted = [](T got, T) {
      const float x = static_cast<float>(got);
      return x == static_cast<float>(T(3500.0f)) || x == 10 || x == static_cast<float>(T(490.0f));
    };
    expect_segments<T>(c, counted);
  };
  run(float16, float16_t(0.0f));
  run(bfloat16, bfloat16_t(0.0f));
}

TEST(cuda_segments, of_truth) {
  const auto value = [](std::int64_t i) { return i % 11 == 0; };
  for (const std::int64_t segments : {3, 200}) {
    const auto starts = starts_of(700, segments, true);
    const auto either = [](bool a, bool b) { return a || b; };
    const auto both = [](bool a, bool b) { return a && b; };
    expect_segments<bool>({op::add, bool_, {3}, 700, starts, either, value});
    expect_segments<bool>({op::logical_or, bool_, {3}, 700, starts, either, value});
    expect_segments<bool>({op::maximum, bool_, {3}, 700, starts, either, value});
    expect_segments<bool>({op::multiply, bool_, {3}, 700, starts, both, value});
    expect_segments<bool>({op::logical_and, bool_, {3}, 700, starts, both, value});
    expect_segments<bool>({op::logical_xor, bool_, {3}, 700, starts, [](bool a, bool b) { return a != b; }, value});
  }
}

TEST(cuda_segments, of_integers_by_every_operation) {
  using T = std::int32_t;
  const auto value = [](std::int64_t i) { return static_cast<T>((i * 7919) % 60 + 2); };
  const auto gcd = [](T a, T b) {
    while (b != 0) std::swap(a %= b, b);
    return a;
  };
  for (const std::int64_t segments : {2, 150}) {
    for (const bool in_order : {true, false}) {
      const auto expect = [&](op code, std::function<T(T, T)> join) {
        expect_segments<T>({code, int32, {2}, 900, starts_of(900, segments, in_order), std::move(join), value});
      };
      const auto wrap = [](std::int64_t x) { return static_cast<T>(static_cast<std::uint64_t>(x)); };
      expect(op::add, [&](T a, T b) { return wrap(std::int64_t{a} + b); });
      expect(op::subtract, [&](T a, T b) { return wrap(std::int64_t{a} - b); });
      expect(op::multiply, [&](T a, T b) { return wrap(std::int64_t{a} * b); });
      expect(op::floor_divide, [](T a, T b) { return a / b; });
      expect(op::remainder, [](T a, T b) { return a % b; });
      expect(op::fmod, [](T a, T b) { return a % b; });
      expect(op::gcd, gcd);
      expect(op::minimum, [](T a, T b) { return std::min(a, b); });
      expect(op::fmax, [](T a, T b) { return std::max(a, b); });
      expect(op::bitwise_and, [](T a, T b) { return a & b; });
      expect(op::bitwise_or, [](T a, T b) { return a | b; });
      expect(op::bitwise_xor, [](T a, T b) { return a ^ b; });
      expect(op::bitwise_right_shift, [](T a, T b) { return b > 31 ? 0 : a >> b; });
    }
  }
}

TEST(cuda_segments, that_may_not_be_regrouped_go_element_by_element) {
  const auto value = [](std::int64_t i) { return static_cast<double>((i * 7919) % 13 + 1) / 4; };
  const std::function<bool(double, double)> close = [](double a, double b) {
    return std::abs(a - b) <= 1e-13 * std::abs(b) || (std::isinf(b) && a == b);
  };
  for (const layout how : {layout::contiguous, layout::strided}) {
    const auto expect = [&](op code, std::function<double(double, double)> join) {
      expect_segments<double>({code, float64, {3}, 60, {0, 4, 5, 30, 12, 40}, std::move(join), value, how}, close);
    };
    expect(op::subtract, [](double a, double b) { return a - b; });
    expect(op::divide, [](double a, double b) { return a / b; });
    expect(op::pow, [](double a, double b) { return std::pow(a, b); });
    expect(op::floor_divide, [](double a, double b) { return std::floor(a / b); });
    expect(op::remainder, [](double a, double b) { return std::fmod(a, b); });
    expect(op::hypot, [](double a, double b) { return std::hypot(a, b); });
    expect(op::atan2, [](double a, double b) { return std::atan2(a, b); });
    expect(op::copysign, [](double a, double b) { return std::copysign(a, b); });
    expect(op::nextafter, [](double a, double b) { return std::nextafter(a, b); });
    expect(op::heaviside, [](double a, double b) { return a == 0 ? b : a > 0 ? 1.0 : 0.0; });
    expect(op::logaddexp, [](double a, double b) { return std::log(std::exp(a) + std::exp(b)); });
  }
}

TEST(cuda_segments, of_complex_numbers) {
  using T = std::complex<double>;
  const auto value = [](std::int64_t i) { return T(static_cast<double>(i % 5) - 2, static_cast<double>(i % 3)); };
  for (const std::int64_t segments : {1, 2, 40}) {
    const auto starts = starts_of(3000, segments, true);
    expect_segments<T>({op::add, complex128, {2}, 3000, starts, [](T a, T b) { return a + b; }, value});
    expect_segments<T>(
        {op::maximum,
         complex128,
         {2},
         3000,
         starts,
         [](T a, T b) { return b.real() > a.real() || (b.real() == a.real() && b.imag() >= a.imag()) ? b : a; },
         value});
  }
  using F = std::complex<float>;
  const auto unit = [](std::int64_t i) { return i % 2 == 0 ? F(0, 1) : F(1, 0); };
  expect_segments<F>({op::multiply, complex64, {2}, 3000, {0, 7, 2000}, [](F a, F b) { return a * b; }, unit},
                     [](F a, F b) { return a == b; });
}

TEST(cuda_segments, of_extremes_with_zeros_of_both_signs_and_nan) {
  const auto value = [](std::int64_t i) {
    const std::int64_t which = (i * 7919) % 401;
    return which == 0 ? std::numeric_limits<float>::quiet_NaN() : which % 2 == 0 ? -0.0f : 0.0f;
  };
  const std::function<bool(float, float)> same = [](float a, float b) {
    return (std::isnan(a) && std::isnan(b)) || same_bits(a, b);
  };
  for (const std::int64_t segments : {2, 30, 900}) {
    const auto expect = [&](op code, std::function<float(float, float)> join) {
      expect_segments<float>({code, float32, {2}, 9000, starts_of(9000, segments, true), std::move(join), value}, same);
    };
    // Of equal ones the later.
    expect(op::maximum, [](float a, float b) { return std::isnan(a) || a > b ? a : b; });
    expect(op::minimum, [](float a, float b) { return std::isnan(a) || a < b ? a : b; });
    expect(op::fmax, [](float a, float b) { return std::isnan(b) || a > b ? a : b; });
    expect(op::fmin, [](float a, float b) { return std::isnan(b) || a < b ? a : b; });
  }
}

TEST(cuda_segments, of_any_layout) {
  const auto add = [](std::int16_t a, std::int16_t b) { return static_cast<std::int16_t>(a + b); };
  const auto sum = [](double a, double b) { return a + b; };
  for (const layout in : all_layouts) {
    for (const layout out : target_layouts) {
      for (const std::int64_t segments : {2, 25}) {
        expect_segments<std::int16_t>(
            {op::add, int16, {4, 3}, 120, starts_of(120, segments, true), add, small<std::int16_t>, in, out});
      }
      expect_segments<double>({op::add, float64, {3}, 2500, {0, 100, 1300}, sum, small<double>, in, out});
    }
  }
}

TEST(cuda_segments, one_long_among_many_short_ones) {
  std::vector<std::int64_t> starts;
  for (std::int64_t i = 0; i < 1000; ++i) starts.push_back(i < 300 ? i : i + 7000);
  const auto add = [](std::int64_t a, std::int64_t b) { return a + b; };
  expect_segments<std::int64_t>({op::add, int64, {2}, 8005, starts, add, [](std::int64_t i) { return i * i; }});
}

TEST(cuda_segments, of_many_lanes_side_by_side) {
  const auto add = [](std::int32_t a, std::int32_t b) { return a + b; };
  expect_segments<std::int32_t>(
      {op::add, int32, {3000}, 40, {0, 20, 20, 39}, add, small<std::int32_t>, layout::transposed, layout::transposed});
}

TEST(cuda_segments, few_long_ones_are_cut_into_pieces) {
  const auto add = [](std::int64_t a, std::int64_t b) { return a + b; };
  const auto value = [](std::int64_t i) { return i * i - 5; };
  const std::int64_t before = launch_count();
  expect_segments<std::int64_t>({op::add, int64, {}, 70001, {0}, add, value});
  EXPECT_EQ(launch_count() - before, 2);
  expect_segments<std::int64_t>({op::add, int64, {}, 40000, {0, 39990, 39995}, add, value});
  expect_segments<std::int64_t>({op::add, int64, {2}, 30000, {5, 2, 1}, add, value});
}

TEST(cuda_segments, that_do_not_fit_one_launch) {
  const auto add = [](std::int32_t a, std::int32_t b) { return a + b; };
  for (const std::int64_t most : {1, 5, 7, 60}) {
    const small_slabs small_ones(most);
    for (const std::int64_t segments : {3, 31}) {
      expect_segments<std::int32_t>(
          {op::add, int32, {6}, 200, starts_of(200, segments, true), add, small<std::int32_t>});
    }
  }
}

TEST(cuda_segments, have_the_same_bits_on_every_run) {
  const auto value = [](std::int64_t i) { return 1.0f / static_cast<float>(i % 97 + 1); };
  operand_of<float> in({50000}, layout::contiguous, float32), once({2}, layout::contiguous, float32),
      again({2}, layout::contiguous, float32);
  in.fill(value);
  std::vector<std::int64_t> starts{0, 20000};
  mirror copies;
  for (const operand_of<float>* x : {&in, &once, &again}) add_to(copies, *x);
  add_to(copies, starts);
  copies.upload();
  segment_plan plan;
  plan.count = 50000;
  plan.segments = 2;
  plan.starts = there(copies, starts);
  plan.in = {copies.of(in.view().data), float32, {}};
  plan.in_stride = plan.out_stride = 4;
  for (const operand_of<float>* x : {&once, &again}) {
    plan.out = {copies.of(x->view().data), float32, {}};
    run_segments(context_of(0), plan);
  }
  copies.download();
  for (const std::int64_t i : {0, 1}) {
    EXPECT_TRUE(same_bits(once.get(i), again.get(i)));
    double sum = 0;
    for (std::int64_t k = starts[static_cast<std::size_t>(i)]; k < (i == 0 ? 20000 : 50000); ++k) sum += value(k);
    EXPECT_NEAR(once.get(i), sum, 3e-7 * sum);
  }
}

TEST(cuda_segments, keep_their_values_in_registers) {
  const auto text = [](op code, dtype type, std::int64_t count, std::int64_t segments) {
    segment_plan plan;
    plan.code = code;
    plan.lanes = {3};
    plan.count = count;
    plan.segments = segments;
    plan.starts = reinterpret_cast<const std::int64_t*>(4096);
    const std::int64_t size = type.itemsize();
    plan.in = {reinterpret_cast<std::byte*>(4096), type, {count * size}};
    plan.out = {reinterpret_cast<std::byte*>(8192), type, {segments * size}};
    plan.in_stride = plan.out_stride = size;
    return segments_text_of(plan);
  };
  expect_in_registers(text(op::add, float64, 1 << 20, 2));
  expect_in_registers(text(op::maximum, float32, 1 << 20, 1 << 12));
  expect_in_registers(text(op::add, complex128, 1 << 20, 1 << 18));
  expect_in_registers(text(op::multiply, complex64, 1 << 20, 1 << 12));
}

}  // namespace
}  // namespace tessera::detail::cuda
