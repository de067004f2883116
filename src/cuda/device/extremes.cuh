// The larger and the smaller of two.
namespace tessera {
namespace bodies {

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

}  // namespace bodies
}  // namespace tessera
