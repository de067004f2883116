// UTF-8, decoded strictly.
#include "core/utf8.hpp"

#include <algorithm>

namespace tessera::detail {
namespace {

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

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

std::int64_t count_characters(std::string_view text) noexcept {
  return std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); });
}

std::string_view first_characters(std::string_view text, std::int64_t n) noexcept {
  std::size_t end = 0;
  for (; n > 0 && end < text.size(); --n) {
    ++end;
    while (end < text.size() && continues(text[end])) ++end;
  }
  return text.substr(0, end);
}

void append_utf8(std::string& text, char32_t point) {
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) point = 0xfffd;
  const auto last = [point](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3f)); };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += {static_cast<char>(0xc0 | point >> 6), last(0)};
  } else if (point < 0x10000) {
    text += {static_cast<char>(0xe0 | point >> 12), last(6), last(0)};
  } else {
    text += {static_cast<char>(0xf0 | point >> 18), last(12), last(6), last(0)};
  }
}

}  // namespace tessera::detail
