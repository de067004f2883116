// Mathematical functions on vectors of float and double, one function object an operation, named as its row in op_table.
//
//   vector_math::exp{}(d, x)      d: hn::ScalableTag<float> or <double>, x: a whole vector
//
// They exist where TESSERA_VECTOR_MATH is 1 (AVX2 with FMA, AVX-512). A lane's result depends on that lane alone: fast paths
// ask about all lanes, but give every lane the bits that the slow path gives it. Only +, -, *, /, sqrt, fma, rounding and
// integer arithmetic are used, so the bits do not depend on the width. docs/accuracy.md has the errors seen.
//
// Polynomials are minimax (Remez, weighted by the relative error of the function), their coefficients rounded to T.
#if defined(TESSERA_MATH_VECTOR_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_MATH_VECTOR_INL_HPP
#undef TESSERA_MATH_VECTOR_INL_HPP
#else
#define TESSERA_MATH_VECTOR_INL_HPP
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <limits>

#include "cpu/kernels/sleef-inl.hpp"

#if TESSERA_VECTOR_MATH
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

// ---- logarithms

/// x = 2**n (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), and log(1 + f) = high + low; x a positive normal number.
template <class V> struct logarithm {
  V n, high, low;
};

/// (log(1 + f) - f + f**2 / 2) / f**3
inline constexpr float log_coefficients[] = {0x1.555554p-2f, -0x1.000228p-2f, 0x1.99a00ep-3f, -0x1.5471b6p-3f,
                                             0x1.22d918p-3f, -0x1.0d8a08p-3f, 0x1.056584p-3f, -0x1.38b4f4p-4f};
/// log(1 + f) = f - f**2 / 2 + s (f**2 / 2 + R(s**2)), s = f / (2 + f). Source: FreeBSD's e_log.c.
inline constexpr double log_ratio_coefficients[] = {0x1.5555555555593p-1, 0x1.999999997fa04p-2, 0x1.2492494229359p-2,
                                                    0x1.c71c51d8e78afp-3, 0x1.7466496cb03dep-3, 0x1.39a09d078c69fp-3,
                                                    0x1.2f112df3e5244p-3};

/// `correction` is added to log(1 + f).
template <class D, class V> HWY_INLINE logarithm<V> logarithm_of(D d, V x, V correction) {
  using T = element<D>;
  logarithm<V> y;
  if constexpr (single<T>) {
    const hn::RebindToSigned<D> whole;
    const auto bits = hn::BitCast(whole, x);
    const auto n = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(whole, 0x3f3504f3)));  // the bits of sqrt(1/2)
    const V f = hn::Sub(hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(n))), hn::Set(d, 1.0f));
    y.n = hn::ConvertTo(d, n);
    const V curve = hn::MulAdd(f, polynomial(d, f, log_coefficients), hn::Set(d, -0.5f));
    const V rest = hn::MulAdd(hn::Mul(f, f), curve, correction);
    y.high = f;
    y.low = rest;
  } else {
    // AVX2 neither shifts 64-bit integers arithmetically nor converts them: the exponent is kept positive, and goes into
    // the low bits of 2**52.
    const hn::RebindToUnsigned<D> whole;
    constexpr std::uint64_t root = 0x3fe6a09e667f3bcd;  // the bits of sqrt(1/2)
    const auto moved = hn::Add(hn::BitCast(whole, x), hn::Set(whole, 0x3ff0000000000000 - root));
    const auto exponent = hn::ShiftRight<52>(moved);
    y.n = hn::Sub(hn::BitCast(d, hn::Or(exponent, hn::Set(whole, 0x4330000000000000))), hn::Set(d, 0x1p52 + 1023));
    const auto fraction = hn::And(moved, hn::Set(whole, 0x000fffffffffffff));
    const V f = hn::Sub(hn::BitCast(d, hn::Add(fraction, hn::Set(whole, root))), hn::Set(d, 1.0));
    const V s = hn::Div(f, hn::Add(f, hn::Set(d, 2.0))), z = hn::Mul(s, s);
    const V half_square = hn::Mul(hn::Mul(f, f), hn::Set(d, 0.5));
    const V ratio = hn::Mul(z, polynomial(d, z, log_ratio_coefficients));
    y.high = f;
    y.low = hn::Sub(hn::MulAdd(s, hn::Add(half_square, ratio), correction), half_square);
  }
  return y;
}

/// log(x) in a base: n * (log 2) + (high + low) * (log e), each constant in two parts.
template <class D, class V> HWY_INLINE V natural(D d, const logarithm<V>& y) {
  using T = element<D>;
  const V rest = hn::MulAdd(y.n, hn::Set(d, ln2<T>.low), y.low);
  return hn::MulAdd(y.n, hn::Set(d, ln2<T>.high), hn::Add(y.high, rest));
}
template <class D, class V> HWY_INLINE V binary(D d, const logarithm<V>& y) {
  using T = element<D>;
  const V sum = hn::Add(y.high, y.low), lost = hn::Add(hn::Sub(y.high, sum), y.low);
  const V rest = hn::MulAdd(sum, hn::Set(d, log2_e<T>.low), hn::Mul(lost, hn::Set(d, log2_e<T>.high)));
  return hn::Add(y.n, hn::MulAdd(sum, hn::Set(d, log2_e<T>.high), rest));
}
template <class D, class V> HWY_INLINE V decimal(D d, const logarithm<V>& y) {
  using T = element<D>;
  const V sum = hn::Add(y.high, y.low), lost = hn::Add(hn::Sub(y.high, sum), y.low);
  V rest = hn::MulAdd(sum, hn::Set(d, log10_e<T>.low), hn::Mul(lost, hn::Set(d, log10_e<T>.high)));
  rest = hn::MulAdd(y.n, hn::Set(d, log10_2<T>.low), rest);
  return hn::MulAdd(y.n, hn::Set(d, log10_2<T>.high), hn::MulAdd(sum, hn::Set(d, log10_e<T>.high), rest));
}

/// All about a logarithm but its base, which `Finish` knows.
template <class Finish> struct any_log {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const auto normal = hn::And(hn::Ge(x, hn::Set(d, smallest_normal<T>)), hn::Lt(x, hn::Set(d, inf<T>)));
    if (HWY_LIKELY(hn::AllTrue(d, normal))) return Finish{}(d, logarithm_of(d, x, hn::Zero(d)));
    return careful(d, x);
  }

 private:
  template <class D, class V> static HWY_NOINLINE V careful(D d, V x) {
    using T = element<D>;
    const auto subnormal = hn::Lt(x, hn::Set(d, smallest_normal<T>));
    constexpr int shift = fraction_bits<T> + 1;
    const V scaled = hn::IfThenElse(subnormal, hn::Mul(x, hn::Set(d, T(std::uint64_t{1} << shift))), x);
    auto y = logarithm_of(d, scaled, hn::Zero(d));
    y.n = hn::Sub(y.n, hn::IfThenElseZero(subnormal, hn::Set(d, T(shift))));
    V result = Finish{}(d, y);
    result = hn::IfThenElse(hn::Eq(x, hn::Set(d, inf<T>)), x, result);
    result = hn::IfThenElse(hn::Ge(x, hn::Zero(d)), result, hn::Set(d, nan<T>));
    return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Set(d, -inf<T>), result);
  }
};
#define TESSERA_FINISH(name)                                                                                     \
  struct name##_finish {                                                                                         \
    template <class D, class V> HWY_INLINE V operator()(D d, const logarithm<V>& y) const { return name(d, y); } \
  };
TESSERA_FINISH(natural)
TESSERA_FINISH(binary)
TESSERA_FINISH(decimal)
#undef TESSERA_FINISH
struct log : any_log<natural_finish> {};
struct log2 : any_log<binary_finish> {};
struct log10 : any_log<decimal_finish> {};

/// log(u) + c / u, where u + c = 1 + x exactly.
struct log1p {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const V one = hn::Set(d, T(1));
    const V u = hn::Add(x, one);
    const V large = hn::Max(x, one), small = hn::Min(x, one);
    const V c = hn::Sub(small, hn::Sub(u, large));
    const auto inside = hn::And(hn::Gt(x, hn::Set(d, T(-1))), hn::Lt(x, hn::Set(d, inf<T>)));
    V result = natural(d, logarithm_of(d, u, hn::Div(c, u)));
    result = hn::IfThenElse(hn::Lt(hn::Abs(x), hn::Set(d, std::numeric_limits<T>::epsilon() / 4)), x, result);
    if (HWY_LIKELY(hn::AllTrue(d, inside))) return result;
    result = hn::IfThenElse(hn::Eq(x, hn::Set(d, inf<T>)), x, result);
    result = hn::IfThenElse(hn::Ge(x, hn::Set(d, T(-1))), result, hn::Set(d, nan<T>));
    return hn::IfThenElse(hn::Eq(x, hn::Set(d, T(-1))), hn::Set(d, -inf<T>), result);
  }
};

/// The larger + log1p(e**-gap); of equal operands, infinite ones too, that is known.
struct logaddexp {
  template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const {
    using T = element<D>;
    const V gap = hn::Sub(a, b), larger = hn::IfThenElse(hn::Gt(gap, hn::Zero(d)), a, b);
    const V sum = hn::Add(larger, log1p{}(d, exp{}(d, hn::Neg(hn::Abs(gap)))));
    return hn::IfThenElse(hn::Eq(a, b), hn::Add(a, hn::Set(d, ln2<T>.high)), sum);
  }
};
struct logaddexp2 {
  template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const {
    using T = element<D>;
    const V gap = hn::Sub(a, b), larger = hn::IfThenElse(hn::Gt(gap, hn::Zero(d)), a, b);
    const V added = log1p{}(d, exp2{}(d, hn::Neg(hn::Abs(gap))));
    const V sum = hn::MulAdd(added, hn::Set(d, log2_e<T>.high), larger);
    return hn::IfThenElse(hn::Eq(a, b), hn::Add(a, hn::Set(d, T(1))), sum);
  }
};

// ---- float through double: where that is simpler than keeping the error small, and not slower than SLEEF

/// Of both halves of x in double, rounded once.
template <class Function, class D, class V, class... More>
HWY_INLINE V through_double(Function function, D d, V x, More... more) {
  const hn::Repartition<double, D> wide;
  const hn::Half<D> half;
  const auto low =
      function(wide, hn::PromoteTo(wide, hn::LowerHalf(half, x)), hn::PromoteTo(wide, hn::LowerHalf(half, more))...);
  const auto high =
      function(wide, hn::PromoteTo(wide, hn::UpperHalf(half, x)), hn::PromoteTo(wide, hn::UpperHalf(half, more))...);
  return hn::Combine(d, hn::DemoteTo(half, high), hn::DemoteTo(half, low));
}

// ---- inverse hyperbolic functions

/// Of double, SLEEF overflows where x**2 does: there, log(2 |x|).
template <class D, class V> HWY_INLINE V log_of_twice(D d, V x) {
  return hn::Add(log{}(d, hn::Abs(x)), hn::Set(d, ln2<double>.high));
}

/// f(x) = x - x**3 / c … for very small x: SLEEF loses the last bit there.
template <class D, class V> HWY_INLINE V small_is_itself(D d, V x, V otherwise) {
  return hn::IfThenElse(hn::Lt(hn::Abs(x), hn::Set(d, 0x1p-27)), x, otherwise);
}

struct asinh {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    if constexpr (single<element<D>>) {
      return through_double(
          [](auto wide, auto y) HWY_ATTR {
            const auto size = hn::Abs(y), one = hn::Set(wide, 1.0);
            const auto root = hn::Sqrt(hn::MulAdd(size, size, one));
            const auto curved = hn::MulAdd(hn::Mul(hn::Mul(y, y), hn::Set(wide, -1. / 6)), size, size);
            const auto all = log{}(wide, hn::Add(size, root));
            return copy_sign(wide, hn::IfThenElse(hn::Lt(size, hn::Set(wide, 0x1p-12)), curved, all), y);
          },
          d, x);
    } else {
      const auto huge = hn::Gt(hn::Abs(x), hn::Set(d, 0x1p100));
      const V usual = small_is_itself(d, x, sleef::asinh(x));
      if (HWY_LIKELY(hn::AllFalse(d, huge))) return usual;
      return hn::IfThenElse(huge, copy_sign(d, log_of_twice(d, x), x), usual);
    }
  }
};

struct acosh {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    if constexpr (single<element<D>>) {
      return through_double(
          [](auto wide, auto y) HWY_ATTR {
            const auto one = hn::Set(wide, 1.0);
            const auto inside = log{}(wide, hn::Add(y, hn::Sqrt(hn::Mul(hn::Sub(y, one), hn::Add(y, one)))));
            return hn::IfThenElse(hn::Ge(y, one), inside, hn::Set(wide, nan<double>));
          },
          d, x);
    } else {
      const auto huge = hn::Gt(x, hn::Set(d, 0x1p100));
      const V usual = sleef::acosh(x);
      if (HWY_LIKELY(hn::AllFalse(d, huge))) return usual;
      return hn::IfThenElse(huge, log_of_twice(d, x), usual);
    }
  }
};

/// log((1 + x) / (1 - x)) / 2
struct atanh {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    if constexpr (single<element<D>>) {
      return through_double(
          [](auto wide, auto y) HWY_ATTR {
            const auto one = hn::Set(wide, 1.0), size = hn::Abs(y);
            const auto ratio = hn::Div(hn::Add(one, size), hn::Sub(one, size));
            const auto all = hn::Mul(log{}(wide, ratio), hn::Set(wide, 0.5));
            const auto curved = hn::MulAdd(hn::Mul(hn::Mul(y, y), hn::Set(wide, 1. / 3)), size, size);
            return copy_sign(wide, hn::IfThenElse(hn::Lt(size, hn::Set(wide, 0x1p-12)), curved, all), y);
          },
          d, x);
    } else {
      return small_is_itself(d, x, sleef::atanh(x));
    }
  }
};

// ---- powers

struct pow {
  template <class D, class V> HWY_INLINE V operator()(D d, V x, V y) const {
    if constexpr (single<element<D>>) {
      return through_double([](auto wide, auto a, auto b) HWY_ATTR { return real(wide, a, b); }, d, x, y);
    } else {
      const V power = sleef::pow(x, y);
      // SLEEF's largest results are infinite: those are the square of the root's power.
      const V infinite = hn::Set(d, inf<double>);
      const auto doubtful =
          hn::And(hn::And(hn::Eq(hn::Abs(power), infinite), hn::Lt(hn::Max(hn::Abs(x), hn::Abs(y)), infinite)),
                  hn::Gt(hn::Abs(x), hn::Zero(d)));
      if (HWY_LIKELY(hn::AllFalse(d, doubtful))) return power;
      const V root = sleef::pow(hn::Abs(x), hn::Mul(y, hn::Set(d, 0.5)));
      const V square = hn::IfThenElse(hn::Eq(y, hn::Set(d, 1.0)), hn::Abs(x), hn::Mul(root, root));
      return hn::IfThenElse(doubtful, copy_sign(d, square, power), power);
    }
  }

 private:
  /// e**(y log|x|), whose exponent is below 104 for floats that neither vanish nor overflow, so it loses 7 of 53 bits.
  template <class D, class V> static HWY_INLINE V real(D d, V x, V y) {
    const V one = hn::Set(d, 1.0), zero = hn::Zero(d);
    const V size = hn::Abs(x);
    V result = exp{}(d, hn::Mul(y, log{}(d, size)));
    const V half = hn::Mul(y, hn::Set(d, 0.5));
    const auto odd = hn::And(hn::Eq(y, hn::Floor(y)), hn::Ne(half, hn::Floor(half)));
    result = hn::Or(result, hn::IfThenElseZero(odd, hn::And(x, hn::SignBit(d))));
    const auto infinite = hn::Eq(hn::Abs(y), hn::Set(d, inf<double>));
    const auto no_number = hn::And(hn::Lt(x, zero), hn::Ne(y, hn::Floor(y)));
    result = hn::IfThenElse(hn::And(no_number, hn::Gt(x, hn::Set(d, -inf<double>))), hn::Set(d, nan<double>), result);
    const auto known = hn::Or(hn::Or(hn::Eq(x, one), hn::Eq(y, zero)), hn::And(hn::Eq(size, one), infinite));
    return hn::IfThenElse(known, one, result);
  }
};

struct cbrt {
  template <class D, class V> HWY_INLINE V operator()(D, V x) const { return sleef::cbrt(x); }
};

struct hypot {
  template <class D, class V> HWY_INLINE V operator()(D d, V x, V y) const {
    if constexpr (single<element<D>>) {
      return through_double(
          [](auto wide, auto a, auto b) HWY_ATTR {
            const auto squares = hn::MulAdd(a, a, hn::Mul(b, b));
            const auto is_infinite =
                hn::Or(hn::Eq(hn::Abs(a), hn::Set(wide, inf<double>)), hn::Eq(hn::Abs(b), hn::Set(wide, inf<double>)));
            return hn::IfThenElse(is_infinite, hn::Set(wide, inf<double>), hn::Sqrt(squares));
          },
          d, x, y);
    } else {
      return sleef::hypot(x, y);
    }
  }
};

// ---- trigonometric functions

/// On |r| <= pi / 4: (sin(r) - r) / r**3 and (cos(r) - 1 + r**2 / 2) / r**4, by powers of r**2.
inline constexpr float sine_coefficients[] = {-0x1.555546p-3f, 0x1.11075cp-7f, -0x1.994cfap-13f};
inline constexpr float cosine_coefficients[] = {0x1.55554ap-5f, -0x1.6c0c86p-10f, 0x1.9a00cep-16f};

/// sin(x + quarters * pi / 2) of float, for |x| below largest_reduced.
inline constexpr float largest_reduced = 100000;
template <class D, class V> HWY_INLINE V sine(D d, V x, int quarters) {
  const hn::RebindToUnsigned<D> whole;
  const V shifted = hn::MulAdd(x, hn::Set(d, 0x1.45f306p-1f), hn::Set(d, rounder<float>));  // 2 / pi
  const V n = hn::Sub(shifted, hn::Set(d, rounder<float>));
  // pi / 2 in three parts: the first difference is exact, what the second and its product lose is kept.
  const V first = hn::NegMulAdd(n, hn::Set(d, 0x1.921fb6p+0f), x);
  const V part = hn::Set(d, -0x1.777a5cp-25f), second = hn::Mul(n, part), r = hn::Sub(first, second);
  const V difference_lost = hn::Sub(hn::Sub(first, r), second), product_lost = hn::NegMulAdd(n, part, second);
  const V lost = hn::NegMulAdd(n, hn::Set(d, -0x1.ee59dap-50f), hn::Add(difference_lost, product_lost));
  const V r2 = hn::Mul(r, r);
  const V as_sine = hn::Add(hn::MulAdd(hn::Mul(r, r2), polynomial(d, r2, sine_coefficients), lost), r);
  const V cosine_rest = hn::MulAdd(r2, polynomial(d, r2, cosine_coefficients), hn::Set(d, -0.5f));
  const V as_cosine = hn::MulAdd(r2, cosine_rest, hn::Set(d, 1.0f));
  const auto quadrant = hn::Add(hn::BitCast(whole, shifted), hn::Set(whole, static_cast<std::uint32_t>(quarters)));
  // Bit 0 chooses the function: as a sign bit, which blends look at. Bit 1 is the sign.
  const V chosen =
      hn::IfThenElse(hn::MaskFromVec(hn::BitCast(
                         d, hn::BroadcastSignBit(hn::BitCast(hn::RebindToSigned<D>(), hn::ShiftLeft<31>(quadrant))))),
                     as_cosine, as_sine);
  const auto sign = hn::ShiftLeft<31>(hn::ShiftRight<1>(quadrant));
  return hn::Xor(chosen, hn::BitCast(d, sign));
}

struct sin {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    if constexpr (single<element<D>>) {
      const V usual = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, sine(d, x, 0));
      const auto reduced = hn::Lt(hn::Abs(x), hn::Set(d, largest_reduced));
      if (HWY_LIKELY(hn::AllTrue(d, reduced))) return usual;
      return hn::IfThenElse(reduced, usual, sleef::sin(x));
    } else {
      return sleef::sin(x);
    }
  }
};
struct cos {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    if constexpr (single<element<D>>) {
      const V usual = sine(d, x, 1);
      const auto reduced = hn::Lt(hn::Abs(x), hn::Set(d, largest_reduced));
      if (HWY_LIKELY(hn::AllTrue(d, reduced))) return usual;
      return hn::IfThenElse(reduced, usual, sleef::cos(x));
    } else {
      return sleef::cos(x);
    }
  }
};

#define TESSERA_FROM_SLEEF(name)                                                                 \
  struct name {                                                                                  \
    template <class D, class V> HWY_INLINE V operator()(D, V x) const { return sleef::name(x); } \
  };
TESSERA_FROM_SLEEF(asin)
TESSERA_FROM_SLEEF(acos)
TESSERA_FROM_SLEEF(atan)
#undef TESSERA_FROM_SLEEF

struct tan {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    if constexpr (single<element<D>>) {
      return sleef::tan(x);
    } else {
      return small_is_itself(d, x, sleef::tan(x));
    }
  }
};

struct atan2 {
  template <class D, class V> HWY_INLINE V operator()(D, V y, V x) const { return sleef::atan2(y, x); }
};

}  // namespace vector_math
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();
#endif

#endif
