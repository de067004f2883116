// What bodies of operations share, run(), which calls one, and running, which calls one again and again. Each row of op_table has a body, a function object for one
// element with the same name and the same semantics (NumPy's) as the CPU's src/cpu/kernels/{arithmetic,math,parts}-inl.hpp,
// which the tests hold them to:
//
//   arithmetic, division, extremes, logic, parts    + * |x|, floor_divide and gcd, maximum and clip, == and bits, floor and frexp
//   functions                                       exp, sin, pow … of real numbers
//   complex_exponential, complex_trigonometric      the same of complex ones
//
// A kernel's text gets the files whose bodies it runs (src/cuda/source.cpp): reading all takes NVRTC 14 ms.
//
// A body has an overload for each kind of loop in its row; run() calls one without an overload for 16-bit floats with float
// and rounds the result. Nothing here is contracted (--fmad=false): + - * / sqrt, comparisons, casts, integers and logic give
// the CPU's bits. Transcendental functions are CUDA's, within the bounds of its guide.
namespace tessera {

/// Math functions by type; CUDA's own names differ by a suffix.
#define TESSERA_MATH(name)                                         \
  TESSERA_DEVICE float math_##name(float x) { return name##f(x); } \
  TESSERA_DEVICE double math_##name(double x) { return ::name(x); }
#define TESSERA_MATH2(name)                                                    \
  TESSERA_DEVICE float math_##name(float x, float y) { return name##f(x, y); } \
  TESSERA_DEVICE double math_##name(double x, double y) { return ::name(x, y); }
TESSERA_MATH(fabs)
TESSERA_MATH(floor)
TESSERA_MATH(sqrt)
TESSERA_MATH(trunc)
TESSERA_MATH2(atan2)
TESSERA_MATH2(copysign)
TESSERA_MATH2(hypot)

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

/// What a body makes of values one after the other, of which there may have been none.
template <class Body, class T> struct running {
  T value{};
  bool begun = false;
  TESSERA_DEVICE void append(T x) {
    value = before(x);
    begun = true;
  }
  TESSERA_DEVICE T before(T x) const { return begun ? run<Body, T>(value, x) : x; }
};

}  // namespace tessera
