// Numbers in text, as numpy.loadtxt reads them: floating-point numbers rounded correctly, integers that must fit.
#pragma once
#include <bit>
#include <complex>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>

namespace tessera::detail {

/// Bytes of the white space character at p, as Python's str.isspace() has it; 0 where there is none.
int space_bytes(const char* p, const char* last) noexcept;
/// [first, last) without white space at either end.
void strip_space(const char*& first, const char*& last) noexcept;

inline constexpr double exact_powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
inline constexpr std::int64_t most_exact_power = 22;

/// Digits from p on, appended to `mantissa`, which wraps; returns their end. Eight bytes at a time: digits become values 0 to 9, the
/// first other byte is found without a branch, and three multiplications add the digits before it up.
inline const char* scan_digits(const char* p, const char* last, std::uint64_t& mantissa) noexcept {
  constexpr std::uint64_t powers[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  if constexpr (std::endian::native == std::endian::little) {
    while (last - p >= 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, p, 8);
      eight ^= 0x3030303030303030u;
      const std::uint64_t others = ((eight + 0x7676767676767676u) | eight) & 0x8080808080808080u;
      const int n = std::countr_zero(others) / 8;  // carries reach only bytes behind the first that is no digit
      if (n == 0) return p;
      std::uint64_t digits = eight << (64 - 8 * n);
      digits = digits * 10 + (digits >> 8);
      digits = ((digits & 0x000000ff000000ffu) * (100 + (1'000'000ull << 32)) +
                (digits >> 16 & 0x000000ff000000ffu) * (1 + (10'000ull << 32))) >>
               32;
      mantissa = mantissa * powers[n] + digits;
      p += n;
      if (n < 8) return p;
    }
  }
  for (; p < last && static_cast<unsigned char>(*p - '0') < 10; ++p)
    mantissa = mantissa * 10 + static_cast<unsigned char>(*p - '0');
  return p;
}

// What scan_float does with what is not usual: "e+12" at p, of which the end is returned, p where there is none; inf and nan; numbers
// of more digits than one multiplication gives exactly.
const char* scan_exponent(const char* p, const char* last, std::int64_t& exponent) noexcept;
const char* scan_special(const char* p, const char* last, double& value) noexcept;
double convert_slowly(const char* first, const char* last, std::int64_t exponent) noexcept;

/// The end of the number that begins at `first`: digits with or without point and exponent, inf, infinity, nan in any case, and a sign;
/// null where there is none.
inline const char* scan_float(const char* first, const char* last, double& value) noexcept {
  const bool negative = first < last && *first == '-';
  const char* const begin = first + (first < last && (*first == '-' || *first == '+'));
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
  const char* end = scan_digits(begin, last, mantissa);
  std::int64_t digits = end - begin;
  if (end < last && *end == '.') {
    const char* const fraction = end + 1;
    end = scan_digits(fraction, last, mantissa);
    exponent = fraction - end;
    digits -= exponent;
  }
  if (digits == 0) {
    end = scan_special(begin, last, value);
  } else {
    if (end < last && (*end | 0x20) == 'e') end = scan_exponent(end, last, exponent);
    // Up to 19 digits do not wrap, integers up to 2^53 and powers up to 10^22 are exact: one operation rounds once.
    if (digits <= 19 && mantissa <= std::uint64_t{1} << 53 && exponent >= -most_exact_power &&
        exponent <= most_exact_power) {
      const auto exact = static_cast<double>(mantissa);
      value = exponent < 0 ? exact / exact_powers_of_ten[-exponent] : exact * exact_powers_of_ten[exponent];
    } else {
      value = convert_slowly(begin, end, exponent);
    }
  }
  if (negative) value = -value;
  return end;
}

// The whole text, white space around it left out; false where it says no such number.
bool read_float(const char* first, const char* last, double& value) noexcept;
bool read_unsigned(const char* first, const char* last, std::uint64_t& value) noexcept;
bool read_signed(const char* first, const char* last, std::int64_t& value) noexcept;
/// "1", "1+2j", "(1-2j)", "2j", with white space also within the parentheses.
bool read_complex(const char* first, const char* last, std::complex<double>& value) noexcept;

/// An integer that T has.
template <std::integral T> bool read_integer(const char* first, const char* last, T& value) noexcept {
  std::conditional_t<std::signed_integral<T>, std::int64_t, std::uint64_t> wide = 0;
  if constexpr (std::signed_integral<T>) {
    if (!read_signed(first, last, wide) || wide < std::numeric_limits<T>::min()) return false;
  } else {
    if (!read_unsigned(first, last, wide)) return false;
  }
  if (wide > std::numeric_limits<T>::max()) return false;
  value = static_cast<T>(wide);
  return true;
}

}  // namespace tessera::detail
