// Elements of texts as code points, and back.
#include "ops/text_parts.hpp"

#include <algorithm>
#include <cstring>

#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/words.hpp"
#include "ops/unicode.hpp"

namespace tessera::detail {

std::int64_t characters_of(dtype text) noexcept {
  return text.code() == dtype_code::str_ ? text.itemsize() / 4 : text.itemsize();
}

dtype text_of_kind(dtype text, std::int64_t characters, caller where) {
  const std::int64_t n = std::max<std::int64_t>(characters, 1);
  return text.code() == dtype_code::str_ ? str_(n, where) : bytes_(n, where);
}

dtype character_type(dtype text) noexcept { return text.code() == dtype_code::str_ ? uint32 : uint8; }

array parts_of(const array& x, dtype part, std::int64_t count, caller where) {
  const array words = as_words(x, true, where);
  shape extents = words.shape(), strides = words.strides();
  extents[extents.size() - 1] = count;
  strides[strides.size() - 1] = part.itemsize();
  return access::view(x, access::data(x), part, extents, strides);
}

array character_view(const array& x, caller where) {
  return parts_of(x, character_type(x.dtype()), characters_of(x.dtype()), where);
}

code_points load_text(const std::byte* element, dtype type, std::u32string& buffer) {
  const auto room = static_cast<std::size_t>(characters_of(type));
  if (buffer.size() < room) buffer.resize(room);
  if (type.code() == dtype_code::str_) {
    std::memcpy(buffer.data(), element, 4 * room);
  } else {
    std::transform(element, element + room, buffer.begin(), [](std::byte b) { return static_cast<char32_t>(b); });
  }
  std::size_t n = room;
  while (n > 0 && buffer[n - 1] == 0) --n;
  return {buffer.data(), n};
}

void store_text(std::byte* element, dtype type, code_points text) noexcept {
  const auto room = static_cast<std::size_t>(characters_of(type)), n = std::min(room, text.size());
  if (type.code() == dtype_code::str_) {
    std::memcpy(element, text.data(), 4 * n);
    std::memset(element + 4 * n, 0, 4 * (room - n));
  } else {
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(n), element,
                   [](char32_t c) { return static_cast<std::byte>(c); });
    std::memset(element + n, 0, room - n);
  }
}

void append_utf8(std::string& to, char32_t point) {
  const auto tail = [&](int shift) { to += static_cast<char>(0x80 | (point >> shift & 0x3f)); };
  if (point < 0x80) {
    to += static_cast<char>(point);
  } else if (point < 0x800) {
    to += static_cast<char>(0xc0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    to += static_cast<char>(0xe0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    to += static_cast<char>(0xf0 | (point >> 18 & 7));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string quoted(code_points text, dtype type) {
  const bool bytes = type.code() == dtype_code::bytes_;
  const char quote = text.find(U'\'') != text.npos && text.find(U'"') == text.npos ? '"' : '\'';
  std::string result = bytes ? "b" : "";
  result += quote;
  for (const char32_t c : text) {
    constexpr char digits[] = "0123456789abcdef";
    const bool surrogate = c >= 0xd800 && c < 0xe000;
    if (c == static_cast<char32_t>(quote) || c == U'\\') (result += '\\') += static_cast<char>(c);
    else if (c == U'\t') result += "\\t";
    else if (c == U'\n') result += "\\n";
    else if (c == U'\r') result += "\\r";
    else if (c < 0x20 || c == 0x7f || (bytes && c >= 0x80)) ((result += "\\x") += digits[c >> 4]) += digits[c & 15];
    else append_utf8(result, surrogate || c > 0x10ffff ? U'\ufffd' : c);
  }
  return result += quote;
}

}  // namespace tessera::detail
