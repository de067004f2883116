// Python's quotes and escapes.
#include "core/quoted_text.hpp"

#include <cstring>

#include "core/dtype_parts.hpp"
#include "core/printable.hpp"
#include "core/utf8.hpp"

namespace tessera::detail {
namespace {

constexpr int code_point_bytes = 4;

/// The code points of a U, the bytes of an S, without the zeros at the end.
std::u32string characters(dtype type, const std::byte* element) {
  const int width = type.code() == dtype_code::str_ ? code_point_bytes : 1;
  std::u32string points(static_cast<std::size_t>(type.itemsize() / width), U'\0');
  for (char32_t& point : points) {
    std::memcpy(&point, element, static_cast<std::size_t>(width));
    element += width;
  }
  while (!points.empty() && points.back() == 0) points.pop_back();
  return points;
}

void append_escape(std::string& text, char letter, char32_t value, int digits, const char* hex = "0123456789abcdef") {
  text += {'\\', letter};
  for (int i = digits; i-- > 0;) text += hex[value >> 4 * i & 15];
}

}  // namespace

/// Single quotes, unless the text has those and no double ones.
std::string quoted_text(std::u32string_view points, bool bytes) {
  bool has_single = false, has_double = false;
  for (const char32_t point : points) {
    has_single |= point == '\'';
    has_double |= point == '"';
  }
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string text = bytes ? "b" : "";
  text += quote;
  for (const char32_t point : points) {
    if (point == '\\' || point == static_cast<char32_t>(quote)) text += {'\\', static_cast<char>(point)};
    else if (point == '\t') text += "\\t";
    else if (point == '\n') text += "\\n";
    else if (point == '\r') text += "\\r";
    else if (is_printable(point) && !(bytes && point > 0x7f)) append_utf8(text, point);
    else if (point <= 0xff) append_escape(text, 'x', point, 2);
    else if (point <= 0xffff) append_escape(text, 'u', point, 4);
    else append_escape(text, 'U', point, 8);
  }
  return text + quote;
}

std::string quoted_text(dtype type, const std::byte* element) {
  if (is_text(type)) return quoted_text(characters(type, element), type.code() == dtype_code::bytes_);
  std::string text = "b'";
  for (int i = 0; i < type.itemsize(); ++i) {
    append_escape(text, 'x', std::to_integer<unsigned char>(element[i]), 2, "0123456789ABCDEF");
  }
  return text + "'";
}

std::string quoted_text(std::string_view utf8) {
  std::u32string points;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t here = at;
    const char32_t point = decode_utf8(utf8, at);
    points.push_back(at == here ? 0xfffd : point);
    if (at == here) ++at;
  }
  return quoted_text(points, false);
}

std::string plain_text(dtype type, const std::byte* element) {
  std::string text;
  const bool bytes = type.code() == dtype_code::bytes_;
  for (const char32_t point : characters(type, element)) {
    if (bytes) text += static_cast<char>(point);
    else append_utf8(text, point);
  }
  return text;
}

}  // namespace tessera::detail
