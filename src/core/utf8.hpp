// UTF-8, one code point at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::detail {

/// The code point at `at`, which moves behind it; one above 0x10ffff, and `at` stays, where there is none.
char32_t decode_utf8(std::string_view text, std::size_t& at) noexcept;
/// Characters of valid text.
std::int64_t count_characters(std::string_view text) noexcept;
/// The first n characters of valid text, or all.
std::string_view first_characters(std::string_view text, std::int64_t n) noexcept;
/// Surrogates and what lies above 0x10ffff become U+FFFD.
void append_utf8(std::string& text, char32_t point);

}  // namespace tessera::detail
