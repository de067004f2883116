// Elements whose bits are set, their places, bytes as bits; elements replaced where bytes are set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/compress.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "cpu/kernels/compress-inl.hpp"
#include "cpu/kernels/compress.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

/// Up to 57 bits from bit k on.
std::uint64_t bits_at(const std::uint64_t* bits, std::int64_t k) {
  std::uint64_t word;
  std::memcpy(&word, reinterpret_cast<const std::byte*>(bits) + (k >> 3), sizeof word);
  return word >> (k & 7);
}

constexpr std::int64_t group = 32;
std::uint32_t group_at(const std::uint64_t* bits, std::int64_t first, std::int64_t k, std::int64_t n) {
  const auto word = static_cast<std::uint32_t>(bits_at(bits, first + k));
  return n - k >= group ? word : word & ((std::uint32_t{1} << (n - k)) - 1);
}

/// put(k) for each set bit from place `k` on, in order.
template <class Put>
void for_each_bit(const std::uint64_t* bits, std::int64_t first, std::int64_t k, std::int64_t n, const Put& put) {
  for (; k < n; k += group) {
    for (std::uint32_t set = group_at(bits, first, k, n); set != 0; set &= set - 1) put(k + __builtin_ctz(set));
  }
}

#if TESSERA_AVX2
void positions_of_eight(std::int64_t* to, std::int64_t base, std::uint32_t bits) {
  const __m128i places = places_of(bits);
  const __m256i first = _mm256_set1_epi64x(base);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_add_epi64(_mm256_cvtepu8_epi64(places), first));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 4),
                      _mm256_add_epi64(_mm256_cvtepu8_epi64(_mm_srli_si128(places, 4)), first));
}

/// step(to, k, byte of bits) for each eight points that have one, as long as four such steps stay before `stop`; returns
/// the first point that is left.
template <class To, class Step>
std::int64_t for_each_eight(To*& to, To* stop, std::int64_t size, const std::uint64_t* bits, std::int64_t first,
                            std::int64_t n, const Step& step) {
  std::int64_t k = 0;
  for (; n - k >= group; k += group) {
    const auto set = static_cast<std::uint32_t>(bits_at(bits, first + k));
    if (set == 0) continue;
    if (stop - to < group * size) break;
    for (int eight = 0; eight < 4; ++eight) {
      const std::uint32_t byte = set >> (8 * eight) & 0xff;
      step(to, k + 8 * eight, byte);
      to += count_of(byte) * size;
    }
  }
  return k;
}
#endif

template <int size>
std::byte* compress_sized(std::byte* to, [[maybe_unused]] std::byte* stop, const std::byte* from,
                          const std::uint64_t* bits, std::int64_t first, std::int64_t n) {
  std::int64_t k = 0;
#if TESSERA_AVX2
  if constexpr (size <= 8) {
    k = for_each_eight(to, stop, size, bits, first, n, [&](std::byte* at, std::int64_t place, std::uint32_t byte) {
      compress_eight<size>(at, from + place * size, byte);
    });
  }
#endif
  for_each_bit(bits, first, k, n, [&](std::int64_t place) {
    std::memcpy(to, from + place * size, size);
    to += size;
  });
  return to;
}

std::int64_t* write_positions(std::int64_t* to, [[maybe_unused]] std::int64_t* stop, std::int64_t base,
                              const std::uint64_t* bits, std::int64_t first, std::int64_t n) {
  std::int64_t k = 0;
#if TESSERA_AVX2
  k = for_each_eight(to, stop, 1, bits, first, n, [&](std::int64_t* at, std::int64_t place, std::uint32_t byte) {
    positions_of_eight(at, base + place, byte);
  });
#endif
  for_each_bit(bits, first, k, n, [&](std::int64_t place) { *to++ = base + place; });
  return to;
}

std::uint64_t pack_word(const std::byte* bytes, std::int64_t n) {
  std::uint64_t word = 0;
  for (std::int64_t k = 0; k < n; ++k) word |= static_cast<std::uint64_t>(bytes[k] != std::byte{0}) << k;
  return word;
}

void pack(std::uint64_t* to, const std::byte* bytes, std::int64_t n) {
  std::int64_t k = 0;
#if TESSERA_AVX2
  const auto zeros = [&](const std::byte* at) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_setzero_si256())));
  };
  for (; n - k >= 64; k += 64) *to++ = ~(zeros(bytes + k) | static_cast<std::uint64_t>(zeros(bytes + k + 32)) << 32);
#endif
  for (; k < n; k += 64) *to++ = pack_word(bytes + k, n - k < 64 ? n - k : 64);
}

std::int64_t count(const std::uint64_t* words, std::int64_t n) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += count_of(words[i]);
  return sum;
}

#if TESSERA_AVX2
/// As many bytes of the mask as 32 bytes have elements, each as wide as these: all bits set where it is zero.
template <int size> __m256i kept(const std::byte* mask) {
  const auto* const at = reinterpret_cast<const __m128i*>(mask);
  const __m128i zero = _mm_setzero_si128();
  if constexpr (size == 1) {
    return _mm256_cmpeq_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(mask)), _mm256_setzero_si256());
  } else if constexpr (size == 2) {
    return _mm256_cvtepi8_epi16(_mm_cmpeq_epi8(_mm_loadu_si128(at), zero));
  } else if constexpr (size == 4) {
    return _mm256_cvtepi8_epi32(_mm_cmpeq_epi8(_mm_loadl_epi64(at), zero));
  } else {
    int four;
    std::memcpy(&four, mask, sizeof four);
    return _mm256_cvtepi8_epi64(_mm_cmpeq_epi8(_mm_cvtsi32_si128(four), zero));
  }
}
#endif

template <int size> void blend(std::byte* to, const std::byte* from, const std::byte* mask, std::int64_t n) {
  std::int64_t k = 0;
#if TESSERA_AVX2
  if constexpr (size <= 8) {
    for (; n - k >= group; k += group) {
      const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(mask + k));
      if (_mm256_testz_si256(all, all) != 0) continue;
      for (int i = 0; i < group; i += 32 / size) {
        auto* const at = reinterpret_cast<__m256i*>(to + (k + i) * size);
        const __m256i fresh = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + (k + i) * size));
        _mm256_storeu_si256(at, _mm256_blendv_epi8(fresh, _mm256_loadu_si256(at), kept<size>(mask + k + i)));
      }
    }
  }
#endif
  for (; k < n; ++k) {
    if (mask[k] != std::byte{0}) std::memcpy(to + k * size, from + k * size, size);
  }
}

const mark_kernels* choose_marks() {
  static const mark_kernels kernels = {
      pack,
      count,
      {compress_sized<1>, compress_sized<2>, compress_sized<4>, compress_sized<8>, compress_sized<16>},
      write_positions,
      {blend<1>, blend<2>, blend<4>, blend<8>, blend<16>}};
  return &kernels;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_marks);
const mark_kernels& find_marks() { return *HWY_DYNAMIC_DISPATCH(choose_marks)(); }
}  // namespace tessera::detail::cpu
#endif
