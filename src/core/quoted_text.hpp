// Texts as Python writes them, with quotes and escapes, and without.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "tessera/dtype.hpp"

namespace tessera::detail {

/// repr() of an element of texts or raw bytes: "'sell'", "b'ab'"; of raw bytes each is an escape.
std::string quoted_text(dtype type, const std::byte* element);
/// repr() of a Python str, of bytes.
std::string quoted_text(std::string_view utf8);
std::string quoted_text(std::u32string_view characters, bool bytes);
/// The element itself, without the zeros that fill it up: U as UTF-8, S as it is.
std::string plain_text(dtype type, const std::byte* element);

}  // namespace tessera::detail
