// Reading NumPy's dtype codes with their byte order, for dtype and for files.
#pragma once
#include <optional>
#include <string_view>

#include "tessera/dtype.hpp"

namespace tessera::detail {

struct parsed_dtype {
  dtype type;
  bool swapped = false;  // '>' on more than one byte
};
/// "<f8", "?", "float64" …; nothing for what is no element type.
std::optional<parsed_dtype> parse_dtype(std::string_view text) noexcept;

}  // namespace tessera::detail
