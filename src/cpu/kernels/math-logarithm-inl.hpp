// Part of math-vector-inl.hpp, which says what holds for all of it: logarithms, inverse hyperbolic functions.
#if defined(TESSERA_MATH_LOGARITHM_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_MATH_LOGARITHM_INL_HPP
#undef TESSERA_MATH_LOGARITHM_INL_HPP
#else
#define TESSERA_MATH_LOGARITHM_INL_HPP
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <limits>

#include "cpu/kernels/math-exponential-inl.hpp"

#if TESSERA_AVX2
HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
namespace vector_math {

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
template <class D, class V> HWY_INLINE V base_e(D d, const logarithm<V>& y) {
  using T = element<D>;
  const V rest = hn::MulAdd(y.n, hn::Set(d, ln2<T>.low), y.low);
  return hn::MulAdd(y.n, hn::Set(d, ln2<T>.high), hn::Add(y.high, rest));
}
template <class D, class V> HWY_INLINE V base_2(D d, const logarithm<V>& y) {
  using T = element<D>;
  const V sum = hn::Add(y.high, y.low), lost = hn::Add(hn::Sub(y.high, sum), y.low);
  const V rest = hn::MulAdd(sum, hn::Set(d, log2_e<T>.low), hn::Mul(lost, hn::Set(d, log2_e<T>.high)));
  return hn::Add(y.n, hn::MulAdd(sum, hn::Set(d, log2_e<T>.high), rest));
}
template <class D, class V> HWY_INLINE V base_10(D d, const logarithm<V>& y) {
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
TESSERA_FINISH(base_e)
TESSERA_FINISH(base_2)
TESSERA_FINISH(base_10)
#undef TESSERA_FINISH
struct log : any_log<base_e_finish> {};
struct log2 : any_log<base_2_finish> {};
struct log10 : any_log<base_10_finish> {};

/// log(u) + c / u, where u + c = 1 + x exactly.
struct log1p {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const V one = hn::Set(d, T(1));
    const V u = hn::Add(x, one);
    const V large = hn::Max(x, one), small = hn::Min(x, one);
    const V c = hn::Sub(small, hn::Sub(u, large));
    const auto inside = hn::And(hn::Gt(x, hn::Set(d, T(-1))), hn::Lt(x, hn::Set(d, inf<T>)));
    V result = base_e(d, logarithm_of(d, u, hn::Div(c, u)));
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

// ---- inverse hyperbolic functions: logarithms of sums that are kept in two parts

/// a + b as the nearest number and what it lost, for |a| >= |b|.
template <class V> struct sum_of {
  V high, low;
  HWY_INLINE sum_of(V a, V b) : high(hn::Add(a, b)), low(hn::Add(hn::Sub(a, high), b)) {}
};

/// log(u + low), for a small `low`; of what is `large` log(2 u).
template <class D, class V, class M> HWY_INLINE V log_of_sum(D d, V u, V low, M large) {
  auto y = logarithm_of(d, u, hn::IfThenElseZero(hn::Not(large), hn::Div(low, u)));
  y.n = hn::Add(y.n, hn::IfThenElseZero(large, hn::Set(d, element<D>(1))));
  return base_e(d, y);
}

/// log(a + sqrt(a**2 + c)) for c = 1 or -1; a square that is large against 1 swallows it.
template <class D, class V> HWY_INLINE V log_with_root(D d, V a, V c) {
  using T = element<D>;
  const auto large = hn::Gt(a, hn::Set(d, T(single<T> ? 0x1p13 : 0x1p28)));
  const V square = hn::Mul(a, a), square_low = hn::MulSub(a, a, square);
  const V one = hn::Set(d, T(1));
  const auto swapped = hn::Lt(square, one);
  const sum_of<V> sum(hn::IfThenElse(swapped, c, square), hn::IfThenElse(swapped, square, c));
  const V root = hn::Sqrt(sum.high);
  const V rest = hn::Add(hn::NegMulAdd(root, root, sum.high), hn::Add(sum.low, square_low));
  const V root_low = hn::IfThenElseZero(hn::Gt(root, hn::Zero(d)), hn::Div(hn::Mul(rest, hn::Set(d, T(0.5))), root));
  const sum_of<V> u(hn::Max(a, root), hn::Min(a, root));
  return log_of_sum(d, hn::IfThenElse(large, a, u.high), hn::Add(u.low, root_low), large);
}

struct asinh {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const V size = hn::Abs(x);
    const V all = copy_sign(d, log_with_root(d, size, hn::Set(d, T(1))), x);
    const auto usual =
        hn::And(hn::Gt(size, hn::Set(d, T(single<T> ? 0x1p-13 : 0x1p-28))), hn::Lt(size, hn::Set(d, inf<T>)));
    return hn::IfThenElse(usual, all, x);  // the next term is -x**3 / 6
  }
};

struct acosh {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const V all = log_with_root(d, x, hn::Set(d, T(-1)));
    const V inside = hn::IfThenElse(hn::Lt(x, hn::Set(d, inf<T>)), all, x);
    return hn::IfThenElse(hn::Ge(x, hn::Set(d, T(1))), inside, hn::Set(d, nan<T>));
  }
};

/// log(1 + t) / 2 with t = 2 |x| / (1 - |x|)
struct atanh {
  template <class D, class V> HWY_INLINE V operator()(D d, V x) const {
    using T = element<D>;
    const V one = hn::Set(d, T(1)), size = hn::Abs(x), doubled = hn::Add(size, size);
    const sum_of<V> divisor(one, hn::Neg(size));
    const V t = hn::Div(doubled, divisor.high);
    const V t_rest = hn::NegMulAdd(t, divisor.low, hn::NegMulAdd(t, divisor.high, doubled));
    const sum_of<V> u(hn::Max(t, one), hn::Min(t, one));
    const V low = hn::Add(u.low, hn::Div(t_rest, divisor.high));
    const V all = hn::Mul(log_of_sum(d, u.high, low, hn::Gt(x, x)), hn::Set(d, T(0.5)));
    const auto usual = hn::Gt(size, hn::Set(d, T(single<T> ? 0x1p-13 : 0x1p-28)));
    V result = hn::IfThenElse(usual, copy_sign(d, all, x), x);  // the next term is x**3 / 3
    result = hn::IfThenElse(hn::Eq(size, one), copy_sign(d, hn::Set(d, inf<T>), x), result);
    return hn::IfThenElse(hn::Le(size, one), result, hn::Set(d, nan<T>));
  }
};

}  // namespace vector_math
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();
#endif

#endif
