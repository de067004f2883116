// Formats of Python's % operator: "%8.3f", "%d" and their kin, applied to elements.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/dtype.hpp"

namespace tessera::detail {

/// One % and what it asks for.
struct text_conversion {
  std::string before;  // the text up to it
  char what = 's';     // d (i and u too), o, x, X, e, E, f, F, g, G, c, s
  bool left = false, plus = false, blank = false, zero = false, alternate = false;
  int width = 0, precision = -1;
};
struct text_format {
  std::vector<text_conversion> items;
  std::string after;
};
/// Throws value_error "NAME: fmt …".
text_format parse_text_format(std::string_view text, const char* name, caller where);

/// Whether it takes elements of this dtype.
bool takes(const text_conversion& as, dtype type);
/// Appends the text before it and the element, which may be misaligned. Returns null, or what cannot be written: a NaN as an integer.
const char* append_formatted(std::string& out, const text_conversion& as, const std::byte* element, dtype type);

}  // namespace tessera::detail
