// Numbers as Python's int(), float() and complex() read them from text.
#include <charconv>
#include <cmath>
#include <limits>

#include "core/text_number.hpp"
#include "ops/text_parts.hpp"
#include "ops/unicode.hpp"

namespace tessera::detail {
namespace {

bool is_space(char32_t c) { return (unicode::flags_of(c) & unicode::space) != 0; }

code_points stripped(code_points text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// The same in ASCII, digits of all scripts as 0 to 9; other characters as what no number has.
std::string ascii_of(code_points text) {
  std::string result;
  for (const char32_t c : text) {
    if (c < 0x80) result += static_cast<char>(c);
    else if ((unicode::flags_of(c) & unicode::decimal) != 0)
      result += static_cast<char>('0' + unicode::decimal_value(c));
    else result += is_space(c) ? ' ' : '?';
  }
  return result;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Digits with single underscores between them from `at` on, which moves behind them; without the underscores to `to`.
bool read_digits(std::string_view text, std::size_t& at, std::string& to) {
  const std::size_t first = at;
  while (at < text.size()) {
    if (is_digit(text[at])) to += text[at++];
    else if (text[at] == '_' && at > first && at + 1 < text.size() && is_digit(text[at + 1])) ++at;
    else break;
  }
  return at > first;
}

bool read_word(std::string_view text, std::size_t& at, std::string_view word) {
  if (text.size() - at < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((text[at + i] | 0x20) != word[i]) return false;
  }
  at += word.size();
  return true;
}

/// A number from `at` on, which moves behind it. Its sign is required if `with_sign`.
std::optional<double> read_float(std::string_view text, std::size_t& at, bool with_sign = false) {
  std::size_t here = at;
  const bool sign = here < text.size() && (text[here] == '+' || text[here] == '-');
  if (with_sign && !sign) return std::nullopt;
  const double unit = sign && text[here] == '-' ? -1 : 1;
  here += sign;
  double value = 0;
  if (read_word(text, here, "infinity") || read_word(text, here, "inf")) {
    value = std::numeric_limits<double>::infinity();
  } else if (read_word(text, here, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    std::string digits;
    bool any = read_digits(text, here, digits);
    if (here < text.size() && text[here] == '.') {
      digits += text[here++];
      any = read_digits(text, here, digits) || any;
    }
    if (!any) return std::nullopt;
    if (here < text.size() && (text[here] | 0x20) == 'e') {
      std::size_t behind = here + 1;
      std::string exponent = "e";
      if (behind < text.size() && (text[behind] == '+' || text[behind] == '-')) {
        if (text[behind++] == '-') exponent += '-';
      }
      if (read_digits(text, behind, exponent)) {
        digits += exponent;
        here = behind;
      }
    }
    scan_float(digits.data(), digits.data() + digits.size(), value);
  }
  at = here;
  return std::copysign(value, unit);
}

}  // namespace

std::optional<parsed_integer> parse_integer(code_points text) {
  const std::string ascii = ascii_of(stripped(text));
  parsed_integer result;
  std::size_t at = 0;
  if (!ascii.empty() && (ascii[0] == '+' || ascii[0] == '-')) result.negative = ascii[at++] == '-';
  std::string digits;
  if (!read_digits(ascii, at, digits) || at < ascii.size()) return std::nullopt;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), result.magnitude);
  result.too_large = status == std::errc::result_out_of_range;
  return result;
}

std::optional<double> parse_float(code_points text) {
  const std::string ascii = ascii_of(stripped(text));
  std::size_t at = 0;
  const std::optional<double> value = read_float(ascii, at);
  return at < ascii.size() ? std::nullopt : value;
}

std::optional<parsed_complex> parse_complex(code_points text) {
  std::string ascii = ascii_of(stripped(text));
  if (ascii.size() >= 2 && ascii.front() == '(' && ascii.back() == ')') {
    ascii = ascii.substr(1, ascii.size() - 2);
    while (!ascii.empty() && is_space(static_cast<unsigned char>(ascii.back()))) ascii.pop_back();
    while (!ascii.empty() && is_space(static_cast<unsigned char>(ascii.front()))) ascii.erase(0, 1);
  }
  std::size_t at = 0;
  const auto ends_in_j = [&] { return at + 1 == ascii.size() && (ascii[at] | 0x20) == 'j'; };
  // "j", "+j" and "1-j" are units without digits.
  const auto read_unit = [&]() -> std::optional<double> {
    const bool sign = at < ascii.size() && (ascii[at] == '+' || ascii[at] == '-');
    const double unit = sign && ascii[at] == '-' ? -1 : 1;
    if (at + sign + 1 != ascii.size() || (ascii[at + sign] | 0x20) != 'j') return std::nullopt;
    return unit;
  };
  if (const auto unit = read_unit()) return parsed_complex{0, *unit};
  const std::optional<double> first = read_float(ascii, at);
  if (!first) return std::nullopt;
  if (at == ascii.size()) return parsed_complex{*first, 0};
  if (ends_in_j()) return parsed_complex{0, *first};
  if (ascii[at] != '+' && ascii[at] != '-') return std::nullopt;
  if (const auto unit = read_unit()) return parsed_complex{*first, *unit};
  const std::optional<double> second = read_float(ascii, at, true);
  if (!second || !ends_in_j()) return std::nullopt;
  return parsed_complex{*first, *second};
}

}  // namespace tessera::detail
