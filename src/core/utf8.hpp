// UTF-8, one code point at a time.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tessera::detail {

/// The code point at `at`, which moves behind it; one above 0x10ffff, and `at` stays, where there is none.
char32_t decode_utf8(std::string_view text, std::size_t& at) noexcept;
/// Surrogates and what lies above 0x10ffff become U+FFFD.
void append_utf8(std::string& text, char32_t point);

}  // namespace tessera::detail
