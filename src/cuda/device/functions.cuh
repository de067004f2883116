// Powers, exponentials, logarithms, trigonometric and hyperbolic functions: CUDA's of real numbers; those of complex ones are in
// complex_exponential.cuh and complex_trigonometric.cuh, which are there where they are called.
namespace tessera {

TESSERA_MATH(cbrt)
TESSERA_MATH(exp)
TESSERA_MATH(exp2)
TESSERA_MATH(expm1)
TESSERA_MATH(log)
TESSERA_MATH(log2)
TESSERA_MATH(log10)
TESSERA_MATH(log1p)
TESSERA_MATH(sin)
TESSERA_MATH(cos)
TESSERA_MATH(tan)
TESSERA_MATH(asin)
TESSERA_MATH(acos)
TESSERA_MATH(atan)
TESSERA_MATH(sinh)
TESSERA_MATH(cosh)
TESSERA_MATH(tanh)
TESSERA_MATH(asinh)
TESSERA_MATH(acosh)
TESSERA_MATH(atanh)
TESSERA_MATH2(pow)

namespace bodies {

#define TESSERA_FUNCTION(name)                                                                       \
  struct name {                                                                                      \
    template <floating T> TESSERA_DEVICE T operator()(T x) const { return math_##name(x); }          \
    template <complex_number T> TESSERA_DEVICE T operator()(T z) const { return complex_##name(z); } \
  };
TESSERA_FUNCTION(sqrt)
TESSERA_FUNCTION(cbrt)
TESSERA_FUNCTION(exp)
TESSERA_FUNCTION(exp2)
TESSERA_FUNCTION(expm1)
TESSERA_FUNCTION(log)
TESSERA_FUNCTION(log2)
TESSERA_FUNCTION(log10)
TESSERA_FUNCTION(log1p)
TESSERA_FUNCTION(sin)
TESSERA_FUNCTION(cos)
TESSERA_FUNCTION(tan)
TESSERA_FUNCTION(asin)
TESSERA_FUNCTION(acos)
TESSERA_FUNCTION(atan)
TESSERA_FUNCTION(sinh)
TESSERA_FUNCTION(cosh)
TESSERA_FUNCTION(tanh)
TESSERA_FUNCTION(asinh)
TESSERA_FUNCTION(acosh)
TESSERA_FUNCTION(atanh)
#undef TESSERA_FUNCTION

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
  template <complex_number T> TESSERA_DEVICE T operator()(T z, T w) const { return complex_pow(z, w); }
};

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

}  // namespace bodies
}  // namespace tessera
