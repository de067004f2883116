// One number of any element type, by value: what item() reads, what C++ scalars and literals become.
#pragma once
#include <limits>
#include <utility>

#include "dtype.hpp"
#include "error.hpp"

namespace tessera::detail {

/// A number with its C++ origin: an int is int64 as in NumPy, every other C++ type maps to itself. Integers and times keep all 64 bits; `wide` says that `integer` holds the bits of a uint64.
struct scalar_value {
  tessera::dtype type;
  bool wide = false;
  std::int64_t integer = 0;
  double real = 0, imag = 0;

  constexpr scalar_value() = default;
  template <scalar T> constexpr scalar_value(T v) : type(std::same_as<T, int> ? int64 : dtype_of<T>()) {
    if constexpr (complex_like<T>) {
      real = static_cast<double>(v.real());
      imag = static_cast<double>(v.imag());
    } else if constexpr (std::is_floating_point_v<T>) {
      real = static_cast<double>(v);
    } else {
      integer = static_cast<std::int64_t>(v);
      if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8)
        wide = v > static_cast<T>(std::numeric_limits<std::int64_t>::max());
    }
  }

  /// bool, integers and times.
  bool is_integral() const noexcept {
    return type.code() <= dtype_code::uint64 || type.code() >= dtype_code::datetime64;
  }
};

[[noreturn]] TESSERA_API void throw_not_representable(const scalar_value& value, const std::string& target,
                                                      caller where);

/// The number as a C++ T: integers must fit (overflow_error), NaN and infinity are no integers (value_error), fractions
/// are cut off as int(x) does, a complex number with an imaginary part is no real one (dtype_error).
template <scalar T> T scalar_cast(const scalar_value& v, caller where) {
  const bool integral = v.is_integral();
  const double real = !integral ? v.real
                      : v.wide  ? static_cast<double>(static_cast<std::uint64_t>(v.integer))
                                : static_cast<double>(v.integer);
  if constexpr (complex_like<T>) {
    using part = typename T::value_type;
    return T(static_cast<part>(real), static_cast<part>(v.imag));
  } else if constexpr (std::same_as<T, bool>) {
    return integral ? v.integer != 0 : (v.real != 0 || v.imag != 0);
  } else {
    if (v.imag != 0) throw_not_representable(v, "a real number", where);
    if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(real);
    } else {
      if (integral) {
        const bool fits =
            v.wide ? std::in_range<T>(static_cast<std::uint64_t>(v.integer)) : std::in_range<T>(v.integer);
        if (!fits) throw_not_representable(v, dtype_of<T>().name(), where);
        return static_cast<T>(v.integer);
      }
      // 2^digits is exact in double for every integer type, unlike max().
      constexpr double limit = 2.0 * static_cast<double>(std::uint64_t{1} << (std::numeric_limits<T>::digits - 1));
      const bool fits = std::is_signed_v<T> ? (real >= -limit && real < limit) || (real < 0 && real > -limit - 1)
                                            : (real > -1.0 && real < limit);
      if (!fits) throw_not_representable(v, dtype_of<T>().name(), where);
      return static_cast<T>(real);
    }
  }
}

}  // namespace tessera::detail
