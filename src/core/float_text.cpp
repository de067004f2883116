// Decimal digits of floating-point numbers: the shortest that are unique, or correctly rounded ones, laid out as NumPy does.
#include "core/float_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/half.hpp"

namespace tessera::detail {
namespace {

constexpr int longest_whole = 310;  // digits of the largest double, and a sign

/// digits[0].digits[1]digits[2]… * 10**exponent of a number's magnitude. No trailing zeros; zero is "0".
struct decimal {
  std::string digits;
  int exponent = 0;

  int fraction_digits() const { return std::max(0, static_cast<int>(digits.size()) - 1 - exponent); }
};

/// Reads "12.340", "0.0012" or "1.25e-07".
decimal parse(std::string_view text) {
  decimal d;
  const std::size_t e = text.find('e');
  std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  d.digits = mantissa.substr(0, point);
  if (point < mantissa.size()) d.digits += mantissa.substr(point + 1);
  d.exponent = static_cast<int>(point) - 1;
  if (e != text.npos) {
    int shift = 0;
    const char* first = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
    std::from_chars(first, text.data() + text.size(), shift);
    d.exponent += shift;
  }
  const std::size_t leading = std::min(d.digits.find_first_not_of('0'), d.digits.size());
  d.digits.erase(0, leading);
  d.exponent -= static_cast<int>(leading);
  d.digits.resize(d.digits.find_last_not_of('0') + 1);
  if (d.digits.empty()) return {"0", 0};
  return d;
}

template <class T, class... Precision> decimal convert(T magnitude, std::chars_format format, Precision... digits) {
  std::string buffer(static_cast<std::size_t>(longest_whole + (20 + ... + digits)), '\0');
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, format, digits...);
  return parse({buffer.data(), end.ptr});
}

/// Whether the number of this type nearest to d is `magnitude`.
bool reads_back(const decimal& d, double magnitude, dtype type) {
  const std::string text = d.digits + "e" + std::to_string(d.exponent - static_cast<int>(d.digits.size()) + 1);
  const char *first = text.data(), *last = first + text.size();
  if (type == float32) {
    float read = 0;
    std::from_chars(first, last, read);
    return static_cast<double>(read) == magnitude;
  }
  double read = 0;
  std::from_chars(first, last, read);
  return (type == float16 ? static_cast<double>(float16_t(read)) : read) == magnitude;
}

/// The first precision whose nearest decimal reads back.
decimal shortest_float16(double magnitude) {
  // Below a power of two numbers lie closer: here the nearest four digits, 1562, are another number's, 1563 are not.
  if (magnitude == 0x1p-6) return {"1563", -2};
  for (int digits = 1;; ++digits) {
    decimal d = convert(magnitude, std::chars_format::scientific, digits - 1);
    if (reads_back(d, magnitude, float16)) return d;
  }
}

decimal shortest(double magnitude, dtype type) {
  switch (type.code()) {
    case dtype_code::float16: return shortest_float16(magnitude);
    case dtype_code::float32: return convert(static_cast<float>(magnitude), std::chars_format::scientific);
    default: return convert(magnitude, std::chars_format::scientific);
  }
}

/// The digits that `layout` asks for. `rounded(n)` gives n digits after the point, `fraction(d)` counts d's.
template <class Rounded, class Fraction>
decimal choose(double magnitude, dtype type, const float_layout& layout, Rounded rounded, Fraction fraction) {
  if (!layout.unique) return rounded(layout.max_digits);
  const decimal d = shortest(magnitude, type);
  if (layout.max_digits >= 0 && fraction(d) > layout.max_digits) return rounded(layout.max_digits);
  if (fraction(d) >= layout.min_digits) return d;
  // Digits beyond the shortest are the exact value's, unless the rounded text is a neighbour's (just above a power of two).
  const decimal exact = rounded(layout.min_digits);
  return reads_back(exact, magnitude, type) ? exact : d;
}

void append_fraction(std::string& out, std::string_view digits, const float_layout& layout) {
  const std::size_t zeros = static_cast<std::size_t>(std::max(0, layout.min_digits - static_cast<int>(digits.size())));
  if (!digits.empty() || zeros > 0 || layout.empty != empty_fraction::nothing) out += '.';
  out += digits;
  out.append(zeros, '0');
  if (digits.empty() && zeros == 0 && layout.empty == empty_fraction::zero) out += '0';
}

std::string sign_of(double value, const float_layout& layout) {
  return std::signbit(value) ? "-" : layout.plus ? "+" : "";
}

std::string pad_left(std::string text, int width) {
  if (width > static_cast<int>(text.size())) text.insert(0, static_cast<std::size_t>(width) - text.size(), ' ');
  return text;
}

/// Below the first and from the second on NumPy writes a scalar with an exponent.
struct positional_range {
  double low = 1e-4, high;
};
positional_range range_of(dtype type) {
  switch (type.code()) {
    case dtype_code::float16: return {.high = 1e3};
    case dtype_code::float32: return {.high = 1e6};
    default: return {.high = 1e16};
  }
}

std::string scalar_text(double value, dtype type, const float_layout& positional_layout, bool plus) {
  const double magnitude = std::fabs(value);
  const positional_range range = range_of(type);
  if (std::isnan(value)) return plus ? "+nan" : "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : plus ? "+inf" : "inf";
  if (magnitude == 0 || (magnitude >= range.low && magnitude < range.high)) {
    return positional(value, type, positional_layout);
  }
  return scientific(value, type, {.empty = empty_fraction::nothing, .plus = plus});
}

}  // namespace

std::string positional(double value, dtype type, const float_layout& layout) {
  const double magnitude = std::fabs(value);
  const auto rounded = [&](int digits) { return convert(magnitude, std::chars_format::fixed, digits); };
  decimal d = choose(magnitude, type, layout, rounded, [](const decimal& x) { return x.fraction_digits(); });

  if (d.exponent < 0) {
    d.digits.insert(0, static_cast<std::size_t>(-d.exponent), '0');
    d.exponent = 0;
  }
  const std::size_t whole = static_cast<std::size_t>(d.exponent) + 1;
  if (d.digits.size() < whole) d.digits.resize(whole, '0');
  std::string text = pad_left(sign_of(value, layout) + d.digits.substr(0, whole), layout.whole_width);
  const std::size_t point = text.size();
  append_fraction(text, std::string_view(d.digits).substr(whole), layout);
  const std::size_t width = point + 1 + static_cast<std::size_t>(layout.fraction_width);
  if (layout.fraction_width > 0 && text.size() < width) text.resize(width, ' ');
  return text;
}

std::string scientific(double value, dtype type, const float_layout& layout) {
  const double magnitude = std::fabs(value);
  const auto rounded = [&](int digits) { return convert(magnitude, std::chars_format::scientific, digits); };
  const decimal d =
      choose(magnitude, type, layout, rounded, [](const decimal& x) { return static_cast<int>(x.digits.size()) - 1; });

  std::string text = pad_left(sign_of(value, layout) + d.digits.substr(0, 1), layout.whole_width);
  append_fraction(text, std::string_view(d.digits).substr(1), layout);
  const std::string exponent = std::to_string(std::abs(d.exponent));
  text += d.exponent < 0 ? "e-" : "e+";
  text.append(static_cast<std::size_t>(std::max(0, layout.exponent_digits - static_cast<int>(exponent.size()))), '0');
  return text + exponent;
}

std::string float_scalar_text(double value, dtype type) {
  if (type == bfloat16 && std::isfinite(value)) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, 6);
    return {buffer, end.ptr};
  }
  return scalar_text(value, type, {.empty = empty_fraction::zero}, false);
}

std::string complex_scalar_text(double real, double imag, dtype part) {
  const auto text = [&](double x, bool plus) {
    return scalar_text(x, part, {.empty = empty_fraction::nothing, .plus = plus}, plus);
  };
  if (real == 0 && !std::signbit(real)) return text(imag, false) + "j";
  return std::string("(").append(text(real, false)).append(text(imag, true)).append("j)");
}

}  // namespace tessera::detail
