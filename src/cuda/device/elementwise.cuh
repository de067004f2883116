// One body for each row of op_table, for one element: the same names and the same semantics (NumPy's) as the CPU's
// src/cpu/kernels/{arithmetic,math,parts}-inl.hpp, which the tests hold them to.
//
// A body is a function object with an overload for each kind of loop in its row; run() calls one without an overload for
// 16-bit floats with float and rounds the result. Nothing here is contracted (--fmad=false): + - * / sqrt, comparisons,
// casts, integers and logic give the CPU's bits. Transcendental functions are CUDA's, within the bounds of its guide.
namespace tessera {

/// Math functions by type; CUDA's own names differ by a suffix.
#define TESSERA_MATH(name)                                         \
  TESSERA_DEVICE float math_##name(float x) { return name##f(x); } \
  TESSERA_DEVICE double math_##name(double x) { return ::name(x); }
#define TESSERA_MATH2(name)                                                    \
  TESSERA_DEVICE float math_##name(float x, float y) { return name##f(x, y); } \
  TESSERA_DEVICE double math_##name(double x, double y) { return ::name(x, y); }
TESSERA_MATH(sqrt)
TESSERA_MATH(cbrt)
TESSERA_MATH(exp)
TESSERA_MATH(exp2)
TESSERA_MATH(expm1)
TESSERA_MATH(log) TESSERA_MATH(log2) TESSERA_MATH(log10) TESSERA_MATH(log1p) TESSERA_MATH(sin) TESSERA_MATH(cos)
    TESSERA_MATH(tan) TESSERA_MATH(asin) TESSERA_MATH(acos) TESSERA_MATH(atan) TESSERA_MATH(sinh) TESSERA_MATH(cosh)
        TESSERA_MATH(tanh) TESSERA_MATH(asinh) TESSERA_MATH(acosh) TESSERA_MATH(atanh) TESSERA_MATH(rint)
            TESSERA_MATH(floor) TESSERA_MATH(ceil) TESSERA_MATH(trunc) TESSERA_MATH(fabs) TESSERA_MATH2(fmod)
                TESSERA_MATH2(pow) TESSERA_MATH2(atan2) TESSERA_MATH2(hypot) TESSERA_MATH2(copysign)
#undef TESSERA_MATH
#undef TESSERA_MATH2
                    TESSERA_DEVICE float math_fma(float a, float b, float c) {
  return fmaf(a, b, c);
}
TESSERA_DEVICE double math_fma(double a, double b, double c) { return ::fma(a, b, c); }

// ---- words used below ----------------------------------------------------------------------------------------------
/// Integer arithmetic wraps: it is done in an unsigned type at least as wide as unsigned, and cut off.
template <integer T> using carrier = unsigned_of<(sizeof(T) < 4 ? 4 : sizeof(T))>;
template <integer T> TESSERA_DEVICE carrier<T> carry(T x) { return static_cast<carrier<T>>(x); }
template <integer T> TESSERA_DEVICE carrier<T> magnitude(T x) { return x < 0 ? carrier<T>(0) - carry(x) : carry(x); }

template <class T> TESSERA_DEVICE bool is_nan(T x) {
  if constexpr (complex_number<T>) return x.re != x.re || x.im != x.im;
  else if constexpr (half<T>) return widen(x) != widen(x);
  else return x != x;
}
template <class T> TESSERA_DEVICE bool truth(T x) {
  if constexpr (complex_number<T>) return x.re != 0 || x.im != 0;
  else return x != 0;
}
template <floating T> using bits_of = unsigned_of<sizeof(T)>;
template <floating T> TESSERA_DEVICE bool negative_sign(T x) {
  return (bits<bits_of<T>>(x) >> (8 * sizeof(T) - 1)) != 0;
}
template <floating T> inline constexpr int fraction_bits = sizeof(T) == 4 ? 23 : 52;
template <floating T> inline constexpr int bias = sizeof(T) == 4 ? 127 : 1023;
template <floating T> TESSERA_DEVICE T absolute(T x) { return math_fabs(x); }

/// Complex numbers are ordered by their real, then their imaginary parts; a NaN part compares false.
template <complex_number T> TESSERA_DEVICE bool before(T a, T b) {
  return (a.re < b.re && a.im == a.im && b.im == b.im) || (a.re == b.re && a.im < b.im);
}
template <complex_number T> TESSERA_DEVICE bool before_or_equal(T a, T b) {
  return (a.re < b.re && a.im == a.im && b.im == b.im) || (a.re == b.re && a.im <= b.im);
}

namespace bodies {

// ---- arithmetic ----------------------------------------------------------------------------------------------------
struct add {
  TESSERA_DEVICE bool operator()(bool a, bool b) const { return a | b; }
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const { return static_cast<T>(carry(a) + carry(b)); }
  template <floating T> TESSERA_DEVICE T operator()(T a, T b) const { return a + b; }
  template <complex_number T> TESSERA_DEVICE T operator()(T a, T b) const { return {a.re + b.re, a.im + b.im}; }
};

struct subtract {
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const { return static_cast<T>(carry(a) - carry(b)); }
  template <floating T> TESSERA_DEVICE T operator()(T a, T b) const { return a - b; }
  template <complex_number T> TESSERA_DEVICE T operator()(T a, T b) const { return {a.re - b.re, a.im - b.im}; }
};

struct multiply {
  TESSERA_DEVICE bool operator()(bool a, bool b) const { return a & b; }
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const { return static_cast<T>(carry(a) * carry(b)); }
  template <floating T> TESSERA_DEVICE T operator()(T a, T b) const { return a * b; }
  template <complex_number T> TESSERA_DEVICE T operator()(T a, T b) const {
    return {a.re * b.re + -a.im * b.im, a.re * b.im + a.im * b.re};
  }
};

struct divide {
  template <floating T> TESSERA_DEVICE T operator()(T a, T b) const { return a / b; }
  /// Smith's algorithm: scaled by the larger part u of the divisor, so that its square cannot overflow.
  template <complex_number T> TESSERA_DEVICE T operator()(T a, T b) const {
    using part = typename T::part;
    const bool upright = absolute(b.re) >= absolute(b.im);
    const part u = upright ? b.re : b.im, v = upright ? b.im : b.re;
    const part p = upright ? a.re : a.im, q = upright ? a.im : a.re;
    if (b.re == 0 && b.im == 0) return {a.re / absolute(u), a.im / absolute(u)};
    const part ratio = v / u, scale = 1 / (u + v * ratio);
    return {(p + q * ratio) * scale, ((upright ? q : -q) + (upright ? -p : p) * ratio) * scale};
  }
};

/// a / b cut off, b not 0. The lowest integer by -1 wraps.
template <integer T> TESSERA_DEVICE T quotient_of(T a, T b) {
  if constexpr (is_signed<T>) {
    if (b == -1) return static_cast<T>(carrier<T>(0) - carry(a));
  }
  return static_cast<T>(a / b);
}
template <integer T> TESSERA_DEVICE T rest_of(T a, T b, T quotient) {
  return static_cast<T>(carry(a) - carry(quotient) * carry(b));
}

struct fmod {
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const {
    const T divisor = b == 0 ? T(1) : b;  // leaves the rest 0
    return rest_of(a, divisor, quotient_of(a, divisor));
  }
  template <floating T> TESSERA_DEVICE T operator()(T a, T b) const { return math_fmod(a, b); }
};

struct remainder {
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const {
    const T rest = fmod()(a, b);
    return static_cast<T>(carry(rest) + (rest != 0 && (rest < 0) != (b < 0) ? carry(b) : 0));
  }
  template <floating T> TESSERA_DEVICE T operator()(T a, T b) const {
    const T rest = math_fmod(a, b);
    if (b == 0) return rest;
    if (rest == 0) return math_copysign(T(0), b);
    return (b < 0) != (rest < 0) ? rest + b : rest;
  }
};

struct floor_divide {
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const {
    const T divisor = b == 0 ? T(1) : b, down = quotient_of(a, divisor), rest = rest_of(a, divisor, down);
    const T result = static_cast<T>(carry(down) - (rest != 0 && (rest < 0) != (divisor < 0) ? 1u : 0u));
    return b == 0 ? T(0) : result;
  }
  /// Python's: a minus the remainder divides exactly up to rounding, which is undone.
  template <floating T> TESSERA_DEVICE T operator()(T a, T b) const {
    if (b == 0) return a / b;
    const T rest = math_fmod(a, b);
    T quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
    if (quotient == 0) return math_copysign(T(0), a / b);
    const T down = math_floor(quotient);
    return quotient - down > T(0.5) ? down + 1 : down;
  }
};

struct negative {
  template <integer T> TESSERA_DEVICE T operator()(T x) const { return static_cast<T>(carrier<T>(0) - carry(x)); }
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return -x; }
  template <half T> TESSERA_DEVICE T operator()(T x) const { return {static_cast<u16>(x.bits ^ 0x8000)}; }
  template <complex_number T> TESSERA_DEVICE T operator()(T x) const { return {-x.re, -x.im}; }
};

struct positive {
  template <class T> TESSERA_DEVICE T operator()(T x) const { return x; }
};

struct abs {
  TESSERA_DEVICE bool operator()(bool x) const { return x; }
  template <integer T> TESSERA_DEVICE T operator()(T x) const { return static_cast<T>(magnitude(x)); }
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return absolute(x); }
  template <half T> TESSERA_DEVICE T operator()(T x) const { return {static_cast<u16>(x.bits & 0x7fff)}; }
  template <complex_number T> TESSERA_DEVICE typename T::part operator()(T x) const { return math_hypot(x.re, x.im); }
};

struct fabs {
  template <class T> TESSERA_DEVICE T operator()(T x) const { return abs()(x); }
};

struct sign {
  template <integer T> TESSERA_DEVICE T operator()(T x) const { return static_cast<T>((x > 0) - (x < 0)); }
  template <floating T> TESSERA_DEVICE T operator()(T x) const {
    return is_nan(x) ? x : static_cast<T>(x > 0) - static_cast<T>(x < 0);
  }
  template <complex_number T> TESSERA_DEVICE T operator()(T x) const {
    using part = typename T::part;
    const part size = math_hypot(x.re, x.im), most = infinity<part>();
    if (is_nan(size)) return {size, size};
    if (size == 0) return {0, 0};
    if (size < most) return {x.re / size, x.im / size};
    const bool real = absolute(x.re) == most, imaginary = absolute(x.im) == most;
    if (real && imaginary) return {quiet_nan<part>(), quiet_nan<part>()};
    if (real) return {x.re > 0 ? part(1) : part(-1), 0};
    return {0, x.im > 0 ? part(1) : part(-1)};
  }
};

struct reciprocal {
  /// 1 / x through double, cut off: 0 but for 1 and -1, and for 0 what casting infinity gives.
  template <integer T> TESSERA_DEVICE T operator()(T x) const {
    if (x == 0) return to_integer<T>(infinity<double>());
    return x == 1 || magnitude(x) == 1 ? x : T(0);
  }
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return 1 / x; }
  template <complex_number T> TESSERA_DEVICE T operator()(T x) const {
    using part = typename T::part;
    if (absolute(x.im) <= absolute(x.re)) {
      const part ratio = x.im / x.re, divisor = x.re + x.im * ratio;
      return {1 / divisor, -ratio / divisor};
    }
    const part ratio = x.re / x.im, divisor = x.re * ratio + x.im;
    return {ratio / divisor, -1 / divisor};
  }
};

struct square {
  template <class T>
    requires(!half<T>)
  TESSERA_DEVICE T operator()(T x) const {
    return multiply()(x, x);
  }
};

struct heaviside {
  template <floating T> TESSERA_DEVICE T operator()(T x, T at_zero) const {
    return is_nan(x) ? x : x == 0 ? at_zero : static_cast<T>(x > 0);
  }
};

struct gcd {
  template <class Unsigned> static TESSERA_DEVICE Unsigned euclid(Unsigned a, Unsigned b) {
    while (a != 0) {
      const Unsigned rest = b % a;
      b = a;
      a = rest;
    }
    return b;
  }
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const {
    return static_cast<T>(euclid(magnitude(a), magnitude(b)));
  }
};

struct lcm {
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const {
    const auto x = magnitude(a), y = magnitude(b), divisor = gcd::euclid(x, y);
    return divisor == 0 ? T(0) : static_cast<T>(x / divisor * y);
  }
};

// ---- the larger and the smaller ------------------------------------------------------------------------------------
// Of equal numbers (0.0 and -0.0) the second; of float16 the first, as in NumPy.
template <class T> TESSERA_DEVICE T chosen(bool first, T a, T b) { return first ? a : b; }

#define TESSERA_EXTREME(name, compare, nan_of)                            \
  template <class T>                                                      \
    requires(integer<T> || floating<T>)                                   \
  TESSERA_DEVICE T operator()(T a, T b) const {                           \
    return chosen(nan_of != nan_of || a compare b, a, b);                 \
  }                                                                       \
  TESSERA_DEVICE float16 operator()(float16 a, float16 b) const {         \
    return chosen(is_nan(nan_of) || widen(a) compare## = widen(b), a, b); \
  }

struct maximum {
  TESSERA_DEVICE bool operator()(bool a, bool b) const { return a | b; }
  TESSERA_EXTREME(maximum, >, a)
  template <complex_number T> TESSERA_DEVICE T operator()(T a, T b) const {
    return chosen(is_nan(a) || before_or_equal(b, a), a, b);
  }
};

struct minimum {
  TESSERA_DEVICE bool operator()(bool a, bool b) const { return a & b; }
  TESSERA_EXTREME(minimum, <, a)
  template <complex_number T> TESSERA_DEVICE T operator()(T a, T b) const {
    return chosen(is_nan(a) || before_or_equal(a, b), a, b);
  }
};

struct fmax {
  TESSERA_DEVICE bool operator()(bool a, bool b) const { return a | b; }
  TESSERA_EXTREME(fmax, >, b)
  template <complex_number T> TESSERA_DEVICE T operator()(T a, T b) const {
    return chosen(is_nan(b) || before_or_equal(b, a), a, b);
  }
};

struct fmin {
  TESSERA_DEVICE bool operator()(bool a, bool b) const { return a & b; }
  TESSERA_EXTREME(fmin, <, b)
  template <complex_number T> TESSERA_DEVICE T operator()(T a, T b) const {
    return chosen(is_nan(b) || before_or_equal(a, b), a, b);
  }
};
#undef TESSERA_EXTREME

struct clip {
  template <class T>
    requires(integral<T> || same<T, float16>)
  TESSERA_DEVICE T operator()(T x, T low, T high) const {
    return minimum()(maximum()(x, low), high);
  }
  template <floating T> TESSERA_DEVICE T operator()(T x, T low, T high) const {
    const T raised = x > low ? x : low, clipped = raised < high ? raised : high;
    return x != x || low != low ? x + low : clipped;
  }
  /// NumPy orders complex bounds without regard to NaN in the imaginary parts.
  template <complex_number T> TESSERA_DEVICE T operator()(T x, T low, T high) const {
    const T raised = chosen(is_nan(x) || simply_before(low, x), x, low);
    return chosen(is_nan(raised) || simply_before(raised, high), raised, high);
  }
  template <complex_number T> static TESSERA_DEVICE bool simply_before(T a, T b) {
    return a.re == b.re ? a.im < b.im : a.re < b.re;
  }
};

// ---- comparison and logic ------------------------------------------------------------------------------------------
struct equal {
  template <real_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return a == b; }
  template <complex_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return a.re == b.re && a.im == b.im; }
};
struct not_equal {
  template <real_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return a != b; }
  template <complex_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return !equal()(a, b); }
};
struct less {
  template <real_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return a < b; }
  template <complex_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return before(a, b); }
};
struct less_equal {
  template <real_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return a <= b; }
  template <complex_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return before_or_equal(a, b); }
};
struct greater {
  template <real_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return a > b; }
  template <complex_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return before(b, a); }
};
struct greater_equal {
  template <real_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return a >= b; }
  template <complex_number T> TESSERA_DEVICE bool operator()(T a, T b) const { return before_or_equal(b, a); }
};

struct logical_and {
  template <class T>
    requires(!half<T>)
  TESSERA_DEVICE bool operator()(T a, T b) const {
    return truth(a) && truth(b);
  }
};
struct logical_or {
  template <class T>
    requires(!half<T>)
  TESSERA_DEVICE bool operator()(T a, T b) const {
    return truth(a) || truth(b);
  }
};
struct logical_xor {
  template <class T>
    requires(!half<T>)
  TESSERA_DEVICE bool operator()(T a, T b) const {
    return truth(a) != truth(b);
  }
};
struct logical_not {
  template <class T>
    requires(!half<T>)
  TESSERA_DEVICE bool operator()(T x) const {
    return !truth(x);
  }
};

struct where {
  template <class T> TESSERA_DEVICE T operator()(bool condition, T a, T b) const { return condition ? a : b; }
};

// ---- bits ----------------------------------------------------------------------------------------------------------
struct bitwise_and {
  template <integral T> TESSERA_DEVICE T operator()(T a, T b) const { return static_cast<T>(a & b); }
};
struct bitwise_or {
  template <integral T> TESSERA_DEVICE T operator()(T a, T b) const { return static_cast<T>(a | b); }
};
struct bitwise_xor {
  template <integral T> TESSERA_DEVICE T operator()(T a, T b) const { return static_cast<T>(a ^ b); }
};
struct bitwise_invert {
  TESSERA_DEVICE bool operator()(bool x) const { return !x; }
  template <integer T> TESSERA_DEVICE T operator()(T x) const { return static_cast<T>(~x); }
};

/// Shifts by the width or more, and by negative counts, push every bit out.
struct bitwise_left_shift {
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const {
    const bool inside = carry(b) < width<T>;
    return static_cast<T>(inside ? carry(a) << (inside ? b : T(0)) : 0);
  }
};
struct bitwise_right_shift {
  template <integer T> TESSERA_DEVICE T operator()(T a, T b) const {
    const bool inside = carry(b) < width<T>;
    if constexpr (is_signed<T>) return static_cast<T>(a >> (inside ? b : T(width<T> - 1)));
    else return static_cast<T>(inside ? a >> (inside ? b : T(0)) : 0);
  }
};

struct bitwise_count {
  template <integer T> TESSERA_DEVICE u8 operator()(T x) const {
    using narrow = unsigned_of<sizeof(T)>;
    return static_cast<u8>(__popcll(static_cast<narrow>(magnitude(x))));
  }
};

// ---- powers, exponentials, logarithms ------------------------------------------------------------------------------
/// sqrt(z), with the special values of C99's annex G. Scaled where x² + y² would leave the range.
template <complex_number T> TESSERA_DEVICE T complex_sqrt(T z) {
  using part = typename T::part;
  const part most = infinity<part>();
  const part x = z.re, y = z.im, u = absolute(x), v = absolute(y);
  if (v == most) return {most, y};
  if (x == 0 && y == 0) return {0, y};
  if (u == most || is_nan(x) || is_nan(y)) {
    const part nothing = is_nan(x) || is_nan(y) ? quiet_nan<part>() : part(0);
    if (x == most) return {most, is_nan(y) ? y : math_copysign(part(0), y)};
    if (x == -most) return {is_nan(y) ? y : part(0), math_copysign(most, y)};
    return {nothing, nothing};
  }
  const part large = u > v ? u : v;
  constexpr bool single = sizeof(part) == 4;
  const bool huge = large > (single ? part(0x1p120) : part(0x1p1000)),
             tiny = large < (single ? part(0x1p-100) : part(0x1p-900));
  const part scale = huge ? part(0.0625) : tiny ? (single ? part(0x1p40) : part(0x1p200)) : part(1);
  const part back = huge ? part(4) : tiny ? (single ? part(0x1p-20) : part(0x1p-100)) : part(1);
  const part a = u * scale, b = v * scale;
  const part root = math_sqrt((a + math_hypot(a, b)) * part(0.5)), other = b / (root + root);
  const part re = x >= 0 ? root : other, im = x >= 0 ? other : root;
  return {re * back, math_copysign(im * back, y)};
}

template <floating T> TESSERA_DEVICE void sine_cosine(T x, T& sine, T& cosine) {
  if constexpr (same<T, float>) sincosf(x, &sine, &cosine);
  else ::sincos(x, &sine, &cosine);
}

/// e**z, with the special values of C99's annex G: sines and cosines are not taken of what a zero part makes exact.
template <complex_number T> TESSERA_DEVICE T complex_exp(T z) {
  using part = typename T::part;
  const part most = infinity<part>();
  if (z.im == 0) return {math_exp(z.re), z.im};
  const bool angle = absolute(z.im) < most;
  if (!angle && absolute(z.re) == most) {
    if (z.re < 0) return {0, math_copysign(part(0), z.im)};
    return {most, quiet_nan<part>()};
  }
  part sine, cosine;
  sine_cosine(z.im, sine, cosine);
  constexpr bool single = sizeof(part) == 4;
  const part limit = single ? part(88) : part(709), step = single ? part(40) : part(300);
  if (z.re > limit && z.re < most) {  // e**re alone may overflow
    const part size = math_exp(z.re - step), rest = math_exp(step);
    return {size * cosine * rest, size * sine * rest};
  }
  const part size = math_exp(z.re);
  return {size * cosine, size * sine};
}

/// log|z| and the angle. Near the unit circle log1p of what |z|² is above 1, with the squares' rounding errors.
template <complex_number T> TESSERA_DEVICE T complex_log(T z) {
  using part = typename T::part;
  const part u = absolute(z.re), v = absolute(z.im), large = u > v ? u : v, small = u > v ? v : u;
  part size;
  if (large > part(0.5) && large < part(2) && small < part(2)) {
    const part above = large - 1, below = large + 1, square = small * small;
    const part product = above * below, lost = math_fma(above, below, -product),
               lost_square = math_fma(small, small, -square);
    size = math_log1p(product + square + (lost + lost_square)) * part(0.5);
  } else {
    size = math_log(math_hypot(z.re, z.im));
    if (size == infinity<part>() && large < infinity<part>()) {
      size = math_log(math_hypot(z.re * part(0.5), z.im * part(0.5))) + part(0.693147180559945309);
    }
    if (large < part(0x1p-100) && large > 0) {  // |z| may have few bits
      size = math_log(math_hypot(z.re * part(0x1p60), z.im * part(0x1p60))) - 60 * part(0.693147180559945309);
    }
  }
  return {size, math_atan2(z.im, z.re)};
}

struct sqrt {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_sqrt(x); }
  template <complex_number T> TESSERA_DEVICE T operator()(T z) const { return complex_sqrt(z); }
};
struct cbrt {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_cbrt(x); }
};
struct exp {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_exp(x); }
  template <complex_number T> TESSERA_DEVICE T operator()(T z) const { return complex_exp(z); }
};
struct exp2 {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_exp2(x); }
  template <complex_number T> TESSERA_DEVICE T operator()(T z) const {
    constexpr auto ln2 = static_cast<typename T::part>(0.693147180559945309);
    return complex_exp(T{z.re * ln2, z.im * ln2});
  }
};
struct expm1 {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_expm1(x); }
  template <complex_number T> TESSERA_DEVICE T operator()(T z) const {
    const auto half_sine = math_sin(z.im / 2);
    return {math_expm1(z.re) * math_cos(z.im) - 2 * half_sine * half_sine, math_exp(z.re) * math_sin(z.im)};
  }
};
struct log {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_log(x); }
  template <complex_number T> TESSERA_DEVICE T operator()(T z) const { return complex_log(z); }
};
template <complex_number T> TESSERA_DEVICE T scaled_log(T z, double factor) {
  const T natural = complex_log(z);
  return {natural.re * static_cast<typename T::part>(factor), natural.im * static_cast<typename T::part>(factor)};
}
struct log2 {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_log2(x); }
  template <complex_number T> TESSERA_DEVICE T operator()(T z) const { return scaled_log(z, 1.44269504088896341); }
};
struct log10 {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_log10(x); }
  template <complex_number T> TESSERA_DEVICE T operator()(T z) const { return scaled_log(z, 0.434294481903251828); }
};
struct log1p {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_log1p(x); }
  template <complex_number T> TESSERA_DEVICE T operator()(T z) const {
    return {math_log(math_hypot(z.re + 1, z.im)), math_atan2(z.im, z.re + 1)};
  }
};

struct logaddexp {
  template <floating T> TESSERA_DEVICE T operator()(T a, T b) const {
    if (a == b) return a + static_cast<T>(0.693147180559945309);  // infinities of the same sign too
    const T gap = a - b;
    if (is_nan(gap)) return gap;
    return (gap > 0 ? a : b) + math_log1p(math_exp(-absolute(gap)));
  }
};
struct logaddexp2 {
  template <floating T> TESSERA_DEVICE T operator()(T a, T b) const {
    if (a == b) return a + 1;
    const T gap = a - b;
    if (is_nan(gap)) return gap;
    return (gap > 0 ? a : b) + static_cast<T>(1.44269504088896341) * math_log1p(math_exp2(-absolute(gap)));
  }
};

struct pow {
  /// By squaring, wrapping around. A negative power, which the front end refuses, is 1 / x**-n cut off.
  template <integer T> TESSERA_DEVICE T operator()(T x, T n) const {
    if (n < 0) return x == 1 ? T(1) : magnitude(x) == 1 ? (n % 2 != 0 ? x : T(1)) : T(0);
    carrier<T> power = carry(x), result = 1;
    for (auto rest = carry(n);; power *= power) {
      result *= (rest & 1) != 0 ? power : 1;
      if ((rest >>= 1) == 0) break;
    }
    return static_cast<T>(result);
  }
  template <floating T> TESSERA_DEVICE T operator()(T x, T y) const { return math_pow(x, y); }

  /// Small whole exponents by multiplication, as NumPy; others in double, since e**(w log z) loses log2|w log z| bits.
  template <complex_number T> TESSERA_DEVICE T operator()(T z, T w) const {
    using part = typename T::part;
    if (w.re == 0 && w.im == 0) return {1, 0};
    if (z.re == 0 && z.im == 0) return w.re > 0 ? T{0, 0} : T{quiet_nan<part>(), quiet_nan<part>()};
    if (w.im == 0 && absolute(w.re) < 100 && w.re == math_trunc(w.re)) return whole_power(z, static_cast<int>(w.re));
    const complex128 natural = complex_log(complex128{z.re, z.im}), exponent{w.re, w.im};
    const complex128 power = complex_exp(multiply()(exponent, natural));
    return {static_cast<part>(power.re), static_cast<part>(power.im)};
  }

  template <complex_number T> static TESSERA_DEVICE T whole_power(T z, int n) {
    if (n == 1) return z;
    T power = z, result = {1, 0};
    bool first = true;  // not through 1 * z, which is NaN for infinite z
    for (int rest = n < 0 ? -n : n;;) {
      if ((rest & 1) != 0) result = first && n > 0 && n <= 3 ? power : multiply()(result, power);
      if ((rest & 1) != 0) first = false;
      rest >>= 1;
      if (rest == 0) break;
      power = multiply()(power, power);
    }
    if (n == 3) result = multiply()(multiply()(z, z), z);
    return n < 0 ? divide()(T{1, 0}, result) : result;
  }
};

// ---- trigonometric and hyperbolic functions --------------------------------------------------------------------------
// Of complex numbers: sinh and cosh by parts; the inverse ones by T. Hull, T. Fairgrieve, P. Tang, "Implementing the
// complex arcsine and arccosine functions using exception handling", 1997. complex64 is computed in double.

/// (sinh z, or cosh z with `even`), special values as C99's annex G.
template <bool Even> TESSERA_DEVICE complex128 complex_sinh(complex128 z) {
  const double x = z.re, y = z.im, most = infinity<double>();
  if (y == 0)
    return Even ? complex128{::cosh(x), math_copysign(0.0, x) * math_copysign(1.0, y)} : complex128{::sinh(x), y};
  double sine, cosine;
  ::sincos(y, &sine, &cosine);
  if (!(absolute(y) < most)) {  // infinite or NaN
    const double nan = quiet_nan<double>();
    if (x == 0) return Even ? complex128{nan, math_copysign(0.0, x)} : complex128{x, nan};
    if (absolute(x) == most) return Even ? complex128{most, nan} : complex128{x, nan};
    return {nan, nan};
  }
  if (x == 0) return Even ? complex128{cosine, x * sine} : complex128{x * cosine, sine};
  if (absolute(x) > 709 && absolute(x) < most) {  // e**|x| alone may overflow
    const double size = ::exp(absolute(x) - 600) * 0.5, rest = ::exp(600.0), side = math_copysign(1.0, x);
    return Even ? complex128{size * cosine * rest, side * size * sine * rest}
                : complex128{side * size * cosine * rest, size * sine * rest};
  }
  return Even ? complex128{::cosh(x) * cosine, ::sinh(x) * sine} : complex128{::sinh(x) * cosine, ::cosh(x) * sine};
}

/// W. Kahan's, "Branch cuts for complex elementary functions", 1987.
TESSERA_DEVICE complex128 complex_tanh(complex128 z) {
  const double x = z.re, y = z.im, most = infinity<double>();
  if (!(absolute(x) < most)) {
    if (is_nan(x)) return {x, y == 0 ? y : quiet_nan<double>()};
    const bool angle = absolute(y) < most;
    return {math_copysign(1.0, x), math_copysign(0.0, angle ? ::sin(2 * y) : 1.0)};
  }
  if (!(absolute(y) < most)) return {x == 0 ? x : quiet_nan<double>(), quiet_nan<double>()};
  if (absolute(x) > 22) {
    const double small = ::exp(-absolute(x));
    return {math_copysign(1.0, x), 4 * ::sin(y) * ::cos(y) * small * small};
  }
  const double t = ::tan(y), beta = 1 + t * t, s = ::sinh(x), rho = ::sqrt(1 + s * s);
  if (absolute(t) == most) return {rho / s, 1 / t};
  const double denominator = 1 + beta * s * s;
  return {beta * rho * s / denominator, t / denominator};
}

/// The parts that asin and acos share for x, y >= 0: `sine` = asin's real part, `cosine` = acos's, `size` = asin's imaginary.
struct arc {
  double sine, cosine, size;
};
TESSERA_DEVICE arc arc_of(double x, double y) {
  constexpr double crossover = 0.6417, half_pi = 1.57079632679489662;
  if (x > 1e150 || y > 1e150) {  // only sums of logarithms are left
    const double scaled = ::hypot(x * 0x1p-600, y * 0x1p-600);
    return {::atan2(x, y), ::atan2(y, x), ::log(scaled) + 601 * 0.693147180559945309};
  }
  const double up = x + 1, down = x - 1, r = ::hypot(up, y), s = ::hypot(down, y), a = 0.5 * (r + s), b = x / a;
  const double y2 = y * y;
  arc out;
  if (b <= crossover) {
    out.sine = ::asin(b);
    out.cosine = ::acos(b);
  } else {
    const double sum = a + x;
    const double root = x <= 1 ? ::sqrt(0.5 * sum * (y2 / (r + up) + (s - down)))
                               : y * ::sqrt(0.5 * (sum / (r + up) + sum / (s + down)));
    out.sine = root == 0 ? half_pi : ::atan(x / root);
    out.cosine = ::atan(root / x);
  }
  if (y < 1e-100) {  // y² is gone
    out.size = x == 1 ? ::sqrt(y) : x < 1 ? y / ::sqrt((1 - x) * up) : ::log1p(down + ::sqrt(down * up));
  } else if (a <= 1.5) {
    const double above = x < 1 ? 0.5 * (y2 / (r + up) + y2 / (s - down)) : 0.5 * (y2 / (r + up) + (s + down));
    out.size = y == 0 && x < 1 ? 0 : ::log1p(above + ::sqrt(above * (a + 1)));
  } else {
    out.size = ::log(a + ::sqrt(a * a - 1));
  }
  return out;
}

TESSERA_DEVICE complex128 complex_asin(complex128 z) {
  const double x = absolute(z.re), y = absolute(z.im), most = infinity<double>();
  if (is_nan(x) || is_nan(y)) {
    if (z.re == 0) return {z.re, z.im};
    if (x == most || y == most) return {y == most ? z.re : quiet_nan<double>(), math_copysign(most, z.im)};
    return {quiet_nan<double>(), quiet_nan<double>()};
  }
  if (x == most || y == most) return {math_copysign(::atan2(x, y), z.re), math_copysign(most, z.im)};
  if (x == 0 && y == 0) return z;
  const arc a = arc_of(x, y);
  return {math_copysign(a.sine, z.re), math_copysign(a.size, z.im)};
}
TESSERA_DEVICE complex128 complex_acos(complex128 z) {
  const double x = absolute(z.re), y = absolute(z.im), most = infinity<double>(), pi = 3.14159265358979324;
  if (is_nan(x) || is_nan(y)) {
    if (x == most) return {quiet_nan<double>(), -most};
    if (y == most) return {quiet_nan<double>(), -z.im};
    if (z.re == 0) return {pi / 2, quiet_nan<double>()};
    return {quiet_nan<double>(), quiet_nan<double>()};
  }
  if (x == most || y == most) return {::atan2(y, z.re), math_copysign(most, -z.im)};
  const arc a = arc_of(x, y);
  return {negative_sign(z.re) ? pi - a.cosine : a.cosine, math_copysign(a.size, -z.im)};
}
/// Real part log1p(4x / ((1 - x)² + y²)) / 4, imaginary half the angle of (1 - x)(1 + x) - y² + 2yi; x >= 0.
TESSERA_DEVICE complex128 complex_atanh(complex128 z) {
  const double x = absolute(z.re), y = absolute(z.im), most = infinity<double>(), half_pi = 1.57079632679489662;
  if (is_nan(x) || is_nan(y)) {
    if (x == most) return {math_copysign(0.0, z.re), quiet_nan<double>()};
    if (y == most) return {math_copysign(0.0, z.re), math_copysign(half_pi, z.im)};
    return {z.re == 0 ? z.re : quiet_nan<double>(), quiet_nan<double>()};
  }
  if (x > 1e150 || y > 1e150) {
    const double large = x > y ? x : y, u = x / large, v = y / large;
    return {math_copysign(large == most ? 0.0 : u / large / (u * u + v * v), z.re), math_copysign(half_pi, z.im)};
  }
  const double down = 1 - x, near = down * down + y * y;
  const double re = y == 0 && x == 1       ? most
                    : x == 1 && y < 1e-150 ? 0.5 * (0.693147180559945309 - ::log(y))
                                           : 0.25 * ::log1p(4 * x / near);
  const double im = x == 1 && y == 0 ? 0.0 : 0.5 * ::atan2(2 * y, down * (1 + x) - y * y);
  return {math_copysign(re, z.re), math_copysign(im, z.im)};
}

/// f(iz) / i, which turns a function into its hyperbolic or trigonometric sister.
template <complex_number T> TESSERA_DEVICE complex128 wide(T z) { return {z.re, z.im}; }
template <complex_number T> TESSERA_DEVICE T narrowed(complex128 z) {
  return {static_cast<typename T::part>(z.re), static_cast<typename T::part>(z.im)};
}
TESSERA_DEVICE complex128 turned(complex128 z) { return {-z.im, z.re}; }       // iz
TESSERA_DEVICE complex128 turned_back(complex128 z) { return {z.im, -z.re}; }  // z / i

#define TESSERA_TRIGONOMETRIC(name, of_z)                                                   \
  struct name {                                                                             \
    template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_##name(x); } \
    template <complex_number T> TESSERA_DEVICE T operator()(T value) const {                \
      const complex128 z = wide(value);                                                     \
      return narrowed<T>(of_z);                                                             \
    }                                                                                       \
  };
TESSERA_TRIGONOMETRIC(sin, turned_back(complex_sinh<false>(turned(z))))
TESSERA_TRIGONOMETRIC(cos, complex_sinh<true>(turned(z)))
TESSERA_TRIGONOMETRIC(tan, turned_back(complex_tanh(turned(z))))
TESSERA_TRIGONOMETRIC(asin, complex_asin(z))
TESSERA_TRIGONOMETRIC(acos, complex_acos(z))
TESSERA_TRIGONOMETRIC(atan, turned_back(complex_atanh(turned(z))))
TESSERA_TRIGONOMETRIC(sinh, complex_sinh<false>(z))
TESSERA_TRIGONOMETRIC(cosh, complex_sinh<true>(z))
TESSERA_TRIGONOMETRIC(tanh, complex_tanh(z))
TESSERA_TRIGONOMETRIC(asinh, turned_back(complex_asin(turned(z))))
TESSERA_TRIGONOMETRIC(atanh, complex_atanh(z))
struct acosh {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_acosh(x); }
  template <complex_number T> TESSERA_DEVICE T operator()(T value) const {
    const complex128 z = wide(value), a = complex_acos(z);
    if (is_nan(a.re) && is_nan(a.im)) return narrowed<T>(a);
    if (is_nan(a.re)) return narrowed<T>({absolute(a.im), a.re});
    if (is_nan(a.im)) return narrowed<T>({a.im, a.re});
    return narrowed<T>({absolute(a.im), math_copysign(a.re, z.im)});
  }
};
#undef TESSERA_TRIGONOMETRIC

struct atan2 {
  template <floating T> TESSERA_DEVICE T operator()(T y, T x) const { return math_atan2(y, x); }
};
struct hypot {
  template <floating T> TESSERA_DEVICE T operator()(T x, T y) const { return math_hypot(x, y); }
};
struct deg2rad {
  template <floating T> TESSERA_DEVICE T operator()(T x) const {
    return x * (static_cast<T>(3.14159265358979323846) / 180);
  }
};
struct rad2deg {
  template <floating T> TESSERA_DEVICE T operator()(T x) const {
    return x * (180 / static_cast<T>(3.14159265358979323846));
  }
};

// ---- classes of numbers, rounding ----------------------------------------------------------------------------------
struct isnan {
  template <class T>
    requires(!half<T>)
  TESSERA_DEVICE bool operator()(T x) const {
    return is_nan(x);
  }
};
struct isinf {
  template <integral T> TESSERA_DEVICE bool operator()(T) const { return false; }
  template <floating T> TESSERA_DEVICE bool operator()(T x) const { return absolute(x) == infinity<T>(); }
  template <complex_number T> TESSERA_DEVICE bool operator()(T x) const { return (*this)(x.re) || (*this)(x.im); }
};
struct isfinite {
  template <integral T> TESSERA_DEVICE bool operator()(T) const { return true; }
  template <floating T> TESSERA_DEVICE bool operator()(T x) const { return absolute(x) < infinity<T>(); }
  template <complex_number T> TESSERA_DEVICE bool operator()(T x) const { return (*this)(x.re) && (*this)(x.im); }
};
struct signbit {
  template <floating T> TESSERA_DEVICE bool operator()(T x) const { return negative_sign(x); }
};

#define TESSERA_ROUNDING(name)                                                              \
  struct name {                                                                             \
    template <integral T> TESSERA_DEVICE T operator()(T x) const { return x; }              \
    template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_##name(x); } \
    template <complex_number T> TESSERA_DEVICE T operator()(T x) const {                    \
      return {math_##name(x.re), math_##name(x.im)};                                        \
    }                                                                                       \
  };
TESSERA_ROUNDING(rint)
TESSERA_ROUNDING(floor)
TESSERA_ROUNDING(ceil)
TESSERA_ROUNDING(trunc)
#undef TESSERA_ROUNDING

// ---- the parts of a floating-point number ----------------------------------------------------------------------------
struct copysign {
  template <floating T> TESSERA_DEVICE T operator()(T x, T y) const { return math_copysign(x, y); }
  template <half T> TESSERA_DEVICE T operator()(T x, T y) const {
    return {static_cast<u16>((x.bits & 0x7fff) | (y.bits & 0x8000))};
  }
};

template <class T> TESSERA_DEVICE auto all_bits(T x) {
  if constexpr (half<T>) return x.bits;
  else return bits<bits_of<T>>(x);
}
/// The number next to x, by its bits: counting up moves away from zero.
template <class T> TESSERA_DEVICE T neighbour(T x, bool up) {
  using word = unsigned_of<sizeof(T)>;
  constexpr word sign = static_cast<word>(word(1) << (8 * sizeof(T) - 1));
  const word from = all_bits(x);
  const bool away = ((from & sign) != 0) != up;
  const word next = static_cast<word>(away ? from + 1 : from - 1), smallest = static_cast<word>(up ? 1 : sign + 1);
  return bits<T>((from & static_cast<word>(~sign)) == 0 ? smallest : next);
}
template <class T> TESSERA_DEVICE T nan_of() {
  if constexpr (half<T>) return narrow<T>(quiet_nan<float>());
  else return quiet_nan<T>();
}

struct nextafter {
  template <class T> TESSERA_DEVICE T operator()(T x, T y) const {
    const auto from = widen(x), to = widen(y);
    if (from != from || to != to) return nan_of<T>();
    if (from == to) return same<T, float16> ? x : y;  // zeros of different sign: NumPy's float16 keeps the first
    return neighbour(x, from < to);
  }
};

/// To the next number away from zero, with the sign of x; of float16, as in NumPy, always to the next one upwards.
struct spacing {
  template <class T> TESSERA_DEVICE T operator()(T x) const {
    const auto value = widen(x);
    const bool up = same<T, float16> || value >= 0;
    const auto distance = widen(neighbour(x, up)) - value;
    if (!isfinite()(value)) return nan_of<T>();
    if constexpr (half<T>) return narrow<T>(distance);
    else return distance;
  }
};

/// Three factors of 2**n within the normal numbers; for negative powers the largest last, so that one product rounds.
struct ldexp {
  template <floating T> TESSERA_DEVICE T operator()(T x, i64 exponent) const {
    constexpr i64 limit = 3 * (bias<T> - 1);
    const int n = static_cast<int>(exponent > limit ? limit : exponent < -limit ? -limit : exponent);
    const int last = within(n, bias<T>), second = within(n - last, bias<T>), first = n - last - second;
    return x * power_of_two<T>(first) * power_of_two<T>(second) * power_of_two<T>(last);
  }
  static TESSERA_DEVICE int within(int n, int limit) { return n > limit ? limit : n < 1 - limit ? 1 - limit : n; }
  template <class T> static TESSERA_DEVICE T power_of_two(int n) {
    return bits<T>(static_cast<bits_of<T>>(n + bias<T>) << fraction_bits<T>);
  }
};

/// x without its exponent, which makes it 0.5 to 1; subnormal numbers are scaled to normal ones first.
template <floating T> struct taken_apart {
  T mantissa;
  i32 exponent;
  TESSERA_DEVICE explicit taken_apart(T x) {
    constexpr bits_of<T> exponents = static_cast<bits_of<T>>(2 * bias<T> + 1) << fraction_bits<T>;
    constexpr T scale = static_cast<T>(bits_of<T>(1) << (fraction_bits<T> + 1));
    const T size = absolute(x);
    const bool subnormal = size < bits<T>(bits_of<T>(1) << fraction_bits<T>);
    const bits_of<T> all = bits<bits_of<T>>(subnormal ? x * scale : x);
    const bool as_is = x == 0 || !(size < infinity<T>());
    const bits_of<T> half = (all & ~exponents) | static_cast<bits_of<T>>(bias<T> - 1) << fraction_bits<T>;
    mantissa = as_is ? x : bits<T>(half);
    const i32 biased = static_cast<i32>((all & exponents) >> fraction_bits<T>);
    exponent = as_is ? 0 : biased - (bias<T> - 1) - (subnormal ? fraction_bits<T> + 1 : 0);
  }
};
struct frexp_mantissa {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return taken_apart<T>(x).mantissa; }
};
struct frexp_exponent {
  template <floating T> TESSERA_DEVICE i32 operator()(T x) const { return taken_apart<T>(x).exponent; }
};
struct modf_integral {
  template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_trunc(x); }
};
struct modf_fractional {
  template <floating T> TESSERA_DEVICE T operator()(T x) const {
    return math_copysign(absolute(x) == infinity<T>() ? T(0) : x - math_trunc(x), x);
  }
};

// ---- the parts of a complex number -----------------------------------------------------------------------------------
struct conj {
  template <class T> TESSERA_DEVICE T operator()(T x) const { return x; }
  template <complex_number T> TESSERA_DEVICE T operator()(T x) const { return {x.re, -x.im}; }
};
struct real {
  template <class T> TESSERA_DEVICE T operator()(T x) const { return x; }
  template <complex_number T> TESSERA_DEVICE typename T::part operator()(T x) const { return x.re; }
};
struct imag {
  template <class T> TESSERA_DEVICE T operator()(T) const { return T{}; }
  template <complex_number T> TESSERA_DEVICE typename T::part operator()(T x) const { return x.im; }
};
struct angle {
  template <floating T> TESSERA_DEVICE T operator()(T x) const {
    return is_nan(x) ? x : negative_sign(x) ? static_cast<T>(3.14159265358979323846) : T(0);
  }
  template <complex_number T> TESSERA_DEVICE typename T::part operator()(T x) const { return math_atan2(x.im, x.re); }
};

}  // namespace bodies

/// cast has a body for every pair of types.
template <class To> struct cast_to {
  template <class From> TESSERA_DEVICE To operator()(From x) const { return convert<To>(x); }
};

/// One instruction, its result of type R.
template <class Body, class R, class... A> TESSERA_DEVICE R run(A... a) {
  if constexpr (requires { Body()(a...); }) return Body()(a...);
  else if constexpr (half<R>) return narrow<R>(Body()(widen(a)...));
  else return Body()(widen(a)...);
}

}  // namespace tessera
