// Bodies of the operations that need no mathematical library: arithmetic, comparison, logic, bits.
//
// A body is a function object on one element named as its row in op_table. It has an overload for each kind of loop in its
// row; without one for the 16-bit floats it is called with float and the result rounded. The semantics are NumPy's.
#if defined(TESSERA_ARITHMETIC_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_ARITHMETIC_INL_HPP
#undef TESSERA_ARITHMETIC_INL_HPP
#else
#define TESSERA_ARITHMETIC_INL_HPP
#endif

#include <cmath>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
namespace bodies {

// ---- words used below

/// Integer arithmetic wraps: it is done in an unsigned type at least as wide as unsigned, and cut off.
template <integer T> using carrier = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
template <integer T> constexpr carrier<T> carry(T x) { return static_cast<carrier<T>>(x); }
template <integer T> constexpr carrier<T> magnitude(T x) { return x < 0 ? carrier<T>(0) - carry(x) : carry(x); }
/// The same in as many bits as T has, so that a vector holds as many.
template <integer T> constexpr std::make_unsigned_t<T> narrow_magnitude(T x) {
  using bits = std::make_unsigned_t<T>;
  return static_cast<bits>(x < 0 ? static_cast<bits>(0 - static_cast<bits>(x)) : static_cast<bits>(x));
}
template <integer T> inline constexpr unsigned width = 8 * sizeof(T);

template <class T> constexpr bool nan(T x) {
  if constexpr (complex_number<T>) {
    return x.re != x.re || x.im != x.im;
  } else {
    return x != x;
  }
}
template <class T> constexpr bool truth(T x) {
  if constexpr (complex_number<T>) {
    return x.re != 0 || x.im != 0;
  } else {
    return x != 0;
  }
}
template <std::floating_point T> using bits_of = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
template <std::floating_point T> constexpr bool negative_sign(T x) {
  return (std::bit_cast<bits_of<T>>(x) >> (8 * sizeof(T) - 1)) != 0;
}
template <std::floating_point T> inline constexpr T infinity = std::numeric_limits<T>::infinity();
template <std::floating_point T> inline constexpr T quiet_nan = std::numeric_limits<T>::quiet_NaN();

/// sqrt(x² + y²), where the squares may not overflow: double holds those of floats, and doubles are scaled by a power of two
/// where theirs would. (std::hypot: 0.1 ulp closer, seven times slower.)
template <std::floating_point T> T length(T x, T y) {
  if constexpr (sizeof(T) == 4) {
    const double squares = static_cast<double>(x) * x + static_cast<double>(y) * y;
    const bool infinite = std::abs(x) == infinity<T> || std::abs(y) == infinity<T>;
    return infinite ? infinity<T> : static_cast<T>(std::sqrt(squares));
  } else {
    const T u = std::abs(x), v = std::abs(y), large = u > v ? u : v, small = u > v ? v : u;
    const T scale = large > T(0x1p500) ? T(0x1p-600) : large < T(0x1p-400) ? T(0x1p600) : T(1);
    const T inverse = large > T(0x1p500) ? T(0x1p600) : large < T(0x1p-400) ? T(0x1p-600) : T(1);
    const T a = large * scale, b = small * scale;
    const T root = std::sqrt(std::fma(a, a, b * b)) * inverse;
    return u == infinity<T> || v == infinity<T> ? infinity<T> : root;
  }
}

/// Complex numbers are ordered by their real, then their imaginary parts; a NaN part compares false.
template <complex_number T> constexpr bool before(T a, T b) {
  return (a.re < b.re && a.im == a.im && b.im == b.im) || (a.re == b.re && a.im < b.im);
}
template <complex_number T> constexpr bool before_or_equal(T a, T b) {
  return (a.re < b.re && a.im == a.im && b.im == b.im) || (a.re == b.re && a.im <= b.im);
}

// ---- arithmetic

struct add {
  bool operator()(bool a, bool b) const { return a | b; }
  template <integer T> T operator()(T a, T b) const { return static_cast<T>(carry(a) + carry(b)); }
  template <std::floating_point T> T operator()(T a, T b) const { return a + b; }
  template <complex_number T> T operator()(T a, T b) const { return {a.re + b.re, a.im + b.im}; }
};

struct subtract {
  template <integer T> T operator()(T a, T b) const { return static_cast<T>(carry(a) - carry(b)); }
  template <std::floating_point T> T operator()(T a, T b) const { return a - b; }
  template <complex_number T> T operator()(T a, T b) const { return {a.re - b.re, a.im - b.im}; }
};

/// Negations instead of subtractions, here and in complex divide: g++ 12 turns the pair a * b - c * d, a * d + c * b into
/// fused multiply-adds even when contraction is off, and results would depend on the instruction set.
struct multiply {
  bool operator()(bool a, bool b) const { return a & b; }
  template <integer T> T operator()(T a, T b) const { return static_cast<T>(carry(a) * carry(b)); }
  template <std::floating_point T> T operator()(T a, T b) const { return a * b; }
  template <complex_number T> T operator()(T a, T b) const {
    return {a.re * b.re + -a.im * b.im, a.re * b.im + a.im * b.re};
  }
};

struct divide {
  template <std::floating_point T> T operator()(T a, T b) const { return a / b; }
  /// Smith's algorithm: scaled by the larger part u of the divisor, so that its square cannot overflow.
  template <complex_number T> T operator()(T a, T b) const {
    using part = typename T::part;
    const bool upright = std::abs(b.re) >= std::abs(b.im);
    const part u = upright ? b.re : b.im, v = upright ? b.im : b.re;
    const part p = upright ? a.re : a.im, q = upright ? a.im : a.re;
    if (b.re == 0 && b.im == 0) return {a.re / std::abs(u), a.im / std::abs(u)};
    const part ratio = v / u, scale = 1 / (u + v * ratio);
    return {(p + q * ratio) * scale, ((upright ? q : -q) + (upright ? -p : p) * ratio) * scale};
  }
};

/// a / b cut off, b not 0. Integers below 64 bits divide as floating numbers of more than twice their bits: exact, since a
/// quotient that is no integer is further from one than it is rounded, and vectors can. The lowest integer by -1 wraps.
template <integer T> T quotient(T a, T b) {
  if constexpr (sizeof(T) < 8) {
    using wide = std::conditional_t<sizeof(T) < 4, float, double>;
    return to_integer<T>(static_cast<wide>(a) / static_cast<wide>(b));
  } else if constexpr (std::is_signed_v<T>) {
    return b == -1 ? static_cast<T>(carrier<T>(0) - carry(a)) : a / b;
  } else {
    return a / b;
  }
}
/// What is left of a after b times that quotient.
template <integer T> T rest_of(T a, T b, T quotient) { return static_cast<T>(carry(a) - carry(quotient) * carry(b)); }

/// std::fmod, several times faster while the quotient fits the fraction bits: then it is found by one division, at most
/// one too large, and the fused multiply-add is exact because the rest is representable.
template <std::floating_point T> T rest_of(T a, T b) {
  const T size = std::abs(a), divisor = std::abs(b);
  if (size < divisor) return a;
  const T quotient = std::trunc(size / divisor);
  if (!(quotient < 1 / std::numeric_limits<T>::epsilon())) return std::fmod(a, b);  // also for zero, infinity and NaN
  const T rest = std::fma(-quotient, divisor, size);
  return std::copysign(rest < 0 ? rest + divisor : rest, a);
}

struct fmod {
  template <integer T> T operator()(T a, T b) const {
    const T divisor = b == 0 ? T(1) : b;  // leaves the rest 0
    return rest_of(a, divisor, quotient(a, divisor));
  }
  template <std::floating_point T> T operator()(T a, T b) const { return rest_of(a, b); }
};

struct remainder {
  template <integer T> T operator()(T a, T b) const {
    const T rest = fmod{}(a, b);
    return static_cast<T>(carry(rest) + (rest != 0 && (rest < 0) != (b < 0) ? carry(b) : 0));
  }
  template <std::floating_point T> T operator()(T a, T b) const {
    const T rest = rest_of(a, b);
    if (b == 0) return rest;
    if (rest == 0) return std::copysign(T(0), b);
    return (b < 0) != (rest < 0) ? rest + b : rest;
  }
};

struct floor_divide {
  template <integer T> T operator()(T a, T b) const {
    const T divisor = b == 0 ? T(1) : b, down = quotient(a, divisor), rest = rest_of(a, divisor, down);
    const T result = static_cast<T>(carry(down) - (rest != 0 && (rest < 0) != (divisor < 0) ? 1u : 0u));
    return b == 0 ? T(0) : result;
  }
  /// Python's: a minus the remainder divides exactly up to rounding, which is undone.
  template <std::floating_point T> T operator()(T a, T b) const {
    if (b == 0) return a / b;
    const T rest = rest_of(a, b);
    T quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(T(0), a / b);
    const T down = std::floor(quotient);
    return quotient - down > T(0.5) ? down + 1 : down;
  }
};

struct negative {
  template <integer T> T operator()(T x) const { return static_cast<T>(carrier<T>(0) - carry(x)); }
  template <std::floating_point T> T operator()(T x) const { return -x; }
  template <half T> T operator()(T x) const { return T::from_bits(x.bits ^ 0x8000); }
  template <complex_number T> T operator()(T x) const { return {-x.re, -x.im}; }
};

struct positive {
  template <class T> T operator()(T x) const { return x; }
};

struct abs {
  bool operator()(bool x) const { return x; }
  template <integer T> T operator()(T x) const { return static_cast<T>(narrow_magnitude(x)); }
  template <std::floating_point T> T operator()(T x) const { return std::abs(x); }
  template <half T> T operator()(T x) const { return T::from_bits(x.bits & 0x7fff); }
  template <complex_number T> typename T::part operator()(T x) const { return length(x.re, x.im); }
};

struct fabs {
  template <class T>
    requires std::floating_point<T> || half<T>
  T operator()(T x) const {
    return abs{}(x);
  }
};

struct sign {
  template <integer T> T operator()(T x) const { return static_cast<T>((x > 0) - (x < 0)); }
  template <std::floating_point T> T operator()(T x) const {
    return nan(x) ? x : static_cast<T>(x > 0) - static_cast<T>(x < 0);
  }
  template <complex_number T> T operator()(T x) const {
    using part = typename T::part;
    const part size = length(x.re, x.im);
    if (nan(size)) return {size, size};
    if (size == 0) return {0, 0};
    if (size < infinity<part>) return {x.re / size, x.im / size};
    const bool real = std::isinf(x.re), imaginary = std::isinf(x.im);
    if (real && imaginary) return {quiet_nan<part>, quiet_nan<part>};
    if (real) return {x.re > 0 ? part(1) : part(-1), 0};
    return {0, x.im > 0 ? part(1) : part(-1)};
  }
};

struct reciprocal {
  /// 1 / x through double, cut off: 0 but for 1 and -1, and for 0 what casting infinity gives.
  template <integer T> T operator()(T x) const {
    if (x == 0) return to_integer<T>(std::numeric_limits<double>::infinity());
    return x == 1 || magnitude(x) == 1 ? x : T(0);
  }
  template <std::floating_point T> T operator()(T x) const { return 1 / x; }
  template <complex_number T> T operator()(T x) const {
    using part = typename T::part;
    if (std::abs(x.im) <= std::abs(x.re)) {
      const part ratio = x.im / x.re, divisor = x.re + x.im * ratio;
      return {1 / divisor, -ratio / divisor};
    }
    const part ratio = x.re / x.im, divisor = x.re * ratio + x.im;
    return {ratio / divisor, -1 / divisor};
  }
};

struct square {
  template <class T>
    requires std::is_invocable_v<multiply, T, T>
  T operator()(T x) const {
    return multiply{}(x, x);
  }
};

struct heaviside {
  template <std::floating_point T> T operator()(T x, T at_zero) const {
    return nan(x) ? x : x == 0 ? at_zero : static_cast<T>(x > 0);
  }
};

struct gcd {
  template <class Unsigned> static Unsigned euclid(Unsigned a, Unsigned b) {
    while (a != 0) {
      const Unsigned rest = b % a;
      b = a;
      a = rest;
    }
    return b;
  }
  template <integer T> T operator()(T a, T b) const { return static_cast<T>(euclid(magnitude(a), magnitude(b))); }
};

struct lcm {
  template <integer T> T operator()(T a, T b) const {
    const auto x = magnitude(a), y = magnitude(b), divisor = gcd::euclid(x, y);
    return divisor == 0 ? T(0) : static_cast<T>(x / divisor * y);
  }
};

// ---- the larger and the smaller
//
// Of equal numbers (0.0 and -0.0) the second, as in NumPy's vector loops; of float16 the first, as in NumPy's float16 loops.

/// a >= b by their bits, as fast as integers. No && and ||: g++ vectorises this form only.
constexpr bool nan(float16_t x) { return (x.bits & 0x7fff) > 0x7c00; }
constexpr bool at_least(float16_t a, float16_t b) {
  const auto order = [](std::uint16_t bits) {
    const auto key = static_cast<std::int16_t>(bits);
    return static_cast<std::int16_t>(key ^ ((key >> 15) & 0x7fff));
  };
  const bool no_number = nan(a), no_other = nan(b), zeros = ((a.bits | b.bits) & 0x7fff) == 0;
  const bool ordered = order(a.bits) >= order(b.bits);
  return (zeros | ordered) & !no_number & !no_other;
}
/// a if `first` or if x is NaN, else b.
constexpr float16_t choose(float16_t x, bool first, float16_t a, float16_t b) {
  const bool no_number = nan(x);
  return (no_number | first) ? a : b;
}

struct maximum {
  bool operator()(bool a, bool b) const { return a | b; }
  template <class T>
    requires integer<T> || std::floating_point<T>
  T operator()(T a, T b) const {
    return ((a != a) | (a > b)) ? a : b;
  }
  float16_t operator()(float16_t a, float16_t b) const { return choose(a, at_least(a, b), a, b); }
  template <complex_number T> T operator()(T a, T b) const { return nan(a) || before_or_equal(b, a) ? a : b; }
};

struct minimum {
  bool operator()(bool a, bool b) const { return a & b; }
  template <class T>
    requires integer<T> || std::floating_point<T>
  T operator()(T a, T b) const {
    return ((a != a) | (a < b)) ? a : b;
  }
  float16_t operator()(float16_t a, float16_t b) const { return choose(a, at_least(b, a), a, b); }
  template <complex_number T> T operator()(T a, T b) const { return nan(a) || before_or_equal(a, b) ? a : b; }
};

struct fmax {
  bool operator()(bool a, bool b) const { return a | b; }
  template <class T>
    requires integer<T> || std::floating_point<T>
  T operator()(T a, T b) const {
    return ((b != b) | (a > b)) ? a : b;
  }
  float16_t operator()(float16_t a, float16_t b) const { return choose(b, at_least(a, b), a, b); }
  template <complex_number T> T operator()(T a, T b) const { return nan(b) || before_or_equal(b, a) ? a : b; }
};

struct fmin {
  bool operator()(bool a, bool b) const { return a & b; }
  template <class T>
    requires integer<T> || std::floating_point<T>
  T operator()(T a, T b) const {
    return ((b != b) | (a < b)) ? a : b;
  }
  float16_t operator()(float16_t a, float16_t b) const { return choose(b, at_least(b, a), a, b); }
  template <complex_number T> T operator()(T a, T b) const { return nan(b) || before_or_equal(a, b) ? a : b; }
};

struct clip {
  template <class T>
    requires std::integral<T> || std::same_as<T, float16_t>
  T operator()(T x, T low, T high) const {
    return minimum{}(maximum{}(x, low), high);
  }
  /// The same, with NaN looked for at the end: g++ vectorises this form only.
  template <std::floating_point T> T operator()(T x, T low, T high) const {
    const T raised = x > low ? x : low;
    const T clipped = raised < high ? raised : high;
    return ((x != x) | (low != low)) ? x + low : clipped;
  }
  /// NumPy orders complex bounds without regard to NaN in the imaginary parts.
  template <complex_number T> T operator()(T x, T low, T high) const {
    const T raised = nan(x) || simply_before(low, x) ? x : low;
    return nan(raised) || simply_before(raised, high) ? raised : high;
  }

 private:
  template <complex_number T> static bool simply_before(T a, T b) { return a.re == b.re ? a.im < b.im : a.re < b.re; }
};

// ---- comparison and logic

struct equal {
  template <real_number T> bool operator()(T a, T b) const { return a == b; }
  template <complex_number T> bool operator()(T a, T b) const { return a.re == b.re && a.im == b.im; }
};

struct not_equal {
  template <class T>
    requires std::is_invocable_v<equal, T, T>
  bool operator()(T a, T b) const {
    return !equal{}(a, b);
  }
};

struct less {
  template <real_number T> bool operator()(T a, T b) const { return a < b; }
  template <complex_number T> bool operator()(T a, T b) const { return before(a, b); }
};

struct less_equal {
  template <real_number T> bool operator()(T a, T b) const { return a <= b; }
  template <complex_number T> bool operator()(T a, T b) const { return before_or_equal(a, b); }
};

struct greater {
  template <class T>
    requires std::is_invocable_v<less, T, T>
  bool operator()(T a, T b) const {
    return less{}(b, a);
  }
};

struct greater_equal {
  template <class T>
    requires std::is_invocable_v<less_equal, T, T>
  bool operator()(T a, T b) const {
    return less_equal{}(b, a);
  }
};

struct logical_and {
  template <class T>
    requires(!half<T>)
  bool operator()(T a, T b) const {
    return truth(a) && truth(b);
  }
};

struct logical_or {
  template <class T>
    requires(!half<T>)
  bool operator()(T a, T b) const {
    return truth(a) || truth(b);
  }
};

struct logical_xor {
  template <class T>
    requires(!half<T>)
  bool operator()(T a, T b) const {
    return truth(a) != truth(b);
  }
};

struct logical_not {
  template <class T>
    requires(!half<T>)
  bool operator()(T x) const {
    return !truth(x);
  }
};

struct where {
  bool operator()(bool condition, bool a, bool b) const { return (condition & a) | (!condition & b); }
  template <class T> T operator()(bool condition, T a, T b) const { return condition ? a : b; }
};

// ---- bits

struct bitwise_and {
  template <std::integral T> T operator()(T a, T b) const { return static_cast<T>(a & b); }
};

struct bitwise_or {
  template <std::integral T> T operator()(T a, T b) const { return static_cast<T>(a | b); }
};

struct bitwise_xor {
  template <std::integral T> T operator()(T a, T b) const { return static_cast<T>(a ^ b); }
};

struct bitwise_invert {
  bool operator()(bool x) const { return !x; }
  template <integer T> T operator()(T x) const { return static_cast<T>(~x); }
};

/// Shifts by the width or more, and by negative counts, push every bit out.
struct bitwise_left_shift {
  template <integer T> T operator()(T a, T b) const {
    const bool inside = carry(b) < width<T>;
    return static_cast<T>(inside ? carry(a) << (inside ? b : T(0)) : 0);
  }
};

struct bitwise_right_shift {
  template <integer T> T operator()(T a, T b) const {
    const bool inside = carry(b) < width<T>;
    if constexpr (std::is_signed_v<T>) {
      return static_cast<T>(a >> (inside ? b : T(width<T> - 1)));
    } else {
      return static_cast<T>(inside ? a >> (inside ? b : T(0)) : 0);
    }
  }
};

/// Counts in pairs, nibbles, bytes, then adds those up: vectors can, which few have an instruction for.
struct bitwise_count {
  template <integer T> std::uint8_t operator()(T value) const {
    using bits = std::make_unsigned_t<T>;
    constexpr bits all = static_cast<bits>(~bits(0));
    bits x = narrow_magnitude(value);
    x = static_cast<bits>(x - ((x >> 1) & (all / 3)));
    x = static_cast<bits>((x & (all / 5)) + ((x >> 2) & (all / 5)));
    x = static_cast<bits>((x + (x >> 4)) & (all / 17));
    if constexpr (width<T> > 8) x = static_cast<bits>(x + (x >> 8));
    if constexpr (width<T> > 16) x = static_cast<bits>(x + (x >> 16));
    if constexpr (width<T> > 32) x = static_cast<bits>(x + (x >> 32));
    return static_cast<std::uint8_t>(x & 0x7f);
  }
};

}  // namespace bodies
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
