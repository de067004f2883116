// Readers of one field.
#include "core/text_columns.hpp"

#include <algorithm>
#include <cstring>

#include "core/dtype_parts.hpp"
#include "core/element.hpp"
#include "core/text_number.hpp"
#include "core/time_text.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {
namespace {

constexpr std::int64_t most_columns = std::int64_t{1} << 24;

template <class T> void put(std::byte* to, T value) noexcept { std::memcpy(to, &value, sizeof value); }

template <class T> bool read_number(const char* first, const char* last, std::byte* to, dtype) {
  if constexpr (std::is_same_v<T, bool>) {
    std::int64_t value = 0;
    if (!read_signed(first, last, value)) return false;
    put(to, value != 0);
  } else if constexpr (std::is_integral_v<T>) {
    T value{};
    if (!read_integer(first, last, value)) return false;
    put(to, value);
  } else if constexpr (complex_like<T>) {
    std::complex<double> value;
    if (!read_complex(first, last, value)) return false;
    put(to, static_cast<T>(value));
  } else {
    double value = 0;  // narrower ones are rounded from it, as NumPy does
    if (!read_float(first, last, value)) return false;
    put(to, static_cast<T>(value));
  }
  return true;
}

/// The code point at p, which moves behind it.
char32_t next_point(const char*& p) noexcept {
  const auto byte = [&] { return static_cast<unsigned char>(*p++); };
  const unsigned char first = byte();
  if (first < 0x80) return first;
  const int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  char32_t point = first & (0x7fu >> length);
  for (int i = 1; i < length; ++i) point = point << 6 | (byte() & 0x3fu);
  return point;
}

/// T: what a code point is stored as. Too long texts are cut off; bytes take Latin-1, as NumPy's.
template <class T> bool read_text(const char* first, const char* last, std::byte* to, dtype type) {
  std::byte* const end = to + type.itemsize();
  for (; first < last && to < end; to += sizeof(T)) {
    const char32_t point = next_point(first);
    if (sizeof(T) == 1 && point > 0xff) return false;
    put(to, static_cast<T>(point));
  }
  std::memset(to, 0, static_cast<std::size_t>(end - to));
  return true;
}

/// A date, or a number of units.
bool read_time(const char* first, const char* last, std::byte* to, dtype type) {
  strip_space(first, last);
  const std::string_view text(first, static_cast<std::size_t>(last - first));
  try {
    put(to, type.code() == dtype_code::timedelta64
                ? parse_timedelta(text, "", caller())
                : steps_of(parse_datetime(text, "", caller()), type, text, "", caller()));
    return true;
  } catch (const error&) {
    return false;  // said by who knows the line
  }
}

void add_columns(std::vector<text_column>& list, dtype type, std::int64_t offset, const char* name, caller where) {
  if (type.has_fields()) {
    for (const field& f : type.fields()) {
      std::int64_t count = 1;
      for (const std::int64_t extent : f.extents) count *= extent;
      for (std::int64_t i = 0; i < count; ++i)
        add_columns(list, f.type, offset + f.offset + i * f.type.itemsize(), name, where);
    }
    return;
  }
  if (list.size() >= most_columns) {
    throw dtype_error(std::string(name) + ": a row of more than " + std::to_string(most_columns) + " columns", where);
  }
  if (type.code() == dtype_code::str_) return list.push_back({type, offset, read_text<char32_t>});
  if (type.code() == dtype_code::bytes_) return list.push_back({type, offset, read_text<char>});
  if (is_time(type)) {
    if (type.code() == dtype_code::datetime64 && is_generic(type))
      throw dtype_error(std::string(name) + ": " + type.name() + " needs a unit", where);
    return list.push_back({type, offset, read_time});
  }
  if (!type.is_number()) throw dtype_error(std::string(name) + ": " + type.name() + " is not read from text", where);
  with_type(type, [&](auto tag) { list.push_back({type, offset, read_number<typename decltype(tag)::type>}); });
}

}  // namespace

std::vector<text_column> text_columns(dtype type, const char* name, caller where) {
  std::vector<text_column> list;
  add_columns(list, type, 0, name, where);
  return list;
}

dtype with_width(dtype type, std::int64_t points) {
  if (!is_text(type) || type.itemsize() > 0) return type;
  return type.code() == dtype_code::str_ ? str_(std::max<std::int64_t>(points, 1))
                                         : bytes_(std::max<std::int64_t>(points, 1));
}

}  // namespace tessera::detail
