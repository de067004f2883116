// Bodies that look at or take apart a number: classes, rounding, neighbours, mantissa and exponent, real and imaginary part.
// Included after math-inl.hpp.
#if defined(TESSERA_PARTS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_PARTS_INL_HPP
#undef TESSERA_PARTS_INL_HPP
#else
#define TESSERA_PARTS_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
namespace bodies {

// ---- classes of numbers

struct isnan {
  template <class T>
    requires(!half<T>)
  bool operator()(T x) const {
    return nan(x);
  }
};

struct isinf {
  template <real_number T> bool operator()(T x) const {
    if constexpr (std::integral<T>) {
      return false;
    } else {
      return std::abs(x) == infinity<T>;
    }
  }
  template <complex_number T> bool operator()(T x) const { return (*this)(x.re) || (*this)(x.im); }
};

struct isfinite {
  template <real_number T> bool operator()(T x) const {
    if constexpr (std::integral<T>) {
      return true;
    } else {
      return std::abs(x) < infinity<T>;
    }
  }
  template <complex_number T> bool operator()(T x) const { return (*this)(x.re) && (*this)(x.im); }
};

struct signbit {
  template <std::floating_point T> bool operator()(T x) const { return negative_sign(x); }
};

// ---- rounding

#define TESSERA_ROUNDING(name)                                                                         \
  struct name {                                                                                        \
    template <std::integral T> T operator()(T x) const { return x; }                                   \
    template <std::floating_point T> T operator()(T x) const { return std::name(x); }                  \
    template <complex_number T> T operator()(T x) const { return {std::name(x.re), std::name(x.im)}; } \
  };
TESSERA_ROUNDING(rint)  // half to even: nothing changes the rounding mode
TESSERA_ROUNDING(floor)
TESSERA_ROUNDING(ceil)
TESSERA_ROUNDING(trunc)
#undef TESSERA_ROUNDING

// ---- the parts of a floating-point number

struct copysign {
  template <std::floating_point T> T operator()(T x, T y) const { return std::copysign(x, y); }
  template <half T> T operator()(T x, T y) const { return T::from_bits((x.bits & 0x7fff) | (y.bits & 0x8000)); }
};

/// The number next to x, by its bits: counting up moves away from zero.
template <class T> T neighbour(T x, bool up) {
  using bits = std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                  std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
  constexpr bits sign = static_cast<bits>(bits(1) << (8 * sizeof(T) - 1));
  const bits from = std::bit_cast<bits>(x);
  const bool away = ((from & sign) != 0) != up;
  const bits next = static_cast<bits>(away ? from + 1 : from - 1), smallest = static_cast<bits>(up ? 1 : sign + 1);
  return std::bit_cast<T>((from & static_cast<bits>(~sign)) == 0 ? smallest : next);
}

struct nextafter {
  template <class T> T operator()(T x, T y) const {
    const auto from = widen(x), to = widen(y);
    const T next = neighbour(x, from < to);
    const T equal = std::same_as<T, float16_t> ? x : y;  // zeros of different sign: NumPy's float16 keeps the first
    const T result = from == to ? equal : next;
    return ((from != from) | (to != to)) ? T(quiet_nan<decltype(widen(x))>) : result;
  }
};

/// To the next number away from zero, with the sign of x; of float16, as in NumPy, always to the next one upwards.
struct spacing {
  template <class T> T operator()(T x) const {
    const auto value = widen(x);
    const bool up = std::same_as<T, float16_t> || value >= 0;
    const auto distance = widen(neighbour(x, up)) - value;
    return T(isfinite{}(value) ? distance : quiet_nan<decltype(widen(x))>);
  }
};

template <std::floating_point T> inline constexpr int fraction_bits = std::numeric_limits<T>::digits - 1;
template <std::floating_point T> inline constexpr int bias = std::numeric_limits<T>::max_exponent - 1;

/// Three factors of 2**n within the normal numbers. Their order matters for negative powers: with the largest factor last
/// only one product rounds, for what is subnormal before it becomes 0 anyway.
struct ldexp {
  template <std::floating_point T> T operator()(T x, std::int64_t exponent) const {
    constexpr std::int64_t limit = 3 * (bias<T> - 1);  // from the largest number below the smallest subnormal one
    const auto n = static_cast<int>(exponent > limit ? limit : exponent < -limit ? -limit : exponent);
    const int last = within(n, bias<T>), second = within(n - last, bias<T>), first = n - last - second;
    return x * power_of_two<T>(first) * power_of_two<T>(second) * power_of_two<T>(last);
  }

 private:
  static constexpr int within(int n, int limit) { return n > limit ? limit : n < 1 - limit ? 1 - limit : n; }
  template <class T> static constexpr T power_of_two(int n) {
    return std::bit_cast<T>(static_cast<bits_of<T>>(n + bias<T>) << fraction_bits<T>);
  }
};

/// x without its exponent, which makes it 0.5 to 1; subnormal numbers are scaled to normal ones first.
template <std::floating_point T> struct taken_apart {
  T mantissa;
  std::int32_t exponent;

  explicit taken_apart(T x) {
    constexpr bits_of<T> exponents = static_cast<bits_of<T>>(2 * bias<T> + 1) << fraction_bits<T>;
    constexpr T scale = static_cast<T>(bits_of<T>(1) << (fraction_bits<T> + 1));
    const T size = std::abs(x);
    const bool subnormal = size < std::numeric_limits<T>::min();
    const auto bits = std::bit_cast<bits_of<T>>(subnormal ? x * scale : x);
    const bool as_is = (x == 0) | !(size < infinity<T>);  // C leaves their exponent open; 0 as NumPy
    const auto half = (bits & ~exponents) | static_cast<bits_of<T>>(bias<T> - 1) << fraction_bits<T>;
    mantissa = as_is ? x : std::bit_cast<T>(half);
    const auto biased = static_cast<std::int32_t>((bits & exponents) >> fraction_bits<T>);
    exponent = as_is ? 0 : biased - (bias<T> - 1) - (subnormal ? fraction_bits<T> + 1 : 0);
  }
};

struct frexp_mantissa {
  template <std::floating_point T> T operator()(T x) const { return taken_apart(x).mantissa; }
};

struct frexp_exponent {
  template <std::floating_point T> std::int32_t operator()(T x) const { return taken_apart(x).exponent; }
};

struct modf_integral {
  template <std::floating_point T> T operator()(T x) const { return std::trunc(x); }
};

struct modf_fractional {
  template <std::floating_point T> T operator()(T x) const {
    return std::copysign(std::abs(x) == infinity<T> ? T(0) : x - std::trunc(x), x);
  }
};

// ---- the parts of a complex number

struct conj {
  template <class T> T operator()(T x) const { return x; }
  template <complex_number T> T operator()(T x) const { return {x.re, -x.im}; }
};

struct real {
  template <class T> T operator()(T x) const { return x; }
  template <complex_number T> typename T::part operator()(T x) const { return x.re; }
};

struct imag {
  template <class T> T operator()(T) const { return T{}; }
  template <complex_number T> typename T::part operator()(T x) const { return x.im; }
};

struct angle {
  template <std::floating_point T> T operator()(T x) const {
    return nan(x) ? x : negative_sign(x) ? std::numbers::pi_v<T> : T(0);
  }
  template <complex_number T> typename T::part operator()(T x) const { return atan2{}(x.im, x.re); }
};

struct cast;  // kernels from any dtype to any other: cast_*.cpp

}  // namespace bodies
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#endif
