// pack: K vectors side by side, with operators.
//
// A formula written once runs K times in step, so that one chain of dependent operations does not wait alone (a pair of
// float32 normal vectors 35 -> 31 cycles on Zen 3 with K = 2). Constants are plain numbers.
#include <hwy/highway.h>

#include <cmath>
#include <cstdint>

#if defined(TESSERA_PACK_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_PACK_INL_HPP
#undef TESSERA_PACK_INL_HPP
#else
#define TESSERA_PACK_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T> using vec = hn::Vec<hn::ScalableTag<T>>;
template <class T> constexpr std::size_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
template <class T> HWY_INLINE vec<T> set(T value) { return hn::Set(hn::ScalableTag<T>(), value); }
template <class T, class V> HWY_INLINE vec<T> as(V v) { return hn::BitCast(hn::ScalableTag<T>(), v); }

template <class T, int K> struct pack {
  vec<T> v[K];

  pack() = default;
  HWY_INLINE pack(T constant) {
    for (int k = 0; k < K; ++k) v[k] = set(constant);
  }

#define TESSERA_OPERATOR(symbol, function)                             \
  friend HWY_INLINE pack operator symbol(pack a, pack b) {             \
    for (int k = 0; k < K; ++k) a.v[k] = hn::function(a.v[k], b.v[k]); \
    return a;                                                          \
  }
  TESSERA_OPERATOR(+, Add)
  TESSERA_OPERATOR(-, Sub)
  TESSERA_OPERATOR(*, Mul)
  TESSERA_OPERATOR(/, Div)
  TESSERA_OPERATOR(&, And)
  TESSERA_OPERATOR(|, Or)
  TESSERA_OPERATOR(^, Xor)
#undef TESSERA_OPERATOR

  friend HWY_INLINE pack min(pack a, pack b) {
    for (int k = 0; k < K; ++k) a.v[k] = hn::Min(a.v[k], b.v[k]);
    return a;
  }
  /// Products of the lower 32 of 64 bits.
  friend HWY_INLINE pack multiply_low(pack a, pack b) {
    for (int k = 0; k < K; ++k) {
#if HWY_TARGET == HWY_SCALAR
      a.v[k] = set(static_cast<T>((hn::GetLane(a.v[k]) & 0xFFFFFFFF) * (hn::GetLane(b.v[k]) & 0xFFFFFFFF)));
#else
      a.v[k] = hn::MulEven(as<std::uint32_t>(a.v[k]), as<std::uint32_t>(b.v[k]));
#endif
    }
    return a;
  }
  /// a * b + c, rounded once, also where the instruction set has no such thing.
  friend HWY_INLINE pack fma(pack a, pack b, pack c) {
    for (int k = 0; k < K; ++k) {
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
      const hn::ScalableTag<T> d;
      T x[lanes<T>], y[lanes<T>], z[lanes<T>];
      hn::StoreU(a.v[k], d, x);
      hn::StoreU(b.v[k], d, y);
      hn::StoreU(c.v[k], d, z);
      for (std::size_t i = 0; i < lanes<T>; ++i) z[i] = std::fma(x[i], y[i], z[i]);
      a.v[k] = hn::LoadU(d, z);
#else
      a.v[k] = hn::MulAdd(a.v[k], b.v[k], c.v[k]);
#endif
    }
    return a;
  }
};

template <int Bits, class T, int K> HWY_INLINE pack<T, K> shift_left(pack<T, K> a) {
  for (int k = 0; k < K; ++k) a.v[k] = hn::ShiftLeft<Bits>(a.v[k]);
  return a;
}
template <int Bits, class T, int K> HWY_INLINE pack<T, K> shift_right(pack<T, K> a) {
  for (int k = 0; k < K; ++k) a.v[k] = hn::ShiftRight<Bits>(a.v[k]);
  return a;
}
template <class To, class T, int K> HWY_INLINE pack<To, K> bits(pack<T, K> a) {
  pack<To, K> result;
  for (int k = 0; k < K; ++k) result.v[k] = as<To>(a.v[k]);
  return result;
}
template <int K> HWY_INLINE pack<float, K> convert(pack<std::int32_t, K> a) {
  pack<float, K> result;
  for (int k = 0; k < K; ++k) result.v[k] = hn::ConvertTo(hn::ScalableTag<float>(), a.v[k]);
  return result;
}
template <class T, int K> HWY_INLINE pack<T, K> sqrt(pack<T, K> a) {
  for (int k = 0; k < K; ++k) a.v[k] = hn::Sqrt(a.v[k]);
  return a;
}
/// Where the top bit of `sign` is set a, else b.
template <class T, class W, int K> HWY_INLINE pack<T, K> select(pack<W, K> sign, pack<T, K> a, pack<T, K> b) {
  for (int k = 0; k < K; ++k) {
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
    // IfNegativeThenElse compares there: a NaN with the top bit set is not below 0.
    const auto set_there = hn::TestBit(sign.v[k], set(W{1} << (8 * sizeof(W) - 1)));
    a.v[k] = hn::IfThenElse(hn::RebindMask(hn::ScalableTag<T>(), set_there), a.v[k], b.v[k]);
#else
    a.v[k] = hn::IfNegativeThenElse(as<T>(sign.v[k]), a.v[k], b.v[k]);
#endif
  }
  return a;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();
#endif  // include guard per target
