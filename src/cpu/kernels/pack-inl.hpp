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
    for (auto& x : v) x = set(constant);
  }
  /// f(k) for each k.
  template <class F> static HWY_INLINE pack from(F f) {
    pack result;
    for (int k = 0; k < K; ++k) result.v[k] = f(k);
    return result;
  }

#define TESSERA_OPERATOR(symbol, function)                                     \
  friend HWY_INLINE pack operator symbol(const pack& a, const pack& b) {       \
    return from([&](int k) HWY_ATTR { return hn::function(a.v[k], b.v[k]); }); \
  }
  TESSERA_OPERATOR(+, Add)
  TESSERA_OPERATOR(-, Sub)
  TESSERA_OPERATOR(*, Mul)
  TESSERA_OPERATOR(/, Div)
  TESSERA_OPERATOR(&, And)
  TESSERA_OPERATOR(|, Or)
  TESSERA_OPERATOR(^, Xor)
#undef TESSERA_OPERATOR

  friend HWY_INLINE pack min(const pack& a, const pack& b) {
    return from([&](int k) HWY_ATTR { return hn::Min(a.v[k], b.v[k]); });
  }
  /// Products of the lower 32 of 64 bits.
  friend HWY_INLINE pack multiply_low(const pack& a, const pack& b) {
    return from([&](int k) HWY_ATTR {
#if HWY_TARGET == HWY_SCALAR
      return set(static_cast<T>((hn::GetLane(a.v[k]) & 0xFFFFFFFF) * (hn::GetLane(b.v[k]) & 0xFFFFFFFF)));
#else
      return hn::MulEven(as<std::uint32_t>(a.v[k]), as<std::uint32_t>(b.v[k]));
#endif
    });
  }
  /// a * b + c, rounded once, also where the instruction set has no such thing.
  friend HWY_INLINE pack fma(const pack& a, const pack& b, const pack& c) {
    return from([&](int k) HWY_ATTR {
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
      const hn::ScalableTag<T> d;
      T x[lanes<T>], y[lanes<T>], z[lanes<T>];
      hn::StoreU(a.v[k], d, x);
      hn::StoreU(b.v[k], d, y);
      hn::StoreU(c.v[k], d, z);
      for (std::size_t i = 0; i < lanes<T>; ++i) z[i] = std::fma(x[i], y[i], z[i]);
      return hn::LoadU(d, z);
#else
      return hn::MulAdd(a.v[k], b.v[k], c.v[k]);
#endif
    });
  }
};

template <int Bits, class T, int K> HWY_INLINE pack<T, K> shift_left(const pack<T, K>& a) {
  return pack<T, K>::from([&](int k) HWY_ATTR { return hn::ShiftLeft<Bits>(a.v[k]); });
}
template <int Bits, class T, int K> HWY_INLINE pack<T, K> shift_right(const pack<T, K>& a) {
  return pack<T, K>::from([&](int k) HWY_ATTR { return hn::ShiftRight<Bits>(a.v[k]); });
}
template <class To, class T, int K> HWY_INLINE pack<To, K> bits(const pack<T, K>& a) {
  return pack<To, K>::from([&](int k) HWY_ATTR { return as<To>(a.v[k]); });
}
template <int K> HWY_INLINE pack<float, K> convert(const pack<std::int32_t, K>& a) {
  return pack<float, K>::from([&](int k) HWY_ATTR { return hn::ConvertTo(hn::ScalableTag<float>(), a.v[k]); });
}
template <class T, int K> HWY_INLINE pack<T, K> sqrt(const pack<T, K>& a) {
  return pack<T, K>::from([&](int k) HWY_ATTR { return hn::Sqrt(a.v[k]); });
}
/// Where the top bit of `sign` is set a, else b.
template <class T, class W, int K>
HWY_INLINE pack<T, K> select(const pack<W, K>& sign, const pack<T, K>& a, const pack<T, K>& b) {
  return pack<T, K>::from([&](int k) HWY_ATTR {
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
    // IfNegativeThenElse compares there: a NaN with the top bit set is not below 0.
    const auto set_there = hn::TestBit(sign.v[k], set(W{1} << (8 * sizeof(W) - 1)));
    return hn::IfThenElse(hn::RebindMask(hn::ScalableTag<T>(), set_there), a.v[k], b.v[k]);
#else
    return hn::IfNegativeThenElse(as<T>(sign.v[k]), a.v[k], b.v[k]);
#endif
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();
#endif  // include guard per target
