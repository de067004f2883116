// Texts on the host: elements as code points and back, walks over several operands, texts as messages show them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "core/quoted_text.hpp"
#include "tessera/array.hpp"

namespace tessera::detail {

using code_points = std::u32string_view;

/// Code points of str_, bytes of bytes_: an element's room.
inline std::int64_t characters_of(dtype text) noexcept {
  const auto bytes = static_cast<std::int64_t>(dtype_parts::detail(text));
  return text.code() == dtype_code::str_ ? bytes / 4 : bytes;
}
/// The dtype of the other elements' kind of text with this much room, at least one character. Throws value_error "NAME: texts of
/// … characters do not exist" beyond 2^31 bytes.
dtype text_of_kind(dtype text, std::int64_t characters, const char* name, caller where);

/// The numbers that characters are: uint32 or uint8.
dtype character_type(dtype text) noexcept;
/// All characters of each element.
array character_view(const array& x, caller where);

inline code_points without_zeros(const char32_t* text, std::size_t n) noexcept {
  while (n > 0 && text[n - 1] == 0) --n;
  return {text, n};
}
/// The element up to the zeros at its end, a character each in `buffer`.
code_points load_text(const std::byte* element, dtype type, std::u32string& buffer);
/// The text, cut off where the element ends, zeros behind it. Characters fit the kind.
void store_text(std::byte* element, dtype type, code_points text) noexcept;

/// 'text' or b'text' as Python's repr, in UTF-8.
inline std::string quoted(code_points text, dtype type) { return quoted_text(text, type.code() == dtype_code::bytes_); }

/// Calls f(offsets) for every point in C order; offsets[k] is that of operand k with strides[k].
template <class F> void for_each_point(const shape& extents, const std::vector<shape>& strides, F&& f) {
  for (const std::int64_t extent : extents) {
    if (extent == 0) return;
  }
  const int last = extents.size() - 1;
  const std::int64_t row = last < 0 ? 1 : extents[last];
  std::vector<std::int64_t> offsets(strides.size(), 0), steps;
  for (const shape& s : strides) steps.push_back(last < 0 ? 0 : s[last]);
  shape point = shape::filled(extents.size(), 0);
  while (true) {
    for (std::int64_t i = 0; i < row; ++i) {
      f(static_cast<const std::int64_t*>(offsets.data()));
      for (std::size_t k = 0; k < steps.size(); ++k) offsets[k] += steps[k];
    }
    for (std::size_t k = 0; k < steps.size(); ++k) offsets[k] -= steps[k] * row;
    int axis = last - 1;
    for (; axis >= 0; --axis) {
      for (std::size_t k = 0; k < strides.size(); ++k) offsets[k] += strides[k][axis];
      if (++point[axis] < extents[axis]) break;
      for (std::size_t k = 0; k < strides.size(); ++k) offsets[k] -= strides[k][axis] * extents[axis];
      point[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/// The numbers that texts say, as Python's int(), float() and complex() read them. No value where they say none.
struct parsed_integer {
  bool negative = false, too_large = false;
  std::uint64_t magnitude = 0;
};
std::optional<parsed_integer> parse_integer(code_points text);
std::optional<double> parse_float(code_points text);
struct parsed_complex {
  double real = 0, imag = 0;
};
std::optional<parsed_complex> parse_complex(code_points text);

}  // namespace tessera::detail
