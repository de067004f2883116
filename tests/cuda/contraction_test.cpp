// Contractions on a GPU, or under the emulator, against nested loops: every dtype and layout, and as many copies, kernels and
// calls of cuBLAS as the table of patterns says.
#include "cuda/contraction.hpp"

#include <gtest/gtest.h>

#include <complex>

#include "core/half.hpp"
#include "cuda/contraction_mapping.hpp"
#include "cuda/contraction_patterns.hpp"
#include "cuda/cublas.hpp"
#include "cuda/launch.hpp"
#include "cuda/mirror.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

using namespace tessera_test;

/// A bool in memory: any byte.
struct truth {
  std::uint8_t byte;
};

/// How an oracle computes with elements T: sums in `total`, exact for the small numbers used here.
template <class T> struct arithmetic {
  using total = std::conditional_t<std::is_integral_v<T>, std::uint64_t, double>;
  static T make(unsigned random) { return static_cast<T>(static_cast<double>(random % 3) - 1); }
  static total widen(T x) { return static_cast<total>(x); }
  static T narrow(total x) { return static_cast<T>(x); }
};
template <class T> struct arithmetic<std::complex<T>> {
  using total = std::complex<T>;
  static total make(unsigned random) { return {T(random % 5) - 2, T(random / 5 % 5) - 2}; }
  static total widen(total x) { return x; }
  static total narrow(total x) { return x; }
};
template <> struct arithmetic<truth> {
  using total = std::uint8_t;
  static truth make(unsigned random) { return {static_cast<std::uint8_t>(random % 8 == 0 ? 0x40 : 0)}; }
  static total widen(truth x) { return x.byte != 0; }
  static truth narrow(total x) { return {x}; }
};
/// Integers that overflow.
template <class T> T any_integer(unsigned random) { return static_cast<T>(random * 0x9e3779b97f4a7c15); }

template <class T> void fill(laid_out<T>& x, unsigned seed) {
  std::mt19937 random(seed);
  for (T& each : x.memory) {
    if constexpr (std::is_integral_v<T>) each = any_integer<T>(static_cast<unsigned>(random()));
    else each = arithmetic<T>::make(static_cast<unsigned>(random()));
  }
}

/// What to = sum of x * y is by nested loops.
template <class T> std::vector<T> by_nested_loops(const contraction_plan& plan, const laid_out<T>& to) {
  using total = typename arithmetic<T>::total;
  std::vector<total> sums(to.memory.size(), total{});
  nested_loops(plan, [&](std::byte* at, const std::byte* x, const std::byte* y) {
    T a, b;
    std::memcpy(&a, x, sizeof a);
    std::memcpy(&b, y, sizeof b);
    total& sum = sums[static_cast<std::size_t>(at - to.data) / sizeof(T)];
    total left = arithmetic<T>::widen(a);
    if constexpr (std::is_same_v<T, truth>) {
      sum |= left & arithmetic<T>::widen(b);
    } else {
      if constexpr (!std::is_integral_v<T> && !std::is_same_v<total, double>)
        left = plan.conjugate_x ? std::conj(left) : left;
      sum += left * arithmetic<T>::widen(b);
    }
  });
  std::vector<T> all;
  for (const total& sum : sums) all.push_back(arithmetic<T>::narrow(sum));
  return all;
}

/// What a run took: kernels that are generated, calls of cuBLAS.
struct counted {
  std::int64_t launches, calls;
};

/// Runs the plan of host memory on the device, and expects the values of nested loops.
template <class T> counted run(contraction_plan plan, laid_out<T>& x, laid_out<T>& y, laid_out<T>& to, int device = 0) {
  const std::vector<T> want = by_nested_loops(plan, to);
  mirror copies;
  for (laid_out<T>* side : {&x, &y, &to}) {
    copies.add({side->data, uint8, shape(1)}, shape(static_cast<std::int64_t>(side->memory.size() * sizeof(T))));
  }
  copies.upload();
  const auto moved = [&](const laid_out<T>& side, const std::byte* at) {
    return copies.of(side.data) + (at - side.data);
  };
  plan.x = moved(x, plan.x);
  plan.y = moved(y, plan.y);
  plan.to = moved(to, plan.to);
  const counted before = {launch_count(), product_calls()};
  run_contraction(context_of(device), plan);
  const counted took = {launch_count() - before.launches, product_calls() - before.calls};
  copies.download();
  EXPECT_EQ(std::memcmp(to.memory.data(), want.data(), want.size() * sizeof(T)), 0);
  return took;
}

std::string name_of(const pattern& p, layout how) {
  return std::string(p.equation) + " " + p.extents + ", layout " + std::to_string(static_cast<int>(how));
}

/// The kernels and calls of an entry of the table: a kernel a copy, one more for pointers.
counted expected(const std::string& text) {
  const std::size_t bar = text.find('|'), many = text.find(" calls");
  const std::size_t copies = bar == std::string::npos ? 0 : bar;
  counted all = {static_cast<std::int64_t>(copies) + (text[bar == std::string::npos ? 0 : bar + 1] == 'P'), 1};
  if (many != std::string::npos) all.calls = std::atoll(text.c_str() + text.rfind(' ', many - 1));
  return all;
}

TEST(cuda_contraction, makes_the_copies_and_calls_of_the_rules) {
  for (const pattern& p : patterns) {
    for (const layout how : all_layouts) {
      SCOPED_TRACE(name_of(p, how));
      const equation e(p.equation, p.extents);
      laid_out<float> x(e.x, e, how), y(e.y, e, how), to(e.to, e, layout::contiguous);
      fill(x, 1);
      fill(y, 2);
      const counted took = run(plan_of(e, x, y, to, float32), x, y, to),
                    want = expected(p.calls[static_cast<int>(how)]);
      EXPECT_EQ(took.launches, want.launches);
      EXPECT_EQ(took.calls, want.calls);
    }
  }
}

TEST(cuda_contraction, of_integers_is_one_kernel) {
  for (const pattern& p : patterns) {
    for (const layout how : all_layouts) {
      SCOPED_TRACE(name_of(p, how));
      const equation e(p.equation, p.extents);
      laid_out<std::int32_t> x(e.x, e, how), y(e.y, e, how), to(e.to, e, layout::contiguous);
      fill(x, 1);
      fill(y, 2);
      const contraction_plan plan = plan_of(e, x, y, to, int32);
      if (!contracts(plan)) continue;
      const counted took = run(plan, x, y, to);
      EXPECT_EQ(took.launches, 1);
      EXPECT_EQ(took.calls, 0);
    }
  }
}

template <class T> void expect_every_layout(dtype type, bool conjugated = false) {
  for (const char* const text : {"ij,jk->ik", "bij,bjk->bik", "ijk,kjl->il", "bihd,bjhd->bhij"}) {
    for (const layout how : all_layouts) {
      SCOPED_TRACE(std::string(type.name()) + ", " + text + ", layout " + std::to_string(static_cast<int>(how)));
      const equation e(text, std::string(text) == "ijk,kjl->il"       ? "i20 j6 k8 l28"
                             : std::string(text) == "bihd,bjhd->bhij" ? "b9 i17 h9 d3 j16"
                                                                      : "b3 i70 j19 k66");
      laid_out<T> x(e.x, e, how), y(e.y, e, how), to(e.to, e, layout::contiguous);
      fill(x, 3);
      fill(y, 4);
      contraction_plan plan = plan_of(e, x, y, to, type);
      plan.conjugate_x = conjugated;
      run(plan, x, y, to);
    }
  }
}

TEST(cuda_contraction, of_every_dtype) {
  expect_every_layout<float16_t>(float16);
  expect_every_layout<bfloat16_t>(bfloat16);
  expect_every_layout<float>(float32);
  expect_every_layout<double>(float64);
  expect_every_layout<std::complex<float>>(complex64);
  expect_every_layout<std::complex<double>>(complex128);
  expect_every_layout<truth>(bool_);
  expect_every_layout<std::int8_t>(int8);
  expect_every_layout<std::uint8_t>(uint8);
  expect_every_layout<std::int16_t>(int16);
  expect_every_layout<std::uint16_t>(uint16);
  expect_every_layout<std::int32_t>(int32);
  expect_every_layout<std::uint32_t>(uint32);
  expect_every_layout<std::int64_t>(int64);
  expect_every_layout<std::uint64_t>(uint64);
}

TEST(cuda_contraction, conjugates_x) {
  expect_every_layout<std::complex<float>>(complex64, true);
  expect_every_layout<std::complex<double>>(complex128, true);
}

/// x[i, k] * y[k, j] of 20 x 24 and 24 x 28 whose strides are these many bytes, from the middle of larger memory.
template <class T>
void expect_strided(dtype type, const shape& x_strides, const shape& y_strides, std::int64_t offset = 0) {
  const equation e("i,i->i", "i20000");
  laid_out<T> x("i", e, layout::contiguous), y("i", e, layout::contiguous),
      to("i", equation("i,i->i", "i560"), layout::contiguous);
  fill(x, 5);
  fill(y, 6);
  contraction_plan plan;
  plan.type = type;
  plan.x = x.data + 10000 * sizeof(T) + offset;
  plan.y = y.data + 10000 * sizeof(T);
  plan.to = to.data;
  plan.rows.push_back({20, x_strides[0], 0, 28 * static_cast<std::int64_t>(sizeof(T))});
  plan.columns.push_back({28, 0, y_strides[1], static_cast<std::int64_t>(sizeof(T))});
  plan.summed.push_back({24, x_strides[1], y_strides[0], 0});
  run(plan, x, y, to);
}

TEST(cuda_contraction, of_any_strides) {
  const std::pair<shape, shape> strides[] = {{{96, 4}, {112, 4}},  {{200, 8}, {112, 4}},  {{-96, 4}, {112, 4}},
                                             {{96, -4}, {112, 4}}, {{96, -4}, {-112, 4}}, {{96, 4}, {112, -4}},
                                             {{0, 4}, {112, 4}},   {{96, 4}, {0, 4}},     {{4, 4}, {112, 4}},
                                             {{0, 0}, {0, 0}},     {{-4, 80}, {4, -96}},  {{800, 16}, {4, 400}}};
  for (const auto& [x, y] : strides) {
    SCOPED_TRACE(to_string(x) + " " + to_string(y));
    expect_strided<float>(float32, x, y);
    expect_strided<std::int32_t>(int32, x, y);
  }
  expect_strided<std::int32_t>(int32, {97, 5}, {113, 4});
  expect_strided<std::int32_t>(int32, {96, 4}, {112, 4}, 2);
  expect_strided<std::int16_t>(int16, {97, 3}, {112, 2}, 1);
  expect_strided<truth>(bool_, {7, 1}, {-28, 1}, 3);
  // Misaligned memory with whole numbers in it cannot be had for floats in this way: each element is its neighbours' bytes.
}

TEST(cuda_contraction, of_long_sums_and_large_tiles_of_integers) {
  const auto run_of = [](const char* extents, auto number, dtype type) {
    using T = decltype(number);
    const equation e("bij,bjk->bik", extents);
    laid_out<T> x(e.x, e, layout::contiguous), y(e.y, e, layout::permuted), to(e.to, e, layout::contiguous);
    fill(x, 7);
    fill(y, 8);
    const contraction_plan plan = plan_of(e, x, y, to, type);
    EXPECT_TRUE(contracts(plan)) << extents;
    run(plan, x, y, to);
    return contraction_calls(plan);
  };
  EXPECT_EQ(run_of("b2 i65 j600 k130", std::int32_t{}, int32), "tiles of 64 x 64");
  EXPECT_EQ(run_of("b256 i17 j9 k31", std::int8_t{}, int8), "tiles of 128 x 128");
  EXPECT_EQ(run_of("b64 i129 j5 k200", std::uint32_t{}, uint32), "tiles of 128 x 128");
  EXPECT_EQ(run_of("b64 i129 j5 k200", std::int64_t{}, int64), "tiles of 64 x 64");
}

TEST(cuda_contraction, leaves_small_products_and_vectors_to_the_fused_kernel) {
  const auto decided = [](const char* text, const char* extents, dtype type) {
    const equation e(text, extents);
    laid_out<float> x(e.x, e, layout::contiguous), y(e.y, e, layout::contiguous), to(e.to, e, layout::contiguous);
    return contracts(plan_of(e, x, y, to, type));
  };
  EXPECT_TRUE(decided("ij,jk->ik", "i16 j16 k16", float32));
  EXPECT_FALSE(decided("ij,jk->ik", "i16 j15 k16", float32));
  EXPECT_TRUE(decided("ij,jk->ik", "i2 j1024 k2", float32));
  EXPECT_FALSE(decided("bij,bjk->bik", "b1000 i8 j8 k8", float32));
  EXPECT_FALSE(decided("ij,j->i", "i200 j200", float32));
  EXPECT_FALSE(decided("i,ij->j", "i200 j200", float32));
  EXPECT_FALSE(decided("i,i->", "i20000", float32));
  EXPECT_FALSE(decided("i,j->ij", "i200 j200", float32));
  EXPECT_TRUE(decided("ij,jk->ik", "i16 j16 k16", int32));
  EXPECT_FALSE(decided("ij,jk->ik", "i2 j1024 k2", int32));
  EXPECT_TRUE(decided("ij,jk->ik", "i64 j1024 k64", int32));
  EXPECT_FALSE(decided("ij,jk->ik", "i64 j1025 k64", int32));  // one tile, a long sum: the fused kernel cuts it
  EXPECT_TRUE(decided("ij,jk->ik", "i512 j1025 k512", int32));
}

}  // namespace
}  // namespace tessera::detail::cuda
