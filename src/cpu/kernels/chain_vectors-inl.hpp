// What the operations of chains do to vectors: named as op_table's rows; the steps of chain-inl.hpp call them. Included once
// per instruction set. Highway's != on floating lanes is false for NaN: not(==) stands for it here.

#include <hwy/highway.h>

#include <limits>
#include <numbers>
#include <type_traits>

#include "cpu/kernels/element.hpp"

#if defined(TESSERA_CHAIN_VECTORS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_CHAIN_VECTORS_INL_HPP
#undef TESSERA_CHAIN_VECTORS_INL_HPP
#else
#define TESSERA_CHAIN_VECTORS_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {

// Not for plain x86-64, whose kernels the compiler vectorises. clang 14 decides by the flags of the whole file which
// vectors are passed in registers, not by the function's instruction set; passed in memory, steps are six times as slow.
#if (HWY_TARGET == HWY_AVX2 && (!defined(__clang__) || defined(__AVX__))) || \
    (HWY_TARGET == HWY_AVX3 && (!defined(__clang__) || defined(__AVX512F__)))
#define TESSERA_HAS_CHAINS 1
#else
#define TESSERA_HAS_CHAINS 0
#endif

#if TESSERA_HAS_CHAINS
namespace hn = hwy::HWY_NAMESPACE;

template <class T> using tag_of = hn::ScalableTag<T>;
template <class T> using vec = hn::Vec<tag_of<T>>;
template <class Lane> using unsigned_of = std::conditional_t<sizeof(Lane) == 4, std::uint32_t, std::uint64_t>;
template <class Lane> using signed_of = std::make_signed_t<unsigned_of<Lane>>;
template <class T> using lane_of = std::conditional_t<sizeof(T) == 4, float, double>;  // what accumulators travel as

// ---- what an operation does to vectors -----------------------------------------------------------------------------
//
// Named as op_table's rows; d is the tag of the loop's type, a bool result a vector of ones or zeros. The semantics are those
// of the bodies of the same names in arithmetic-inl.hpp and parts-inl.hpp.
namespace vectors {

template <class D> inline constexpr bool floating = std::is_floating_point_v<hn::TFromD<D>>;
template <class D> inline constexpr bool signed_integer = !floating<D> && std::is_signed_v<hn::TFromD<D>>;
#define TESSERA_ANY class D, class V
#define TESSERA_FLOATING class D, class V, std::enable_if_t<floating<D>>* = nullptr
#define TESSERA_INTEGER class D, class V, std::enable_if_t<!floating<D>>* = nullptr
#define TESSERA_SIGNED_INTEGER class D, class V, std::enable_if_t<signed_integer<D>>* = nullptr
#define TESSERA_SIGNED class D, class V, std::enable_if_t<floating<D> || signed_integer<D>>* = nullptr

#define TESSERA_UNARY(name, types, result)                                                 \
  struct name {                                                                            \
    template <types> static HWY_INLINE V run([[maybe_unused]] D d, V a) { return result; } \
  };
#define TESSERA_BINARY(name, types, result)                                                     \
  struct name {                                                                                 \
    template <types> static HWY_INLINE V run([[maybe_unused]] D d, V a, V b) { return result; } \
  };

TESSERA_BINARY(add, TESSERA_ANY, a + b)
TESSERA_BINARY(subtract, TESSERA_ANY, a - b)
TESSERA_BINARY(multiply, TESSERA_ANY, a* b)
TESSERA_BINARY(divide, TESSERA_FLOATING, a / b)
TESSERA_UNARY(square, TESSERA_ANY, a* a)
TESSERA_UNARY(sqrt, TESSERA_FLOATING, hn::Sqrt(a))
TESSERA_UNARY(reciprocal, TESSERA_FLOATING, hn::Set(d, hn::TFromD<D>(1)) / a)
TESSERA_UNARY(positive, TESSERA_ANY, a)
TESSERA_UNARY(conj, TESSERA_ANY, a)
TESSERA_UNARY(real, TESSERA_ANY, a)
TESSERA_UNARY(fabs, TESSERA_FLOATING, hn::Abs(a))
TESSERA_UNARY(floor, TESSERA_FLOATING, hn::Floor(a))
TESSERA_UNARY(ceil, TESSERA_FLOATING, hn::Ceil(a))
TESSERA_UNARY(trunc, TESSERA_FLOATING, hn::Trunc(a))
TESSERA_UNARY(rint, TESSERA_FLOATING, hn::Round(a))
TESSERA_UNARY(deg2rad, TESSERA_FLOATING, a* hn::Set(d, std::numbers::pi_v<hn::TFromD<D>> / 180))
TESSERA_UNARY(rad2deg, TESSERA_FLOATING, a* hn::Set(d, 180 / std::numbers::pi_v<hn::TFromD<D>>))
TESSERA_BINARY(copysign, TESSERA_FLOATING, hn::CopySign(a, b))

struct negative {
  template <class D, class V> static HWY_INLINE V run(D d, V a) {
    if constexpr (floating<D>) {
      return hn::Xor(a, hn::SignBit(d));
    } else {
      return hn::Zero(d) - a;
    }
  }
};

struct abs {
  template <TESSERA_SIGNED> static HWY_INLINE V run(D d, V a) {
    if constexpr (floating<D> || sizeof(hn::TFromD<D>) == 4) {
      return hn::Abs(a);
    } else {
      return hn::IfThenElse(a < hn::Zero(d), hn::Zero(d) - a, a);
    }
  }
};

struct sign {
  template <TESSERA_SIGNED> static HWY_INLINE V run(D d, V a) {
    const V one = hn::Set(d, hn::TFromD<D>(1)), zero = hn::Zero(d);
    const V result = hn::IfThenElseZero(a > zero, one) - hn::IfThenElseZero(a < zero, one);
    if constexpr (floating<D>) {
      return hn::IfThenElse(hn::IsNaN(a), a, result);
    } else {
      return result;
    }
  }
};

template <class D, class V>
HWY_INLINE V choose(D, V first, V second, hn::Mask<D> first_is_right, [[maybe_unused]] V nan) {
  if constexpr (floating<D>) {
    return hn::IfThenElse(hn::Or(first_is_right, hn::IsNaN(nan)), first, second);
  } else {
    return hn::IfThenElse(first_is_right, first, second);
  }
}
TESSERA_BINARY(maximum, TESSERA_ANY, choose(d, a, b, a > b, a))
TESSERA_BINARY(minimum, TESSERA_ANY, choose(d, a, b, a < b, a))
TESSERA_BINARY(fmax, TESSERA_ANY, choose(d, a, b, a > b, b))
TESSERA_BINARY(fmin, TESSERA_ANY, choose(d, a, b, a < b, b))

struct clip {
  template <class D, class V> static HWY_INLINE V run(D d, V x, V low, V high) {
    if constexpr (floating<D>) {
      const V raised = hn::IfThenElse(x > low, x, low);
      const V clipped = hn::IfThenElse(raised < high, raised, high);
      return hn::IfThenElse(hn::Or(hn::IsNaN(x), hn::IsNaN(low)), x + low, clipped);
    } else {
      return minimum::run(d, maximum::run(d, x, low), high);
    }
  }
};

TESSERA_BINARY(equal, TESSERA_ANY, hn::VecFromMask(d, a == b))
TESSERA_BINARY(not_equal, TESSERA_ANY, hn::Not(hn::VecFromMask(d, a == b)))
TESSERA_BINARY(less, TESSERA_ANY, hn::VecFromMask(d, a < b))
struct less_equal {
  template <class D, class V> static HWY_INLINE V run(D d, V a, V b) {
    if constexpr (floating<D>) {
      return hn::VecFromMask(d, a <= b);
    } else {
      return hn::Not(hn::VecFromMask(d, b < a));
    }
  }
};
TESSERA_BINARY(greater, TESSERA_ANY, hn::VecFromMask(d, b < a))
TESSERA_BINARY(greater_equal, TESSERA_ANY, less_equal::run(d, b, a))
TESSERA_UNARY(logical_not, TESSERA_ANY, hn::VecFromMask(d, a == hn::Zero(d)))
TESSERA_UNARY(isnan, TESSERA_FLOATING, hn::VecFromMask(d, hn::IsNaN(a)))
TESSERA_UNARY(isinf, TESSERA_FLOATING,
              hn::VecFromMask(d, hn::Abs(a) == hn::Set(d, std::numeric_limits<hn::TFromD<D>>::infinity())))
TESSERA_UNARY(isfinite, TESSERA_FLOATING,
              hn::VecFromMask(d, hn::Abs(a) < hn::Set(d, std::numeric_limits<hn::TFromD<D>>::infinity())))

TESSERA_BINARY(bitwise_and, TESSERA_INTEGER, hn::And(a, b))
TESSERA_BINARY(bitwise_or, TESSERA_INTEGER, hn::Or(a, b))
TESSERA_BINARY(bitwise_xor, TESSERA_INTEGER, hn::Xor(a, b))
TESSERA_UNARY(bitwise_invert, TESSERA_INTEGER, hn::Not(a))

struct where {
  template <class D, class V> static HWY_INLINE V run(D, V condition, V a, V b) {
    return hn::IfVecThenElse(condition, a, b);
  }
};

/// On masks.
namespace masks {
TESSERA_BINARY(add, TESSERA_ANY, hn::Or(a, b))
TESSERA_BINARY(multiply, TESSERA_ANY, hn::And(a, b))
TESSERA_BINARY(bitwise_and, TESSERA_ANY, hn::And(a, b))
TESSERA_BINARY(bitwise_or, TESSERA_ANY, hn::Or(a, b))
TESSERA_BINARY(bitwise_xor, TESSERA_ANY, hn::Xor(a, b))
TESSERA_UNARY(bitwise_invert, TESSERA_ANY, hn::Not(a))
TESSERA_BINARY(logical_and, TESSERA_ANY, hn::And(a, b))
TESSERA_BINARY(logical_or, TESSERA_ANY, hn::Or(a, b))
TESSERA_BINARY(logical_xor, TESSERA_ANY, hn::Xor(a, b))
TESSERA_UNARY(logical_not, TESSERA_ANY, hn::Not(a))
TESSERA_BINARY(equal, TESSERA_ANY, hn::Not(hn::Xor(a, b)))
TESSERA_BINARY(not_equal, TESSERA_ANY, hn::Xor(a, b))
}  // namespace masks

// ---- conversions --------------------------------------------------------------------------------------------------
template <class From> struct to_mask {
  template <class D, class V> static HWY_INLINE V run(D d, V a) {
    return hn::Not(hn::VecFromMask(d, a == hn::Zero(d)));
  }
};

template <class To> struct from_mask {
  template <class D, class V> static HWY_INLINE V run(D d, V a) { return hn::And(a, hn::Set(d, hn::TFromD<D>(1))); }
};

struct same {
  template <class D, class V> static HWY_INLINE V run(D, V a) { return a; }
};

/// int32 and float, as the processor converts.
struct int32_to_float {
  template <class D, class V> static HWY_INLINE V run(D d, V a) {
    return hn::ConvertTo(d, hn::BitCast(tag_of<std::int32_t>(), a));
  }
};
struct float_to_int32 {
  template <class D, class V> static HWY_INLINE V run(D d, V a) {
#if HWY_TARGET == HWY_AVX2
    return hn::BitCast(d, vec<std::int32_t>{_mm256_cvttps_epi32(a.raw)});
#else
    return hn::BitCast(d, vec<std::int32_t>{_mm512_cvttps_epi32(a.raw)});
#endif
  }
};

#undef TESSERA_UNARY
#undef TESSERA_BINARY
#undef TESSERA_ANY
#undef TESSERA_FLOATING
#undef TESSERA_INTEGER
#undef TESSERA_SIGNED_INTEGER
#undef TESSERA_SIGNED

}  // namespace vectors

#endif  // TESSERA_HAS_CHAINS
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
