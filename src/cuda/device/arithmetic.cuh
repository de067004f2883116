// Sums, products, quotients, sizes, signs.
namespace tessera {
namespace bodies {

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

}  // namespace bodies
}  // namespace tessera
