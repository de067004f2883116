// Texts of C++ as elements: UTF-8 checked and decoded.
#include <cstring>

#include "core/dtype_parts.hpp"
#include "core/utf8.hpp"
#include "expr/other_types.hpp"

namespace tessera::detail {

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
