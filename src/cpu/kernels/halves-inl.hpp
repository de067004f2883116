// 16-bit floats by vectors and by blocks: widened to float and rounded from it as core/half.hpp does, to the bit.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "core/half.hpp"
#include "cpu/kernels/avx2-inl.hpp"
#include "cpu/kernels/table.hpp"

#if defined(TESSERA_HALVES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_HALVES_INL_HPP
#undef TESSERA_HALVES_INL_HPP
#else
#define TESSERA_HALVES_INL_HPP
#endif

#if TESSERA_AVX2
HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
template <class D> using half_bits = hn::Vec<hn::Rebind<std::uint16_t, D>>;

template <class Half, class D> HWY_INLINE hn::Vec<D> widen_halves(D d, half_bits<D> x) {
  if constexpr (std::is_same_v<Half, float16_t>) {
    return hn::PromoteTo(d, hn::BitCast(hn::Rebind<hwy::float16_t, D>(), x));
  } else {
    return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(hn::RebindToUnsigned<D>(), x)));
  }
}

/// To nearest, ties to even. Highway's own conversion to bfloat16 cuts the low bits off.
template <class Half, class D> HWY_INLINE half_bits<D> narrow_halves([[maybe_unused]] D d, hn::Vec<D> x) {
  const hn::Rebind<std::uint16_t, D> halves;
  if constexpr (std::is_same_v<Half, float16_t>) {
    return hn::BitCast(halves, hn::DemoteTo(hn::Rebind<hwy::float16_t, D>(), x));
  } else {
    const hn::RebindToUnsigned<D> bits;
    const auto all = hn::BitCast(bits, x), high = hn::ShiftRight<16>(all);
    const auto odd = hn::And(high, hn::Set(bits, 1));
    const auto rounded = hn::ShiftRight<16>(hn::Add(all, hn::Add(odd, hn::Set(bits, 0x7fff))));
    const auto no_number = hn::RebindMask(bits, hn::IsNaN(x));
    const auto chosen = hn::IfThenElse(no_number, hn::Or(high, hn::Set(bits, 0x40)), rounded);
    return hn::DemoteTo(halves, hn::BitCast(hn::RebindToSigned<D>(), chosen));
  }
}

/// As many as d has lanes, from and to any address.
template <class Half, class D> HWY_INLINE hn::Vec<D> load_halves(D d, const Half* from) {
  return widen_halves<Half>(d, hn::LoadU(hn::Rebind<std::uint16_t, D>(), reinterpret_cast<const std::uint16_t*>(from)));
}
template <class Half, class D> HWY_INLINE void store_halves(D d, hn::Vec<D> x, Half* to) {
  hn::StoreU(narrow_halves<Half>(d, x), hn::Rebind<std::uint16_t, D>(), reinterpret_cast<std::uint16_t*>(to));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {

/// n numbers of one type as the other, from and to any address.
template <class Half> void widen_block(float* to, const void* data, std::size_t n) {
  const Half* from = static_cast<const Half*>(data);
#if TESSERA_AVX2
  const hn::ScalableTag<float> d;
  constexpr std::size_t lanes = hn::MaxLanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(load_halves(d, from + i), d, to + i);
  if (i == n) return;
  Half rest[lanes] = {};
  float widened[lanes];
  std::memcpy(rest, from + i, (n - i) * sizeof(Half));
  hn::StoreU(load_halves(d, rest), d, widened);
  std::memcpy(to + i, widened, (n - i) * sizeof(float));
#else
  for (std::size_t i = 0; i < n; ++i) {
    Half x;
    std::memcpy(&x, from + i, sizeof(x));
    to[i] = static_cast<float>(x);
  }
#endif
}

template <class Half> void narrow_block(void* data, const void* floats, std::size_t n) {
  Half* to = static_cast<Half*>(data);
  const float* from = static_cast<const float*>(floats);
#if TESSERA_AVX2
  const hn::ScalableTag<float> d;
  constexpr std::size_t lanes = hn::MaxLanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) store_halves(d, hn::LoadU(d, from + i), to + i);
  if (i == n) return;
  float rest[lanes] = {};
  Half narrowed[lanes];
  std::memcpy(rest, from + i, (n - i) * sizeof(float));
  store_halves(d, hn::LoadU(d, rest), narrowed);
  std::memcpy(to + i, narrowed, (n - i) * sizeof(Half));
#else
  for (std::size_t i = 0; i < n; ++i) {
    float x;
    std::memcpy(&x, from + i, sizeof(x));
    const Half rounded(x);
    std::memcpy(to + i, &rounded, sizeof(rounded));
  }
#endif
}

/// How many are widened at once: four arrays of floats stay within the L1 cache.
inline constexpr std::size_t half_block = 512;

template <class T> inline constexpr bool is_half = std::is_same_v<T, float16_t> || std::is_same_v<T, bfloat16_t>;
template <class T> using widened = std::conditional_t<is_half<T>, float, T>;

/// The operand from element i on, widened into `room` if it is of 16-bit floats.
template <class T> const void* widened_operand(float* room, const void* data, std::size_t i, std::size_t n) {
  if constexpr (std::is_void_v<T>) {
    return nullptr;
  } else {
    const std::byte* from = static_cast<const std::byte*>(data) + i * sizeof(T);
    if constexpr (!is_half<T>) return from;
    widen_block<std::conditional_t<is_half<T>, T, float16_t>>(room, from, n);
    return room;
  }
}

/// A kernel on 16-bit floats made of one on floats: `Wide` has widened<T> wherever this has T.
template <kernel Wide, class Result, class A, class B = void, class C = void>
void through_float(void* out, const void* a, const void* b, const void* c, std::size_t n) {
  float rooms[3][half_block], results[half_block];
  for (std::size_t i = 0; i < n; i += half_block) {
    const std::size_t count = std::min(half_block, n - i);
    Result* to = static_cast<Result*>(out) + i;
    Wide(is_half<Result> ? static_cast<void*>(results) : to, widened_operand<A>(rooms[0], a, i, count),
         widened_operand<B>(rooms[1], b, i, count), widened_operand<C>(rooms[2], c, i, count), count);
    if constexpr (is_half<Result>) narrow_block<Result>(to, results, count);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
