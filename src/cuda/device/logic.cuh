// Comparison, logic, choice, bits.
namespace tessera {
namespace bodies {

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

}  // namespace bodies
}  // namespace tessera
