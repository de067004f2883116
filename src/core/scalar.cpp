// Elements as numbers: read, cast and write one; what cannot be converted.
#include "tessera/scalar.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

#include "core/element.hpp"

namespace tessera::detail {
namespace {

template <class T> inline constexpr bool is_complex = false;
template <class T> inline constexpr bool is_complex<std::complex<T>> = true;

template <class T> inline constexpr bool is_half = std::is_same_v<T, float16_t> || std::is_same_v<T, bfloat16_t>;

double real_of(const scalar_value& v) {
  if (!v.is_integral()) return v.real;
  return v.wide ? static_cast<double>(static_cast<std::uint64_t>(v.integer)) : static_cast<double>(v.integer);
}

/// As real_of, but prepared for rounding to less than a double: integers are rounded once.
double real_for_rounding(const scalar_value& v) {
  if (!v.is_integral()) return v.real;
  return v.wide ? odd_double(static_cast<std::uint64_t>(v.integer)) : odd_double(v.integer);
}

/// Cut off to 64 bits. Out of range C++ leaves it undefined; x86 answers with the smallest integer.
std::uint64_t integer_of(const scalar_value& v) {
  if (v.is_integral()) return static_cast<std::uint64_t>(v.integer);
  if (v.real >= -0x1p63 && v.real < 0x1p63) return static_cast<std::uint64_t>(static_cast<std::int64_t>(v.real));
  if (v.real >= 0x1p63 && v.real < 0x1p64) return static_cast<std::uint64_t>(v.real);
  return std::uint64_t{1} << 63;
}

std::string to_text(double x) {
  if (std::isnan(x)) return "nan";
  char buffer[40];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr};
}

}  // namespace

scalar_value read_element(const std::byte* from, dtype type) noexcept {
  scalar_value result;
  result.type = type;
  with_type(type, [&](auto tag) {
    using T = typename decltype(tag)::type;
    if constexpr (std::is_same_v<T, bool>) {
      result.integer = *from != std::byte{0};  // bytes other than 0 and 1 come from views of other dtypes
    } else {
      T x;
      std::memcpy(&x, from, sizeof x);
      if constexpr (is_complex<T>) {
        result.real = x.real();
        result.imag = x.imag();
      } else if constexpr (std::is_integral_v<T>) {
        result.integer = static_cast<std::int64_t>(x);
        if constexpr (std::is_same_v<T, std::uint64_t>) result.wide = x >> 63 != 0;
      } else {
        result.real = static_cast<double>(x);
      }
    }
  });
  return result;
}

void write_element(std::byte* to, dtype type, const scalar_value& value) noexcept {
  with_type(type, [&](auto tag) {
    using T = typename decltype(tag)::type;
    T x;
    if constexpr (std::is_same_v<T, bool>) {
      x = value.is_integral() ? value.integer != 0 : value.real != 0 || value.imag != 0;
    } else if constexpr (std::is_integral_v<T>) {
      x = static_cast<T>(integer_of(value));
    } else if constexpr (is_complex<T>) {
      using part = typename T::value_type;
      const double real = sizeof(part) == 4 ? real_for_rounding(value) : real_of(value);
      x = T(static_cast<part>(real), static_cast<part>(value.imag));
    } else if constexpr (is_half<T>) {
      x = T(real_for_rounding(value));
    } else if constexpr (std::is_same_v<T, float>) {
      x = static_cast<float>(real_for_rounding(value));
    } else {
      x = real_of(value);
    }
    std::memcpy(to, &x, sizeof x);
  });
}

std::string to_string(const scalar_value& v) {
  if (v.type.kind() == 'b') return v.integer != 0 ? "True" : "False";
  if (v.is_integral())
    return v.wide ? std::to_string(static_cast<std::uint64_t>(v.integer)) : std::to_string(v.integer);
  if (v.type.kind() != 'c') return to_text(v.real);
  const std::string imag = to_text(v.imag);
  return to_text(v.real) + (imag[0] == '-' ? "" : "+") + imag + "j";
}

void throw_not_representable(const scalar_value& value, const std::string& target, caller where) {
  const std::string text = "conversion: " + to_string(value);
  if (value.type.kind() == 'c' && value.imag != 0) throw dtype_error(text + " is not a real number", where);
  if (!value.is_integral() && !std::isfinite(value.real)) throw value_error(text + " is not an integer", where);
  throw overflow_error(text + " is out of bounds for " + target, where);
}

}  // namespace tessera::detail
