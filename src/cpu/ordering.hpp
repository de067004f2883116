// The order that sorting and searching go by: ascending, NaN last; -0.0 and 0.0 are equal.
#pragma once
#include "cpu/kernels/element.hpp"

namespace tessera::detail::cpu {

template <class T> constexpr bool is_nan(T x) noexcept { return x != x; }

/// A 16-bit float as an integer of the same order; NaN above infinity, both zeros 0.
template <half T> constexpr int order_key(T x) noexcept {
  constexpr int infinity = std::same_as<T, float16_t> ? 0x7c00 : 0x7f80;
  const int magnitude = x.bits & 0x7fff;
  if (magnitude > infinity) return infinity + 1;
  return (x.bits & 0x8000) != 0 ? -magnitude : magnitude;
}

/// Whether a comes before b. Complex numbers go by real, then imaginary part; those with a NaN come after the others:
/// first where the imaginary part is NaN, then where the real part is, then where both are (as NumPy).
template <class T> constexpr bool before(T a, T b) noexcept {
  if constexpr (complex_number<T>) {
    const int a_class = 2 * is_nan(a.re) + is_nan(a.im), b_class = 2 * is_nan(b.re) + is_nan(b.im);
    if (a_class != b_class) return a_class < b_class;
    if (a_class == 1) return a.re < b.re;
    if (a_class == 2) return a.im < b.im;
    return a.re < b.re || (a.re == b.re && a.im < b.im);
  } else if constexpr (half<T>) {
    return order_key(a) < order_key(b);
  } else if constexpr (std::floating_point<T>) {
    return a < b || (is_nan(b) && !is_nan(a));
  } else {
    return a < b;
  }
}

}  // namespace tessera::detail::cpu
