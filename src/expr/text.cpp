// Texts of C++ as elements: UTF-8 checked and decoded.
#include <cstring>

#include "core/dtype_parts.hpp"
#include "expr/other_types.hpp"

namespace tessera::detail {
char32_t decode_utf8(std::string_view text, std::size_t& at) noexcept {
  constexpr char32_t none = 0x110000;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) {
    ++at;
    return first;
  }
  const int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() - at < static_cast<std::size_t>(length)) return none;
  char32_t point = first & (0x7f >> length);
  for (int i = 1; i < length; ++i) {
    const unsigned char next = byte(at + static_cast<std::size_t>(i));
    if ((next & 0xc0) != 0x80) return none;
    point = point << 6 | (next & 0x3f);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return none;
  at += static_cast<std::size_t>(length);
  return point;
}

std::int64_t count_code_points(std::string_view utf8, const char* name, caller where) {
  std::int64_t count = 0;
  for (std::size_t at = 0; at < utf8.size(); ++count) {
    if (decode_utf8(utf8, at) <= 0x10ffff) continue;
    throw value_error(std::string(name) + ": byte " + std::to_string(at) + " of the text is not UTF-8", where);
  }
  return count;
}

void write_text(std::byte* to, dtype type, std::string_view utf8, const char* name, caller where) {
  const int width = type.code() == dtype_code::str_ ? 4 : 1;
  std::byte* const end = to + type.itemsize();
  for (std::size_t at = 0; at < utf8.size() && to < end; to += width) {
    const std::size_t here = at;
    const char32_t point = decode_utf8(utf8, at);
    if (point > 0x10ffff) {
      throw value_error(std::string(name) + ": byte " + std::to_string(here) + " of the text is not UTF-8", where);
    }
    if (width == 1 && point >= 0x80) {
      throw value_error(
          std::string(name) + ": byte " + std::to_string(here) + " of the text is not ASCII, which bytes take only",
          where);
    }
    std::memcpy(to, &point, static_cast<std::size_t>(width));
  }
  std::memset(to, 0, static_cast<std::size_t>(end - to));
}

}  // namespace tessera::detail
