// Bodies of powers, exponentials, logarithms and trigonometry, real and complex. Included after arithmetic-inl.hpp.
//
// Most are the C library's. Those of real numbers serve where there are no vector functions (vector_functions.hpp).
#if defined(TESSERA_MATH_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_MATH_INL_HPP
#undef TESSERA_MATH_INL_HPP
#else
#define TESSERA_MATH_INL_HPP
#endif

#include <complex>
#include <numbers>

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
namespace bodies {

template <complex_number T> std::complex<typename T::part> standard(T z) { return {z.re, z.im}; }
template <class Part> complex_value<Part> own(std::complex<Part> z) { return {z.real(), z.imag()}; }

// `in` is the type a real function is computed in. Through double, float results are correctly rounded in all but one of
// 2**28 cases; where the C library's float function is within 0.9 ulp and faster, T is kept. (glibc 2.36: log10f 1.7 ulp,
// tanhf 2.0, both no faster than log10 and tanh.)
#define TESSERA_REAL(name, in) \
  template <std::floating_point T> T operator()(T x) const { return static_cast<T>(std::name(static_cast<in>(x))); }
#define TESSERA_REAL_AND_COMPLEX(name, in)                                                      \
  struct name {                                                                                 \
    TESSERA_REAL(name, in)                                                                      \
    template <complex_number T> T operator()(T z) const { return own(std::name(standard(z))); } \
  };

TESSERA_REAL_AND_COMPLEX(sqrt, T)

struct cbrt {
  float operator()(float x) const { return static_cast<float>(std::cbrt(static_cast<double>(x))); }
  /// glibc's is off by up to 3.3 ulp; one Newton step with an exact residual makes that 0.7.
  double operator()(double x) const {
    const double y = std::cbrt(x);
    if (!(std::abs(x) > 1e-290 && std::abs(x) < infinity<double>)) return y;  // the residual would be subnormal, or NaN
    const double squared = y * y, lost = std::fma(y, y, -squared);
    return y - (std::fma(squared, y, -x) + lost * y) / (3 * squared);
  }
};

// ---- exponentials and logarithms

TESSERA_REAL_AND_COMPLEX(exp, T)
TESSERA_REAL_AND_COMPLEX(log, T)

struct exp2 {
  TESSERA_REAL(exp2, T)
  template <complex_number T> T operator()(T z) const {
    constexpr auto ln2 = std::numbers::ln2_v<typename T::part>;
    return exp{}(T{z.re * ln2, z.im * ln2});
  }
};

struct expm1 {
  TESSERA_REAL(expm1, double)
  /// e**re * cos(im) - 1 without cancellation near 0: expm1(re) * cos(im) - 2 sin(im / 2)**2.
  template <complex_number T> T operator()(T z) const {
    const auto half_sine = std::sin(z.im / 2);
    return {std::expm1(z.re) * std::cos(z.im) - 2 * half_sine * half_sine, std::exp(z.re) * std::sin(z.im)};
  }
};

template <complex_number T> T scaled_log(T z, typename T::part factor) {
  const T natural = log{}(z);
  return {natural.re * factor, natural.im * factor};
}

struct log2 {
  TESSERA_REAL(log2, T)
  template <complex_number T> T operator()(T z) const { return scaled_log(z, std::numbers::log2e_v<typename T::part>); }
};

struct log10 {
  TESSERA_REAL(log10, double)
  template <complex_number T> T operator()(T z) const {
    return scaled_log(z, std::numbers::log10e_v<typename T::part>);
  }
};

struct log1p {
  TESSERA_REAL(log1p, double)
  template <complex_number T> T operator()(T z) const {
    return {std::log(length(z.re + 1, z.im)), std::atan2(z.im, z.re + 1)};
  }
};

struct logaddexp {
  template <std::floating_point T> T operator()(T a, T b) const {
    if (a == b) return a + std::numbers::ln2_v<T>;  // infinities of the same sign too
    const T gap = a - b;
    if (nan(gap)) return gap;
    return gap > 0 ? a + std::log1p(std::exp(-gap)) : b + std::log1p(std::exp(gap));
  }
};

struct logaddexp2 {
  template <std::floating_point T> T operator()(T a, T b) const {
    if (a == b) return a + 1;
    const T gap = a - b;
    if (nan(gap)) return gap;
    constexpr T scale = std::numbers::log2e_v<T>;
    return gap > 0 ? a + scale * std::log1p(std::exp2(-gap)) : b + scale * std::log1p(std::exp2(gap));
  }
};

// ---- powers

struct pow {
  /// By squaring, wrapping around. A negative power, which the front end refuses, is 1 / x**-n cut off.
  template <integer T> T operator()(T x, T n) const {
    if (n < 0) return x == 1 ? T(1) : magnitude(x) == 1 ? (n % 2 != 0 ? x : T(1)) : T(0);
    carrier<T> power = carry(x), result = 1;
    for (auto rest = carry(n);; power *= power) {
      result *= (rest & 1) != 0 ? power : 1;
      if ((rest >>= 1) == 0) break;
    }
    return static_cast<T>(result);
  }

  template <std::floating_point T> T operator()(T x, T y) const { return std::pow(x, y); }

  /// Small whole exponents by multiplication, as NumPy; others in double, since e**(w log z) loses log2|w log z| bits.
  template <complex_number T> T operator()(T z, T w) const {
    using part = typename T::part;
    if (w.re == 0 && w.im == 0) return {1, 0};
    if (z.re == 0 && z.im == 0) {
      return w.re > 0 ? T{0, 0} : T{quiet_nan<part>, quiet_nan<part>};
    }
    if (w.im == 0 && std::abs(w.re) < 100 && w.re == std::trunc(w.re)) return whole_power(z, static_cast<int>(w.re));
    const std::complex<double> wide(z.re, z.im), exponent(w.re, w.im);
    const std::complex<double> power = std::pow(wide, exponent);
    return {static_cast<part>(power.real()), static_cast<part>(power.imag())};
  }

 private:
  template <complex_number T> static T whole_power(T z, int n) {
    if (n == 1) return z;
    if (n == 2) return multiply{}(z, z);
    if (n == 3) return multiply{}(multiply{}(z, z), z);  // not through 1 * z, which is NaN for infinite z
    T power = z, result = {1, 0};
    for (int rest = n < 0 ? -n : n;;) {
      if ((rest & 1) != 0) result = multiply{}(result, power);
      rest >>= 1;
      if (rest == 0) break;
      power = multiply{}(power, power);
    }
    return n < 0 ? divide{}(T{1, 0}, result) : result;
  }
};

// ---- trigonometric and hyperbolic functions

TESSERA_REAL_AND_COMPLEX(sin, T)
TESSERA_REAL_AND_COMPLEX(cos, T)
TESSERA_REAL_AND_COMPLEX(tan, double)
TESSERA_REAL_AND_COMPLEX(asin, T)
TESSERA_REAL_AND_COMPLEX(acos, T)
TESSERA_REAL_AND_COMPLEX(atan, T)
TESSERA_REAL_AND_COMPLEX(sinh, double)
TESSERA_REAL_AND_COMPLEX(cosh, double)
TESSERA_REAL_AND_COMPLEX(tanh, double)
TESSERA_REAL_AND_COMPLEX(asinh, double)
TESSERA_REAL_AND_COMPLEX(acosh, double)
TESSERA_REAL_AND_COMPLEX(atanh, double)
#undef TESSERA_REAL
#undef TESSERA_REAL_AND_COMPLEX

struct atan2 {
  template <std::floating_point T> T operator()(T y, T x) const {
    return static_cast<T>(std::atan2(static_cast<double>(y), static_cast<double>(x)));
  }
};

struct hypot {
  template <std::floating_point T> T operator()(T x, T y) const { return length(x, y); }
};

struct deg2rad {
  template <std::floating_point T> T operator()(T x) const { return x * (std::numbers::pi_v<T> / 180); }
};

struct rad2deg {
  template <std::floating_point T> T operator()(T x) const { return x * (180 / std::numbers::pi_v<T>); }
};

}  // namespace bodies
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
