// Part of math-vector-inl.hpp, which says what holds for all of it: the words used there, exponentials, hyperbolic functions.
#if defined(TESSERA_MATH_EXPONENTIAL_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_MATH_EXPONENTIAL_INL_HPP
#undef TESSERA_MATH_EXPONENTIAL_INL_HPP
#else
#define TESSERA_MATH_EXPONENTIAL_INL_HPP
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <limits>

#include "cpu/kernels/avx2-inl.hpp"

#if TESSERA_AVX2
HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
namespace vector_math {

namespace hn = hwy::HWY_NAMESPACE;

// ---- words used below

template <class T> inline constexpr bool single = sizeof(T) == 4;
template <class T> inline constexpr int fraction_bits = single<T> ? 23 : 52;
template <class T> inline constexpr T bias = single<T> ? 127 : 1023;  // of the exponent
template <class T> inline constexpr T smallest_normal = std::numeric_limits<T>::min();
template <class T> inline constexpr T inf = std::numeric_limits<T>::infinity();
template <class T> inline constexpr T nan = std::numeric_limits<T>::quiet_NaN();
/// Added to a small number it rounds it to an integer, which the low bits of the sum then are.
template <class T> inline constexpr T rounder = single<T> ? T(0x1.8p23) : T(0x1.8p52);

template <class D> using element = hn::TFromD<D>;

/// A constant as a sum of two numbers, the second below the rounding of the first.
template <class T> struct split {
  T high, low;
};
template <class T>
inline constexpr split<T> ln2 = single<T> ? split<T>{T(0x1.62e43p-1), T(-0x1.05c61p-29)}
                                          : split<T>{T(0x1.62e42fefa39efp-1), T(0x1.abc9e3b39803fp-56)};
template <class T>
inline constexpr split<T> log2_e = single<T> ? split<T>{T(0x1.715476p+0), T(0x1.4ae0cp-26)}
                                             : split<T>{T(0x1.71547652b82fep+0), T(0x1.777d0ffda0d24p-56)};
template <class T>
inline constexpr split<T> log10_e = single<T> ? split<T>{T(0x1.bcb7b2p-2), T(-0x1.5b235ep-27)}
                                              : split<T>{T(0x1.bcb7b1526e50ep-2), T(0x1.95355baaafad3p-57)};
template <class T>
inline constexpr split<T> log10_2 = single<T> ? split<T>{T(0x1.344136p-2), T(-0x1.ec10cp-27)}
                                              : split<T>{T(0x1.34413509f79ffp-2), T(-0x1.9dc1da994fd21p-59)};

/// c[First] + c[First + 1] x + … to the power Count - 1, in pairs, then pairs of pairs: powers[k] is x to the 2**k.
template <int First, int Count, class D, class T, int N, class V>
HWY_INLINE V polynomial(D d, const T (&c)[N], const V (&powers)[4]) {
  if constexpr (Count == 1) {
    return hn::Set(d, c[First]);
  } else {
    constexpr int level = Count > 8 ? 3 : Count > 4 ? 2 : Count > 2 ? 1 : 0;
    return hn::MulAdd(polynomial<First + (1 << level), Count - (1 << level)>(d, c, powers), powers[level],
                      polynomial<First, 1 << level>(d, c, powers));
  }
}
template <class D, class T, int N, class V> HWY_INLINE V polynomial(D d, V x, const T (&c)[N]) {
  const V x2 = hn::Mul(x, x), x4 = hn::Mul(x2, x2), x8 = hn::Mul(x4, x4);
  const V powers[4] = {x, x2, x4, x8};
  return polynomial<0, N>(d, c, powers);
}

/// 2**n for an integer n within the exponents of normal numbers.
template <class D, class V> HWY_INLINE V power_of_two(D d, V n) {
  const hn::RebindToUnsigned<D> bits;
  using T = element<D>;
  return hn::BitCast(d,
                     hn::ShiftLeft<fraction_bits<T>>(hn::BitCast(bits, hn::Add(n, hn::Set(d, rounder<T> + bias<T>)))));
}

template <class D, class V> HWY_INLINE V copy_sign(D d, V magnitude, V sign) {
  return hn::Or(magnitude, hn::And(hn::SignBit(d), sign));
}

// ---- exponentials

/// e**x = 2**n (1 + part) with |part| < 0.42; of 2**x the same.
template <class V> struct exponential {
  V shifted;        // n + rounder
  V n, part, lost;  // part + lost is exact to twice the precision for small parts; lost is seldom needed
};

template <class T> struct exponential_coefficients;
/// (e**r - 1 - r) / r**2 on |r| < ln(2) / 2, and (2**r - 1 - r ln(2)) / r**2 on |r| < 1/2.
template <> struct exponential_coefficients<float> {
  static constexpr float e[] = {0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558f2p-5f, 0x1.1239e2p-7f, 0x1.6a2434p-10f};
  static constexpr float two[] = {0x1.ebfbep-3f, 0x1.c6af0ap-5f, 0x1.3b295ap-7f, 0x1.5f3p-10f, 0x1.44f6f2p-13f};
};
template <> struct exponential_coefficients<double> {
  static constexpr double e[] = {0x1.000000000000ap-1,  0x1.55555555554fap-3,  0x1.555555555087cp-5,
                                 0x1.1111111127be7p-7,  0x1.6c16c1842a146p-10, 0x1.a01a012a56eaep-13,
                                 0x1.a0199a0c6051fp-16, 0x1.71df255414fb1p-19, 0x1.28ad72d2ab830p-22,
                                 0x1.ad7f6bf64127fp-26};
  static constexpr double two[] = {0x1.ebfbdff82c58fp-3,  0x1.c6b08d704a0cbp-5,  0x1.3b2ab6fba4e82p-7,
                                   0x1.5d87fe78a32fdp-10, 0x1.430912f867c79p-13, 0x1.ffcbfc7145622p-17,
                                   0x1.62c02254d2b04p-20, 0x1.b524e494babd9p-24, 0x1.e4cec435ea35ap-28,
                                   0x1.e9f69d7cc28a2p-32, 0x1.c517ea07e2a5ep-36};
};

template <class D, class V> HWY_INLINE exponential<V> exponential_of(D d, V x) {
  using T = element<D>;
  exponential<V> y;
  y.shifted = hn::MulAdd(x, hn::Set(d, log2_e<T>.high), hn::Set(d, rounder<T>));
  y.n = hn::Sub(y.shifted, hn::Set(d, rounder<T>));
  const V r = hn::NegMulAdd(y.n, hn::Set(d, ln2<T>.low), hn::NegMulAdd(y.n, hn::Set(d, ln2<T>.high), x));
  const V curve = hn::Mul(hn::Mul(r, r), polynomial(d, r, exponential_coefficients<T>::e));
  y.part = hn::Add(r, curve);
  y.lost = hn::Sub(curve, hn::Sub(y.part, r));
  return y;
}
template <class D, class V> HWY_INLINE exponential<V> power_of_two_of(D d, V x) {
  using T = element<D>;
  exponential<V> y;
  y.shifted = hn::Add(x, hn::Set(d, rounder<T>));
  y.n = hn::Sub(y.shifted, hn::Set(d, rounder<T>));
  const V r = hn::Sub(x, y.n);
  const V curve = hn::Mul(hn::Mul(r, r), polynomial(d, r, exponential_coefficients<T>::two));
  y.part = hn::MulAdd(r, hn::Set(d, ln2<T>.high), curve);
  y.lost = hn::Zero(d);
  return y;
}

/// 2**n (1 + part): the exponent is added as an integer, where the result is a normal number.
template <class D, class V> HWY_INLINE V put_together(D d, const exponential<V>& y) {
  const hn::RebindToUnsigned<D> bits;
  const auto exponent = hn::ShiftLeft<fraction_bits<element<D>>>(hn::BitCast(bits, y.shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(bits, hn::Add(y.part, hn::Set(d, element<D>(1)))), exponent));
}
/// The same for any n between twice the normal exponents, multiplied by `factor`, rounded once more if it is subnormal.
template <class D, class V> HWY_INLINE V put_together_carefully(D d, const exponential<V>& y) {
  using T = element<D>;
  const V half = hn::Floor(hn::Mul(y.n, hn::Set(d, T(0.5))));
  const V sum = hn::Add(y.part, hn::Set(d, T(1)));
  return hn::Mul(hn::Mul(sum, power_of_two(d, half)), power_of_two(d, hn::Sub(y.n, half)));
}

struct exp {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    // Beyond, and for NaN, the result may be subnormal or infinite.
    const auto usual = hn::Lt(hn::Abs(x), hn::Set(d, T(single<T> ? 87 : 708)));
    if (HWY_LIKELY(hn::AllTrue(d, usual))) return put_together(d, exponential_of(d, x));
    return careful(d, x);
  }

 private:
  template <class D, class V> static HWY_NOINLINE V careful(D d, V x) {
    using T = element<D>;
    // In this order minimum and maximum keep NaN.
    x = hn::Max(hn::Set(d, T(single<T> ? -105 : -750)), hn::Min(hn::Set(d, T(single<T> ? 90 : 712)), x));
    return put_together_carefully(d, exponential_of(d, x));
  }
};

struct exp2 {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const auto usual = hn::Lt(hn::Abs(x), hn::Set(d, bias<T> - 2));
    if (HWY_LIKELY(hn::AllTrue(d, usual))) return put_together(d, power_of_two_of(d, x));
    return careful(d, x);
  }

 private:
  template <class D, class V> static HWY_NOINLINE V careful(D d, V x) {
    using T = element<D>;
    x = hn::Max(hn::Set(d, T(single<T> ? -152 : -1080)), hn::Min(hn::Set(d, bias<T> + 2), x));
    return put_together_carefully(d, power_of_two_of(d, x));
  }
};

/// 2**n (1 + part) - 1 = 2**n part + (2**n - 1), with half the exponent, since 2**n may be too large.
struct expm1 {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const V limited =
        hn::Max(hn::Set(d, T(single<T> ? -20 : -40)), hn::Min(hn::Set(d, T(single<T> ? 88.8 : 709.9)), x));
    const auto y = exponential_of(d, limited);
    const V scale = power_of_two(d, hn::Sub(y.n, hn::Set(d, T(1))));
    const V rest = hn::Sub(scale, hn::Set(d, T(0.5)));
    const V sum = hn::MulAdd(scale, y.part, rest);
    const V lost = hn::MulAdd(scale, y.lost, hn::MulAdd(scale, y.part, hn::Sub(rest, sum)));
    const V half = hn::Add(sum, lost), doubled = hn::Add(half, half);
    const auto tiny = hn::Lt(hn::Abs(x), hn::Set(d, std::numeric_limits<T>::epsilon() / 4));
    return hn::IfThenElse(tiny, x, doubled);  // -0.0, and subnormal numbers
  }
};

// ---- hyperbolic functions

/// h = e**|x| / 4, which cannot overflow where the results do not.
template <class D, class V> HWY_INLINE V quarter_exponential(D d, V x) {
  using T = element<D>;
  const V limited = hn::Min(hn::Set(d, T(single<T> ? 89.6 : 710.8)), hn::Abs(x));
  const auto y = exponential_of(d, limited);
  return hn::Mul(hn::Add(y.part, hn::Set(d, T(1))), power_of_two(d, hn::Sub(y.n, hn::Set(d, T(2)))));
}

/// (e**x + e**-x) / 2 = 2 (h + 1 / (16 h))
struct cosh {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const V h = quarter_exponential(d, x);
    const V half = hn::Add(h, hn::Div(hn::Set(d, T(1. / 16)), h));
    return hn::Add(half, half);
  }
};

template <class T> struct sinh_coefficients;
/// (sinh(x) - x) / x**3 by powers of x**2, on |x| < 1.
template <> struct sinh_coefficients<float> {
  static constexpr float c[] = {0x1.555556p-3f, 0x1.111136p-7f, 0x1.9ffe12p-13f, 0x1.7a267cp-19f};
};
template <> struct sinh_coefficients<double> {
  static constexpr double c[] = {0x1.5555555555556p-3,  0x1.11111111110a1p-7,  0x1.a01a01a0291fcp-13,
                                 0x1.71de3a45f71d1p-19, 0x1.ae6467668e706p-26, 0x1.611a3a1ee96cdp-33,
                                 0x1.b4cf790c6745ap-41};
};

struct sinh {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const V h = quarter_exponential(d, x);
    const V half = hn::Sub(h, hn::Div(hn::Set(d, T(1. / 16)), h));
    const V large = copy_sign(d, hn::Add(half, half), x);
    const V x2 = hn::Mul(x, x);
    const V small = hn::MulAdd(hn::Mul(x, x2), polynomial(d, x2, sinh_coefficients<T>::c), x);
    return hn::IfThenElse(hn::Lt(hn::Abs(x), hn::Set(d, T(1))), small, large);
  }
};

/// E / (E + 2) with E = expm1(2 |x|).
struct tanh {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const V size = hn::Min(hn::Set(d, T(single<T> ? 9.1 : 19.1)), hn::Abs(x));  // from there on it is 1
    const auto y = exponential_of(d, hn::Add(size, size));
    const V scale = power_of_two(d, y.n);
    const V base = hn::Sub(scale, hn::Set(d, T(1)));
    const V e = hn::MulAdd(scale, y.part, base);
    const V two = hn::Set(d, T(2));
    // What e and e + 2 lost, to first order: without it the error is 2 ulp near zero.
    const V lost = hn::MulAdd(scale, y.lost, hn::MulAdd(scale, y.part, hn::Sub(base, e)));
    const V divisor = hn::Add(e, two), inverse = hn::Div(hn::Set(d, T(1)), divisor);
    const V divisor_lost = hn::Add(hn::Add(hn::Sub(two, divisor), e), lost);
    const V quotient = hn::Mul(e, inverse);
    const V rest = hn::NegMulAdd(quotient, divisor_lost, hn::Add(hn::NegMulAdd(quotient, divisor, e), lost));
    return copy_sign(d, hn::MulAdd(rest, inverse, quotient), x);
  }
};

}  // namespace vector_math
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();
#endif

#endif
