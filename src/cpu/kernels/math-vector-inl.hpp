// Mathematical functions on vectors of float and double, one function object an operation, named as its row in op_table.
//
//   vector_math::exp{}(d, x)      d: hn::ScalableTag<float> or <double>, x: a whole vector
//
// They exist where TESSERA_AVX2 is 1. A lane's result depends on that lane alone: fast paths
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

#include <cmath>
#include <limits>

#include "cpu/kernels/math-exponential-inl.hpp"
#include "cpu/kernels/math-logarithm-inl.hpp"
#include "cpu/kernels/sleef-inl.hpp"

#if TESSERA_AVX2
HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
namespace vector_math {

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

// ---- powers

/// Short polynomials for results that are rounded to float: log2((1 + s) / (1 - s)) / s by powers of s**2, and 2**f.
inline constexpr double short_log2[] = {0x1.71547652b8251p+1, 0x1.ec709dc53d3e2p-1, 0x1.2776c29234905p-1,
                                        0x1.a61a2fab7670cp-2, 0x1.47952fbb69358p-2, 0x1.21b32f08efabap-2};
inline constexpr double short_exp2[] = {0x1.ffffffffababdp-1,  0x1.62e42ff11674ap-1, 0x1.ebfbe0a4d8c65p-3,
                                        0x1.c6b08aaec2211p-5,  0x1.3b29dc2a96be2p-7, 0x1.5d8a70c8fd507p-10,
                                        0x1.446a31d846d72p-13, 0x1.fe176ccd25dfcp-17};

struct pow {
  template <class D, class V> HWY_INLINE V operator()(D d, V x, V y) const {
    using T = element<D>;
    if constexpr (single<T>) {
      const auto usual = hn::And(hn::And(hn::Ge(x, hn::Set(d, smallest_normal<T>)), hn::Lt(x, hn::Set(d, inf<T>))),
                                 hn::Lt(hn::Abs(y), hn::Set(d, inf<T>)));
      const V power = of_usual(d, x, y);
      if (HWY_LIKELY(hn::AllTrue(d, usual))) return power;
      return hn::IfThenElse(usual, power, careful(d, x, y));
    } else {
      const V power = sleef::pow(x, y);
      // SLEEF's largest results are infinite: those are the square of the root's power.
      const V infinite = hn::Set(d, inf<T>);
      const auto finite = hn::Lt(hn::Max(hn::Abs(x), hn::Abs(y)), infinite);
      const auto doubtful = hn::And(hn::And(hn::Eq(hn::Abs(power), infinite), finite), hn::Gt(hn::Abs(x), hn::Zero(d)));
      if (HWY_LIKELY(hn::AllFalse(d, doubtful))) return power;
      const V root = sleef::pow(hn::Abs(x), hn::Mul(y, hn::Set(d, 0.5)));
      const V square = hn::IfThenElse(hn::Eq(y, hn::Set(d, 1.0)), hn::Abs(x), hn::Mul(root, root));
      return hn::IfThenElse(doubtful, copy_sign(d, square, power), power);
    }
  }

 private:
  /// 2**(y log2(x)) in double, where log2(x) is good to 45 bits and the power to 34.
  template <class D, class V> static HWY_INLINE V of_usual(D d, V x, V y) {
    const hn::RebindToSigned<D> whole;
    const auto bits = hn::BitCast(whole, x);
    const auto n = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(whole, 0x3f3504f3)));  // the bits of sqrt(1/2)
    const V fraction = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(n)));
    return through_double(
        [](auto wide, auto m, auto exponent, auto power) HWY_ATTR {
          const hn::RebindToUnsigned<decltype(wide)> bits;
          const auto f = hn::Sub(m, hn::Set(wide, 1.0)), s = hn::Div(f, hn::Add(m, hn::Set(wide, 1.0)));
          const auto log2 = hn::MulAdd(s, polynomial(wide, hn::Mul(s, s), short_log2), exponent);
          const auto unlimited = hn::Mul(power, log2);
          const auto t = hn::Max(hn::Set(wide, -200.0), hn::Min(hn::Set(wide, 200.0), unlimited));
          const auto shifted = hn::Add(t, hn::Set(wide, rounder<double>));
          const auto part = polynomial(wide, hn::Sub(t, hn::Sub(shifted, hn::Set(wide, rounder<double>))), short_exp2);
          const auto scale = hn::ShiftLeft<52>(hn::BitCast(bits, shifted));
          return hn::BitCast(wide, hn::Add(hn::BitCast(bits, part), scale));
        },
        d, fraction, hn::ConvertTo(d, n), y);
  }

  template <class D, class V> static HWY_NOINLINE V careful(D d, V x, V y) {
    return through_double([](auto wide, auto a, auto b) HWY_ATTR { return real(wide, a, b); }, d, x, y);
  }

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

// ---- remainders

/// The rest of a after a whole number of b, towards zero, as std::fmod: while the quotient fits the fraction bits it is
/// found by one division, at most one too large, and the fused multiply-add is exact because the rest is representable.
template <class D, class V> HWY_NOINLINE V slow_rest(D d, V a, V b) {
  element<D> x[hn::MaxLanes(d)], y[hn::MaxLanes(d)];
  hn::StoreU(a, d, x);
  hn::StoreU(b, d, y);
  for (std::size_t i = 0; i < hn::MaxLanes(d); ++i) x[i] = std::fmod(x[i], y[i]);
  return hn::LoadU(d, x);
}
template <class D, class V> HWY_INLINE V rest_of(D d, V a, V b) {
  const V size = hn::Abs(a), divisor = hn::Abs(b);
  const V quotient = hn::Trunc(hn::Div(size, divisor));
  const V rest = hn::NegMulAdd(quotient, divisor, size);
  const V positive = hn::IfThenElse(hn::Lt(rest, hn::Zero(d)), hn::Add(rest, divisor), rest);
  const V signed_rest = copy_sign(d, positive, a);
  const auto smaller = hn::Lt(size, divisor);
  const V result = hn::IfThenElse(smaller, a, signed_rest);
  const auto fits = hn::Lt(quotient, hn::Set(d, 1 / std::numeric_limits<element<D>>::epsilon()));
  const auto found = hn::Or(fits, smaller);
  if (HWY_LIKELY(hn::AllTrue(d, found))) return result;
  return hn::IfThenElse(found, result, slow_rest(d, a, b));  // also for zero, infinity and NaN
}

struct fmod {
  template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const { return rest_of(d, a, b); }
};

struct remainder {
  template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const {
    const V rest = rest_of(d, a, b), zero = hn::Zero(d);
    const auto other_side = hn::Xor(hn::Lt(b, zero), hn::Lt(rest, zero));
    V result = hn::IfThenElse(other_side, hn::Add(rest, b), rest);
    result = hn::IfThenElse(hn::Eq(rest, zero), copy_sign(d, zero, b), result);
    return hn::IfThenElse(hn::Eq(b, zero), rest, result);
  }
};

/// Python's: a minus the remainder divides exactly up to rounding, which is undone.
struct floor_divide {
  template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const {
    using T = element<D>;
    const V rest = rest_of(d, a, b), zero = hn::Zero(d), one = hn::Set(d, T(1)), plain = hn::Div(a, b);
    V quotient = hn::Div(hn::Sub(a, rest), b);
    const auto other_side = hn::And(hn::Xor(hn::Lt(b, zero), hn::Lt(rest, zero)), hn::Ne(rest, zero));
    quotient = hn::Sub(quotient, hn::IfThenElseZero(other_side, one));
    const V down = hn::Floor(quotient);
    const auto up = hn::Gt(hn::Sub(quotient, down), hn::Set(d, T(0.5)));
    V result = hn::Add(down, hn::IfThenElseZero(up, one));
    result = hn::IfThenElse(hn::Eq(quotient, zero), copy_sign(d, zero, plain), result);
    return hn::IfThenElse(hn::Eq(b, zero), plain, result);
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
      // SLEEF loses the last bit of subnormal numbers.
      return hn::IfThenElse(hn::Lt(hn::Abs(x), hn::Set(d, 0x1p-27)), x, sleef::tan(x));
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
