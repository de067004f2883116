// Elements of any dtype for tests of kernels: reading them as wide numbers, measuring how far two are apart.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "core/half.hpp"
#include "tessera/dtype.hpp"

namespace testing_kernels {

using tessera::dtype;
using tessera::dtype_code;
using bytes = std::vector<std::byte>;

inline const char* const dtype_names[] = {"unset",   "bool",    "int8",      "int16",     "int32",   "int64",
                                          "uint8",   "uint16",  "uint32",    "uint64",    "float16", "bfloat16",
                                          "float32", "float64", "complex64", "complex128"};
inline dtype dtype_named(const std::string& name) {
  int code = 1;
  while (dtype_names[code] != name) ++code;
  return dtype(static_cast<dtype_code>(code));
}
inline const char* name_of(dtype type) { return dtype_names[static_cast<int>(type.code())]; }

/// Size and kind without asking the library under test.
inline int size_of(dtype type) {
  constexpr int sizes[] = {0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16};
  return sizes[static_cast<int>(type.code())];
}
inline char kind_of(dtype type) { return ".biiiiuuuuffffcc"[static_cast<int>(type.code())]; }

/// An integer with all its bits, or a real or complex number. long double holds every double exactly.
struct number {
  __int128 integer = 0;
  long double re = 0, im = 0;
};

template <class T> T element(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

inline number read(dtype type, const std::byte* at) {
  const auto integral = [](auto x) { return number{x, static_cast<long double>(x), 0}; };
  switch (type.code()) {
    case dtype_code::bool_: return integral(element<std::uint8_t>(at) != 0);
    case dtype_code::int8: return integral(element<std::int8_t>(at));
    case dtype_code::int16: return integral(element<std::int16_t>(at));
    case dtype_code::int32: return integral(element<std::int32_t>(at));
    case dtype_code::int64: return integral(element<std::int64_t>(at));
    case dtype_code::uint8: return integral(element<std::uint8_t>(at));
    case dtype_code::uint16: return integral(element<std::uint16_t>(at));
    case dtype_code::uint32: return integral(element<std::uint32_t>(at));
    case dtype_code::uint64: return integral(element<std::uint64_t>(at));
    case dtype_code::float16: return {0, static_cast<float>(element<tessera::detail::float16_t>(at)), 0};
    case dtype_code::bfloat16: return {0, static_cast<float>(element<tessera::detail::bfloat16_t>(at)), 0};
    case dtype_code::float32: return {0, element<float>(at), 0};
    case dtype_code::float64: return {0, element<double>(at), 0};
    case dtype_code::complex64: return {0, element<float>(at), element<float>(at + 4)};
    case dtype_code::complex128: return {0, element<double>(at), element<double>(at + 8)};
    default: return {};
  }
}

inline void write_real(dtype type, std::byte* at, double value) {
  const auto put = [&](auto x) { std::memcpy(at, &x, sizeof x); };
  switch (type.code()) {
    case dtype_code::float16: return put(tessera::detail::float16_t(value));
    case dtype_code::bfloat16: return put(tessera::detail::bfloat16_t(value));
    case dtype_code::float32: return put(static_cast<float>(value));
    default: return put(value);
  }
}

/// Fraction bits and smallest exponent of a floating dtype; of a complex one, of its parts.
struct format {
  int digits;   // with the implicit one
  int lowest;   // exponent of the smallest normal number, as ilogb
  int highest;  // of the largest
};
inline format format_of(dtype type) {
  switch (type.code()) {
    case dtype_code::float16: return {11, -14, 15};
    case dtype_code::bfloat16: return {8, -126, 127};
    case dtype_code::float32:
    case dtype_code::complex64: return {24, -126, 127};
    default: return {53, -1022, 1023};
  }
}

/// One unit in the last place of a number of this size.
inline long double unit(dtype type, long double size) {
  const format f = format_of(type);
  const int exponent = size > 0 && std::isfinite(size) ? std::ilogb(size) : f.lowest;
  return std::ldexp(1.0L, std::max(exponent, f.lowest) - f.digits + 1);
}

/// How far `got` lies from `want`, in units in the last place of `want`; infinity when one is NaN or infinite and the other
/// is not, or a zero has the wrong sign. `want` beyond the dtype's range stands for infinity.
inline double ulps(dtype type, const number& got, const number& want, bool signed_zeros = true) {
  if (kind_of(type) != 'f' && kind_of(type) != 'c') return got.integer == want.integer ? 0 : INFINITY;
  const format f = format_of(type);
  const long double limit = std::ldexp(2.0L - std::ldexp(1.0L, -f.digits), f.highest);  // halfway to the next power
  const auto part = [&](long double g, long double w, long double size) -> double {
    if (std::isnan(g) || std::isnan(w)) return std::isnan(g) && std::isnan(w) ? 0 : INFINITY;
    if (std::isinf(g) && std::abs(w) >= limit) return std::signbit(g) == std::signbit(w) ? 0 : INFINITY;
    if (std::isinf(g) || std::isinf(w)) return g == w ? 0 : INFINITY;
    if (g == 0 && w == 0) return !signed_zeros || std::signbit(g) == std::signbit(w) ? 0 : INFINITY;
    return static_cast<double>(std::abs(g - w) / unit(type, size));
  };
  const bool complex = kind_of(type) == 'c';
  long double size = std::abs(want.re);
  if (complex && std::isfinite(want.re) && std::isfinite(want.im)) size = std::max(size, std::abs(want.im));
  const double re = part(got.re, want.re, complex ? size : std::abs(want.re));
  return complex ? std::max(re, part(got.im, want.im, std::isfinite(size) ? size : std::abs(want.im))) : re;
}

inline std::string text(dtype type, const number& x) {
  char line[100];
  if (kind_of(type) == 'f') {
    std::snprintf(line, sizeof line, "%.17Lg", x.re);
  } else if (kind_of(type) == 'c') {
    std::snprintf(line, sizeof line, "(%.17Lg, %.17Lg)", x.re, x.im);
  } else {
    std::snprintf(line, sizeof line, "%lld", static_cast<long long>(x.integer));
  }
  return line;
}

}  // namespace testing_kernels
