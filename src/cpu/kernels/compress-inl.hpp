// Elements whose bits are set, eight at a time: a table says for each byte of bits which lanes they are.
//
//     bits 10110010        lanes 1 4 5 7 . . . .        one permutation, one store of a whole vector, four elements on
//
// Highway's own Compress is not used: g++ 12 builds its tables anew in every call (26 times the time).
#include <array>
#include <cstddef>
#include <cstdint>

#include "cpu/kernels/avx2-inl.hpp"

#ifndef TESSERA_COMPRESS_TABLE
#define TESSERA_COMPRESS_TABLE
namespace tessera::detail::cpu {
/// For each byte the places of its set bits, a byte each from the lowest up; the rest are zero.
constexpr std::array<std::uint64_t, 256> places_of_bits() {
  std::array<std::uint64_t, 256> table{};
  for (unsigned bits = 0; bits < 256; ++bits) {
    int count = 0;
    for (unsigned place = 0; place < 8; ++place) {
      if ((bits >> place & 1) != 0) table[bits] |= static_cast<std::uint64_t>(place) << (8 * count++);
    }
  }
  return table;
}
static constexpr std::array<std::uint64_t, 256> bit_places = places_of_bits();
}  // namespace tessera::detail::cpu
#endif

#if defined(TESSERA_COMPRESS_INL) == defined(HWY_TARGET_TOGGLE)  // once for each instruction set
#ifdef TESSERA_COMPRESS_INL
#undef TESSERA_COMPRESS_INL
#else
#define TESSERA_COMPRESS_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

inline std::int64_t count_of(std::uint64_t word) { return __builtin_popcountll(word); }

#if TESSERA_AVX2
__m128i places_of(std::uint32_t bits) { return _mm_cvtsi64_si128(static_cast<long long>(bit_places[bits])); }

/// Moves those of eight elements whose bits are set to the front, in place of the first of `to`; the rest there is anything.
template <int size> void compress_eight(std::byte* to, const std::byte* from, std::uint32_t bits);
template <> void compress_eight<1>(std::byte* to, const std::byte* from, std::uint32_t bits) {
  const __m128i x = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(x, places_of(bits)));
}
template <> void compress_eight<2>(std::byte* to, const std::byte* from, std::uint32_t bits) {
  const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m128i pairs = _mm_mullo_epi16(_mm_cvtepu8_epi16(places_of(bits)), _mm_set1_epi16(0x0202));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(x, _mm_add_epi16(pairs, _mm_set1_epi16(0x0100))));
}
template <> void compress_eight<4>(std::byte* to, const std::byte* from, std::uint32_t bits) {
  const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      _mm256_permutevar8x32_epi32(x, _mm256_cvtepu8_epi32(places_of(bits))));
}
void compress_four_of_8(std::byte* to, const std::byte* from, std::uint32_t bits) {
  const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  // Twice a place and the 32 bits after it: each place of the lower four, doubled.
  const __m128i twice = _mm_unpacklo_epi8(places_of(bits), places_of(bits));
  const __m256i halves = _mm256_cvtepu8_epi32(twice);
  const __m256i odd = _mm256_set_epi32(1, 0, 1, 0, 1, 0, 1, 0);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      _mm256_permutevar8x32_epi32(x, _mm256_add_epi32(_mm256_add_epi32(halves, halves), odd)));
}
template <> void compress_eight<8>(std::byte* to, const std::byte* from, std::uint32_t bits) {
  compress_four_of_8(to, from, bits & 15);
  compress_four_of_8(to + 8 * count_of(bits & 15), from + 32, bits >> 4);
}
#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();
#endif
