// What Unicode says of single code points (as Python's str): classes, and capitals and small letters.
#pragma once
#include <cstdint>
#include <string>

namespace tessera::detail::unicode {

enum flag : std::uint16_t {
  alpha = 0x1,
  decimal = 0x2,
  digit = 0x4,
  numeric = 0x8,
  space = 0x10,
  lower = 0x20,
  upper = 0x40,
  title = 0x80,
  ignorable = 0x100,  // between a letter and a final sigma
};
/// The flags of a code point, 0 of what is none.
std::uint16_t flags_of(char32_t point) noexcept;
/// 0 to 9 of a decimal digit of any script.
int decimal_value(char32_t point) noexcept;

/// Appends what it becomes: up to three code points.
void append_upper(std::u32string& to, char32_t point);
void append_lower(std::u32string& to, char32_t point);
void append_title(std::u32string& to, char32_t point);

}  // namespace tessera::detail::unicode
