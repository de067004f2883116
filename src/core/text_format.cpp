// Elements as Python's % operator writes them.
#include "core/text_format.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/dtype_parts.hpp"
#include "core/element.hpp"
#include "core/element_format.hpp"
#include "core/utf8.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {
namespace {

constexpr int most_width = 1'000'000;

bool is_one_of(char c, std::string_view list) { return list.find(c) != list.npos; }

/// Reads one conversion behind its %; returns what lies behind it.
std::size_t parse_conversion(std::string_view text, std::size_t at, text_conversion& to, const char* name,
                             caller where) {
  const auto refuse = [&](const std::string& what) {
    throw value_error(std::string(name) + ": fmt '" + std::string(text) + "' " + what, where);
  };
  const auto number = [&](int& value) {
    const auto end = std::from_chars(text.data() + at, text.data() + text.size(), value);
    at = static_cast<std::size_t>(end.ptr - text.data());
    if (end.ec == std::errc::result_out_of_range || value > most_width)
      refuse("asks for more than " + std::to_string(most_width) + " characters");
  };
  for (; at < text.size() && is_one_of(text[at], "-+ 0#"); ++at) {
    to.left |= text[at] == '-';
    to.plus |= text[at] == '+';
    to.blank |= text[at] == ' ';
    to.zero |= text[at] == '0';
    to.alternate |= text[at] == '#';
  }
  if (at < text.size() && text[at] != '-') number(to.width);
  if (at < text.size() && text[at] == '.') {
    ++at;
    to.precision = 0;
    if (at < text.size() && text[at] != '-') number(to.precision);
  }
  if (at < text.size() && is_one_of(text[at], "hlL")) ++at;
  if (at == text.size()) refuse("ends within a format");
  to.what = text[at] == 'i' || text[at] == 'u' ? 'd' : text[at];
  if (!is_one_of(to.what, "doxXeEfFgGcs"))
    refuse("has the unsupported format character '" + std::string(1, text[at]) + "'");
  return at + 1;
}

/// "-", "0x", "1f" and the like put together, padded to the width; zeros go between a sign and digits.
void append_padded(std::string& out, const text_conversion& as, std::string_view sign, std::string_view body,
                   std::int64_t characters, bool numeric) {
  const std::int64_t pad = as.width - static_cast<std::int64_t>(sign.size()) - characters;
  const std::size_t n = pad > 0 ? static_cast<std::size_t>(pad) : 0;
  const bool zeros = numeric && as.zero && !as.left;
  if (!as.left && !zeros) out.append(n, ' ');
  out += sign;
  if (zeros) out.append(n, '0');
  out += body;
  if (as.left) out.append(n, ' ');
}

std::string sign_of(const text_conversion& as, bool negative) {
  return negative ? "-" : as.plus ? "+" : as.blank ? " " : "";
}

void append_integer(std::string& out, const text_conversion& as, bool negative, std::string_view digits) {
  std::string sign = sign_of(as, negative);
  if (as.alternate && as.what != 'd') sign.append({'0', as.what});
  const std::size_t least = as.precision > 0 ? static_cast<std::size_t>(as.precision) : 0;
  if (digits.size() >= least)
    return append_padded(out, as, sign, digits, static_cast<std::int64_t>(digits.size()), true);
  const std::string longer = std::string(least - digits.size(), '0').append(digits);
  append_padded(out, as, sign, longer, as.precision, true);
}

void append_integer(std::string& out, const text_conversion& as, bool negative, std::uint64_t magnitude) {
  char digits[24];
  const int base = as.what == 'd' ? 10 : as.what == 'o' ? 8 : 16;
  char* const end = std::to_chars(digits, digits + sizeof digits, magnitude, base).ptr;
  if (as.what == 'X')
    std::transform(digits, end, digits, [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  append_integer(out, as, negative, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

/// "%#g": the digits that "%g" leaves out stay.
std::string general_with_zeros(double magnitude, int digits) {
  std::string text(static_cast<std::size_t>(digits) + 16, '\0');
  char* end =
      std::to_chars(text.data(), text.data() + text.size(), magnitude, std::chars_format::scientific, digits - 1).ptr;
  int exponent = 0;
  const std::size_t e = text.rfind('e', static_cast<std::size_t>(end - text.data()));
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  if (exponent >= -4 && exponent < digits) {
    text.resize(text.size() + 16);
    end = std::to_chars(text.data(), text.data() + text.size(), magnitude, std::chars_format::fixed,
                        digits - 1 - exponent)
              .ptr;
  }
  text.resize(static_cast<std::size_t>(end - text.data()));
  return text;
}

void append_float(std::string& out, const text_conversion& as, double value) {
  const char kind = static_cast<char>(as.what | 0x20);
  const std::string sign = sign_of(as, std::signbit(value) && !std::isnan(value));
  const double magnitude = std::fabs(value);
  const int precision = as.precision < 0 ? 6 : kind == 'g' ? std::max(as.precision, 1) : as.precision;
  char buffer[512];
  std::string longer;
  std::string_view body;
  if (!std::isfinite(value)) {
    body = std::isnan(value) ? "nan" : "inf";
  } else if (kind == 'g' && as.alternate) {
    longer = general_with_zeros(magnitude, precision);
    body = longer;
  } else {
    const auto format = kind == 'e'   ? std::chars_format::scientific
                        : kind == 'f' ? std::chars_format::fixed
                                      : std::chars_format::general;
    char* first = buffer;
    std::size_t room = sizeof buffer;
    if (precision > 150) {  // 309 digits before the point
      longer.resize(static_cast<std::size_t>(precision) + 350);
      first = longer.data();
      room = longer.size();
    }
    body = {first,
            static_cast<std::size_t>(std::to_chars(first, first + room, magnitude, format, precision).ptr - first)};
  }
  const bool upper = as.what < 'a', needs_point = as.alternate && std::isfinite(value) && body.find('.') == body.npos;
  if (upper || needs_point) {
    std::string changed(body);
    if (needs_point) changed.insert(std::min(changed.find('e'), changed.size()), 1, '.');
    if (upper)
      std::transform(changed.begin(), changed.end(), changed.begin(),
                     [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    return append_padded(out, as, sign, changed, static_cast<std::int64_t>(changed.size()), true);
  }
  append_padded(out, as, sign, body, static_cast<std::int64_t>(body.size()), true);
}

const char* append_truncated(std::string& out, const text_conversion& as, double value) {
  if (std::isnan(value)) return "cannot convert NaN to an integer";
  if (std::isinf(value)) return "cannot convert infinity to an integer";
  const double whole = std::trunc(std::fabs(value));
  char digits[320];
  char* const end = std::to_chars(digits, digits + sizeof digits, whole, std::chars_format::fixed, 0).ptr;
  append_integer(out, as, value < 0 && whole != 0, std::string_view(digits, static_cast<std::size_t>(end - digits)));
  return nullptr;
}

/// A text without the zeros behind it; bytes as Python writes them, b'a\x01'.
std::string element_text(const std::byte* element, dtype type) {
  std::string text;
  if (type.code() == dtype_code::str_) {
    int points = type.itemsize() / 4;
    char32_t point = 0;
    const auto at = [&](int i) { return std::memcpy(&point, element + 4 * i, 4), point; };
    while (points > 0 && at(points - 1) == 0) --points;
    for (int i = 0; i < points; ++i) append_utf8(text, at(i));
    return text;
  }
  static const print_options any;  // str() of a scalar does not depend on them
  if (type.code() != dtype_code::bytes_) return scalar_text(type, element, any);
  const auto* bytes = reinterpret_cast<const char*>(element);
  std::string_view all(bytes, static_cast<std::size_t>(type.itemsize()));
  while (!all.empty() && all.back() == '\0') all.remove_suffix(1);
  const char quote = is_one_of('\'', all) && !is_one_of('"', all) ? '"' : '\'';
  text.append({'b', quote});
  for (const char c : all) {
    constexpr const char* digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') text.append({'\\', c});
    else if (c == '\n') text += "\\n";
    else if (c == '\r') text += "\\r";
    else if (c == '\t') text += "\\t";
    else if (byte >= 0x20 && byte < 0x7f) text += c;
    else text.append({'\\', 'x', digits[byte >> 4], digits[byte & 15]});
  }
  return text + quote;
}

const char* append_character(std::string& out, const text_conversion& as, const std::byte* element, dtype type) {
  std::string text;
  if (is_text(type)) {
    text = element_text(element, type);
    if (text_width(text) != 1) return "%c takes one character";
  } else {
    const std::int64_t point = read_element(element, type).integer;
    if (point < 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return "%c takes a code point";
    append_utf8(text, static_cast<char32_t>(point));
  }
  append_padded(out, as, "", text, 1, false);
  return nullptr;
}

void append_text(std::string& out, const text_conversion& as, std::string_view text) {
  std::int64_t characters = text_width(text);
  if (as.precision >= 0 && characters > as.precision) {
    text = first_characters(text, as.precision);
    characters = as.precision;
  }
  append_padded(out, as, "", text, characters, false);
}

}  // namespace

text_format parse_text_format(std::string_view text, const char* name, caller where) {
  text_format format;
  std::string literal;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '%') {
      literal += text[at++];
    } else if (at + 1 < text.size() && text[at + 1] == '%') {
      literal += '%';
      at += 2;
    } else {
      text_conversion& to = format.items.emplace_back();
      to.before = std::move(literal);
      literal.clear();
      at = parse_conversion(text, at + 1, to, name, where);
    }
  }
  format.after = std::move(literal);
  return format;
}

bool takes(const text_conversion& as, dtype type) {
  const char kind = type.kind();
  switch (as.what) {
    case 's': return !type.has_fields() && kind != 'V' && kind != 'c';
    case 'c': return kind == 'i' || kind == 'u' || kind == 'U';
    case 'd': return kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f';
    case 'o':
    case 'x':
    case 'X': return kind == 'i' || kind == 'u';
    default: return kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f';
  }
}

const char* append_formatted(std::string& out, const text_conversion& as, const std::byte* element, dtype type) {
  out += as.before;
  if (as.what == 's') return append_text(out, as, element_text(element, type)), nullptr;
  if (as.what == 'c') return append_character(out, as, element, type);
  return with_type(type, [&](auto tag) -> const char* {
    using T = typename decltype(tag)::type;
    T value;
    std::memcpy(&value, element, sizeof value);
    const bool to_integer = is_one_of(as.what, "doxX");
    if constexpr (std::is_integral_v<T>) {
      if (!to_integer) return append_float(out, as, static_cast<double>(value)), nullptr;
      const bool negative = value < T{0};
      const auto word = static_cast<std::uint64_t>(value);
      append_integer(out, as, negative, negative ? 0 - word : word);
    } else if constexpr (!complex_like<T>) {
      if (to_integer) return append_truncated(out, as, static_cast<double>(value));
      append_float(out, as, static_cast<double>(value));
    }
    return nullptr;
  });
}

}  // namespace tessera::detail
