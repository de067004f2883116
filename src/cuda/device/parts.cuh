// Classes of numbers, rounding, the parts of floating-point and complex numbers.
namespace tessera {

TESSERA_MATH(rint)
TESSERA_MATH(ceil)

namespace bodies {

struct heaviside {
  template <floating T> TESSERA_DEVICE T operator()(T x, T at_zero) const {
    return is_nan(x) ? x : x == 0 ? at_zero : static_cast<T>(x > 0);
  }
};

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
}  // namespace tessera
