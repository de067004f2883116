// The records of ZIP archives: signatures, sizes, little-endian numbers (APPNOTE.TXT, sections 4.3 to 4.5).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::detail::zip {

inline constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50,
                               end64_signature = 0x06064b50, locator_signature = 0x07064b50;
inline constexpr std::int64_t local_bytes = 30, central_bytes = 46, end_bytes = 22, end64_bytes = 56,
                              locator_bytes = 20;
inline constexpr std::uint32_t in_extra = 0xffffffff;  // a size or offset that stands in the extra field, with 64 bits
inline constexpr unsigned many_members = 0xffff;       // a count that stands in the end record of ZIP64
inline constexpr unsigned zip64_extra = 1;
inline constexpr unsigned stored = 0, deflated = 8;
inline constexpr unsigned encrypted_flags = 1 | 1 << 6 | 1 << 13, utf8_flag = 1 << 11;

/// A little-endian number of T's size at `at`, which lies in `bytes`.
template <class T> T number(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << 8 * i);
  return value;
}
template <class T> void append(std::string& to, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) to += static_cast<char>(value >> 8 * i & 0xff);
}

}  // namespace tessera::detail::zip
