// Division of integers and with a remainder, of every kind; common divisors.
namespace tessera {

TESSERA_MATH2(fmod)

namespace bodies {

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

}  // namespace bodies
}  // namespace tessera
