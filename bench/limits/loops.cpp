// Compiled once per instruction set by Highway, as the library's kernels are.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "limits/loops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/cache_control.h>

#include "limits/loops.hpp"

HWY_BEFORE_NAMESPACE();
namespace bench {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using doubles = hn::ScalableTag<double>;

double read_all(const double* a, std::size_t n) {
  const doubles d;
  const std::size_t lanes = hn::Lanes(d);
  // Eight sums: an addition takes up to four cycles, two start in each.
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (std::size_t i = 0; i < n; i += 8 * lanes) {
    s0 = hn::Add(s0, hn::Load(d, a + i));
    s1 = hn::Add(s1, hn::Load(d, a + i + lanes));
    s2 = hn::Add(s2, hn::Load(d, a + i + 2 * lanes));
    s3 = hn::Add(s3, hn::Load(d, a + i + 3 * lanes));
    s4 = hn::Add(s4, hn::Load(d, a + i + 4 * lanes));
    s5 = hn::Add(s5, hn::Load(d, a + i + 5 * lanes));
    s6 = hn::Add(s6, hn::Load(d, a + i + 6 * lanes));
    s7 = hn::Add(s7, hn::Load(d, a + i + 7 * lanes));
  }
  const auto sum = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), hn::Add(hn::Add(s4, s5), hn::Add(s6, s7)));
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

template <bool Streaming, class D, class V> HWY_INLINE void put(V value, D d, double* to) {
  if constexpr (Streaming) hn::Stream(value, d, to);
  else hn::Store(value, d, to);
}

template <bool Streaming> void copy_all(double* HWY_RESTRICT c, const double* HWY_RESTRICT a, std::size_t n) {
  const doubles d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < n; i += 4 * lanes) {
    for (std::size_t k = 0; k < 4; ++k) put<Streaming>(hn::Load(d, a + i + k * lanes), d, c + i + k * lanes);
  }
  if constexpr (Streaming) hwy::FlushStream();
}

template <bool Streaming>
void triad_all(double* HWY_RESTRICT c, const double* HWY_RESTRICT a, const double* HWY_RESTRICT b, std::size_t n) {
  const doubles d;
  const std::size_t lanes = hn::Lanes(d);
  const auto three = hn::Set(d, 3.0);
  for (std::size_t i = 0; i < n; i += 4 * lanes) {
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t at = i + k * lanes;
      put<Streaming>(hn::MulAdd(three, hn::Load(d, b + at), hn::Load(d, a + at)), d, c + at);
    }
  }
  if constexpr (Streaming) hwy::FlushStream();
}

// Enough that the next multiply-add of each is never waited for (four cycles, two or four start in each), and few
// enough for the 16 registers of AVX2.
constexpr int chains = HWY_ARCH_X86 ? 12 : 20;

template <class T> T multiply_add(std::size_t steps, T factor, T term) {
  const hn::ScalableTag<T> d;
  const auto x = hn::Set(d, factor), y = hn::Set(d, term);
  auto s0 = hn::Iota(d, T(0)), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0, s9 = s0;
  auto s10 = s0, s11 = s0;
#if !HWY_ARCH_X86
  auto s12 = s0, s13 = s0, s14 = s0, s15 = s0, s16 = s0, s17 = s0, s18 = s0, s19 = s0;
#endif
#define BENCH_EACH_CHAIN_12(f) f(s0) f(s1) f(s2) f(s3) f(s4) f(s5) f(s6) f(s7) f(s8) f(s9) f(s10) f(s11)
#if HWY_ARCH_X86
#define BENCH_EACH_CHAIN(f) BENCH_EACH_CHAIN_12(f)
#else
#define BENCH_EACH_CHAIN(f) BENCH_EACH_CHAIN_12(f) f(s12) f(s13) f(s14) f(s15) f(s16) f(s17) f(s18) f(s19)
#endif
  // A chain's start differs from the others', or the compiler could make them one.
  T offset = 0;
#define BENCH_START(s) s = hn::Add(s, hn::Set(d, offset += T(1)));
  BENCH_EACH_CHAIN(BENCH_START)
  for (std::size_t i = 0; i < steps; ++i) {
#define BENCH_STEP(s) s = hn::MulAdd(s, x, y);
    BENCH_EACH_CHAIN(BENCH_STEP)
  }
  auto sum = hn::Zero(d);
#define BENCH_SUM(s) sum = hn::Add(sum, s);
  BENCH_EACH_CHAIN(BENCH_SUM)
#undef BENCH_SUM
#undef BENCH_STEP
#undef BENCH_START
#undef BENCH_EACH_CHAIN
#undef BENCH_EACH_CHAIN_12
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

template <class T> double operations() { return 2.0 * chains * static_cast<double>(hn::Lanes(hn::ScalableTag<T>())); }

limit_loops choose_limit_loops() {
  return {&read_all,           &copy_all<false>,     &triad_all<false>,     &copy_all<true>,
          &triad_all<true>,    &multiply_add<float>, &multiply_add<double>, operations<float>(),
          operations<double>()};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bench {
HWY_EXPORT(choose_limit_loops);
limit_loops find_limit_loops() { return HWY_DYNAMIC_DISPATCH(choose_limit_loops)(); }
}  // namespace bench
#endif
