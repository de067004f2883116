// The library's own door into dtype: its bits, the layouts of records, the other byte order.
#pragma once
#include <optional>
#include <string_view>

#include "tessera/record.hpp"

namespace tessera::detail {

/// What is equal in equal records. One exists for each layout, for good, so that a dtype is a number.
struct record_layout {
  std::vector<field> fields;  // none: raw bytes
  std::int64_t itemsize = 0;
  bool native = true;
};

struct dtype_parts {
  static constexpr dtype make(dtype_code code, std::uint64_t detail, time_unit unit = time_unit::generic) noexcept {
    dtype type(code);
    type.bits_ |= detail << 16 | static_cast<std::uint64_t>(unit) << 8;
    return type;
  }
  /// Bytes of a text, units of a time.
  static constexpr std::uint64_t detail(dtype type) noexcept { return type.bits_ >> 16; }
  /// Of records and raw bytes.
  static const record_layout& layout(dtype type) noexcept {
    return *reinterpret_cast<const record_layout*>(detail(type));
  }
  static constexpr bool is_swapped(dtype type) noexcept { return (type.bits_ & dtype::swapped_bit) != 0; }
  static constexpr dtype with_swapped(dtype type, bool swapped) noexcept {
    type.bits_ = swapped ? type.bits_ | dtype::swapped_bit : type.bits_ & ~dtype::swapped_bit;
    return type;
  }
  static constexpr dtype with_aligned(dtype type, bool aligned) noexcept {
    type.bits_ = aligned ? type.bits_ | dtype::aligned_bit : type.bits_ & ~dtype::aligned_bit;
    return type;
  }
};

/// Bytes of the largest element, as NumPy's.
inline constexpr std::int64_t most_itemsize = 0x7fffffff;

constexpr bool is_text(dtype type) noexcept {
  return type.code() == dtype_code::str_ || type.code() == dtype_code::bytes_;
}
constexpr bool is_time(dtype type) noexcept { return type.code() >= dtype_code::datetime64; }
constexpr bool is_record(dtype type) noexcept { return type.code() == dtype_code::void_; }

/// n raw bytes.
dtype raw_bytes(std::int64_t n);
/// The dtype of a layout, of which the fields' offsets are known and lie within itemsize.
dtype record_of_layout(std::vector<field> fields, std::int64_t itemsize, bool aligned);

/// The same with this machine's byte order throughout.
dtype native(dtype type);
/// The same in the other byte order: of every number, of all fields.
dtype swapped(dtype type);

/// "<f8", ">i4", "?", "float64", "U20", "V8", "M8[25us]" …, not records; nothing for what is no element type.
std::optional<dtype> parse_dtype(std::string_view text);

}  // namespace tessera::detail
