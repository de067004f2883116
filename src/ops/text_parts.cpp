// Elements of texts as code points, and back.
#include "ops/text_parts.hpp"

#include <algorithm>
#include <cstring>

#include "core/access.hpp"
#include "core/words.hpp"

namespace tessera::detail {

dtype text_of_kind(dtype text, std::int64_t characters, const char* name, caller where) {
  const bool points = text.code() == dtype_code::str_;
  const std::int64_t n = std::max<std::int64_t>(characters, 1);
  if (n <= most_itemsize / (points ? 4 : 1)) return points ? str_(n, where) : bytes_(n, where);
  throw value_error(std::string(name) + ": texts of " + std::to_string(n) + " characters do not exist", where);
}

dtype character_type(dtype text) noexcept { return text.code() == dtype_code::str_ ? uint32 : uint8; }

array character_view(const array& x, caller where) {
  return parts_of(x, character_type(x.dtype()), 0, characters_of(x.dtype()), where);
}

code_points load_text(const std::byte* element, dtype type, std::u32string& buffer) {
  const auto n = static_cast<std::size_t>(characters_of(type));
  if (buffer.size() < n) buffer.resize(n);
  if (type.code() == dtype_code::str_) std::memcpy(buffer.data(), element, 4 * n);
  else std::transform(element, element + n, buffer.begin(), [](std::byte b) { return static_cast<char32_t>(b); });
  return without_zeros(buffer.data(), n);
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

}  // namespace tessera::detail
