// Words to either side of a pivot, eight at a time. 10^7 float32 on one core of Zen 3: 0.7 ns a word, as long as a copy; one by
// one without branches 1.7; to eight parts at once, through a table of where each goes on, 3.8.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/sort_split.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/kernels/compress-inl.hpp"
#include "cpu/kernels/sort_split.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

template <class W> std::int64_t count_greater(const W* words, std::int64_t n, W pivot) {
  std::conditional_t<sizeof(W) == 8, std::int64_t, std::int32_t> count = 0;
  for (std::int64_t i = 0; i < n; ++i) count += words[i] > pivot ? 1 : 0;
  return count;
}

#if TESSERA_AVX2
/// Bits of 32 bytes of words that are greater.
std::uint32_t greater(const float* x, float pivot) {
  return static_cast<std::uint32_t>(
      _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(x), _mm256_set1_ps(pivot), _CMP_GT_OQ)));
}
std::uint32_t greater(const double* x, double pivot) {
  return static_cast<std::uint32_t>(
      _mm256_movemask_pd(_mm256_cmp_pd(_mm256_loadu_pd(x), _mm256_set1_pd(pivot), _CMP_GT_OQ)));
}
std::uint32_t greater(const std::int32_t* x, std::int32_t pivot) {
  const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
  return static_cast<std::uint32_t>(
      _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(v, _mm256_set1_epi32(pivot)))));
}
std::uint32_t greater(const std::int64_t* x, std::int64_t pivot) {
  const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
  return static_cast<std::uint32_t>(
      _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(v, _mm256_set1_epi64x(pivot)))));
}
#endif

template <class W> std::int64_t split(W* low, W* high, const W* words, std::int64_t n, W pivot) {
  const W* const high_begin = high;
  std::int64_t i = 0;
#if TESSERA_AVX2
  constexpr int size = sizeof(W);
  const auto bytes = [](auto* x) { return reinterpret_cast<std::byte*>(x); };
  for (; i + 8 <= n; i += 8) {
    const auto* const from = reinterpret_cast<const std::byte*>(words + i);
    std::uint32_t bits = greater(words + i, pivot);
    if constexpr (size == 8) bits |= greater(words + i + 4, pivot) << 4;
    compress_eight<size>(bytes(low), from, bits ^ 0xff);
    compress_eight<size>(bytes(high), from, bits);
    const std::int64_t count = count_of(bits);
    low += 8 - count;
    high += count;
  }
#endif
  for (; i < n; ++i) {
    const W word = words[i];
    const bool is_greater = word > pivot;
    *low = word;
    *high = word;
    low += is_greater ? 0 : 1;
    high += is_greater ? 1 : 0;
  }
  return high - high_begin;
}

template <class W> const split_kernels<W>* choose() {
  static constexpr split_kernels<W> kernels = {count_greater<W>, split<W>};
  return &kernels;
}
// Highway's tables are of functions, not of templates.
const split_kernels<float>* choose_float32() { return choose<float>(); }
const split_kernels<double>* choose_float64() { return choose<double>(); }
const split_kernels<std::int32_t>* choose_int32() { return choose<std::int32_t>(); }
const split_kernels<std::int64_t>* choose_int64() { return choose<std::int64_t>(); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_float32);
HWY_EXPORT(choose_float64);
HWY_EXPORT(choose_int32);
HWY_EXPORT(choose_int64);
template <> const split_kernels<float>& find_split_kernels() { return *HWY_DYNAMIC_DISPATCH(choose_float32)(); }
template <> const split_kernels<double>& find_split_kernels() { return *HWY_DYNAMIC_DISPATCH(choose_float64)(); }
template <> const split_kernels<std::int32_t>& find_split_kernels() { return *HWY_DYNAMIC_DISPATCH(choose_int32)(); }
template <> const split_kernels<std::int64_t>& find_split_kernels() { return *HWY_DYNAMIC_DISPATCH(choose_int64)(); }
}  // namespace tessera::detail::cpu
#endif
